// SPDX-License-Identifier: MIT
#include <string.h>

#include "ndf_programs.h"

#define ENTRY(n, q)	{ .id = (n), .next = (q), .emit = 1 }

void program_gcd(struct rig *rig, const uint64_t *a, const uint64_t *b, uint32_t count)
{
	/* inputs: a, b to begin with; a, b that come back. outputs: the greater, the smaller; the result */
	static const struct pattern patterns[6] = {
		{ 0x3, 0x3, { NO, NO, 0 } }, { 0x3, 0x3, { 0, 1, NO } }, { 0x3, 0x3, { 1, 0, NO } },
		{ 0xc, 0xc, { NO, NO, 2 } }, { 0xc, 0xc, { 2, 3, NO } }, { 0xc, 0xc, { 3, 2, NO } },
	};
	/* spikes: bit 0 a > b, bit 1 b > a */
	static const struct rill_ndf_entry table[8] = {
		ENTRY(0, 0), ENTRY(1, 1), ENTRY(2, 1), ENTRY(0, 0), ENTRY(3, 0), ENTRY(4, 1), ENTRY(5, 1), ENTRY(3, 0),
	};
	static const uint64_t need[2] = { 3, 12 };
	static const int32_t weights[8] = { 1, -1, -1, 1, 1, -1, -1, 1 };
	static const int64_t theta[2] = { 1, 1 };
	uint32_t when, where, sub, from_a, from_b;

	when = build_when(&rig->b, &(struct neuron){
		.head = { .dims = 2, .states = 2, .width = 64 },
		.inputs = 4, .need = need, .theta = theta, .weights = weights, .table = table,
	});
	where = build_where(&rig->b, RILL_NDF_TABLE, 4, 3, patterns, 6);
	sub = build_op(&rig->b, RILL_NDF_SUB);
	from_a = build_source(&rig->b, a, count);
	from_b = build_source(&rig->b, b, count);
	build_arc(&rig->b, from_a, 0, where, 0);
	build_arc(&rig->b, from_b, 0, where, 1);
	build_arc(&rig->b, from_a, 0, when, 0);
	build_arc(&rig->b, from_b, 0, when, 1);
	build_arc(&rig->b, when, 0, where, 4);
	build_arc(&rig->b, where, 0, sub, 0);
	build_arc(&rig->b, where, 1, sub, 1);
	build_arc(&rig->b, where, 1, where, 3);
	build_arc(&rig->b, where, 1, when, 3);
	build_arc(&rig->b, sub, 0, where, 2);
	build_arc(&rig->b, sub, 0, when, 2);
	build_arc(&rig->b, where, 2, build_sink(&rig->b, RILL_NDF_SINK_COUNT, count), 0);
}

static uint32_t memory_op(struct rig *rig, unsigned int op, unsigned int more_in, unsigned int more_out)
{
	uint32_t node = build_op(&rig->b, op);

	rig->b.nodes[node].flags = 3u << RILL_NDF_MEM_SIZE_SHIFT | RILL_NDF_MEM_SCALED;
	rig->b.nodes[node].inputs += more_in;
	rig->b.nodes[node].outputs = (uint8_t)(1 + more_out);
	rig->b.memory_bytes = sizeof(rig->memory);
	return node;
}

/* i = 0..n-1: m[i] += m[i - 1], in order because of the memory token; then the last sum */
void program_sum_memory(struct rig *rig, uint32_t n)
{
	/* inputs: i, memory to begin with; i, memory that come back. outputs: i, memory; memory at the end */
	static const struct pattern patterns[4] = {
		{ 0x3, 0x3, { 0, 1, NO } }, { 0x3, 0x3, { NO, NO, 1 } },
		{ 0xc, 0xc, { 2, 3, NO } }, { 0xc, 0xc, { NO, NO, 3 } },
	};
	static const struct rill_ndf_entry table[4] = { ENTRY(0, 1), ENTRY(1, 0), ENTRY(2, 1), ENTRY(3, 0) };
	static const uint64_t need[2] = { 1, 2 }, one = 1, token = 5;
	static const int32_t ones[2] = { 1, 1 };
	const int64_t theta = n;
	uint32_t when, where, load, add, next, last, i, memory;

	when = build_when(&rig->b, &(struct neuron){
		.head = { .dims = 1, .states = 2, .width = 64 },
		.inputs = 2, .need = need, .theta = &theta, .weights = ones, .table = table,
	});
	where = build_where(&rig->b, RILL_NDF_TABLE, 4, 3, patterns, 4);
	load = memory_op(rig, RILL_NDF_LOAD, 1, 1);
	rig->b.nodes[load].param = (uint32_t)-8;
	add = memory_op(rig, RILL_NDF_ATOMIC_ADD, 1, 1);
	next = build_op_imm(&rig->b, RILL_NDF_ADD, 1, 1);
	last = memory_op(rig, RILL_NDF_LOAD, 0, 0);
	rig->b.nodes[last].flags |= RILL_NDF_OP_IMM(0);
	rig->b.nodes[last].imm = n - 1;
	i = build_source(&rig->b, &one, 1);
	memory = build_source(&rig->b, &token, 1);
	build_arc(&rig->b, i, 0, where, 0);
	build_arc(&rig->b, i, 0, when, 0);
	build_arc(&rig->b, memory, 0, where, 1);
	build_arc(&rig->b, when, 0, where, 4);
	build_arc(&rig->b, where, 0, load, 0);
	build_arc(&rig->b, where, 1, load, 1);
	build_arc(&rig->b, where, 0, add, 0);
	build_arc(&rig->b, load, 0, add, 1);
	build_arc(&rig->b, load, 1, add, 2);
	build_arc(&rig->b, where, 0, next, 0);
	build_arc(&rig->b, next, 0, where, 2);
	build_arc(&rig->b, next, 0, when, 1);
	build_arc(&rig->b, add, 0, build_sink(&rig->b, RILL_NDF_SINK_IGNORE, 0), 0);
	build_arc(&rig->b, add, 1, where, 3);
	build_arc(&rig->b, where, 2, last, 0);
	rig_drain(rig, last, 0);
}

/* ---- at random ---- */

struct maker {
	struct rig *rig;
	uint64_t random;
	bool events;
	/* output ports that may still get an arc */
	struct {
		uint32_t node;
		unsigned int port;
	} out[128];
	unsigned int outs;
};

static unsigned int below(struct maker *m, unsigned int n)
{
	return (unsigned int)(rig_random(&m->random) % n);
}

static void offer(struct maker *m, uint32_t node)
{
	unsigned int port;

	for (port = 0; port < m->rig->b.nodes[node].outputs; port++) {
		m->out[m->outs].node = node;
		m->out[m->outs++].port = port;
	}
}

static uint32_t random_source(struct maker *m, unsigned int limit)
{
	uint64_t words[32];
	unsigned int i;

	for (i = 0; i < 32; i++)
		words[i] = rig_random(&m->random) % limit;
	return build_source(&m->rig->b, words, 1 + below(m, 32));
}

static uint32_t random_where(struct maker *m)
{
	static const uint8_t rows[2] = { 0, 1 };
	struct pattern patterns[3];
	uint32_t where;
	unsigned int k, o;

	if (below(m, 3) == 0) {
		where = build_rows(&m->rig->b, RILL_NDF_MASK, false, 2, 2, rows, 2);
		build_arc(&m->rig->b, random_source(m, 4), 0, where, 2);
		return where;
	}
	for (k = 0; k < 3; k++) {
		uint64_t used = 0;

		for (o = 0; o < 2; o++) {
			patterns[k].from[o] = below(m, 4) ? (uint8_t)below(m, 3) : NO;
			if (patterns[k].from[o] != NO)
				used |= 1ULL << patterns[k].from[o];
		}
		patterns[k].cons = below(m, 8);
		patterns[k].need = patterns[k].cons | used;
	}
	where = build_where(&m->rig->b, RILL_NDF_TABLE, 3, 2, patterns, 3);
	build_arc(&m->rig->b, random_source(m, 3), 0, where, 3);
	return where;
}

static uint32_t random_when(struct maker *m)
{
	struct rill_ndf_entry table[8];
	int32_t weights[4];
	int64_t theta[2];
	uint64_t need[2];
	bool event = m->events && below(m, 2);
	unsigned int i;

	for (i = 0; i < 8; i++) {
		table[i] = (struct rill_ndf_entry){ .next = (uint8_t)below(m, 2), .emit = !event || below(m, 2) };
		table[i].id = table[i].emit ? i : 0;
	}
	for (i = 0; i < 4; i++)
		weights[i] = (int32_t)below(m, 9) - 4;
	for (i = 0; i < 2; i++) {
		theta[i] = (int64_t)below(m, 200) - 100;
		need[i] = event ? 0 : 1 + below(m, 3);
	}
	return build_when(&m->rig->b, &(struct neuron){
		.head = { .dims = 2, .states = 2, .width = (uint8_t)(8 + below(m, 57)),
			  .reset = (uint8_t)below(m, 4), .leak = (uint8_t)below(m, 4) },
		.mode = event ? RILL_NDF_EVENT : RILL_NDF_PRED,
		.inputs = 2, .need = need, .theta = theta, .weights = weights, .table = table,
	});
}

static uint32_t random_node(struct maker *m)
{
	static const uint8_t ops[] = {
		RILL_NDF_ADD, RILL_NDF_SUB, RILL_NDF_MUL, RILL_NDF_XOR, RILL_NDF_DIV, RILL_NDF_LT, RILL_NDF_SAR,
		RILL_NDF_SELECT, RILL_NDF_NEG, RILL_NDF_THEN,
	};

	switch (below(m, 5)) {
	case 0:
		return random_where(m);
	case 1:
		return random_when(m);
	case 2:
		return build_op_imm(&m->rig->b, ops[below(m, 8)], below(m, 2), rig_random(&m->random));
	default:
		return build_op(&m->rig->b, ops[below(m, sizeof(ops))]);
	}
}

/* An edge from a later node to an earlier one, with tokens, so that there are loops */
static void close_loop(struct maker *m, uint32_t node, unsigned int port)
{
	unsigned int from = below(m, m->outs), tokens = 1 + below(m, 2);
	uint32_t arc = build_arc(&m->rig->b, m->out[from].node, m->out[from].port, node, port);

	for (; tokens; tokens--)
		build_token(&m->rig->b, arc, rig_random(&m->random) % 100);
}

void program_random(struct rig *rig, uint64_t seed, bool events)
{
	struct maker m = { .rig = rig, .random = seed, .events = events };
	uint32_t nodes[20], late[20][4];
	unsigned int i, port, count = 4 + below(&m, 16), used;

	memset(late, 0, sizeof(late));
	for (i = 0; i < 3; i++)
		offer(&m, random_source(&m, 1000));
	for (i = 0; i < count; i++) {
		nodes[i] = random_node(&m);
		used = rig->b.nodes[nodes[i]].inputs - (rig->b.nodes[nodes[i]].kind == RILL_NDF_WHERE);
		for (port = 0; port < used; port++) {
			unsigned int from = below(&m, m.outs);

			late[i][port] = below(&m, 8) == 0;
			if (!late[i][port])
				build_arc(&rig->b, m.out[from].node, m.out[from].port, nodes[i], port);
		}
		offer(&m, nodes[i]);
	}
	for (i = 0; i < count; i++) {
		for (port = 0; port < 4; port++) {
			if (late[i][port])
				close_loop(&m, nodes[i], port);
		}
	}
	for (i = 0; i < m.outs; i++)
		rig_drain(rig, m.out[i].node, m.out[i].port);
}
