// SPDX-License-Identifier: MIT
/* rill ndf run: programs with plastic whens. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ndf_run.h"

struct rill_weights *ndf_tool_weights(const struct ndf_file *file, const struct rill_graph *graph,
				      const struct rill_run *run)
{
	bool language = file->program && !rill_program_is_graph(file->program);
	struct rill_weights *all = NULL, **last = &all;
	const char *name;
	uint32_t i, frac;

	for (i = 0; (name = language ? rill_program_plastic(file->program, i, &frac) : rill_graph_plastic(graph, i));
	     i++) {
		*last = rill_run_weights(run, name);
		if (*last)
			last = &(*last)->next;
	}
	return all;
}

void ndf_tool_print_weights(const struct rill_weights *weights)
{
	const struct rill_weights *w;
	uint32_t i, k;

	for (w = weights; w; w = w->next) {
		for (k = 0; k < w->dims; k++) {
			printf("%s", w->name);
			if (w->dims > 1)
				printf("[%u]", k);
			printf(" fires if");
			for (i = 0; i < w->inputs; i++)
				printf("%s %.6g x%u", i ? " +" : "",
				       ldexp(w->weights[i * w->dims + k], -(int)(w->frac + w->x_frac)), i);
			printf(" + %.6g >= %.6g\n", ldexp((double)w->bias[k], -(int)w->frac),
			       ldexp((double)w->theta[k], -(int)w->frac));
		}
	}
}

int ndf_tool_save_weights(const struct rill_weights *weights, const char *path)
{
	FILE *file;

	if (!weights) {
		fprintf(stderr, "rill: save-weights: there is no plastic when in this program\n");
		return 1;
	}
	file = ndf_tool_create(path);
	if (!file)
		return 1;
	rill_weights_write(weights, file);
	return ndf_tool_finish(file, path);
}

/* A build and its run */
struct trial {
	struct rill_graph *graph;
	struct rill_run *run;
	struct rill_run_counts counts;
	uint64_t ps;			/* on a chip */
};

static int try(const struct ndf_file *file, const struct ndf_run_options *options, enum rill_learning learning,
	       const struct rill_weights *weights, uint64_t seed, struct trial *trial)
{
	static const char *const what[] = { "learning", "with what was learned", "exact" };
	struct rill_build_options build = options->common.build;

	build.learning = learning;
	build.weights = weights;
	build.seed = seed;
	trial->run = ndf_tool_start(file, &build, options, &trial->graph);
	if (!trial->run || ndf_tool_complete(trial->run, options, what[learning]))
		return 1;
	rill_run_count(trial->run, &trial->counts);
	trial->ps = ndf_device_ps(trial->run);
	return options->device.compare ? ndf_device_compare(file, &build, options, trial->run) : 0;
}

static void finish(struct trial *trial)
{
	rill_run_free(trial->run);
	rill_graph_free(trial->graph);
}

static void compare_sinks(const struct trial *frozen, const struct trial *exact)
{
	const uint64_t *a, *b;
	const char *name, *other;
	uint32_t i, mode;
	size_t n, m, k, same;

	for (i = 0; (a = rill_run_sink(frozen->run, i, &name, &mode, &n)); i++) {
		b = rill_run_sink(exact->run, i, &other, &mode, &m);
		if (!b || mode == RILL_NDF_SINK_IGNORE || strcmp(name, other))
			continue;
		same = 0;
		for (k = 0; k < n && k < m; k++)
			same += a[k] == b[k];
		printf("%s: right %zu times of %zu\n", name, same, m);
	}
}

static void compare(const struct trial *frozen, const struct trial *exact)
{
	const struct rill_run_counts *f = &frozen->counts, *e = &exact->counts;

	compare_sinks(frozen, exact);
	printf("firings: %" PRIu64 " with what was learned, %" PRIu64 " exact: %.1f %% saved\n", f->firings, e->firings,
	       100.0 * (1.0 - (double)f->firings / (double)e->firings));
	if (frozen->ps) {
		printf("device time: %" PRIu64 " ps with what was learned, %" PRIu64 " ps exact\n", frozen->ps,
		       exact->ps);
		return;
	}
	printf("steps: %" PRIu64 " with what was learned, %" PRIu64 " exact\n", f->steps, e->steps);
}

int ndf_tool_learn(const struct ndf_file *file, const struct ndf_run_options *options)
{
	struct trial learn = { 0 }, frozen = { 0 }, exact = { 0 };
	uint64_t seed = options->common.build.seed;
	struct rill_weights *weights = NULL;
	int ret = 1;

	if (!try(file, options, RILL_LEARN, options->common.weights, seed, &learn)) {
		weights = ndf_tool_weights(file, learn.graph, learn.run);
		printf("%" PRIu64 " lessons, %" PRIu64 " firings\n", learn.counts.lessons, learn.counts.firings);
		ndf_tool_print_weights(weights);
		/* Others than those it was taught with */
		if (!try(file, options, RILL_FROZEN, weights, seed + 1, &frozen) &&
		    !try(file, options, RILL_EXACT, NULL, seed + 1, &exact)) {
			compare(&frozen, &exact);
			ret = options->save_weights ? ndf_tool_save_weights(weights, options->save_weights) : 0;
		}
	}
	rill_weights_free(weights);
	finish(&learn);
	finish(&frozen);
	finish(&exact);
	return ret;
}
