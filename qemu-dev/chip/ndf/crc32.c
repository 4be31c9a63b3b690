// SPDX-License-Identifier: GPL-2.0-or-later
/* CRC-32 as in IEEE 802.3, over a binary whose own field counts as zero. */
#include <string.h>

#include "layout.h"

/* Four bytes a round; table[k][b] is the remainder of byte b followed by k zero bytes. */
static void fill_tables(uint32_t table[4][256])
{
	uint32_t i, k;

	for (i = 0; i < 256; i++) {
		uint32_t c = i;

		for (k = 0; k < 8; k++)
			c = (c >> 1) ^ (c & 1 ? 0xedb88320u : 0);
		table[0][i] = c;
	}
	for (i = 0; i < 256; i++) {
		for (k = 1; k < 4; k++)
			table[k][i] = (table[k - 1][i] >> 8) ^ table[0][table[k - 1][i] & 0xff];
	}
}

static uint32_t update(uint32_t table[4][256], uint32_t crc, const uint8_t *p, size_t size)
{
	for (; size >= 4; p += 4, size -= 4) {
		crc ^= ndf_le32(p);
		crc = table[3][crc & 0xff] ^ table[2][crc >> 8 & 0xff] ^
		      table[1][crc >> 16 & 0xff] ^ table[0][crc >> 24];
	}
	for (; size; p++, size--)
		crc = (crc >> 8) ^ table[0][(crc ^ *p) & 0xff];
	return crc;
}

uint32_t rill_ndf_crc32(const void *binary, size_t size)
{
	const size_t field = offsetof(struct rill_ndf_header, crc), after = field + 4;
	static const uint8_t zero[4];
	const uint8_t *p = binary;
	uint32_t table[4][256], crc = ~0u;

	fill_tables(table);
	if (size < after)
		return ~update(table, crc, p, size);
	crc = update(table, crc, p, field);
	crc = update(table, crc, zero, sizeof(zero));
	return ~update(table, crc, p + after, size - after);
}
