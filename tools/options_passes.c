// SPDX-License-Identifier: MIT
#include "options_passes.h"
#include "rules_input.h"

#include <stdio.h>
#include <stdlib.h>

enum key { KEY_LAYERS = 0x200, KEY_NO_PREFETCH, KEY_RULES };

static const struct argp_option table[] = {
	{ "layers", KEY_LAYERS, "LIST", 0, "all, or numbers and ranges: these layers, one after the other", 0 },
	{ "no-prefetch", KEY_NO_PREFETCH, NULL, 0, "with --layers: load nothing before its pass", 0 },
	{ "rules", KEY_RULES, "RULES", 0, "of slices: builtin, ndf, learned, or a program's FILE [builtin]", 0 },
	{ 0 },
};

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
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp options_passes = { .options = table, .parser = parse };

void options_passes_check(const struct options *options)
{
	const char *wrong = NULL;

	if (options->layers && (options->timeline || options->svg || options->profile))
		wrong = "timeline, svg and profile are of one pass, not of --layers";
	else if (options->layers && options->layer_given)
		wrong = "layer: there is --layers as well";
	else if (options->layers && options->reference)
		wrong = "reference: is of one layer, not of --layers";
	if (!wrong)
		return;
	fprintf(stderr, "rill: %s\n", wrong);
	exit(2);
}
