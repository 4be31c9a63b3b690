// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rules, built in. Source of the idea: FSE-DP (arXiv 2603.27624); these rules
 * are our reconstruction.
 *
 * Compute on arrival (oldest first), release and completion need no decision:
 * they are in stream.c.
 */
#include "rules.h"

static unsigned int entry(const struct rill_pass_state *pass, const struct rill_slice_state *slice)
{
	return pass->chip->channels[slice->channel].chiplet;
}

/*
 * Admission with a bubble: a slice that will move on needs two free slots at its
 * entry, so that one stays free for transit. One that is at its end there will
 * leave whatever happens, so one is enough; and behind barriers only so many
 * experts are in flight that every slice of theirs has a slot everywhere.
 */
static bool admit(const struct rill_pass_state *pass, const struct rill_slice_state *slice)
{
	unsigned int chiplet = entry(pass, slice);
	bool moves = slice->need & ~rill_bit(chiplet);
	bool windowed = pass->window != UINT32_MAX;
	uint32_t wanted = moves && !windowed && pass->slots > 1 ? 2 : 1;

	if (windowed && slice->stream >= pass->oldest + pass->window)
		return false;
	return pass->slots - pass->chiplets[chiplet].slots_used >= wanted;
}

/* A hop is possible if the link is idle and the far side has a slot for it. */
static bool can_hop(const struct rill_pass_state *pass, const struct rill_slice_state *slice,
		    unsigned int link)
{
	unsigned int dst = pass->chip->links[link].dst;

	if (pass->links[link].busy)
		return false;
	return pass->chiplets[dst].slots_used < pass->slots ||
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

/* Chiplets worth heading for: the nearest ones that still need the slice. */
static uint64_t targets(const struct rill_pass_state *pass, const struct rill_slice_state *slice,
			unsigned int from)
{
	uint64_t left = slice->need & ~slice->visited, best = 0, rest;
	unsigned int nearest = UINT8_MAX;

	if (pass->streams[slice->stream].block.flags & RILL_STREAM_FIXED_RING)
		return rill_bit(ring_next(pass, from, left));
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
	uint64_t to = targets(pass, slice, from), least = 0;
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

const struct rill_rules rill_rules_builtin = {
	.admit = admit,
	.next_link = next_link,
};
