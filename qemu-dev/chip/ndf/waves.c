// SPDX-License-Identifier: GPL-2.0-or-later
#include "waves.h"

static bool below(const struct ndf_waves *waves, uint32_t chiplet)
{
	return chiplet % waves->cols == 0 && chiplet + waves->cols < waves->rows * waves->cols;
}

static bool beside(const struct ndf_waves *waves, uint32_t chiplet)
{
	return chiplet % waves->cols + 1 < waves->cols;
}

static uint32_t parent(const struct ndf_waves *waves, uint32_t chiplet)
{
	return chiplet % waves->cols ? chiplet - 1 : chiplet - waves->cols;
}

static void send(struct ndf_waves *waves, uint32_t from, uint32_t to, bool answer)
{
	waves->messages++;
	waves->send(waves->opaque, from, to, answer);
}

static void add(struct ndf_wave_sum *sum, const struct ndf_wave_sum *more)
{
	sum->sent += more->sent;
	sum->received += more->received;
	sum->open += more->open;
	sum->idle &= more->idle;
}

static bool quiescent(const struct ndf_wave_sum *sum)
{
	return sum->idle && sum->sent == sum->received;
}

static void complete(struct ndf_waves *waves)
{
	const struct ndf_wave_sum *sum = &waves->chiplets[0].sum;

	waves->running = false;
	waves->ended = (waves->early && !sum->open) ||
		       (waves->compared && quiescent(&waves->last) && quiescent(sum) &&
			waves->last.sent == sum->sent);
	waves->last = *sum;
	waves->compared = true;
}

/* A busy chiplet keeps a wave that would be in vain without it: its answer says that it is idle, or has no say. */
static bool keeps(const struct ndf_waves *waves, const struct ndf_wave_chiplet *chiplet)
{
	return !chiplet->idle && !(waves->early && !chiplet->open);
}

void ndf_waves_calm(struct ndf_waves *waves, uint32_t i)
{
	struct ndf_wave_chiplet *chiplet = &waves->chiplets[i];
	const struct ndf_wave_sum own = { chiplet->sent, chiplet->received, chiplet->open, chiplet->idle };

	if (!chiplet->asked || chiplet->awaited || keeps(waves, chiplet))
		return;
	chiplet->asked = false;
	add(&chiplet->sum, &own);
	if (i)
		send(waves, i, parent(waves, i), true);
	else
		complete(waves);
}

void ndf_waves_asked(struct ndf_waves *waves, uint32_t i)
{
	struct ndf_wave_chiplet *chiplet = &waves->chiplets[i];

	chiplet->sum = (struct ndf_wave_sum){ .idle = true };
	chiplet->asked = true;
	chiplet->awaited = below(waves, i) + beside(waves, i);
	if (below(waves, i))
		send(waves, i, i + waves->cols, false);
	if (beside(waves, i))
		send(waves, i, i + 1, false);
	ndf_waves_calm(waves, i);
}

void ndf_waves_answered(struct ndf_waves *waves, uint32_t i)
{
	uint32_t to = parent(waves, i);

	add(&waves->chiplets[to].sum, &waves->chiplets[i].sum);
	waves->chiplets[to].awaited--;
	ndf_waves_calm(waves, to);
}

bool ndf_waves_in_vain(const struct ndf_waves *waves)
{
	return waves->compared && !quiescent(&waves->last);
}

void ndf_waves_begin(struct ndf_waves *waves)
{
	waves->running = true;
	waves->count++;
	ndf_waves_asked(waves, 0);
}

void ndf_waves_forget(struct ndf_waves *waves)
{
	waves->ended = false;
	waves->compared = false;
}
