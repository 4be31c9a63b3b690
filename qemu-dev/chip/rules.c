// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rules, built in. Source of the idea: FSE-DP (arXiv 2603.27624); these rules
 * are our reconstruction.
 *
 * Completion needs no decision: it is in stream.c.
 */
#include "rules.h"

#define CHANNEL_LEAD	8

unsigned int rill_slice_entry(const struct rill_pass_state *pass, const struct rill_slice_state *slice)
{
	return pass->chip->channels[slice->channel].chiplet;
}

/*
 * Bubble: one slot is left free for slices that go no further. These always find room then, are
 * computed and gone, and what they leave behind comes free for the others. With many tokens, slots
 * would otherwise come to be full of slices that wait for each other's.
 */
static uint32_t bubble(const struct rill_pass_state *pass, const struct rill_slice_state *slice,
		       unsigned int chiplet)
{
	bool moves = slice->need & ~slice->visited & ~rill_bit(chiplet);

	return moves && pass->slots > 1 && !pass->barrier &&
	       !(pass->block.flags & RILL_PASS_NO_BUBBLE);
}

/* Has the chiplet a slot for this slice? */
static bool has_room(const struct rill_pass_state *pass, const struct rill_slice_state *slice,
		     unsigned int chiplet)
{
	const struct rill_chiplet_run *run = &pass->chiplets[chiplet];
	uint32_t share = pass->slots / pass->chip->config.channels;

	if (slice->escaping)
		return run->slots_used < pass->slots;
	if (pass->block.flags & RILL_PASS_OWNED_SLOTS &&
	    run->owned[slice->channel] >= (share ? share : 1))
		return false;
	return run->slots_used + bubble(pass, slice, chiplet) < pass->slots;
}

bool rill_slice_in_window(const struct rill_pass_state *pass, const struct rill_slice_state *slice)
{
	return pass->window == UINT32_MAX || slice->stream < pass->oldest + pass->window;
}

uint32_t rill_channel_lag(const struct rill_pass_state *pass, unsigned int channel)
{
	const struct rill_channel_run *run = &pass->channels[channel], *own = run;
	uint32_t most = own->end - own->next, i;

	for (i = 0; i < pass->chip->config.channels; i++) {
		run = &pass->channels[i];
		if (run->end - run->next > most &&
		    rill_slice_in_window(pass, &pass->slices[pass->loads[run->next]]))
			most = run->end - run->next;
	}
	return most - (own->end - own->next);
}

/*
 * Admission: room at its entry; the window limits the experts in flight. Transit goes before admission, so
 * a chiplet that much passes through would not get to load, and its channel would be left to load alone at
 * the end: so none gets further ahead than a few slices.
 */
static bool admit(const struct rill_pass_state *pass, const struct rill_slice_state *slice)
{
	if (!rill_slice_in_window(pass, slice))
		return false;
	if (!(pass->streams[slice->stream].block.flags & RILL_STREAM_PINNED) &&
	    rill_channel_lag(pass, slice->channel) > CHANNEL_LEAD)
		return false;
	return has_room(pass, slice, rill_slice_entry(pass, slice));
}

/* A hop is possible if the link is idle and the far side has a slot for it. */
static bool can_hop(const struct rill_pass_state *pass, const struct rill_slice_state *slice,
		    unsigned int link)
{
	unsigned int dst = pass->chip->links[link].dst;

	if (pass->links[link].busy)
		return false;
	return has_room(pass, slice, dst) ||
	       (slice->escaping && !pass->chiplets[dst].escape_used);
}

/* The chiplet that comes next in ring order after `from` among `left`. */
static unsigned int ring_next(const struct rill_pass_state *pass, unsigned int from, uint64_t left)
{
	unsigned int cols = pass->chip->config.cols, n = pass->chip->chiplet_count, i, c;
	unsigned int position = from / cols * cols +
		(from / cols % 2 ? cols - 1 - from % cols : from % cols);

	for (i = 1; i <= n; i++) {
		unsigned int p = (position + i) % n, row = p / cols, col = p % cols;

		c = row * cols + (row % 2 ? cols - 1 - col : col);
		if (left & rill_bit(c))
			return c;
	}
	return from;
}

uint64_t rill_slice_targets(const struct rill_pass_state *pass, const struct rill_slice_state *slice,
			    unsigned int from)
{
	uint64_t left = slice->need & ~slice->visited, best = 0, rest;
	unsigned int nearest = UINT8_MAX;

	if (pass->streams[slice->stream].block.flags & RILL_STREAM_FIXED_RING)
		return rill_bit(ring_next(pass, slice->ring_from, left));
	for (rest = left; rest; rest &= rest - 1) {
		unsigned int c = rill_lowest(rest), hops = pass->distance[from][c];

		if (hops < nearest) {
			nearest = hops;
			best = 0;
		}
		if (hops == nearest)
			best |= rill_bit(c);
	}
	return best;
}

/* Does this link lead to one of the targets on a shortest way? */
static bool leads_there(const struct rill_pass_state *pass, unsigned int link, uint64_t to)
{
	unsigned int src = pass->chip->links[link].src, dst = pass->chip->links[link].dst;

	for (; to; to &= to - 1) {
		unsigned int c = rill_lowest(to);

		if (pass->distance[dst][c] + 1 == pass->distance[src][c])
			return true;
	}
	return false;
}

/*
 * Dynamic trajectory: fewest hops to a chiplet that needs the slice, then least
 * backlog of computing, then the lowest link number.
 */
static int next_link(const struct rill_pass_state *pass, const struct rill_resident *resident)
{
	const struct rill_slice_state *slice = &pass->slices[resident->slice];
	unsigned int from = resident->chiplet, i;
	uint64_t to = rill_slice_targets(pass, slice, from), least = 0;
	int best = -1;

	for (i = 0; i < pass->out_count[from]; i++) {
		unsigned int link = pass->out_links[from][i];
		uint64_t backlog = pass->chiplets[pass->chip->links[link].dst].backlog_ps;

		if (!can_hop(pass, slice, link) || !leads_there(pass, link, to))
			continue;
		if (best < 0 || backlog < least) {
			best = link;
			least = backlog;
		}
	}
	return best;
}

/* Shortest first, then oldest: so few wait, and slots come free soon. */
static uint32_t next_compute(const struct rill_pass_state *pass, unsigned int chiplet)
{
	uint32_t best = pass->chiplets[chiplet].ready.head, r;

	for (r = pass->residents[best].next; r != RILL_NONE; r = pass->residents[r].next)
		if (pass->residents[r].compute_ps < pass->residents[best].compute_ps)
			best = r;
	return best;
}

static unsigned int arrived(const struct rill_pass_state *pass, const struct rill_resident *resident)
{
	const struct rill_slice_state *slice = &pass->slices[resident->slice];

	return (resident->compute_here ? RILL_RULES_HERE : 0) |
	       (slice->need & ~slice->visited ? RILL_RULES_ON : 0);
}

/* Release: computed and forwarded, so the slot is free for another. */
static enum rill_rules_release may_release(const struct rill_pass_state *pass,
					   const struct rill_resident *resident)
{
	const struct rill_slice_state *slice = &pass->slices[resident->slice];

	if (!resident->computed || !resident->forwarded)
		return RILL_RULES_KEEP;
	if (pass->block.flags & RILL_PASS_LATE_RELEASE && slice->computes_left && !slice->escaping)
		return RILL_RULES_HOLD;
	return RILL_RULES_FREE;
}

const struct rill_rules rill_rules_builtin = {
	.admit = admit,
	.arrived = arrived,
	.next_compute = next_compute,
	.next_link = next_link,
	.release = may_release,
};
