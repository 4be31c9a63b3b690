// SPDX-License-Identifier: MIT
#include "homes_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "skewed:F": F of the tokens are at the first chiplet, the others evenly on the others. */
static int skewed(const char *text, const struct drm_rill_chip_info *chip, uint64_t mask,
		  uint32_t tokens, uint16_t *homes)
{
	uint32_t chiplets = 0, first, t;
	uint16_t chiplet[RILL_MAX_CHIPLETS];
	double share;
	char *end;

	share = strtod(text, &end);
	if (end == text || *end || !(share >= 0 && share <= 1)) {
		fprintf(stderr, "rill: homes: skewed: '%s' is not a number in 0..1\n", text);
		return -EINVAL;
	}
	for (t = 0; t < chip->rows * chip->cols; t++)
		if (!mask || mask >> t & 1)
			chiplet[chiplets++] = t;
	first = chiplets < 2 ? tokens : (uint32_t)(share * tokens + 0.5);
	for (t = 0; chiplets && t < first; t++)
		homes[t] = chiplet[0];
	for (; chiplets && t < tokens; t++)
		homes[t] = chiplet[1 + (uint64_t)(t - first) * (chiplets - 1) / (tokens - first)];
	return 0;
}

/* A file with a chiplet for each token, in order */
static int from_file(const char *path, uint32_t tokens, uint16_t *homes)
{
	FILE *file = fopen(path, "re");
	unsigned int chiplet;
	uint32_t t;

	if (!file) {
		int err = -errno;

		fprintf(stderr, "rill: homes: %s: %s\n", path, strerror(-err));
		return err;
	}
	for (t = 0; t < tokens; t++) {
		if (fscanf(file, "%9u", &chiplet) != 1 || chiplet >= RILL_MAX_CHIPLETS)
			break;
		homes[t] = chiplet;
	}
	fclose(file);
	if (t == tokens)
		return 0;
	fprintf(stderr, "rill: homes: %s: token %u: no chiplet in 0..%u\n", path, t, RILL_MAX_CHIPLETS - 1);
	return -EINVAL;
}

int homes_input(const struct options *options, const struct drm_rill_chip_info *chip,
		struct rill_layer *layer)
{
	static const char prefix[] = "skewed:";
	uint16_t *homes;
	int ret;

	if (!options->homes || !strcmp(options->homes, "balanced"))
		return 0;
	homes = calloc(layer->tokens, sizeof(*homes));
	if (!homes)
		return -ENOMEM;
	if (!strncmp(options->homes, prefix, sizeof(prefix) - 1))
		ret = skewed(options->homes + sizeof(prefix) - 1, chip, options->device.chiplet_mask,
			     layer->tokens, homes);
	else
		ret = from_file(options->homes, layer->tokens, homes);
	if (!ret)
		ret = rill_layer_set_homes(layer, homes);
	free(homes);
	return ret;
}
