/* SPDX-License-Identifier: MIT */
/* What the files of runtime/moe share. */
#ifndef RILL_MOE_INTERNAL_H
#define RILL_MOE_INTERNAL_H

#include <endian.h>

#include "rill_moe.h"

#define RILL_MATRICES		3	/* gate, up, down: a record is 3 * hidden weights */
#define RILL_MAX_EXPERTS	1024	/* routed + shared, of a layer: one stream each */
#define RILL_SCALE_SHIFT	12	/* an expert's scale is about 2^12 */
#define RILL_TOKEN_BYTES	7	/* on a chiplet, of an element: int8 and a 48-bit accumulator */
#define RILL_SLICE_BYTES	270336	/* aimed at: short to fill a pipeline, long against overheads */
#define RILL_GATE_LIMIT		1024.0	/* largest |gate weight| of a trace */

/* Write a sentence (cut at the end if need be) and return code. */
int rill_moe_error(char *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

int rill_routing_alloc(const struct rill_model *model, uint32_t tokens,
		       struct rill_routing *routing, char *error);
/* rill_routing_zipf() without its first tokens */
int rill_zipf_from(const struct rill_model *model, uint32_t layer, uint32_t first, uint32_t tokens,
		   double s, uint64_t seed, struct rill_routing *routing, char *error);

/* Multiply-accumulates of a token with a record, whatever the weights' format */
static inline uint64_t rill_record_macs(const struct rill_layer *layer)
{
	return (uint64_t)RILL_MATRICES * layer->model->hidden;
}

static inline uint64_t rill_record_bytes(const struct rill_layer *layer)
{
	return layer->weights == RILL_WEIGHTS_INT4 ? rill_int4_record_bytes(layer->model->hidden) :
						     rill_record_macs(layer);
}

/* The most that a token can select */
static inline uint32_t rill_layer_most_picks(const struct rill_layer *layer)
{
	return layer->model->top_k + layer->model->shared;
}

/* Chiplets that a pass may use, in ascending order, and the DDR channels that hang off them. */
struct rill_plan_array {
	uint32_t chiplets, channels;
	uint16_t chiplet[RILL_MAX_CHIPLETS];
	uint16_t channel[RILL_MAX_CHANNELS];
};

int rill_plan_array(const struct rill_plan_chip *chip, struct rill_plan_array *array, char *error);
uint32_t rill_plan_hops(const struct rill_plan_chip *chip, uint32_t a, uint32_t b);

/* A chiplet's own channel, or else the nearest; of several, the one that serves least: counted in served[]. */
uint16_t rill_plan_nearest_channel(const struct rill_plan_chip *chip,
				   const struct rill_plan_array *array, uint32_t chiplet,
				   uint32_t *served);

/* Tokens of every expert. */
struct rill_plan_counts {
	uint32_t experts;
	uint32_t n[RILL_MAX_EXPERTS];
};

void rill_plan_count(const struct rill_layer *layer, struct rill_plan_counts *counts);
/* Those with tokens: most of them first, shared before routed, then by number. Returns how many. */
uint32_t rill_plan_hottest(const struct rill_layer *layer, const struct rill_plan_counts *counts,
			   uint32_t *sorted);
/* Slices of an expert that is striped over channels, if possible a multiple of them; wanted 0: of RILL_SLICE_BYTES */
uint32_t rill_plan_stripes(const struct rill_layer *layer, uint32_t expert, uint32_t channels,
			   uint32_t wanted);

/* Deal the tokens to the allowed chiplets in contiguous blocks, balanced to one token. */
int rill_plan_homes(const struct rill_layer *layer, const struct rill_plan_array *array,
		    struct rill_plan *plan, char *error);
/* Room for the streams of all experts with tokens; stream_count stays 0. */
int rill_plan_streams(const struct rill_plan_counts *counts, struct rill_plan *plan, char *error);
/* Append a stream with room for slices and routes. NULL: out of memory. */
struct rill_plan_stream *rill_plan_stream(struct rill_plan *plan, uint32_t expert, uint32_t slices,
					  uint32_t routes);
/* Slice index of `count` near-equal ones over `width` records. */
void rill_plan_cut(struct rill_plan_slice *slice, uint32_t index, uint32_t count, uint32_t width);
void rill_plan_route(struct rill_plan_stream *stream, uint32_t token, uint32_t chiplet,
		     int32_t weight);
/* Does token t select this expert? Then *weight is the integer gate weight. */
bool rill_plan_selects(const struct rill_layer *layer, uint32_t t, uint32_t expert, int32_t *weight);

/* Slots of that size that fit beside so many tokens (activations and accumulators) on a chiplet */
uint32_t rill_plan_fit(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		       uint64_t tokens, uint64_t slot_bytes);

/* Of the largest slice */
uint64_t rill_plan_slot_bytes(const struct rill_layer *layer, const struct rill_plan *plan);
/* -ENOSPC if the plan does not fit. */
int rill_plan_check_sram(const struct rill_layer *layer, const struct rill_plan_chip *chip,
			 const struct rill_plan *plan, char *error);

/*
 * Set plan->loads to the lookahead order, see load_order.c. lead: in slices behind each channel, by how
 * much the MAC arrays' share of the work is loaded ahead of its mean. 0 or -ENOMEM.
 */
int rill_plan_mix_loads(const struct rill_plan_array *array, struct rill_plan *plan, double lead);

/* Slices of all streams */
size_t rill_plan_slices(const struct rill_plan *plan);

/* After all streams: offsets, channel_bytes, timeline_bound. -ENOSPC if it does not fit. */
int rill_plan_place(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		    struct rill_plan *plan, char *error);

extern const struct rill_strategy rill_strategy_fse_dp;
extern const struct rill_strategy rill_strategy_ep;
extern const struct rill_strategy rill_strategy_ep_sliced;
extern const struct rill_strategy rill_strategy_hydra;
extern const struct rill_strategy rill_strategy_hydra_sliced;
extern const struct rill_strategy rill_strategy_tp;
extern const struct rill_strategy rill_strategy_fsdp;

#endif
