// SPDX-License-Identifier: MIT
/*
 * The rules as a dataflow program: every event is that of the built-in rules; what a program
 * must not do makes the pass fail, and the next pass is as if nothing had been.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rill_ndf.h"
#include "rules_rig.h"
#include "rules_programs.h"

#define CASES 400

static void *rules;
static size_t rules_bytes;

static int load(void **state)
{
	rules = rules_program_built_in(&rules_bytes);
	return rules ? 0 : -1;
}

static int unload(void **state)
{
	free(rules);
	return 0;
}

static bool same_events(const struct rules_trial *trial, struct rill_pass_report *report)
{
	struct rules_outcome want, got;
	struct rules_rig rig;
	bool ran;

	rules_rig_open(&rig, trial);
	rules_rig_run(&rig, NULL, 0, &want);
	rules_rig_run(&rig, rules, rules_bytes, &got);
	if (!rules_outcome_same(&want, &got))
		fail_msg("%s on %ux%u, %u tokens, %u slices, %u slots, flags %#x: status %u and %u, detail %#llx",
			 trial->strategy, trial->rows, trial->cols, trial->tokens, trial->slices,
			 trial->slots, trial->pass_flags, want.status, got.status,
			 (unsigned long long)got.detail);
	ran = !got.status;
	*report = got.report;
	rules_outcome_free(&want);
	rules_outcome_free(&got);
	rules_rig_close(&rig);
	return ran;
}

static void any_schedule_same_events(void **state)
{
	uint64_t decisions = 0, escapes = 0;
	struct rill_pass_report report;
	unsigned int i, ran = 0;

	for (i = 0; i < CASES; i++) {
		struct rules_trial trial = rules_trial_draw(i);

		if (!same_events(&trial, &report))
			continue;
		ran++;
		decisions += report.rule_decisions;
		escapes += report.escapes;
		/* 8 a slice that is ready, at most; each decision takes its question and its answer */
		assert_true(report.rule_firings >= 2 * report.rule_decisions);
	}
	assert_true(ran > CASES * 7 / 10);
	assert_true(decisions > CASES * 50);
	assert_true(escapes > 0);
}

/* One of a kind of question: the built-in rules' answers are otherwise kept. */
static void expect_fault(enum rill_rules_question question, uint64_t answer, uint32_t fault)
{
	struct rules_trial trial = {
		.model = { .name = "tiny", .hidden = 64, .width = 64, .experts = 12, .top_k = 4, .layers = 1 },
		.rows = 2, .cols = 2, .tokens = 48, .slices = 16, .slots = 2, .strategy = "fse-dp",
		.link_down = -1, .link_slow = -1, .channel_bytes = 64 << 20,
		.routing = { .zipf = true, .exponent = 0.7 },
	};
	struct rules_outcome want, got, again;
	struct rules_rig rig;
	size_t bytes;
	void *bad = rules_program_constant(question, answer, &bytes);

	assert_non_null(bad);
	rules_rig_open(&rig, &trial);
	rules_rig_run(&rig, NULL, 0, &want);
	rules_rig_run(&rig, bad, bytes, &got);
	rules_rig_run(&rig, NULL, 0, &again);
	assert_int_equal(got.status, RILL_BAD_RULES);
	assert_int_equal(got.detail & 0xff, fault);
	if (fault != RILL_RULES_STUCK)
		assert_int_equal(got.detail >> 8 & 0xff, question);
	assert_true(rules_outcome_same(&want, &again));
	rules_outcome_free(&want);
	rules_outcome_free(&got);
	rules_outcome_free(&again);
	rules_rig_close(&rig);
	free(bad);
}

static void wrong_answers(void **state)
{
	expect_fault(RILL_RULES_ADMIT, 1, RILL_RULES_REFUSED);		/* no slot */
	expect_fault(RILL_RULES_ADMIT, 2, RILL_RULES_BAD_ANSWER);
	expect_fault(RILL_RULES_ADMIT, 0, RILL_RULES_STUCK);
	expect_fault(RILL_RULES_ARRIVED, 0, RILL_RULES_REFUSED);	/* it has something to do */
	expect_fault(RILL_RULES_ARRIVED, 3, RILL_RULES_REFUSED);	/* no further to go, some time */
	expect_fault(RILL_RULES_ARRIVED, 4, RILL_RULES_BAD_ANSWER);
	expect_fault(RILL_RULES_FORWARD, 0, RILL_RULES_REFUSED);	/* link busy or no slot, some time */
	expect_fault(RILL_RULES_FORWARD, 3, RILL_RULES_REFUSED);	/* no such link */
	expect_fault(RILL_RULES_FORWARD, 5, RILL_RULES_BAD_ANSWER);
	expect_fault(RILL_RULES_FORWARD, RILL_RULES_WAIT, RILL_RULES_STUCK);
	expect_fault(RILL_RULES_COMPUTE, 0, RILL_RULES_STUCK);
	expect_fault(RILL_RULES_COMPUTE, 1, RILL_RULES_REFUSED);	/* not ready, some time */
	expect_fault(RILL_RULES_COMPUTE, UINT32_MAX, RILL_RULES_BAD_ANSWER);
	expect_fault(RILL_RULES_RELEASE, RILL_RULES_KEEP, RILL_RULES_STUCK);
	expect_fault(RILL_RULES_RELEASE, RILL_RULES_FREE, RILL_RULES_REFUSED);	/* not computed yet */
	expect_fault(RILL_RULES_RELEASE, 3, RILL_RULES_BAD_ANSWER);
}

/* What learns finishes everything, the same way each time, and not as what does not learn. */
static void learned_choice(void **state)
{
	struct rules_outcome fixed, got, again, frozen;
	unsigned int i, ran = 0, others = 0;
	size_t bytes, frozen_bytes;
	void *learned = rules_program_learned(64, &bytes), *without = rules_program_learned(0, &frozen_bytes);
	struct rules_rig rig;

	assert_non_null(learned);
	assert_non_null(without);
	for (i = 0; i < CASES / 4; i++) {
		struct rules_trial trial = rules_trial_draw(i);

		rules_rig_open(&rig, &trial);
		rules_rig_run(&rig, NULL, 0, &fixed);
		rules_rig_run(&rig, learned, bytes, &got);
		rules_rig_run(&rig, learned, bytes, &again);
		rules_rig_run(&rig, without, frozen_bytes, &frozen);
		assert_int_equal(fixed.status, got.status);
		assert_int_equal(fixed.report.slices_computed, got.report.slices_computed);
		assert_true(rules_outcome_same(&got, &again));
		ran += !got.status;
		others += !rules_outcome_same(&got, &frozen);
		rules_outcome_free(&fixed);
		rules_outcome_free(&got);
		rules_outcome_free(&again);
		rules_outcome_free(&frozen);
		rules_rig_close(&rig);
	}
	assert_true(ran > CASES / 4 * 7 / 10);
	assert_true(others > 0);
	free(learned);
	free(without);
}

static void bad_binaries(void **state)
{
	struct rules_trial trial = rules_trial_draw(1);
	uint8_t *bad = malloc(rules_bytes);
	struct rules_outcome got;
	struct rules_rig rig;
	size_t i;

	trial.link_down = -1;
	rules_rig_open(&rig, &trial);
	for (i = 0; i < rules_bytes; i += 97) {
		memcpy(bad, rules, rules_bytes);
		bad[i] ^= 0x10;
		rules_rig_run(&rig, bad, rules_bytes, &got);
		assert_int_equal(got.status, RILL_BAD_PROGRAM);
		assert_int_not_equal(got.detail >> 48, RILL_NDF_VALID);
		rules_outcome_free(&got);
	}
	free(bad);
	rules_rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_schedule_same_events),
		cmocka_unit_test(wrong_answers),
		cmocka_unit_test(bad_binaries),
		cmocka_unit_test(learned_choice),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
