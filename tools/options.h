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
	bool no_prefetch;
	const char *trace;		/* NULL: synthetic, calibrated unless zipf */
	bool zipf;
	double exponent;		/* of zipf */
	uint64_t seed;
	enum rill_weights weights;
	char *strategies[MAX_STRATEGIES];
	unsigned int strategy_count;
	unsigned int slices, slots;	/* 0: the strategy's choice */
	enum verify verify;
	bool timing_only;
	unsigned int threads;
	const char *json, *timeline, *svg, *reference;	/* files, or NULL */
	unsigned int profile;		/* bins of utilisation over time, for --json; 0: none */
	void *rules;			/* NDF binary, from malloc(), or NULL: built in */
	size_t rules_bytes;
	struct rill_device_options device;
};

/*
 * Parse the options of `rill NAME`. Prints what is wrong and exits with 2 if
 * something is. transport: what --array and the other figures of the chip are for.
 */
void options_parse(int argc, char **argv, const char *name, const char *doc,
		   enum rill_transport_kind transport, struct options *options);

/* Is this an option (without its dashes) of rill sim? */
bool options_known(const char *name);

#endif
