/* SPDX-License-Identifier: MIT */
/* Gates of any size in a graph of their own, and what they must choose, by plain C. */
#ifndef GATE_RIG_H
#define GATE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "rill_dataflow.h"

#define GATE_RIG_WORDS	RILL_GATE_WORDS(RILL_GATE_EXPERTS)

static const uint32_t gate_rig_sizes[] = { 1, 8, 60, 64, 65, 100, 128, 256 };
static const uint32_t gate_rig_capacities[] = { 1, 2, 4 };

#define GATE_RIG_SIZES	(sizeof(gate_rig_sizes) / sizeof(gate_rig_sizes[0]))

/* Random words from a seed */
struct gate_draw {
	uint64_t seed, count;
};

int64_t gate_draw(struct gate_draw *draw, int64_t below);
/* In -range / 2 .. range / 2: many equals, or hardly any */
void gate_draw_many(struct gate_draw *draw, int64_t *words, size_t count, int64_t range);

/* What a gate knows */
struct plain_gate {
	int64_t theta[RILL_GATE_EXPERTS], rate[RILL_GATE_EXPERTS];
};

/* The mask for a token, the lowest of equals first; and homeostasis, if the gate has balance */
void plain_choose(const struct rill_gate *gate, struct plain_gate *plain, const int64_t *logits, uint64_t *mask);

struct gate_rig {
	struct rill_graph *graph;
	struct rill_gate_ports ports;
	struct rill_run *run;
	uint32_t tokens;
};

/* capacity 0: as arcs have it. Sinks 0 .. words - 1 take the masks, and all that is to do is done. */
void gate_rig_build(struct gate_rig *rig, const struct rill_gate *gate, const int64_t *logits, uint32_t tokens,
		    uint32_t capacity);
/* order_seed: as of rill_run_new(). It must finish. */
void gate_rig_run(struct gate_rig *rig, uint64_t order_seed);
const uint64_t *gate_rig_sink(const struct gate_rig *rig, uint32_t sink);
/* All masks are plain_choose()'s, which goes on with what `plain` knows. */
void gate_rig_expect(const struct gate_rig *rig, const struct rill_gate *gate, struct plain_gate *plain,
		     const int64_t *logits);
void gate_rig_free(struct gate_rig *rig);

/* A test of a gate with logits of that range, arcs of that capacity, and an order of firings as of rill_run_new() */
typedef void (*gate_test)(const struct rill_gate *gate, int64_t range, uint32_t capacity, uint64_t order_seed);

/* Of all sizes, top_k 1 to 8, at all capacities, with many equals and with hardly any */
void gate_rig_all_sizes(gate_test test);

#endif
