// SPDX-License-Identifier: GPL-2.0-or-later
#include "vectorise.h"
#include "int4.h"
#include "rill_stream.h"

#define GROUP_BYTES	(RILL_INT4_GROUP / 2)

static inline __attribute__((always_inline)) int8_t signed_nibble(uint8_t nibble)
{
	return (int8_t)(nibble << 4) >> 4;
}

static inline __attribute__((always_inline)) void expand_group(const uint8_t *from, int8_t scale,
							       int8_t *to)
{
	size_t i;

	for (i = 0; i < GROUP_BYTES; i++) {
		to[2 * i] = signed_nibble(from[i] & 0xf) * scale;
		to[2 * i + 1] = signed_nibble(from[i] >> 4) * scale;
	}
}

RILL_CLONES void rill_int4_expand(const uint8_t *record, size_t hidden, int8_t *to)
{
	size_t groups = 3 * hidden / RILL_INT4_GROUP, i;
	const uint8_t *scales = record + groups * GROUP_BYTES;

	for (i = 0; i < groups; i++, record += GROUP_BYTES, to += RILL_INT4_GROUP)
		expand_group(record, scales[i / 2] >> (i % 2 * 4) & 0xf, to);
}
