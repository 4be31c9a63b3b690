// SPDX-License-Identifier: MIT
/* rill ndf map */
#include "ndf_array.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char doc[] =
	"Map a program to an array of chiplets: cut wheres into lanes, place nodes by traffic and load, size arcs.";

struct map_options {
	struct ndf_options common;
	struct rill_map_options map;
	bool array_given;
	const char *output;
};

enum key { KEY_ARRAY = 0x500, KEY_CHIPLETS, KEY_LANES, KEY_WHENS, KEY_WHERES, KEY_OTHERS, KEY_SLACK, KEY_LINK_CAPACITY,
	   KEY_PLACEMENT_SEED };

static const struct argp_option table[] = {
	{ "array", KEY_ARRAY, "RxC", 0, "rows and columns of chiplets", 0 },
	{ "chiplets", KEY_CHIPLETS, "LIST", 0, "use only these, for instance 0,2,4-7 [all]", 0 },
	{ "lanes", KEY_LANES, "HOW", 0, "tried, never or untried [tried]", 0 },
	{ "whens", KEY_WHENS, "N", 0, "on a chiplet, at most [no limit]", 0 },
	{ "wheres", KEY_WHERES, "N", 0, "on a chiplet, at most [no limit]", 0 },
	{ "others", KEY_OTHERS, "N", 0, "OPs, sources and sinks on a chiplet, at most [no limit]", 0 },
	{ "slack", KEY_SLACK, "PERCENT", 0, "load of a chiplet above its share [25]", 0 },
	{ "link-capacity", KEY_LINK_CAPACITY, "N", 0, "tokens that an arc between chiplets may get room for [512]", 0 },
	{ "placement-seed", KEY_PLACEMENT_SEED, "N", 0, "of the search for a placement [0]", 0 },
	{ "output", 'o', "FILE", 0, "write the mapped binary there", 0 },
	{ 0 },
};

static void add_chiplets(struct argp_state *state, unsigned int from, unsigned int to, uint64_t *mask)
{
	if (from > to || to >= RILL_NDF_MAX_CHIPLETS)
		argp_error(state, "chiplets: %u-%u is not in 0..%u", from, to, RILL_NDF_MAX_CHIPLETS - 1);
	for (; from <= to; from++)
		*mask |= 1ULL << from;
}

static uint64_t parse_chiplets(struct argp_state *state, const char *text)
{
	const char *p = text;
	uint64_t mask = 0;

	for (;;) {
		unsigned int from, to;
		int n = 0;

		if (sscanf(p, "%9u-%9u%n", &from, &to, &n) < 2) {
			if (sscanf(p, "%9u%n", &from, &n) < 1)
				argp_error(state, "chiplets: '%s' is not a list such as 0,2,4-7", text);
			to = from;
		}
		add_chiplets(state, from, to, &mask);
		p += n;
		if (!*p)
			return mask;
		if (*p++ != ',')
			argp_error(state, "chiplets: '%s' is not a list such as 0,2,4-7", text);
	}
}

static uint32_t limit(struct argp_state *state, const char *field, const char *arg, uint32_t most)
{
	return (uint32_t)option_number(state, field, arg, 1, most);
}

static int parse_limit(int key, char *arg, struct argp_state *state, struct rill_map_options *map)
{
	switch (key) {
	case KEY_WHENS:
		map->whens = limit(state, "whens", arg, RILL_NDF_MAX_NODES);
		return 0;
	case KEY_WHERES:
		map->wheres = limit(state, "wheres", arg, RILL_NDF_MAX_NODES);
		return 0;
	case KEY_OTHERS:
		map->others = limit(state, "others", arg, RILL_NDF_MAX_NODES);
		return 0;
	case KEY_SLACK:
		map->slack = limit(state, "slack", arg, 10000);
		return 0;
	case KEY_LINK_CAPACITY:
		map->capacity = limit(state, "link-capacity", arg, RILL_NDF_MAX_CAPACITY);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int parse(int key, char *arg, struct argp_state *state)
{
	struct map_options *options = state->input;
	uint32_t rows, cols;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->common;
		return 0;
	case KEY_ARRAY:
		ndf_array_parse(state, arg, &rows, &cols);
		rill_array_default(&options->map.array, rows, cols);
		options->array_given = true;
		return 0;
	case KEY_CHIPLETS:
		options->map.chiplets = parse_chiplets(state, arg);
		return 0;
	case KEY_LANES:
		options->map.lanes = ndf_array_lanes(state, arg);
		return 0;
	case KEY_PLACEMENT_SEED:
		options->map.seed = option_number(state, "placement-seed", arg, 0, UINT64_MAX);
		return 0;
	case 'o':
		options->output = arg;
		return 0;
	case ARGP_KEY_END:
		if (!options->array_given)
			argp_error(state, "array: it must be given, for instance --array 4x4");
		return 0;
	}
	return parse_limit(key, arg, state, &options->map);
}

/* ---- what is printed ---- */

static void print_chiplets(const struct rill_map_stats *stats, const struct rill_array *array)
{
	uint64_t total = 0;
	uint32_t i;

	for (i = 0; i < array->rows * array->cols; i++)
		total += stats->chiplet[i].load_ps;
	printf("chiplet  whens  wheres  others    firings       load ps    %%\n");
	for (i = 0; i < array->rows * array->cols; i++) {
		const struct rill_map_chiplet *c = &stats->chiplet[i];

		if (!(c->whens | c->wheres | c->others))
			continue;
		printf("%7u  %5u  %6u  %6u  %9" PRIu64 "  %12" PRIu64 "  %3.0f\n", i, c->whens, c->wheres, c->others,
		       c->firings, c->load_ps, total ? 100.0 * (double)c->load_ps / (double)total : 0.0);
	}
}

static void print_lanes(const struct rill_map_stats *stats)
{
	printf("lanes: %u of %u wheres that can be cut became %u", stats->cut_wheres, stats->candidates, stats->lanes);
	if (stats->whole)
		printf("; %s", stats->whole);
	if (stats->steps)
		printf("; on the host %" PRIu64 " steps, %" PRIu64 " before", stats->steps, stats->whole_steps);
	printf("\n");
}

static void print(const struct rill_graph *graph, const struct rill_map_options *map,
		  const struct rill_map_stats *stats)
{
	printf("%s: %u nodes, %u arcs on %ux%u chiplets\n", rill_graph_name(graph), stats->nodes, stats->arcs,
	       map->array.rows, map->array.cols);
	if (!stats->tried)
		printf("the program does not run by itself: rates are not known, each arc counts as one token\n");
	print_lanes(stats);
	print_chiplets(stats, &map->array);
	printf("between chiplets: %u arcs, %" PRIu64 " of %" PRIu64 " tokens\n", stats->cut_arcs, stats->cut_tokens,
	       stats->tokens);
	printf("tokens x hops: %" PRIu64 " dealt out in turn, %" PRIu64 " grown, %" PRIu64 " refined\n",
	       stats->dealt_traffic, stats->first_traffic, stats->traffic);
	printf("capacity: %u arcs raised, %u get less than the way takes; %" PRIu64 " tokens in all\n", stats->raised,
	       stats->short_arcs, stats->slots);
}

static int write_binary(struct rill_graph *graph, const char *path)
{
	void *binary;
	size_t bytes;
	FILE *file;

	if (rill_graph_encode(graph, &binary, &bytes)) {
		fprintf(stderr, "rill: %s\n", rill_graph_error(graph));
		return 1;
	}
	file = ndf_tool_create(path);
	if (file)
		fwrite(binary, 1, bytes, file);
	free(binary);
	return file ? ndf_tool_finish(file, path) : 1;
}

static int map(const struct ndf_file *file, const struct map_options *options)
{
	struct rill_graph *graph = ndf_tool_build(file, &options->common.build, NULL);
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_map_stats stats;
	int ret = 1;

	if (!graph)
		return 1;
	if (rill_graph_map(graph, &options->map, &stats, error))
		fprintf(stderr, "rill: %s: %s\n", file->path, error);
	else
		ret = options->output ? write_binary(graph, options->output) : 0;
	if (!ret && !(options->output && !strcmp(options->output, "-")))
		print(graph, &options->map, &stats);
	rill_graph_free(graph);
	return ret;
}

int cmd_ndf_map(int argc, char **argv)
{
	static const struct argp_child children[] = { { &ndf_tool_build_argp, 0, NULL, 0 }, { 0 } };
	const struct argp argp = { .options = table, .parser = parse, .children = children, .args_doc = "FILE",
				   .doc = doc };
	struct map_options options = { .map.chiplets = RILL_MAP_ALL };
	struct ndf_file file;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	ret = ndf_tool_open(options.common.file, &file);
	if (!ret) {
		ret = map(&file, &options);
		ndf_tool_close(&file);
	}
	rill_weights_free(options.common.weights);
	return ret;
}
