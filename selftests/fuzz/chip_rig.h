/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chip in the hands of a hostile guest: small memories, page tables, rings, and memory that changes as it is read. */
#ifndef CHIP_RIG_H
#define CHIP_RIG_H

#include "internal.h"

#define RIG_RAM			0x10000000ULL	/* DMA address of the first byte */
#define RIG_RAM_BYTES		0x50000ULL
#define RIG_SQ(q)		(RIG_RAM + (q) * 0x2000ULL)
#define RIG_CQ(q)		(RIG_SQ(q) + 0x1000)
#define RIG_ROOT		(RIG_RAM + 0x8000)	/* and the other tables behind it */
#define RIG_TABLES		7

/* Virtual addresses: system memory in small pages, the DDR in large ones, and the end of channel 0 in small ones */
#define RIG_SYSTEM		0x40000000ULL
#define RIG_SYSTEM_BYTES	0x40000ULL
#define RIG_SYSTEM_DMA		(RIG_RAM + 0x10000)
#define RIG_DDR			0x80000000ULL
#define RIG_CHANNEL_BYTES	(2ULL << 20)
#define RIG_SCRAPS		0xc0000000ULL
#define RIG_SCRAPS_BYTES	0x200000ULL

#define RIG_QUEUES		4	/* the admin queue among them; the last one is context 1's */
#define RIG_DEPTH		32

struct rig_queue {
	uint32_t tail, head;
	uint16_t phase;
	bool created;
};

struct chip_rig {
	struct rill_chip *chip;
	struct rill_chip_config config;
	uint8_t *ram, *ddr;
	uint64_t random;
	bool hostile;			/* what is read may change behind the read */
	uint64_t number;		/* of the case */
	unsigned int reads;		/* since whoever asks set it to 0 */
	struct rig_queue queues[RIG_QUEUES];
};

#define REQUIRE(rig, what) \
	do { \
		if (!(what)) { \
			fprintf(stderr, "number %llu, %s:%d: %s\n", (unsigned long long)(rig)->number, __FILE__, \
				__LINE__, #what); \
			abort(); \
		} \
	} while (0)

static inline uint64_t rig_draw(struct chip_rig *rig, uint64_t below)
{
	return rill_pattern(2026, rig->random++) % below;
}

/* One in n */
static inline bool rig_chance(struct chip_rig *rig, uint64_t n)
{
	return !rig_draw(rig, n);
}

void chip_rig_open(struct chip_rig *rig, uint32_t rows, uint32_t cols, uint64_t sram_bytes);
void chip_rig_close(struct chip_rig *rig);
/* Out of reset: tables as above, contexts 0 and 1, queues. */
void chip_rig_start(struct chip_rig *rig);

/* System memory by virtual address, as mapped at the start */
void *chip_rig_at(struct chip_rig *rig, uint64_t va);
bool chip_rig_is_ram(uint64_t dma, uint64_t bytes);
/* The entry of a small page, or of a large one of the DDR */
uint64_t *chip_rig_pte(struct chip_rig *rig, uint64_t va);

/* False if there is no free entry. */
bool chip_rig_push(struct chip_rig *rig, unsigned int q, const struct rill_hw_sqe *sqe);
void chip_rig_ring(struct chip_rig *rig, unsigned int q);
bool chip_rig_take(struct chip_rig *rig, unsigned int q, struct rill_hw_cqe *cqe);

#endif
