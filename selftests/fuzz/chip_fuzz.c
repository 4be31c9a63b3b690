// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hostile guest, all but jobs of dataflow programs: passes, FILL and COPY that are right or spoiled, passes by rules
 * that are none, admin commands, registers, doorbells, page tables and memory that change while the chip reads, aborts,
 * queues that go and come, resets. What is right must end well; every job ends once where the guest lets its rings be;
 * nothing runs on without end; and an honest pass must find the chip as it was. Usage: chip_fuzz [COUNT [SEED]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chip_jobs.h"

#define MAX_JOBS	512		/* of a case */
#define MAX_STEPS	20000u
#define MAX_READS	16384u		/* of a step: FILL and COPY have the most */
#define ACTIONS		40
#define HONEST_EVERY	64u
#define STATUSES	(RILL_PROGRAM_FAULT + 1)
#define RIGS		5
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "quarantine_size_mb=8";
}

/* How far the guest goes: never; jobs, links, queues; everything */
enum level { RIGHT, SPOILED, RUTHLESS, LEVELS };

struct submitted {
	uint8_t queue;
	bool done;
};

struct outcome {
	uint64_t duration;
	uint8_t *out;
	size_t bytes;
};

struct fuzz {
	struct chip_rig rigs[RIGS], *rig;
	struct outcome honest[RIGS];
	struct chip_jobs jobs;
	struct sample programs[CORPUS];
	enum level level;
	struct submitted submitted[MAX_JOBS];
	uint32_t count;
	uint64_t until;			/* device time: what steps may do */
	uint64_t statuses[STATUSES], fatals[RILL_HW_ERR_CQ_OVERFLOW + 1], most_reads;
};

static uint64_t draw(struct fuzz *fuzz, uint64_t below)
{
	return rig_draw(fuzz->rig, below);
}

/* --- what the chip says --- */

static void judge(struct fuzz *fuzz, unsigned int q, const struct rill_hw_cqe *cqe)
{
	uint32_t status = RILL_CQE_STATUS(cqe->status_phase), tag = cqe->tag;
	struct chip_rig *rig = fuzz->rig;

	if (status < STATUSES)
		fuzz->statuses[status]++;
	/* Its jobs may have written to its rings. */
	if (fuzz->level == RUTHLESS)
		return;
	REQUIRE(rig, status < STATUSES && status != RILL_INTERNAL);
	REQUIRE(rig, cqe->end_ps >= cqe->start_ps);
	REQUIRE(rig, status != RILL_DMA_ERROR || !chip_rig_is_ram(cqe->detail, 1));
	if (!q)
		return;
	REQUIRE(rig, tag < fuzz->count && fuzz->submitted[tag].queue == q && !fuzz->submitted[tag].done);
	fuzz->submitted[tag].done = true;
	REQUIRE(rig, fuzz->level != RIGHT || status == RILL_OK || status == RILL_SRAM_TOO_SMALL ||
		status == RILL_PASS_FAILED ||
		(status == RILL_BAD_FIELD && cqe->detail == offsetof(struct rill_pass, flags)));
}

static void take_all(struct fuzz *fuzz)
{
	struct rill_hw_cqe cqe;
	unsigned int q, most;

	for (q = 0; q < RIG_QUEUES; q++)
		for (most = RIG_DEPTH; most && chip_rig_take(fuzz->rig, q, &cqe); most--)
			judge(fuzz, q, &cqe);
}

static bool step(struct fuzz *fuzz)
{
	bool more;

	fuzz->rig->reads = 0;
	more = rill_chip_step(fuzz->rig->chip, fuzz->until);
	if (fuzz->rig->reads > fuzz->most_reads)
		fuzz->most_reads = fuzz->rig->reads;
	REQUIRE(fuzz->rig, fuzz->rig->reads <= MAX_READS);
	if (more || fuzz->until == UINT64_MAX)
		return more;
	fuzz->until = rill_chip_next(fuzz->rig->chip);
	return fuzz->until != UINT64_MAX;
}

/* --- what the guest does: jobs --- */

static bool submit(struct fuzz *fuzz, unsigned int q, struct rill_hw_sqe *sqe)
{
	if (fuzz->count == MAX_JOBS || !fuzz->rig->queues[q].created)
		return false;
	sqe->tag = fuzz->count;
	if (fuzz->level == RUTHLESS && rig_chance(fuzz->rig, 40))
		((uint64_t *)sqe)[draw(fuzz, 8)] = chip_jobs_word(fuzz->rig);
	if (!chip_rig_push(fuzz->rig, q, sqe))
		return false;
	fuzz->submitted[fuzz->count++] = (struct submitted){ .queue = (uint8_t)q };
	return true;
}

static void spoil(struct fuzz *fuzz)
{
	do
		chip_jobs_spoil(&fuzz->jobs);
	while (rig_chance(fuzz->rig, 3));
}

static void submit_jobs(struct fuzz *fuzz)
{
	unsigned int q = 1 + (unsigned int)draw(fuzz, fuzz->level == RIGHT ? RIG_QUEUES - 2 : RIG_QUEUES - 1), n, i;
	struct rill_hw_sqe sqes[JOBS_MAX + 1] = { 0 };

	switch (draw(fuzz, 8)) {
	case 0:
		n = 1;
		break;
	case 1:
		n = chip_jobs_transfer(&fuzz->jobs, sqes);
		break;
	default:
		n = chip_jobs_pass(&fuzz->jobs, sqes);
	}
	if (fuzz->level > RIGHT && !rig_chance(fuzz->rig, 3))
		spoil(fuzz);
	if (fuzz->level > RIGHT && n && rig_chance(fuzz->rig, 8))
		sqes[draw(fuzz, n)].opcode = (uint16_t)draw(fuzz, 9);
	/* What is right goes in whole. */
	if (fuzz->level == RIGHT &&
	    (fuzz->rig->queues[q].head - fuzz->rig->queues[q].tail - 1) % RIG_DEPTH < n)
		return;
	for (i = 0; i < n; i++)
		if ((fuzz->level > RIGHT && rig_chance(fuzz->rig, 40)) || !submit(fuzz, q, &sqes[i]))
			break;
	if (fuzz->rig->queues[q].created)
		chip_rig_ring(fuzz->rig, q);
}

/* --- commands --- */

static void command(struct fuzz *fuzz, const struct rill_hw_sqe *sqe)
{
	if (chip_rig_push(fuzz->rig, 0, sqe))
		chip_rig_ring(fuzz->rig, 0);
}

static void run_dry(struct fuzz *fuzz)
{
	unsigned int steps = 0;

	while (step(fuzz)) {
		REQUIRE(fuzz->rig, ++steps < MAX_STEPS);
		if (fuzz->level < RUTHLESS)
			take_all(fuzz);
	}
	take_all(fuzz);
}

/* If nobody took the rings away it does. */
static void finish_commands(struct fuzz *fuzz)
{
	const struct rig_queue *admin = &fuzz->rig->queues[0];
	unsigned int steps;

	for (steps = 0; steps < 1000 && admin->head != admin->tail; steps++) {
		step(fuzz);
		take_all(fuzz);
	}
}

/* It comes back empty; what it held does not end. */
static void recreate(struct fuzz *fuzz)
{
	unsigned int q = 1 + (unsigned int)draw(fuzz, RIG_QUEUES - 1), i;
	struct rig_queue *queue = &fuzz->rig->queues[q];
	struct rill_hw_sqe create = {
		.opcode = RILL_ADMIN_QUEUE_CREATE,
		.arg = { q, RIG_SQ(q), RIG_CQ(q), RIG_DEPTH, q == RIG_QUEUES - 1, q | draw(fuzz, 6) << 16 },
	};

	take_all(fuzz);
	command(fuzz, &(struct rill_hw_sqe){ .opcode = RILL_ADMIN_QUEUE_DELETE, .arg = { q } });
	finish_commands(fuzz);
	for (i = 0; i < fuzz->count; i++)
		fuzz->submitted[i].done |= fuzz->submitted[i].queue == q;
	memset(fuzz->rig->ram + (RIG_CQ(q) - RIG_RAM), 0, RIG_DEPTH * sizeof(struct rill_hw_cqe));
	*queue = (struct rig_queue){ .phase = RILL_CQE_PHASE };
	if (fuzz->level == RUTHLESS && rig_chance(fuzz->rig, 4))
		create.arg[1 + draw(fuzz, 2)] = chip_jobs_word(fuzz->rig) & ~0xfffULL;
	command(fuzz, &create);
	finish_commands(fuzz);
	queue->created = fuzz->rig->chip->queues[q];
}

static void submit_command(struct fuzz *fuzz)
{
	struct rill_hw_sqe sqe = { .opcode = RILL_ADMIN_ABORT, .arg = { 1 + draw(fuzz, RIG_QUEUES - 1) } };

	switch (draw(fuzz, 4)) {
	case 0:
		sqe.arg[1] = rig_chance(fuzz->rig, 3) ? UINT32_MAX : draw(fuzz, fuzz->count + 1);
		break;
	case 1:
		sqe = (struct rill_hw_sqe){ .opcode = RILL_ADMIN_CONTEXT_INVALIDATE, .arg = { draw(fuzz, 2) } };
		break;
	case 2:
		sqe = (struct rill_hw_sqe){ .opcode = RILL_ADMIN_DDR_CLEAR,
					    .arg = { draw(fuzz, 512) * 4096, (1 + draw(fuzz, 64)) * 4096 } };
		break;
	default:
		if (rig_chance(fuzz->rig, 4))
			recreate(fuzz);
		return;
	}
	command(fuzz, &sqe);
}

static void submit_any_command(struct fuzz *fuzz)
{
	struct rill_hw_sqe sqe = { .opcode = (uint16_t)draw(fuzz, RILL_ADMIN_DDR_CLEAR + 2) };
	unsigned int i;

	for (i = 0; i < COUNT(sqe.arg); i++)
		if (rig_chance(fuzz->rig, 2))
			sqe.arg[i] = rig_chance(fuzz->rig, 2) ? draw(fuzz, 4) : chip_jobs_word(fuzz->rig);
	command(fuzz, &sqe);
}

/* --- registers and memory --- */

static void set_link(struct fuzz *fuzz)
{
	uint64_t at = RILL_LINK_BASE + draw(fuzz, fuzz->rig->chip->link_count + 1) * RILL_LINK_STRIDE;

	if (rig_chance(fuzz->rig, 2))
		rill_chip_write(fuzz->rig->chip, at + RILL_LINK_CTRL, !rig_chance(fuzz->rig, 3), 4);
	else
		rill_chip_write(fuzz->rig->chip, at + RILL_LINK_RATE, draw(fuzz, 1100), 4);
}

static void poke_register(struct fuzz *fuzz)
{
	static const uint32_t bases[] = {
		0, RILL_REG_CTRL, RILL_REG_CTRL, RILL_LINK_BASE, RILL_CHIPLET_BASE, RILL_CHANNEL_BASE,
		RILL_DOORBELL_BASE, RILL_DOORBELL_BASE, RILL_QUEUE_BASE, 0xfff0,
	};
	uint64_t at = bases[draw(fuzz, COUNT(bases))] + draw(fuzz, 0x40);
	unsigned int size = 1u << draw(fuzz, 4);

	if (!rig_chance(fuzz->rig, 4))
		at &= ~3ULL;
	if (rig_chance(fuzz->rig, 2))
		rill_chip_read(fuzz->rig->chip, at, size);
	else if (at < RILL_DOORBELL_BASE || at > RILL_QUEUE_BASE || rig_chance(fuzz->rig, 4))
		rill_chip_write(fuzz->rig->chip, at, rig_chance(fuzz->rig, 2) ? draw(fuzz, 4) :
				chip_jobs_word(fuzz->rig), size);
}

static void change_table(struct fuzz *fuzz)
{
	static const uint64_t bases[] = { RIG_SYSTEM, RIG_DDR, RIG_SCRAPS };
	uint64_t va = bases[draw(fuzz, COUNT(bases))] + draw(fuzz, 0x40000);
	uint64_t *pte = chip_rig_pte(fuzz->rig, va);

	switch (draw(fuzz, 4)) {
	case 0:
		*pte ^= RILL_PTE_VALID;
		break;
	case 1:
		*pte ^= 1ULL << draw(fuzz, 64);
		break;
	case 2:
		*pte = chip_jobs_word(fuzz->rig) | RILL_PTE_VALID;
		break;
	default:
		*pte = ((RIG_RAM + draw(fuzz, 0x60) * 4096) | RILL_PTE_VALID) ^ draw(fuzz, 16);
	}
}

static void meddle(struct fuzz *fuzz)
{
	unsigned int action = (unsigned int)draw(fuzz, fuzz->level == RUTHLESS ? 8 : 4);

	switch (action) {
	case 0:
		spoil(fuzz);
		break;
	case 1:
		set_link(fuzz);
		break;
	case 2:
	case 3:
		submit_command(fuzz);
		break;
	case 4:
		submit_any_command(fuzz);
		break;
	case 5:
		poke_register(fuzz);
		break;
	default:
		change_table(fuzz);
	}
}

/* --- a case --- */

static void begin(struct fuzz *fuzz, struct chip_rig *rig)
{
	fuzz->rig = rig;
	chip_rig_start(rig);
	fuzz->jobs = (struct chip_jobs){ .rig = rig };
	fuzz->count = 0;
	fuzz->until = UINT64_MAX;
}

static void end(struct fuzz *fuzz)
{
	struct chip_rig *rig = fuzz->rig;
	uint32_t i, error;

	rig->hostile = false;
	if (rig_chance(rig, 4))
		return;			/* the next case resets it with all that is under way */
	fuzz->until = UINT64_MAX;
	run_dry(fuzz);
	/* Passes that were not closed */
	for (i = 1; fuzz->level > RIGHT && i < RIG_QUEUES; i++)
		command(fuzz, &(struct rill_hw_sqe){ .opcode = RILL_ADMIN_ABORT, .arg = { i, UINT32_MAX } });
	run_dry(fuzz);
	error = (uint32_t)rill_chip_read(rig->chip, RILL_REG_ERROR, 4);
	REQUIRE(rig, error < COUNT(fuzz->fatals) && (!error || fuzz->level == RUTHLESS));
	fuzz->fatals[error]++;
	for (i = 0; fuzz->level < RUTHLESS && i < fuzz->count; i++)
		REQUIRE(rig, fuzz->submitted[i].done);
}

static void run_case(struct fuzz *fuzz, uint64_t number)
{
	struct chip_rig *rig = &fuzz->rigs[number % RIGS];
	unsigned int actions, i;

	rig->number = number;
	rig->random = number << 24;
	begin(fuzz, rig);
	fuzz->level = draw(fuzz, LEVELS);
	rig->hostile = fuzz->level == RUTHLESS && rig_chance(rig, 2);
	if (fuzz->level > RIGHT)
		fuzz->jobs.programs = fuzz->programs;
	if (rig_chance(rig, 4))
		fuzz->until = 0;
	actions = 1 + (unsigned int)draw(fuzz, ACTIONS);
	for (i = 0; i < actions; i++) {
		if (rig_chance(rig, 5))
			submit_jobs(fuzz);
		else if (fuzz->level > RIGHT && rig_chance(rig, 3))
			meddle(fuzz);
		else
			step(fuzz);
		if (!rig_chance(rig, 3))
			take_all(fuzz);
	}
	end(fuzz);
}

/* --- an honest pass --- */

static void fill_ddr(struct chip_rig *rig)
{
	uint64_t i;

	for (i = 0; i < rig->config.channels * RIG_CHANNEL_BYTES / 8; i++)
		((uint64_t *)rig->ddr)[i] = rill_pattern(1, i);
}

static void run_honest(struct fuzz *fuzz, struct chip_rig *rig, struct outcome *outcome)
{
	struct rill_hw_sqe sqes[JOBS_MAX + 1];
	struct rill_hw_cqe cqe = { 0 };
	unsigned int n, i;
	uint64_t out;

	begin(fuzz, rig);
	fill_ddr(rig);
	n = chip_jobs_honest(&fuzz->jobs, sqes, &out, &outcome->bytes);
	for (i = 0; i < n; i++)
		REQUIRE(rig, chip_rig_push(rig, 1, &sqes[i]));
	chip_rig_ring(rig, 1);
	while (rill_chip_step(rig->chip, UINT64_MAX))
		;
	for (i = 0; i < n; i++)
		REQUIRE(rig, chip_rig_take(rig, 1, &cqe) && !RILL_CQE_STATUS(cqe.status_phase));
	if (!outcome->out) {
		outcome->out = malloc(outcome->bytes);
		REQUIRE(rig, outcome->out);
		memcpy(outcome->out, chip_rig_at(rig, out), outcome->bytes);
		outcome->duration = cqe.end_ps - cqe.start_ps;
	}
	REQUIRE(rig, !memcmp(outcome->out, chip_rig_at(rig, out), outcome->bytes));
	REQUIRE(rig, outcome->duration == cqe.end_ps - cqe.start_ps);
}

/* --- */

static bool report(const struct fuzz *fuzz, uint64_t count)
{
	static const uint8_t never[] = { RILL_INTERNAL, RILL_DEADLOCK, RILL_FIRING_LIMIT, RILL_PROGRAM_FAULT };
	bool all = true;
	unsigned int i;

	printf("%llu cases; completions by status:", (unsigned long long)count);
	for (i = 0; i < STATUSES; i++) {
		printf(" %llu", (unsigned long long)fuzz->statuses[i]);
		all = all && (fuzz->statuses[i] || memchr(never, (int)i, sizeof(never)));
	}
	printf("; fatal by code:");
	for (i = 1; i < COUNT(fuzz->fatals); i++)
		printf(" %llu", (unsigned long long)fuzz->fatals[i]);
	printf("; at most %llu reads in a step\n", (unsigned long long)fuzz->most_reads);
	for (i = RILL_HW_ERR_DOORBELL; i <= RILL_HW_ERR_RING_DMA; i++)
		all = all && fuzz->fatals[i];
	if (count < 10000 || all)
		return true;
	fprintf(stderr, "not every end was reached\n");
	return false;
}

int main(int argc, char **argv)
{
	static const struct {
		uint32_t rows, cols, kib;
	} shapes[RIGS] = { { 2, 2, 64 }, { 1, 1, 64 }, { 3, 3, 128 }, { 8, 8, 4096 }, { 7, 1, 64 } };
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 0) : 10000;
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 0) : 1, i;
	struct fuzz *fuzz = calloc(1, sizeof(*fuzz));
	bool ok;

	if (!fuzz)
		return 1;
	corpus_make(fuzz->programs);
	for (i = 0; i < RIGS; i++) {
		chip_rig_open(&fuzz->rigs[i], shapes[i].rows, shapes[i].cols, (uint64_t)shapes[i].kib << 10);
		run_honest(fuzz, &fuzz->rigs[i], &fuzz->honest[i]);
	}
	for (i = 0; i < count; i++) {
		run_case(fuzz, first + i);
		if (i % HONEST_EVERY == 0)
			run_honest(fuzz, fuzz->rig, &fuzz->honest[fuzz->rig - fuzz->rigs]);
	}
	ok = report(fuzz, count);
	corpus_free(fuzz->programs);
	for (i = 0; i < RIGS; i++) {
		chip_rig_close(&fuzz->rigs[i]);
		free(fuzz->honest[i].out);
	}
	free(fuzz);
	return ok ? 0 : 1;
}
