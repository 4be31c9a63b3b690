// SPDX-License-Identifier: GPL-2.0-or-later
/* The validator: the block of a WHERE. */
#include <string.h>

#include "validate.h"

#define FIELD(block, type, field) ((block) + offsetof(struct type, field))

static bool check_from(struct ndf_check *check, const uint8_t *from, unsigned int count, uint64_t inputs,
		       bool none)
{
	unsigned int o;

	for (o = 0; o < count; o++) {
		if (from[o] == RILL_NDF_NO_INPUT && none)
			continue;
		if (from[o] >= RILL_NDF_MAX_PORTS || !(inputs >> from[o] & 1))
			return ndf_bad_byte(check, RILL_NDF_BAD_FROM, from + o);
	}
	return ndf_check_zero(check, from + count, from + ndf_pad8(count));
}

static uint64_t copied(const uint8_t *from, unsigned int count)
{
	uint64_t mask = 0;
	unsigned int o;

	for (o = 0; o < count; o++) {
		if (from[o] != RILL_NDF_NO_INPUT)
			mask |= 1ULL << from[o];
	}
	return mask;
}

static bool check_pattern(struct ndf_check *check, const struct ndf_node_desc *node, const uint8_t *pattern,
			  uint64_t inputs)
{
	const uint8_t *from = pattern + sizeof(struct rill_ndf_pattern);
	uint64_t need = NDF_LE64(pattern, rill_ndf_pattern, need);
	uint64_t cons = NDF_LE64(pattern, rill_ndf_pattern, cons);

	if (need & ~inputs)
		return ndf_bad_byte(check, RILL_NDF_BAD_NEED, FIELD(pattern, rill_ndf_pattern, need));
	if (cons & ~need || (node->mode == RILL_NDF_STATIC && !cons))
		return ndf_bad_byte(check, RILL_NDF_BAD_CONS, FIELD(pattern, rill_ndf_pattern, cons));
	if (!check_from(check, from, node->outputs, need, true))
		return false;
	if (need & ~cons & ~copied(from, node->outputs))
		return ndf_bad_byte(check, RILL_NDF_BAD_WAIT, FIELD(pattern, rill_ndf_pattern, need));
	return true;
}

static bool check_patterns(struct ndf_check *check, uint32_t i, const struct ndf_node_desc *node,
			   const uint8_t *block, uint64_t inputs)
{
	const size_t size = sizeof(struct rill_ndf_pattern) + ndf_pad8(node->outputs);
	const uint8_t *pattern = block + sizeof(struct rill_ndf_where);
	uint32_t count = NDF_LE32(block, rill_ndf_where, count), k;

	if (!count || count > RILL_NDF_MAX_PATTERNS || (node->mode == RILL_NDF_STATIC && count != 1))
		return ndf_bad_byte(check, RILL_NDF_BAD_PATTERNS, block);
	if (!ndf_take_block(check, i, count * size))
		return false;
	check->always[i] = inputs;
	for (k = 0; k < count; k++, pattern += size) {
		if (!check_pattern(check, node, pattern, inputs))
			return false;
		check->always[i] &= NDF_LE64(pattern, rill_ndf_pattern, need);
	}
	return true;
}

/* Inputs that every legal choice of rows contains */
static uint64_t always_chosen(const struct ndf_node_desc *node, const uint8_t *from, unsigned int rows)
{
	unsigned int spare = rows, r, uses[RILL_NDF_MAX_PORTS] = { 0 };
	uint64_t always = 0;

	if (node->mode == RILL_NDF_INDEX)
		spare = rows - 1;
	else if (node->flags & RILL_NDF_WHERE_PACKED)
		spare = rows - node->outputs;
	for (r = 0; r < rows; r++) {
		if (++uses[from[r]] > spare)
			always |= 1ULL << from[r];
	}
	return always;
}

static bool check_rows(struct ndf_check *check, uint32_t i, const struct ndf_node_desc *node,
		       const uint8_t *block, uint64_t inputs)
{
	bool packed = node->flags & RILL_NDF_WHERE_PACKED;
	uint32_t rows = NDF_LE32(block, rill_ndf_where, count);
	const uint8_t *from = block + sizeof(struct rill_ndf_where);

	if (rows > RILL_NDF_MAX_PORTS || rows < node->outputs || (!packed && rows != node->outputs))
		return ndf_bad_byte(check, RILL_NDF_BAD_PATTERNS, block);
	if (!ndf_take_block(check, i, ndf_pad8(rows)) || !check_from(check, from, rows, inputs, false))
		return false;
	check->always[i] = always_chosen(node, from, rows);
	return true;
}

bool ndf_check_where(struct ndf_check *check, uint32_t i, const struct ndf_node_desc *node)
{
	unsigned int inputs = node->inputs - (ndf_has_switch(node) ? 1u : 0u);
	const uint8_t *block;

	if (node->mode > RILL_NDF_MASK)
		return ndf_fail(check, RILL_NDF_BAD_MODE, RILL_NDF_AT_NODE, i);
	if (!node->inputs || !inputs || inputs > RILL_NDF_MAX_PORTS || !node->outputs ||
	    node->outputs > RILL_NDF_MAX_PORTS)
		return ndf_fail(check, RILL_NDF_BAD_PORTS, RILL_NDF_AT_NODE, i);
	if (node->flags & ~(node->mode == RILL_NDF_MASK ? RILL_NDF_WHERE_PACKED : 0u))
		return ndf_fail(check, RILL_NDF_BAD_FLAGS, RILL_NDF_AT_NODE, i);
	if (!ndf_take_block(check, i, sizeof(struct rill_ndf_where)))
		return false;
	block = ndf_view_block(&check->view, node);
	if (!ndf_check_zero(check, FIELD(block, rill_ndf_where, reserved),
			    block + sizeof(struct rill_ndf_where)))
		return false;
	return node->mode <= RILL_NDF_TABLE ? check_patterns(check, i, node, block, ndf_low_bits(inputs)) :
					      check_rows(check, i, node, block, ndf_low_bits(inputs));
}
