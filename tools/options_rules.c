// SPDX-License-Identifier: MIT
#include "options_rules.h"
#include "rill_moe.h"

#include <stdlib.h>
#include <string.h>

enum key { KEY_WITHOUT = 0x300, KEY_ORDER, KEY_TRADE, KEY_NO_TRIALS };

static const struct argp_option table[] = {
	{ "without", KEY_WITHOUT, "LIST", 0,
	  "rules to switch off, of anonymous-slots, bubble, early-forward, early-release, overlap, free-routing", 0 },
	{ "order", KEY_ORDER, "NAME", 0, "in which fse-dp loads: lookahead or paired [lookahead]", 0 },
	{ "trade", KEY_TRADE, "PERCENT", 0,
	  "finish time, 0..100, that may be given for less SRAM, where plans are tried [0.2]", 0 },
	{ "no-trials", KEY_NO_TRIALS, NULL, 0, "try no plans on the chip's model", 0 },
	{ 0 },
};

static const struct rule {
	const char *name;
	uint32_t pass_flag, stream_flag;
} rules[] = {
	{ "anonymous-slots", RILL_PASS_OWNED_SLOTS, 0 },
	{ "bubble", RILL_PASS_NO_BUBBLE, 0 },
	{ "early-forward", RILL_PASS_FORWARD_COMPUTED, 0 },
	{ "early-release", RILL_PASS_LATE_RELEASE, 0 },
	{ "overlap", RILL_PASS_ONE_EXPERT, 0 },
	{ "free-routing", 0, RILL_STREAM_FIXED_RING },
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

static void parse_rules(struct argp_state *state, char *list, struct options *options)
{
	char *name, *rest;
	size_t i;

	for (name = strtok_r(list, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
		for (i = 0; i < RULES && strcmp(rules[i].name, name); i++)
			;
		if (i == RULES)
			argp_error(state, "without: there is no rule '%s', see --help", name);
		options->pass_flags |= rules[i].pass_flag;
		options->stream_flags |= rules[i].stream_flag;
	}
}

static unsigned int permille(struct argp_state *state, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= 0 && value <= 100))
		argp_error(state, "trade: '%s' is not a number in 0..100", text);
	return value * 10 + 0.5;
}

static int parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case KEY_WITHOUT:
		parse_rules(state, arg, options);
		return 0;
	case KEY_ORDER:
		if (!strcmp(arg, "paired"))
			options->order = RILL_ORDER_PAIRED;
		else if (!strcmp(arg, "lookahead"))
			options->order = RILL_ORDER_LOOKAHEAD;
		else
			argp_error(state, "order: '%s' is neither lookahead nor paired", arg);
		return 0;
	case KEY_TRADE:
		options->trade_permille = permille(state, arg);
		options->trade_given = true;
		return 0;
	case KEY_NO_TRIALS:
		options->no_trials = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp options_rules = { .options = table, .parser = parse };

void rules_apply(const struct options *options, struct rill_plan *plan)
{
	uint32_t i;

	plan->pass_flags |= options->pass_flags;
	if (options->pass_flags & RILL_PASS_ONE_EXPERT) {
		free(plan->loads);	/* mixes experts */
		plan->loads = NULL;
	}
	for (i = 0; i < plan->stream_count; i++)
		if (!(plan->streams[i].flags & RILL_STREAM_PINNED))
			plan->streams[i].flags |= options->stream_flags;
}
