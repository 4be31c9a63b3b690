/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RILL_DRIVER_HW_H
#define RILL_DRIVER_HW_H

#include <linux/completion.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <rill_hw.h>

/* What fits a page table entry. */
#define RILL_DMA_BITS		RILL_VA_BITS
#define RILL_ADMIN_DEPTH	64
#define RILL_ADMIN_SLOTS	(RILL_ADMIN_DEPTH - 1)

struct rill_device;

struct rill_vector {
	struct rill_device *rdev;
	unsigned int index;
};

struct rill_admin_args {
	u64 arg[6];
};

struct rill_admin_slot {
	struct completion done;
	int error;
	u32 tag;			/* slot index, with a generation above it */
	bool pending;			/* on the chip */
};

/* The admin queue: any number of threads, each sleeps until its command has ended. */
struct rill_admin {
	spinlock_t lock;		/* protects all below */
	bool up;
	u16 tail;
	u16 head;
	u16 phase;
	struct rill_hw_sqe *sq;
	struct rill_hw_cqe *cq;
	dma_addr_t sq_dma;
	dma_addr_t cq_dma;
	DECLARE_BITMAP(busy, RILL_ADMIN_SLOTS);
	struct rill_admin_slot slots[RILL_ADMIN_SLOTS];
	wait_queue_head_t wait;		/* for a slot */
};

u32 rill_hw_read(struct rill_device *rdev, u32 reg);
u64 rill_hw_read64(struct rill_device *rdev, u32 reg);
void rill_hw_write(struct rill_device *rdev, u32 reg, u32 value);
void rill_hw_write64(struct rill_device *rdev, u32 reg, u64 value);

int rill_hw_init(struct rill_device *rdev);
int rill_hw_irq_init(struct rill_device *rdev);
int rill_hw_start(struct rill_device *rdev);
int rill_hw_reset(struct rill_device *rdev);
bool rill_hw_gone(struct rill_device *rdev);
void rill_hw_irq_sync(struct rill_device *rdev, unsigned int vector);

int rill_admin_init(struct rill_device *rdev);
void rill_admin_fini(struct rill_device *rdev);
void rill_admin_down(struct rill_device *rdev);
int rill_admin_exec(struct rill_device *rdev, enum rill_admin_opcode opcode,
		    const struct rill_admin_args *args);

/* rill_admin(rdev, opcode, args...): 0, the chip's refusal as errno, or -EIO if it is down */
#define rill_admin(rdev, opcode, ...) \
	rill_admin_exec(rdev, opcode, &(const struct rill_admin_args) { { __VA_ARGS__ } })

#endif
