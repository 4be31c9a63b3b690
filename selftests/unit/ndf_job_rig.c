// SPDX-License-Identifier: GPL-2.0-or-later
#include "ndf_job_rig.h"

#include "ndf/weights.h"

#define PAGE		(1ULL << RILL_PAGE_SHIFT)
#define LARGE		(1ULL << RILL_LARGE_PAGE_SHIFT)
#define TABLES		(BENCH_RAM + 8 * JOB_MIB)
#define SYSTEM		(BENCH_RAM + 10 * JOB_MIB)
#define SYSTEM_RW	(RILL_PTE_VALID | RILL_PTE_LEAF | RILL_PTE_WRITE)

uint64_t *job_pte(struct job_rig *rig, uint64_t va, unsigned int level)
{
	uint64_t table = BENCH_ROOT;
	unsigned int at;

	for (at = RILL_PT_LEVELS - 1;; at--) {
		uint64_t *ptes = bench_at(rig->b, table);
		uint64_t *pte = &ptes[va >> (RILL_PAGE_SHIFT + at * RILL_PT_BITS) & 511];

		if (at == level)
			return pte;
		if (!(*pte & RILL_PTE_VALID)) {
			*pte = rig->next_table | RILL_PTE_VALID;
			rig->next_table += PAGE;
		}
		table = *pte & RILL_PTE_ADDR_MASK;
	}
}

void job_remap(struct job_rig *rig, uint64_t va, unsigned int level, uint64_t pte)
{
	*job_pte(rig, va, level) = pte;
	assert_int_equal(bench_command(rig->b, RILL_ADMIN_CONTEXT_INVALIDATE, 0), RILL_OK);
}

int job_setup(void **state)
{
	struct job_rig *rig = calloc(1, sizeof(*rig));
	uint64_t at;
	unsigned int i;

	if (!rig || bench_setup((void **)&rig->b))
		return -1;
	rig->next_table = TABLES;
	for (at = 0; at < JOB_SYSTEM_BYTES; at += PAGE)
		*job_pte(rig, JOB_SYSTEM + at, 0) = (SYSTEM + at) | SYSTEM_RW;
	for (at = 0; at < JOB_DDR_BYTES; at += LARGE)
		*job_pte(rig, JOB_DDR + at, 1) = at | SYSTEM_RW | RILL_PTE_DDR;
	bench_enable(rig->b);
	for (i = 0; i < JOB_QUEUES; i++)
		bench_queue_create(rig->b, &rig->queues[i], 1 + i, 16, 0);
	*state = rig;
	return 0;
}

int job_teardown(void **state)
{
	struct job_rig *rig = *state;
	void *b = rig->b;

	free(rig);
	return bench_teardown(&b);
}

void *job_at(struct job_rig *rig, uint64_t va)
{
	if (va - JOB_DDR < JOB_DDR_BYTES)
		return rig->b->ddr + (va - JOB_DDR);
	assert_true(va - JOB_SYSTEM < JOB_SYSTEM_BYTES);
	return bench_at(rig->b, SYSTEM + (va - JOB_SYSTEM));
}

struct rill_ndf_report *job_report(struct job_rig *rig)
{
	return job_at(rig, JOB_REPORT);
}

struct rill_ndf_input *job_input(struct job_rig *rig, uint32_t i)
{
	return (struct rill_ndf_input *)job_at(rig, JOB_INPUTS) + i;
}

struct rill_ndf_output *job_output(struct job_rig *rig, uint32_t i)
{
	return (struct rill_ndf_output *)job_at(rig, JOB_OUTPUTS) + i;
}

/* What the block has to say of a binary. A bad one has no arrays. */
static void describe(struct job_rig *rig, const void *binary, size_t size, struct rill_ndf_job *job)
{
	struct rill_ndf_verdict verdict;
	struct rill_ndf_program *program = rill_ndf_program_new(binary, size, &verdict);

	if (!program)
		return;
	if (rill_ndf_program_sinks(program) <= JOB_MAX_OUTPUTS)
		job->output_count = rill_ndf_program_sinks(program);
	job->outputs = job->output_count ? JOB_OUTPUTS : 0;
	job->weights_bytes = rill_ndf_weights_bytes(program);
	job->weights = job->weights_bytes ? JOB_WEIGHTS : 0;
	job->memory = rig->header.memory_bytes ? JOB_MEMORY : 0;
	rill_ndf_program_free(program);
	if (rig->header.memory_bytes > JOB_MIB)
		return;
	memset(job_at(rig, JOB_MEMORY), 0, rig->header.memory_bytes);
	memcpy(job_at(rig, JOB_MEMORY), (const uint8_t *)binary + rig->header.data, rig->header.data_bytes);
}

struct rill_ndf_job *job_put(struct job_rig *rig, const void *binary, size_t size)
{
	struct rill_ndf_job *job = job_at(rig, JOB_BLOCK);
	uint32_t i;

	memset(job_at(rig, JOB_SYSTEM), 0, JOB_PROGRAM - JOB_SYSTEM);
	assert_true(JOB_PROGRAM + size <= JOB_IN_WORDS);
	memcpy(job_at(rig, JOB_PROGRAM), binary, size);
	memcpy(&rig->header, binary, sizeof(rig->header));
	*job = (struct rill_ndf_job){
		.firing_limit = JOB_FIRINGS, .program = JOB_PROGRAM, .report = JOB_REPORT,
	};
	describe(rig, binary, size, job);
	for (i = 0; i < job->output_count; i++)
		*job_output(rig, i) = (struct rill_ndf_output){
			.words = JOB_OUT_WORDS + 8 * JOB_ROOM * (i % JOB_PLACES), .room = JOB_ROOM, .count = UINT64_MAX,
		};
	return job;
}

uint32_t job_submit(struct job_rig *rig, unsigned int q)
{
	const struct rill_hw_sqe sqe = { .opcode = RILL_OP_NDF, .tag = ++rig->tag, .addr = JOB_BLOCK };

	bench_push(rig->b, &rig->queues[q], &sqe);
	bench_ring(rig->b, &rig->queues[q]);
	return sqe.tag;
}

struct rill_hw_cqe job_take(struct job_rig *rig, unsigned int q, uint32_t tag)
{
	struct rill_hw_cqe cqe;

	assert_true(bench_take(rig->b, &rig->queues[q], &cqe));
	assert_int_equal(cqe.tag, tag);
	bench_ack(rig->b, &rig->queues[q]);
	return cqe;
}

struct rill_hw_cqe job_run(struct job_rig *rig)
{
	uint32_t tag = job_submit(rig, 0);
	struct rill_hw_cqe cqe, more;

	bench_run(rig->b);
	cqe = job_take(rig, 0, tag);
	assert_false(bench_take(rig->b, &rig->queues[0], &more));
	return cqe;
}

void job_expect(struct job_rig *rig, enum rill_status status, uint64_t detail)
{
	struct rill_hw_cqe cqe = job_run(rig);

	assert_int_equal(RILL_CQE_STATUS(cqe.status_phase), status);
	assert_int_equal(cqe.detail, detail);
}
