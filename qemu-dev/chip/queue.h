/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queue pairs. The admin queue is one as well: regs.c makes it, admin.c takes its
 * entries. What a queue fetched from its ring and did not hand on yet lies in `fetched`,
 * completions for which its ring has no room in `waiting`.
 */
#ifndef RILL_CHIP_QUEUE_H
#define RILL_CHIP_QUEUE_H

#include "internal.h"

struct rill_queue_params {
	struct rill_context *ctx;	/* NULL: the admin queue */
	uint64_t sq, cq;		/* DMA addresses */
	uint32_t depth;
	uint16_t vector;
	uint16_t coalesce;		/* 0 and 1: an interrupt for every completion */
};

enum rill_queue_counter {
	RILL_COUNT_DOORBELLS,
	RILL_COUNT_INTERRUPTS,
	RILL_COUNT_FETCHED,
	RILL_COUNT_COMPLETED,
	RILL_COUNT_PROGRESS,
	RILL_COUNTERS
};

/* What is wrong with rings, as an index into QUEUE_CREATE's arg[]; 0 if nothing is. */
unsigned int rill_queue_bad_ring(uint64_t sq, uint64_t cq, uint64_t depth);

/* False if out of memory. The parameters must have been checked. */
bool rill_queue_new(struct rill_chip *chip, unsigned int id,
		    const struct rill_queue_params *params);
/* Drops what the queue holds; the engine must not hold a job of it any more. */
void rill_queue_free(struct rill_chip *chip, unsigned int id);

uint64_t rill_queue_counter(const struct rill_chip *chip, unsigned int id,
			    enum rill_queue_counter counter);

/* Doorbells, for any id: a bad value or id is fatal. */
void rill_queue_ring_sq(struct rill_chip *chip, unsigned int id, uint32_t tail);
void rill_queue_ring_cq(struct rill_chip *chip, unsigned int id, uint32_t head);

/* Takes the next entry, if there is one and its completion would have room. */
bool rill_queue_take(struct rill_chip *chip, struct rill_queue *queue, struct rill_hw_sqe *sqe);

/* Jobs of the engine first, then those not handed on: see RILL_ADMIN_ABORT. */
void rill_queue_abort(struct rill_chip *chip, unsigned int id, uint32_t tag);

/* Posts completions for which room was made. */
void rill_queue_drain(struct rill_chip *chip);

/* Raises the interrupts that were held back. */
void rill_queue_flush(struct rill_chip *chip);

#endif
