/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note OR MIT */
/*
 * Rill chip, hardware interface: what the driver and the chip agree on.
 *
 * Everything is little-endian. Registers are 32 bits wide; a 64-bit register
 * is two of them, low half first, and may be accessed as one 64-bit word.
 * Reserved fields are written as zero and must be zero: the chip checks.
 * Device time is an integer number of picoseconds.
 */
#ifndef RILL_HW_H
#define RILL_HW_H

#include <linux/types.h>

#define RILL_PCI_VENDOR_ID		0x1234
#define RILL_PCI_DEVICE_ID		0x7211
#define RILL_PCI_CLASS			0x1200	/* processing accelerator */

#define RILL_BAR_REGS			0
#define RILL_BAR_DDR			2
#define RILL_BAR_MSIX			4
#define RILL_BAR_REGS_BYTES		0x10000

/* Architectural limits, whatever a given chip's configuration. */
#define RILL_MAX_CHIPLETS		64
#define RILL_MAX_CHANNELS		16
#define RILL_MAX_LINKS			256	/* directed D2D links */
#define RILL_MAX_QUEUES			64	/* queue 0 is the admin queue */
#define RILL_MAX_CONTEXTS		64
#define RILL_MAX_QUEUE_DEPTH		4096	/* entries; a power of two */
#define RILL_MIN_QUEUE_DEPTH		2

/* Identity and capabilities (RO) */
#define RILL_REG_ID			0x0000
#define   RILL_ID_MAGIC			0x4c4c4952	/* "RILL" */
#define RILL_REG_VERSION		0x0004	/* major << 16 | minor */
#define   RILL_HW_VERSION		0x00010000
#define RILL_REG_FEATURES		0x0008	/* 64 bit */
#define   RILL_FEATURE_STREAM		(1ULL << 0)
#define   RILL_FEATURE_NDF		(1ULL << 1)
#define   RILL_FEATURE_INT4		(1ULL << 2)	/* RILL_STREAM_INT4 */
#define   RILL_FEATURE_KNOWN		(1ULL << 3)	/* RILL_STREAM_KNOWN */
#define RILL_REG_ROWS			0x0010
#define RILL_REG_COLS			0x0014
#define RILL_REG_CHANNELS		0x0018	/* DDR channels */
#define RILL_REG_QUEUES			0x001c	/* queue pairs, the admin queue included */
#define RILL_REG_CHANNEL_BYTES		0x0020	/* 64 bit, bytes behind one channel */
#define RILL_REG_SRAM_BYTES		0x0028	/* 64 bit, per chiplet */
#define RILL_REG_MAC_PER_CYCLE		0x0030	/* per chiplet */
#define RILL_REG_MAC_KHZ		0x0034
#define RILL_REG_MAC_STARTUP		0x0038	/* cycles added to each slice */
#define RILL_REG_DDR_MBPS		0x003c	/* 10^6 bytes per second and channel */
#define RILL_REG_DDR_LATENCY_PS		0x0040
#define RILL_REG_LINK_MBPS		0x0044	/* per direction */
#define RILL_REG_LINK_HOP_PS		0x0048
#define RILL_REG_LINKS			0x004c	/* directed D2D links */
#define RILL_REG_CONTEXTS		0x0050
#define RILL_REG_QUEUE_DEPTH		0x0054	/* deepest queue, entries */

/* Control and state */
#define RILL_REG_CTRL			0x0080	/* RW */
#define   RILL_CTRL_ENABLE		(1u << 0)	/* the admin queue runs */
#define   RILL_CTRL_RESET		(1u << 1)	/* self-clearing */
#define RILL_REG_STATUS			0x0084	/* RO */
#define   RILL_STATUS_READY		(1u << 0)	/* follows ENABLE */
#define   RILL_STATUS_FATAL		(1u << 1)	/* only a reset helps; see ERROR */
#define RILL_REG_ERROR			0x0088	/* RO, enum rill_hw_error */
#define RILL_REG_ADMIN_DEPTH		0x008c	/* RW while disabled, entries */
#define RILL_REG_ADMIN_SQ		0x0090	/* RW while disabled, DMA address, 4 KiB aligned */
#define RILL_REG_ADMIN_CQ		0x0098	/* RW while disabled, DMA address, 4 KiB aligned */
#define RILL_REG_TIME_PS		0x00a0	/* RO, 64 bit; the low half latches the high one */
#define RILL_REG_EVENT			0x00a8	/* W1C, raises vector 0 */
#define   RILL_EVENT_FATAL		(1u << 0)
#define   RILL_EVENT_LINK		(1u << 1)	/* a link changed state */
#define RILL_REG_EVENT_MASK		0x00ac	/* RW, 1 = raise; 0 after reset */

enum rill_hw_error {
	RILL_HW_OK = 0,
	RILL_HW_ERR_ADMIN_CONFIG = 1,	/* bad ADMIN_DEPTH, _SQ or _CQ at enable */
	RILL_HW_ERR_DOORBELL = 2,	/* past the ring, or for no queue */
	RILL_HW_ERR_RING_DMA = 3,	/* a ring is not memory */
	RILL_HW_ERR_CQ_OVERFLOW = 4,
};

/* D2D links: one block per directed link, numbered by source chiplet, then destination */
#define RILL_LINK_BASE			0x4000
#define RILL_LINK_STRIDE		0x40
#define   RILL_LINK_SRC			0x00	/* RO chiplet */
#define   RILL_LINK_DST			0x04	/* RO chiplet */
#define   RILL_LINK_CTRL		0x08	/* RW; takes effect at the next pass */
#define     RILL_LINK_UP		(1u << 0)	/* 1 after reset */
#define   RILL_LINK_RATE		0x0c	/* RW permille of LINK_MBPS; reset 1000 */
#define   RILL_LINK_BYTES		0x10	/* RO 64 bit */
#define   RILL_LINK_BUSY_PS		0x18	/* RO 64 bit */
#define   RILL_LINK_STALL_PS		0x20	/* RO 64 bit: ready transfers waited so long */
#define   RILL_LINK_TRANSFERS		0x28	/* RO 64 bit */

/* Chiplets */
#define RILL_CHIPLET_BASE		0x8000
#define RILL_CHIPLET_STRIDE		0x40
#define   RILL_CHIPLET_MAC_BUSY_PS	0x00	/* RO 64 bit */
#define   RILL_CHIPLET_MACS		0x08	/* RO 64 bit */
#define   RILL_CHIPLET_SRAM_PEAK	0x10	/* RO 64 bit, since reset */
#define   RILL_CHIPLET_SLICES		0x18	/* RO 64 bit, slices computed */

/* DDR channels */
#define RILL_CHANNEL_BASE		0x9000
#define RILL_CHANNEL_STRIDE		0x40
#define   RILL_CHANNEL_CHIPLET		0x00	/* RO: the chiplet that it hangs off */
#define   RILL_CHANNEL_BYTES_DONE	0x08	/* RO 64 bit */
#define   RILL_CHANNEL_BUSY_PS		0x10	/* RO 64 bit */

/* Queues: doorbells, then counters */
#define RILL_DOORBELL_BASE		0xa000
#define RILL_DOORBELL_STRIDE		0x8
#define   RILL_DOORBELL_SQ_TAIL		0x0	/* WO, index of the next free entry */
#define   RILL_DOORBELL_CQ_HEAD		0x4	/* WO, index of the next entry to read */
#define RILL_QUEUE_BASE			0xb000
#define RILL_QUEUE_STRIDE		0x40
#define   RILL_QUEUE_DOORBELLS		0x00	/* RO 64 bit, SQ doorbell writes */
#define   RILL_QUEUE_INTERRUPTS		0x08	/* RO 64 bit */
#define   RILL_QUEUE_FETCHED		0x10	/* RO 64 bit */
#define   RILL_QUEUE_COMPLETED		0x18	/* RO 64 bit */
#define   RILL_QUEUE_PROGRESS		0x20	/* RO 64 bit: moves when a job does */

/*
 * Submission entry, 64 bytes. On an I/O queue a job is (opcode, flags, addr):
 * addr is a virtual address of the queue's context, where the job's block
 * (rill_stream.h, rill_ndf.h) lies. arg[] is zero there.
 */
struct rill_hw_sqe {
	__le16 opcode;
	__le16 flags;
	__le32 tag;		/* returned in the completion */
	__le64 addr;
	__le64 arg[6];
};

/*
 * Completion entry, 32 bytes. status_phase holds the phase in bit 0 (1 in the
 * first round of the ring, then alternating) and enum rill_status above it.
 * An entry is also the job's fault record: queue and context are the ring's.
 */
struct rill_hw_cqe {
	__le64 start_ps;
	__le64 end_ps;
	__le64 detail;		/* see enum rill_status */
	__le32 tag;
	__le16 sq_head;
	__le16 status_phase;
};

#define RILL_CQE_PHASE			1u
#define RILL_CQE_STATUS(status_phase)	((status_phase) >> 1)

/*
 * How a job ended, and what `detail` then says. FIELD is the byte offset of
 * the field in the job's block; where the field lies in an array that the block
 * points to, it is the array element's index << 16 | the pointer's offset. The
 * job's addr itself (not 8-byte aligned, or not zero where there is no block) is RILL_FIELD_ADDR,
 * arg[i] of a job's entry is i << 16 | RILL_FIELD_ARG. Where a STREAM does not go with its pass,
 * it is RILL_FIELD_PASS | the offset of a field in PASS_BEGIN's block.
 */
#define RILL_FIELD_ADDR			0xffffULL
#define RILL_FIELD_ARG			0xfffeULL
#define RILL_FIELD_PASS			0x8000ULL

enum rill_status {
	RILL_OK = 0,
	RILL_BAD_OPCODE = 1,		/* detail: the opcode */
	RILL_BAD_FLAGS = 2,		/* detail: the unknown bits */
	RILL_BAD_FIELD = 3,		/* out of range; detail: FIELD */
	RILL_BAD_RESERVED = 4,		/* not zero; detail: FIELD */
	RILL_FAULT_READ = 5,		/* detail: virtual address */
	RILL_FAULT_WRITE = 6,		/* detail: virtual address */
	RILL_BAD_PLACEMENT = 7,		/* weights not in one DDR channel; detail: FIELD */
	RILL_NO_PASS = 8,		/* STREAM or PASS_END, no PASS_BEGIN */
	RILL_PASS_OPEN = 9,		/* PASS_BEGIN, COPY, FILL or NDF inside a pass */
	RILL_PASS_FAILED = 10,		/* another job of the pass failed; detail: its tag */
	RILL_SRAM_TOO_SMALL = 11,	/* detail: bytes per chiplet that the pass needs at least */
	RILL_UNREACHABLE = 12,		/* links are down; detail: src << 16 | dst */
	RILL_OVERFLOW = 13,		/* of an accumulator; detail: token */
	RILL_ABORTED = 14,
	RILL_DMA_ERROR = 15,		/* not memory; detail: DMA address */
	RILL_INTERNAL = 16,		/* the chip broke its own rules: a bug, please report */
	RILL_BAD_PROGRAM = 17,		/* detail: enum rill_ndf_code << 48 | position */
	RILL_BAD_RULES = 18,		/* detail: see enum rill_rules_fault */
	/* How the program of an NDF job ended; its report says more */
	RILL_DEADLOCK = 19,		/* detail: node that waits << 32 | arc, next to a sink */
	RILL_FIRING_LIMIT = 20,		/* detail: the limit */
	RILL_PROGRAM_FAULT = 21,	/* detail: node << 32 | enum rill_ndf_fault */
};

/* Admin commands (queue 0). Unused arg[] and flags are zero. */
enum rill_admin_opcode {
	RILL_ADMIN_NOP = 0,
	/* arg[0] context id, arg[1] DMA address of the page table root,
	 * arg[2] bitmap of the chiplets that it may use
	 */
	RILL_ADMIN_CONTEXT_CREATE = 1,
	/* arg[0] context id; fails with BAD_FIELD while a queue is bound to it */
	RILL_ADMIN_CONTEXT_DELETE = 2,
	/* arg[0] context id: when it completes, no access goes through an old translation */
	RILL_ADMIN_CONTEXT_INVALIDATE = 3,
	/* arg[0] queue id 1.., arg[1] SQ DMA address, arg[2] CQ DMA address (4 KiB
	 * aligned), arg[3] depth (power of two), arg[4] context id,
	 * arg[5] MSI-X vector | coalescing count << 16 (0 and 1: every completion)
	 */
	RILL_ADMIN_QUEUE_CREATE = 4,
	/* arg[0] queue id: aborts what is in it without completions, then forgets it */
	RILL_ADMIN_QUEUE_DELETE = 5,
	/* arg[0] queue id, arg[1] tag or ~0 for all: the jobs complete with ABORTED,
	 * before this command does
	 */
	RILL_ADMIN_ABORT = 6,
	/* arg[0] DDR offset, arg[1] bytes, both multiples of 4 KiB: zeroes */
	RILL_ADMIN_DDR_CLEAR = 7,
};

/* For admin commands a FIELD is the index into arg[]. */

/*
 * Page table entry. Four levels of 512 entries translate a 48-bit virtual
 * address. Level 3 (the root) to 1 hold tables; a leaf stands at level 0 (4 KiB)
 * or at level 1 (2 MiB). A table's address is a DMA address.
 */
#define RILL_PTE_VALID			(1ULL << 0)
#define RILL_PTE_WRITE			(1ULL << 1)	/* leaf only */
#define RILL_PTE_LEAF			(1ULL << 2)
#define RILL_PTE_DDR			(1ULL << 3)	/* leaf only: offset into the DDR BAR */
#define RILL_PTE_ADDR_MASK		0x0000fffffffff000ULL
#define RILL_VA_BITS			48
#define RILL_PAGE_SHIFT			12
#define RILL_LARGE_PAGE_SHIFT		21
#define RILL_PT_LEVELS			4
#define RILL_PT_BITS			9

#endif
