// SPDX-License-Identifier: MIT
/*
 * Does a choice of links that learns over several passes help? PASSES passes one after another, through LAYERS layers
 * of a model and one batch after another, on a chip that stays as it is; finish times relative to the fixed choice.
 * ANEW learns from the beginning in each pass; CARRIED goes on with the weights of the pass before; KEPT is CARRIED for
 * the first half, and then learns no more. Figures are of the second half.
 * Usage: rules_carried [ETA [MODEL [TOKENS [DIR [CHIP]]]]]; DIR: traces MODEL.csv there, "" or none: synthetic
 * routing; CHIP: only settings whose name begins so. A short trace has fewer starts.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules_programs.h"
#include "rules_rig.h"

#define STARTS	6u
#define PASSES	16u
#define LAYERS	4u

enum { ANEW, CARRIED, KEPT, WAYS };

static const char *const way_names[WAYS] = { "anew", "carried", "kept" };

struct program {
	void *binary;
	size_t bytes;
};

/* What is compared: the built-in rules' program, and one that learns, at a rate and at none */
struct programs {
	struct program fixed, learning, resting;
};

struct setting {
	const char *name;
	unsigned int rows, cols;
	int slow, slow_too;		/* links, -1: none */
	uint32_t permille;
};

static const struct setting settings[] = {
	{ "2x2", 2, 2, -1, -1, 0 },
	{ "2x2, a link at 10 %", 2, 2, 0, -1, 100 },
	{ "2x2, two at 10 %", 2, 2, 0, 5, 100 },
	{ "4x4", 4, 4, -1, -1, 0 },
	{ "4x4, a link at 10 %", 4, 4, 20, -1, 100 },
	{ "4x4, two at 10 %", 4, 4, 20, 27, 100 },
};

/* Where the routing is from */
struct source {
	const struct rill_model *model;
	const char *trace;		/* NULL: synthetic */
	uint32_t layers[LAYERS];
	unsigned int tokens, starts;
};

/* Of one start: times of passes relative to the fixed choice */
struct series {
	double relative[WAYS][PASSES];
	uint64_t ps[WAYS], fixed_ps;	/* of the second half together */
};

/* ps, or 0 if the pass fails. weights NULL: the program's own */
static uint64_t finish(struct rules_rig *rig, const struct program *program, void *weights, size_t bytes)
{
	struct rules_outcome outcome;
	uint64_t ps;

	rules_rig_go_on(rig, program->binary, program->bytes, weights, bytes, &outcome);
	ps = outcome.status ? 0 : outcome.report.end_ps - outcome.report.start_ps;
	if (outcome.status)
		fprintf(stderr, "status %u, detail %#llx\n", outcome.status, (unsigned long long)outcome.detail);
	rules_outcome_free(&outcome);
	return ps;
}

static struct rules_trial trial_of(const struct setting *setting, const struct source *source, unsigned int start,
				   unsigned int pass)
{
	unsigned int batch = start * (PASSES / LAYERS) + pass / LAYERS;

	return (struct rules_trial){
		.model = *source->model, .rows = setting->rows, .cols = setting->cols, .tokens = source->tokens,
		.seed = batch + 1, .strategy = "fse-dp", .layer = source->layers[pass % LAYERS],
		.channel_bytes = 1 << 30, .link_down = -1, .link_slow = setting->slow,
		.link_slow_too = setting->slow_too + 1, .slow_permille = setting->permille,
		.routing.trace = source->trace, .first = source->trace ? batch * source->tokens : 0,
	};
}

/* The ways of one pass; the weights of CARRIED and KEPT are in and out. */
static bool run_pass(const struct programs *programs, const struct setting *setting, const struct source *source,
		     unsigned int start, unsigned int pass, uint8_t *const *weights, size_t bytes,
		     struct series *series)
{
	const struct rules_trial trial = trial_of(setting, source, start, pass);
	const struct program *kept = pass < PASSES / 2 ? &programs->learning : &programs->resting;
	uint64_t ps[WAYS], fixed;
	struct rules_rig rig;
	unsigned int way;
	bool ok;

	rules_rig_open(&rig, &trial);
	fixed = finish(&rig, &programs->fixed, NULL, 0);
	ps[ANEW] = finish(&rig, &programs->learning, NULL, 0);
	ps[CARRIED] = finish(&rig, &programs->learning, weights[CARRIED], bytes);
	ps[KEPT] = finish(&rig, kept, weights[KEPT], bytes);
	rules_rig_close(&rig);
	ok = fixed && ps[ANEW] && ps[CARRIED] && ps[KEPT];
	for (way = 0; ok && way < WAYS; way++) {
		series->relative[way][pass] = (double)ps[way] / fixed;
		if (pass >= PASSES / 2)
			series->ps[way] += ps[way];
	}
	if (pass >= PASSES / 2)
		series->fixed_ps += fixed;
	return ok;
}

static bool run_start(const struct programs *programs, const struct setting *setting, const struct source *source,
		      unsigned int start, struct series *series)
{
	const struct program *learning = &programs->learning;
	uint8_t *weights[WAYS] = { NULL };
	unsigned int pass, way;
	size_t bytes = 0;
	bool ok = true;

	for (way = CARRIED; way < WAYS; way++) {
		weights[way] = rules_program_weights(learning->binary, learning->bytes, setting->rows * setting->cols,
						     &bytes);
		ok = ok && weights[way];
	}
	for (pass = 0; ok && pass < PASSES; pass++)
		ok = run_pass(programs, setting, source, start, pass, weights, bytes, series);
	for (way = CARRIED; way < WAYS; way++)
		free(weights[way]);
	return ok;
}

/* Of the second half's passes of all starts; and of each start's sum, how many were faster than the fixed choice */
static void print_way(const struct series *series, unsigned int starts, unsigned int way)
{
	double sum = 0, squares = 0, least = INFINITY, most = 0, mean;
	unsigned int start, pass, n = 0, faster = 0;

	for (start = 0; start < starts; start++) {
		for (pass = PASSES / 2; pass < PASSES; pass++, n++) {
			double r = series[start].relative[way][pass];

			sum += r;
			squares += r * r;
			least = r < least ? r : least;
			most = r > most ? r : most;
		}
		faster += series[start].ps[way] < series[start].fixed_ps;
	}
	mean = sum / n;
	printf("  %s %.3f +- %.3f (%.3f..%.3f) %u/%u", way_names[way], mean, sqrt(fmax(0, squares / n - mean * mean)),
	       least, most, faster, starts);
}

static bool run_setting(const struct programs *programs, const struct setting *setting,
			const struct source *source)
{
	struct series series[STARTS] = { 0 };
	unsigned int start, way;

	for (start = 0; start < source->starts; start++)
		if (!run_start(programs, setting, source, start, &series[start]))
			return false;
	printf("%-18s %5u  %-20s", source->model->name, source->tokens, setting->name);
	for (way = 0; way < WAYS; way++)
		print_way(series, source->starts, way);
	putchar('\n');
	fflush(stdout);
	return true;
}

static bool has_tokens(const struct source *source, uint32_t layer, uint32_t first, uint32_t tokens)
{
	struct rill_routing_source from = { .trace = source->trace };
	char error[RILL_ERROR_BYTES];
	struct rill_routing routing;

	if (rill_routing_from(&from, source->model, layer, first, tokens, &routing, error))
		return false;
	rill_routing_free(&routing);
	return true;
}

/* The first LAYERS layers of a trace, or of the model; false: there are fewer. */
static bool find_layers(struct source *source)
{
	uint32_t layer = source->model->first_layer, end = layer + source->model->layers, n = 0;

	for (; n < LAYERS && layer < end; layer++)
		if (!source->trace || has_tokens(source, layer, 0, 1))
			source->layers[n++] = layer;
	if (n < LAYERS)
		fprintf(stderr, "%s: layers: %u are not %u\n", source->trace ? source->trace : source->model->name, n,
			LAYERS);
	return n == LAYERS;
}

/* Large batches take longer. */
static uint32_t most_starts(uint32_t tokens)
{
	if (tokens <= 64)
		return STARTS;
	return STARTS * 64 / tokens < 2 ? 2 : STARTS * 64 / tokens;
}

/* False: the trace has no batches for one. */
static bool find_starts(struct source *source)
{
	uint32_t tokens = PASSES / LAYERS * source->tokens, most = most_starts(source->tokens);

	for (; source->starts < most; source->starts++)
		if (source->trace && !has_tokens(source, source->layers[0], source->starts * tokens, tokens))
			break;
	if (!source->starts)
		fprintf(stderr, "%s: tokens: fewer than the %u of a start\n", source->trace, tokens);
	return source->starts;
}

static bool run_model(const struct programs *programs, const char *name, unsigned int tokens, const char *folder,
		      const char *chip)
{
	struct source source = { .model = rill_model_find(name), .tokens = tokens };
	char trace[4096];
	size_t s;
	bool ok;

	if (!source.model) {
		fprintf(stderr, "model: there is no '%s'\n", name);
		return false;
	}
	snprintf(trace, sizeof(trace), "%.4000s/%.80s.csv", folder ? folder : "", name);
	source.trace = folder ? trace : NULL;
	ok = find_layers(&source) && find_starts(&source);
	for (s = 0; ok && s < sizeof(settings) / sizeof(settings[0]); s++)
		if (!strncmp(settings[s].name, chip, strlen(chip)))
			ok = run_setting(programs, &settings[s], &source);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned int eta = argc > 1 ? strtoul(argv[1], NULL, 0) : 4;
	const char *model = argc > 2 ? argv[2] : "deepseek-v2-lite", *folder = argc > 4 && *argv[4] ? argv[4] : NULL;
	unsigned int tokens = argc > 3 ? strtoul(argv[3], NULL, 0) : 64;
	struct programs programs;
	bool ok;

	programs.fixed.binary = rules_program_built_in(&programs.fixed.bytes);
	programs.learning.binary = rules_program_learned(eta, &programs.learning.bytes);
	programs.resting.binary = rules_program_learned(0, &programs.resting.bytes);
	ok = programs.fixed.binary && programs.learning.binary && programs.resting.binary;
	printf("finish time relative to the fixed choice, passes %u..%u, eta %u, %s:\n", PASSES / 2 + 1, PASSES, eta,
	       folder ? "traces" : "synthetic routing");
	printf("mean +- deviation (least..most), starts that are faster in sum\n");
	ok = ok && run_model(&programs, model, tokens, folder, argc > 5 ? argv[5] : "");
	free(programs.fixed.binary);
	free(programs.learning.binary);
	free(programs.resting.binary);
	return ok ? 0 : 1;
}
