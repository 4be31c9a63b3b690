// SPDX-License-Identifier: MIT
#include "ndf_curve_test.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TESTED	65536u
#define FIRINGS		100000000u

static void free_grid(struct curve_grid *grid)
{
	uint32_t i;

	for (i = 0; i < grid->stream_count; i++)
		free(grid->words[i]);
}

static int fill_grid(struct curve_grid *grid)
{
	uint32_t i, k, repeat = 1;

	for (i = 0; i < grid->stream_count; i++) {
		const struct rill_program_stream *s = &grid->streams[i];
		uint32_t range = (uint32_t)(s->high - s->low + 1);

		grid->words[i] = malloc(grid->count * sizeof(uint64_t));
		if (!grid->words[i]) {
			fputs("rill: learn: out of memory\n", stderr);
			return 1;
		}
		for (k = 0; k < grid->count; k++)
			grid->words[i][k] = (uint64_t)(s->low + k / repeat % range);
		repeat *= range;
	}
	return 0;
}

static int make_grid(const struct ndf_file *file, struct curve_grid *grid)
{
	struct rill_program_stream s;
	uint64_t count = 1;
	uint32_t i;

	for (i = 0; rill_program_stream(file->program, i, &s); i++) {
		uint64_t range = (uint64_t)s.high - (uint64_t)s.low + 1;

		if (i == CURVE_MAX_STREAMS || range - 1 >= MAX_TESTED || count * range > MAX_TESTED) {
			fprintf(stderr, "rill: learn: %s: more than %u random streams, or than %u words of all\n",
				file->path, CURVE_MAX_STREAMS, MAX_TESTED);
			return 1;
		}
		count *= range;
		grid->streams[grid->stream_count++] = s;
	}
	if (!i) {
		fprintf(stderr, "rill: learn: %s: there is no random stream to learn from\n", file->path);
		return 1;
	}
	grid->count = (uint32_t)count;
	return fill_grid(grid);
}

/* ---- runs ---- */

struct rill_run *curve_run_begin(const struct ndf_file *file, enum rill_learning learning,
				 const struct rill_weights *weights, uint64_t seed, struct rill_graph **graph)
{
	const struct rill_build_options build = { .learning = learning, .weights = weights, .seed = seed };
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_run *run;

	*graph = ndf_tool_build(file, &build, NULL);
	run = *graph ? rill_run_new(*graph, 0, error) : NULL;
	if (*graph && !run)
		fprintf(stderr, "rill: %s: %s\n", file->path, error);
	return run;
}

void curve_run_end(struct rill_run *run, struct rill_graph *graph)
{
	rill_run_free(run);
	rill_graph_free(graph);
}

/* A run over all test words; NULL: it has been said why. */
static struct rill_run *run_test(const struct curve_test *test, enum rill_learning learning,
				 const struct rill_weights *weights, struct rill_graph **graph)
{
	struct rill_run *run = curve_run_begin(test->file, learning, weights, 0, graph);
	const struct curve_grid *grid = &test->grid;
	int ret = 0, end;
	uint32_t i;

	for (i = 0; run && !ret && i < grid->stream_count; i++)
		ret = rill_run_input(run, grid->streams[i].name, grid->words[i], grid->count);
	if (run && !ret) {
		end = rill_run_go(run, FIRINGS, UINT64_MAX);
		if (end == RILL_NDF_FINISHED || end == RILL_NDF_QUIESCENT)
			return run;
		fprintf(stderr, "rill: learn: %s: over all words: no good end\n", test->file->path);
		rill_run_explain(run, end, stderr);
	} else if (run) {
		fprintf(stderr, "rill: learn: %s: %s\n", test->file->path, strerror(-ret));
	}
	curve_run_end(run, *graph);
	*graph = NULL;
	return NULL;
}

/* Test words for which all outputs are what they ought to be */
static uint32_t count_right(const struct curve_test *test, const struct rill_run *run)
{
	const uint64_t *a, *b;
	const char *name, *other;
	uint32_t i, k, mode, right = 0;
	size_t n, m;

	for (k = 0; k < test->grid.count; k++) {
		bool same = true;

		for (i = 0; (a = rill_run_sink(run, i, &name, &mode, &n)); i++) {
			b = rill_run_sink(test->exact, i, &other, &mode, &m);
			if (b && mode != RILL_NDF_SINK_IGNORE && !strcmp(name, other))
				same &= k < n && k < m && a[k] == b[k];
		}
		right += same;
	}
	return right;
}

int curve_test_weights(const struct curve_test *test, const struct rill_weights *weights, uint32_t *right,
		       struct rill_run_counts *counts)
{
	struct rill_graph *graph;
	struct rill_run *run = run_test(test, RILL_FROZEN, weights, &graph);

	if (!run)
		return 1;
	*right = count_right(test, run);
	if (counts)
		rill_run_count(run, counts);
	curve_run_end(run, graph);
	return 0;
}

int curve_test_begin(const struct ndf_file *file, struct curve_test *test)
{
	*test = (struct curve_test){ .file = file };
	if (make_grid(file, &test->grid))
		return 1;
	test->exact = run_test(test, RILL_EXACT, NULL, &test->exact_graph);
	return test->exact ? 0 : 1;
}

void curve_test_end(struct curve_test *test)
{
	curve_run_end(test->exact, test->exact_graph);
	free_grid(&test->grid);
}
