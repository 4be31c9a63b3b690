// SPDX-License-Identifier: MIT
/*
 * Routing as skewed as real models' is, for models without a trace. A token draws its experts without
 * replacement with popularity exp(logit); an expert's logit is the sum of
 *  - its standing in the layer: a normal quantile z by a seeded rank, spread * z^bend where z > 0,
 *    -spread * cold * |z|^bend below. It stays, so skew does not average out in large batches;
 *  - the topic: another rank's quantile times `topic`. It changes at random, every `length` tokens
 *    in the mean, so neighbours share experts and small batches touch fewer.
 * All draws are numbered by token, so a batch may start anywhere.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "synthetic.h"

/* Counters of a layer's seed, far apart from those of its own draws */
#define COUNTER_TOKEN	(1ULL << 32)
#define COUNTER_TOPIC	(1ULL << 33)
#define COUNTER_CHANGE	(1ULL << 34)

/* docs/fse-dp.rst says where the figures come from. */
static const struct family {
	const char *name;
	double first, last;		/* spread at a model's first and last layer */
	double cold, bend, topic;
	uint32_t length;
	struct rill_routing_skew target[4];	/* at 16, 64, 256, 1024 tokens; 0: not known */
} families[] = {
	{
		.name = "gpt-oss-20b", .first = 0.52, .last = 0.93, .cold = 1.9, .bend = 0.63,
		.target = {
			{ 23.4, 3.40, 0.28, 1.32 }, { 29.3, 2.87, 0.24, 1.25 },
			{ 31.3, 2.67, 0.23, 1.23 }, { 31.8, 2.63, 0.23, 1.23 },
		},
	},
	{
		.name = "deepseek-v2-lite", .first = 0.80, .last = 0.80, .cold = 1.7, .bend = 1,
		.topic = 0.64, .length = 15,
		.target = {
			{ 38.4, 5.88, 0.38, 1.35 }, { 56.5, 4.79, 0.31, 1.28 },
			{ 63.0, 4.46, 0.29, 1.26 }, { 63.9, 4.36, 0.29, 1.25 },
		},
	},
	{
		.name = "olmoe-1b-7b", .first = 0.83, .last = 0.83, .cold = 0.85, .bend = 1.2,
		.topic = 0.64, .length = 15,
	},
	{
		.name = "mixtral-8x7b", .first = 0.13, .last = 0.13, .cold = 1.1, .bend = 1,
		.topic = 0.64, .length = 15,
	},
};

/* Models that have no trace, and whose routing theirs is taken to be like */
static const struct kin {
	const char *model, *family;
} kin[] = {
	{ "qwen3-30b-a3b", "olmoe-1b-7b" },		/* top 8 of many, none shared */
	{ "deepseek-moe-16b", "deepseek-v2-lite" },
	{ "qwen1.5-moe-a2.7b", "deepseek-v2-lite" },	/* about 64, and shared ones */
	{ "yuan2.0-m32", "gpt-oss-20b" },		/* 32 */
	{ "phi-3.5-moe", "mixtral-8x7b" },		/* top 2 of few */
};

/* Of a model that is not in the tables: deepseek-v2-lite. */
static const struct family *family_of(const struct rill_model *model)
{
	const char *name = model->name;

	for (size_t i = 0; i < sizeof(kin) / sizeof(kin[0]); i++)
		if (!strcmp(kin[i].model, name))
			name = kin[i].family;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (!strcmp(families[i].name, name))
			return &families[i];
	return &families[1];
}

const char *rill_routing_family(const struct rill_model *model)
{
	return family_of(model)->name;
}

const struct rill_routing_skew *rill_routing_target(const struct rill_model *model, uint32_t tokens)
{
	const struct family *family = family_of(model);
	uint32_t at = tokens == 16 ? 0 : tokens == 64 ? 1 : tokens == 256 ? 2 : 3;

	if (strcmp(family->name, model->name) || !family->target[at].distinct ||
	    (at == 3 && tokens != 1024))
		return NULL;
	return &family->target[at];
}

struct calibrated {
	const struct family *family;
	struct rill_synthetic g;
	uint64_t seed;			/* of the layer */
	double spread;
	double z[RILL_MAX_EXPERTS];	/* by rank */
	double standing[RILL_MAX_EXPERTS];	/* by expert */
};

/* The value that a normal variable stays below with this probability */
static double normal_quantile(double probability)
{
	double low = -9, high = 9;

	for (uint32_t i = 0; i < 60; i++) {
		double middle = (low + high) / 2;

		if (erfc(-middle / M_SQRT2) / 2 < probability)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void rank_experts(struct calibrated *c)
{
	uint32_t order[RILL_MAX_EXPERTS], experts = c->g.experts;

	rill_synthetic_shuffle(&c->g, order, experts);
	for (uint32_t r = 0; r < experts; r++) {
		double z = normal_quantile((r + 0.5) / experts);
		double logit = c->spread * pow(fabs(z), c->family->bend);

		c->z[r] = z;
		c->standing[order[r]] = z > 0 ? logit : -logit * c->family->cold;
	}
}

/* The topic that begins at a token. */
static void set_topic(struct calibrated *c, uint64_t token)
{
	uint32_t order[RILL_MAX_EXPERTS], experts = c->g.experts;
	double logit[RILL_MAX_EXPERTS], most = -INFINITY;

	c->g.seed = rill_pattern(c->seed, COUNTER_TOPIC + token);
	c->g.counter = 0;
	rill_synthetic_shuffle(&c->g, order, experts);
	for (uint32_t r = 0; r < experts; r++) {
		uint32_t e = order[r];

		logit[e] = c->standing[e] + c->family->topic * c->z[r];
		most = logit[e] > most ? logit[e] : most;
	}
	for (uint32_t e = 0; e < experts; e++)
		rill_synthetic_set(&c->g, e, exp(logit[e] - most));
}

/* Does another topic begin at this token? */
static bool topic_changes(const struct calibrated *c, uint64_t token)
{
	uint64_t draw = rill_pattern(c->seed, COUNTER_CHANGE + token);

	return !token || (c->family->topic > 0 && draw < UINT64_MAX / c->family->length);
}

static uint64_t topic_start(const struct calibrated *c, uint64_t token)
{
	if (!(c->family->topic > 0))
		return 0;
	while (!topic_changes(c, token))
		token--;
	return token;
}

static void calibrate(struct calibrated *c, const struct rill_model *model, uint32_t layer,
		      uint64_t seed)
{
	double depth = model->layers > 1 && layer > model->first_layer ?
		       (layer - model->first_layer) / (model->layers - 1.0) : 0;

	depth = depth < 1 ? depth : 1;
	c->family = family_of(model);
	c->spread = c->family->first + (c->family->last - c->family->first) * depth;
	c->seed = rill_pattern(seed, layer);
	rill_synthetic_init(&c->g, model, c->seed);
	rank_experts(c);
}

int rill_routing_calibrated(const struct rill_model *model, uint32_t layer, uint32_t first,
			    uint32_t tokens, uint64_t seed, struct rill_routing *routing, char *error)
{
	struct calibrated c;
	int err = rill_synthetic_check(model, error);

	if (!err)
		err = rill_routing_alloc(model, tokens, routing, error);
	if (err)
		return err;
	calibrate(&c, model, layer, seed);
	set_topic(&c, topic_start(&c, first));
	for (uint32_t i = 0; i < tokens; i++) {
		uint64_t t = (uint64_t)first + i;

		if (i && topic_changes(&c, t))
			set_topic(&c, t);
		c.g.seed = rill_pattern(c.seed, COUNTER_TOKEN + t);
		c.g.counter = 0;
		rill_synthetic_token(&c.g, routing->expert + (size_t)i * model->top_k,
				     routing->weight + (size_t)i * model->top_k);
	}
	snprintf(routing->source, sizeof(routing->source), "calibrated as %s, seed %" PRIu64,
		 c.family->name, seed);
	return 0;
}
