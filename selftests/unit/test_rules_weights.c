// SPDX-License-Identifier: MIT
/* Weights of rules that learn, from pass to pass: begun with, gone on from, and hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rules_programs.h"
#include "rules_rig.h"

#define CASES 60

struct learner {
	void *binary;
	uint8_t *first, *weights, *again;	/* as the program has them, of one run, of another */
	size_t bytes, weights_bytes;
};

static void open_learner(struct learner *l, unsigned int eta, const struct rules_trial *trial)
{
	l->binary = rules_program_learned(eta, &l->bytes);
	assert_non_null(l->binary);
	l->first = rules_program_weights(l->binary, l->bytes, trial->rows * trial->cols, &l->weights_bytes);
	assert_non_null(l->first);
	assert_true(l->weights_bytes > 0);
	l->weights = malloc(l->weights_bytes);
	l->again = malloc(l->weights_bytes);
	memcpy(l->weights, l->first, l->weights_bytes);
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

static void goes_on(void **state)
{
	unsigned int i, ran = 0, learned = 0, others = 0;

	for (i = 0; i < CASES; i++) {
		struct rules_trial trial = rules_trial_draw(i);
		struct learner l;

		open_learner(&l, 64, &trial);
		ran += two_passes(&trial, &l, &others);
		learned += changed(&l);
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

/* Whatever the weights are, the pass runs to its end, or for a reason does not. */
static void any_weights(void **state)
{
	unsigned int i, ran = 0;
	size_t b;

	for (i = 0; i < CASES; i++) {
		struct rules_trial trial = rules_trial_draw(i);
		struct rules_outcome got;
		struct rules_rig rig;
		struct learner l;

		trial.link_down = -1;
		open_learner(&l, 64, &trial);
		for (b = 0; b < l.weights_bytes; b++)
			l.weights[b] = (uint8_t)rill_pattern(i, b);
		rules_rig_open(&rig, &trial);
		go_on(&rig, &l, l.weights, &got);
		if (got.status && got.status != RILL_BAD_RULES && got.status != RILL_SRAM_TOO_SMALL &&
		    got.status != RILL_BAD_FIELD)
			fail_msg("case %u: status %u, detail %#llx", i, got.status, (unsigned long long)got.detail);
		ran += !got.status;
		rules_outcome_free(&got);
		rules_rig_close(&rig);
		close_learner(&l);
	}
	/* some only wait, and are stuck */
	assert_true(ran > 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_on),
		cmocka_unit_test(without_learning),
		cmocka_unit_test(any_weights),
		cmocka_unit_test(weights_without_rules),
	};

	return cmocka_run_group_tests_name("rules_weights", tests, NULL, NULL);
}
