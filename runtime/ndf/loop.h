/* SPDX-License-Identifier: MIT */
/* Loops that are not fused: what loop.c asks of loop_merge.c. */
#ifndef RILL_NDF_LOOP_H
#define RILL_NDF_LOOP_H

#include "flow.h"

uint32_t rill_loop_slot(struct rill_flow *flow, struct flow_loop *loop, uint32_t var, struct rill_value entry);

/* The condition is known: its `when`. */
void rill_merge_begin(struct rill_flow *flow, struct flow_loop *loop);
/* A slot's value before the condition. */
struct rill_value rill_merge_output(struct rill_flow *flow, struct flow_loop *loop, uint32_t slot);
void rill_merge_connect(struct rill_flow *flow, struct flow_loop *loop, uint32_t slot);
void rill_merge_finish(struct rill_flow *flow, struct flow_loop *loop);
/* An invariant that the condition sees goes round with the variables. */
struct rill_value rill_merge_import(struct rill_flow *flow, uint32_t loop, struct rill_value value);
struct rill_value rill_gate_import(struct rill_flow *flow, struct flow_loop *loop, struct rill_value value);
struct rill_value rill_gate_exit(struct rill_flow *flow, struct flow_loop *loop, uint32_t index, uint32_t slot);

#endif
