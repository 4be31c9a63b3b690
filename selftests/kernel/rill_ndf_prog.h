/* SPDX-License-Identifier: GPL-2.0 */
/* Small dataflow programs as binaries (rill_ndf.h), written down node by node. Little-endian hosts only. */
#ifndef RILL_NDF_PROG_H
#define RILL_NDF_PROG_H

#include "rill_ndf.h"
#include "rill_test.h"

#define PROG_BYTES	1024

struct prog {
	struct rill_ndf_node nodes[8];
	struct rill_ndf_arc arcs[8];	/* sorted by (src, src_port) */
	struct rill_ndf_token tokens[2];
	__u64 words[8];			/* of the one SOURCE that has its own */
	unsigned int node_count, arc_count, token_count, word_count;
	__u64 memory_bytes;
};

static inline unsigned int prog_node(struct prog *p, __u8 kind, __u8 mode, __u8 inputs, __u8 outputs)
{
	p->nodes[p->node_count] = (struct rill_ndf_node){
		.kind = kind, .mode = mode, .inputs = inputs, .outputs = outputs, .name = RILL_NDF_NONE,
	};
	return p->node_count++;
}

static inline unsigned int prog_source(struct prog *p)
{
	return prog_node(p, RILL_NDF_SOURCE, 0, 0, 1);
}

static inline unsigned int prog_source_of(struct prog *p, const __u64 *words, unsigned int count)
{
	unsigned int node = prog_source(p);

	p->nodes[node].flags = RILL_NDF_SOURCE_WORDS;
	memcpy(p->words, words, count * sizeof(*words));
	p->word_count = count;
	return node;
}

static inline unsigned int prog_sink(struct prog *p, __u8 mode, __u64 imm)
{
	unsigned int node = prog_node(p, RILL_NDF_SINK, mode, 1, 0);

	p->nodes[node].imm = imm;
	return node;
}

/* Its second operand is a number. */
static inline unsigned int prog_op_imm(struct prog *p, __u8 op, __u8 outputs, __u64 imm)
{
	unsigned int node = prog_node(p, RILL_NDF_OP, op, 1, outputs);

	p->nodes[node].flags = RILL_NDF_OP_IMM(1);
	p->nodes[node].imm = imm;
	return node;
}

static inline void prog_arc(struct prog *p, __u32 src, __u32 dst, __u8 dst_port)
{
	p->arcs[p->arc_count++] = (struct rill_ndf_arc){
		.src = src, .dst = dst, .dst_port = dst_port, .capacity = 2,
	};
}

static inline __u32 prog_crc(const __u8 *from, unsigned int bytes)
{
	__u32 crc = ~0u;
	unsigned int i, k;

	for (i = 0; i < bytes; i++) {
		crc ^= from[i];
		for (k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

/* After a change of the binary */
static inline void prog_seal(void *binary)
{
	struct rill_ndf_header header;

	memcpy(&header, binary, sizeof(header));
	header.crc = 0;
	memcpy(binary, &header, sizeof(header));
	header.crc = prog_crc(binary, header.bytes);
	memcpy(binary, &header, sizeof(header));
}

static inline unsigned int prog_put(__u8 *to, unsigned int at, const void *from, unsigned int bytes)
{
	if (at + bytes > PROG_BYTES)
		abort();
	memcpy(to + at, from, bytes);
	return at + bytes;
}

static inline unsigned int prog_write(const struct prog *p, __u8 binary[PROG_BYTES])
{
	struct rill_ndf_source block = { .count = p->word_count };
	struct rill_ndf_header h = {
		.magic = RILL_NDF_MAGIC, .version = RILL_NDF_VERSION, .header_bytes = sizeof(h),
		.node_count = p->node_count, .arc_count = p->arc_count, .token_count = p->token_count,
		.nodes = sizeof(h), .name = RILL_NDF_NONE, .memory_bytes = p->memory_bytes,
	};

	memset(binary, 0, PROG_BYTES);
	h.arcs = prog_put(binary, h.nodes, p->nodes, p->node_count * sizeof(p->nodes[0]));
	h.tokens = prog_put(binary, h.arcs, p->arcs, p->arc_count * sizeof(p->arcs[0]));
	h.params = prog_put(binary, h.tokens, p->tokens, p->token_count * sizeof(p->tokens[0]));
	h.data = h.params;
	if (p->word_count) {
		h.data = prog_put(binary, h.params, &block, sizeof(block));
		h.data = prog_put(binary, h.data, p->words, p->word_count * sizeof(p->words[0]));
	}
	h.params_bytes = h.data - h.params;
	h.names = h.data;
	h.bytes = h.names;
	prog_put(binary, 0, &h, sizeof(h));
	prog_seal(binary);
	return h.bytes;
}

/* --- programs; sources and sinks in this order --- */

/* x = 1, 2, 3 unless there are others; y = 2 x + 1: three of them */
static inline struct prog prog_double(void)
{
	static const __u64 words[] = { 1, 2, 3 };
	struct prog p = { 0 };
	unsigned int x = prog_source_of(&p, words, 3), two = prog_op_imm(&p, RILL_NDF_MUL, 1, 2);
	unsigned int one = prog_op_imm(&p, RILL_NDF_ADD, 1, 1), y = prog_sink(&p, RILL_NDF_SINK_COUNT, 3);

	prog_arc(&p, x, two, 0);
	prog_arc(&p, two, one, 0);
	prog_arc(&p, one, y, 0);
	return p;
}

/* Adds 7 at address 0, and at others that x tells, of `bytes` of memory; y: what was there */
static inline struct prog prog_bump(__u64 bytes)
{
	static const __u64 words[] = { 0 };
	struct prog p = { .memory_bytes = bytes };
	unsigned int x = prog_source_of(&p, words, 1), add = prog_op_imm(&p, RILL_NDF_ATOMIC_ADD, 1, 7);
	unsigned int y = prog_sink(&p, RILL_NDF_SINK_COUNT, 1);

	p.nodes[add].flags |= 3 << RILL_NDF_MEM_SIZE_SHIFT;
	prog_arc(&p, x, add, 0);
	prog_arc(&p, add, y, 0);
	return p;
}

/* A token goes round for ever; with memory, 1 is added at address 0 each time. y waits for x, which has nothing. */
static inline struct prog prog_endless(__u64 memory)
{
	struct prog p = { .memory_bytes = memory };
	unsigned int x = prog_source(&p), round = prog_node(&p, RILL_NDF_OP, RILL_NDF_COPY, 1, 1);
	unsigned int y = prog_sink(&p, RILL_NDF_SINK_COUNT, 1), end;

	if (memory) {
		end = prog_op_imm(&p, RILL_NDF_ATOMIC_ADD, 0, 1);
		p.nodes[end].flags |= 3 << RILL_NDF_MEM_SIZE_SHIFT;
	} else {
		end = prog_sink(&p, RILL_NDF_SINK_IGNORE, 0);
	}
	prog_arc(&p, x, y, 0);
	prog_arc(&p, round, round, 0);
	prog_arc(&p, round, end, 0);
	p.tokens[p.token_count++] = (struct rill_ndf_token){ .arc = 1 };
	return p;
}

/* A job that runs it for so long that nobody waits for its limit */
static inline struct drm_rill_job prog_endless_job(struct rill *r)
{
	struct rill_ndf_job block = { .firing_limit = RILL_NDF_MAX_FIRINGS };
	struct prog p = prog_endless(0);
	__u8 binary[PROG_BYTES];
	unsigned int bytes = prog_write(&p, binary);

	block.program = rill_block(r, binary, bytes);
	return rill_job(RILL_OP_NDF, rill_block(r, &block, sizeof(block)));
}

/* y waits for x, which has nothing unless it is given. */
static inline struct prog prog_waits(void)
{
	struct prog p = { 0 };
	unsigned int x = prog_source(&p), y = prog_sink(&p, RILL_NDF_SINK_COUNT, 1);

	prog_arc(&p, x, y, 0);
	return p;
}

/* Asks the stream engine something, outside of any pass. */
static inline struct prog prog_stream(void)
{
	static const __u64 words[] = { 5 };
	struct prog p = { 0 };
	unsigned int x = prog_source_of(&p, words, 1), ask = prog_node(&p, RILL_NDF_OP, RILL_NDF_STREAM, 1, 1);
	unsigned int y = prog_sink(&p, RILL_NDF_SINK_COUNT, 1);

	p.nodes[ask].param = RILL_RULES_SLICE;
	prog_arc(&p, x, ask, 0);
	prog_arc(&p, ask, y, 0);
	return p;
}

#endif
