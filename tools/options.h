/* SPDX-License-Identifier: MIT */
/* Options of the subcommands that run a layer. */
#ifndef RILL_TOOLS_OPTIONS_H
#define RILL_TOOLS_OPTIONS_H

#include "rill_device.h"
#include "rill_moe.h"

#define MAX_STRATEGIES 8

enum verify { VERIFY_NONE, VERIFY_SAMPLE, VERIFY_FULL };

struct options {
	const char *model;
	unsigned int layer, tokens, first;
	bool layer_given;
	const char *layers;		/* a list, see layers_input(); NULL: the one layer */
	bool no_prefetch, no_trials, trade_given;
	unsigned int trade_permille;	/* of finish time, for less SRAM */
	unsigned int passes;		/* consecutive batches of the layer */
	bool buffered;			/* tokens may wait, */
	unsigned int buffer, age;	/* so many % of a batch's for so many passes, */
	double slack;			/* if they are of this share; */
	bool waits_given;		/* one of the last two is said */
	const char *homes;		/* balanced, skewed:F or a file; NULL: balanced */
	bool redispatch;
	unsigned int group;		/* see struct rill_plan_options */
	const char *trace;		/* NULL: synthetic, calibrated unless zipf */
	bool zipf, routing_given;
	double exponent;		/* of zipf */
	uint64_t seed;
	enum rill_weight_format weights;
	char *strategies[MAX_STRATEGIES];
	unsigned int strategy_count;
	unsigned int slices, slots;	/* 0: the strategy's choice */
	uint32_t pass_flags, stream_flags;	/* of rules that are switched off */
	unsigned int order;		/* enum rill_load_order */
	enum verify verify;
	bool timing_only, enlarge_sram;
	unsigned int threads;
	const char *json, *timeline, *svg, *reference;	/* files, or NULL */
	unsigned int profile;		/* bins of utilisation over time, for --json; 0: none */
	void *rules;			/* NDF binary, from malloc(), or NULL: built in */
	size_t rules_bytes;
	const char *keep_weights;	/* a file of what the rules have learned, or NULL */
	struct rill_device_options device;
};

/* A subcommand's options */
struct options_of {
	const char *name, *doc;
	enum rill_transport_kind transport;	/* what --array and the other figures of the chip are for */
	const char *const *only;	/* names of those that it takes, without dashes, up to a NULL; NULL: all */
};

/* Parse those of `rill NAME`. Prints what is wrong and exits with 2 if something is. */
void options_parse(int argc, char **argv, const struct options_of *command, struct options *options);
void options_free(struct options *options);

/* Is this an option (without its dashes) of rill sim? */
bool options_known(const char *name);

#endif
