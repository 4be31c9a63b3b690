/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Rill chip as a plain C library: registers, queues, contexts and the
 * stream engine, with device time in integer picoseconds. It holds no global
 * state, starts no thread and takes no lock: one caller at a time for one chip. It
 * reaches the outside through struct rill_chip_host only.
 */
#ifndef RILL_CHIP_H
#define RILL_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rill_chip;

/* Every figure is a property of the device; rill_chip_config_default() has the defaults. */
struct rill_chip_config {
	uint32_t rows, cols;		/* 1..8 each */
	uint32_t channels;		/* 0: one for each corner; else 1..corners */
	uint64_t channel_bytes;		/* a power of two, at least 2 MiB */
	uint64_t sram_bytes;		/* per chiplet */
	uint32_t mac_per_cycle;
	uint32_t mac_khz;
	uint32_t mac_startup;		/* cycles */
	uint32_t ddr_mbps;		/* 10^6 bytes/s and channel */
	uint32_t ddr_latency_ps;
	uint32_t link_mbps;		/* 10^6 bytes/s and direction */
	uint32_t link_hop_ps;
	uint32_t queues;		/* I/O queues and the admin queue */
};

enum rill_log_level {
	RILL_LOG_ERROR,			/* the chip itself */
	RILL_LOG_GUEST,			/* software asked for something illegal */
	RILL_LOG_TRACE,
};

struct rill_chip_host {
	void *opaque;
	/* System memory by DMA address. False if any byte is not memory; nothing is promised then. */
	bool (*dma_read)(void *opaque, uint64_t addr, void *buf, size_t len);
	bool (*dma_write)(void *opaque, uint64_t addr, const void *buf, size_t len);
	/* Raise MSI-X vector */
	void (*interrupt)(void *opaque, unsigned int vector);
	/* There is something for rill_chip_step() to do; may be called from within it */
	void (*wake)(void *opaque);
	void (*log)(void *opaque, enum rill_log_level level, const char *message);
};

void rill_chip_config_default(struct rill_chip_config *config);

/*
 * Check a configuration: NULL, or a static text that names the field and the
 * limit. `channels` is resolved in place.
 */
const char *rill_chip_config_check(struct rill_chip_config *config);

/*
 * ddr: channels * channel_bytes of memory, channel 0 first, which must outlive
 * the chip. NULL if out of memory. The configuration must have passed the check.
 */
struct rill_chip *rill_chip_new(const struct rill_chip_config *config,
				const struct rill_chip_host *host, void *ddr);
void rill_chip_free(struct rill_chip *chip);
void rill_chip_reset(struct rill_chip *chip);

/* size: 4 or 8, naturally aligned; anything else reads as zero and is ignored. */
uint64_t rill_chip_read(struct rill_chip *chip, uint64_t offset, unsigned int size);
void rill_chip_write(struct rill_chip *chip, uint64_t offset, uint64_t value, unsigned int size);

/*
 * Do a bounded piece of work (some milliseconds of host time at any size of job, up to 20 for the tables
 * of a pass of a million slices, and but for checking and setting up a dataflow program: about 1 us a node,
 * two pieces), but nothing that is later than until_ps in device time. True if more could be
 * done now. When it returns false all interrupts that were held back for
 * coalescing have been raised.
 */
bool rill_chip_step(struct rill_chip *chip, uint64_t until_ps);

/*
 * Faults on purpose, to test what software makes of them. A value of 0, or a reset, ends
 * one. Links are taken down through their registers.
 */
enum rill_injection {
	RILL_INJECT_HUNG_JOBS,		/* not 0: no job goes on, but admin commands do */
	RILL_INJECT_HUNG_CHIP,		/* not 0: nothing goes on */
	RILL_INJECT_LOST_INTERRUPTS,	/* as many interrupts of queues are not raised */
	RILL_INJECT_BAD_COMPLETIONS,	/* as many completions of I/O queues have a wrong tag */
	RILL_INJECTIONS
};

void rill_chip_inject(struct rill_chip *chip, enum rill_injection what, uint32_t value);
uint32_t rill_chip_injected(const struct rill_chip *chip, enum rill_injection what);

/* Device time now, and of the next event; UINT64_MAX if there is none. */
uint64_t rill_chip_time(const struct rill_chip *chip);
uint64_t rill_chip_next(const struct rill_chip *chip);

#endif
