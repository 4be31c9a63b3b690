// SPDX-License-Identifier: MIT
/* rill reference --reference FILE: the dense reference, for a guest that is slow at it. */
#include "commands.h"
#include "layer_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int write_reference(const struct rill_layer *layer, const struct options *options)
{
	size_t count = (size_t)layer->tokens * layer->model->hidden;
	int64_t *out = malloc(count * sizeof(*out));
	int ret = out ? rill_reference(layer, NULL, layer->tokens, options->threads, out) : -ENOMEM;

	if (!ret)
		ret = reference_save(options->reference, layer, out);
	if (ret)
		fprintf(stderr, "rill: reference: %s: %s\n", options->reference, strerror(-ret));
	free(out);
	return ret ? 1 : 0;
}

int cmd_reference(int argc, char **argv)
{
	static const char *const only[] = {
		"model", "layer", "tokens", "first", "trace", "routing", "zipf", "seed", "weights", "threads",
		"reference", NULL,
	};
	static const struct options_of command = {
		"reference", "Compute a layer's outputs densely and write them to the file that --reference names.",
		RILL_TRANSPORT_MODEL, only,
	};
	struct options options;
	struct rill_layer *layer;
	int ret;

	options_parse(argc, argv, &command, &options);
	if (!options.reference) {
		fputs("rill: reference: --reference FILE is missing\n", stderr);
		return 2;
	}
	if (layer_input(&options, &layer))
		return 1;
	ret = write_reference(layer, &options);
	rill_layer_free(layer);
	return ret;
}
