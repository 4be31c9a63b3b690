/* SPDX-License-Identifier: MIT */
/* A gate from within. */
#ifndef RILL_NDF_GATE_H
#define RILL_NDF_GATE_H

#include "graph.h"

#define RILL_GATE_MOST	(1LL << 62)	/* that a threshold can be */

/* The `when` that chooses among up to 64 experts: input e is expert e's logit, its token the mask */
uint32_t rill_gate_when(struct rill_graph *graph, const char *name, const struct rill_gate *gate);

/* More experts than a `when` has dimensions */
void rill_gate_wide(struct rill_graph *graph, const char *name, const struct rill_gate *gate,
		    struct rill_gate_ports *ports);

/* Homeostasis of a wide gate; `logit` are the nodes whose input 1 takes the threshold from the logit. */
void rill_gate_homeostasis(struct rill_graph *graph, const struct rill_gate *gate, const uint32_t *logit,
			   struct rill_gate_ports *ports);

/* Operations of one value and a word (from: RILL_NDF_NONE, or a node), and of two */
uint32_t rill_gate_op_word(struct rill_graph *graph, enum rill_ndf_op op, uint32_t from, uint64_t word);
uint32_t rill_gate_op_two(struct rill_graph *graph, enum rill_ndf_op op, uint32_t a, uint32_t b);

/* Experts of the mask's w-th word */
static inline uint32_t rill_gate_experts_of(uint32_t experts, uint32_t w)
{
	return experts - w * RILL_GATE_WORD < RILL_GATE_WORD ? experts - w * RILL_GATE_WORD : RILL_GATE_WORD;
}

#endif
