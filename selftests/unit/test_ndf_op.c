// SPDX-License-Identifier: MIT
/* Dataflow: what OPs compute, at the edges too, and what they do to memory. */
#include <stdlib.h>
#include <string.h>

#include "ndf_rig.h"

#define MIN64		0x8000000000000000ULL
#define MAX64		0x7fffffffffffffffULL
#define ONES		UINT64_MAX
union number {
	double d;
	uint64_t w;
};

#define F(x)		(((union number){ .d = (x) }).w)
#define INF		0x7ff0000000000000ULL
#define NAN1		0xfff8000000000001ULL

struct row {
	unsigned int op;
	uint64_t a, b, want;
};

static const struct row integers[] = {
	{ RILL_NDF_COPY, 7, 0, 7 },
	{ RILL_NDF_NOT, 5, 0, ~5ULL },
	{ RILL_NDF_NEG, 5, 0, -5ULL },
	{ RILL_NDF_NEG, MIN64, 0, MIN64 },
	{ RILL_NDF_ABS, -5ULL, 0, 5 },
	{ RILL_NDF_ABS, MIN64, 0, MIN64 },
	{ RILL_NDF_POPCNT, 0xff00ff, 0, 16 },
	{ RILL_NDF_CLZ, 1, 0, 63 },
	{ RILL_NDF_CLZ, 0, 0, 64 },
	{ RILL_NDF_CTZ, 8, 0, 3 },
	{ RILL_NDF_CTZ, 0, 0, 64 },
	{ RILL_NDF_THEN, 1, 2, 2 },
	{ RILL_NDF_ADD, ONES, 2, 1 },
	{ RILL_NDF_SUB, 1, 2, ONES },
	{ RILL_NDF_MUL, MAX64, 2, ONES - 1 },
	{ RILL_NDF_MULH, MIN64, 2, ONES },
	{ RILL_NDF_MULH, 1ULL << 40, 1ULL << 40, 1 << 16 },
	{ RILL_NDF_DIV, -7ULL, 2, -3ULL },
	{ RILL_NDF_DIV, 7, 0, ONES },
	{ RILL_NDF_DIV, MIN64, ONES, MIN64 },
	{ RILL_NDF_REM, -7ULL, 2, ONES },
	{ RILL_NDF_REM, 7, 0, 7 },
	{ RILL_NDF_REM, MIN64, ONES, 0 },
	{ RILL_NDF_DIVU, ONES, 2, MAX64 },
	{ RILL_NDF_DIVU, 7, 0, ONES },
	{ RILL_NDF_REMU, ONES, 10, 5 },
	{ RILL_NDF_REMU, 7, 0, 7 },
	{ RILL_NDF_AND, 12, 10, 8 },
	{ RILL_NDF_OR, 12, 10, 14 },
	{ RILL_NDF_XOR, 12, 10, 6 },
	{ RILL_NDF_SHL, 1, 63, MIN64 },
	{ RILL_NDF_SHL, 1, 64, 0 },
	{ RILL_NDF_SHL, 1, ONES, 0 },
	{ RILL_NDF_SHR, MIN64, 63, 1 },
	{ RILL_NDF_SHR, MIN64, 64, 0 },
	{ RILL_NDF_SAR, MIN64, 0, MIN64 },
	{ RILL_NDF_SAR, MIN64, 63, ONES },
	{ RILL_NDF_SAR, MIN64, 64, ONES },
	{ RILL_NDF_SAR, MAX64, 1000, 0 },
	{ RILL_NDF_SAR, -8ULL, 1, -4ULL },
	{ RILL_NDF_MIN, ONES, 1, ONES },
	{ RILL_NDF_MAX, ONES, 1, 1 },
	{ RILL_NDF_MINU, ONES, 1, 1 },
	{ RILL_NDF_MAXU, ONES, 1, ONES },
	{ RILL_NDF_EQ, 3, 3, 1 },
	{ RILL_NDF_NE, 3, 3, 0 },
	{ RILL_NDF_LT, ONES, 1, 1 },
	{ RILL_NDF_LE, 1, ONES, 0 },
	{ RILL_NDF_LE, 1, 1, 1 },
	{ RILL_NDF_GT, ONES, 1, 0 },
	{ RILL_NDF_GE, 1, 1, 1 },
	{ RILL_NDF_LTU, ONES, 1, 0 },
	{ RILL_NDF_LEU, 1, ONES, 1 },
	{ RILL_NDF_GTU, ONES, 1, 1 },
	{ RILL_NDF_GEU, 0, 1, 0 },
};

static uint64_t run_op(uint32_t (*make)(struct rig *rig, const struct row *row), const struct row *row)
{
	struct rig rig;
	const uint64_t *words;
	uint64_t word;
	size_t count;

	rig_begin(&rig);
	rig_drain(&rig, make(&rig, row), 0);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	words = rill_ndf_sink_words(rig.engine, 0, &count);
	assert_int_equal(count, 1);
	word = words[0];
	rig_end(&rig);
	return word;
}

static uint32_t both(struct rig *rig, const struct row *row)
{
	uint32_t node = build_op(&rig->b, row->op);

	FEED(rig, node, 0, row->a);
	if (row->op >= RILL_NDF_THEN)
		FEED(rig, node, 1, row->b);
	return node;
}

static uint32_t immediate_a(struct rig *rig, const struct row *row)
{
	uint32_t node = build_op_imm(&rig->b, row->op, 0, row->a);

	FEED(rig, node, 0, row->b);
	return node;
}

static uint32_t immediate_b(struct rig *rig, const struct row *row)
{
	uint32_t node = build_op_imm(&rig->b, row->op, 1, row->b);

	FEED(rig, node, 0, row->a);
	return node;
}

static void check_rows(const struct row *row, size_t count)
{
	for (; count; count--, row++) {
		if (run_op(both, row) != row->want)
			fail_msg("operation %u of %#llx, %#llx", row->op, (unsigned long long)row->a,
				 (unsigned long long)row->b);
		if (row->op < RILL_NDF_THEN)
			continue;
		assert_int_equal(run_op(immediate_a, row), row->want);
		assert_int_equal(run_op(immediate_b, row), row->want);
	}
}

static void test_integers(void **state)
{
	check_rows(integers, COUNT(integers));
}

static void test_floats(void **state)
{
	const struct row rows[] = {
		{ RILL_NDF_FNEG, F(1.5), 0, F(-1.5) },
		{ RILL_NDF_FNEG, NAN1, 0, RILL_NDF_NAN },
		{ RILL_NDF_FABS, F(-2.0), 0, F(2.0) },
		{ RILL_NDF_FSQRT, F(9.0), 0, F(3.0) },
		{ RILL_NDF_FSQRT, F(-9.0), 0, RILL_NDF_NAN },
		{ RILL_NDF_I2F, ONES, 0, F(-1.0) },
		{ RILL_NDF_U2F, ONES, 0, F(18446744073709551616.0) },
		{ RILL_NDF_F2I, F(-2.9), 0, -2ULL },
		{ RILL_NDF_F2I, F(1e300), 0, MAX64 },
		{ RILL_NDF_F2I, F(-1e300), 0, MIN64 },
		{ RILL_NDF_F2I, F(9223372036854775808.0), 0, MAX64 },
		{ RILL_NDF_F2I, F(-9223372036854775808.0), 0, MIN64 },
		{ RILL_NDF_F2I, NAN1, 0, 0 },
		{ RILL_NDF_FADD, F(1.5), F(2.0), F(3.5) },
		{ RILL_NDF_FADD, INF, F(-1.0) | INF, RILL_NDF_NAN },
		{ RILL_NDF_FSUB, F(1.5), F(2.0), F(-0.5) },
		{ RILL_NDF_FMUL, F(1.5), F(2.0), F(3.0) },
		{ RILL_NDF_FMUL, F(0.0), INF, RILL_NDF_NAN },
		{ RILL_NDF_FDIV, F(1.0), F(0.0), INF },
		{ RILL_NDF_FDIV, F(0.0), F(0.0), RILL_NDF_NAN },
		{ RILL_NDF_FMIN, F(0.0), F(-0.0), F(-0.0) },
		{ RILL_NDF_FMIN, F(-0.0), F(0.0), F(0.0) },
		{ RILL_NDF_FMIN, F(1.0), NAN1, RILL_NDF_NAN },
		{ RILL_NDF_FMAX, F(1.0), F(2.0), F(2.0) },
		{ RILL_NDF_FMAX, NAN1, F(2.0), RILL_NDF_NAN },
		{ RILL_NDF_FEQ, F(0.0), F(-0.0), 1 },
		{ RILL_NDF_FEQ, NAN1, NAN1, 0 },
		{ RILL_NDF_FNE, NAN1, NAN1, 1 },
		{ RILL_NDF_FLT, F(1.0), F(2.0), 1 },
		{ RILL_NDF_FLE, NAN1, F(2.0), 0 },
		{ RILL_NDF_FGT, F(1.0), F(2.0), 0 },
		{ RILL_NDF_FGE, F(2.0), F(2.0), 1 },
	};

	check_rows(rows, COUNT(rows));
}

/* Whatever the operands, one token comes out; UBSan sees that nothing undefined is done. */
static void test_total(void **state)
{
	const uint64_t edges[] = { 0, 1, 63, 64, ONES, MIN64, MAX64, INF, NAN1, F(-1.5), F(1e19) };
	unsigned int op, a, b, known = 0;

	for (op = 1; op < RILL_NDF_SELECT; op++) {
		struct row row = { .op = op };
		struct rig rig;

		rig_begin(&rig);
		rig_drain(&rig, both(&rig, &row), 0);
		if (rig_verdict(&rig).code == RILL_NDF_VALID) {
			known++;
			for (a = 0; a < COUNT(edges); a++) {
				for (b = 0; b < COUNT(edges); b++) {
					row.a = edges[a];
					row.b = edges[b];
					run_op(both, &row);
				}
			}
		}
		rig_end(&rig);
	}
	assert_int_equal(known, 13 + 19 + 10 + 12);
}

static void test_select(void **state)
{
	struct rig rig;
	uint32_t node;

	rig_begin(&rig);
	node = build_op(&rig.b, RILL_NDF_SELECT);
	FEED(&rig, node, 0, 1, 0, 5);
	FEED(&rig, node, 1, 10, 11, 12);
	FEED(&rig, node, 2, 20, 21, 22);
	rig_drain(&rig, node, 0);
	node = build_op_imm(&rig.b, RILL_NDF_SELECT, 2, 99);
	FEED(&rig, node, 0, 0, 1);
	FEED(&rig, node, 1, 10, 11);
	rig_drain(&rig, node, 0);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	EXPECT(&rig, 0, 10, 21, 12);
	EXPECT(&rig, 1, 99, 11);
	rig_end(&rig);
}

/* A memory operation: its size, SCALED or SIGNED, displacement */
static uint32_t memory_op(struct rig *rig, unsigned int op, unsigned int size_shift, unsigned int flags,
			  int32_t displacement)
{
	uint32_t node = build_op(&rig->b, op);

	rig->b.nodes[node].flags = (uint16_t)(flags | size_shift << RILL_NDF_MEM_SIZE_SHIFT);
	rig->b.nodes[node].param = (uint32_t)displacement;
	rig->b.memory_bytes = sizeof(rig->memory);
	return node;
}

static void test_load(void **state)
{
	static const struct {
		unsigned int shift, flags;
		uint64_t want;
	} loads[] = {
		{ 0, 0, 0x88 }, { 1, 0, 0x8788 }, { 2, 0, 0x85868788 }, { 3, 0, 0x8182838485868788 },
		{ 0, RILL_NDF_MEM_SIGNED, 0xffffffffffffff88 }, { 1, RILL_NDF_MEM_SIGNED, 0xffffffffffff8788 },
		{ 2, RILL_NDF_MEM_SIGNED, 0xffffffff85868788 }, { 3, RILL_NDF_MEM_SIGNED, 0x8182838485868788 },
	};
	struct rig rig;
	unsigned int i;
	uint32_t node;

	rig_begin(&rig);
	for (i = 0; i < 8; i++)
		rig.memory[24 + i] = (uint8_t)(0x88 - i);
	for (i = 0; i < COUNT(loads); i++) {
		node = memory_op(&rig, RILL_NDF_LOAD, loads[i].shift, loads[i].flags, -8);
		FEED(&rig, node, 0, 32);
		rig_drain(&rig, node, 0);
	}
	/* 8 + 8 * 2 = 24, with a memory token that passes */
	node = memory_op(&rig, RILL_NDF_LOAD, 3, RILL_NDF_MEM_SCALED, 8);
	rig.b.nodes[node].inputs = rig.b.nodes[node].outputs = 2;
	FEED(&rig, node, 0, 2);
	FEED(&rig, node, 1, 77);
	rig_drain(&rig, node, 0);
	rig_drain(&rig, node, 1);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	for (i = 0; i < COUNT(loads); i++)
		EXPECT(&rig, i, loads[i].want);
	EXPECT(&rig, i, 0x8182838485868788);
	EXPECT(&rig, i + 1, 77);
	rig_end(&rig);
}

/* STORE, then ATOMIC_ADD, then LOAD at the same place, threaded by a memory token */
static void thread_memory(struct rig *rig, unsigned int shift)
{
	uint32_t store = memory_op(rig, RILL_NDF_STORE, shift, 0, 0);
	uint32_t add = memory_op(rig, RILL_NDF_ATOMIC_ADD, shift, 0, 0);
	uint32_t load = memory_op(rig, RILL_NDF_LOAD, shift, 0, 0);

	rig->b.nodes[add].inputs = 3;
	rig->b.nodes[add].outputs = 2;
	rig->b.nodes[load].inputs = 2;
	FEED(rig, store, 0, 16);
	FEED(rig, store, 1, 0x12ffULL);
	FEED(rig, add, 0, 16);
	FEED(rig, add, 1, 0x1001ULL);
	build_arc(&rig->b, store, 0, add, 2);
	FEED(rig, load, 0, 16);
	build_arc(&rig->b, add, 1, load, 1);
	rig_drain(rig, add, 0);
	rig_drain(rig, load, 0);
}

static void test_store(void **state)
{
	static const uint64_t mask[] = { 0xff, 0xffff, 0xffffffff, ONES };
	unsigned int shift;

	for (shift = 0; shift < 4; shift++) {
		uint64_t old = 0x12ff & mask[shift], new = (0x12ff + 0x1001) & mask[shift];
		struct rig rig;

		rig_begin(&rig);
		memset(rig.memory, 0xa5, sizeof(rig.memory));
		thread_memory(&rig, shift);
		assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
		EXPECT(&rig, 0, old);
		EXPECT(&rig, 1, new);
		assert_int_equal(rig.memory[16], new & 0xff);
		assert_int_equal(rig.memory[16 + (1 << shift)], 0xa5);
		assert_int_equal(rig.memory[15], 0xa5);
		rig_end(&rig);
	}
}

struct calls {
	uint64_t word, addr;
	unsigned int bytes;
	bool refuse;
};

static bool call_load(void *opaque, uint64_t addr, unsigned int bytes, uint64_t *word)
{
	struct calls *calls = opaque;

	calls->addr = addr;
	calls->bytes = bytes;
	*word = calls->word;
	return !calls->refuse;
}

static bool call_store(void *opaque, uint64_t addr, unsigned int bytes, uint64_t word)
{
	struct calls *calls = opaque;

	calls->addr = addr;
	calls->bytes = bytes;
	calls->word = word;
	return !calls->refuse;
}

static bool call_add(void *opaque, uint64_t addr, unsigned int bytes, uint64_t addend, uint64_t *old)
{
	struct calls *calls = opaque;

	*old = calls->word;
	return call_store(opaque, addr, bytes, calls->word + addend);
}

static void test_callbacks(void **state)
{
	struct calls calls = { 0 };
	struct rill_ndf_fault_report report;
	struct rig rig;

	rig_begin(&rig);
	rig.options.host = (struct rill_ndf_host){
		.opaque = &calls, .load = call_load, .store = call_store, .atomic_add = call_add,
	};
	thread_memory(&rig, 1);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	EXPECT(&rig, 0, 0x12ff);
	EXPECT(&rig, 1, 0x2300);
	assert_int_equal(calls.addr, 16);
	assert_int_equal(calls.bytes, 2);
	calls.refuse = true;
	rig_again(&rig);
	assert_int_equal(rig_run(&rig), RILL_NDF_FAULT);
	rill_ndf_fault(rig.engine, &report);
	assert_int_equal(report.fault, RILL_NDF_FAULT_ADDRESS);
	rig_end(&rig);
}

static void expect_fault(unsigned int shift, uint64_t addr, enum rill_ndf_fault fault)
{
	struct rill_ndf_fault_report report;
	struct rig rig;
	uint32_t node, arc;

	rig_begin(&rig);
	node = memory_op(&rig, RILL_NDF_LOAD, shift, 0, 0);
	arc = FEED(&rig, node, 0, addr);
	rig_drain(&rig, node, 0);
	assert_int_equal(rig_run(&rig), fault ? RILL_NDF_FAULT : RILL_NDF_FINISHED);
	rill_ndf_fault(rig.engine, &report);
	assert_int_equal(report.fault, fault);
	if (fault) {
		assert_int_equal(report.node, node);
		assert_int_equal(report.word, addr);
		assert_int_equal(rig_run(&rig), RILL_NDF_FAULT);
		assert_int_equal(rill_ndf_arc_held(rig.engine, rig.b.arc_at[arc]), 1);
	}
	rig_end(&rig);
}

static void test_faults(void **state)
{
	expect_fault(3, 4088, RILL_NDF_NO_FAULT);
	expect_fault(3, 4096, RILL_NDF_FAULT_ADDRESS);
	expect_fault(0, 4095, RILL_NDF_NO_FAULT);
	expect_fault(0, 4096, RILL_NDF_FAULT_ADDRESS);
	expect_fault(0, ONES, RILL_NDF_FAULT_ADDRESS);
	expect_fault(3, -8ULL, RILL_NDF_FAULT_ADDRESS);
	expect_fault(3, 4, RILL_NDF_FAULT_ALIGN);
	expect_fault(2, 2, RILL_NDF_FAULT_ALIGN);
	expect_fault(1, 1, RILL_NDF_FAULT_ALIGN);
}

struct streams {
	enum rill_ndf_stream_answer answer;
	struct rill_ndf_stream_op last;
	unsigned int calls;
};

static enum rill_ndf_stream_answer call_stream(void *opaque, struct rill_ndf_stream_op *op)
{
	struct streams *streams = opaque;

	streams->calls++;
	streams->last = *op;
	op->results[0] = op->operands[0] + op->operands[1];
	op->results[1] = 42;
	return streams->answer;
}

static void test_stream(void **state)
{
	struct streams streams = { .answer = RILL_NDF_STREAM_BUSY };
	struct rill_ndf_fault_report report;
	struct rig rig;
	uint32_t node;

	rig_begin(&rig);
	rig.options.host = (struct rill_ndf_host){ .opaque = &streams, .stream = call_stream };
	node = build_node(&rig.b, &(struct rill_ndf_node){
		.kind = RILL_NDF_OP, .mode = RILL_NDF_STREAM, .inputs = 1, .outputs = 2, .param = 9,
		.flags = RILL_NDF_OP_IMM(0), .imm = 100, .name = RILL_NDF_NONE,
	});
	FEED(&rig, node, 0, 5);
	rig_drain(&rig, node, 0);
	rig_drain(&rig, node, 1);
	assert_int_equal(rig_run(&rig), RILL_NDF_BUSY);
	assert_int_equal(rig_run(&rig), RILL_NDF_BUSY);
	assert_int_equal(streams.calls, 2);
	assert_int_equal(streams.last.function, 9);
	assert_int_equal(streams.last.operand_count, 2);
	assert_int_equal(streams.last.result_count, 2);
	streams.answer = RILL_NDF_STREAM_DONE;
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	EXPECT(&rig, 0, 105);
	EXPECT(&rig, 1, 42);
	streams.answer = RILL_NDF_STREAM_REFUSED;
	rig_again(&rig);
	assert_int_equal(rig_run(&rig), RILL_NDF_FAULT);
	rill_ndf_fault(rig.engine, &report);
	assert_int_equal(report.fault, RILL_NDF_FAULT_STREAM);
	assert_int_equal(report.word, 105);
	rig_end(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_floats),
		cmocka_unit_test(test_total),
		cmocka_unit_test(test_select),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_callbacks),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_stream),
	};

	return cmocka_run_group_tests_name("ndf op", tests, NULL, NULL);
}
