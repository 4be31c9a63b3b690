// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench.h"

static bool is_ram(uint64_t addr, size_t len)
{
	return addr >= BENCH_RAM && len <= BENCH_RAM_BYTES &&
	       addr - BENCH_RAM <= BENCH_RAM_BYTES - len;
}

static bool dma_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
	struct bench *b = opaque;

	b->dma_reads++;
	if (!is_ram(addr, len))
		return false;
	memcpy(buf, b->ram + (addr - BENCH_RAM), len);
	return true;
}

static bool dma_write(void *opaque, uint64_t addr, const void *buf, size_t len)
{
	struct bench *b = opaque;

	if (!is_ram(addr, len))
		return false;
	memcpy(b->ram + (addr - BENCH_RAM), buf, len);
	return true;
}

static void interrupt(void *opaque, unsigned int vector)
{
	struct bench *b = opaque;

	assert_true(vector < b->config.queues);
	b->irqs[vector]++;
}

static void wake(void *opaque)
{
	struct bench *b = opaque;

	b->wakes++;
}

int bench_setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	const struct rill_chip_host host = {
		.opaque = b,
		.dma_read = dma_read,
		.dma_write = dma_write,
		.interrupt = interrupt,
		.wake = wake,
	};

	if (!b)
		return -1;
	rill_chip_config_default(&b->config);
	b->config.channel_bytes = 4 << 20;
	if (rill_chip_config_check(&b->config))
		return -1;
	b->ram = calloc(1, BENCH_RAM_BYTES);
	b->ddr = calloc(b->config.channels, b->config.channel_bytes);
	b->chip = rill_chip_new(&b->config, &host, b->ddr);
	*state = b;
	return b->ram && b->ddr && b->chip ? 0 : -1;
}

int bench_teardown(void **state)
{
	struct bench *b = *state;

	rill_chip_free(b->chip);
	free(b->ddr);
	free(b->ram);
	free(b);
	return 0;
}

void bench_write(struct bench *b, uint64_t reg, uint64_t value)
{
	rill_chip_write(b->chip, reg, value, 4);
}

uint32_t bench_read(struct bench *b, uint64_t reg)
{
	return rill_chip_read(b->chip, reg, 4);
}

uint64_t bench_read64(struct bench *b, uint64_t reg)
{
	return rill_chip_read(b->chip, reg, 8);
}

void *bench_at(struct bench *b, uint64_t dma)
{
	assert_true(is_ram(dma, 1));
	return b->ram + (dma - BENCH_RAM);
}

void bench_enable(struct bench *b)
{
	bench_write(b, RILL_REG_ADMIN_DEPTH, BENCH_ADMIN_DEPTH);
	rill_chip_write(b->chip, RILL_REG_ADMIN_SQ, BENCH_SQ(0), 8);
	rill_chip_write(b->chip, RILL_REG_ADMIN_CQ, BENCH_CQ(0), 8);
	bench_write(b, RILL_REG_CTRL, RILL_CTRL_ENABLE);
	assert_int_equal(bench_read(b, RILL_REG_STATUS), RILL_STATUS_READY);
	b->admin = (struct bench_queue){ .depth = BENCH_ADMIN_DEPTH, .phase = RILL_CQE_PHASE };
	memset(bench_at(b, BENCH_CQ(0)), 0, BENCH_ADMIN_DEPTH * sizeof(struct rill_hw_cqe));
}

unsigned int bench_run(struct bench *b)
{
	unsigned int steps = 0;

	while (rill_chip_step(b->chip, UINT64_MAX))
		assert_true(++steps < 1000000);
	return steps;
}

void bench_push(struct bench *b, struct bench_queue *q, const struct rill_hw_sqe *sqe)
{
	struct rill_hw_sqe *ring = bench_at(b, BENCH_SQ(q->id));

	ring[q->tail] = *sqe;
	q->tail = (q->tail + 1) % q->depth;
}

void bench_push_job(struct bench *b, struct bench_queue *q, uint16_t opcode, uint32_t tag)
{
	const struct rill_hw_sqe sqe = { .opcode = opcode, .tag = tag };

	bench_push(b, q, &sqe);
}

void bench_ring(struct bench *b, struct bench_queue *q)
{
	bench_write(b, RILL_DOORBELL_BASE + q->id * RILL_DOORBELL_STRIDE, q->tail);
}

bool bench_take(struct bench *b, struct bench_queue *q, struct rill_hw_cqe *cqe)
{
	const struct rill_hw_cqe *ring = bench_at(b, BENCH_CQ(q->id));

	*cqe = ring[q->head];
	if ((cqe->status_phase & RILL_CQE_PHASE) != q->phase)
		return false;
	q->head = (q->head + 1) % q->depth;
	if (!q->head)
		q->phase ^= RILL_CQE_PHASE;
	return true;
}

void bench_ack(struct bench *b, struct bench_queue *q)
{
	bench_write(b, RILL_DOORBELL_BASE + q->id * RILL_DOORBELL_STRIDE + RILL_DOORBELL_CQ_HEAD,
		    q->head);
}

void bench_expect(struct bench *b, struct bench_queue *q, uint32_t tag, enum rill_status status,
		  uint64_t detail)
{
	struct rill_hw_cqe cqe;

	assert_true(bench_take(b, q, &cqe));
	assert_int_equal(cqe.tag, tag);
	assert_int_equal(RILL_CQE_STATUS(cqe.status_phase), status);
	assert_int_equal(cqe.detail, detail);
}

struct rill_hw_cqe bench_admin(struct bench *b, uint16_t opcode, const uint64_t arg[6])
{
	struct rill_hw_sqe sqe = { .opcode = opcode, .tag = 0xad000000 + b->admin.tail };
	struct rill_hw_cqe cqe;

	memcpy(sqe.arg, arg, sizeof(sqe.arg));
	bench_push(b, &b->admin, &sqe);
	bench_ring(b, &b->admin);
	bench_run(b);
	assert_true(bench_take(b, &b->admin, &cqe));
	assert_int_equal(cqe.tag, sqe.tag);
	bench_ack(b, &b->admin);
	return cqe;
}

void bench_queue_create(struct bench *b, struct bench_queue *q, unsigned int id,
			unsigned int depth, unsigned int coalesce)
{
	*q = (struct bench_queue){ .id = id, .depth = depth, .phase = RILL_CQE_PHASE };
	memset(bench_at(b, BENCH_CQ(id)), 0, depth * sizeof(struct rill_hw_cqe));
	if (!b->chip->contexts[0].valid)
		assert_int_equal(bench_command(b, RILL_ADMIN_CONTEXT_CREATE, 0, BENCH_ROOT, 0xf),
				 RILL_OK);
	assert_int_equal(bench_command(b, RILL_ADMIN_QUEUE_CREATE, id, BENCH_SQ(id), BENCH_CQ(id),
				       depth, 0, id | coalesce << 16), RILL_OK);
}
