// SPDX-License-Identifier: MIT
/*
 * How fast the flat dataflow engine fires, by kind and size of program: the best
 * of ROUNDS rounds, in processor time.
 * ndf_speed [GRAPH [NODES [FIRINGS]]]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ndf/ndf.h"
#include "ndf_graphs.h"

#define ROUNDS	64u

struct graph {
	const char *name;
	void (*make)(struct build *b, uint32_t nodes);
};

static const struct graph graphs[] = {
	{ "chain", graph_chain },
	{ "grid", graph_grid },
	{ "scatter", graph_scatter },
	{ "fibonacci", graph_fibonacci },
	{ "gcd", graph_gcd },
};

static const uint32_t sizes[] = { 6, 100, 1000, 10000, 100000 };

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + 0.000000001 * (double)now.tv_nsec;
}

/* Seconds that `firings` firings took in the best round */
static double best_round(struct rill_ndf_engine *engine, uint64_t firings)
{
	double best = 0, seconds;
	unsigned int round;

	for (round = 0; round <= ROUNDS; round++) {
		seconds = cpu_seconds();
		rill_ndf_run(engine, firings, UINT64_MAX);
		seconds = cpu_seconds() - seconds;
		/* The first one warms up. */
		if (round == 1 || (round && seconds < best))
			best = seconds;
	}
	return best;
}

static void measure_load(const uint8_t *binary, size_t size, double *seconds)
{
	struct rill_ndf_verdict verdict;

	*seconds = cpu_seconds();
	rill_ndf_validate(binary, size, &verdict);
	*seconds = cpu_seconds() - *seconds;
}

static int measure(const struct graph *graph, uint32_t nodes, uint64_t firings)
{
	struct rill_ndf_options options = { 0 };
	struct rill_ndf_verdict verdict;
	struct rill_ndf_program *program;
	struct rill_ndf_engine *engine;
	struct rill_ndf_stats stats;
	double seconds, check;
	struct build b;
	uint8_t *binary;
	size_t size;

	build_begin(&b);
	graph->make(&b, nodes);
	binary = build_binary(&b, &size);
	measure_load(binary, size, &check);
	program = rill_ndf_program_new(binary, size, &verdict);
	engine = program ? rill_ndf_engine_new(program, &options) : NULL;
	if (!engine) {
		fprintf(stderr, "%s: %s, %s %" PRIu64 "\n", graph->name, rill_ndf_code_text(verdict.code),
			rill_ndf_unit_text(verdict.unit), (uint64_t)verdict.position);
		return 1;
	}
	seconds = best_round(engine, firings);
	rill_ndf_stats(engine, &stats);
	printf("%-10s %7u nodes %8.1f million firings/s %6.1f ns each %5.1f%% control, validated in %.2f ms\n",
	       graph->name, rill_ndf_program_nodes(program), (double)firings / seconds / 1000000,
	       1000000000.0 * seconds / (double)firings,
	       100.0 * (double)(stats.when + stats.where) / (double)stats.firings, 1000 * check);
	rill_ndf_engine_free(engine);
	rill_ndf_program_free(program);
	free(binary);
	build_end(&b);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t firings = argc > 3 ? strtoull(argv[3], NULL, 0) : 250000;
	uint32_t only = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 0) : 0;
	size_t g, s;
	int rc = 0;

	for (g = 0; g < sizeof(graphs) / sizeof(*graphs); g++) {
		if (argc > 1 && strcmp(argv[1], "all") && strcmp(argv[1], graphs[g].name))
			continue;
		for (s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
			if (!only || sizes[s] == only)
				rc |= measure(&graphs[g], sizes[s], firings);
		}
	}
	return rc;
}
