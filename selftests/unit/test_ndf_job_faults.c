// SPDX-License-Identifier: GPL-2.0-or-later
/* Dataflow programs as jobs: what is refused, how runs end badly, and what ends them from outside. */
#include "ndf_job_rig.h"
#include "ndf_programs.h"

#define FIELD(member)		offsetof(struct rill_ndf_job, member)
#define ELEMENT(member, i)	((uint64_t)(i) << 16 | FIELD(member))
#define PROGRAM(code, at)	((uint64_t)(code) << 48 | (at))
#define DDR_LEAF		(RILL_PTE_VALID | RILL_PTE_LEAF | RILL_PTE_DDR)

/* A block can ask for everything here: words -> LOAD -> COUNT sink; words -> a plastic WHEN -> QUIET sink */
static void build_all(struct rig *flat)
{
	static const struct rill_ndf_plastic rule = { .rate = 1, .weight_max = 1, .bias_max = 1, .theta_max = 1 };
	static const struct rill_ndf_entry flag[2] = { { .emit = 1 }, { .id = 1, .emit = 1 } };
	static const uint64_t words[4] = { 0, 8, 16, 24 };
	uint32_t source = build_source(&flat->b, words, COUNT(words)), load, when;

	load = build_op(&flat->b, RILL_NDF_LOAD);
	flat->b.nodes[load].flags = 3u << RILL_NDF_MEM_SIZE_SHIFT;
	flat->b.memory_bytes = sizeof(flat->memory);
	when = build_when(&flat->b, &(struct neuron){
		.head = { .dims = 1, .states = 1, .width = 16 }, .inputs = 1, .weights = &(int32_t){ 1 },
		.table = flag, .plastic = &rule,
	});
	build_arc(&flat->b, source, 0, load, 0);
	build_arc(&flat->b, source, 0, when, 0);
	build_arc(&flat->b, load, 0, build_sink(&flat->b, RILL_NDF_SINK_COUNT, 4), 0);
	rig_drain(flat, when, 0);
	flat->b.nodes[load].chiplet = 3;
	rig_load(flat);
}

static struct rill_ndf_job *put_all(struct job_rig *rig, const struct rig *flat)
{
	struct rill_ndf_job *job = job_put(rig, flat->binary, flat->size);

	job->inputs = JOB_INPUTS;
	job->input_count = 1;
	*job_input(rig, 0) = (struct rill_ndf_input){ .words = JOB_IN_WORDS, .count = 4 };
	memset(job_at(rig, JOB_IN_WORDS), 0, 32);
	return job;
}

/* --- fields --- */

static const struct {
	uint64_t offset, bytes, value;
	uint64_t detail;		/* UINT64_MAX: it is right */
} fields[] = {
#define F(member, value)	{ FIELD(member), sizeof(((struct rill_ndf_job *)0)->member), (value), FIELD(member) }
#define G(member, value)	{ FIELD(member), sizeof(((struct rill_ndf_job *)0)->member), (value), UINT64_MAX }
	F(flags, 4), F(flags, 1u << 31), G(flags, 3), G(flags, 0),
	F(capacity, 4097), F(capacity, UINT32_MAX), G(capacity, 4096),
	F(firing_limit, 0), F(firing_limit, RILL_NDF_MAX_FIRINGS + 1), F(firing_limit, UINT64_MAX),
	G(firing_limit, RILL_NDF_MAX_FIRINGS),
	F(program, 0), F(program, JOB_PROGRAM + 4),
	F(memory, 0), F(memory, JOB_MEMORY + 1), F(memory, 1ULL << 48), F(memory, (uint64_t)-8),
	F(inputs, JOB_INPUTS + 4), F(outputs, JOB_OUTPUTS + 1),
	{ FIELD(inputs), 8, 0, FIELD(input_count) }, { FIELD(outputs), 8, 0, FIELD(output_count) },
	F(input_count, 0), F(input_count, 2), F(input_count, UINT32_MAX),
	F(output_count, 0), F(output_count, 1), F(output_count, 3), F(output_count, UINT32_MAX),
	F(weights, JOB_WEIGHTS + 4), { FIELD(weights), 8, 0, FIELD(weights_bytes) },
	F(weights_bytes, 0), F(weights_bytes, 16), F(weights_bytes, 32), F(weights_bytes, UINT64_MAX),
	F(report, JOB_REPORT + 4), G(report, 0),
};

static void test_fields(void **state)
{
	struct job_rig *rig = *state;
	struct rill_hw_cqe cqe;
	struct rig flat;
	uint8_t *block;
	uint32_t i;

	rig_begin(&flat);
	build_all(&flat);
	for (i = 0; i < COUNT(fields); i++) {
		block = (uint8_t *)put_all(rig, &flat);
		memcpy(block + fields[i].offset, &fields[i].value, fields[i].bytes);
		cqe = job_run(rig);
		if (fields[i].detail == UINT64_MAX && RILL_CQE_STATUS(cqe.status_phase))
			fail_msg("%u: good, but status %u, detail %#llx", i, RILL_CQE_STATUS(cqe.status_phase),
				 (unsigned long long)cqe.detail);
		if (fields[i].detail != UINT64_MAX &&
		    (RILL_CQE_STATUS(cqe.status_phase) != RILL_BAD_FIELD || cqe.detail != fields[i].detail))
			fail_msg("%u: status %u, detail %#llx", i, RILL_CQE_STATUS(cqe.status_phase),
				 (unsigned long long)cqe.detail);
		assert_int_equal(cqe.start_ps <= cqe.end_ps, 1);
	}
	put_all(rig, &flat)->reserved = 1;
	job_expect(rig, RILL_BAD_RESERVED, FIELD(reserved));
	put_all(rig, &flat)->flags = RILL_NDF_JOB_LOAD_WEIGHTS;
	((struct rill_ndf_job *)job_at(rig, JOB_BLOCK))->weights = 0;
	job_expect(rig, RILL_BAD_FIELD, FIELD(weights));
	rig_end(&flat);
}

static void test_elements(void **state)
{
	static const struct rill_ndf_input inputs[] = {
		{ JOB_IN_WORDS + 4, 4 }, { 0, 1 }, { JOB_IN_WORDS, RILL_NDF_MAX_JOB_TOKENS + 1 },
		{ JOB_IN_WORDS, UINT64_MAX },
	};
	static const struct rill_ndf_output outputs[] = {
		{ JOB_OUT_WORDS + 4, 4, 0, 0 }, { 0, 1, 0, 0 },
		{ JOB_OUT_WORDS, 4, RILL_NDF_MAX_SINK_TOKENS + 1, 0 },
	};
	struct job_rig *rig = *state;
	struct rig flat;
	uint32_t i;

	rig_begin(&flat);
	build_all(&flat);
	for (i = 0; i < COUNT(inputs); i++) {
		put_all(rig, &flat);
		*job_input(rig, 0) = inputs[i];
		job_expect(rig, RILL_BAD_FIELD, ELEMENT(inputs, 0));
	}
	for (i = 0; i < COUNT(outputs); i++) {
		put_all(rig, &flat);
		*job_output(rig, 0) = outputs[i];
		job_expect(rig, RILL_BAD_FIELD, ELEMENT(outputs, 0));
	}
	/* Only a COUNT sink can be told what to expect. */
	put_all(rig, &flat);
	job_output(rig, 1)->expected = 1;
	job_expect(rig, RILL_BAD_FIELD, ELEMENT(outputs, 1));
	rig_end(&flat);
}

/* Capacity times arcs */
static void test_slots(void **state)
{
	struct job_rig *rig = *state;
	struct rill_ndf_job *job;
	struct rig flat;
	uint32_t i, source, sink;

	rig_begin(&flat);
	for (i = 0; i < 1025; i++) {
		source = build_source(&flat.b, &(uint64_t){ i }, 1);
		sink = build_sink(&flat.b, RILL_NDF_SINK_IGNORE, 0);
		build_arc(&flat.b, source, 0, sink, 0);
	}
	rig_load(&flat);
	job = job_put(rig, flat.binary, flat.size);
	job->outputs = 0;
	job->output_count = 0;
	job->capacity = 4096;
	job_expect(rig, RILL_BAD_FIELD, FIELD(capacity));
	job->capacity = RILL_NDF_MAX_SLOTS / 1025;
	job_expect(rig, RILL_OK, 0);
	rig_end(&flat);
}

/* --- memory that is not there --- */

/* Where the block may point to nothing, and what then faults */
static const struct {
	uint64_t offset;
	enum rill_status status;
	uint64_t at;			/* JOB_NOWHERE + this */
} pointers[] = {
	{ FIELD(program), RILL_FAULT_READ, 0 }, { FIELD(memory), RILL_FAULT_READ, 0 },
	{ FIELD(inputs), RILL_FAULT_READ, 0 }, { FIELD(outputs), RILL_FAULT_READ, 0 },
	{ FIELD(weights), RILL_FAULT_WRITE, 0 }, { FIELD(report), RILL_FAULT_WRITE, 0 },
};

static void test_unmapped(void **state)
{
	const uint64_t nowhere = JOB_NOWHERE;
	struct job_rig *rig = *state;
	struct rill_ndf_job *job;
	struct rig flat;
	uint32_t i;

	rig_begin(&flat);
	build_all(&flat);
	for (i = 0; i < COUNT(pointers); i++) {
		job = put_all(rig, &flat);
		memcpy((uint8_t *)job + pointers[i].offset, &nowhere, 8);
		job_expect(rig, pointers[i].status, JOB_NOWHERE + pointers[i].at);
	}
	put_all(rig, &flat);
	job_input(rig, 0)->words = JOB_NOWHERE;
	job_expect(rig, RILL_FAULT_READ, JOB_NOWHERE);
	put_all(rig, &flat);
	job_output(rig, 1)->words = JOB_NOWHERE + 8;
	job_expect(rig, RILL_FAULT_WRITE, JOB_NOWHERE + 8);
	put_all(rig, &flat)->flags = RILL_NDF_JOB_LOAD_WEIGHTS;
	((struct rill_ndf_job *)job_at(rig, JOB_BLOCK))->weights = JOB_NOWHERE;
	job_expect(rig, RILL_FAULT_READ, JOB_NOWHERE);
	put_all(rig, &flat);
	*job_pte(rig, JOB_BLOCK, 0) &= ~RILL_PTE_VALID;
	job_remap(rig, JOB_BLOCK, 0, *job_pte(rig, JOB_BLOCK, 0));
	job_expect(rig, RILL_FAULT_READ, JOB_BLOCK);
	rig_end(&flat);
}

/* The second page of a binary, and arrays that end in nothing */
static void test_half_mapped(void **state)
{
	const uint64_t end = JOB_SYSTEM + JOB_SYSTEM_BYTES;
	struct job_rig *rig = *state;
	struct rill_ndf_job *job;
	struct rig flat;

	rig_begin(&flat);
	build_all(&flat);
	job = put_all(rig, &flat);
	job->program = end - 104;
	memcpy(job_at(rig, job->program), flat.binary, 104);
	job_expect(rig, RILL_FAULT_READ, end);
	job = put_all(rig, &flat);
	job->outputs = end - 24;
	memset(job_at(rig, job->outputs), 0, 24);
	job_expect(rig, RILL_FAULT_READ, end);
	job = put_all(rig, &flat);
	job->report = end - 8;
	job_expect(rig, RILL_FAULT_WRITE, end);
	rig_end(&flat);
}

/* A program may read from memory that it may not write to. */
static void test_read_only(void **state)
{
	struct job_rig *rig = *state;
	struct rig flat;

	rig_begin(&flat);
	build_all(&flat);
	put_all(rig, &flat);
	job_remap(rig, JOB_DDR, 1, DDR_LEAF);
	job_output(rig, 0)->words = 0;
	job_output(rig, 0)->room = 0;
	job_output(rig, 1)->words = 0;
	job_output(rig, 1)->room = 0;
	job_expect(rig, RILL_OK, 0);
	rig_end(&flat);
	rig_begin(&flat);
	program_sum_memory(&flat, 5);
	rig_load(&flat);
	put_all(rig, &flat);
	((struct rill_ndf_job *)job_at(rig, JOB_BLOCK))->input_count = 2;
	*job_input(rig, 0) = *job_input(rig, 1) = (struct rill_ndf_input){ 0 };
	job_expect(rig, RILL_FAULT_WRITE, JOB_MEMORY + 8);
	assert_int_equal(job_report(rig)->end, RILL_NDF_FAULT);
	assert_int_equal(job_report(rig)->fault, RILL_NDF_FAULT_ADDRESS);
	assert_int_equal(job_report(rig)->fault_word, 8);
	assert_int_equal(job_output(rig, 0)->count, 0);
	rig_end(&flat);
}

/* --- programs that are refused --- */

/* One byte after the other is something else, with the CRC right: the chip says what the validator says. */
static void test_malformed(void **state)
{
	struct rill_ndf_verdict verdict;
	struct job_rig *rig = *state;
	unsigned int refused = 0;
	struct rig flat;
	uint8_t *mutant;
	size_t i;

	rig_begin(&flat);
	build_all(&flat);
	mutant = malloc(flat.size);
	assert_non_null(mutant);
	for (i = 0; i < flat.size; i++) {
		memcpy(mutant, flat.binary, flat.size);
		mutant[i] ^= 0x40;
		if (i >= offsetof(struct rill_ndf_header, bytes) + 4)
			build_crc(mutant, flat.size);
		put_all(rig, &flat);
		memcpy(job_at(rig, JOB_PROGRAM), mutant, flat.size);
		if (rill_ndf_validate(mutant, flat.size, &verdict) || i / 4 == 2)
			continue;
		job_expect(rig, RILL_BAD_PROGRAM, PROGRAM(verdict.code, verdict.position));
		refused++;
	}
	assert_in_range(refused, flat.size / 4, flat.size);
	free(mutant);
	rig_end(&flat);
}

static void test_size(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 95, RILL_NDF_MAX_BYTES + 1, UINT32_MAX };
	struct job_rig *rig = *state;
	struct rill_ndf_header *header = job_at(rig, JOB_PROGRAM);
	struct rig flat;
	uint32_t i;

	rig_begin(&flat);
	build_all(&flat);
	for (i = 0; i < COUNT(sizes); i++) {
		put_all(rig, &flat);
		header->bytes = sizes[i];
		job_expect(rig, RILL_BAD_PROGRAM,
			   PROGRAM(RILL_NDF_BAD_BYTES, offsetof(struct rill_ndf_header, bytes)));
	}
	rig_end(&flat);
}

static void test_chiplet(void **state)
{
	struct job_rig *rig = *state;
	struct bench_queue q;
	struct rig flat;
	uint32_t chiplet;

	for (chiplet = 0; chiplet < 64; chiplet += chiplet < 5 ? 1 : 29) {
		rig_begin(&flat);
		FEED(&flat, build_sink(&flat.b, RILL_NDF_SINK_QUIET, 0), 0, 1);
		flat.b.nodes[1].chiplet = (uint16_t)chiplet;
		rig_load(&flat);
		job_put(rig, flat.binary, flat.size);
		job_expect(rig, chiplet < 4 ? RILL_OK : RILL_BAD_PROGRAM,
			   chiplet < 4 ? 0 : PROGRAM(RILL_NDF_BAD_CHIPLET, 1));
		rig_end(&flat);
	}
	/* A context of chiplets 0, 1 and 3: not on 2, nor from 3 to 0 by it */
	assert_int_equal(bench_command(rig->b, RILL_ADMIN_QUEUE_DELETE, 1), RILL_OK);
	assert_int_equal(bench_command(rig->b, RILL_ADMIN_CONTEXT_CREATE, 1, BENCH_ROOT, 0xb), RILL_OK);
	q = rig->queues[0];
	assert_int_equal(bench_command(rig->b, RILL_ADMIN_QUEUE_CREATE, 1, BENCH_SQ(1), BENCH_CQ(1), 16, 1, 1),
			 RILL_OK);
	memset(bench_at(rig->b, BENCH_CQ(1)), 0, 16 * sizeof(struct rill_hw_cqe));
	rig->queues[0] = (struct bench_queue){ .id = q.id, .depth = q.depth, .phase = RILL_CQE_PHASE };
	for (chiplet = 0; chiplet < 4; chiplet++) {
		static const struct { enum rill_status status; uint64_t detail; } want[] = {
			{ RILL_OK, 0 }, { RILL_OK, 0 }, { RILL_BAD_PROGRAM, PROGRAM(RILL_NDF_BAD_CHIPLET, 0) },
			{ RILL_UNREACHABLE, 3 << 16 },
		};

		rig_begin(&flat);
		FEED(&flat, build_sink(&flat.b, RILL_NDF_SINK_QUIET, 0), 0, 1);
		flat.b.nodes[0].chiplet = (uint16_t)chiplet;
		rig_load(&flat);
		job_put(rig, flat.binary, flat.size);
		job_expect(rig, want[chiplet].status, want[chiplet].detail);
		rig_end(&flat);
	}
}

/* --- runs that end badly --- */

/* Word -> OP -> sink */
static void run_op(struct job_rig *rig, unsigned int op, uint16_t flags, uint32_t param, uint64_t word,
		   enum rill_ndf_fault fault, uint64_t fault_word)
{
	const struct rill_ndf_report *report = job_report(rig);
	struct rig flat;
	uint32_t node;

	rig_begin(&flat);
	node = build_op(&flat.b, op);
	flat.b.nodes[node].flags = flags;
	flat.b.nodes[node].param = param;
	flat.b.nodes[node].inputs = 1;
	flat.b.nodes[node].outputs = 1;
	flat.b.memory_bytes = op == RILL_NDF_LOAD ? 64 : 0;
	FEED(&flat, node, 0, word);
	rig_drain(&flat, node, 0);
	rig_load(&flat);
	job_put(rig, flat.binary, flat.size);
	job_expect(rig, RILL_PROGRAM_FAULT, (uint64_t)node << 32 | fault);
	assert_int_equal(report->end, RILL_NDF_FAULT);
	assert_int_equal(report->fault, fault);
	assert_int_equal(report->fault_node, node);
	assert_int_equal(report->fault_word, fault_word);
	assert_int_equal(report->source, 1);
	assert_int_equal(report->tokens_left, 1);
	assert_int_equal(job_output(rig, 0)->count, 0);
	rig_end(&flat);
}

static void test_program_faults(void **state)
{
	const uint16_t eight = 3 << RILL_NDF_MEM_SIZE_SHIFT;

	run_op(*state, RILL_NDF_LOAD, eight, 0, 4, RILL_NDF_FAULT_ALIGN, 4);
	run_op(*state, RILL_NDF_LOAD, eight, 0, 64, RILL_NDF_FAULT_ADDRESS, 64);
	run_op(*state, RILL_NDF_LOAD, eight, (uint32_t)-8, 0, RILL_NDF_FAULT_ADDRESS, (uint64_t)-8);
	run_op(*state, RILL_NDF_LOAD, 0, 0, UINT64_MAX, RILL_NDF_FAULT_ADDRESS, UINT64_MAX);
	/* There is a stream engine in a pass only. */
	run_op(*state, RILL_NDF_STREAM, 0, RILL_RULES_ANSWER, 1, RILL_NDF_FAULT_STREAM, RILL_NO_PASS);
}

static void test_bad_switch(void **state)
{
	static const struct pattern pattern = { 1, 1, { 0 } };
	struct job_rig *rig = *state;
	struct rig flat;
	uint32_t where;

	rig_begin(&flat);
	where = build_where(&flat.b, RILL_NDF_TABLE, 1, 1, &pattern, 1);
	FEED(&flat, where, 0, 5, 6);
	FEED(&flat, where, 1, 0, 77);
	rig_drain(&flat, where, 0);
	rig_load(&flat);
	job_put(rig, flat.binary, flat.size);
	job_expect(rig, RILL_PROGRAM_FAULT, (uint64_t)where << 32 | RILL_NDF_FAULT_SWITCH);
	assert_int_equal(job_report(rig)->fault_word, 77);
	assert_in_range(job_report(rig)->where, 1, 1);
	rig_end(&flat);
}

/* An adder that counts for ever */
static void build_endless(struct rig *flat, bool memory)
{
	uint32_t add, load;

	rig_begin(flat);
	add = build_op_imm(&flat->b, RILL_NDF_ADD, 1, 0);
	build_token(&flat->b, build_arc(&flat->b, add, 0, add, 0), 16);
	if (memory) {
		load = build_op(&flat->b, RILL_NDF_LOAD);
		flat->b.nodes[load].flags = 3u << RILL_NDF_MEM_SIZE_SHIFT;
		flat->b.nodes[load].chiplet = 1;
		flat->b.memory_bytes = sizeof(flat->memory);
		build_arc(&flat->b, add, 0, load, 0);
		build_arc(&flat->b, load, 0, build_sink(&flat->b, RILL_NDF_SINK_IGNORE, 0), 0);
	}
	rig_load(flat);
}

static void test_limit(void **state)
{
	struct job_rig *rig = *state;
	struct rig flat;
	uint64_t limit;

	build_endless(&flat, false);
	for (limit = 1; limit <= 10000; limit *= 10) {
		job_put(rig, flat.binary, flat.size)->firing_limit = limit;
		job_expect(rig, RILL_FIRING_LIMIT, limit);
		assert_int_equal(job_report(rig)->end, RILL_NDF_LIMIT);
		assert_int_equal(job_report(rig)->firings, limit);
		assert_int_equal(job_report(rig)->chiplet[0].firings, limit);
		assert_int_equal(job_report(rig)->end_ps - job_report(rig)->start_ps, 1250 * limit);
	}
	rig_end(&flat);
}

/* An adder whose second input has too few words for the sink */
static void test_deadlock(void **state)
{
	struct job_rig *rig = *state;
	const struct rill_ndf_report *report = job_report(rig);
	struct rill_ndf_block blocks[RILL_NDF_MAX_WAITS];
	struct rig flat;
	uint32_t add, i;
	size_t count;

	rig_begin(&flat);
	add = build_op(&flat.b, RILL_NDF_ADD);
	FEED(&flat, add, 0, 1, 2, 3);
	FEED(&flat, add, 1, 1);
	build_arc(&flat.b, add, 0, build_sink(&flat.b, RILL_NDF_SINK_COUNT, 3), 0);
	flat.b.nodes[add].chiplet = 2;
	rig_load(&flat);
	assert_int_equal(rig_run(&flat), RILL_NDF_DEADLOCK);
	count = rill_ndf_blocks(flat.engine, blocks, COUNT(blocks));
	assert_in_range(count, 1, COUNT(blocks));
	job_put(rig, flat.binary, flat.size);
	job_expect(rig, RILL_DEADLOCK, (uint64_t)blocks[0].node << 32 | blocks[0].arc);
	assert_int_equal(report->end, RILL_NDF_DEADLOCK);
	assert_int_equal(report->wait_count, count);
	for (i = 0; i < count; i++) {
		assert_int_equal(report->wait[i].arc, blocks[i].arc);
		assert_int_equal(report->wait[i].node, blocks[i].node);
		assert_int_equal(report->wait[i].full, blocks[i].full);
	}
	assert_int_equal(report->wait[count].node, 0);
	assert_int_equal(job_output(rig, 0)->count, 1);
	assert_int_equal(*(uint64_t *)job_at(rig, JOB_OUT_WORDS), 2);
	assert_int_equal(report->tokens_left, 2);
	rig_end(&flat);
}

/* --- ended from outside --- */

/* Until the program runs, and some steps more */
static void step_into_run(struct job_rig *rig)
{
	unsigned int i;

	for (i = 0; i < 40; i++)
		assert_true(rill_chip_step(rig->b->chip, UINT64_MAX));
}

static uint64_t progress(struct job_rig *rig, unsigned int q)
{
	return bench_read64(rig->b, RILL_QUEUE_BASE + (1 + q) * RILL_QUEUE_STRIDE + RILL_QUEUE_PROGRESS);
}

static void test_abort(void **state)
{
	struct job_rig *rig = *state;
	struct rill_hw_cqe cqe;
	struct rig flat;
	uint32_t tag, all;
	uint64_t moved;

	build_endless(&flat, true);
	for (all = 0; all < 2; all++) {
		job_put(rig, flat.binary, flat.size)->firing_limit = RILL_NDF_MAX_FIRINGS;
		tag = job_submit(rig, 0);
		step_into_run(rig);
		moved = progress(rig, 0);
		step_into_run(rig);
		assert_in_range(progress(rig, 0), moved + 1, UINT64_MAX);
		/* Another tag, another queue: nothing happens. bench_command() would run on for good. */
		rill_engine_abort(rig->b->chip, 1, tag + 1, false);
		rill_engine_abort(rig->b->chip, 2, UINT32_MAX, false);
		assert_false(bench_take(rig->b, &rig->queues[0], &cqe));
		step_into_run(rig);
		assert_int_equal(bench_command(rig->b, RILL_ADMIN_ABORT, 1, all ? UINT32_MAX : tag), RILL_OK);
		cqe = job_take(rig, 0, tag);
		assert_int_equal(RILL_CQE_STATUS(cqe.status_phase), RILL_ABORTED);
		assert_int_equal(cqe.detail, 0);
		assert_true(cqe.end_ps > cqe.start_ps);
		assert_false(bench_take(rig->b, &rig->queues[0], &cqe));
		/* Nothing was written, and the queue is as good as before. */
		assert_int_equal(job_report(rig)->firings, 0);
		((struct rill_ndf_job *)job_at(rig, JOB_BLOCK))->firing_limit = 10;
		job_expect(rig, RILL_FIRING_LIMIT, 10);
	}
	rig_end(&flat);
}

static void test_queue_deleted(void **state)
{
	struct job_rig *rig = *state;
	struct rill_hw_cqe cqe;
	struct rig flat;
	uint32_t tag;

	build_endless(&flat, true);
	job_put(rig, flat.binary, flat.size)->firing_limit = RILL_NDF_MAX_FIRINGS;
	job_submit(rig, 0);
	step_into_run(rig);
	assert_int_equal(bench_command(rig->b, RILL_ADMIN_QUEUE_DELETE, 1), RILL_OK);
	assert_false(bench_take(rig->b, &rig->queues[0], &cqe));
	((struct rill_ndf_job *)job_at(rig, JOB_BLOCK))->firing_limit = 10;
	tag = job_submit(rig, 1);
	bench_run(rig->b);
	cqe = job_take(rig, 1, tag);
	assert_int_equal(RILL_CQE_STATUS(cqe.status_phase), RILL_FIRING_LIMIT);
	rig_end(&flat);
}

/* At any step: what it holds is given back, as the sanitizers see. */
static void test_reset(void **state)
{
	struct job_rig *rig = *state;
	unsigned int steps, i;
	struct rig flat;

	rig_begin(&flat);
	build_all(&flat);
	for (steps = 0; steps < 30; steps++) {
		put_all(rig, &flat)->flags = RILL_NDF_JOB_LOAD_WEIGHTS;
		job_submit(rig, 0);
		for (i = 0; i < steps; i++)
			rill_chip_step(rig->b->chip, UINT64_MAX);
		bench_write(rig->b, RILL_REG_CTRL, RILL_CTRL_RESET);
		bench_enable(rig->b);
		for (i = 0; i < JOB_QUEUES; i++)
			bench_queue_create(rig->b, &rig->queues[i], 1 + i, 16, 0);
		put_all(rig, &flat);
		job_expect(rig, RILL_OK, 0);
	}
	rig_end(&flat);
}

static void test_unmap(void **state)
{
	struct job_rig *rig = *state;
	struct rill_hw_cqe cqe;
	struct rig flat;
	uint32_t tag;

	build_endless(&flat, true);
	job_put(rig, flat.binary, flat.size)->firing_limit = RILL_NDF_MAX_FIRINGS;
	tag = job_submit(rig, 0);
	step_into_run(rig);
	*job_pte(rig, JOB_MEMORY, 1) = 0;
	assert_true(rill_chip_step(rig->b->chip, UINT64_MAX));
	assert_false(bench_take(rig->b, &rig->queues[0], &cqe));
	assert_int_equal(bench_command(rig->b, RILL_ADMIN_CONTEXT_INVALIDATE, 0), RILL_OK);
	cqe = job_take(rig, 0, tag);
	assert_int_equal(RILL_CQE_STATUS(cqe.status_phase), RILL_FAULT_READ);
	assert_int_equal(cqe.detail, JOB_MEMORY + 16);
	assert_int_equal(job_report(rig)->end, RILL_NDF_FAULT);
	assert_int_equal(job_report(rig)->fault_word, 16);
	assert_in_range(job_report(rig)->firings, 100, UINT64_MAX);
	rig_end(&flat);
}

/* --- queues and passes --- */

static void test_two_queues(void **state)
{
	struct job_rig *rig = *state;
	struct rill_hw_cqe cqe[4], more;
	uint32_t tags[4], i;
	struct rig flat;

	rig_begin(&flat);
	build_all(&flat);
	put_all(rig, &flat);
	for (i = 0; i < 4; i++)
		tags[i] = job_submit(rig, i % 2);
	bench_run(rig->b);
	for (i = 0; i < 4; i++) {
		cqe[i] = job_take(rig, i % 2, tags[i]);
		assert_int_equal(RILL_CQE_STATUS(cqe[i].status_phase), RILL_OK);
		assert_true(cqe[i].end_ps > cqe[i].start_ps);
		assert_true(!i || cqe[i].start_ps == cqe[i - 1].end_ps);
	}
	for (i = 0; i < JOB_QUEUES; i++)
		assert_false(bench_take(rig->b, &rig->queues[i], &more));
	rig_end(&flat);
}

static void test_entry(void **state)
{
	const struct rill_hw_sqe pass_end = { .opcode = RILL_OP_PASS_END, .tag = 99 };
	struct rill_hw_sqe sqe = { .opcode = RILL_OP_NDF, .tag = 7 };
	struct job_rig *rig = *state;
	struct rill_hw_cqe cqe;

	for (sqe.addr = JOB_BLOCK + 1; sqe.addr < JOB_BLOCK + 8; sqe.addr++) {
		bench_push(rig->b, &rig->queues[0], &sqe);
		bench_ring(rig->b, &rig->queues[0]);
		bench_run(rig->b);
		cqe = job_take(rig, 0, 7);
		assert_int_equal(RILL_CQE_STATUS(cqe.status_phase), RILL_BAD_FIELD);
		assert_int_equal(cqe.detail, RILL_FIELD_ADDR);
	}
	/* Without a pass it leaves none behind. */
	bench_push(rig->b, &rig->queues[0], &pass_end);
	bench_ring(rig->b, &rig->queues[0]);
	bench_run(rig->b);
	cqe = job_take(rig, 0, 99);
	assert_int_equal(RILL_CQE_STATUS(cqe.status_phase), RILL_NO_PASS);
}

static void test_in_pass(void **state)
{
	const struct rill_hw_sqe begin = { .opcode = RILL_OP_PASS_BEGIN, .tag = 1000, .addr = JOB_IN_WORDS };
	struct job_rig *rig = *state;
	struct rill_pass *pass = job_at(rig, JOB_IN_WORDS);
	struct rill_hw_cqe cqe;
	struct rig flat;

	rig_begin(&flat);
	build_all(&flat);
	put_all(rig, &flat);
	*pass = (struct rill_pass){
		.flags = RILL_PASS_TIMING_ONLY, .tokens = 1, .hidden = 8, .homes = JOB_IN_WORDS + 4096,
	};
	bench_push(rig->b, &rig->queues[0], &begin);
	bench_ring(rig->b, &rig->queues[0]);
	bench_run(rig->b);
	cqe = job_take(rig, 0, 1000);
	assert_int_equal(RILL_CQE_STATUS(cqe.status_phase), RILL_OK);
	job_expect(rig, RILL_PASS_OPEN, 0);
	rig_end(&flat);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fields, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_elements, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_slots, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_unmapped, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_half_mapped, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_read_only, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_malformed, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_size, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_chiplet, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_program_faults, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_bad_switch, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_limit, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_deadlock, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_abort, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_queue_deleted, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_reset, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_unmap, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_two_queues, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_entry, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_in_pass, job_setup, job_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
