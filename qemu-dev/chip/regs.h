/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registers, and with them what the front end remembers of the whole chip. */
#ifndef RILL_CHIP_REGS_H
#define RILL_CHIP_REGS_H

#include "internal.h"

#define RILL_CAPABILITY_BYTES	0x58	/* the read-only registers from 0 on */

/* A DDR_CLEAR under way: the admin queue waits for it. */
struct rill_clear {
	bool active;
	uint32_t tag;
	uint64_t offset, left;
};

struct rill_regs {
	uint32_t capability[RILL_CAPABILITY_BYTES / 4];
	enum rill_hw_error error;
	uint32_t event, event_mask;
	uint32_t admin_depth;
	uint64_t admin_sq, admin_cq;
	uint32_t time_high;		/* latched */

	/* Of all queues */
	uint64_t drain;			/* bitmap: room was made for completions that wait */
	uint64_t unraised;		/* bitmap: completions without an interrupt yet */
	unsigned int turn;		/* the I/O queue to be asked for a job first */
	bool again;			/* a step stopped early */
	struct rill_clear clear;
	uint32_t inject[RILL_INJECTIONS];
};

struct rill_regs *rill_regs_new(const struct rill_chip *chip);
void rill_regs_reset(struct rill_chip *chip);

/* Nothing runs any more until a reset. */
void rill_regs_fatal(struct rill_chip *chip, enum rill_hw_error error);
bool rill_regs_is_fatal(const struct rill_chip *chip);

/* True if the fault is to happen now; it counts down. */
bool rill_regs_inject(struct rill_chip *chip, enum rill_injection what);

/* chip.c: forgets queues, contexts and all that they hold. */
void rill_chip_stop(struct rill_chip *chip);

#endif
