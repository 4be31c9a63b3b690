// SPDX-License-Identifier: GPL-2.0-or-later
/* A piece of it has the form of a WHEN's block from its bias to the padding of its weights. */
#include <string.h>

#include "internal.h"
#include "weights.h"

static bool is_plastic(const struct ndf_node_desc *node)
{
	return node->kind == RILL_NDF_WHEN && node->flags & RILL_NDF_WHEN_PLASTIC;
}

static uint64_t weight_bytes(const struct ndf_when *when)
{
	return 4ULL * when->inputs * when->dims;
}

static uint64_t piece_bytes(const struct ndf_when *when)
{
	return 16ULL * when->dims + ndf_pad8(weight_bytes(when));
}

uint64_t rill_ndf_weights_bytes(const struct rill_ndf_program *program)
{
	uint64_t bytes = 0;
	uint32_t i;

	for (i = 0; i < program->node_count; i++)
		if (is_plastic(&program->nodes[i]))
			bytes += piece_bytes(&program->whens[program->aux[i]]);
	return bytes;
}

static void put_le(uint8_t *to, uint64_t word, unsigned int bytes)
{
	unsigned int i;

	for (i = 0; i < bytes; i++)
		to[i] = (uint8_t)(word >> 8 * i);
}

static uint8_t *get_piece(const struct rill_ndf_when_state *state, uint8_t *to)
{
	uint32_t i, weights = state->inputs * state->dims;

	for (i = 0; i < state->dims; i++, to += 8)
		put_le(to, (uint64_t)state->bias[i], 8);
	for (i = 0; i < state->dims; i++, to += 8)
		put_le(to, (uint64_t)state->theta[i], 8);
	for (i = 0; i < weights; i++, to += 4)
		put_le(to, (uint32_t)state->weights[i], 4);
	if (weights % 2) {
		put_le(to, 0, 4);
		to += 4;
	}
	return to;
}

void rill_ndf_weights_get(const struct rill_ndf_program *program, const struct rill_ndf_engine *engine,
			  uint8_t *to)
{
	struct rill_ndf_when_state state;
	uint32_t i;

	for (i = 0; i < program->node_count; i++)
		if (is_plastic(&program->nodes[i]) && rill_ndf_when_state(engine, i, &state))
			to = get_piece(&state, to);
}

static bool padding_is_zero(const struct ndf_when *when, const uint8_t *piece)
{
	uint64_t at = 16ULL * when->dims + weight_bytes(when), end = piece_bytes(when);

	return at == end || !ndf_le32(piece + at);
}

bool rill_ndf_weights_put(const struct rill_ndf_program *program, uint8_t *binary, const uint8_t *from)
{
	uint32_t params = NDF_LE32(binary, rill_ndf_header, params), i;
	const struct ndf_when *when;
	uint64_t bytes;
	uint8_t *block;

	for (i = 0; i < program->node_count; i++) {
		if (!is_plastic(&program->nodes[i]))
			continue;
		when = &program->whens[program->aux[i]];
		if (!padding_is_zero(when, from))
			return false;
		block = binary + params + program->nodes[i].param;
		bytes = piece_bytes(when);
		memcpy(block + ndf_when_layout(block, &program->nodes[i]).bias, from, bytes);
		from += bytes;
	}
	put_le(binary + offsetof(struct rill_ndf_header, crc),
	       rill_ndf_crc32(binary, NDF_LE32(binary, rill_ndf_header, bytes)), 4);
	return true;
}
