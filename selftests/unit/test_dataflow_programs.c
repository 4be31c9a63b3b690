// SPDX-License-Identifier: MIT
/* The thirteen programs: right in every form, at every capacity, in any order; and what they cost. */
#include "dataflow_rig.h"

#include <stdlib.h>
#include <string.h>

/* What the prototype needed of each, fused: none may need more. */
static const uint32_t fused_limit[RIG_PROGRAMS] = { 5, 5, 2, 2, 2, 5, 7, 7, 4, 7, 6, 5, 8 };

static void as_expected(void **state)
{
	static const uint32_t capacities[] = { 0, 1, 2, 4, 64 };
	struct rig rig;
	size_t k;
	int i, form;

	for (i = 0; i < RIG_PROGRAMS; i++) {
		rig_parse_file(&rig, rig_programs[i]);
		for (form = 0; form < RIG_FORMS; form++) {
			for (k = 0; k < sizeof(capacities) / sizeof(capacities[0]); k++) {
				rig_build(&rig, form, capacities[k], 0);
				rig_finish(&rig);
				rig_expected(&rig);
				rig_unbuild(&rig);
			}
		}
		rig_free(&rig);
	}
}

static void in_any_order(void **state)
{
	struct rig rig;
	uint64_t seed;
	int i, form;

	for (i = 0; i < RIG_PROGRAMS; i++) {
		rig_parse_file(&rig, rig_programs[i]);
		for (form = 0; form < RIG_FORMS; form++) {
			for (seed = 1; seed <= 5; seed++) {
				rig_build(&rig, form, 1 + seed % 3, seed);
				rig_finish(&rig);
				rig_expected(&rig);
				rig_unbuild(&rig);
			}
		}
		rig_free(&rig);
	}
}

static void control_nodes(void **state)
{
	uint32_t total[RIG_FORMS] = { 0 };
	struct rig rig;
	int i, form;

	for (i = 0; i < RIG_PROGRAMS; i++) {
		rig_parse_file(&rig, rig_programs[i]);
		for (form = 0; form < RIG_FORMS; form++) {
			struct rill_graph_counts counts;

			rig_build(&rig, form, 0, 0);
			rill_graph_count(rig.graph, &counts);
			assert_int_equal(rig.control_nodes, counts.whens + counts.wheres);
			total[form] += rig.control_nodes;
			if (form == RILL_FUSED)
				assert_in_range(rig.control_nodes, 2, fused_limit[i]);
			rig_unbuild(&rig);
		}
		rig_free(&rig);
	}
	assert_in_range(total[RILL_FUSED], 2 * RIG_PROGRAMS, 65);
	assert_int_equal(total[RILL_UNFUSED], 84);
	/* The classic form is no straw man: it needs fewer than the prototype's 250. */
	assert_in_range(total[RILL_CLASSIC], 2 * 65, 250);
}

/* Deciders, gates and merges: one decision for each decider, two patterns and one output for the rest. */
static void classic_is_classic(void **state)
{
	struct rill_graph_counts counts;
	struct rig rig;
	int i;

	for (i = 0; i < RIG_PROGRAMS; i++) {
		rig_parse_file(&rig, rig_programs[i]);
		rig_build(&rig, RILL_CLASSIC, 0, 0);
		rill_graph_count(rig.graph, &counts);
		/* At most two inputs and exactly one output each */
		assert_in_range(counts.crosspoints, counts.wheres, 2 * counts.wheres);
		rig_free(&rig);
	}
}

static void steps_and_firings(void **state)
{
	static const uint32_t capacities[] = { 0, 1, 2, 64 };
	struct rill_run_counts fused, classic;
	struct rig rig;
	size_t k;
	int i;

	for (i = 0; i < RIG_PROGRAMS; i++) {
		rig_parse_file(&rig, rig_programs[i]);
		for (k = 0; k < sizeof(capacities) / sizeof(capacities[0]); k++) {
			rig_build(&rig, RILL_FUSED, capacities[k], 0);
			rig_finish(&rig);
			rill_run_count(rig.run, &fused);
			rig_unbuild(&rig);
			rig_build(&rig, RILL_CLASSIC, capacities[k], 0);
			rig_finish(&rig);
			rill_run_count(rig.run, &classic);
			rig_unbuild(&rig);
			assert_true(fused.steps * 100 <= classic.steps * 102);
			assert_true(fused.when + fused.where < classic.when + classic.where);
			assert_true(fused.firings < classic.firings);
		}
		rig_free(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_expected),
		cmocka_unit_test(in_any_order),
		cmocka_unit_test(control_nodes),
		cmocka_unit_test(classic_is_classic),
		cmocka_unit_test(steps_and_firings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
