// SPDX-License-Identifier: MIT
#include "options.h"
#include "option_value.h"
#include "options_check.h"
#include "options_passes.h"
#include "options_rules.h"

#include <argp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum key {
	KEY_MODEL = 0x100, KEY_LAYER, KEY_TOKENS, KEY_FIRST, KEY_TRACE, KEY_ZIPF, KEY_SEED,
	KEY_STRATEGY, KEY_ARRAY, KEY_SLICES, KEY_SLOTS, KEY_VERIFY, KEY_TIMING, KEY_JSON,
	KEY_TIMELINE, KEY_SVG, KEY_PROFILE, KEY_PATH, KEY_NODE, KEY_THREADS, KEY_REFERENCE, KEY_CHIPLETS,
	KEY_WEIGHTS, KEY_ENLARGE,
	KEY_ROUTING,
	KEY_FIGURE,			/* and those that follow, in the order of model_table */
};

static const struct argp_option table[] = {
	{ "model", KEY_MODEL, "NAME", 0, "model [deepseek-v2-lite]", 0 },
	{ "layer", KEY_LAYER, "N", 0, "MoE layer, as the trace counts [the model's first]", 0 },
	{ "tokens", KEY_TOKENS, "N", 0, "tokens of the pass, 1..4096 [64]", 0 },
	{ "first", KEY_FIRST, "N", 0, "first token of the trace [0]", 0 },
	{ "trace", KEY_TRACE, "FILE", 0, "routing trace, CSV or JSON lines", 0 },
	{ "routing", KEY_ROUTING, "KIND", 0, "without a trace: calibrated (like real ones) or zipf [calibrated]", 0 },
	{ "zipf", KEY_ZIPF, "S", 0, "exponent of zipf routing, 0..4 [0.6]", 0 },
	{ "seed", KEY_SEED, "N", 0, "of weights, activations and synthetic routing [1]", 0 },
	{ "weights", KEY_WEIGHTS, "FORMAT", 0, "int8, or int4 with a scale for each 64 [int8]", 0 },
	{ "strategy", KEY_STRATEGY, "LIST", 0,
	  "of fse-dp, ep, ep-sliced, hydra, hydra-sliced, tp, fsdp [fse-dp,ep]", 0 },
	{ "slices", KEY_SLICES, "N", 0, "per expert, where they are micro-slices [the strategy's choice]", 0 },
	{ "slots", KEY_SLOTS, "N", 0, "for micro-slices on each chiplet [the strategy's choice]", 0 },
	{ "enlarge-sram", KEY_ENLARGE, NULL, 0, "of sim: more SRAM for strategies that need it, their rows marked", 0 },
	{ "verify", KEY_VERIFY, "WHAT", 0, "none, sample (4 tokens) or full [full]", 0 },
	{ "reference", KEY_REFERENCE, "FILE", 0, "file of rill reference, to compare with", 0 },
	{ "timing-only", KEY_TIMING, NULL, 0, "no arithmetic, nothing to verify", 0 },
	{ "threads", KEY_THREADS, "N", 0, "of the dense reference [processors]", 0 },
	{ "json", KEY_JSON, "FILE", 0, "write the results there", 0 },
	{ "timeline", KEY_TIMELINE, "FILE", 0, "write a Perfetto trace there", 0 },
	{ "svg", KEY_SVG, "FILE", 0, "draw the passes there, one under another", 0 },
	{ "profile", KEY_PROFILE, "BINS", 0, "utilisation over time into --json, 1..10000 bins", 0 },
	{ "chiplets", KEY_CHIPLETS, "MASK", 0, "confine the context to these chiplets [all]", 0 },
	{ "array", KEY_ARRAY, "RxC", 0, "chiplets, 1x1..8x8 [sim: 2x2; run: the device's]", 0 },
	{ 0 },
};

static const struct argp_option kernel_table[] = {
	{ "node", KEY_NODE, "PATH", 0, "device node [the first Rill]", 0 },
	{ "path", KEY_PATH, "WAY", 0, "auto, uring or ioctl [auto]", 0 },
	{ 0 },
};

static const struct argp_option model_table[] = {
	{ "channels", KEY_FIGURE, "N", 0, "DDR channels [one for each corner]", 0 },
	{ "channel-bytes", KEY_FIGURE + 1, "BYTES", 0, "behind each channel, 2^n [1073741824]", 0 },
	{ "sram", KEY_FIGURE + 2, "BYTES", 0, "SRAM per chiplet [33554432]", 0 },
	{ "mac-per-cycle", KEY_FIGURE + 3, "N", 0, "of each chiplet [2048]", 0 },
	{ "mac-khz", KEY_FIGURE + 4, "N", 0, "clock of the MAC arrays [800000]", 0 },
	{ "mac-startup", KEY_FIGURE + 5, "N", 0, "cycles added to every slice [64]", 0 },
	{ "ddr-mbps", KEY_FIGURE + 6, "N", 0, "10^6 bytes/s and channel [25600]", 0 },
	{ "ddr-latency-ps", KEY_FIGURE + 7, "N", 0, "to the first byte [60000]", 0 },
	{ "link-mbps", KEY_FIGURE + 8, "N", 0, "10^6 bytes/s, link and direction [96000]", 0 },
	{ "link-hop-ps", KEY_FIGURE + 9, "N", 0, "latency of a hop [20000]", 0 },
	{ 0 },
};

/* Where the figures of model_table go. What the chip makes of them is its to say. */
static const struct figure {
	size_t offset, size;
} figures[] = {
#define FIGURE(field) { offsetof(struct rill_model_chip, field), \
			sizeof(((struct rill_model_chip *)0)->field) }
	FIGURE(channels),
	FIGURE(channel_bytes),
	FIGURE(sram_bytes),
	FIGURE(mac_per_cycle),
	FIGURE(mac_khz),
	FIGURE(mac_startup),
	FIGURE(ddr_mbps),
	FIGURE(ddr_latency_ps),
	FIGURE(link_mbps),
	FIGURE(link_hop_ps),
#undef FIGURE
};

static double exponent(struct argp_state *state, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= 0 && value <= 4))
		argp_error(state, "zipf: '%s' is not a number in 0..4", text);
	return value;
}

static void parse_array(struct argp_state *state, const char *text, struct rill_model_chip *chip)
{
	char end;

	if (sscanf(text, "%3ux%3u%c", &chip->rows, &chip->cols, &end) != 2 || !chip->rows ||
	    chip->rows > 8 || !chip->cols || chip->cols > 8)
		argp_error(state, "array: '%s' is not RxC with 1..8 each", text);
}

static void parse_strategies(struct argp_state *state, char *text, struct options *options)
{
	char *name;

	options->strategy_count = 0;
	for (name = strtok(text, ","); name; name = strtok(NULL, ",")) {
		if (options->strategy_count == MAX_STRATEGIES)
			argp_error(state, "strategy: more than %d", MAX_STRATEGIES);
		if (!rill_strategy_find(name))
			argp_error(state, "strategy: there is no '%s', see --help", name);
		options->strategies[options->strategy_count++] = name;
	}
	if (!options->strategy_count)
		argp_error(state, "strategy: the list is empty");
}

static int parse_figure(int key, const char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	unsigned int i = key - KEY_FIGURE;
	uint64_t value;
	uint32_t narrow;
	void *to;

	if (key < KEY_FIGURE || i >= sizeof(figures) / sizeof(figures[0]))
		return ARGP_ERR_UNKNOWN;
	to = (char *)&options->device.chip + figures[i].offset;
	if (figures[i].size == sizeof(value)) {
		value = option_number(state, model_table[i].name, arg, 1, 1ULL << 40);
		memcpy(to, &value, sizeof(value));
	} else {
		narrow = option_number(state, model_table[i].name, arg, 1, UINT32_MAX);
		memcpy(to, &narrow, sizeof(narrow));
	}
	return 0;
}

static int parse_chip(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	struct rill_device_options *device = &options->device;
	static const char *const paths[] = { "auto", "uring", "ioctl", NULL };

	switch (key) {
	case KEY_ARRAY:
		parse_array(state, arg, &device->chip);
		return 0;
	case KEY_CHIPLETS:
		device->chiplet_mask = option_number(state, "chiplets", arg, 1, UINT64_MAX);
		return 0;
	case KEY_NODE:
		device->node = arg;
		return 0;
	case KEY_PATH:
		device->path = option_choice(state, "path", arg, paths);
		return 0;
	}
	return parse_figure(key, arg, state);
}

static int parse_files(int key, char *arg, struct options *options)
{
	switch (key) {
	case KEY_TRACE:
		options->trace = arg;
		return 0;
	case KEY_REFERENCE:
		options->reference = arg;
		return 0;
	case KEY_JSON:
		options->json = arg;
		return 0;
	case KEY_TIMELINE:
		options->timeline = arg;
		return 0;
	case KEY_SVG:
		options->svg = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* What is computed, however */
static int parse_layer(int key, char *arg, struct argp_state *state)
{
	static const char *const weights[] = { "int8", "int4", NULL };
	static const char *const routing[] = { "calibrated", "zipf", NULL };
	struct options *options = state->input;

	switch (key) {
	case KEY_MODEL:
		options->model = arg;
		return 0;
	case KEY_LAYER:
		options->layer = option_number(state, "layer", arg, 0, 1000);
		options->layer_given = true;
		return 0;
	case KEY_TOKENS:
		options->tokens = option_number(state, "tokens", arg, 1, RILL_MAX_TOKENS);
		return 0;
	case KEY_FIRST:
		options->first = option_number(state, "first", arg, 0, UINT32_MAX);
		return 0;
	case KEY_ROUTING:
		options->zipf = option_choice(state, "routing", arg, routing);
		options->routing_given = true;
		return 0;
	case KEY_ZIPF:
		options->exponent = exponent(state, arg);
		options->zipf = true;
		options->routing_given = true;
		return 0;
	case KEY_SEED:
		options->seed = option_number(state, "seed", arg, 0, UINT64_MAX);
		return 0;
	case KEY_WEIGHTS:
		options->weights = option_choice(state, "weights", arg, weights);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int parse_key(int key, char *arg, struct argp_state *state)
{
	static const char *const verify[] = { "none", "sample", "full", NULL };
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[2] = options;
		state->child_inputs[0] = options;
		state->child_inputs[1] = options;
		return 0;
	case KEY_STRATEGY:
		parse_strategies(state, arg, options);
		return 0;
	case KEY_SLICES:
		options->slices = option_number(state, "slices", arg, 1, RILL_MAX_SLICES);
		return 0;
	case KEY_SLOTS:
		options->slots = option_number(state, "slots", arg, 1, 65535);
		return 0;
	case KEY_VERIFY:
		options->verify = option_choice(state, "verify", arg, verify);
		return 0;
	case KEY_TIMING:
		options->timing_only = true;
		return 0;
	case KEY_ENLARGE:
		options->enlarge_sram = true;
		return 0;
	case KEY_PROFILE:
		options->profile = option_number(state, "profile", arg, 1, 10000);
		return 0;
	case KEY_THREADS:
		options->threads = option_number(state, "threads", arg, 1, 256);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s': no argument was expected", arg);
	}
	if (!parse_layer(key, arg, state) || !parse_files(key, arg, options))
		return 0;
	return parse_chip(key, arg, state);
}

static void set_defaults(struct options *options, enum rill_transport_kind transport)
{
	static char *const both[] = { "fse-dp", "ep" };
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	*options = (struct options){
		.model = "deepseek-v2-lite", .tokens = 64, .exponent = 0.6, .seed = 1,
		.strategies = { both[0], both[1] }, .strategy_count = 2, .verify = VERIFY_FULL,
		.passes = 1, .age = 4, .slack = 1, .trade_permille = 2,
		.threads = processors > 0 ? processors : 1,
		.device.transport = transport,
	};
}

#define MAX_ONLY	16

/* Of a table, what a command takes */
static const struct argp_option *take(const struct argp_option *from, const char *const *only,
				      struct argp_option *taken)
{
	unsigned int i, count = 0;

	if (!only)
		return from;
	for (; from->name; from++)
		for (i = 0; only[i]; i++)
			if (!strcmp(from->name, only[i]) && count < MAX_ONLY)
				taken[count++] = *from;
	taken[count] = (struct argp_option){ 0 };
	return taken;
}

static void parse_all(int argc, char **argv, const struct options_of *command, struct options *options)
{
	bool kernel = command->transport == RILL_TRANSPORT_KERNEL;
	struct argp_option taken[4][MAX_ONLY + 1];
	struct argp chip = {
		.options = take(kernel ? kernel_table : model_table, command->only, taken[0]), .parser = parse_chip,
	};
	struct argp passes = {
		.options = take(options_passes.options, command->only, taken[1]), .parser = options_passes.parser,
	};
	struct argp rules = {
		.options = take(options_rules.options, command->only, taken[2]), .parser = options_rules.parser,
	};
	struct argp_child children[] = {
		{ &chip, 0, NULL, 0 }, { &passes, 0, NULL, 0 }, { &rules, 0, NULL, 0 }, { 0 },
	};
	struct argp argp = {
		.options = take(table, command->only, taken[3]), .parser = parse_key, .doc = command->doc,
		.children = children,
	};

	argp_parse(&argp, argc, argv, 0, NULL, options);
}

void options_parse(int argc, char **argv, const struct options_of *command, struct options *options)
{
	const char *wrong;
	char full[64];

	set_defaults(options, command->transport);
	snprintf(full, sizeof(full), "rill %s", command->name);
	argv[0] = full;
	argp_err_exit_status = 2;
	parse_all(argc, argv, command, options);
	if (options->timing_only)
		options->verify = VERIFY_NONE;
	wrong = options_check(options);
	if (!wrong)
		return;
	fprintf(stderr, "rill: %s\n", wrong);
	exit(2);
}

void options_free(struct options *options)
{
	free(options->rules);
	options->rules = NULL;
}

static bool in_table(const struct argp_option *option, const char *name)
{
	for (; option->name; option++)
		if (!strcmp(option->name, name))
			return true;
	return false;
}

bool options_known(const char *name)
{
	return in_table(table, name) || in_table(model_table, name) ||
	       in_table(options_passes.options, name) || in_table(options_rules.options, name);
}
