/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the chip know of each other. Front end: regs, queue, admin,
 * context, mmu. Engine: job (fill, copy) and the pass (stream engine).
 */
#ifndef RILL_CHIP_INTERNAL_H
#define RILL_CHIP_INTERNAL_H

#include "rill_chip.h"
#include "rill_hw.h"
#include "rill_stream.h"

/* Blocks and rings are little-endian and are read and written as they are. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the host must be little-endian");

struct rill_pass_state;

struct rill_context {
	bool valid;
	uint64_t root;			/* DMA address of the page table */
	uint64_t chiplets;		/* bitmap that its passes may use */
	unsigned int queues;		/* bound to it */
	uint32_t epoch;			/* raised by rill_mmu_invalidate(): held translations are void */
	struct rill_tlb *tlb;		/* owned by mmu.c */
};

/* A job as fetched from a queue. */
struct rill_job {
	uint16_t queue;
	uint16_t opcode;
	uint32_t tag;
	uint64_t addr;
	uint64_t start_ps;
	bool lost;			/* aborted or refused, and completed so: only its pass must know */
};

struct rill_link_state {
	uint16_t src, dst;
	bool up;
	uint16_t rate_permille;
	uint64_t bytes, busy_ps, stall_ps, transfers;
};

struct rill_chiplet_state {
	uint64_t mac_busy_ps, macs, sram_peak, slices;
};

struct rill_channel_state {
	uint16_t chiplet;
	uint64_t bytes, busy_ps;
};

struct rill_queue;			/* queue.c */

struct rill_chip {
	struct rill_chip_config config;
	struct rill_chip_host host;
	uint8_t *ddr;
	uint64_t ddr_bytes;
	uint64_t now_ps;
	unsigned int chiplet_count, link_count;
	struct rill_link_state links[RILL_MAX_LINKS];
	struct rill_chiplet_state chiplets[RILL_MAX_CHIPLETS];
	struct rill_channel_state channels[RILL_MAX_CHANNELS];
	struct rill_context contexts[RILL_MAX_CONTEXTS];
	struct rill_queue *queues[RILL_MAX_QUEUES];	/* NULL: does not exist; [0] is the admin queue */
	struct rill_engine *engine;	/* engine.c: what is running, and the open passes */
	struct rill_regs *regs;		/* regs.c */
};

/* --- mmu.c --- */

enum rill_access { RILL_ACCESS_READ, RILL_ACCESS_WRITE };

/* How an access failed: RILL_FAULT_READ, RILL_FAULT_WRITE or RILL_DMA_ERROR, and where. */
struct rill_fault {
	enum rill_status status;
	uint64_t detail;
};

/* All of them: false and *fault filled in if any byte is out of reach. A write may then be partial. */
bool rill_mmu_read(struct rill_chip *chip, struct rill_context *ctx, uint64_t va,
		   void *buf, uint64_t len, struct rill_fault *fault);
bool rill_mmu_write(struct rill_chip *chip, struct rill_context *ctx, uint64_t va,
		    const void *buf, uint64_t len, struct rill_fault *fault);

/*
 * The longest run from va (at most len bytes) that is contiguous in DDR or in
 * one page of system memory. In DDR, *ddr points at it; else *ddr is NULL and *dma is
 * its DMA address. Returns its length, 0 on a fault.
 */
uint64_t rill_mmu_run(struct rill_chip *chip, struct rill_context *ctx, uint64_t va,
		      uint64_t len, enum rill_access access, uint8_t **ddr, uint64_t *dma,
		      struct rill_fault *fault);

void rill_mmu_invalidate(struct rill_context *ctx);

/* --- queue.c --- */

struct rill_context *rill_queue_context(struct rill_chip *chip, unsigned int queue);

/* Post a completion. The engine calls it exactly once for each job that it accepted. */
void rill_queue_complete(struct rill_chip *chip, unsigned int queue, uint32_t tag,
			 enum rill_status status, uint64_t detail,
			 uint64_t start_ps, uint64_t end_ps);

/* The queue's job moved on: for RILL_QUEUE_PROGRESS. */
void rill_queue_progress(struct rill_chip *chip, unsigned int queue);

/*
 * Fetch the next job of any I/O queue, round robin over queues that are not
 * blocked by a full completion ring. False if there is none.
 */
bool rill_queue_fetch(struct rill_chip *chip, struct rill_job *job);

/* --- engine.c (called by the front end) --- */

struct rill_engine *rill_engine_new(struct rill_chip *chip);
void rill_engine_free(struct rill_chip *chip);
void rill_engine_reset(struct rill_chip *chip);	/* forgets every job without completing it */

/*
 * Do one bounded piece of work: fetch and start a job, or process events of the
 * running one. False if there is nothing to do up to until_ps.
 */
bool rill_engine_step(struct rill_chip *chip, uint64_t until_ps);
uint64_t rill_engine_next(const struct rill_chip *chip);

/*
 * Abort the jobs of a queue that the engine holds: those with `tag`, or all if
 * tag is UINT32_MAX. A job of a pass takes the whole pass with it (the others end with
 * RILL_PASS_FAILED). They complete before this returns, unless `silent`.
 */
void rill_engine_abort(struct rill_chip *chip, unsigned int queue, uint32_t tag, bool silent);

/* --- topology.c --- */

/* Fills links, chiplets and channels of a new chip. */
void rill_topology_init(struct rill_chip *chip);

void rill_log(struct rill_chip *chip, enum rill_log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
