/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs as jobs of a chip on the bench: memory with a place for everything, and queues. */
#ifndef RILL_NDF_JOB_RIG_H
#define RILL_NDF_JOB_RIG_H

#include "bench.h"
#include "rill_ndf.h"

#define JOB_KIB			1024ULL
#define JOB_MIB			(1024 * JOB_KIB)
#define JOB_QUEUES		2

/* Virtual addresses: system memory in small pages, DDR in large ones, and a small page of its own */
#define JOB_SYSTEM		0x40000000ULL
#define JOB_SYSTEM_BYTES	(4 * JOB_MIB)
#define JOB_DDR			0x80000000ULL
#define JOB_DDR_BYTES		(16 * JOB_MIB)
#define JOB_NOWHERE		0xc0000000ULL	/* not mapped */

/* What lies where, unless a test moves it */
#define JOB_BLOCK		JOB_SYSTEM
#define JOB_REPORT		(JOB_SYSTEM + 4 * JOB_KIB)
#define JOB_INPUTS		(JOB_SYSTEM + 16 * JOB_KIB)
#define JOB_OUTPUTS		(JOB_SYSTEM + 32 * JOB_KIB)
#define JOB_WEIGHTS		(JOB_SYSTEM + 64 * JOB_KIB)
#define JOB_PROGRAM		(JOB_SYSTEM + 128 * JOB_KIB)
#define JOB_IN_WORDS		(JOB_SYSTEM + 2 * JOB_MIB)	/* 64 KiB for each */
#define JOB_MEMORY		JOB_DDR
#define JOB_OUT_WORDS		(JOB_DDR + JOB_MIB)		/* likewise */
#define JOB_PLACES		200	/* for words; further outputs share them */
#define JOB_ROOM		(8 * JOB_KIB)			/* words */
#define JOB_MAX_OUTPUTS		1024	/* with more, there are none */
#define JOB_FIRINGS		20000

struct job_rig {
	struct bench *b;
	struct bench_queue queues[JOB_QUEUES];
	uint64_t next_table;
	uint32_t tag;
	struct rill_ndf_header header;
};

/* cmocka setup and teardown; a context of all chiplets */
int job_setup(void **state);
int job_teardown(void **state);

void *job_at(struct job_rig *rig, uint64_t va);
uint64_t *job_pte(struct job_rig *rig, uint64_t va, unsigned int level);
/* An entry of a table is new, and the chip is told. */
void job_remap(struct job_rig *rig, uint64_t va, unsigned int level, uint64_t pte);

/*
 * Puts a binary, its data into its memory, and a block that asks for everything: outputs with JOB_ROOM, weights and a
 * report; inputs are the program's own.
 */
struct rill_ndf_job *job_put(struct job_rig *rig, const void *binary, size_t size);
struct rill_ndf_report *job_report(struct job_rig *rig);
struct rill_ndf_input *job_input(struct job_rig *rig, uint32_t i);
struct rill_ndf_output *job_output(struct job_rig *rig, uint32_t i);

/* The job at JOB_BLOCK on queue q (0..): submitted; its tag */
uint32_t job_submit(struct job_rig *rig, unsigned int q);
/* The next completion of queue q, which must be that of `tag` */
struct rill_hw_cqe job_take(struct job_rig *rig, unsigned int q, uint32_t tag);
/* Submitted and run to its end on queue 0 */
struct rill_hw_cqe job_run(struct job_rig *rig);
void job_expect(struct job_rig *rig, enum rill_status status, uint64_t detail);

#endif
