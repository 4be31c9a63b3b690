// SPDX-License-Identifier: GPL-2.0-or-later
#include "fake_engine.h"

#include <stdlib.h>
#include <string.h>

struct rill_engine {
	struct rill_job held[FAKE_MAX_HELD], last;
	unsigned int count, accepted;
};

struct rill_engine *rill_engine_new(struct rill_chip *chip)
{
	return calloc(1, sizeof(struct rill_engine));
}

void rill_engine_free(struct rill_chip *chip)
{
	free(chip->engine);
	chip->engine = NULL;
}

void rill_engine_reset(struct rill_chip *chip)
{
	chip->engine->count = 0;
}

static void complete(struct rill_chip *chip, const struct rill_job *job, enum rill_status status,
		     uint64_t detail)
{
	rill_queue_complete(chip, job->queue, job->tag, status, detail, job->start_ps,
			    chip->now_ps);
}

static void drop(struct rill_engine *engine, unsigned int i)
{
	memmove(&engine->held[i], &engine->held[i + 1],
		(--engine->count - i) * sizeof(engine->held[0]));
}

void fake_engine_release(struct rill_chip *chip, unsigned int count)
{
	struct rill_engine *engine = chip->engine;

	while (count-- && engine->count) {
		struct rill_job job = engine->held[0];

		drop(engine, 0);
		complete(chip, &job, RILL_OK, 0);
	}
}

unsigned int fake_engine_held(const struct rill_chip *chip)
{
	return chip->engine->count;
}

unsigned int fake_engine_accepted(const struct rill_chip *chip)
{
	return chip->engine->accepted;
}

const struct rill_job *fake_engine_last(const struct rill_chip *chip)
{
	return &chip->engine->last;
}

bool rill_engine_step(struct rill_chip *chip, uint64_t until_ps)
{
	struct rill_engine *engine = chip->engine;
	struct rill_job job;

	if (!rill_queue_fetch(chip, &job))
		return false;
	engine->accepted++;
	engine->last = job;
	chip->now_ps += 10;
	if (job.opcode == RILL_OP_NOP)
		complete(chip, &job, RILL_OK, 0);
	else if (job.opcode == FAKE_HOLD && engine->count < FAKE_MAX_HELD)
		engine->held[engine->count++] = job;
	else
		complete(chip, &job, RILL_BAD_OPCODE, job.opcode);
	return true;
}

uint64_t rill_engine_next(const struct rill_chip *chip)
{
	return UINT64_MAX;
}

void rill_engine_abort(struct rill_chip *chip, unsigned int queue, uint32_t tag, bool silent)
{
	struct rill_engine *engine = chip->engine;
	unsigned int i = 0;

	while (i < engine->count) {
		struct rill_job job = engine->held[i];

		if (job.queue != queue || (tag != UINT32_MAX && job.tag != tag)) {
			i++;
			continue;
		}
		drop(engine, i);
		if (!silent)
			complete(chip, &job, RILL_ABORTED, 0);
	}
}
