// SPDX-License-Identifier: GPL-2.0-or-later
/* The validator: node by node, with the blocks of SOURCEs. */
#include "validate.h"

static bool bad_node(struct ndf_check *check, enum rill_ndf_code code, uint32_t i)
{
	return ndf_fail(check, code, RILL_NDF_AT_NODE, i);
}

bool ndf_take_block(struct ndf_check *check, uint32_t i, uint64_t bytes)
{
	if (bytes > check->view.params_bytes - check->at)
		return bad_node(check, RILL_NDF_BAD_BLOCK, i);
	check->at += (uint32_t)bytes;
	return true;
}

static bool within(unsigned int n, unsigned int low, unsigned int high)
{
	return n >= low && n <= high;
}

static bool check_op_ports(struct ndf_check *check, uint32_t i, const struct ndf_node_desc *node)
{
	unsigned int operands = ndf_op_operands(node->mode);
	unsigned int imm = node->flags & RILL_NDF_OP_IMM_MASK ? 1 : 0;
	unsigned int spare = ndf_is_memory_op(node->mode) ? 1 : 0;

	if (!node->inputs)
		return bad_node(check, RILL_NDF_NO_INPUTS, i);
	if (node->mode == RILL_NDF_STREAM) {
		if (!within(node->inputs + imm, 1, RILL_NDF_STREAM_OPERANDS) ||
		    node->outputs > RILL_NDF_STREAM_RESULTS)
			return bad_node(check, RILL_NDF_BAD_PORTS, i);
		return true;
	}
	if (!within(node->inputs + imm, operands, operands + spare))
		return bad_node(check, RILL_NDF_BAD_PORTS, i);
	if (!within(node->outputs, node->mode == RILL_NDF_STORE || node->mode == RILL_NDF_ATOMIC_ADD ? 0 : 1,
		    node->mode == RILL_NDF_LOAD || node->mode == RILL_NDF_ATOMIC_ADD ? 2 : 1))
		return bad_node(check, RILL_NDF_BAD_PORTS, i);
	return true;
}

static bool check_op(struct ndf_check *check, uint32_t i, const struct ndf_node_desc *node)
{
	unsigned int imm = node->flags & RILL_NDF_OP_IMM_MASK, known = RILL_NDF_OP_IMM_MASK;
	unsigned int operands = ndf_op_operands(node->mode);

	if (!operands && node->mode != RILL_NDF_STREAM)
		return bad_node(check, RILL_NDF_BAD_MODE, i);
	if (ndf_is_memory_op(node->mode))
		known |= RILL_NDF_MEM_SIZE_MASK | RILL_NDF_MEM_SCALED;
	if (node->mode == RILL_NDF_LOAD)
		known |= RILL_NDF_MEM_SIGNED;
	if (node->mode == RILL_NDF_STREAM)
		operands = node->inputs + 1u;
	if (node->flags & ~known || imm > operands)
		return bad_node(check, RILL_NDF_BAD_FLAGS, i);
	if (!imm && node->imm)
		return bad_node(check, RILL_NDF_BAD_IMM, i);
	if (node->param && !ndf_is_memory_op(node->mode) && node->mode != RILL_NDF_STREAM)
		return bad_node(check, RILL_NDF_BAD_PARAM, i);
	return check_op_ports(check, i, node);
}

static bool check_source(struct ndf_check *check, uint32_t i, const struct ndf_node_desc *node)
{
	const uint8_t *block;
	uint32_t count;

	if (node->mode)
		return bad_node(check, RILL_NDF_BAD_MODE, i);
	if (node->inputs || node->outputs != 1)
		return bad_node(check, RILL_NDF_BAD_PORTS, i);
	if (node->flags & ~RILL_NDF_SOURCE_WORDS)
		return bad_node(check, RILL_NDF_BAD_FLAGS, i);
	if (node->imm)
		return bad_node(check, RILL_NDF_BAD_IMM, i);
	if (!(node->flags & RILL_NDF_SOURCE_WORDS))
		return node->param ? bad_node(check, RILL_NDF_BAD_PARAM, i) : true;
	if (node->param != check->at)
		return bad_node(check, RILL_NDF_BAD_PARAM, i);
	if (!ndf_take_block(check, i, sizeof(struct rill_ndf_source)))
		return false;
	block = ndf_view_block(&check->view, node);
	count = NDF_LE32(block, rill_ndf_source, count);
	if (!count)
		return ndf_bad_byte(check, RILL_NDF_BAD_PATTERNS, block);
	return ndf_check_zero(check, block + offsetof(struct rill_ndf_source, reserved),
			      block + sizeof(struct rill_ndf_source)) &&
	       ndf_take_block(check, i, 8ULL * count);
}

static bool check_sink(struct ndf_check *check, uint32_t i, const struct ndf_node_desc *node)
{
	if (node->mode > RILL_NDF_SINK_IGNORE)
		return bad_node(check, RILL_NDF_BAD_MODE, i);
	if (node->inputs != 1 || node->outputs)
		return bad_node(check, RILL_NDF_BAD_PORTS, i);
	if (node->flags)
		return bad_node(check, RILL_NDF_BAD_FLAGS, i);
	if (node->param)
		return bad_node(check, RILL_NDF_BAD_PARAM, i);
	if ((node->mode == RILL_NDF_SINK_COUNT && node->imm > RILL_NDF_MAX_SINK_TOKENS) ||
	    (node->mode >= RILL_NDF_SINK_QUIET && node->imm))
		return bad_node(check, RILL_NDF_BAD_IMM, i);
	return true;
}

static bool check_control(struct ndf_check *check, uint32_t i, const struct ndf_node_desc *node)
{
	if (node->imm)
		return bad_node(check, RILL_NDF_BAD_IMM, i);
	if (node->param != check->at)
		return bad_node(check, RILL_NDF_BAD_PARAM, i);
	return node->kind == RILL_NDF_WHEN ? ndf_check_when(check, i, node) :
					     ndf_check_where(check, i, node);
}

static bool check_node(struct ndf_check *check, uint32_t i)
{
	const struct ndf_node_desc node = ndf_view_node(&check->view, i);

	if (node.chiplet >= RILL_NDF_MAX_CHIPLETS)
		return bad_node(check, RILL_NDF_BAD_CHIPLET, i);
	if (node.name != RILL_NDF_NONE && node.name >= check->view.names_bytes)
		return bad_node(check, RILL_NDF_BAD_NODE_NAME, i);
	switch (node.kind) {
	case RILL_NDF_OP:
		return check_op(check, i, &node);
	case RILL_NDF_WHEN:
	case RILL_NDF_WHERE:
		return check_control(check, i, &node);
	case RILL_NDF_SOURCE:
		return check_source(check, i, &node);
	case RILL_NDF_SINK:
		return check_sink(check, i, &node);
	default:
		return bad_node(check, RILL_NDF_BAD_KIND, i);
	}
}

bool ndf_check_nodes(struct ndf_check *check)
{
	uint32_t i;

	for (i = 0; i < check->view.node_count; i++) {
		if (!check_node(check, i))
			return false;
	}
	return true;
}
