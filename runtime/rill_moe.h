/* SPDX-License-Identifier: MIT */
/*
 * librill, MoE: models, routing, integer layers, plans and the dense reference.
 *
 * Shapes: T tokens, d = hidden, f = width, E = routed experts, k = top_k.
 * Experts are numbered 0..E-1 (routed), then E.. (shared: every token selects
 * them). Source of the dataflow: FSE-DP, arXiv 2603.27624; models and quantisation are ours.
 */
#ifndef RILL_MOE_H
#define RILL_MOE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rill_accel.h"
#include "rill_stream.h"

struct rill_model {
	const char *name;
	uint32_t hidden, width, experts, top_k;
	uint32_t shared, shared_width;	/* number of shared experts and the width of each */
	uint32_t layers;		/* MoE layers */
	uint32_t first_layer;		/* number of the first one, as traces count */
};

const struct rill_model *rill_model_find(const char *name);
const struct rill_model *rill_model_at(size_t index);	/* NULL past the end */

/* Which experts a batch of tokens selects. expert and weight are [tokens][top_k]. */
struct rill_routing {
	uint32_t tokens, top_k;
	uint16_t *expert;
	float *weight;
	char source[128];		/* where it came from, for reports */
};

/* `error`, where taken, is a buffer of RILL_ERROR_BYTES for a sentence that names file, line, field and limit. */
#define RILL_ERROR_BYTES 256

/*
 * Tokens first .. first + tokens - 1 of a layer from a trace, counted in the order of their
 * lines: JSON lines with layer, token, topk_ids, topk_weights, or CSV `layer,token,e0..,w0..`. -ENODATA
 * if it has fewer. On failure *routing is empty.
 */
int rill_routing_load(const char *path, const struct rill_model *model, uint32_t layer,
		      uint32_t first, uint32_t tokens, struct rill_routing *routing, char *error);
/* Seeded and reproducible: experts drawn without replacement with Zipf(s) popularity. */
int rill_routing_zipf(const struct rill_model *model, uint32_t layer, uint32_t tokens, double s,
		      uint64_t seed, struct rill_routing *routing, char *error);
/*
 * Seeded, reproducible, and as skewed as the model's real routing, or as its family's (see
 * docs/fse-dp.rst). Tokens first .. of an endless batch.
 */
int rill_routing_calibrated(const struct rill_model *model, uint32_t layer, uint32_t first,
			    uint32_t tokens, uint64_t seed, struct rill_routing *routing, char *error);
/* The model whose routing the calibrated one is like. */
const char *rill_routing_family(const struct rill_model *model);
void rill_routing_free(struct rill_routing *routing);

struct rill_routing_source {
	const char *trace;		/* file; NULL: synthetic, calibrated unless zipf */
	bool zipf;
	double exponent;		/* of zipf */
	uint64_t seed;			/* of synthetic routing */
};

int rill_routing_from(const struct rill_routing_source *source, const struct rill_model *model,
		      uint32_t layer, uint32_t first, uint32_t tokens,
		      struct rill_routing *routing, char *error);

/* How skewed a batch is. */
struct rill_routing_skew {
	double distinct;		/* experts with tokens */
	double hottest;			/* tokens of the hottest expert over the mean */
	double tenth;			/* share of the picks that goes to the hottest tenth of the experts */
	double chiplet;			/* most loaded chiplet over the mean, expert e at e mod chiplets */
};

void rill_routing_skew(const struct rill_routing *routing, uint32_t experts, uint32_t chiplets,
		       struct rill_routing_skew *skew);
/* Means over real batches of 16, 64, 256 or 1024 tokens on four chiplets; NULL where nothing was measured. */
const struct rill_routing_skew *rill_routing_target(const struct rill_model *model, uint32_t tokens);

/* Requantisers of one expert, see struct rill_stream. */
struct rill_requant {
	uint32_t gate_mult, up_mult, act_mult;
	uint8_t gate_shift, up_shift, act_shift;
	int32_t scale;			/* expert's scale: route weight = round(gate weight * scale) */
};

/* How weights lie in the DDR: rill_stream.h's records of int8, or of INT4 streams. */
enum rill_weights { RILL_WEIGHTS_INT8, RILL_WEIGHTS_INT4, RILL_WEIGHTS };

/* "int8", "int4" */
const char *rill_weights_name(enum rill_weights weights);

/* One layer with its batch: all that the result depends on, and nothing of how it is computed. */
struct rill_layer {
	const struct rill_model *model;
	uint32_t layer, tokens;
	uint64_t seed;			/* weights of expert e: rill_pattern(rill_layer_expert_seed(), ...) */
	enum rill_weights weights;
	struct rill_routing routing;	/* owned */
	int8_t *x;			/* [tokens][hidden] */
	int8_t silu[256];
	struct rill_requant *requant;	/* [experts + shared] */
	uint32_t out_shift;
};

/* With int8 weights. Takes ownership of *routing, on failure too. */
int rill_layer_create(const struct rill_model *model, uint32_t layer, struct rill_routing *routing,
		      uint64_t seed, struct rill_layer **out, char *error);
/* INT4: hidden is a multiple of RILL_INT4_GROUP. */
int rill_layer_create_with(const struct rill_model *model, uint32_t layer,
			   struct rill_routing *routing, uint64_t seed, enum rill_weights weights,
			   struct rill_layer **out, char *error);
void rill_layer_free(struct rill_layer *layer);
uint32_t rill_layer_experts(const struct rill_layer *layer);		/* routed + shared */
uint32_t rill_layer_width(const struct rill_layer *layer, uint32_t expert);
uint64_t rill_layer_expert_seed(const struct rill_layer *layer, uint32_t expert);
/* Selection i of token t, i < top_k + shared: expert and integer weight. */
void rill_layer_select(const struct rill_layer *layer, uint32_t t, uint32_t i, uint32_t *expert,
		       int32_t *weight);

/*
 * Dense reference, independent of the chip's code: out[n][hidden] for the n
 * given tokens (NULL: all). Uses up to `threads` threads. Weights come from
 * rill_pattern() again, not from the chip's memory.
 */
int rill_reference(const struct rill_layer *layer, const uint32_t *tokens, uint32_t n,
		   unsigned int threads, int64_t *out);

/* What a planner must know of the chip. */
struct rill_plan_chip {
	uint32_t rows, cols, channels;
	uint32_t channel_chiplet[RILL_MAX_CHANNELS];
	uint64_t chiplet_mask, sram_bytes;
	uint64_t mac_per_second;	/* per chiplet */
	uint64_t ddr_bytes_per_second;	/* per channel */
	uint64_t link_bytes_per_second;	/* per direction */
};

/* From what the device says (its channels in order); chiplet_mask 0: all chiplets. */
void rill_plan_chip_describe(const struct drm_rill_chip_info *info,
			     const struct drm_rill_channel_info *channels, uint64_t chiplet_mask,
			     struct rill_plan_chip *chip);

enum rill_load_order {
	RILL_ORDER_LOOKAHEAD,		/* slices of all experts mixed by their counts */
	RILL_ORDER_PAIRED,		/* hottest expert, coldest, second hottest, ... */
};

struct rill_plan_options {
	enum rill_load_order order;	/* of fse-dp */
	/* Of micro-slices; 0: the strategy's choice. ep, which moves whole experts, has no use for them. */
	uint32_t slices;		/* per expert */
	uint32_t slots;			/* per chiplet */
};

struct rill_plan_slice {
	uint32_t first, records;	/* records of the expert */
	uint16_t pin, channel;
	uint64_t offset;		/* of the slice, in the plan's weights of that channel, bytes */
};

struct rill_plan_stream {
	uint32_t expert, flags, slice_count, route_count;
	struct rill_plan_slice *slices;
	struct rill_route *routes;	/* little-endian, as the chip reads them */
};

/* A schedule as data: all that a strategy decides. */
struct rill_plan {
	const char *strategy;
	uint32_t slots;
	uint16_t *homes;		/* [tokens] */
	uint32_t stream_count;
	struct rill_plan_stream *streams;	/* in load order, if there is no other */
	uint32_t *loads;		/* struct rill_pass.loads, or NULL */
	uint32_t pass_flags;		/* RILL_PASS_*, but for TIMING_ONLY */
	uint64_t channel_bytes[RILL_MAX_CHANNELS];	/* of weights */
	uint64_t timeline_bound;	/* no pass of this plan has more intervals */
};

struct rill_strategy {
	const char *name;
	int (*plan)(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		    const struct rill_plan_options *options, struct rill_plan *plan, char *error);
};

const struct rill_strategy *rill_strategy_find(const char *name);
const struct rill_strategy *rill_strategy_at(size_t index);
void rill_plan_free(struct rill_plan *plan);

/*
 * For a pass that follows another on its queue: mark what is known before the gate (shared experts),
 * and bring up to `ahead` of these slices behind each channel to the head of the load order, where the
 * chip may load them at the end of the pass before. Their weights must be in place by then.
 */
int rill_plan_known(const struct rill_layer *layer, struct rill_plan *plan, uint32_t ahead, char *error);

/*
 * Check what every plan must keep: each (token, expert) exactly once over the records, every slice
 * once, pins and homes on the chip. 0 or -EINVAL with a sentence.
 */
int rill_plan_check(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		    const struct rill_plan *plan, char *error);

/*
 * What a pass cannot beat; latencies and start-ups count for nothing, all is rounded up. ps is the
 * largest of:
 *  ddr: bytes of the selected experts, each once / bandwidth of all channels at allowed chiplets;
 *  mac: multiply-accumulates of the chiplet with most tokens, each token computed at its home / MAC rate;
 *  link: bytes over the busiest directed link, as this pass moved them / nominal link bandwidth.
 * ddr and mac are the same for every strategy. ddr holds for any schedule that loads weights in the
 * pass, mac for those that compute tokens at home: one that balances tokens better may beat it.
 */
enum rill_bound { RILL_BOUND_DDR, RILL_BOUND_MAC, RILL_BOUND_LINK };

struct rill_plan_bound {
	uint64_t ps;
	enum rill_bound by;
	uint64_t ddr_ps, mac_ps, link_ps;
};

/* From what a pass did (report; NULL: no link term) and what it had to do (plan). */
void rill_plan_bound(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		     const struct rill_plan *plan, const struct rill_pass_report *report,
		     struct rill_plan_bound *bound);

/* FILL ranges that write the plan's weights; weights_va[c] is where channel c's weights are bound. */
size_t rill_plan_fill_count(const struct rill_plan *plan);
void rill_plan_fill(const struct rill_layer *layer, const struct rill_plan *plan,
		    const uint64_t *weights_va, struct rill_fill_range *ranges);

/* Where an encoded pass keeps its parts: byte offsets into the buffer. */
struct rill_encoded {
	uint64_t bytes;			/* of the whole buffer */
	uint64_t out, report, timeline;	/* timeline: 0 if none */
	uint32_t timeline_entries;
	uint32_t job_count;		/* PASS_BEGIN, streams, PASS_END */
};

struct rill_encode_options {
	bool timing_only, timeline;
	const void *rules;		/* NDF binary, or NULL: built in */
	size_t rules_bytes;
};

/* Size of the buffer; then write all blocks into it and fill jobs[encoded->job_count]. */
void rill_plan_measure(const struct rill_layer *layer, const struct rill_plan *plan,
		       const struct rill_encode_options *options, struct rill_encoded *encoded);
void rill_plan_encode(const struct rill_layer *layer, const struct rill_plan *plan,
		      const struct rill_encode_options *options, const struct rill_encoded *encoded,
		      void *buffer, uint64_t va, const uint64_t *weights_va, struct drm_rill_job *jobs);

#endif
