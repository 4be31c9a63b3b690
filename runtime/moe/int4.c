// SPDX-License-Identifier: MIT
/*
 * Records of 4-bit weights for the reference: from the pattern, and in the words of rill_stream.h,
 * so that it owes the chip nothing.
 */
#include "int4.h"
#include "internal.h"

static unsigned int nibble(const uint8_t *bytes, uint32_t index)
{
	return index & 1 ? bytes[index / 2] >> 4 : bytes[index / 2] & 15;
}

static void unpack(const uint8_t *record, uint32_t weights, int8_t *to)
{
	const uint8_t *scales = record + weights / 2;

	for (uint32_t i = 0; i < weights; i++) {
		int value = nibble(record, i);

		if (value > 7)
			value -= 16;
		to[i] = value * (int)nibble(scales, i / RILL_INT4_GROUP);
	}
}

void rill_int4_record(uint64_t seed, uint64_t index, uint32_t hidden, uint64_t *words, int8_t *to)
{
	uint64_t count = rill_int4_record_bytes(hidden) / sizeof(*words);

	for (uint64_t i = 0; i < count; i++)
		words[i] = htole64(rill_pattern(seed, index * count + i));
	unpack((const uint8_t *)words, RILL_MATRICES * hidden, to);
}
