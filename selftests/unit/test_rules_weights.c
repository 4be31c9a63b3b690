// SPDX-License-Identifier: MIT
/* Weights of rules that learn, from pass to pass: begun with, gone on from, chosen by others, and hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rules_programs.h"
#include "rules_rig.h"
#include "rill_dataflow.h"

#define CASES 60

#define LINKS		RILL_RULES_LINKS
#define DIMS		(LINKS + 1)	/* waiting is the last */

/* As they lie in memory for each chiplet: rill_ndf.h, "Weights" */
struct piece {
	int64_t bias[DIMS], theta[DIMS];
	int32_t open[LINKS][DIMS], load[LINKS][DIMS];
};

struct learner {
	void *binary;
	uint8_t *first, *weights, *again;	/* as the program has them, of one run, of another */
	size_t bytes, weights_bytes;
};

static void begin(struct learner *l, const struct rules_trial *trial)
{
	assert_non_null(l->binary);
	l->first = rules_program_weights(l->binary, l->bytes, trial->rows * trial->cols, &l->weights_bytes);
	assert_non_null(l->first);
	assert_true(l->weights_bytes > 0);
	l->weights = malloc(l->weights_bytes);
	l->again = malloc(l->weights_bytes);
	memcpy(l->weights, l->first, l->weights_bytes);
}

static void open_learner(struct learner *l, unsigned int eta, const struct rules_trial *trial)
{
	l->binary = rules_program_learned(eta, &l->bytes);
	begin(l, trial);
}

static void close_learner(struct learner *l)
{
	free(l->binary);
	free(l->first);
	free(l->weights);
	free(l->again);
}

static bool changed(const struct learner *l)
{
	return memcmp(l->weights, l->first, l->weights_bytes) != 0;
}

static void go_on(struct rules_rig *rig, const struct learner *l, void *weights, struct rules_outcome *outcome)
{
	rules_rig_go_on(rig, l->binary, l->bytes, weights, l->weights_bytes, outcome);
}

/* Anew; with the program's own weights; with what came of it, twice. True: the pass ran. */
static bool two_passes(const struct rules_trial *trial, struct learner *l, unsigned int *others)
{
	struct rules_outcome anew, first, second, again;
	struct rules_rig rig;
	bool ran;

	rules_rig_open(&rig, trial);
	rules_rig_run(&rig, l->binary, l->bytes, &anew);
	go_on(&rig, l, l->weights, &first);
	assert_true(rules_outcome_same(&anew, &first));
	memcpy(l->again, l->weights, l->weights_bytes);
	go_on(&rig, l, l->weights, &second);
	go_on(&rig, l, l->again, &again);
	assert_true(rules_outcome_same(&second, &again));
	assert_memory_equal(l->weights, l->again, l->weights_bytes);
	ran = !first.status;
	assert_true(ran || !changed(l));
	*others += !rules_outcome_same(&first, &second);
	rules_outcome_free(&anew);
	rules_outcome_free(&first);
	rules_outcome_free(&second);
	rules_outcome_free(&again);
	rules_rig_close(&rig);
	return ran;
}

/* However often a link was praised, none is worth more than at first; what waiting is worth stays. */
static void check_worth(const struct learner *l)
{
	const struct piece *p = (const struct piece *)l->weights, *first = (const struct piece *)l->first;
	unsigned int k;

	for (; p < (const struct piece *)(l->weights + l->weights_bytes); p++, first++) {
		for (k = 0; k < LINKS; k++) {
			assert_true(p->bias[k] <= 0);
			assert_true(p->open[k][k] <= first->open[k][k]);
		}
		assert_int_equal(p->bias[LINKS], first->bias[LINKS]);
		assert_memory_equal(p->theta, first->theta, sizeof(p->theta));
	}
}

static void goes_on(void **state)
{
	unsigned int i, ran = 0, learned = 0, others = 0;

	for (i = 0; i < CASES; i++) {
		struct rules_trial trial = rules_trial_draw(i);
		struct learner l;

		open_learner(&l, 64, &trial);
		ran += two_passes(&trial, &l, &others);
		learned += changed(&l);
		check_worth(&l);
		close_learner(&l);
	}
	assert_true(ran > CASES * 7 / 10);
	assert_true(learned > CASES / 10);
	assert_true(others > 0);
}

static void without_learning(void **state)
{
	unsigned int i, others = 0;

	for (i = 0; i < CASES; i++) {
		struct rules_trial trial = rules_trial_draw(i);
		struct learner l;

		open_learner(&l, 0, &trial);
		two_passes(&trial, &l, &others);
		assert_false(changed(&l));
		close_learner(&l);
	}
	assert_int_equal(others, 0);
}

/*
 * Weights that someone may bring. NEAR: the program's own with noise on what it can learn. BOLD: loads count for or
 * against as chance has it, but neither opens a link nor outweighs one that is open. EXTREME: least and greatest of all
 * they can be. BYTES: any.
 */
enum brought { NEAR, BOLD, EXTREME, BYTES, KINDS };

static int64_t noise(uint64_t seed, uint64_t *counter, int64_t most)
{
	return (int64_t)(rill_pattern(seed, (*counter)++) % (2 * (uint64_t)most + 1)) - most;
}

/* Noise on what is learned about links, none on waiting */
static void make_learned(struct piece *p, uint64_t seed, uint64_t *counter, int64_t bias, int64_t load)
{
	unsigned int i, k;

	for (k = 0; k < LINKS; k++) {
		p->bias[k] += noise(seed, counter, bias);
		for (i = 0; i < LINKS; i++)
			p->load[i][k] += (int32_t)noise(seed, counter, load);
	}
}

static void make_extreme(struct piece *p, uint64_t seed, uint64_t *counter)
{
	static const int64_t wide[] = { INT64_MIN, INT64_MAX, 0, -1 };
	static const int32_t narrow[] = { INT32_MIN, INT32_MAX, 0, -1 };
	unsigned int i, k;

	for (k = 0; k < DIMS; k++) {
		p->bias[k] = wide[rill_pattern(seed, (*counter)++) % 4];
		p->theta[k] = wide[rill_pattern(seed, (*counter)++) % 4];
		for (i = 0; i < LINKS; i++) {
			p->open[i][k] = narrow[rill_pattern(seed, (*counter)++) % 4];
			p->load[i][k] = narrow[rill_pattern(seed, (*counter)++) % 4];
		}
	}
}

static void make_weights(struct learner *l, enum brought kind, uint64_t seed)
{
	struct piece *p = (struct piece *)l->weights, *end = (struct piece *)(l->weights + l->weights_bytes);
	uint64_t counter = 0;
	size_t b;

	assert_int_equal(l->weights_bytes % sizeof(*p), 0);
	memcpy(l->weights, l->first, l->weights_bytes);
	for (; kind != BYTES && p < end; p++) {
		if (kind == NEAR)
			make_learned(p, seed, &counter, 4096, 64);
		else if (kind == BOLD)
			make_learned(p, seed, &counter, 1 << 20, 1 << 18);
		else
			make_extreme(p, seed, &counter);
	}
	for (b = 0; kind == BYTES && b < l->weights_bytes; b++)
		l->weights[b] = (uint8_t)rill_pattern(seed, b);
}

static uint64_t macs(const struct rules_outcome *outcome)
{
	uint64_t sum = 0;
	unsigned int c;

	for (c = 0; c < RILL_MAX_CHIPLETS; c++)
		sum += outcome->report.chiplet[c].macs;
	return sum;
}

/* Weights of this kind run the pass to its end, or it fails because nothing moves, and they stay as they were. */
static bool runs_with(struct rules_rig *rig, struct learner *l, enum brought kind, unsigned int number,
		      const struct rules_outcome *fixed, unsigned int *others)
{
	struct rules_outcome got;
	bool ran;

	make_weights(l, kind, number);
	memcpy(l->again, l->weights, l->weights_bytes);
	go_on(rig, l, l->weights, &got);
	ran = !got.status;
	if (ran) {
		assert_int_equal(macs(&got), macs(fixed));
		*others += !rules_outcome_same(fixed, &got);
	} else {
		if (got.status != RILL_BAD_RULES || (got.detail & 0xff) != RILL_RULES_STUCK)
			fail_msg("case %u: status %u, detail %#llx", number, got.status,
				 (unsigned long long)got.detail);
		assert_memory_equal(l->weights, l->again, l->weights_bytes);
	}
	rules_outcome_free(&got);
	return ran;
}

/* Whatever the weights are, the pass runs to its end, or nothing moves: closed links are preferred, or waiting is. */
static void any_weights(void **state)
{
	unsigned int i, ran[KINDS] = { 0 }, others[KINDS] = { 0 };
	struct rules_outcome fixed;
	struct rules_rig rig;
	struct learner l;
	enum brought kind;

	for (i = 0; i < CASES; i++) {
		struct rules_trial trial = rules_trial_draw(i);

		trial.link_down = -1;
		open_learner(&l, 64, &trial);
		rules_rig_open(&rig, &trial);
		rules_rig_run(&rig, NULL, 0, &fixed);
		assert_int_equal(fixed.status, RILL_OK);
		for (kind = NEAR; kind < KINDS; kind++)
			ran[kind] += runs_with(&rig, &l, kind, i, &fixed, &others[kind]);
		rules_outcome_free(&fixed);
		rules_rig_close(&rig);
		close_learner(&l);
	}
	assert_int_equal(ran[NEAR], CASES);
	assert_int_equal(ran[BOLD], CASES);
	assert_true(others[NEAR] > CASES / 3);
	assert_true(others[BOLD] > CASES / 3);
	/* On one chiplet nothing has to move, so there these run as well. */
	assert_true(ran[EXTREME] > 0 && ran[EXTREME] < CASES / 3);
	assert_true(ran[BYTES] > 0 && ran[BYTES] < CASES / 3);
}

/* What librill says that a program begins with */
static void as_graphs_have_them(void **state)
{
	struct rules_trial one = { .rows = 1, .cols = 1 };
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_graph *graph;
	struct learner l;

	l.binary = rules_program_padded(&l.bytes);
	begin(&l, &one);
	graph = rill_graph_decode(l.binary, l.bytes, error);
	assert_non_null(graph);
	assert_int_equal(rill_graph_weights(graph, NULL), l.weights_bytes);
	memset(l.weights, 0xff, l.weights_bytes);
	assert_int_equal(rill_graph_weights(graph, l.weights), l.weights_bytes);
	assert_memory_equal(l.weights, l.first, l.weights_bytes);
	rill_graph_free(graph);
	close_learner(&l);
}

static void weights_without_rules(void **state)
{
	struct rules_trial trial = rules_trial_draw(1);
	uint64_t weights[4] = { 0 };
	struct rules_outcome got;
	struct rules_rig rig;

	trial.link_down = -1;
	rules_rig_open(&rig, &trial);
	rules_rig_go_on(&rig, NULL, 0, weights, sizeof(weights), &got);
	assert_int_equal(got.status, RILL_BAD_FIELD);
	assert_int_equal(got.detail, offsetof(struct rill_pass, flags));
	rules_outcome_free(&got);
	rules_rig_close(&rig);
}

/* Padding is the last of each chiplet's. */
static void padding(void **state)
{
	struct rules_trial trial = rules_trial_draw(1);
	struct rules_outcome got;
	struct rules_rig rig;
	struct learner l;

	trial.link_down = -1;
	l.binary = rules_program_padded(&l.bytes);
	begin(&l, &trial);
	rules_rig_open(&rig, &trial);
	go_on(&rig, &l, l.weights, &got);
	assert_int_equal(got.status, RILL_OK);
	rules_outcome_free(&got);
	l.weights[l.weights_bytes - 1] = 1;
	go_on(&rig, &l, l.weights, &got);
	assert_int_equal(got.status, RILL_BAD_RESERVED);
	assert_int_equal(got.detail, offsetof(struct rill_pass, rules));
	rules_outcome_free(&got);
	rules_rig_close(&rig);
	close_learner(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_on),
		cmocka_unit_test(without_learning),
		cmocka_unit_test(any_weights),
		cmocka_unit_test(as_graphs_have_them),
		cmocka_unit_test(weights_without_rules),
		cmocka_unit_test(padding),
	};

	return cmocka_run_group_tests_name("rules_weights", tests, NULL, NULL);
}
