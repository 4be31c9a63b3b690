// SPDX-License-Identifier: GPL-2.0-or-later
/* Rings, completions, interrupts, admin commands. */
#include "bench.h"
#include "fake_engine.h"

#define DEPTH	8

static int setup(void **state)
{
	int ret = bench_setup(state);

	if (!ret)
		bench_enable(*state);
	return ret;
}

static void is_fatal(struct bench *b, enum rill_hw_error error)
{
	assert_int_equal(bench_read(b, RILL_REG_STATUS), RILL_STATUS_FATAL);
	assert_int_equal(bench_read(b, RILL_REG_ERROR), error);
	assert_int_equal(bench_read(b, RILL_REG_EVENT) & RILL_EVENT_FATAL, RILL_EVENT_FATAL);
	assert_false(rill_chip_step(b->chip, UINT64_MAX));
}

static uint64_t counter(struct bench *b, const struct bench_queue *q, unsigned int offset)
{
	return bench_read64(b, RILL_QUEUE_BASE + q->id * RILL_QUEUE_STRIDE + offset);
}

static void submit(struct bench *b, struct bench_queue *q, uint16_t opcode, uint32_t tag,
		   unsigned int count)
{
	while (count--)
		bench_push_job(b, q, opcode, tag++);
	bench_ring(b, q);
}

/* --- rings --- */

/* Any pace of submission, many times around: nothing is lost, doubled or out of order. */
static void wrap_around(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;
	uint32_t next = 0, seen = 0;
	unsigned int round, i;

	bench_queue_create(b, &q, 1, DEPTH, 0);
	for (round = 0; round < 100; round++) {
		unsigned int count = round % (DEPTH - 1) + 1;
		struct rill_hw_cqe cqe;

		submit(b, &q, RILL_OP_NOP, next, count);
		next += count;
		bench_run(b);
		for (i = 0; i < count; i++) {
			assert_true(bench_take(b, &q, &cqe));
			assert_int_equal(cqe.tag, seen++);
			assert_int_equal(RILL_CQE_STATUS(cqe.status_phase), RILL_OK);
			assert_true(cqe.start_ps < cqe.end_ps);
		}
		assert_int_equal(cqe.sq_head, q.tail);
		assert_false(bench_take(b, &q, &cqe));
		bench_ack(b, &q);
	}
	assert_int_equal(seen, next);
	assert_int_equal(counter(b, &q, RILL_QUEUE_DOORBELLS), 100);
	assert_int_equal(counter(b, &q, RILL_QUEUE_FETCHED), next);
	assert_int_equal(counter(b, &q, RILL_QUEUE_COMPLETED), next);
	assert_true(counter(b, &q, RILL_QUEUE_PROGRESS) >= next);
}

static void phase_flips(void **state)
{
	struct bench *b = *state;
	const struct rill_hw_cqe *ring = bench_at(b, BENCH_CQ(1));
	struct bench_queue q;
	struct rill_hw_cqe cqe;
	unsigned int i;

	bench_queue_create(b, &q, 1, 2, 0);
	for (i = 0; i < 8; i++) {
		submit(b, &q, RILL_OP_NOP, i, 1);
		bench_run(b);
		assert_int_equal(ring[i % 2].status_phase & RILL_CQE_PHASE, !(i / 2 % 2));
		assert_true(bench_take(b, &q, &cqe));
		bench_ack(b, &q);
	}
}

static void entries_are_fetched_in_batches(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;

	bench_queue_create(b, &q, 1, 64, 0);
	b->dma_reads = 0;
	submit(b, &q, RILL_OP_NOP, 0, 32);
	bench_run(b);
	assert_int_equal(b->dma_reads, 2);
}

static void full_ring_waits(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;
	struct rill_hw_cqe cqe;
	unsigned int i;

	bench_queue_create(b, &q, 1, DEPTH, 0);
	submit(b, &q, RILL_OP_NOP, 0, DEPTH - 1);
	bench_run(b);
	/* Its completions lie there, and nobody takes them. */
	submit(b, &q, RILL_OP_NOP, 100, DEPTH - 1);
	bench_run(b);
	assert_int_equal(fake_engine_accepted(b->chip), DEPTH - 1);
	assert_int_equal(counter(b, &q, RILL_QUEUE_COMPLETED), DEPTH - 1);
	bench_expect(b, &q, 0, RILL_OK, 0);
	bench_ack(b, &q);
	bench_run(b);
	assert_int_equal(fake_engine_accepted(b->chip), DEPTH);
	for (i = 1; i < DEPTH - 1; i++)
		bench_expect(b, &q, i, RILL_OK, 0);
	bench_expect(b, &q, 100, RILL_OK, 0);
	assert_false(bench_take(b, &q, &cqe));
	bench_ack(b, &q);
	bench_run(b);
	for (i = 101; i < 100 + DEPTH - 1; i++)
		bench_expect(b, &q, i, RILL_OK, 0);
	assert_false(bench_take(b, &q, &cqe));
}

/* Jobs that the engine holds may end while the ring is full: they wait in order. */
static void held_completions_wait_in_order(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;
	struct rill_hw_cqe cqe;
	uint32_t seen = 0;

	bench_queue_create(b, &q, 1, DEPTH, 0);
	while (fake_engine_held(b->chip) < 1000) {
		submit(b, &q, FAKE_HOLD, fake_engine_held(b->chip), 4);
		bench_run(b);
	}
	fake_engine_release(b->chip, UINT32_MAX);
	while (seen < 1000) {
		while (bench_take(b, &q, &cqe))
			assert_int_equal(cqe.tag, seen++);
		bench_ack(b, &q);
		assert_true(bench_run(b) > 0 || seen == 1000);
	}
	assert_int_equal(bench_read(b, RILL_REG_STATUS), RILL_STATUS_READY);
}

static void too_many_completions_are_fatal(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;

	bench_queue_create(b, &q, 1, DEPTH, 0);
	while (fake_engine_held(b->chip) < 4000) {
		submit(b, &q, FAKE_HOLD, 0, 4);
		bench_run(b);
	}
	fake_engine_release(b->chip, UINT32_MAX);
	is_fatal(b, RILL_HW_ERR_CQ_OVERFLOW);
	bench_write(b, RILL_REG_CTRL, RILL_CTRL_RESET);
	bench_enable(b);
}

static void queues_take_turns(void **state)
{
	struct bench *b = *state;
	struct bench_queue q[3];
	unsigned int i, j;

	for (i = 0; i < 3; i++)
		bench_queue_create(b, &q[i], i * 3 + 1, DEPTH, 0);
	for (i = 0; i < 3; i++)
		submit(b, &q[i], RILL_OP_NOP, i, 5);
	for (j = 0; j < 5; j++) {
		for (i = 0; i < 3; i++) {
			assert_true(rill_chip_step(b->chip, UINT64_MAX));
			assert_int_equal(fake_engine_last(b->chip)->queue, q[i].id);
		}
	}
	assert_false(rill_chip_step(b->chip, UINT64_MAX));
}

/* --- interrupts --- */

static void every_completion_interrupts(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;

	bench_queue_create(b, &q, 2, 64, 0);
	submit(b, &q, RILL_OP_NOP, 0, 20);
	bench_run(b);
	assert_int_equal(b->irqs[2], 20);
	assert_int_equal(counter(b, &q, RILL_QUEUE_INTERRUPTS), 20);
}

static void coalescing(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;

	bench_queue_create(b, &q, 2, 64, 8);
	submit(b, &q, RILL_OP_NOP, 0, 16);
	bench_run(b);
	assert_int_equal(b->irqs[2], 2);
	/* The rest does not have to wait for company that will not come. */
	submit(b, &q, RILL_OP_NOP, 0, 11);
	bench_run(b);
	assert_int_equal(b->irqs[2], 4);
	submit(b, &q, FAKE_HOLD, 0, 3);
	bench_run(b);
	assert_int_equal(b->irqs[2], 4);
	fake_engine_release(b->chip, 2);
	assert_int_equal(b->irqs[2], 4);
	/* Idle: what is pending is raised. */
	assert_false(rill_chip_step(b->chip, UINT64_MAX));
	assert_int_equal(b->irqs[2], 5);
	fake_engine_release(b->chip, 1);
	assert_int_equal(b->irqs[2], 6);
	assert_false(rill_chip_step(b->chip, UINT64_MAX));
	assert_int_equal(b->irqs[2], 6);
}

/* Another queue that keeps the chip busy must not hold them back for good. */
static void coalescing_has_an_end(void **state)
{
	struct bench *b = *state;
	struct bench_queue slow, busy;
	unsigned int i;

	bench_queue_create(b, &slow, 1, DEPTH, 8);
	bench_queue_create(b, &busy, 2, 64, 0);
	submit(b, &slow, FAKE_HOLD, 0, 2);
	bench_run(b);
	fake_engine_release(b->chip, 1);
	assert_int_equal(b->irqs[1], 0);
	for (i = 0; i < 100 && !b->irqs[1]; i++) {
		struct rill_hw_cqe cqe;

		submit(b, &busy, RILL_OP_NOP, i, 2);
		assert_true(rill_chip_step(b->chip, UINT64_MAX));
		assert_true(rill_chip_step(b->chip, UINT64_MAX));
		while (bench_take(b, &busy, &cqe))
			;
		bench_ack(b, &busy);
	}
	assert_int_equal(b->irqs[1], 1);
}

static void full_ring_interrupts(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;
	unsigned int i;

	bench_queue_create(b, &q, 1, 4, 0xffff);
	submit(b, &q, RILL_OP_NOP, 0, 3);
	for (i = 0; i < 3; i++)
		assert_true(rill_chip_step(b->chip, UINT64_MAX));
	assert_int_equal(b->irqs[1], 1);
}

/* --- doorbells --- */

static void doorbell_is_fatal(struct bench *b, unsigned int queue, unsigned int which,
			      uint32_t value)
{
	struct bench_queue q;

	bench_write(b, RILL_REG_CTRL, RILL_CTRL_RESET);
	bench_enable(b);
	bench_queue_create(b, &q, 1, DEPTH, 0);
	submit(b, &q, RILL_OP_NOP, 0, 3);
	bench_run(b);
	bench_expect(b, &q, 0, RILL_OK, 0);
	bench_ack(b, &q);
	assert_int_equal(bench_read(b, RILL_REG_STATUS), RILL_STATUS_READY);
	bench_write(b, RILL_DOORBELL_BASE + queue * RILL_DOORBELL_STRIDE + which, value);
	is_fatal(b, RILL_HW_ERR_DOORBELL);
}

static void bad_doorbells(void **state)
{
	struct bench *b = *state;

	doorbell_is_fatal(b, 1, RILL_DOORBELL_SQ_TAIL, DEPTH);
	doorbell_is_fatal(b, 1, RILL_DOORBELL_SQ_TAIL, UINT32_MAX);
	doorbell_is_fatal(b, 1, RILL_DOORBELL_SQ_TAIL, 0x10004);
	doorbell_is_fatal(b, 1, RILL_DOORBELL_CQ_HEAD, DEPTH);
	doorbell_is_fatal(b, 1, RILL_DOORBELL_CQ_HEAD, 4);	/* past the tail, 3 */
	doorbell_is_fatal(b, 1, RILL_DOORBELL_CQ_HEAD, 0);	/* back */
	doorbell_is_fatal(b, 2, RILL_DOORBELL_SQ_TAIL, 0);
	doorbell_is_fatal(b, 16, RILL_DOORBELL_CQ_HEAD, 0);
	doorbell_is_fatal(b, 17, RILL_DOORBELL_SQ_TAIL, 1);
	doorbell_is_fatal(b, 63, RILL_DOORBELL_SQ_TAIL, 1);
	doorbell_is_fatal(b, 0, RILL_DOORBELL_SQ_TAIL, BENCH_ADMIN_DEPTH);
}

static void tail_must_not_run_over_head(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;

	bench_queue_create(b, &q, 1, DEPTH, 0);
	submit(b, &q, RILL_OP_NOP, 0, 5);
	bench_write(b, RILL_DOORBELL_BASE + RILL_DOORBELL_STRIDE, 7);
	bench_write(b, RILL_DOORBELL_BASE + RILL_DOORBELL_STRIDE, 7);
	assert_int_equal(bench_read(b, RILL_REG_STATUS), RILL_STATUS_READY);
	bench_write(b, RILL_DOORBELL_BASE + RILL_DOORBELL_STRIDE, 0);
	is_fatal(b, RILL_HW_ERR_DOORBELL);
}

static void doorbell_while_disabled(void **state)
{
	struct bench *b = *state;

	bench_write(b, RILL_REG_CTRL, 0);
	bench_write(b, RILL_DOORBELL_BASE, 0);
	is_fatal(b, RILL_HW_ERR_DOORBELL);
}

static void fatal_stops_all(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;
	unsigned int before;

	bench_queue_create(b, &q, 1, DEPTH, 0);
	submit(b, &q, FAKE_HOLD, 0, 2);
	bench_run(b);
	submit(b, &q, RILL_OP_NOP, 2, 2);
	bench_write(b, RILL_DOORBELL_BASE, 999);
	is_fatal(b, RILL_HW_ERR_DOORBELL);
	before = b->irqs[1];
	fake_engine_release(b->chip, 1);
	bench_run(b);
	assert_int_equal(counter(b, &q, RILL_QUEUE_COMPLETED), 0);
	assert_int_equal(b->irqs[1], before);
	assert_int_equal(rill_chip_next(b->chip), UINT64_MAX);
}

/* --- rings that are not memory --- */

static void create_at(struct bench *b, uint64_t sq, uint64_t cq)
{
	assert_int_equal(bench_command(b, RILL_ADMIN_CONTEXT_CREATE, 0, BENCH_ROOT, 1), RILL_OK);
	assert_int_equal(bench_command(b, RILL_ADMIN_QUEUE_CREATE, 1, sq, cq, DEPTH, 0, 1),
			 RILL_OK);
	bench_write(b, RILL_DOORBELL_BASE + RILL_DOORBELL_STRIDE, 1);
	bench_run(b);
	is_fatal(b, RILL_HW_ERR_RING_DMA);
}

static void submission_ring_is_not_memory(void **state)
{
	create_at(*state, 0xfee00000, BENCH_CQ(1));
}

static void completion_ring_is_not_memory(void **state)
{
	create_at(*state, BENCH_SQ(1), 0xfee00000);
}

static void admin_ring_is_not_memory(void **state)
{
	struct bench *b = *state;

	bench_write(b, RILL_REG_CTRL, RILL_CTRL_RESET);
	bench_write(b, RILL_REG_ADMIN_DEPTH, 16);
	bench_write(b, RILL_REG_CTRL, RILL_CTRL_ENABLE);
	bench_write(b, RILL_DOORBELL_BASE, 1);
	bench_run(b);
	is_fatal(b, RILL_HW_ERR_RING_DMA);
}

/* --- jobs --- */

static void bad_entries(void **state)
{
	struct bench *b = *state;
	struct rill_hw_sqe sqe = { .opcode = RILL_OP_NOP, .tag = 1, .flags = 0x8001 };
	struct bench_queue q;
	unsigned int i;

	bench_queue_create(b, &q, 1, 16, 0);
	bench_push(b, &q, &sqe);
	for (i = 0; i < 6; i++) {
		sqe = (struct rill_hw_sqe){ .opcode = RILL_OP_NOP, .tag = 2 + i };
		sqe.arg[i] = 1ULL << (10 * i);
		bench_push(b, &q, &sqe);
	}
	bench_push_job(b, &q, RILL_OP_NOP, 8);
	bench_push_job(b, &q, 0xffff, 9);
	bench_ring(b, &q);
	bench_run(b);
	bench_expect(b, &q, 1, RILL_BAD_FLAGS, 0x8001);
	for (i = 0; i < 6; i++)
		bench_expect(b, &q, 2 + i, RILL_BAD_RESERVED, i << 16 | RILL_FIELD_ARG);
	bench_expect(b, &q, 8, RILL_OK, 0);
	bench_expect(b, &q, 9, RILL_BAD_OPCODE, 0xffff);
	assert_int_equal(fake_engine_accepted(b->chip), 2);
}

/* A ring full of bad entries takes several steps, and the good ones behind it are reached. */
static void many_bad_entries_are_bounded(void **state)
{
	struct bench *b = *state;
	const struct rill_hw_sqe bad = { .flags = 1 };
	struct bench_queue q;
	unsigned int i;

	bench_queue_create(b, &q, 1, 1024, 0xffff);
	for (i = 0; i < 1000; i++)
		bench_push(b, &q, &bad);
	bench_push_job(b, &q, RILL_OP_NOP, 7);
	bench_ring(b, &q);
	assert_true(rill_chip_step(b->chip, UINT64_MAX));
	assert_true(counter(b, &q, RILL_QUEUE_COMPLETED) < 100);
	assert_true(bench_run(b) > 10);
	assert_int_equal(counter(b, &q, RILL_QUEUE_COMPLETED), 1001);
	assert_int_equal(fake_engine_last(b->chip)->tag, 7);
}

static void jobs_arrive_as_they_were_sent(void **state)
{
	struct bench *b = *state;
	const struct rill_hw_sqe sqe = {
		.opcode = FAKE_HOLD, .tag = 0xfedcba98, .addr = 0x123456789ab8,
	};
	struct bench_queue q;

	bench_queue_create(b, &q, 3, DEPTH, 0);
	bench_push(b, &q, &sqe);
	bench_ring(b, &q);
	bench_run(b);
	assert_int_equal(fake_engine_last(b->chip)->queue, 3);
	assert_int_equal(fake_engine_last(b->chip)->opcode, FAKE_HOLD);
	assert_int_equal(fake_engine_last(b->chip)->tag, sqe.tag);
	assert_int_equal(fake_engine_last(b->chip)->addr, sqe.addr);
	assert_ptr_equal(rill_queue_context(b->chip, 3), &b->chip->contexts[0]);
	assert_null(rill_queue_context(b->chip, 4));
}

/* --- injected faults --- */

static void hung_jobs(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;
	struct rill_hw_cqe cqe;

	bench_queue_create(b, &q, 1, DEPTH, 0);
	rill_chip_inject(b->chip, RILL_INJECT_HUNG_JOBS, 1);
	submit(b, &q, RILL_OP_NOP, 0, 2);
	bench_run(b);
	assert_false(bench_take(b, &q, &cqe));
	/* Nor does anybody have to wait for it. */
	assert_int_equal(rill_chip_next(b->chip), UINT64_MAX);
	assert_int_equal(bench_command(b, RILL_ADMIN_ABORT, 1, 1), RILL_OK);
	bench_expect(b, &q, 1, RILL_ABORTED, 0);
	rill_chip_inject(b->chip, RILL_INJECT_HUNG_JOBS, 0);
	bench_run(b);
	bench_expect(b, &q, 0, RILL_OK, 0);
}

static void hung_chip(void **state)
{
	struct bench *b = *state;
	struct rill_hw_cqe cqe;

	rill_chip_inject(b->chip, RILL_INJECT_HUNG_CHIP, 1);
	assert_int_equal(rill_chip_injected(b->chip, RILL_INJECT_HUNG_CHIP), 1);
	submit(b, &b->admin, RILL_ADMIN_NOP, 0, 1);
	bench_run(b);
	assert_false(bench_take(b, &b->admin, &cqe));
	assert_int_equal(bench_read(b, RILL_REG_STATUS), RILL_STATUS_READY);
	bench_write(b, RILL_REG_CTRL, RILL_CTRL_RESET);
	bench_enable(b);
	assert_int_equal(bench_command(b, RILL_ADMIN_NOP, 0), RILL_OK);
}

static void lost_interrupts_and_bad_completions(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;

	bench_queue_create(b, &q, 1, DEPTH, 0);
	rill_chip_inject(b->chip, RILL_INJECT_LOST_INTERRUPTS, 2);
	rill_chip_inject(b->chip, RILL_INJECT_BAD_COMPLETIONS, 1);
	submit(b, &q, RILL_OP_NOP, 5, 4);
	bench_run(b);
	assert_int_equal(b->irqs[1], 2);
	assert_int_equal(counter(b, &q, RILL_QUEUE_INTERRUPTS), 2);
	bench_expect(b, &q, ~5U, RILL_OK, 0);
	bench_expect(b, &q, 6, RILL_OK, 0);
	assert_int_equal(rill_chip_injected(b->chip, RILL_INJECT_LOST_INTERRUPTS), 0);
}

/* --- admin --- */

static void refused(struct bench *b, uint16_t opcode, enum rill_status status, uint64_t detail,
		    const uint64_t arg[6])
{
	struct rill_hw_cqe cqe = bench_admin(b, opcode, arg);

	assert_int_equal(RILL_CQE_STATUS(cqe.status_phase), status);
	assert_int_equal(cqe.detail, detail);
}

#define REFUSED(b, opcode, status, detail, ...) \
	refused(b, opcode, status, detail, ((const uint64_t[6]) { __VA_ARGS__ }))

static void admin_nop(void **state)
{
	struct bench *b = *state;
	unsigned int before;

	before = b->irqs[0];
	assert_int_equal(bench_command(b, RILL_ADMIN_NOP, 0), RILL_OK);
	assert_int_equal(b->irqs[0], before + 1);
	REFUSED(b, RILL_ADMIN_NOP, RILL_BAD_RESERVED, 0, 1);
	REFUSED(b, RILL_ADMIN_NOP, RILL_BAD_RESERVED, 5, 0, 0, 0, 0, 0, 1);
	REFUSED(b, 8, RILL_BAD_OPCODE, 8, 0);
	REFUSED(b, 0xffff, RILL_BAD_OPCODE, 0xffff, 0);
}

static void admin_flags_and_addr(void **state)
{
	struct bench *b = *state;
	const struct rill_hw_sqe flags = { .tag = 1, .flags = 4 }, addr = { .tag = 2, .addr = 8 };

	bench_push(b, &b->admin, &flags);
	bench_push(b, &b->admin, &addr);
	bench_ring(b, &b->admin);
	bench_run(b);
	bench_expect(b, &b->admin, 1, RILL_BAD_FLAGS, 4);
	bench_expect(b, &b->admin, 2, RILL_BAD_RESERVED, RILL_FIELD_ADDR);
}

static void admin_contexts(void **state)
{
	struct bench *b = *state;
	const uint16_t create = RILL_ADMIN_CONTEXT_CREATE, delete = RILL_ADMIN_CONTEXT_DELETE;
	const uint16_t invalidate = RILL_ADMIN_CONTEXT_INVALIDATE;
	struct bench_queue q;
	uint32_t epoch;

	REFUSED(b, create, RILL_BAD_FIELD, 0, RILL_MAX_CONTEXTS, BENCH_ROOT, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 0, UINT64_MAX, BENCH_ROOT, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 1, 3, BENCH_ROOT + 8, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 1, 3, 1ULL << 48, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 2, 3, BENCH_ROOT, 0);
	REFUSED(b, create, RILL_BAD_FIELD, 2, 3, BENCH_ROOT, 0x11);
	REFUSED(b, create, RILL_BAD_RESERVED, 3, 3, BENCH_ROOT, 1, 1);
	REFUSED(b, delete, RILL_BAD_FIELD, 0, 3);
	REFUSED(b, invalidate, RILL_BAD_FIELD, 0, 3);
	REFUSED(b, invalidate, RILL_BAD_FIELD, 0, 1ULL << 32 | 3);
	assert_int_equal(bench_command(b, create, 3, BENCH_ROOT, 0xf), RILL_OK);
	assert_int_equal(b->chip->contexts[3].root, BENCH_ROOT);
	assert_int_equal(b->chip->contexts[3].chiplets, 0xf);
	REFUSED(b, create, RILL_BAD_FIELD, 0, 3, BENCH_ROOT, 1);
	epoch = b->chip->contexts[3].epoch;
	assert_int_equal(bench_command(b, invalidate, 3), RILL_OK);
	assert_int_equal(b->chip->contexts[3].epoch, epoch + 1);
	assert_int_equal(bench_command(b, delete, 3), RILL_OK);
	REFUSED(b, delete, RILL_BAD_FIELD, 0, 3);

	/* Not while a queue is bound to it. */
	bench_queue_create(b, &q, 1, DEPTH, 0);
	REFUSED(b, delete, RILL_BAD_FIELD, 0, 0);
	assert_int_equal(bench_command(b, RILL_ADMIN_QUEUE_DELETE, 1), RILL_OK);
	assert_int_equal(bench_command(b, delete, 0), RILL_OK);
}

static void admin_queue_create(void **state)
{
	struct bench *b = *state;
	const uint16_t create = RILL_ADMIN_QUEUE_CREATE;
	const uint64_t sq = BENCH_SQ(1), cq = BENCH_CQ(1);

	REFUSED(b, create, RILL_BAD_FIELD, 4, 1, sq, cq, 8, 0, 1);
	assert_int_equal(bench_command(b, RILL_ADMIN_CONTEXT_CREATE, 0, BENCH_ROOT, 1), RILL_OK);
	REFUSED(b, create, RILL_BAD_FIELD, 0, 0, sq, cq, 8, 0, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 0, 17, sq, cq, 8, 0, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 0, 1ULL << 32 | 1, sq, cq, 8, 0, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 1, 1, sq + 64, cq, 8, 0, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 1, 1, UINT64_MAX << 12, cq, 8, 0, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 2, 1, sq, cq + 64, 8, 0, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 3, 1, sq, cq, 0, 0, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 3, 1, sq, cq, 1, 0, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 3, 1, sq, cq, 9, 0, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 3, 1, sq, cq, 8192, 0, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 3, 1, sq, cq, 1ULL << 32 | 8, 0, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 4, 1, sq, cq, 8, 64, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 4, 1, sq, cq, 8, 1, 1);
	REFUSED(b, create, RILL_BAD_FIELD, 5, 1, sq, cq, 8, 0, 17);
	REFUSED(b, create, RILL_BAD_FIELD, 5, 1, sq, cq, 8, 0, 1ULL << 32);
	assert_int_equal(bench_command(b, create, 1, sq, cq, 8, 0, 1), RILL_OK);
	REFUSED(b, create, RILL_BAD_FIELD, 0, 1, sq, cq, 8, 0, 1);
}

static void admin_queue_delete(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;
	struct rill_hw_cqe cqe;

	REFUSED(b, RILL_ADMIN_QUEUE_DELETE, RILL_BAD_FIELD, 0, 0);
	REFUSED(b, RILL_ADMIN_QUEUE_DELETE, RILL_BAD_FIELD, 0, 1);
	REFUSED(b, RILL_ADMIN_QUEUE_DELETE, RILL_BAD_FIELD, 0, 64);
	bench_queue_create(b, &q, 1, DEPTH, 0);
	submit(b, &q, FAKE_HOLD, 0, 3);
	bench_run(b);
	submit(b, &q, RILL_OP_NOP, 3, 2);
	/* Commands go first, and it is silent about all five jobs. */
	assert_int_equal(bench_command(b, RILL_ADMIN_QUEUE_DELETE, 1), RILL_OK);
	assert_int_equal(fake_engine_held(b->chip), 0);
	assert_false(bench_take(b, &q, &cqe));
	bench_ring(b, &q);
	is_fatal(b, RILL_HW_ERR_DOORBELL);
}

static void admin_abort_all(void **state)
{
	struct bench *b = *state;
	struct bench_queue q, other;
	unsigned int i;

	bench_queue_create(b, &q, 1, DEPTH, 0);
	bench_queue_create(b, &other, 2, DEPTH, 0);
	submit(b, &q, FAKE_HOLD, 0, 3);
	submit(b, &other, FAKE_HOLD, 0, 1);
	bench_run(b);
	submit(b, &q, RILL_OP_NOP, 3, 4);
	assert_int_equal(bench_command(b, RILL_ADMIN_ABORT, 1, UINT64_MAX), RILL_OK);
	for (i = 0; i < 7; i++)
		bench_expect(b, &q, i, RILL_ABORTED, 0);
	assert_int_equal(fake_engine_held(b->chip), 1);
	assert_int_equal(fake_engine_accepted(b->chip), 4);
	bench_ack(b, &q);
	submit(b, &q, RILL_OP_NOP, 7, 4);
	bench_run(b);
	for (i = 7; i < 11; i++)
		bench_expect(b, &q, i, RILL_OK, 0);
}

/* Aborts single jobs, wherever they are, and the ring has as many free slots as it should. */
static void admin_abort_one(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;
	struct rill_hw_cqe cqe;

	REFUSED(b, RILL_ADMIN_ABORT, RILL_BAD_FIELD, 0, 1, 0);
	bench_queue_create(b, &q, 1, DEPTH, 0);
	REFUSED(b, RILL_ADMIN_ABORT, RILL_BAD_FIELD, 0, 0, 0);
	REFUSED(b, RILL_ADMIN_ABORT, RILL_BAD_FIELD, 1, 1, 1ULL << 32);
	submit(b, &q, FAKE_HOLD, 0, 2);
	bench_run(b);
	submit(b, &q, RILL_OP_NOP, 2, 5);
	assert_int_equal(bench_command(b, RILL_ADMIN_ABORT, 1, 99), RILL_OK);
	bench_run(b);
	fake_engine_release(b->chip, 1);
	bench_expect(b, &q, 2, RILL_OK, 0);
	while (bench_take(b, &q, &cqe))
		;
	bench_ack(b, &q);
	/* In the engine. */
	assert_int_equal(bench_command(b, RILL_ADMIN_ABORT, 1, 1), RILL_OK);
	bench_expect(b, &q, 1, RILL_ABORTED, 0);
	bench_ack(b, &q);
}

static void admin_abort_in_ring(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;
	const struct rill_hw_sqe abort = {
		.opcode = RILL_ADMIN_ABORT, .tag = 1, .arg = { 1, 13 },
	};
	struct rill_hw_cqe cqe;
	unsigned int i;

	bench_queue_create(b, &q, 1, DEPTH, 0);
	submit(b, &q, RILL_OP_NOP, 10, 7);
	bench_push(b, &b->admin, &abort);
	bench_ring(b, &b->admin);
	assert_true(rill_chip_step(b->chip, UINT64_MAX));
	bench_expect(b, &b->admin, 1, RILL_OK, 0);
	bench_expect(b, &q, 13, RILL_ABORTED, 0);
	bench_ack(b, &q);
	/* One job has ended, so there is room for one more. */
	submit(b, &q, RILL_OP_NOP, 17, 1);
	assert_int_equal(bench_read(b, RILL_REG_STATUS), RILL_STATUS_READY);
	bench_run(b);
	for (i = 10; i < 18; i++)
		if (i != 13)
			bench_expect(b, &q, i, RILL_OK, 0);
	assert_false(bench_take(b, &q, &cqe));
}

/* Software that never takes a completion but aborts on and on gets nowhere. */
static void aborts_are_bounded(void **state)
{
	struct bench *b = *state;
	struct bench_queue q;
	unsigned int i;

	bench_queue_create(b, &q, 1, 1024, 0);
	for (i = 0; i < 100; i++) {
		submit(b, &q, RILL_OP_NOP, 0, 1023);
		if (bench_read(b, RILL_REG_STATUS) & RILL_STATUS_FATAL)
			break;
		bench_push(b, &b->admin, &(struct rill_hw_sqe){
			.opcode = RILL_ADMIN_ABORT, .arg = { 1, i % 2 ? UINT64_MAX : 12345 },
		});
		bench_ring(b, &b->admin);
		bench_run(b);
		b->admin.head = b->admin.tail;
		if (!(bench_read(b, RILL_REG_STATUS) & RILL_STATUS_FATAL))
			bench_ack(b, &b->admin);
	}
	assert_true(i < 100);
	assert_true(bench_read(b, RILL_REG_ERROR) == RILL_HW_ERR_CQ_OVERFLOW ||
		    bench_read(b, RILL_REG_ERROR) == RILL_HW_ERR_DOORBELL);
}

static void admin_ddr_clear(void **state)
{
	struct bench *b = *state;
	const uint16_t clear = RILL_ADMIN_DDR_CLEAR;
	const uint64_t size = 16 << 20;
	uint64_t i;

	REFUSED(b, clear, RILL_BAD_FIELD, 0, 2048, 4096);
	REFUSED(b, clear, RILL_BAD_FIELD, 0, size, 4096);
	REFUSED(b, clear, RILL_BAD_FIELD, 0, UINT64_MAX << 12, 4096);
	REFUSED(b, clear, RILL_BAD_FIELD, 1, 0, 0);
	REFUSED(b, clear, RILL_BAD_FIELD, 1, 0, 2048);
	REFUSED(b, clear, RILL_BAD_FIELD, 1, 4096, size);
	REFUSED(b, clear, RILL_BAD_FIELD, 1, 4096, UINT64_MAX << 12);

	memset(b->ddr, 0xff, size);
	assert_int_equal(bench_command(b, clear, 4096, 8192), RILL_OK);
	for (i = 0; i < 16384; i++)
		assert_int_equal(b->ddr[i], i >= 4096 && i < 12288 ? 0 : 0xff);
	assert_int_equal(bench_command(b, clear, 0, size), RILL_OK);
	for (i = 0; i < size; i++)
		assert_int_equal(b->ddr[i], 0);
}

static void large_clears_take_steps(void **state)
{
	struct bench *b = *state;
	struct rill_hw_cqe cqe;

	bench_push(b, &b->admin, &(struct rill_hw_sqe){
		.opcode = RILL_ADMIN_DDR_CLEAR, .tag = 1, .arg = { 0, 16 << 20 },
	});
	bench_push(b, &b->admin, &(struct rill_hw_sqe){ .opcode = RILL_ADMIN_NOP, .tag = 2 });
	bench_ring(b, &b->admin);
	assert_true(rill_chip_step(b->chip, UINT64_MAX));
	assert_true(rill_chip_step(b->chip, UINT64_MAX));
	assert_false(bench_take(b, &b->admin, &cqe));
	bench_run(b);
	bench_expect(b, &b->admin, 1, RILL_OK, 0);
	bench_expect(b, &b->admin, 2, RILL_OK, 0);
}

/* Admin commands, jobs and doorbells at random: only what the specification allows happens. */
static void random_commands(void **state)
{
	struct bench *b = *state;
	unsigned int i, j;

	srandom(11);
	for (i = 0; i < 20000; i++) {
		struct rill_hw_sqe sqe = { .opcode = random() % 9, .tag = i };
		struct rill_hw_cqe cqe;

		if (bench_read(b, RILL_REG_STATUS) & RILL_STATUS_FATAL) {
			bench_write(b, RILL_REG_CTRL, RILL_CTRL_RESET);
			bench_enable(b);
		}
		for (j = 0; j < 6; j++)
			sqe.arg[j] = (uint64_t)random() % 8 << (random() % 3 ? 0 : 12);
		if (sqe.opcode == RILL_ADMIN_QUEUE_CREATE && random() % 2) {
			sqe.arg[1] = BENCH_SQ(1);
			sqe.arg[2] = BENCH_CQ(1);
			sqe.arg[3] = 4;
			sqe.arg[5] = random() % 8;
		}
		if (sqe.opcode == RILL_ADMIN_CONTEXT_CREATE && random() % 2) {
			sqe.arg[1] = BENCH_ROOT;
			sqe.arg[3] = sqe.arg[4] = sqe.arg[5] = 0;
		}
		bench_push(b, &b->admin, &sqe);
		bench_ring(b, &b->admin);
		if (random() % 8 == 0)
			bench_write(b, RILL_DOORBELL_BASE + 8 + random() % 18 * 4, random() % 6);
		bench_run(b);
		if (bench_read(b, RILL_REG_STATUS) & RILL_STATUS_FATAL)
			continue;
		assert_true(bench_take(b, &b->admin, &cqe));
		assert_int_equal(cqe.tag, i);
		bench_ack(b, &b->admin);
	}
}

#define RING_TEST(name) cmocka_unit_test_setup_teardown(name, setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RING_TEST(wrap_around),
		RING_TEST(phase_flips),
		RING_TEST(entries_are_fetched_in_batches),
		RING_TEST(full_ring_waits),
		RING_TEST(held_completions_wait_in_order),
		RING_TEST(too_many_completions_are_fatal),
		RING_TEST(queues_take_turns),
		RING_TEST(every_completion_interrupts),
		RING_TEST(coalescing),
		RING_TEST(coalescing_has_an_end),
		RING_TEST(full_ring_interrupts),
		RING_TEST(bad_doorbells),
		RING_TEST(tail_must_not_run_over_head),
		RING_TEST(doorbell_while_disabled),
		RING_TEST(fatal_stops_all),
		RING_TEST(submission_ring_is_not_memory),
		RING_TEST(completion_ring_is_not_memory),
		RING_TEST(admin_ring_is_not_memory),
		RING_TEST(bad_entries),
		RING_TEST(many_bad_entries_are_bounded),
		RING_TEST(jobs_arrive_as_they_were_sent),
		RING_TEST(hung_jobs),
		RING_TEST(hung_chip),
		RING_TEST(lost_interrupts_and_bad_completions),
		RING_TEST(admin_nop),
		RING_TEST(admin_flags_and_addr),
		RING_TEST(admin_contexts),
		RING_TEST(admin_queue_create),
		RING_TEST(admin_queue_delete),
		RING_TEST(admin_abort_all),
		RING_TEST(admin_abort_one),
		RING_TEST(admin_abort_in_ring),
		RING_TEST(aborts_are_bounded),
		RING_TEST(admin_ddr_clear),
		RING_TEST(large_clears_take_steps),
		RING_TEST(random_commands),
	};

	return cmocka_run_group_tests_name("rings", tests, NULL, NULL);
}
