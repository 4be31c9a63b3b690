// SPDX-License-Identifier: GPL-2.0-or-later
/* LOAD, STORE and ATOMIC_ADD. */
#include "io.h"

struct access {
	uint64_t addr, value;		/* operand b, or what was loaded */
	unsigned int shift;		/* log2 of the size */
};

static uint64_t load(const uint8_t *p, unsigned int shift)
{
	switch (shift) {
	case 0:
		return *p;
	case 1:
		return ndf_le16(p);
	case 2:
		return ndf_le32(p);
	default:
		return ndf_le64(p);
	}
}

static void store(uint8_t *p, unsigned int shift, uint64_t word)
{
	unsigned int i;

	for (i = 0; i < 1u << shift; i++)
		p[i] = (uint8_t)(word >> 8 * i);
}

/* In memory that is at hand */
static bool access_flat(uint8_t *p, unsigned int op, struct access *access)
{
	uint64_t old = op == RILL_NDF_STORE ? 0 : load(p, access->shift);

	if (op != RILL_NDF_LOAD)
		store(p, access->shift, access->value + old);
	if (op != RILL_NDF_STORE)
		access->value = old;
	return true;
}

static bool access_host(const struct rill_ndf_host *host, unsigned int op, struct access *access)
{
	unsigned int bytes = 1u << access->shift;
	uint64_t word = access->value & ndf_low_bits(8 * bytes);

	if (op == RILL_NDF_LOAD)
		return host->load && host->load(host->opaque, access->addr, bytes, &access->value);
	if (op == RILL_NDF_STORE)
		return host->store && host->store(host->opaque, access->addr, bytes, word);
	return host->atomic_add && host->atomic_add(host->opaque, access->addr, bytes, word, &access->value);
}

static uint64_t sign_extended(uint64_t word, unsigned int shift)
{
	unsigned int bits = 8u << shift;

	return word >> (bits - 1) & 1 ? word | ~ndf_low_bits(bits) : word;
}

static bool access_memory(struct rill_ndf_engine *engine, uint32_t node, const struct ndf_node_desc *desc,
			  struct access *access)
{
	uint64_t size = 1ULL << access->shift, memory = engine->program->memory_bytes;
	bool ok;

	if (access->addr & (size - 1))
		return ndf_fault(engine, RILL_NDF_FAULT_ALIGN, node, access->addr);
	if (memory < size || access->addr > memory - size)
		return ndf_fault(engine, RILL_NDF_FAULT_ADDRESS, node, access->addr);
	if (engine->host.memory)
		ok = access_flat(engine->host.memory + access->addr, desc->mode, access);
	else
		ok = access_host(&engine->host, desc->mode, access);
	if (!ok)
		return ndf_fault(engine, RILL_NDF_FAULT_ADDRESS, node, access->addr);
	if (desc->flags & RILL_NDF_MEM_SIGNED)
		access->value = sign_extended(access->value, access->shift);
	return true;
}

bool ndf_fire_memory(struct rill_ndf_engine *engine, uint32_t node)
{
	const struct ndf_node_desc *desc = &engine->program->nodes[node];
	unsigned int imm = desc->flags & RILL_NDF_OP_IMM_MASK, port = 0, i;
	struct access access = { .shift = (desc->flags & RILL_NDF_MEM_SIZE_MASK) >> RILL_NDF_MEM_SIZE_SHIFT };
	struct ndf_node *n = &engine->nodes[node];
	uint64_t offset, token = 0;
	uint32_t want;

	offset = imm == 1 ? n->imm : ndf_peek(ndf_input(engine, n, port++));
	if (desc->flags & RILL_NDF_MEM_SCALED)
		offset <<= access.shift;
	access.addr = offset + (uint64_t)(int64_t)(int32_t)desc->param;
	if (desc->mode != RILL_NDF_LOAD)
		access.value = imm == 2 ? n->imm : ndf_peek(ndf_input(engine, n, port++));
	if (port < desc->inputs)
		token = ndf_peek(ndf_input(engine, n, port));
	if (!access_memory(engine, node, desc, &access))
		return false;
	want = ndf_begin(n);
	for (i = 0; i < desc->inputs; i++)
		ndf_pop(engine, node, ndf_input(engine, n, i), engine->hooked);
	for (i = 0; i < desc->outputs; i++)
		ndf_push_port(engine, node, i, i || desc->mode == RILL_NDF_STORE ? token : access.value,
			      engine->hooked);
	ndf_finish(engine, node, want, engine->hooked);
	return true;
}
