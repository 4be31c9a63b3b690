// SPDX-License-Identifier: GPL-2.0-or-later
/* The validator: the block of a WHEN. */
#include "validate.h"

#define BAD(block, type, field) \
	ndf_bad_byte(check, RILL_NDF_BAD_FIELD, (block) + offsetof(struct type, field))

static bool check_shape(struct ndf_check *check, const uint8_t *p)
{
	const struct rill_ndf_when *when = (const void *)p;	/* bytes only */

	if (when->decode > RILL_NDF_DECODE_TOPK)
		return BAD(p, rill_ndf_when, decode);
	if (when->reset > RILL_NDF_RESET_NONE)
		return BAD(p, rill_ndf_when, reset);
	if (!when->dims || when->dims > RILL_NDF_MAX_DIMS)
		return BAD(p, rill_ndf_when, dims);
	if (when->decode == RILL_NDF_DECODE_TOPK ? !when->top || when->top > when->dims : when->top)
		return BAD(p, rill_ndf_when, top);
	if (!when->states || when->states > (when->decode == RILL_NDF_DECODE_TABLE ? RILL_NDF_MAX_STATES : 1))
		return BAD(p, rill_ndf_when, states);
	if (when->state >= when->states)
		return BAD(p, rill_ndf_when, state);
	if (when->frac > 30)
		return BAD(p, rill_ndf_when, frac);
	if (when->x_frac > 30)
		return BAD(p, rill_ndf_when, x_frac);
	if (when->leak > 63)
		return BAD(p, rill_ndf_when, leak);
	if (when->width < 2 || when->width > 64)
		return BAD(p, rill_ndf_when, width);
	if (when->decode == RILL_NDF_DECODE_TABLE &&
	    (when->dims > 16 || (uint32_t)when->states << when->dims > RILL_NDF_MAX_ENTRIES))
		return BAD(p, rill_ndf_when, dims);
	return ndf_check_zero(check, when->reserved, when->reserved + sizeof(when->reserved));
}

static bool check_need(struct ndf_check *check, const struct ndf_node_desc *node, uint32_t i,
		       const uint8_t *block, const struct ndf_when_layout *at)
{
	const uint8_t *need = block + at->need, *end = block + at->bias;
	uint64_t inputs = ndf_low_bits(at->inputs);

	check->always[i] = node->mode == RILL_NDF_PRED ? inputs : 0;
	for (; need < end; need += 8) {
		uint64_t mask = ndf_le64(need);

		if (mask & ~inputs || (node->mode == RILL_NDF_PRED) != (mask != 0))
			return ndf_bad_byte(check, RILL_NDF_BAD_NEED, need);
		check->always[i] &= mask;
	}
	return true;
}

static bool check_table(struct ndf_check *check, const struct ndf_node_desc *node, const uint8_t *block,
			const struct ndf_when_layout *at)
{
	unsigned int states = block[offsetof(struct rill_ndf_when, states)];
	const uint8_t *entry = block + at->table, *end = block + at->plastic;

	for (; entry < end; entry += sizeof(struct rill_ndf_entry)) {
		unsigned int emit = entry[offsetof(struct rill_ndf_entry, emit)];

		if (entry[offsetof(struct rill_ndf_entry, next)] >= states || emit > 1 ||
		    (!emit && (node->mode == RILL_NDF_PRED || NDF_LE32(entry, rill_ndf_entry, id))) ||
		    NDF_LE16(entry, rill_ndf_entry, reserved))
			return ndf_bad_byte(check, RILL_NDF_BAD_ENTRY, entry);
	}
	return true;
}

static bool check_rule(struct ndf_check *check, const struct ndf_node_desc *node, const uint8_t *p,
		       unsigned int dims)
{
	unsigned int rule = p[offsetof(struct rill_ndf_plastic, rule)];
	unsigned int history = p[offsetof(struct rill_ndf_plastic, history)];
	bool teacher = node->flags & RILL_NDF_WHEN_TEACHER;

	if (rule > RILL_NDF_RULE_RSTDP || (rule != RILL_NDF_RULE_NONE) != teacher)
		return BAD(p, rill_ndf_plastic, rule);
	if (rule == RILL_NDF_RULE_SURROGATE && dims == RILL_NDF_MAX_DIMS)
		return BAD(p, rill_ndf_plastic, rule);
	if (history > RILL_NDF_MAX_HISTORY || (history != 0) != teacher)
		return BAD(p, rill_ndf_plastic, history);
	if (p[offsetof(struct rill_ndf_plastic, trace)] > (rule == RILL_NDF_RULE_RSTDP ? 63 : 0))
		return BAD(p, rill_ndf_plastic, trace);
	if (p[offsetof(struct rill_ndf_plastic, rate)] > 16)
		return BAD(p, rill_ndf_plastic, rate);
	if (NDF_LE32(p, rill_ndf_plastic, eta) > INT32_MAX)
		return BAD(p, rill_ndf_plastic, eta);
	if (NDF_LE32(p, rill_ndf_plastic, psi_min) > (rule == RILL_NDF_RULE_SURROGATE ? INT32_MAX : 0))
		return BAD(p, rill_ndf_plastic, psi_min);
	if (rule != RILL_NDF_RULE_RSTDP && NDF_LE32(p, rill_ndf_plastic, miss))
		return BAD(p, rill_ndf_plastic, miss);
	return true;
}

static bool check_plastic(struct ndf_check *check, const uint8_t *p)
{
	if ((int32_t)NDF_LE32(p, rill_ndf_plastic, weight_min) >
	    (int32_t)NDF_LE32(p, rill_ndf_plastic, weight_max))
		return BAD(p, rill_ndf_plastic, weight_min);
	if ((int64_t)NDF_LE64(p, rill_ndf_plastic, bias_min) > (int64_t)NDF_LE64(p, rill_ndf_plastic, bias_max))
		return BAD(p, rill_ndf_plastic, bias_min);
	if ((int64_t)NDF_LE64(p, rill_ndf_plastic, theta_min) >
	    (int64_t)NDF_LE64(p, rill_ndf_plastic, theta_max))
		return BAD(p, rill_ndf_plastic, theta_min);
	if (NDF_LE32(p, rill_ndf_plastic, theta_eta) > INT32_MAX)
		return BAD(p, rill_ndf_plastic, theta_eta);
	if (NDF_LE32(p, rill_ndf_plastic, target) > 65536)
		return BAD(p, rill_ndf_plastic, target);
	if (NDF_LE64(p, rill_ndf_plastic, period) &&
	    NDF_LE64(p, rill_ndf_plastic, length) > NDF_LE64(p, rill_ndf_plastic, period))
		return BAD(p, rill_ndf_plastic, length);
	return true;
}

static bool check_node_fields(struct ndf_check *check, uint32_t i, const struct ndf_node_desc *node)
{
	unsigned int flags = node->flags;
	unsigned int inputs = node->inputs - (flags & RILL_NDF_WHEN_TEACHER ? 1u : 0u);

	if (node->mode > RILL_NDF_EVENT)
		return ndf_fail(check, RILL_NDF_BAD_MODE, RILL_NDF_AT_NODE, i);
	if (flags & ~(RILL_NDF_WHEN_PLASTIC | RILL_NDF_WHEN_TEACHER) || flags == RILL_NDF_WHEN_TEACHER)
		return ndf_fail(check, RILL_NDF_BAD_FLAGS, RILL_NDF_AT_NODE, i);
	if (!node->inputs || !inputs || inputs > RILL_NDF_MAX_PORTS || node->outputs != 1)
		return ndf_fail(check, RILL_NDF_BAD_PORTS, RILL_NDF_AT_NODE, i);
	check->event |= node->mode == RILL_NDF_EVENT;
	check->plastic |= (flags & RILL_NDF_WHEN_PLASTIC) != 0;
	return true;
}

bool ndf_check_when(struct ndf_check *check, uint32_t i, const struct ndf_node_desc *node)
{
	struct ndf_when_layout at;
	const uint8_t *block;
	unsigned int dims;

	if (!check_node_fields(check, i, node) || !ndf_take_block(check, i, sizeof(struct rill_ndf_when)))
		return false;
	block = ndf_view_block(&check->view, node);
	if (!check_shape(check, block))
		return false;
	at = ndf_when_layout(block, node);
	dims = block[offsetof(struct rill_ndf_when, dims)];
	if (!ndf_take_block(check, i, at.end - sizeof(struct rill_ndf_when)) ||
	    !check_need(check, node, i, block, &at) ||
	    !ndf_check_zero(check, block + at.weight + 4ULL * at.inputs * dims, block + at.table) ||
	    !check_table(check, node, block, &at))
		return false;
	return !(node->flags & RILL_NDF_WHEN_PLASTIC) ||
	       (check_rule(check, node, block + at.plastic, dims) && check_plastic(check, block + at.plastic));
}
