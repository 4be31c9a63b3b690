// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "share.h"

bool ndf_sharing_init(struct ndf_sharing *sharing, uint32_t nodes)
{
	uint32_t slots = 16;

	while (slots < 2 * nodes)
		slots *= 2;
	sharing->mask = slots - 1;
	sharing->slots = calloc(slots, sizeof(*sharing->slots));
	return sharing->slots;
}

void ndf_sharing_fini(struct ndf_sharing *sharing)
{
	free(sharing->slots);
}

static size_t block_bytes(const struct ndf_view *view, const struct ndf_node_desc *node)
{
	const uint8_t *block = ndf_view_block(view, node);
	size_t count;

	if (node->kind == RILL_NDF_WHEN)
		return ndf_when_layout(block, node).end;
	count = NDF_LE32(block, rill_ndf_where, count);
	if (node->mode > RILL_NDF_TABLE)
		return sizeof(struct rill_ndf_where) + ndf_pad8(count);
	return sizeof(struct rill_ndf_where) +
	       count * (sizeof(struct rill_ndf_pattern) + ndf_pad8(node->outputs));
}

/*
 * What its decoded form depends on besides its block: how many arcs each port has, and
 * where those to the node itself lead.
 */
static uint32_t own_input(const struct rill_ndf_program *program, uint32_t node, uint32_t arc)
{
	const struct ndf_arc_desc *desc = &program->arcs[arc];

	return desc->dst == node ? desc->dst_port : UINT32_MAX;
}

static uint32_t port_fan(const struct rill_ndf_program *program, uint32_t node, uint32_t port)
{
	const uint32_t *arcs = program->port_arcs + program->first_port[node];

	return arcs[port + 1] - arcs[port];
}

static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 32;
}

static uint64_t fingerprint(const struct rill_ndf_program *program, const struct ndf_view *view, uint32_t i)
{
	const struct ndf_node_desc *node = &program->nodes[i];
	const uint8_t *block = ndf_view_block(view, node);
	size_t bytes = block_bytes(view, node), at;
	uint64_t h = mix(node->kind | node->mode << 8 | node->inputs << 16, node->flags | node->outputs << 16);
	uint32_t port, a;

	for (port = 0; port < node->outputs; port++)
		h = mix(h, port_fan(program, i, port));
	for (a = ndf_first_out(program, i); a < ndf_first_out(program, i + 1); a++)
		h = mix(h, own_input(program, i, a));
	for (at = 0; at < bytes; at += 8)
		h = mix(h, ndf_le64(block + at));
	return h;
}

static bool alike(const struct rill_ndf_program *program, const struct ndf_view *view, uint32_t i, uint32_t k)
{
	const struct ndf_node_desc *a = &program->nodes[i], *b = &program->nodes[k];
	size_t bytes = block_bytes(view, a);
	uint32_t port, arc;

	if (a->kind != b->kind || a->mode != b->mode || a->inputs != b->inputs || a->outputs != b->outputs ||
	    a->flags != b->flags || bytes != block_bytes(view, b))
		return false;
	for (port = 0; port < a->outputs; port++) {
		if (port_fan(program, i, port) != port_fan(program, k, port))
			return false;
	}
	for (arc = 0; arc < ndf_fan(program, i); arc++) {
		if (own_input(program, i, ndf_first_out(program, i) + arc) !=
		    own_input(program, k, ndf_first_out(program, k) + arc))
			return false;
	}
	return !memcmp(ndf_view_block(view, a), ndf_view_block(view, b), bytes);
}

uint32_t ndf_share(struct ndf_sharing *sharing, const struct rill_ndf_program *program,
		   const struct ndf_view *view, uint32_t node)
{
	uint32_t slot = (uint32_t)fingerprint(program, view, node), tries;

	/* A guest may know the hash; more than a few tries are not worth it. */
	for (tries = 0; tries < 8; tries++, slot++) {
		uint32_t other = sharing->slots[slot & sharing->mask];

		if (!other) {
			sharing->slots[slot & sharing->mask] = node + 1;
			return node;
		}
		if (alike(program, view, node, other - 1))
			return other - 1;
	}
	return node;
}
