// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hostile NDF jobs: mutated programs and blocks, memory that changes and goes away under a running job, aborts, resets.
 * Each job must end once, with a status that fits; where nobody meddled, with what the flat engine gives; and the next
 * honest job must find the chip as it was. Usage: ndf_job_fuzz [COUNT [SEED]]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "ndf_corpus.h"
#include "ndf_job_rig.h"
#include "ndf_programs.h"

#define FIRINGS		2000u
#define MAX_STEPS	500u		/* of many events */
#define MAX_PACED	50000u		/* of one */
#define HONEST_EVERY	64u
#define STATUSES	(RILL_PROGRAM_FAULT + 1)

const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "quarantine_size_mb=8";
}

struct fuzz {
	uint64_t random, number;
	struct job_rig *rig;
	struct rig honest;
	struct sample corpus[CORPUS];
	bool meddled;			/* the block, or anything while the job ran */
	bool gone;			/* reset: it does not end */
	uint64_t statuses[STATUSES], gones, compared;
};

#define REQUIRE(fuzz, what) \
	do { \
		if (!(what)) { \
			fprintf(stderr, "number %" PRIu64 ": %s\n", (fuzz)->number, #what); \
			abort(); \
		} \
	} while (0)

static uint64_t draw(struct fuzz *fuzz, uint64_t below)
{
	return corpus_random(&fuzz->random) % below;
}

/* --- what a job looks like --- */

static void place_nodes(struct fuzz *fuzz, struct sample *s)
{
	struct rill_ndf_header header;
	uint64_t chiplets = draw(fuzz, 40) ? 4 : 5;
	struct rill_ndf_verdict verdict;
	uint32_t i;

	if (s->size < sizeof(header) || !rill_ndf_validate(s->bytes, s->size, &verdict))
		return;
	memcpy(&header, s->bytes, sizeof(header));
	for (i = 0; i < header.node_count; i++)
		s->bytes[header.nodes + i * sizeof(struct rill_ndf_node) + offsetof(struct rill_ndf_node, chiplet)] =
			(uint8_t)draw(fuzz, chiplets);
	build_crc(s->bytes, s->size);
}

/* A valid one, or a mutant. At least a header long. */
static struct sample draw_program(struct fuzz *fuzz)
{
	const struct sample *from = &fuzz->corpus[draw(fuzz, CORPUS)];
	struct sample s = { .size = from->size };

	if (draw(fuzz, 2)) {
		s = corpus_mutate(from, &fuzz->random);
	} else {
		s.bytes = malloc(s.size);
		REQUIRE(fuzz, s.bytes);
		memcpy(s.bytes, from->bytes, s.size);
	}
	if (s.size < sizeof(struct rill_ndf_header)) {
		s.bytes = realloc(s.bytes, sizeof(struct rill_ndf_header));
		REQUIRE(fuzz, s.bytes);
		memset(s.bytes + s.size, 0, sizeof(struct rill_ndf_header) - s.size);
		s.size = sizeof(struct rill_ndf_header);
	}
	place_nodes(fuzz, &s);
	return s;
}

static uint64_t draw_word(struct fuzz *fuzz)
{
	static const uint64_t words[] = {
		0, 1, 3, 4, 7, 8, 64, 4096, 4097, 1u << 22, 1u << 24, UINT32_MAX, 1ULL << 32, (1ULL << 32) + 1,
		1ULL << 48, UINT64_MAX, (uint64_t)-8, JOB_NOWHERE, JOB_SYSTEM + JOB_SYSTEM_BYTES - 8,
		JOB_DDR + JOB_DDR_BYTES - 32, JOB_BLOCK, JOB_REPORT, JOB_INPUTS, JOB_OUTPUTS, JOB_WEIGHTS, JOB_PROGRAM,
		JOB_IN_WORDS, JOB_MEMORY,
	};

	return words[draw(fuzz, COUNT(words))];
}

static void mutate_block(struct fuzz *fuzz, uint64_t va, size_t bytes)
{
	static const uint8_t sizes[] = { 1, 2, 4, 8 };
	uint64_t word = draw_word(fuzz), size = sizes[draw(fuzz, 4)];
	uint64_t at = draw(fuzz, bytes / size) * size;

	memcpy((uint8_t *)job_at(fuzz->rig, va) + at, &word, size);
	fuzz->meddled = true;
}

static void draw_inputs(struct fuzz *fuzz, const struct sample *s, struct rill_ndf_job *job)
{
	struct rill_ndf_verdict verdict;
	struct rill_ndf_program *program = rill_ndf_program_new(s->bytes, s->size, &verdict);
	uint32_t i, count = program ? rill_ndf_program_sources(program) : 1;

	rill_ndf_program_free(program);
	if (count > 64)
		return;
	job->inputs = count ? JOB_INPUTS : 0;
	job->input_count = count;
	for (i = 0; i < count; i++)
		if (draw(fuzz, 2))
			*job_input(fuzz->rig, i) = (struct rill_ndf_input){
				.words = JOB_IN_WORDS + 8 * draw(fuzz, 1000), .count = draw(fuzz, 5000),
			};
	fuzz->meddled = true;
}

static void set_link(struct fuzz *fuzz, uint32_t link, uint32_t up)
{
	bench_write(fuzz->rig->b, RILL_LINK_BASE + link * RILL_LINK_STRIDE + RILL_LINK_CTRL, up);
}

static struct rill_ndf_job *draw_job(struct fuzz *fuzz, const struct sample *s)
{
	static const uint32_t capacities[] = { 0, 0, 1, 2, 4, 4096 };
	struct rill_ndf_job *job = job_put(fuzz->rig, s->bytes, s->size);

	fuzz->meddled = fuzz->rig->header.bytes != s->size;
	job->capacity = capacities[draw(fuzz, COUNT(capacities))];
	job->firing_limit = 1 + draw(fuzz, FIRINGS);
	if (!draw(fuzz, 4))
		job->flags = draw(fuzz, 4) & (job->weights ? 3 : RILL_NDF_JOB_WAVES);
	if (!draw(fuzz, 4))
		draw_inputs(fuzz, s, job);
	while (!draw(fuzz, 5))
		mutate_block(fuzz, JOB_BLOCK, sizeof(*job));
	if (job->output_count && !draw(fuzz, 8)) {
		job_output(fuzz->rig, 0)->expected = (uint32_t)draw(fuzz, 40);
		fuzz->meddled = true;
	}
	if (!draw(fuzz, 6))
		mutate_block(fuzz, JOB_OUTPUTS, 3 * sizeof(struct rill_ndf_output));
	if (!draw(fuzz, 12))
		mutate_block(fuzz, JOB_INPUTS, 3 * sizeof(struct rill_ndf_input));
	return job;
}

/* --- while it runs --- */

static void reset(struct fuzz *fuzz)
{
	struct bench *b = fuzz->rig->b;
	unsigned int i;

	bench_write(b, RILL_REG_CTRL, RILL_CTRL_RESET);
	bench_enable(b);
	for (i = 0; i < JOB_QUEUES; i++)
		bench_queue_create(b, &fuzz->rig->queues[i], 1 + i, 16, 0);
	fuzz->gone = true;
}

/* A page goes away and comes back when the job is over. */
static void unmap(struct fuzz *fuzz, uint64_t va, unsigned int level)
{
	*job_pte(fuzz->rig, va, level) &= ~RILL_PTE_VALID;
	rill_mmu_invalidate(&fuzz->rig->b->chip->contexts[0]);
}

static void map_all(struct fuzz *fuzz)
{
	uint64_t va;

	for (va = JOB_SYSTEM; va < JOB_IN_WORDS; va += 4096)
		*job_pte(fuzz->rig, va, 0) |= RILL_PTE_VALID;
	*job_pte(fuzz->rig, JOB_MEMORY, 1) |= RILL_PTE_VALID;
	rill_mmu_invalidate(&fuzz->rig->b->chip->contexts[0]);
}

static void meddle(struct fuzz *fuzz, uint32_t tag)
{
	uint8_t *byte;

	fuzz->meddled = true;
	switch (draw(fuzz, 8)) {
	case 0:
		rill_engine_abort(fuzz->rig->b->chip, 1, draw(fuzz, 2) ? tag : UINT32_MAX, false);
		break;
	case 1:
		unmap(fuzz, JOB_SYSTEM + draw(fuzz, 40) * 4096, 0);
		break;
	case 2:
		unmap(fuzz, JOB_MEMORY, 1);
		break;
	case 3:
		if (!draw(fuzz, 4))
			reset(fuzz);
		break;
	case 4:
		mutate_block(fuzz, JOB_OUTPUTS, 3 * sizeof(struct rill_ndf_output));
		break;
	default:
		byte = job_at(fuzz->rig, JOB_PROGRAM + draw(fuzz, 2048));
		*byte = (uint8_t)draw(fuzz, 256);
	}
}

/* Only with another limit than this fuzzer gives can a job be so long. */
static void stop(struct fuzz *fuzz, uint32_t tag)
{
	REQUIRE(fuzz, fuzz->meddled);
	rill_engine_abort(fuzz->rig->b->chip, 1, tag, false);
}

/* Whole, or a random pace; false: it was gone before it ended. */
static bool finish(struct fuzz *fuzz, uint32_t tag, struct rill_hw_cqe *cqe)
{
	struct rill_chip *chip = fuzz->rig->b->chip;
	uint64_t until = draw(fuzz, 4) ? UINT64_MAX : rill_chip_time(chip);
	bool quiet = draw(fuzz, 2);
	unsigned int steps = 0, most = until == UINT64_MAX ? MAX_STEPS : MAX_PACED;

	fuzz->gone = false;
	while (!fuzz->gone && !bench_take(fuzz->rig->b, &fuzz->rig->queues[0], cqe)) {
		if (++steps == most)
			stop(fuzz, tag);
		REQUIRE(fuzz, steps <= most);
		if (!quiet && !draw(fuzz, 8))
			meddle(fuzz, tag);
		if (rill_chip_step(chip, until) || until == UINT64_MAX)
			continue;
		until = rill_chip_next(chip);
	}
	map_all(fuzz);
	if (!fuzz->gone)
		bench_ack(fuzz->rig->b, &fuzz->rig->queues[0]);
	return !fuzz->gone;
}

/* --- what came of it --- */

static void compare(struct fuzz *fuzz, const struct sample *s, const struct rill_ndf_job *job)
{
	struct rill_ndf_options options = { .capacity = job->capacity };
	struct rill_ndf_verdict verdict;
	struct rill_ndf_program *program = rill_ndf_program_new(s->bytes, s->size, &verdict);
	struct rill_ndf_engine *engine;
	const uint64_t *words;
	size_t count;
	uint32_t i;

	REQUIRE(fuzz, program);
	engine = rill_ndf_engine_new(program, &options);
	REQUIRE(fuzz, engine);
	REQUIRE(fuzz, rill_ndf_run(engine, 2 * FIRINGS, UINT64_MAX) == job_report(fuzz->rig)->end);
	for (i = 0; i < job->output_count; i++) {
		words = rill_ndf_sink_words(engine, i, &count);
		REQUIRE(fuzz, job_output(fuzz->rig, i)->count == count);
		if (count && job->output_count <= JOB_PLACES)
			REQUIRE(fuzz, !memcmp(job_at(fuzz->rig, job_output(fuzz->rig, i)->words), words, 8 * count));
	}
	fuzz->compared++;
	rill_ndf_engine_free(engine);
	rill_ndf_program_free(program);
}

static void judge(struct fuzz *fuzz, const struct sample *s, const struct rill_ndf_job *job,
		  const struct rill_hw_cqe *cqe, uint32_t tag)
{
	static const bool possible[STATUSES] = {
		[RILL_OK] = true, [RILL_BAD_FIELD] = true, [RILL_BAD_RESERVED] = true, [RILL_FAULT_READ] = true,
		[RILL_FAULT_WRITE] = true, [RILL_ABORTED] = true, [RILL_BAD_PROGRAM] = true, [RILL_DEADLOCK] = true,
		[RILL_FIRING_LIMIT] = true, [RILL_PROGRAM_FAULT] = true, [RILL_UNREACHABLE] = true,
	};
	uint32_t status = RILL_CQE_STATUS(cqe->status_phase);
	struct rill_hw_cqe more;

	REQUIRE(fuzz, cqe->tag == tag);
	REQUIRE(fuzz, status < STATUSES && possible[status]);
	REQUIRE(fuzz, cqe->end_ps >= cqe->start_ps);
	REQUIRE(fuzz, !bench_take(fuzz->rig->b, &fuzz->rig->queues[0], &more));
	REQUIRE(fuzz, !fuzz->rig->b->chip->engine->ndf);
	fuzz->statuses[status]++;
	if (fuzz->meddled)
		return;
	REQUIRE(fuzz, status != RILL_BAD_FIELD || job->capacity || job->flags);
	REQUIRE(fuzz, status != RILL_ABORTED && status != RILL_FAULT_WRITE);
	REQUIRE(fuzz, !memcmp(job_at(fuzz->rig, JOB_PROGRAM), s->bytes, s->size));
	if ((status == RILL_OK || status == RILL_DEADLOCK) &&
	    !(job->flags & RILL_NDF_JOB_LOAD_WEIGHTS) && corpus_is_kahn(s))
		compare(fuzz, s, job);
}

/* --- */

static void run_honest(struct fuzz *fuzz)
{
	static const uint64_t want[2] = { 21, 21 };

	job_put(fuzz->rig, fuzz->honest.binary, fuzz->honest.size);
	job_expect(fuzz->rig, RILL_OK, 0);
	REQUIRE(fuzz, job_output(fuzz->rig, 0)->count == 2);
	REQUIRE(fuzz, !memcmp(job_at(fuzz->rig, JOB_OUT_WORDS), want, sizeof(want)));
}

static void run_one(struct fuzz *fuzz)
{
	struct sample s = draw_program(fuzz);
	struct rill_ndf_job *job = draw_job(fuzz, &s), copy = *job;
	uint32_t link = draw(fuzz, 80), tag = job_submit(fuzz->rig, 0);
	struct rill_hw_cqe cqe;

	if (link < 8)
		set_link(fuzz, link, 0);
	if (finish(fuzz, tag, &cqe))
		judge(fuzz, &s, &copy, &cqe, tag);
	else
		fuzz->gones++;
	if (link < 8)
		set_link(fuzz, link, RILL_LINK_UP);
	free(s.bytes);
	if (fuzz->number % HONEST_EVERY == 0)
		run_honest(fuzz);
}

static void set_up(struct fuzz *fuzz)
{
	static const uint64_t a[] = { 252, 1071 }, b[] = { 105, 462 };
	uint32_t i;

	REQUIRE(fuzz, !job_setup((void **)&fuzz->rig));
	rig_begin(&fuzz->honest);
	program_gcd(&fuzz->honest, a, b, 2);
	for (i = 0; i < fuzz->honest.b.nodes_count; i++)
		fuzz->honest.b.nodes[i].chiplet = (uint16_t)(i % 4);
	rig_load(&fuzz->honest);
	corpus_make(fuzz->corpus);
}

static bool report(const struct fuzz *fuzz, uint64_t count)
{
	static const char *const names[STATUSES] = {
		[RILL_OK] = "ended well", [RILL_BAD_FIELD] = "bad field", [RILL_BAD_RESERVED] = "reserved",
		[RILL_FAULT_READ] = "read fault", [RILL_FAULT_WRITE] = "write fault", [RILL_ABORTED] = "aborted",
		[RILL_UNREACHABLE] = "unreachable",
		[RILL_BAD_PROGRAM] = "bad program", [RILL_DEADLOCK] = "deadlock",
		[RILL_FIRING_LIMIT] = "firing limit", [RILL_PROGRAM_FAULT] = "program fault",
	};
	bool all = true;
	uint32_t i;

	printf("%" PRIu64 " jobs:", count);
	for (i = 0; i < STATUSES; i++) {
		if (names[i])
			printf(" %" PRIu64 " %s,", fuzz->statuses[i], names[i]);
		all = all && (!names[i] || fuzz->statuses[i]);
	}
	printf(" %" PRIu64 " gone by a reset; %" PRIu64 " compared with the flat engine\n", fuzz->gones,
	       fuzz->compared);
	if (count < 10000 || (all && fuzz->gones && fuzz->compared))
		return true;
	fprintf(stderr, "not every end was reached\n");
	return false;
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 0) : 10000;
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 0) : 1, i;
	struct fuzz *fuzz = calloc(1, sizeof(*fuzz));
	void *rig;
	bool ok;

	if (!fuzz)
		return 1;
	set_up(fuzz);
	for (i = 0; i < count; i++) {
		fuzz->number = first + i;
		fuzz->random = fuzz->number << 20;
		run_one(fuzz);
	}
	ok = report(fuzz, count);
	corpus_free(fuzz->corpus);
	rig_end(&fuzz->honest);
	rig = fuzz->rig;
	job_teardown(&rig);
	free(fuzz);
	return ok ? 0 : 1;
}
