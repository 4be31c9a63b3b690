// SPDX-License-Identifier: GPL-2.0-or-later
/* Dataflow programs as jobs: what comes of them is what the flat engine gives. */
#include "ndf_job_rig.h"
#include "ndf_programs.h"

#include "ndf/weights.h"

static const uint32_t capacities[] = { 0, 1, 2, 4 };

/* Node i on chiplet i modulo `chiplets` */
static void place(struct rig *flat, uint32_t chiplets)
{
	uint32_t i;

	for (i = 0; i < flat->b.nodes_count; i++)
		flat->b.nodes[i].chiplet = (uint16_t)(i % chiplets);
}

static void same_outputs(struct job_rig *rig, const struct rig *flat)
{
	const struct rill_ndf_job *job = job_at(rig, JOB_BLOCK);
	const uint64_t *words;
	size_t count;
	uint32_t i;

	assert_int_equal(job->output_count, rill_ndf_program_sinks(flat->program));
	for (i = 0; i < job->output_count; i++) {
		words = rill_ndf_sink_words(flat->engine, i, &count);
		assert_int_equal(job_output(rig, i)->count, count);
		assert_in_range(count, 0, JOB_ROOM);
		if (count)
			assert_memory_equal(job_at(rig, JOB_OUT_WORDS + 8 * JOB_ROOM * i), words, 8 * count);
	}
}

static void same_figures(struct job_rig *rig, const struct rig *flat)
{
	const struct rill_ndf_report *report = job_report(rig);
	struct rill_ndf_stats stats;

	rill_ndf_stats(flat->engine, &stats);
	assert_int_equal(report->firings, stats.firings);
	assert_int_equal(report->op, stats.op);
	assert_int_equal(report->when, stats.when);
	assert_int_equal(report->where, stats.where);
	assert_int_equal(report->source, stats.source);
	assert_int_equal(report->sink, stats.sink);
	assert_int_equal(report->lessons, stats.lessons);
	assert_int_equal(report->tokens_left, stats.tokens);
}

static enum rill_status status_of(enum rill_ndf_end end)
{
	switch (end) {
	case RILL_NDF_FINISHED:
	case RILL_NDF_QUIESCENT:
		return RILL_OK;
	case RILL_NDF_DEADLOCK:
		return RILL_DEADLOCK;
	case RILL_NDF_LIMIT:
		return RILL_FIRING_LIMIT;
	default:
		return RILL_PROGRAM_FAULT;
	}
}

/* Both ways, with the same initial memory */
static enum rill_ndf_end compare(struct job_rig *rig, struct rig *flat, uint32_t capacity)
{
	struct rill_ndf_job *job = job_put(rig, flat->binary, flat->size);
	enum rill_ndf_end end;
	struct rill_hw_cqe cqe;

	job->capacity = capacity;
	if (job->memory)
		memcpy(job_at(rig, JOB_MEMORY), flat->memory, sizeof(flat->memory));
	flat->options.capacity = capacity;
	rig_again(flat);
	end = rill_ndf_run(flat->engine, JOB_FIRINGS, UINT64_MAX);
	cqe = job_run(rig);
	assert_int_equal(RILL_CQE_STATUS(cqe.status_phase), status_of(end));
	assert_int_equal(job_report(rig)->end, end);
	assert_int_equal(job_report(rig)->start_ps, cqe.start_ps);
	assert_int_equal(job_report(rig)->end_ps, cqe.end_ps);
	if (end == RILL_NDF_FAULT || end == RILL_NDF_LIMIT)
		return end;
	same_outputs(rig, flat);
	if (end == RILL_NDF_FINISHED || end == RILL_NDF_QUIESCENT)
		same_figures(rig, flat);
	if (job->memory)
		assert_memory_equal(job_at(rig, JOB_MEMORY), flat->memory, sizeof(flat->memory));
	return end;
}

/* --- results --- */

static void test_gcd(void **state)
{
	static const uint64_t a[] = { 252, 1071, 17, 9 }, b[] = { 105, 462, 5, 9 };
	struct rig flat;
	uint32_t c, chiplets;

	for (chiplets = 1; chiplets <= 4; chiplets *= 2) {
		rig_begin(&flat);
		program_gcd(&flat, a, b, COUNT(a));
		place(&flat, chiplets);
		rig_load(&flat);
		for (c = 0; c < COUNT(capacities); c++)
			assert_int_equal(compare(*state, &flat, capacities[c]), RILL_NDF_FINISHED);
		rig_expect(&flat, 0, (const uint64_t[]){ 21, 21, 1, 9 }, 4);
		rig_end(&flat);
	}
}

static void test_memory(void **state)
{
	struct job_rig *rig = *state;
	struct rig flat;
	uint32_t c, i;
	uint64_t at;

	rig_begin(&flat);
	program_sum_memory(&flat, 50);
	place(&flat, 4);
	rig_load(&flat);
	for (c = 0; c < COUNT(capacities); c++) {
		for (i = 0; i < sizeof(flat.memory); i++)
			flat.memory[i] = (uint8_t)(i * 7 + c);
		at = bench_read64(rig->b, RILL_CHANNEL_BASE + RILL_CHANNEL_BYTES_DONE);
		assert_int_equal(compare(rig, &flat, capacities[c]), RILL_NDF_FINISHED);
		assert_int_equal(job_report(rig)->memory_accesses, 2 * 49 + 1);
		assert_int_equal(bench_read64(rig->b, RILL_CHANNEL_BASE + RILL_CHANNEL_BYTES_DONE) - at,
				 8 * job_report(rig)->memory_accesses);
	}
	rig_end(&flat);
}

static void test_random(void **state)
{
	unsigned int ends[RILL_NDF_BUSY + 1] = { 0 };
	struct rig flat;
	uint64_t seed;
	uint32_t c;

	for (seed = 0; seed < 200; seed++) {
		rig_begin(&flat);
		program_random(&flat, seed, false);
		place(&flat, 1 + seed % 4);
		rig_load(&flat);
		for (c = 0; c < COUNT(capacities); c++)
			ends[compare(*state, &flat, capacities[c])]++;
		rig_end(&flat);
	}
	assert_in_range(ends[RILL_NDF_FINISHED], 700, 799);
	assert_int_equal(ends[RILL_NDF_FINISHED] + ends[RILL_NDF_LIMIT], 800);
}

/* --- weights --- */

static const struct rill_ndf_entry flag1[2] = { { .id = 0, .emit = 1 }, { .id = 1, .emit = 1 } };

/* "x >= 37", learned from `x` as in docs/ndf.rst; two inputs, one of them always 0, and three such WHENs in a row */
static void build_learner(struct rig *flat, const uint64_t *x, uint32_t count)
{
	static const struct rill_ndf_plastic rule = {
		.rule = RILL_NDF_RULE_SURROGATE, .history = 1, .eta = 64, .psi_min = 192,
		.weight_min = (uint32_t)-32768, .weight_max = 32767, .bias_min = (uint64_t)-32768, .bias_max = 32767,
		.theta_min = (uint64_t)-32768, .theta_max = 32767,
	};
	static const int64_t bias = -32 * 256;
	static const int32_t weights[2] = { 64 * 256, -7 };
	uint32_t source = build_source(&flat->b, x, count), above, zero, i;

	above = build_op_imm(&flat->b, RILL_NDF_GE, 1, 37);
	zero = build_op_imm(&flat->b, RILL_NDF_AND, 1, 0);
	build_arc(&flat->b, source, 0, above, 0);
	build_arc(&flat->b, source, 0, zero, 0);
	for (i = 0; i < 3; i++) {
		unsigned int inputs = 1 + i % 2;
		uint32_t when = build_when(&flat->b, &(struct neuron){
			.head = { .dims = 1, .states = 1, .width = 16, .frac = 8, .x_frac = 6 },
			.inputs = inputs, .bias = &bias, .weights = weights, .table = flag1, .plastic = &rule,
		});

		build_arc(&flat->b, source, 0, when, 0);
		if (inputs == 2)
			build_arc(&flat->b, zero, 0, when, 1);
		build_arc(&flat->b, above, 0, when, inputs);
		rig_drain(flat, when, 0);
	}
	build_arc(&flat->b, zero, 0, build_sink(&flat->b, RILL_NDF_SINK_IGNORE, 0), 0);
	place(flat, 4);
	rig_load(flat);
}

static void same_weights(struct job_rig *rig, const struct rig *flat)
{
	uint64_t bytes = rill_ndf_weights_bytes(flat->program);
	uint8_t want[256];

	/* Three of bias and theta, and 1, 2 and 1 weights, padded */
	assert_int_equal(bytes, 3 * 16 + 3 * 8);
	rill_ndf_weights_get(flat->program, flat->engine, want);
	assert_memory_equal(job_at(rig, JOB_WEIGHTS), want, bytes);
}

static void test_weights_written(void **state)
{
	uint64_t words[1000], seed = 1;
	struct rig flat;
	uint32_t i, c;

	for (i = 0; i < COUNT(words); i++)
		words[i] = rig_random(&seed) % 64;
	rig_begin(&flat);
	build_learner(&flat, words, COUNT(words));
	for (c = 0; c < COUNT(capacities); c++) {
		assert_int_equal(compare(*state, &flat, capacities[c]), RILL_NDF_FINISHED);
		assert_int_equal(job_report(*state)->lessons, 3 * COUNT(words));
		same_weights(*state, &flat);
	}
	rig_end(&flat);
}

/* What one job has learned, the next one begins with: as the flat engine with a binary that has it. */
static void test_weights_read(void **state)
{
	uint64_t words[200], seed = 2;
	struct job_rig *rig = *state;
	uint8_t learned[256];
	struct rig flat;
	uint32_t i;

	for (i = 0; i < COUNT(words); i++)
		words[i] = rig_random(&seed) % 64;
	rig_begin(&flat);
	build_learner(&flat, words, COUNT(words));
	compare(rig, &flat, 0);
	memcpy(learned, job_at(rig, JOB_WEIGHTS), sizeof(learned));
	job_put(rig, flat.binary, flat.size)->flags = RILL_NDF_JOB_LOAD_WEIGHTS;
	memcpy(job_at(rig, JOB_WEIGHTS), learned, sizeof(learned));
	job_expect(rig, RILL_OK, 0);
	assert_memory_not_equal(job_at(rig, JOB_WEIGHTS), learned, 72);
	assert_true(rill_ndf_weights_put(flat.program, flat.binary, learned));
	rill_ndf_engine_free(flat.engine);
	flat.engine = NULL;
	rill_ndf_program_free(flat.program);
	flat.program = rill_ndf_program_new(flat.binary, flat.size, &(struct rill_ndf_verdict){ 0 });
	assert_non_null(flat.program);
	rig_again(&flat);
	rig_run(&flat);
	same_outputs(rig, &flat);
	same_weights(rig, &flat);
	/* The padding of the only weight of the first WHEN */
	((uint8_t *)job_at(rig, JOB_WEIGHTS))[20] = 1;
	job_expect(rig, RILL_BAD_RESERVED, offsetof(struct rill_ndf_job, weights));
	rig_end(&flat);
}

/* --- inputs and outputs --- */

/* SOURCE of count words -> SINK; words + i */
static void build_pipe(struct rig *flat, unsigned int mode, uint64_t expected, uint32_t from, uint32_t to)
{
	static const uint64_t words[8] = { 3, 1, 4, 1, 5, 9, 2, 6 };
	uint32_t source, sink;

	rig_begin(flat);
	source = build_source(&flat->b, words, COUNT(words));
	sink = build_sink(&flat->b, mode, expected);
	build_arc(&flat->b, source, 0, sink, 0);
	flat->b.nodes[source].chiplet = (uint16_t)from;
	flat->b.nodes[sink].chiplet = (uint16_t)to;
	rig_load(flat);
}

static void use_inputs(struct job_rig *rig, struct rill_ndf_job *job, uint64_t words, uint64_t count)
{
	job->inputs = JOB_INPUTS;
	job->input_count = 1;
	*job_input(rig, 0) = (struct rill_ndf_input){ .words = words, .count = count };
}

static void test_inputs(void **state)
{
	static const uint64_t counts[] = { 0, 1, 4095, 4096, 4097, 8192 };
	uint64_t *words, i;
	struct job_rig *rig = *state;
	struct rill_ndf_job *job;
	struct rig flat;
	uint32_t c;

	build_pipe(&flat, RILL_NDF_SINK_QUIET, 0, 0, 3);
	for (c = 0; c < COUNT(counts); c++) {
		job = job_put(rig, flat.binary, flat.size);
		use_inputs(rig, job, JOB_IN_WORDS, counts[c]);
		words = job_at(rig, JOB_IN_WORDS);
		for (i = 0; i < counts[c]; i++)
			words[i] = rill_pattern(c, i);
		job_expect(rig, RILL_OK, 0);
		assert_int_equal(job_output(rig, 0)->count, counts[c]);
		assert_memory_equal(job_at(rig, JOB_OUT_WORDS), words, 8 * counts[c]);
		assert_int_equal(job_report(rig)->source, counts[c]);
	}
	/* Its own ones; and without any structures */
	job = job_put(rig, flat.binary, flat.size);
	use_inputs(rig, job, 0, 0);
	job_expect(rig, RILL_OK, 0);
	assert_int_equal(job_output(rig, 0)->count, 8);
	job->outputs = 0;
	job->output_count = 0;
	job->report = 0;
	job_expect(rig, RILL_OK, 0);
	rig_end(&flat);
}

/* More than there is room for is counted; what is behind the room stays. */
static void test_room(void **state)
{
	struct job_rig *rig = *state;
	struct rill_ndf_job *job;
	struct rig flat;
	uint64_t *words;
	uint32_t room;

	build_pipe(&flat, RILL_NDF_SINK_QUIET, 0, 1, 2);
	for (room = 0; room < 10; room++) {
		job = job_put(rig, flat.binary, flat.size);
		assert_non_null(job);
		job_output(rig, 0)->room = room;
		words = job_at(rig, JOB_OUT_WORDS);
		memset(words, 0xaa, 80);
		job_expect(rig, RILL_OK, 0);
		assert_int_equal(job_output(rig, 0)->count, 8);
		assert_int_equal(words[room < 8 ? room : 8], 0xaaaaaaaaaaaaaaaaULL);
		if (room)
			assert_int_equal(words[0], 3);
	}
	rig_end(&flat);
}

static void test_expected(void **state)
{
	struct job_rig *rig = *state;
	struct rig flat;
	uint32_t expected;

	build_pipe(&flat, RILL_NDF_SINK_COUNT, 2, 0, 1);
	for (expected = 0; expected < 10; expected++) {
		job_put(rig, flat.binary, flat.size);
		job_output(rig, 0)->expected = expected;
		job_expect(rig, expected > 8 ? RILL_DEADLOCK : RILL_OK, expected > 8 ? 1ULL << 32 : 0);
		assert_int_equal(job_output(rig, 0)->count, expected > 8 ? 8 : expected ? expected : 2);
	}
	rig_end(&flat);
}

/* --- time --- */

/*
 * As in test_ndf_mapped.c: n tokens over k hops, with room for one or for all, nodes that take a cycle. At 800 MHz,
 * with 16 bytes at 96 GB/s and 20 ns a hop.
 */
static void test_time(void **state)
{
	const uint64_t w = 1250, hop = 20000, n = 8;
	struct job_rig *rig = *state;
	struct rill_ndf_report *report = job_report(rig);
	uint64_t way, want, permille;
	struct rig flat;
	uint32_t to, hops;

	for (to = 0; to < 8; to++) {
		hops = to % 4 % 2 + to % 4 / 2;
		build_pipe(&flat, RILL_NDF_SINK_QUIET, 0, 0, to % 4);
		/* Links of chiplet 0 at a third */
		permille = to < 4 ? 1000 : 333;
		bench_write(rig->b, RILL_LINK_BASE + RILL_LINK_RATE, permille);
		bench_write(rig->b, RILL_LINK_BASE + RILL_LINK_STRIDE + RILL_LINK_RATE, permille);
		way = hops * ((permille == 1000 ? 167 : 501) + hop);
		job_put(rig, flat.binary, flat.size)->capacity = 1;
		job_expect(rig, RILL_OK, 0);
		want = hops ? n * 2 * (w + way) : 2 * n * w;
		assert_int_equal(report->end_ps - report->start_ps, want);
		assert_int_equal(report->link_transfers, 2 * n * hops);
		assert_int_equal(report->chiplet[0].busy_ps, hops ? n * w : 2 * n * w);
		assert_int_equal(report->chiplet[to % 4].firings, hops ? n : 2 * n);
		job_put(rig, flat.binary, flat.size)->capacity = 16;
		job_expect(rig, RILL_OK, 0);
		want = hops ? 2 * (w + way) + (n - 1) * w : 2 * n * w;
		assert_int_equal(report->end_ps - report->start_ps, want);
		assert_int_equal(report->end_ps, bench_read64(rig->b, RILL_REG_TIME_PS));
		rig_end(&flat);
	}
}

/* Never ahead of the pace; the same times and results; the completion when its time has come */
static void test_pace(void **state)
{
	static const uint64_t a[] = { 252, 1071 }, b[] = { 105, 462 };
	struct job_rig *rig = *state;
	uint64_t until, took, now, next;
	struct rill_hw_cqe cqe;
	struct rig flat;
	uint32_t tag;

	rig_begin(&flat);
	program_gcd(&flat, a, b, 2);
	place(&flat, 4);
	rig_load(&flat);
	job_put(rig, flat.binary, flat.size);
	cqe = job_run(rig);
	took = cqe.end_ps - cqe.start_ps;
	assert_true(took > 100000);
	now = rill_chip_time(rig->b->chip);
	tag = job_submit(rig, 0);
	for (until = now; !bench_take(rig->b, &rig->queues[0], &cqe); until = next) {
		while (rill_chip_step(rig->b->chip, until))
			assert_true(rill_chip_time(rig->b->chip) <= until);
		assert_true(rill_chip_time(rig->b->chip) <= until);
		next = rill_chip_next(rig->b->chip);
		assert_true(next > until);
	}
	assert_int_equal(cqe.tag, tag);
	assert_int_equal(cqe.start_ps, now);
	assert_int_equal(cqe.end_ps, now + took);
	assert_int_equal(next, UINT64_MAX);
	rig_expect(&flat, 0, NULL, 0);
	assert_int_equal(*(uint64_t *)job_at(rig, JOB_OUT_WORDS), 21);
	rig_end(&flat);
}

/* --- links --- */

static uint64_t link_at(uint32_t link, uint32_t reg)
{
	return RILL_LINK_BASE + link * RILL_LINK_STRIDE + reg;
}

static void test_links_counted(void **state)
{
	static const char *const names = "links of 2x2: 0->1, 0->2, 1->0, 1->3, 2->0, 2->3, 3->1, 3->2";
	/* From 0 to 3 by 1: along the row first. Credits from 3 to 0 by 2. */
	static const uint64_t moved[8] = { 8, 0, 0, 8, 8, 0, 0, 8 };
	struct job_rig *rig = *state;
	struct rig flat;
	uint32_t i;

	build_pipe(&flat, RILL_NDF_SINK_QUIET, 0, 0, 3);
	job_put(rig, flat.binary, flat.size);
	job_expect(rig, RILL_OK, 0);
	for (i = 0; i < 8; i++) {
		if (bench_read64(rig->b, link_at(i, RILL_LINK_TRANSFERS)) != moved[i])
			fail_msg("%s: %u", names, i);
		assert_int_equal(bench_read64(rig->b, link_at(i, RILL_LINK_BYTES)), 16 * moved[i]);
		assert_int_equal(bench_read64(rig->b, link_at(i, RILL_LINK_BUSY_PS)), 167 * moved[i]);
	}
	rig_end(&flat);
}

/* A link that is down matters where tokens or credits would take it, or with waves where they would. */
static void test_links_down(void **state)
{
	static const uint64_t used[8] = { 3, 0, 0, 3, 3 << 16, 0, 0, 3 << 16 };
	static const uint64_t tree[8] = { 1, 2, 1 << 16, 0, 2 << 16, 2 << 16 | 3, 0, 3 << 16 | 2 };
	struct job_rig *rig = *state;
	struct rig flat;
	uint32_t i;

	for (i = 0; i < 8; i++) {
		bench_write(rig->b, link_at(i, RILL_LINK_CTRL), 0);
		build_pipe(&flat, RILL_NDF_SINK_QUIET, 0, 0, 3);
		job_put(rig, flat.binary, flat.size);
		job_expect(rig, used[i] ? RILL_UNREACHABLE : RILL_OK, used[i]);
		rig_end(&flat);
		build_pipe(&flat, RILL_NDF_SINK_QUIET, 0, 3, 3);
		job_put(rig, flat.binary, flat.size)->flags = RILL_NDF_JOB_WAVES;
		job_expect(rig, tree[i] ? RILL_UNREACHABLE : RILL_OK, tree[i]);
		rig_end(&flat);
		bench_write(rig->b, link_at(i, RILL_LINK_CTRL), RILL_LINK_UP);
	}
}

/* What waves find is what there is, later. */
static void test_waves(void **state)
{
	static const uint64_t a[] = { 252, 1071, 17, 9 }, b[] = { 105, 462, 5, 9 };
	struct job_rig *rig = *state;
	const struct rill_ndf_report *report = job_report(rig);
	struct rill_hw_cqe cqe;
	uint64_t plain;
	struct rig flat;

	rig_begin(&flat);
	program_gcd(&flat, a, b, COUNT(a));
	place(&flat, 4);
	rig_load(&flat);
	compare(rig, &flat, 0);
	plain = report->end_ps - report->start_ps;
	assert_int_equal(report->settled_ps, report->end_ps);
	assert_int_equal(report->waves, 0);
	job_put(rig, flat.binary, flat.size)->flags = RILL_NDF_JOB_WAVES;
	cqe = job_run(rig);
	assert_int_equal(RILL_CQE_STATUS(cqe.status_phase), RILL_OK);
	same_outputs(rig, &flat);
	assert_in_range(report->waves, 1, 100000);
	assert_int_equal(report->wave_messages, 6 * report->waves);	/* there and back over 3 links */
	assert_in_range(report->settled_ps - report->start_ps, plain, 2 * plain);
	assert_true(report->end_ps > report->settled_ps);
	assert_int_equal(report->end_ps, cqe.end_ps);
	rig_end(&flat);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_gcd, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_memory, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_random, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_weights_written, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_weights_read, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_inputs, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_room, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_expected, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_time, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_pace, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_links_counted, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_links_down, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_waves, job_setup, job_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
