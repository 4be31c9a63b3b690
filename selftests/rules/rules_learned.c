// SPDX-License-Identifier: MIT
/*
 * A learned choice of links against the fixed one: finish times, over batches. The third is the learned program
 * with a learning rate of 0, which tells what comes of its coarse backlogs.
 * Usage: rules_learned [ETA [MODEL [TOKENS [DIR [CHIP]]]]]; DIR: traces MODEL.csv there, "" or none: synthetic
 * routing; CHIP: only settings whose name has it
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules_programs.h"
#include "rules_rig.h"

#define BATCHES 8

struct program {
	void *binary;
	size_t bytes;
};

enum { FIXED, FROZEN, LEARNED, PROGRAMS };

struct setting {
	const char *name;
	unsigned int rows, cols;
	int down, slow;
	uint32_t permille, link_mbps;
};

static const struct setting settings[] = {
	{ "2x2", 2, 2, -1, -1, 0, 0 },
	{ "3x3", 3, 3, -1, -1, 0, 0 },
	{ "4x4", 4, 4, -1, -1, 0, 0 },
	{ "2x4", 2, 4, -1, -1, 0, 0 },
	{ "3x3, a link at 50 %", 3, 3, -1, 6, 500, 0 },
	{ "4x4, a link at 50 %", 4, 4, -1, 20, 500, 0 },
	{ "4x4, a link at 10 %", 4, 4, -1, 20, 100, 0 },
	{ "4x4, a link down", 4, 4, 20, -1, 0, 0 },
	{ "4x4, links of 1/4 rate", 4, 4, -1, -1, 0, 24000 },
	{ "4x4, 1/4 rate, a link at 50 %", 4, 4, -1, 20, 500, 24000 },
};

/* ps, or 0 if the pass fails */
static uint64_t finish(struct rules_rig *rig, const struct program *program)
{
	struct rules_outcome outcome;
	uint64_t ps;

	rules_rig_run(rig, program->binary, program->bytes, &outcome);
	ps = outcome.status ? 0 : outcome.report.end_ps - outcome.report.start_ps;
	if (outcome.status)
		fprintf(stderr, "status %u, detail %#llx\n", outcome.status, (unsigned long long)outcome.detail);
	rules_outcome_free(&outcome);
	return ps;
}

/* Finish times of a batch relative to the fixed choice */
static bool run_batch(const struct setting *setting, const struct rill_model *model, const char *trace,
		      unsigned int tokens, unsigned int batch, const struct program *programs, double *relative)
{
	struct rules_trial trial = {
		.model = *model, .rows = setting->rows, .cols = setting->cols, .tokens = tokens,
		.seed = batch + 1, .strategy = "fse-dp", .layer = model->first_layer, .channel_bytes = 1 << 30,
		.link_down = setting->down, .link_slow = setting->slow, .slow_permille = setting->permille,
		.link_mbps = setting->link_mbps, .routing.trace = trace, .first = trace ? batch * tokens : 0,
	};
	uint64_t fixed, ps;
	struct rules_rig rig;
	unsigned int i;
	bool ok;

	rules_rig_open(&rig, &trial);
	fixed = finish(&rig, &programs[FIXED]);
	ok = fixed;
	for (i = FROZEN; ok && i < PROGRAMS; i++) {
		ps = finish(&rig, &programs[i]);
		ok = ps;
		relative[i] = fixed ? (double)ps / fixed : 0;
	}
	rules_rig_close(&rig);
	return ok;
}

static void print_spread(double (*relative)[PROGRAMS], unsigned int count, unsigned int program)
{
	double sum = 0, squares = 0, least = INFINITY, most = 0, mean;
	unsigned int i;

	for (i = 0; i < count; i++) {
		double r = relative[i][program];

		sum += r;
		squares += r * r;
		least = r < least ? r : least;
		most = r > most ? r : most;
	}
	mean = sum / count;
	printf("  %.4f +- %.4f (%.4f..%.4f)", mean, sqrt(fmax(0, squares / count - mean * mean)), least, most);
}

static bool run_setting(const struct setting *setting, const struct rill_model *model, const char *trace,
			unsigned int tokens, const struct program *programs)
{
	double relative[BATCHES][PROGRAMS];
	unsigned int i;

	for (i = 0; i < BATCHES; i++)
		if (!run_batch(setting, model, trace, tokens, i, programs, relative[i]))
			return false;
	printf("%-18s %5u  %-30s", model->name, tokens, setting->name);
	print_spread(relative, BATCHES, FROZEN);
	print_spread(relative, BATCHES, LEARNED);
	putchar('\n');
	fflush(stdout);
	return true;
}

static bool run_model(const char *name, unsigned int tokens, const char *folder, const char *chip,
		      const struct program *programs)
{
	const struct rill_model *model = rill_model_find(name);
	char trace[4096] = "";
	bool ok = model;
	size_t s;

	if (!model)
		fprintf(stderr, "model: there is no '%s'\n", name);
	if (folder)
		snprintf(trace, sizeof(trace), "%.4000s/%.80s.csv", folder, name);
	for (s = 0; ok && s < sizeof(settings) / sizeof(settings[0]); s++)
		if (strstr(settings[s].name, chip))
			ok = run_setting(&settings[s], model, folder ? trace : NULL, tokens, programs);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned int eta = argc > 1 ? strtoul(argv[1], NULL, 0) : 4;
	const char *model = argc > 2 ? argv[2] : "deepseek-v2-lite", *folder = argc > 4 && *argv[4] ? argv[4] : NULL;
	const char *chip = argc > 5 ? argv[5] : "";
	unsigned int tokens = argc > 3 ? strtoul(argv[3], NULL, 0) : 64;
	struct program programs[PROGRAMS];
	unsigned int i;
	bool ok;

	programs[FIXED].binary = rules_program_built_in(&programs[FIXED].bytes);
	programs[FROZEN].binary = rules_program_learned(0, &programs[FROZEN].bytes);
	programs[LEARNED].binary = rules_program_learned(eta, &programs[LEARNED].bytes);
	ok = programs[FIXED].binary && programs[FROZEN].binary && programs[LEARNED].binary;
	printf("finish time relative to the fixed choice, %u batches: mean +- deviation (least..most); %s\n", BATCHES,
	       folder ? "traces" : "synthetic routing");
	printf("%-18s %5s  %-30s  %-34s  eta %u\n", "model", "tokens", "chip", "not learning", eta);
	ok = ok && run_model(model, tokens, folder, chip, programs);
	for (i = 0; i < PROGRAMS; i++)
		free(programs[i].binary);
	return ok ? 0 : 1;
}
