/* SPDX-License-Identifier: MIT */
/*
 * librill, neuromorphic dataflow on an array of chiplets: a program's graph is cut into lanes, placed, and
 * its arcs between chiplets get room for what is on its way; and runs of it in this process, in device time.
 * docs/ndf-mapping.rst
 */
#ifndef RILL_DATAFLOW_MAP_H
#define RILL_DATAFLOW_MAP_H

#include "rill_dataflow.h"

/* ---- the array ---- */

#define RILL_MAP_MAX_PS		1000000000000ULL

/* A grid of chiplets, numbered along the rows. A chiplet fires one node at a time; links join neighbours. */
struct rill_array {
	uint32_t rows, cols;		/* rows * cols: 1..RILL_NDF_MAX_CHIPLETS */
	/* Picoseconds, each at most RILL_MAP_MAX_PS. Of a firing; SOURCE and SINK count as where: */
	uint64_t op_ps, when_ps, where_ps, memory_ps;
	uint64_t hop_ps;		/* latency of a link */
	uint64_t token_ps;		/* that a token, credit or message occupies a link */
	uint64_t wave_gap_ps;		/* pause after a wave that saw the program was still at work */
};

/* 800 MHz and links of 20 ns and 96 GB/s, as the chip has by default; an access to memory takes 20 ns. */
void rill_array_default(struct rill_array *array, uint32_t rows, uint32_t cols);

/* ---- mapping ---- */

#define RILL_MAP_ALL		(~0ULL)		/* chiplets: all that there are */
#define RILL_MAP_CAPACITY	512u
#define RILL_MAP_SLACK		25u
#define RILL_MAP_FIRINGS	10000000u

enum rill_map_lanes {
	RILL_LANES_TRIED,		/* cut where a trial run gives the same with lanes as without */
	RILL_LANES_NEVER,
	RILL_LANES_UNTRIED,		/* cut all that can be cut, without a trial run */
};

struct rill_map_options {
	struct rill_array array;
	uint64_t chiplets;		/* bitmap of those that may be used, or RILL_MAP_ALL */
	enum rill_map_lanes lanes;
	/* Nodes on a chiplet, at most; 0: no limit. others: OPs, SOURCEs and SINKs. */
	uint32_t whens, wheres, others;
	uint32_t slack;			/* percent, of a chiplet's load above its share; 0: RILL_MAP_SLACK */
	uint32_t capacity;		/* that arcs between chiplets may get; 0: RILL_MAP_CAPACITY */
	uint64_t firings;		/* of a trial run; 0: RILL_MAP_FIRINGS */
	uint64_t seed;			/* of the search; the same seed gives the same placement */
};

struct rill_map_chiplet {
	uint32_t whens, wheres, others;
	uint64_t firings, load_ps;	/* of the trial run */
};

struct rill_map_stats {
	uint32_t nodes, arcs;		/* of the graph as it is now */
	/* wheres: that could be cut, that were, and in how many lanes */
	uint32_t candidates, cut_wheres, lanes;
	const char *whole;		/* why they are not all cut; NULL: they are */
	uint64_t whole_steps, steps;	/* of the trial run on the host, without and with lanes; 0: there was none */
	bool tried;			/* rates and loads are those of a trial run; else each arc has one token */
	struct rill_map_chiplet chiplet[RILL_NDF_MAX_CHIPLETS];
	uint32_t cut_arcs;		/* between chiplets */
	uint64_t tokens, cut_tokens;	/* over all arcs, over these */
	/* Sum of tokens x hops: nodes dealt out in turn, as the search began, and as it is */
	uint64_t dealt_traffic, first_traffic, traffic;
	uint32_t raised;		/* arcs that got more room */
	uint32_t short_arcs;		/* arcs that should have more than they may */
	uint64_t slots;			/* capacity of all arcs */
};

/* 0, -EINVAL or -ENOMEM; error (RILL_GRAPH_ERROR_BYTES) says why, by field and limit. stats may be NULL. */
int rill_graph_map(struct rill_graph *graph, const struct rill_map_options *options, struct rill_map_stats *stats,
		   char *error);
/* A binary into a binary, from malloc() */
int rill_ndf_map(const void *binary, size_t bytes, const struct rill_map_options *options, void **mapped,
		 size_t *mapped_bytes, struct rill_map_stats *stats, char *error);

/* ---- runs ---- */

/*
 * A run of rill_dataflow.h on an array in this process, with nodes where the graph has them. rill_run_go() has
 * no steps, and after LIMIT it does not go on. NULL: error says why.
 */
struct rill_run *rill_run_new_on_array(struct rill_graph *graph, const struct rill_array *array, char *error);

struct rill_array_counts {
	uint64_t time_ps;		/* when the end was known */
	uint64_t settled_ps;		/* when it came to be; UINT64_MAX: it has not */
	uint64_t waves, messages;	/* that found it */
	struct {
		uint64_t firings, busy_ps;
		uint64_t link[4];	/* tokens and credits that left to the east, west, south, north */
	} chiplet[RILL_NDF_MAX_CHIPLETS];
};

/* False: no run on an array */
bool rill_run_array_counts(const struct rill_run *run, struct rill_array_counts *counts);

#endif
