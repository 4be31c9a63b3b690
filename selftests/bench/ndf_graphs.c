// SPDX-License-Identifier: MIT
#include "ndf_graphs.h"

void graph_chain(struct build *b, uint32_t nodes)
{
	uint32_t i, first = build_op_imm(b, RILL_NDF_ADD, 1, 1), last = first, node;

	for (i = 1; i < nodes; i++) {
		node = build_op_imm(b, RILL_NDF_ADD, 1, i);
		build_token(b, build_arc(b, last, 0, node, 0), i);
		last = node;
	}
	build_token(b, build_arc(b, last, 0, first, 0), 0);
}

static uint32_t isqrt(uint32_t n)
{
	uint32_t r = 1;

	while ((r + 1) * (r + 1) <= n)
		r++;
	return r;
}

/* Column `c` of a row adds what columns c and partner(c) of the row before it give. */
static void adders(struct build *b, uint32_t nodes, bool scattered)
{
	static const uint8_t ops[4] = { RILL_NDF_ADD, RILL_NDF_SUB, RILL_NDF_XOR, RILL_NDF_MAX };
	uint32_t side = isqrt(nodes), step = scattered ? side * 5 / 8 | 1 : 1, r, c;

	for (r = 0; r < side * side; r++)
		build_op(b, ops[r % 4]);
	for (r = 0; r < side; r++) {
		for (c = 0; c < side; c++) {
			uint32_t node = r * side + c, below = (r + 1) % side * side;
			uint32_t left = scattered ? (c * 7 + r * 13) % side : c;

			build_token(b, build_arc(b, node, 0, below + left, 0), node);
			build_token(b, build_arc(b, node, 0, below + (left + step) % side, 1), node);
		}
	}
}

void graph_grid(struct build *b, uint32_t nodes)
{
	adders(b, nodes, false);
}

void graph_scatter(struct build *b, uint32_t nodes)
{
	uint32_t side = isqrt(nodes);

	/* c * 7 must reach every column. */
	if (side % 7 == 0)
		side--;
	adders(b, side * side, true);
}

/* A loop's control: state 0 takes the first value, state 1 the one that comes back; ids: state * 2 + exit */
static const struct rill_ndf_entry loop_table[4] = {
	{ .id = 0, .next = 1, .emit = 1 }, { .id = 1, .next = 0, .emit = 1 },
	{ .id = 2, .next = 1, .emit = 1 }, { .id = 3, .next = 0, .emit = 1 },
};

static void one_fibonacci(struct build *b)
{
	/* inputs: i, a, b to begin with; i, a, b that come back. outputs: i, a, b for the body; the result */
	static const struct pattern patterns[4] = {
		{ 0x07, 0x07, { 0, 1, 2, NO } }, { 0x07, 0x07, { NO, NO, NO, 1 } },
		{ 0x38, 0x38, { 3, 4, 5, NO } }, { 0x38, 0x38, { NO, NO, NO, 4 } },
	};
	static const uint64_t need[2] = { 1, 2 };
	static const int32_t ones[2] = { 1, 1 };
	static const int64_t theta = 30;
	uint32_t when = build_when(b, &(struct neuron){
		.head = { .dims = 1, .states = 2, .width = 64 },
		.inputs = 2, .need = need, .theta = &theta, .weights = ones, .table = loop_table,
	});
	uint32_t where = build_where(b, RILL_NDF_TABLE, 6, 4, patterns, 4);
	uint32_t next = build_op_imm(b, RILL_NDF_ADD, 1, 1), sum = build_op(b, RILL_NDF_ADD);
	/* The result starts the next round: i = 0, a = 0, b = 1. */
	uint32_t zero = build_op_imm(b, RILL_NDF_THEN, 1, 0), one = build_op_imm(b, RILL_NDF_THEN, 1, 1);

	build_arc(b, when, 0, where, 6);
	build_arc(b, where, 0, next, 0);
	build_arc(b, where, 1, sum, 0);
	build_arc(b, where, 2, sum, 1);
	build_arc(b, where, 2, where, 4);
	build_arc(b, where, 3, zero, 0);
	build_arc(b, where, 3, one, 0);
	build_arc(b, next, 0, where, 3);
	build_arc(b, next, 0, when, 1);
	build_arc(b, sum, 0, where, 5);
	build_token(b, build_arc(b, zero, 0, where, 0), 0);
	build_token(b, build_arc(b, zero, 0, when, 0), 0);
	build_token(b, build_arc(b, zero, 0, where, 1), 0);
	build_token(b, build_arc(b, one, 0, where, 2), 1);
}

void graph_fibonacci(struct build *b, uint32_t nodes)
{
	uint32_t i;

	for (i = 0; i < nodes / 6; i++)
		one_fibonacci(b);
}

static void one_gcd(struct build *b)
{
	/* inputs: a, b to begin with; a, b that come back. outputs: the greater, the smaller; the result */
	static const struct pattern patterns[6] = {
		{ 0x3, 0x3, { NO, NO, 0 } }, { 0x3, 0x3, { 0, 1, NO } }, { 0x3, 0x3, { 1, 0, NO } },
		{ 0xc, 0xc, { NO, NO, 2 } }, { 0xc, 0xc, { 2, 3, NO } }, { 0xc, 0xc, { 3, 2, NO } },
	};
	/* spikes: bit 0 a > b, bit 1 b > a; entry 3 cannot be */
	static const struct rill_ndf_entry table[8] = {
		{ .id = 0, .next = 0, .emit = 1 }, { .id = 1, .next = 1, .emit = 1 },
		{ .id = 2, .next = 1, .emit = 1 }, { .id = 0, .next = 0, .emit = 1 },
		{ .id = 3, .next = 0, .emit = 1 }, { .id = 4, .next = 1, .emit = 1 },
		{ .id = 5, .next = 1, .emit = 1 }, { .id = 3, .next = 0, .emit = 1 },
	};
	static const uint64_t need[2] = { 3, 12 };
	static const int32_t weights[8] = { 1, -1, -1, 1, 1, -1, -1, 1 };
	static const int64_t theta[2] = { 1, 1 };
	uint32_t when = build_when(b, &(struct neuron){
		.head = { .dims = 2, .states = 2, .width = 64 },
		.inputs = 4, .need = need, .theta = theta, .weights = weights, .table = table,
	});
	uint32_t where = build_where(b, RILL_NDF_TABLE, 4, 3, patterns, 6), sub = build_op(b, RILL_NDF_SUB);
	uint32_t a = build_op_imm(b, RILL_NDF_THEN, 1, 1071), c = build_op_imm(b, RILL_NDF_THEN, 1, 462);

	build_arc(b, when, 0, where, 4);
	build_arc(b, where, 0, sub, 0);
	build_arc(b, where, 1, sub, 1);
	build_arc(b, where, 1, where, 3);
	build_arc(b, where, 1, when, 3);
	build_arc(b, where, 2, a, 0);
	build_arc(b, where, 2, c, 0);
	build_arc(b, sub, 0, where, 2);
	build_arc(b, sub, 0, when, 2);
	build_token(b, build_arc(b, a, 0, where, 0), 1071);
	build_token(b, build_arc(b, a, 0, when, 0), 1071);
	build_token(b, build_arc(b, c, 0, where, 1), 462);
	build_token(b, build_arc(b, c, 0, when, 1), 462);
}

void graph_gcd(struct build *b, uint32_t nodes)
{
	uint32_t i;

	for (i = 0; i < nodes / 5; i++)
		one_gcd(b);
}
