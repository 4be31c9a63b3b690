// SPDX-License-Identifier: GPL-2.0-or-later
/* From a collected pass to one that can run: tables over all streams, reach and SRAM. */
#include "pass.h"

#include <stdlib.h>
#include <string.h>

#define PS_PER_MS	1000000000ULL
#define ROUTES_A_PIECE	(1u << 19)

/* --- links and distances --- */

static void sample_links(struct rill_pass_state *pass)
{
	const struct rill_chip *chip = pass->chip;
	unsigned int i;

	memset(pass->out_count, 0, sizeof(pass->out_count));
	for (i = 0; i < chip->link_count; i++) {
		const struct rill_link_state *link = &chip->links[i];
		uint64_t both = rill_bit(link->src) | rill_bit(link->dst);

		pass->links[i] = (struct rill_link_run){
			.ps_numerator = PS_PER_MS,
			.mbps = (uint64_t)chip->config.link_mbps * link->rate_permille,
			.packets = { RILL_NONE, RILL_NONE }, .resident = RILL_NONE,
		};
		if (link->up && (pass->ctx->chiplets & both) == both)
			pass->out_links[link->src][pass->out_count[link->src]++] = i;
	}
}

/* Breadth first from each chiplet. */
static void measure_from(struct rill_pass_state *pass, unsigned int from)
{
	uint16_t queue[RILL_MAX_CHIPLETS];
	unsigned int head = 0, tail = 0, i;
	uint8_t *distance = pass->distance[from];

	memset(distance, UINT8_MAX, sizeof(pass->distance[from]));
	distance[from] = 0;
	queue[tail++] = from;
	while (head < tail) {
		unsigned int at = queue[head++];

		for (i = 0; i < pass->out_count[at]; i++) {
			unsigned int next = pass->chip->links[pass->out_links[at][i]].dst;

			if (distance[next] != UINT8_MAX)
				continue;
			distance[next] = distance[at] + 1;
			queue[tail++] = next;
		}
	}
}

static bool reachable(const struct rill_pass_state *pass, unsigned int a, unsigned int b,
		      uint64_t *detail)
{
	*detail = a << 16 | b;
	return pass->distance[a][b] != UINT8_MAX;
}

/*
 * A slice must get from its entry to every chiplet that needs it and between
 * any two of these, a token from its home and an accumulator back.
 */
static bool slice_reaches(const struct rill_pass_state *pass, unsigned int entry, uint64_t need, uint64_t *detail)
{
	uint64_t a, b;

	for (a = need; a; a &= a - 1) {
		if (!reachable(pass, entry, rill_lowest(a), detail))
			return false;
		for (b = need; b; b &= b - 1)
			if (!reachable(pass, rill_lowest(a), rill_lowest(b), detail))
				return false;
	}
	return true;
}

/* Most slices of a channel need the same as the one before. */
static enum rill_status check_reach(struct rill_pass_state *pass, uint64_t *detail)
{
	uint64_t known[RILL_MAX_CHANNELS] = { 0 };
	size_t i;

	sample_links(pass);
	for (i = 0; i < pass->chip->chiplet_count; i++)
		measure_from(pass, i);
	for (i = 0; i < pass->slice_count; i++) {
		const struct rill_slice_state *slice = &pass->slices[i];

		if (slice->need == known[slice->channel])
			continue;
		if (!slice_reaches(pass, pass->chip->channels[slice->channel].chiplet, slice->need, detail))
			return RILL_UNREACHABLE;
		known[slice->channel] = slice->need;
	}
	for (i = 0; i < pass->copy_count; i++) {
		const struct rill_copy_state *copy = &pass->copies[i];
		unsigned int home = pass->homes[copy->token];

		if (!reachable(pass, home, copy->chiplet, detail) ||
		    !reachable(pass, copy->chiplet, home, detail))
			return RILL_UNREACHABLE;
	}
	return RILL_OK;
}

/* --- tables --- */

/* Each channel's slices in load order. */
static enum rill_status build_loads(struct rill_pass_state *pass, uint64_t *detail)
{
	unsigned int channels = pass->chip->config.channels, c;
	uint32_t count[RILL_MAX_CHANNELS] = { 0 }, next = 0;
	size_t i;

	(void)detail;
	pass->loads = malloc((pass->slice_count + 1) * sizeof(*pass->loads));
	if (!pass->loads)
		return RILL_INTERNAL;
	for (i = 0; i < pass->slice_count; i++)
		count[pass->slices[i].channel]++;
	for (c = 0; c < channels; c++) {
		pass->channels[c] = (struct rill_channel_run){ .next = next, .end = next };
		next += count[c];
	}
	for (i = 0; i < pass->slice_count; i++) {
		uint32_t s = pass->order[i];

		pass->loads[pass->channels[pass->slices[s].channel].end++] = s;
	}
	return RILL_OK;
}

/* In a UNION stream all slices go to all of its chiplets. */
static enum rill_status count_group_slices(struct rill_pass_state *pass, uint64_t *detail)
{
	size_t i;

	(void)detail;
	for (i = 0; i < pass->slice_count; i++) {
		const struct rill_slice_state *slice = &pass->slices[i];

		if (pass->streams[slice->stream].block.flags & RILL_STREAM_PINNED)
			rill_stream_group(pass, slice, rill_lowest(slice->need))->slices_here++;
	}
	for (i = 0; i < pass->group_count; i++) {
		struct rill_group *group = &pass->groups[i];
		const struct rill_stream *block = &pass->streams[group->stream].block;

		if (!(block->flags & RILL_STREAM_PINNED))
			group->slices_here = block->slice_count;
		group->left = group->slices_here;
	}
	return RILL_OK;
}

/* For each copy the groups that compute with it; a group counts those that must still travel. */
static enum rill_status count_uses(struct rill_pass_state *pass, uint64_t *detail)
{
	size_t end = pass->at + ROUTES_A_PIECE < pass->route_count ? pass->at + ROUTES_A_PIECE : pass->route_count, i;

	(void)detail;
	for (i = pass->at; i < end; i++)
		pass->copies[pass->routes[i].copy].uses_left++;
	pass->at = end < pass->route_count ? end : 0;
	return RILL_OK;
}

static enum rill_status place_uses(struct rill_pass_state *pass, uint64_t *detail)
{
	uint32_t next = 0;
	size_t i;

	(void)detail;
	pass->uses = malloc((pass->route_count + 1) * sizeof(*pass->uses));
	if (!pass->uses)
		return RILL_INTERNAL;
	for (i = 0; i < pass->copy_count; i++) {
		pass->copies[i].use_first = next;
		next += pass->copies[i].uses_left;
	}
	return RILL_OK;
}

static void list_group(struct rill_pass_state *pass, size_t i)
{
	struct rill_group *group = &pass->groups[i];
	uint32_t r;

	for (r = 0; r < group->route_count; r++) {
		struct rill_copy_state *copy = &pass->copies[pass->routes[group->route_first + r].copy];

		pass->uses[copy->use_first + copy->use_count++] = i;
		group->missing += copy->remote;
	}
}

static enum rill_status list_uses(struct rill_pass_state *pass, uint64_t *detail)
{
	size_t routes = 0, i;

	(void)detail;
	for (i = pass->at; i < pass->group_count && routes < ROUTES_A_PIECE; i++) {
		list_group(pass, i);
		routes += pass->groups[i].route_count;
	}
	pass->at = i < pass->group_count ? i : 0;
	return RILL_OK;
}

/* --- SRAM --- */

/*
 * What tokens and accumulators may hold at once on each chiplet. Every token
 * has both at home, used or not; copies elsewhere are counted as if all were there at
 * the same time, so that no pass can run out half-way.
 */
static uint64_t resident_bytes(const struct rill_pass_state *pass)
{
	uint64_t each = (uint64_t)pass->block.hidden * (1 + RILL_ACCUMULATOR_BYTES);
	uint64_t bytes[RILL_MAX_CHIPLETS] = { 0 }, most = 0;
	size_t i;

	for (i = 0; i < pass->block.tokens; i++)
		bytes[pass->homes[i]] += each;
	for (i = 0; i < pass->copy_count; i++)
		if (pass->copies[i].remote)
			bytes[pass->copies[i].chiplet] += each;
	for (i = 0; i < pass->chip->chiplet_count; i++)
		if (bytes[i] > most)
			most = bytes[i];
	return most;
}

static bool pass_moves(const struct rill_pass_state *pass)
{
	size_t i;

	for (i = 0; i < pass->slice_count; i++)
		if (pass->slices[i].need &
		    ~rill_bit(pass->chip->channels[pass->slices[i].channel].chiplet))
			return true;
	return false;
}

/* Slots that an expert behind a barrier needs on one chiplet: 0 if there is none. */
static uint32_t barrier_slots(const struct rill_pass_state *pass)
{
	uint32_t most = 0;
	bool barrier = false;
	size_t i;

	for (i = 0; i < pass->stream_count; i++) {
		barrier |= pass->streams[i].block.flags & RILL_STREAM_BARRIER;
		if (pass->streams[i].block.slice_count > most)
			most = pass->streams[i].block.slice_count;
	}
	return barrier ? most : 0;
}

/*
 * Slots: one is kept as the escape slot if slices move between chiplets. The
 * smallest legal SRAM has one ordinary slot (or a whole expert's, behind a barrier).
 */
static enum rill_status size_slots(struct rill_pass_state *pass, uint64_t *detail)
{
	uint64_t fixed = resident_bytes(pass), sram = pass->chip->config.sram_bytes, fit;
	uint32_t escape = pass_moves(pass), barrier = barrier_slots(pass);
	uint32_t least = escape + (barrier ? barrier : 1), slots = pass->block.slots;
	size_t i;

	for (i = 0; i < pass->slice_count; i++)
		if (pass->slices[i].bytes > pass->slot_bytes)
			pass->slot_bytes = pass->slices[i].bytes;
	pass->smallest_sram = fixed + least * pass->slot_bytes;
	*detail = pass->smallest_sram;
	if (pass->smallest_sram > sram)
		return RILL_SRAM_TOO_SMALL;
	/* Without a slice there is no limit to slots. */
	fit = pass->slot_bytes ? (sram - fixed) / pass->slot_bytes : RILL_MAX_SLOTS;
	if (!slots && !pass->slot_bytes)
		slots = least;
	else if (!slots)
		slots = fit < RILL_MAX_SLOTS ? fit : RILL_MAX_SLOTS;
	*detail = fixed + slots * pass->slot_bytes;
	if (slots > fit)
		return RILL_SRAM_TOO_SMALL;
	*detail = offsetof(struct rill_pass, slots);
	if (slots < least)
		return RILL_BAD_FIELD;
	pass->slots = slots - escape;
	pass->escape_slots = escape;
	pass->barrier = barrier;
	pass->window = pass->block.flags & RILL_PASS_ONE_EXPERT ? 1 :
		       barrier ? pass->slots / barrier : UINT32_MAX;
	*detail = offsetof(struct rill_pass, loads);
	return pass->block.loads && pass->window != UINT32_MAX ? RILL_BAD_FIELD : RILL_OK;
}

/* Every token has an accumulator at home, even if all its experts are elsewhere. */
static enum rill_status add_home_copies(struct rill_pass_state *pass, uint64_t *detail)
{
	uint32_t t;

	(void)detail;
	for (t = 0; t < pass->block.tokens; t++)
		if (rill_pass_copy(pass, t, pass->homes[t]) == RILL_NONE)
			return RILL_INTERNAL;
	return RILL_OK;
}

static enum rill_status hold_home_tokens(struct rill_pass_state *pass, uint64_t *detail)
{
	uint64_t hidden = pass->block.hidden;
	size_t i;

	(void)detail;
	for (i = 0; i < pass->block.tokens; i++) {
		rill_sram_hold(pass, pass->homes[i], RILL_SRAM_TOKENS, hidden);
		rill_sram_hold(pass, pass->homes[i], RILL_SRAM_ACCUMULATORS,
			       hidden * RILL_ACCUMULATOR_BYTES);
	}
	for (i = 0; i < pass->copy_count; i++)
		pass->copies[i].reserved_acc = !pass->copies[i].remote;
	return RILL_OK;
}

static enum rill_status clear_lists(struct rill_pass_state *pass, uint64_t *detail)
{
	unsigned int i;

	(void)detail;
	for (i = 0; i < pass->chip->chiplet_count; i++) {
		pass->chiplets[i].ready = (struct rill_list){ RILL_NONE, RILL_NONE };
		pass->chiplets[i].moving = (struct rill_list){ RILL_NONE, RILL_NONE };
	}
	pass->free_residents = RILL_NONE;
	pass->free_packets = RILL_NONE;
	pass->escaping = RILL_NONE;
	pass->streams_left = pass->stream_count;
	return RILL_OK;
}

/* Each is one piece, or leaves pass->at where it is to go on. */
static enum rill_status (*const stages[])(struct rill_pass_state *pass, uint64_t *detail) = {
	clear_lists, check_reach, size_slots, rill_pass_load_order, add_home_copies, build_loads, count_uses,
	place_uses, list_uses, count_group_slices, hold_home_tokens,
};

#define STAGES	(sizeof(stages) / sizeof(stages[0]))

enum rill_status rill_pass_prepare(struct rill_pass_state *pass, bool *done, uint64_t *detail)
{
	enum rill_status status = RILL_OK;

	if (pass->prepared < STAGES) {
		status = stages[pass->prepared](pass, detail);
		pass->prepared += !pass->at;
	}
	*done = pass->prepared == STAGES;
	return status;
}
