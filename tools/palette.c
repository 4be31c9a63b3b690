// SPDX-License-Identifier: MIT
#include "palette.h"

#include <stdio.h>
#include <stdlib.h>

/* Far enough apart on white, and in order for most who see few colours: no pale yellow */
static const uint8_t stops[][3] = {
	{ 0xb2, 0x18, 0x2b }, { 0xe3, 0x5b, 0x3c }, { 0xf2, 0xa3, 0x3a }, { 0x8f, 0xb8, 0x4e },
	{ 0x2a, 0x9d, 0x8f }, { 0x2b, 0x7b, 0xba }, { 0x5e, 0x3c, 0x99 },
};

#define SPANS	(sizeof(stops) / sizeof(stops[0]) - 1)

void palette_heat(double position, char *text)
{
	double at = position < 0 ? 0 : position > 1 ? SPANS : position * SPANS;
	unsigned int span = at < SPANS ? at : SPANS - 1, c[3], i;

	for (i = 0; i < 3; i++)
		c[i] = stops[span][i] + (at - span) * (stops[span + 1][i] - stops[span][i]) + 0.5;
	snprintf(text, 8, "#%02x%02x%02x", c[0] & 255, c[1] & 255, c[2] & 255);
}

uint32_t *palette_ranks(const struct rill_layer *layer, const uint32_t *tokens, uint32_t *used)
{
	uint32_t experts = layer->model->experts, *rank = calloc(experts, sizeof(*rank)), e, other;

	*used = 0;
	for (e = 0; rank && e < experts; e++) {
		*used += tokens[e] > 0;
		for (other = 0; other < experts; other++)
			rank[e] += tokens[other] > tokens[e] ||
				   (tokens[other] == tokens[e] && other < e);
	}
	return rank;
}
