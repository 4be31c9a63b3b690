/* SPDX-License-Identifier: MIT */
/* Mapping from within: what its steps hand to each other. */
#ifndef RILL_NDF_MAP_H
#define RILL_NDF_MAP_H

#include "graph.h"
#include "ndf/ndf.h"
#include "rill_dataflow_map.h"

/* ---- map_lanes.c: which ports of a where belong together ---- */

struct map_lanes {
	uint32_t count;				/* 1: it cannot be cut */
	uint8_t input[RILL_NDF_MAX_PORTS];	/* lane of each */
	uint8_t output[RILL_NDF_MAX_PORTS];
};

#define MAP_MAX_MASK_ROWS 8u			/* a MASK becomes a table of 2^rows patterns */

/* own[o]: inputs to which an arc leads from output o of the same node */
void map_find_lanes(const struct graph_node *node, const uint64_t *own, struct map_lanes *lanes);

/* ---- map_split.c ---- */

struct map_split {
	uint32_t *wheres;			/* nodes that can be cut, ascending */
	struct map_lanes *lanes;
	uint32_t count;
};

/* False: out of memory. */
bool map_split_find(const struct rill_graph *graph, struct map_split *split);
void map_split_free(struct map_split *split);
/* Cut those that are `chosen` (by number in split), NULL: all. New nodes come last. False: see rill_graph_error(). */
bool map_split_apply(struct rill_graph *graph, const struct map_split *split, const bool *chosen);

/* ---- map_order.c ---- */

/* Why lanes might change what the program does; NULL: they cannot. Out of memory is a reason, too. */
const char *map_order_unsafe(const struct rill_graph *graph);

/* ---- map_trial.c: a run on the host ---- */

struct map_trial {
	struct rill_ndf_program *program;
	struct rill_ndf_engine *engine;
	uint8_t *memory;
	uint64_t memory_bytes;
	enum rill_ndf_end end;
};

/* capacity: of all arcs, 0: as they are. 0, -EINVAL (see rill_graph_error()) or -ENOMEM */
int map_trial_run(struct rill_graph *graph, uint64_t firings, uint32_t capacity, struct map_trial *trial);
void map_trial_free(struct map_trial *trial);
bool map_trial_good(const struct map_trial *trial);	/* finished or quiescent */
uint64_t map_trial_steps(const struct map_trial *trial);
bool map_trial_same(const struct map_trial *a, const struct map_trial *b);
/* tokens[arc of the graph], firings[node]. False: out of memory. */
bool map_trial_rates(const struct map_trial *trial, const struct rill_graph *graph, uint64_t *tokens,
		     uint64_t *firings);

/* ---- map_cut.c: lanes, tried ---- */

int map_cut(struct rill_graph *graph, const struct rill_map_options *options, struct rill_map_stats *stats,
	    char *error);

/* ---- map_problem.c, map_place.c and map_refine.c ---- */

enum map_class { MAP_WHEN, MAP_WHERE, MAP_OTHER, MAP_CLASSES };

static inline enum map_class map_class_of(const struct graph_node *node)
{
	return node->kind == RILL_NDF_WHEN ? MAP_WHEN : node->kind == RILL_NDF_WHERE ? MAP_WHERE : MAP_OTHER;
}

struct map_rates {
	uint64_t *tokens;			/* of each arc */
	uint64_t *firings;			/* of each node */
};

/* An arc seen from one of its ends */
struct map_edge {
	uint32_t other;
	uint64_t weight;
};

struct map_problem {
	uint32_t nodes, places;			/* places: chiplets that may be used */
	uint8_t chiplet[RILL_NDF_MAX_CHIPLETS];	/* of each place */
	uint8_t hops[RILL_NDF_MAX_CHIPLETS][RILL_NDF_MAX_CHIPLETS];	/* between places */
	uint32_t *first;			/* [nodes + 1] into edges */
	struct map_edge *edges;
	uint64_t *load;				/* of each node */
	uint8_t *kind;				/* enum map_class */
	uint64_t total, share, most;		/* load: of all, for a place, and what one may have */
	uint32_t limit[MAP_CLASSES];		/* of nodes on a place */
	uint64_t seed;
	/* the solution */
	uint8_t *place;				/* of each node */
	uint64_t at[RILL_NDF_MAX_CHIPLETS];	/* load there */
	uint32_t count[RILL_NDF_MAX_CHIPLETS][MAP_CLASSES];
};

/* To be freed also after an error */
int map_problem_set(struct map_problem *problem, const struct rill_graph *graph,
		    const struct rill_map_options *options, const struct map_rates *rates, char *error);
void map_problem_free(struct map_problem *problem);

uint64_t map_traffic(const struct map_problem *problem, const uint8_t *place);
void map_put(struct map_problem *problem, uint32_t node, uint32_t place);
void map_move(struct map_problem *problem, uint32_t node, uint32_t place);
/* A first placement: grown along the heaviest arcs. False: out of memory. */
bool map_grow(struct map_problem *problem);
bool map_refine(struct map_problem *problem);

/* ---- map_capacity.c ---- */

void map_capacity(struct rill_graph *graph, const struct rill_map_options *options, struct rill_map_stats *stats);

/* ---- map.c ---- */

/* Errors as sentences; they return what it is. */
int map_bad(char *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
int map_no_memory(char *error);
int map_check_array(const struct rill_array *array, char *error);
uint32_t map_hops(const struct rill_array *array, uint32_t from, uint32_t to);
uint64_t map_cost(const struct rill_array *array, const struct graph_node *node);

#endif
