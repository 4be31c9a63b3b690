// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A step of the chip is bounded whatever a pass asks for: the guest, and all of QEMU with an IOMMU, wait for its end.
 * Time is not measured here but what it is spent on: reads of page tables, and slices that are looked through. So is
 * what open passes hold.
 */
#include "engine.h"
#include "ndf_job_rig.h"

#define SMALL		0x100000000ULL	/* the first DDR channel in small pages */
#define SMALL_BYTES	(4ULL << 20)
#define HIDDEN		RILL_MAX_HIDDEN
#define RECORDS		170u		/* of a slice: as many as there are in a channel of the bench */
#define SLICES		96u
#define READS_A_STEP	(5u * 4096)	/* 4096 look-ups, and a few more */

#define PASS		JOB_BLOCK
#define HOMES		(JOB_SYSTEM + 4 * JOB_KIB)
#define ROUTE		(JOB_SYSTEM + 8 * JOB_KIB)
#define STREAM		(JOB_SYSTEM + 12 * JOB_KIB)
#define LIST		(JOB_SYSTEM + 16 * JOB_KIB)

static struct bench_queue *queue(struct job_rig *rig)
{
	return &rig->queues[0];
}

/* Steps until there is nothing to do; none has read more than it should. */
static void run_bounded(struct job_rig *rig)
{
	bool more = true;

	while (more) {
		rig->b->dma_reads = 0;
		more = rill_chip_step(rig->b->chip, UINT64_MAX);
		assert_true(rig->b->dma_reads <= READS_A_STEP);
	}
}

static void submit(struct job_rig *rig, uint16_t opcode, uint64_t addr, uint32_t tag)
{
	const struct rill_hw_sqe sqe = { .opcode = opcode, .addr = addr, .tag = tag };

	bench_push(rig->b, queue(rig), &sqe);
	bench_ring(rig->b, queue(rig));
}

static void expect(struct job_rig *rig, uint32_t tag, enum rill_status status, uint64_t detail)
{
	bench_expect(rig->b, queue(rig), tag, status, detail);
	bench_ack(rig->b, queue(rig));
}

static void map_small(struct job_rig *rig)
{
	uint64_t at;

	for (at = 0; at < SMALL_BYTES; at += 4096)
		*job_pte(rig, SMALL + at, 0) = at | RILL_PTE_VALID | RILL_PTE_LEAF | RILL_PTE_DDR;
}

static void begin(struct job_rig *rig, uint32_t hidden)
{
	*(struct rill_pass *)job_at(rig, PASS) = (struct rill_pass){
		.flags = RILL_PASS_TIMING_ONLY, .tokens = 1, .hidden = hidden, .homes = HOMES,
	};
	*(uint16_t *)job_at(rig, HOMES) = 0;
	*(struct rill_route *)job_at(rig, ROUTE) = (struct rill_route){ .weight = 1 };
	submit(rig, RILL_OP_PASS_BEGIN, PASS, 1);
	run_bounded(rig);
	expect(rig, 1, RILL_OK, 0);
}

/* Slices, all in the same place */
static void put_stream(struct job_rig *rig, uint32_t slices, uint16_t records)
{
	struct rill_slice *list = job_at(rig, LIST);
	uint32_t i;

	for (i = 0; i < slices; i++)
		list[i] = (struct rill_slice){
			.weights = SMALL, .first = i * records, .records = records, .pin = RILL_NO_PIN,
		};
	*(struct rill_stream *)job_at(rig, STREAM) = (struct rill_stream){
		.width = slices * records, .slice_count = slices, .route_count = 1, .slices = LIST, .routes = ROUTE,
	};
}

static void begin_large(struct job_rig *rig)
{
	map_small(rig);
	begin(rig, HIDDEN);
	put_stream(rig, SLICES, RECORDS);
	submit(rig, RILL_OP_STREAM, STREAM, 2);
}

/* Nearly 400 MiB of weights in pages of 4 KiB: looked up in pieces when they come, and when they may have moved. */
static void many_small_pages(void **state)
{
	struct job_rig *rig = *state;

	begin_large(rig);
	run_bounded(rig);
	rill_mmu_invalidate(&rig->b->chip->contexts[0]);
	submit(rig, RILL_OP_PASS_END, 0, 3);
	run_bounded(rig);
	expect(rig, 2, RILL_OK, 0);
	expect(rig, 3, RILL_OK, 0);
}

static void step_into_stream(struct job_rig *rig)
{
	struct rill_chip *chip = rig->b->chip;

	while (!chip->engine->running)
		assert_true(rill_chip_step(chip, UINT64_MAX));
	assert_int_equal(chip->engine->running->phase, RILL_PASS_LOCATING);
}

/* In between the pass may be aborted, the chip be reset, or the page be gone that is next. */
static void aborted_between_pieces(void **state)
{
	struct job_rig *rig = *state;
	uint64_t progress;

	begin_large(rig);
	step_into_stream(rig);
	progress = bench_read64(rig->b, RILL_QUEUE_BASE + RILL_QUEUE_STRIDE + RILL_QUEUE_PROGRESS);
	assert_true(rill_chip_step(rig->b->chip, UINT64_MAX));
	assert_true(bench_read64(rig->b, RILL_QUEUE_BASE + RILL_QUEUE_STRIDE + RILL_QUEUE_PROGRESS) > progress);
	assert_int_equal(bench_command(rig->b, RILL_ADMIN_ABORT, 1, 2), RILL_OK);
	expect(rig, 2, RILL_ABORTED, 0);
	submit(rig, RILL_OP_PASS_END, 0, 3);
	run_bounded(rig);
	expect(rig, 3, RILL_PASS_FAILED, 2);
}

static void reset_between_pieces(void **state)
{
	struct job_rig *rig = *state;

	begin_large(rig);
	step_into_stream(rig);
	bench_write(rig->b, RILL_REG_CTRL, RILL_CTRL_RESET);
	assert_false(rill_chip_step(rig->b->chip, UINT64_MAX));
}

static void unmapped_between_pieces(void **state)
{
	struct job_rig *rig = *state;

	begin_large(rig);
	step_into_stream(rig);
	*job_pte(rig, SMALL + 0x3f0000, 0) = 0;
	rill_mmu_invalidate(&rig->b->chip->contexts[0]);
	run_bounded(rig);
	expect(rig, 2, RILL_FAULT_READ, SMALL + 0x3f0000);
	submit(rig, RILL_OP_PASS_END, 0, 3);
	run_bounded(rig);
	expect(rig, 3, RILL_PASS_FAILED, 2);
}

/* Of a misplaced slice and a route that is wrong, too, the slice is named. */
static void placement_before_routes(void **state)
{
	struct job_rig *rig = *state;

	begin(rig, HIDDEN);
	put_stream(rig, 2, 1);
	((struct rill_slice *)job_at(rig, LIST))[1].weights = JOB_SYSTEM;
	((struct rill_route *)job_at(rig, ROUTE))->token = 5;
	map_small(rig);
	submit(rig, RILL_OP_STREAM, STREAM, 2);
	run_bounded(rig);
	expect(rig, 2, RILL_BAD_PLACEMENT, 1 << 16 | offsetof(struct rill_stream, slices));
}

/* Mapped again, but not in one run, before PASS_END: what slices point to is gone. */
static void scattered_before_end(void **state)
{
	struct job_rig *rig = *state;

	begin_large(rig);
	run_bounded(rig);
	*job_pte(rig, SMALL + 0x1000, 0) = RILL_PTE_VALID | RILL_PTE_LEAF | RILL_PTE_DDR;
	rill_mmu_invalidate(&rig->b->chip->contexts[0]);
	submit(rig, RILL_OP_PASS_END, 0, 3);
	run_bounded(rig);
	expect(rig, 2, RILL_PASS_FAILED, 3);
	expect(rig, 3, RILL_FAULT_READ, SMALL);
}

/* The shortest of very many slices that are ready is looked for at every end of a computation. */
static void many_ready_slices(void **state)
{
	enum { STREAMS = 64, SLICES_EACH = 512, MANY = 16000, COMPUTED_A_STEP = 16 };
	struct job_rig *rig = *state;
	struct rill_chip *chip = rig->b->chip;
	const struct rill_pass_state *pass;
	unsigned int looked = 0;
	uint64_t before;
	uint32_t i;

	map_small(rig);
	begin(rig, 8);
	put_stream(rig, SLICES_EACH, 1);
	for (i = 0; i < STREAMS; i++) {
		submit(rig, RILL_OP_STREAM, STREAM, 2 + i);
		run_bounded(rig);
	}
	submit(rig, RILL_OP_PASS_END, 0, 2 + STREAMS);
	while (looked < 20) {
		pass = chip->engine->running;
		before = pass ? pass->slices_computed : 0;
		assert_true(rill_chip_step(chip, UINT64_MAX));
		if (!pass || pass->chiplets[0].ready_count < MANY)
			continue;
		assert_true(pass->slices_computed - before <= COMPUTED_A_STEP);
		looked++;
	}
}

/* One more job of a queue, which must end so */
static void run_job(struct bench *b, struct bench_queue *q, uint16_t opcode, uint64_t addr, enum rill_status status,
		    uint64_t detail)
{
	const struct rill_hw_sqe sqe = { .opcode = opcode, .addr = addr, .tag = 7 };

	bench_push(b, q, &sqe);
	bench_ring(b, q);
	bench_run(b);
	if (opcode == RILL_OP_STREAM && !status)
		return;
	bench_expect(b, q, 7, status, detail);
	bench_ack(b, q);
}

/* As many routes as a STREAM can have here */
static uint32_t put_routes(struct job_rig *rig)
{
	struct rill_pass *pass = job_at(rig, PASS);
	struct rill_stream *stream = job_at(rig, STREAM);
	struct rill_slice *slices = job_at(rig, LIST);
	struct rill_route *routes = job_at(rig, JOB_IN_WORDS);
	uint32_t i, count = 4 * RILL_MAX_TOKENS;

	*pass = (struct rill_pass){
		.flags = RILL_PASS_TIMING_ONLY, .tokens = RILL_MAX_TOKENS, .hidden = 8,
		.homes = JOB_IN_WORDS + count * sizeof(*routes),
	};
	memset(job_at(rig, pass->homes), 0, RILL_MAX_TOKENS * sizeof(uint16_t));
	for (i = 0; i < 4; i++)
		slices[i] = (struct rill_slice){ .weights = JOB_DDR, .first = i, .records = 1, .pin = i };
	for (i = 0; i < count; i++)
		routes[i] = (struct rill_route){ .token = i / 4, .chiplet = i % 4, .weight = 1 };
	*stream = (struct rill_stream){
		.flags = RILL_STREAM_PINNED, .width = 4, .slice_count = 4, .route_count = count, .slices = LIST,
		.routes = JOB_IN_WORDS,
	};
	return count;
}

/* What open passes take of the host's memory is bounded for all queues together. */
static void all_open_passes(void **state)
{
	struct job_rig *rig = *state;
	struct bench_queue third;
	struct bench_queue *queues[] = { &rig->queues[0], &rig->queues[1], &third };
	uint32_t routes = put_routes(rig), i, q;

	bench_queue_create(rig->b, &third, 3, 16, 0);
	for (q = 0; q < 3; q++)
		run_job(rig->b, queues[q], RILL_OP_PASS_BEGIN, PASS, RILL_OK, 0);
	for (q = 0; q < 2; q++)
		for (i = 0; i < RILL_MAX_PASS_ROUTES / routes; i++)
			run_job(rig->b, queues[q], RILL_OP_STREAM, STREAM, RILL_OK, 0);
	run_job(rig->b, &third, RILL_OP_STREAM, STREAM, RILL_BAD_FIELD, offsetof(struct rill_stream, route_count));
	/* One that has failed holds nothing any more. */
	run_job(rig->b, queues[0], RILL_OP_STREAM, JOB_NOWHERE, RILL_FAULT_READ, JOB_NOWHERE);
	run_job(rig->b, &third, RILL_OP_PASS_END, 0, RILL_PASS_FAILED, 7);
	run_job(rig->b, &third, RILL_OP_PASS_BEGIN, PASS, RILL_OK, 0);
	run_job(rig->b, &third, RILL_OP_STREAM, STREAM, RILL_OK, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(many_small_pages, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(aborted_between_pieces, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(reset_between_pieces, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(unmapped_between_pieces, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(placement_before_routes, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(scattered_before_end, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(many_ready_slices, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(all_open_passes, job_setup, job_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
