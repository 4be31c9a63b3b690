// SPDX-License-Identifier: MIT
/* rill ndf arrays */
#include "ndf_array.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIRINGS 100000000u

static const char doc[] =
	"Map programs to arrays, run them there and compare with the host. Without a file: the thirteen of rill.";

struct arrays_options {
	struct rill_build_options build;
	enum rill_map_lanes lanes;
	uint64_t gap_ps;
	char **files;
	int file_count;
};

enum key { KEY_CAPACITY = 0x600, KEY_LANES, KEY_GAP };

static const struct argp_option table[] = {
	{ "capacity", KEY_CAPACITY, "N", 0, "tokens that an arc can hold [as the file says, else 4]", 0 },
	{ "lanes", KEY_LANES, "HOW", 0, "tried, never or untried [tried]", 0 },
	{ "wave-gap", KEY_GAP, "PS", 0, "pause after a wave in vain [0]", 0 },
	{ 0 },
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct arrays_options *options = state->input;

	switch (key) {
	case KEY_CAPACITY:
		options->build.capacity = (uint32_t)option_number(state, "capacity", arg, 1, RILL_NDF_MAX_CAPACITY);
		return 0;
	case KEY_LANES:
		options->lanes = ndf_array_lanes(state, arg);
		return 0;
	case KEY_GAP:
		options->gap_ps = option_number(state, "wave-gap", arg, 0, RILL_MAP_MAX_PS);
		return 0;
	case ARGP_KEY_ARGS:
		options->files = state->argv + state->next;
		options->file_count = state->argc - state->next;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static bool same_sinks(const struct rill_run *a, const struct rill_run *b)
{
	const uint64_t *words_a, *words_b;
	uint32_t i, mode;
	const char *name;
	size_t n, m;

	for (i = 0; (words_a = rill_run_sink(a, i, &name, &mode, &n)); i++) {
		words_b = rill_run_sink(b, i, &name, &mode, &m);
		if (n != m || memcmp(words_a, words_b, n * sizeof(*words_a)))
			return false;
	}
	return true;
}

/* Device time with nodes dealt out in turn; 0: it did not end. */
static uint64_t dealt_ps(struct rill_graph *graph, const struct rill_array *array)
{
	struct rill_array_counts counts = { 0 };
	struct rill_graph_counts nodes;
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_run *run;
	uint32_t i;

	rill_graph_count(graph, &nodes);
	for (i = 0; i < nodes.nodes; i++)
		rill_graph_place(graph, i, i % (array->rows * array->cols));
	run = rill_run_new_on_array(graph, array, error);
	if (run && rill_run_go(run, FIRINGS, UINT64_MAX) == RILL_NDF_FINISHED)
		rill_run_array_counts(run, &counts);
	rill_run_free(run);
	return counts.time_ps;
}

static void print_row(struct rill_graph *graph, const struct rill_array *array,
		      const struct rill_map_stats *stats, const struct rill_run *run)
{
	struct rill_array_counts counts;
	uint64_t moved = 0;
	uint32_t i;

	rill_run_array_counts(run, &counts);
	for (i = 0; i < 4 * RILL_NDF_MAX_CHIPLETS; i++)
		moved += counts.chiplet[i / 4].link[i % 4];
	printf("%-16s %ux%u %6u %6u %8" PRIu64 " %8" PRIu64, rill_graph_name(graph), array->rows, array->cols,
	       stats->lanes, stats->cut_arcs, stats->dealt_traffic, stats->traffic);
	printf(" %9" PRIu64 " %9" PRIu64 " %7" PRIu64 " %7" PRIu64 " %6" PRIu64 " %9" PRIu64 "\n",
	       dealt_ps(graph, array) / 1000, counts.time_ps / 1000, moved,
	       (counts.time_ps - counts.settled_ps) / 1000, counts.waves, counts.messages);
}

/* On the host and on the array; 0 if both end well and alike */
static int run_both(const struct ndf_file *file, struct rill_graph *own, struct rill_graph *mapped,
		    const struct rill_array *array, const struct rill_map_stats *stats)
{
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_run *host = rill_run_new(own, 0, error);
	struct rill_run *run = host ? rill_run_new_on_array(mapped, array, error) : NULL;
	int ret = 1;

	if (!run)
		fprintf(stderr, "rill: %s: %s\n", file->path, error);
	else if (rill_run_go(host, FIRINGS, UINT64_MAX) != RILL_NDF_FINISHED ||
		 rill_run_go(run, FIRINGS, UINT64_MAX) != RILL_NDF_FINISHED)
		fprintf(stderr, "rill: %s does not finish within %u firings\n", file->path, FIRINGS);
	else if (!same_sinks(host, run))
		fprintf(stderr, "rill: %s: a sink on %ux%u chiplets is not what the host has\n", file->path,
			array->rows, array->cols);
	else
		ret = 0;
	if (!ret)
		print_row(mapped, array, stats, run);
	rill_run_free(host);
	rill_run_free(run);
	return ret;
}

static int map_and_run(const struct ndf_file *file, const struct arrays_options *options, uint32_t side)
{
	struct rill_map_options map = { .chiplets = RILL_MAP_ALL, .lanes = options->lanes };
	struct rill_graph *own = ndf_tool_build(file, &options->build, NULL);
	struct rill_graph *mapped = own ? ndf_tool_build(file, &options->build, NULL) : NULL;
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_map_stats stats;
	int ret = 1;

	rill_array_default(&map.array, side, side);
	map.array.wave_gap_ps = options->gap_ps;
	if (mapped && rill_graph_map(mapped, &map, &stats, error))
		fprintf(stderr, "rill: %s: %s\n", file->path, error);
	else if (mapped)
		ret = run_both(file, own, mapped, &map.array, &stats);
	rill_graph_free(own);
	rill_graph_free(mapped);
	return ret;
}

static int show(const char *name, const struct arrays_options *options)
{
	struct ndf_file file;
	uint32_t side;
	int ret;

	if (ndf_tool_open(name, &file))
		return 1;
	for (side = 1, ret = 0; side <= 4 && !ret; side *= 2)
		ret = map_and_run(&file, options, side);
	ndf_tool_close(&file);
	return ret;
}

int cmd_ndf_arrays(int argc, char **argv)
{
	const struct argp argp = { .options = table, .parser = parse, .args_doc = "[FILE...]", .doc = doc };
	struct arrays_options options = { 0 };
	int i, ret = 0;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	printf("%-16s %3s %6s %6s %8s %8s %9s %9s %7s %7s %6s %9s\n", "", "", "lanes", "arcs", "dealt", "placed",
	       "dealt ns", "placed ns", "moves", "end ns", "waves", "messages");
	for (i = 0; i < (options.file_count ? options.file_count : NDF_TOOL_THIRTEEN); i++)
		ret |= show(options.file_count ? options.files[i] : ndf_tool_thirteen[i], &options);
	return ret;
}
