/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chip on the bench: memory, interrupt counters, and a small driver for its queues. */
#ifndef BENCH_H
#define BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "internal.h"

#define BENCH_RAM		0x10000000ULL	/* DMA address of the first byte */
#define BENCH_RAM_BYTES		(16ULL << 20)
#define BENCH_ADMIN_DEPTH	16
#define BENCH_ROOT		(BENCH_RAM + 0x10000)	/* an empty page table */

/* Where queue i has its rings: 512 KiB apart, deep enough for any depth. */
#define BENCH_SQ(i)		(BENCH_RAM + 0x100000 + (uint64_t)(i) * 0x80000)
#define BENCH_CQ(i)		(BENCH_SQ(i) + 0x40000)

struct bench_queue {
	unsigned int id, depth, tail, head;
	uint16_t phase;
};

struct bench {
	struct rill_chip *chip;
	struct rill_chip_config config;
	uint8_t *ram, *ddr;
	unsigned int irqs[RILL_MAX_QUEUES];
	unsigned int wakes, dma_reads;
	struct bench_queue admin;
};

/* A chip that came out of reset; cmocka setup and teardown. */
int bench_setup(void **state);
int bench_teardown(void **state);

void bench_write(struct bench *b, uint64_t reg, uint64_t value);
uint32_t bench_read(struct bench *b, uint64_t reg);
uint64_t bench_read64(struct bench *b, uint64_t reg);
void *bench_at(struct bench *b, uint64_t dma);

void bench_enable(struct bench *b);
/* Runs until there is nothing to do; the steps it took. */
unsigned int bench_run(struct bench *b);

void bench_push(struct bench *b, struct bench_queue *q, const struct rill_hw_sqe *sqe);
void bench_push_job(struct bench *b, struct bench_queue *q, uint16_t opcode, uint32_t tag);
void bench_ring(struct bench *b, struct bench_queue *q);
/* Takes a completion; false if there is none. The chip is told only by bench_ack(). */
bool bench_take(struct bench *b, struct bench_queue *q, struct rill_hw_cqe *cqe);
void bench_ack(struct bench *b, struct bench_queue *q);
/* The next completion must be this one. */
void bench_expect(struct bench *b, struct bench_queue *q, uint32_t tag, enum rill_status status,
		  uint64_t detail);

/* An admin command: its completion. */
struct rill_hw_cqe bench_admin(struct bench *b, uint16_t opcode, const uint64_t arg[6]);
#define bench_command(b, opcode, ...) \
	RILL_CQE_STATUS(bench_admin(b, opcode, ((const uint64_t[6]) { __VA_ARGS__ })).status_phase)

/* Context 0 and queue `id` in it. */
void bench_queue_create(struct bench *b, struct bench_queue *q, unsigned int id,
			unsigned int depth, unsigned int coalesce);

#endif
