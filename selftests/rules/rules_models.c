// SPDX-License-Identifier: MIT
/*
 * The program of rules against the built-in rules on every model: the same events? What does it take?
 * Usage: rules_models TOKENS...
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "rules_programs.h"
#include "rules_rig.h"

static struct rules_trial trial_of(const struct rill_model *model, const char *strategy, unsigned int tokens)
{
	return (struct rules_trial){
		.model = *model, .rows = 2, .cols = 2, .tokens = tokens, .seed = 1, .strategy = strategy,
		.layer = model->first_layer, .channel_bytes = 1 << 30, .link_down = -1, .link_slow = -1,
	};
}

/* False: other events, or it failed. */
static bool compare(const struct rules_trial *trial, const void *rules, size_t bytes)
{
	struct rules_outcome want, got;
	struct rules_rig rig;
	bool same;

	rules_rig_open(&rig, trial);
	rules_rig_run(&rig, NULL, 0, &want);
	rules_rig_run(&rig, rules, bytes, &got);
	same = !want.status && rules_outcome_same(&want, &got);
	printf("%-18s %-7s %6u %10.3f %9u %s %10" PRIu64 " %11" PRIu64 " %6.1f %9.1f %9.1f %6.1f\n", rig.model.name,
	       trial->strategy, trial->tokens,
	       (want.report.end_ps - want.report.start_ps) / 1e9, want.interval_count, same ? "same " : "OTHER",
	       (uint64_t)got.report.rule_decisions, (uint64_t)got.report.rule_firings,
	       (double)got.report.rule_firings / (got.report.rule_decisions ? got.report.rule_decisions : 1),
	       want.seconds * 1e3, got.seconds * 1e3, got.seconds / want.seconds);
	fflush(stdout);
	rules_outcome_free(&want);
	rules_outcome_free(&got);
	rules_rig_close(&rig);
	return same;
}

int main(int argc, char **argv)
{
	static const char *const strategies[] = { "fse-dp", "ep" };
	const struct rill_model *model;
	unsigned int s;
	bool ok = true;
	size_t i, bytes;
	void *rules = rules_program_built_in(&bytes);
	int t;

	if (!rules || argc < 2) {
		fputs("usage: rules_models TOKENS...\n", stderr);
		return 2;
	}
	printf("%-18s %-7s %6s %10s %9s %s %10s %11s %6s %9s %9s %6s\n", "model", "", "tokens", "finish ms",
	       "intervals", "     ", "decisions", "firings", "each", "built-in", "program", "ratio");
	for (i = 0; (model = rill_model_at(i)); i++)
		for (t = 1; t < argc; t++)
			for (s = 0; s < 2; s++) {
				struct rules_trial trial = trial_of(model, strategies[s], strtoul(argv[t], NULL, 0));

				/* EP's double buffer of whole experts does not fit */
				if (s && (uint64_t)model->width * model->hidden * 6 > 30 << 20)
					continue;
				ok &= compare(&trial, rules, bytes);
			}
	puts("(host time: processor ms of one run each)");
	free(rules);
	return ok ? 0 : 1;
}
