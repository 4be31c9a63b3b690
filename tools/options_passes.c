// SPDX-License-Identifier: MIT
#include "options_passes.h"

#include "option_value.h"
#include "rules_input.h"

#include <stdlib.h>

enum key { KEY_LAYERS = 0x200, KEY_NO_PREFETCH, KEY_PASSES, KEY_BUFFER, KEY_AGE, KEY_SLACK,
	   KEY_HOMES, KEY_REDISPATCH, KEY_GROUP, KEY_RULES, KEY_KEEP };

static const struct argp_option table[] = {
	{ "layers", KEY_LAYERS, "LIST", 0, "all, or numbers and ranges: these layers, one after the other", 0 },
	{ "no-prefetch", KEY_NO_PREFETCH, NULL, 0, "with --layers: load nothing before its pass", 0 },
	{ "rules", KEY_RULES, "RULES", 0, "of slices: builtin, ndf, learned, or a program's FILE [builtin]", 0 },
	{ "keep-weights", KEY_KEEP, "FILE", 0,
	  "with --rules: go on from pass to pass with what they learned, from FILE if it exists, and keep it", 0 },
	{ "passes", KEY_PASSES, "N", 0, "this many batches of the trace, 1..256, one after the other [1]", 0 },
	{ "buffer", KEY_BUFFER, "PERCENT", 0, "with --passes: so many of a batch's tokens may wait [0]", 0 },
	{ "age", KEY_AGE, "N", 0, "passes that a token may wait, 1..255 [4]", 0 },
	{ "slack", KEY_SLACK, "SHARE", 0, "of the tokens, that can wait, 0..1 [1]", 0 },
	{ "homes", KEY_HOMES, "WHERE", 0, "balanced; skewed:F at the first chiplet; or a FILE [balanced]", 0 },
	{ "redispatch", KEY_REDISPATCH, NULL, 0, "of fse-dp: compute tokens elsewhere where that pays", 0 },
	{ "group", KEY_GROUP, "N", 0, "of fse-dp: gather the tokens of cold experts on N chiplets", 0 },
	{ 0 },
};

static double share(struct argp_state *state, const char *field, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= 0 && value <= 1))
		argp_error(state, "%s: '%s' is not a number in 0..1", field, text);
	return value;
}

static int parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case KEY_LAYERS:
		options->layers = arg;
		return 0;
	case KEY_NO_PREFETCH:
		options->no_prefetch = true;
		return 0;
	case KEY_RULES:
		if (rules_input(arg, &options->rules, &options->rules_bytes))
			argp_failure(state, 2, 0, "rules: %s cannot be used", arg);
		return 0;
	case KEY_KEEP:
		options->keep_weights = arg;
		return 0;
	case KEY_PASSES:
		options->passes = option_number(state, "passes", arg, 1, 256);
		return 0;
	case KEY_BUFFER:
		options->buffer = option_number(state, "buffer", arg, 0, 100);
		options->buffered = true;
		return 0;
	case KEY_AGE:
		options->age = option_number(state, "age", arg, 1, 255);
		options->waits_given = true;
		return 0;
	case KEY_HOMES:
		options->homes = arg;
		return 0;
	case KEY_REDISPATCH:
		options->redispatch = true;
		return 0;
	case KEY_GROUP:
		options->group = option_number(state, "group", arg, 1, RILL_MAX_CHIPLETS);
		return 0;
	case KEY_SLACK:
		options->slack = share(state, "slack", arg);
		options->waits_given = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp options_passes = { .options = table, .parser = parse };
