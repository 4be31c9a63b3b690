/* SPDX-License-Identifier: MIT */
/*
 * librill, MoE: models, routing, integer layers, plans and the dense reference.
 *
 * Shapes: T tokens, d = hidden, f = width, E = routed experts, k = top_k.
 * Experts are numbered 0..E-1 (routed), then E.. (shared: every token selects
 * them). Source of the dataflow: FSE-DP, arXiv 2603.27624; models and quantisation are ours.
 *
 * Functions that return int give 0 or a negative errno: -ENOMEM, -EINVAL for what is out of range, that of
 * a file that cannot be read, and what is said of them below.
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
/* Tokens of a layer in a trace. */
int rill_routing_length(const char *path, const struct rill_model *model, uint32_t layer,
			uint32_t *tokens, char *error);
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
enum rill_weight_format { RILL_WEIGHTS_INT8, RILL_WEIGHTS_INT4, RILL_WEIGHTS };

/* "int8", "int4" */
const char *rill_weights_name(enum rill_weight_format weights);

/* One layer with its batch: all that the result depends on, and nothing of how it is computed. */
struct rill_layer {
	const struct rill_model *model;
	uint32_t layer, tokens;
	uint64_t seed;			/* weights of expert e: rill_pattern(rill_layer_expert_seed(), ...) */
	enum rill_weight_format weights;
	struct rill_routing routing;	/* owned */
	uint16_t *homes;		/* [tokens]: chiplets; NULL: the planner deals tokens evenly */
	int8_t *x;			/* [tokens][hidden] */
	int8_t silu[256];
	struct rill_requant *requant;	/* [experts + shared] */
	uint32_t out_shift;
	/* Of a layer of which a pass computes only a part; else NULL: top_k routed experts and the shared ones */
	uint32_t *pick_count;		/* [tokens], each at most top_k + shared */
	struct rill_pick *picks;	/* [tokens][top_k + shared] */
};

/* A token's selection: an expert and the integer weight. */
struct rill_pick {
	uint32_t expert;
	int32_t weight;
};

/* With int8 weights. Takes ownership of *routing, on failure too. */
int rill_layer_create(const struct rill_model *model, uint32_t layer, struct rill_routing *routing,
		      uint64_t seed, struct rill_layer **out, char *error);
/* INT4: hidden is a multiple of RILL_INT4_GROUP. */
int rill_layer_create_with(const struct rill_model *model, uint32_t layer,
			   struct rill_routing *routing, uint64_t seed, enum rill_weight_format weights,
			   struct rill_layer **out, char *error);
void rill_layer_free(struct rill_layer *layer);
uint32_t rill_layer_experts(const struct rill_layer *layer);		/* routed + shared */
uint32_t rill_layer_width(const struct rill_layer *layer, uint32_t expert);
uint64_t rill_layer_expert_seed(const struct rill_layer *layer, uint32_t expert);
/* Experts that token t selects */
uint32_t rill_layer_picks(const struct rill_layer *layer, uint32_t t);
/* Selection i of token t, i < rill_layer_picks(): expert and integer weight. */
void rill_layer_select(const struct rill_layer *layer, uint32_t t, uint32_t i, uint32_t *expert,
		       int32_t *weight);

/* The layer's tokens are numbers first .. of a longer sequence: other activations. -EINVAL: not all are below 2^20. */
int rill_layer_renumber(struct rill_layer *layer, uint32_t first);

/* Where the tokens are when the pass starts: a copy of homes[tokens]. -ENOMEM */
int rill_layer_set_homes(struct rill_layer *layer, const uint16_t *homes);

/*
 * Dense reference, independent of the chip's code: out[n][hidden] for the n
 * given tokens (NULL: all). Uses up to `threads` threads. Weights come from
 * rill_pattern() again, not from the chip's memory.
 */
int rill_reference(const struct rill_layer *layer, const uint32_t *tokens, uint32_t n,
		   unsigned int threads, int64_t *out);

/*
 * Token buffering: over the passes of one layer for consecutive batches, tokens whose requests have slack
 * leave (token, expert) pairs to a later pass, so that experts that few tokens select are loaded
 * less often. Nothing is dropped: each pair is computed once, in the pass of its batch or one of
 * the `age` passes after it. Passes give accumulators unrounded (out_shift 0); rill_buffering_add() sums them up and
 * rill_buffering_round() rounds the sums, to the very bits of the batch computed at once.
 */
struct rill_buffering_options {
	uint32_t percent;		/* tokens that wait at the end of a pass, of its batch's: at most, 0..100 */
	uint32_t age;			/* passes that a pair waits: at most, 1.. */
	double slack;			/* share of the tokens that can wait, 0..1 */
	uint64_t seed;			/* which ones those are */
};

struct rill_buffering_row {
	uint32_t batch, token;
};

struct rill_buffering_pass {
	struct rill_layer *layer;	/* tokens: one for each row */
	struct rill_buffering_row *rows;
	uint32_t waiting;		/* tokens at its end */
};

struct rill_buffering {
	uint32_t count;			/* of batches, and passes */
	struct rill_buffering_pass *passes;
	uint32_t **done;		/* [batch][token]: pass that completes it */
	uint64_t deferred;		/* pairs that were not computed in their batch's pass */
};

/* Batches: layers of one model, layer number, seed and weights. */
int rill_buffering_create(struct rill_layer *const *batches, uint32_t count,
			  const struct rill_buffering_options *options, struct rill_buffering **out,
			  char *error);
void rill_buffering_free(struct rill_buffering *buffering);
/* Outputs of a pass into the sums of its tokens' batches, sums[batch][tokens][hidden]. */
void rill_buffering_add(const struct rill_buffering *buffering, uint32_t pass, const int64_t *out,
			int64_t *const *sums);
/* From a batch's sums to its outputs, in place. */
void rill_buffering_round(const struct rill_layer *batch, int64_t *sums);

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

/* What tokens other than a pass's select, for planners that place experts by it. */
struct rill_popularity {
	uint32_t experts, tokens;	/* routed ones; tokens that were counted */
	uint32_t *picks;		/* [experts]: tokens that select it, */
	uint32_t (*home)[RILL_MAX_CHIPLETS];	/* by where tokens of their place in a batch are at home */
};

int rill_popularity_create(uint32_t experts, struct rill_popularity *popularity);
void rill_popularity_free(struct rill_popularity *popularity);
/* Count tokens; token t is number t % batch of a batch, whose homes are given. */
void rill_popularity_add(struct rill_popularity *popularity, const struct rill_routing *routing,
			 const uint16_t *homes, uint32_t batch);
/*
 * Count up to 4096 tokens of the layer's source other than numbers first .. end - 1: those after, then those
 * before. -ENODATA if there are none.
 */
int rill_popularity_measure(const struct rill_layer *layer, const struct rill_plan_chip *chip,
			    const struct rill_routing_source *source, uint32_t first, uint64_t end,
			    struct rill_popularity *popularity, char *error);

enum rill_load_order {
	RILL_ORDER_LOOKAHEAD,		/* slices of all experts mixed by their counts */
	RILL_ORDER_PAIRED,		/* hottest expert, coldest, second hottest, ... */
};

struct rill_plan;

struct rill_plan_cost {
	uint64_t ps;			/* from the start of its pass to the end */
	uint64_t sram_bytes;		/* weights and tokens, at most, on the fullest chiplet */
};

struct rill_plan_options {
	enum rill_load_order order;	/* of fse-dp */
	/*
	 * Of sliced strategies. trial: for passes that keep the MAC arrays busy, try several plans, see
	 * rill_trial_run(); NULL: none. The one with the least SRAM is taken of those that take no longer
	 * than the fastest and trade_permille more.
	 */
	int (*trial)(void *opaque, const struct rill_layer *layer, const struct rill_plan *plan,
		     struct rill_plan_cost *cost, char *error);
	void *trial_opaque;
	uint32_t trade_permille;
	/* Of micro-slices; 0: the strategy's choice. ep, which moves whole experts, has no use for them. */
	uint32_t slices;		/* per expert */
	uint32_t slots;			/* per chiplet */
	/*
	 * Of fse-dp. redispatch: compute tokens away from home where that shortens the pass by the planner's
	 * estimate. group: gather the tokens of experts with few of them on so many chiplets, where that moves
	 * fewer bytes; 0: never. What moves is activations there and accumulators back.
	 */
	bool redispatch;
	uint32_t group;
	/* Of hydra and hydra-sliced, which need it: of tokens other than the pass's. */
	const struct rill_popularity *popularity;
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
	uint32_t trials;		/* plans that were tried to choose this one */
};

struct rill_strategy {
	const char *name;
	bool wants_popularity;		/* in its options */
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

/* SRAM on each chiplet with which the chip takes the plan. Planners return -ENOSPC where there is less. */
uint64_t rill_plan_sram_needed(const struct rill_layer *layer, const struct rill_plan *plan);

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
	uint64_t rules_weights;		/* 0: none */
	uint32_t timeline_entries;
	uint32_t job_count;		/* PASS_BEGIN, streams, PASS_END */
};

struct rill_encode_options {
	bool timing_only, timeline;
	const void *rules;		/* NDF binary, or NULL: built in */
	size_t rules_bytes;
	/* Of the rules, for each chiplet of the chip, as RILL_PASS_RULES_WEIGHTS has them; NULL: the program's own */
	const void *rules_weights;
	size_t rules_weights_bytes;
	/* Not 0: the address of rules with weights behind them, which passes go on with one after the other */
	uint64_t rules_kept;
};

/* Size of the buffer; then write all blocks into it and fill jobs[encoded->job_count]. */
void rill_plan_measure(const struct rill_layer *layer, const struct rill_plan *plan,
		       const struct rill_encode_options *options, struct rill_encoded *encoded);
void rill_plan_encode(const struct rill_layer *layer, const struct rill_plan *plan,
		      const struct rill_encode_options *options, const struct rill_encoded *encoded,
		      void *buffer, uint64_t va, const uint64_t *weights_va, struct drm_rill_job *jobs);

/*
 * Trials: what a plan would take, by the chip's model in this process: one of its own, with the
 * device's figures and the links as they are at the first trial, without arithmetic. NULL: out of memory.
 */
struct rill_device;
struct rill_trial;

struct rill_trial *rill_trial_create(struct rill_device *device, uint64_t chiplet_mask);
void rill_trial_free(struct rill_trial *trial);
/* rill_plan_options.trial; opaque: the struct rill_trial. Device time does not depend on earlier ones. */
int rill_trial_run(void *opaque, const struct rill_layer *layer, const struct rill_plan *plan,
		   struct rill_plan_cost *cost, char *error);

#endif
