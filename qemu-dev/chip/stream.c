// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The stream engine: moves micro-slices from DDR through slots, over links and
 * past MAC arrays, one event at a time. What may move where is asked of the rules.
 */
#include "engine.h"
#include "rules.h"

#include <stdlib.h>

#define PS_PER_US	1000000ULL
#define PS_PER_MS	1000000000ULL

/* What fits 64 bits is divided much faster, and nearly all does. */
static uint64_t divide_up(rill_wide value, uint64_t by)
{
	rill_wide up = value + by - 1;

	return up <= UINT64_MAX ? (uint64_t)up / by : up / by;
}

/* --- slots and residents --- */

static uint32_t resident_new(struct rill_pass_state *pass)
{
	uint32_t r = pass->free_residents;

	if (r != RILL_NONE) {
		pass->free_residents = pass->residents[r].next;
		return r;
	}
	if (!rill_array_grow((void **)&pass->residents, &pass->resident_capacity,
			     pass->resident_count + 1, sizeof(*pass->residents))) {
		pass->broken = true;
		return RILL_NONE;
	}
	return pass->resident_count++;
}

struct rill_group *rill_stream_group(struct rill_pass_state *pass,
				     const struct rill_slice_state *slice, unsigned int chiplet)
{
	const struct rill_stream_state *stream = &pass->streams[slice->stream];
	uint64_t below = stream->need & (rill_bit(chiplet) - 1);

	return &pass->groups[stream->group_first + __builtin_popcountll(below)];
}

static uint64_t mac_ps(const struct rill_pass_state *pass, const struct rill_group *group,
		       const struct rill_slice_state *slice)
{
	const struct rill_chip_config *config = &pass->chip->config;
	uint64_t macs = (uint64_t)group->route_count * slice->records * 3 * pass->block.hidden;
	uint64_t cycles = divide_up(macs, config->mac_per_cycle) + config->mac_startup;

	return divide_up((rill_wide)cycles * PS_PER_MS, config->mac_khz);
}

/* Take a slot for the slice on this chiplet; it will arrive at at_ps. */
static void occupy(struct rill_pass_state *pass, uint32_t s, unsigned int chiplet, uint64_t at_ps)
{
	struct rill_slice_state *slice = &pass->slices[s];
	struct rill_chiplet_run *run = &pass->chiplets[chiplet];
	bool compute = slice->need & ~slice->visited & rill_bit(chiplet);
	uint32_t r = resident_new(pass);
	uint64_t ps = 0;

	if (r == RILL_NONE)
		return;
	if (compute)
		ps = mac_ps(pass, rill_stream_group(pass, slice, chiplet), slice);
	pass->residents[r] = (struct rill_resident){
		.slice = s, .chiplet = chiplet, .next = RILL_NONE,
		.escape_slot = run->slots_used >= pass->slots,
		.compute_here = compute,
		.computed = !compute, .compute_ps = ps, .age = pass->ages++,
	};
	if (run->slots_used < pass->slots) {
		run->slots_used++;
		run->owned[slice->channel]++;
	} else {
		run->escape_used = true;
	}
	rill_sram_hold(pass, chiplet, RILL_SRAM_WEIGHTS, slice->bytes);
	if (compute) {
		slice->visited |= rill_bit(chiplet);
		slice->ring_from = chiplet;
		run->backlog_ps += ps;
	}
	rill_clock_push(&pass->clock, at_ps, RILL_EVENT_ARRIVE, r);
}

static void offer_slot(struct rill_pass_state *pass, unsigned int chiplet);

static void release(struct rill_pass_state *pass, uint32_t r)
{
	struct rill_resident *resident = &pass->residents[r];
	const struct rill_slice_state *slice = &pass->slices[resident->slice];
	struct rill_chiplet_run *run = &pass->chiplets[resident->chiplet];
	unsigned int chiplet = resident->chiplet;

	if (resident->escape_slot) {
		run->escape_used = false;
	} else {
		if (run->tail.on)
			rill_tail_step(pass, run);
		run->slots_used--;
		run->owned[slice->channel]--;
	}
	rill_sram_drop(pass, chiplet, RILL_SRAM_WEIGHTS, slice->bytes);
	if (run->tail.on)
		rill_tail_held(run);
	resident->next = pass->free_residents;
	pass->free_residents = r;
	offer_slot(pass, chiplet);
}

static void maybe_release(struct rill_pass_state *pass, uint32_t r)
{
	struct rill_resident *resident = &pass->residents[r];
	struct rill_slice_state *slice = &pass->slices[resident->slice];

	switch (pass->rules->release(pass, resident)) {
	case RILL_RULES_KEEP:
		break;
	case RILL_RULES_HOLD:
		resident->next = slice->held;
		slice->held = r;
		break;
	case RILL_RULES_FREE:
		release(pass, r);
		break;
	}
}

/* What LATE_RELEASE kept of a slice. */
static void release_held(struct rill_pass_state *pass, struct rill_slice_state *slice)
{
	uint32_t r = slice->held, next;

	slice->held = RILL_NONE;
	for (; r != RILL_NONE; r = next) {
		next = pass->residents[r].next;
		release(pass, r);
	}
}

/* --- links --- */

uint64_t rill_link_occupy(struct rill_pass_state *pass, unsigned int link, uint64_t bytes,
			  uint64_t ready_ps)
{
	struct rill_link_run *run = &pass->links[link];
	struct rill_link_report *report = &pass->link_reports[link];
	uint64_t ps = divide_up((rill_wide)bytes * run->ps_numerator, run->mbps);

	run->busy = true;
	report->bytes += bytes;
	report->busy_ps += ps;
	report->stall_ps += pass->now - ready_ps;
	report->transfers++;
	rill_clock_push(&pass->clock, pass->now + ps, RILL_EVENT_LINK_IDLE, link);
	return pass->now + ps;
}

/* Forward on arrival: try to move a resident on. True if it left the waiting list. */
static bool try_forward(struct rill_pass_state *pass, uint32_t r)
{
	const struct rill_resident *resident = &pass->residents[r];
	const struct rill_slice_state *slice = &pass->slices[resident->slice];
	uint32_t s = resident->slice;
	uint64_t end;
	int link = pass->rules->next_link(pass, resident);

	if (link < 0)
		return false;
	pass->links[link].resident = r;
	end = rill_link_occupy(pass, link, slice->bytes, resident->ready_ps);
	rill_timeline_add(pass, RILL_INTERVAL_LINK, link, pass->now, end,
			  pass->streams[slice->stream].block.expert, slice->index, slice->bytes);
	occupy(pass, s, pass->chip->links[link].dst, end + pass->chip->config.link_hop_ps);
	return true;
}

/* Offer the chiplet's waiting residents, oldest first, whatever has come free. */
static void try_forward_all(struct rill_pass_state *pass, unsigned int chiplet)
{
	struct rill_list *moving = &pass->chiplets[chiplet].moving;
	struct rill_list left = { RILL_NONE, RILL_NONE };
	uint32_t r = moving->head, next;

	for (; r != RILL_NONE; r = next) {
		pass->effort++;
		next = pass->residents[r].next_moving;
		if (!try_forward(pass, r))
			rill_list_add(&left, pass->residents, r, next_moving);
	}
	*moving = left;
}

static void link_idle(struct rill_pass_state *pass, unsigned int link)
{
	uint32_t r = pass->links[link].resident;

	pass->links[link].busy = false;
	pass->links[link].resident = RILL_NONE;
	if (!rill_packet_send(pass, link))
		try_forward_all(pass, pass->chip->links[link].src);
	if (r == RILL_NONE)
		return;
	pass->residents[r].forwarded = true;
	maybe_release(pass, r);
}

/* --- DDR channels --- */

uint64_t rill_channel_ps(const struct rill_pass_state *pass, uint64_t bytes)
{
	return divide_up((rill_wide)bytes * PS_PER_US, pass->chip->config.ddr_mbps);
}

void rill_stream_load(struct rill_pass_state *pass, unsigned int channel, uint64_t begin,
		      uint64_t end, uint64_t request)
{
	struct rill_channel_run *run = &pass->channels[channel];
	uint32_t s = pass->loads[run->next++];
	struct rill_slice_state *slice = &pass->slices[s];
	struct rill_stream_state *stream = &pass->streams[slice->stream];
	unsigned int entry = pass->chip->channels[channel].chiplet;

	run->free_ps = end;
	run->request_ps = request;
	run->bytes += slice->bytes;
	run->busy_ps += end - begin;
	pass->slices_loaded++;
	if (!stream->started) {
		stream->started = true;
		stream->start_ps = pass->now;
	}
	if (end > begin)
		rill_timeline_add(pass, RILL_INTERVAL_DDR, channel, begin, end,
				  stream->block.expert, slice->index, slice->bytes);
	if (run->next == run->end)
		rill_tail_begin(&pass->chiplets[entry]);
	slice->ring_from = entry;
	occupy(pass, s, entry, end);
}

static void load(struct rill_pass_state *pass, unsigned int channel)
{
	const struct rill_channel_run *run = &pass->channels[channel];
	uint64_t latency = pass->chip->config.ddr_latency_ps, begin = pass->now + latency, end;

	if (begin < run->free_ps)
		begin = run->free_ps;
	end = begin + rill_channel_ps(pass, pass->slices[pass->loads[run->next]].bytes);
	rill_stream_load(pass, channel, begin, end, end - latency);
}

static void try_load_all(struct rill_pass_state *pass);

/*
 * A channel takes its next request when the data of the last one is about to
 * end, so that latency is hidden, if its rules admit the slice.
 */
static void try_load(struct rill_pass_state *pass, unsigned int channel)
{
	struct rill_channel_run *run = &pass->channels[channel];

	if (run->requested || run->next == run->end)
		return;
	if (!pass->rules->admit(pass, &pass->slices[pass->loads[run->next]]))
		return;
	load(pass, channel);
	run->requested = true;
	rill_clock_push(&pass->clock, run->request_ps, RILL_EVENT_CHANNEL, channel);
	/* The others may have waited for this one */
	try_load_all(pass);
}

/* A slot has come free: transit goes before admission. */
static void offer_slot(struct rill_pass_state *pass, unsigned int chiplet)
{
	unsigned int i;

	for (i = 0; i < pass->out_count[chiplet]; i++)
		try_forward_all(pass, pass->chip->links[pass->out_links[chiplet][i]].dst);
	for (i = 0; i < pass->chip->config.channels; i++)
		if (pass->chip->channels[i].chiplet == chiplet)
			try_load(pass, i);
}

static void try_load_all(struct rill_pass_state *pass)
{
	unsigned int i;

	for (i = 0; i < pass->chip->config.channels; i++)
		try_load(pass, i);
}

/* --- MAC arrays --- */

static void list_remove(struct rill_pass_state *pass, struct rill_list *list, uint32_t r)
{
	uint32_t before = RILL_NONE, i = list->head;

	for (; i != r; i = pass->residents[i].next)
		before = i;
	if (before == RILL_NONE)
		list->head = pass->residents[r].next;
	else
		pass->residents[before].next = pass->residents[r].next;
	if (list->tail == r)
		list->tail = before;
}

static void try_compute(struct rill_pass_state *pass, unsigned int chiplet)
{
	struct rill_chiplet_run *run = &pass->chiplets[chiplet];
	const struct rill_slice_state *slice;
	const struct rill_group *group;
	uint64_t macs, ps;
	uint32_t r;

	if (run->mac_busy || run->ready.head == RILL_NONE)
		return;
	pass->effort += run->ready_count;
	r = pass->rules->next_compute(pass, chiplet);
	if (r == RILL_NONE)
		return;
	list_remove(pass, &run->ready, r);
	run->ready_count--;
	slice = &pass->slices[pass->residents[r].slice];
	group = rill_stream_group(pass, slice, chiplet);
	macs = (uint64_t)group->route_count * slice->records * 3 * pass->block.hidden;
	ps = pass->residents[r].compute_ps;
	run->mac_busy = true;
	run->computing = r;
	run->mac_busy_ps += ps;
	run->macs += macs;
	rill_timeline_add(pass, RILL_INTERVAL_MAC, chiplet, pass->now, pass->now + ps,
			  pass->streams[slice->stream].block.expert, slice->index, macs >> 10);
	rill_clock_push(&pass->clock, pass->now + ps, RILL_EVENT_MAC, chiplet);
}

/* Are this group's tokens and, behind a barrier, all of its slices here? */
static bool group_ready(const struct rill_pass_state *pass, const struct rill_group *group)
{
	bool barrier = pass->streams[group->stream].block.flags & RILL_STREAM_BARRIER;

	return !group->missing && (!barrier || group->arrived == group->slices_here);
}

static void wake_group(struct rill_pass_state *pass, struct rill_group *group)
{
	uint32_t r, next;

	if (!group_ready(pass, group))
		return;
	for (r = group->waiting; r != RILL_NONE; r = next) {
		next = pass->residents[r].next;
		rill_list_add(&pass->chiplets[group->chiplet].ready, pass->residents, r, next);
		pass->chiplets[group->chiplet].ready_count++;
	}
	group->waiting = RILL_NONE;
	try_compute(pass, group->chiplet);
}

void rill_stream_token_arrived(struct rill_pass_state *pass, uint32_t group)
{
	pass->groups[group].missing--;
	wake_group(pass, &pass->groups[group]);
}

/* The slices that wait for their group, kept by age. */
static void wait_for_group(struct rill_pass_state *pass, struct rill_group *group, uint32_t r)
{
	uint32_t *link = &group->waiting;

	for (; *link != RILL_NONE; pass->effort++)
		link = &pass->residents[*link].next;
	*link = r;
	pass->residents[r].next = RILL_NONE;
}

/* Compute on arrival: a slice needs only tokens that are here. */
static void enqueue_compute(struct rill_pass_state *pass, uint32_t r)
{
	const struct rill_resident *resident = &pass->residents[r];
	struct rill_group *group = rill_stream_group(pass, &pass->slices[resident->slice],
						     resident->chiplet);

	group->arrived++;
	wait_for_group(pass, group, r);
	wake_group(pass, group);
}

/* One group is through with all its slices here: its tokens need it no more. */
static void group_done(struct rill_pass_state *pass, const struct rill_group *group)
{
	uint32_t i;

	pass->effort += group->route_count;
	for (i = 0; i < group->route_count; i++) {
		uint32_t c = pass->routes[group->route_first + i].copy;
		struct rill_copy_state *copy = &pass->copies[c];

		if (--copy->uses_left || !copy->remote)
			continue;
		rill_sram_drop(pass, copy->chiplet, RILL_SRAM_TOKENS, pass->block.hidden);
		rill_packet_reduce(pass, c);
	}
}

/* Completion: a stream is done when its slices have been everywhere that needs them. */
static void stream_done(struct rill_pass_state *pass, struct rill_stream_state *stream)
{
	stream->done = true;
	pass->streams_left--;
	while (pass->oldest < pass->stream_count && pass->streams[pass->oldest].done)
		pass->oldest++;
	rill_queue_complete(pass->chip, pass->queue, stream->tag, RILL_OK, 0,
			    pass->start_ps + stream->start_ps, pass->start_ps + pass->now);
	if (pass->window != UINT32_MAX)
		try_load_all(pass);
}

static void slice_done(struct rill_pass_state *pass, uint32_t s)
{
	struct rill_stream_state *stream = &pass->streams[pass->slices[s].stream];

	if (pass->escaping == s)
		pass->escaping = RILL_NONE;
	release_held(pass, &pass->slices[s]);
	if (!--stream->slices_left)
		stream_done(pass, stream);
}

static void hold_accumulators(struct rill_pass_state *pass, struct rill_group *group)
{
	uint32_t i;

	if (group->holds_accumulators)
		return;
	group->holds_accumulators = true;
	pass->effort += group->route_count;
	for (i = 0; i < group->route_count; i++) {
		struct rill_copy_state *copy = &pass->copies[pass->routes[group->route_first + i].copy];

		if (copy->reserved_acc)
			continue;
		copy->reserved_acc = true;
		rill_sram_hold(pass, copy->chiplet, RILL_SRAM_ACCUMULATORS,
			       (uint64_t)pass->block.hidden * RILL_ACCUMULATOR_BYTES);
	}
}

/* A resident that has somewhere to go: now, or when a link and a slot come free. */
static void move_on(struct rill_pass_state *pass, uint32_t r)
{
	struct rill_resident *resident = &pass->residents[r];

	resident->ready_ps = pass->now;
	if (!try_forward(pass, r))
		rill_list_add(&pass->chiplets[pass->residents[r].chiplet].moving, pass->residents,
			      r, next_moving);
}

static void mac_done(struct rill_pass_state *pass, unsigned int chiplet)
{
	struct rill_chiplet_run *run = &pass->chiplets[chiplet];
	uint32_t r = run->computing, s = pass->residents[r].slice;
	struct rill_slice_state *slice = &pass->slices[s];
	struct rill_group *group = rill_stream_group(pass, slice, chiplet);

	run->mac_busy = false;
	run->backlog_ps -= pass->residents[r].compute_ps;
	pass->slices_computed++;
	pass->chip->chiplets[chiplet].slices++;
	hold_accumulators(pass, group);
	rill_mac_begin(pass, group - pass->groups, s);
	try_compute(pass, chiplet);
	if (!--group->left)
		group_done(pass, group);
	pass->residents[r].computed = true;
	if (pass->block.flags & RILL_PASS_FORWARD_COMPUTED && !pass->residents[r].forwarded)
		move_on(pass, r);
	maybe_release(pass, r);
	if (!--slice->computes_left)
		slice_done(pass, s);
	rill_queue_progress(pass->chip, pass->queue);
}

/* --- arrival and escape --- */

static void arrive(struct rill_pass_state *pass, uint32_t r)
{
	struct rill_resident *resident = &pass->residents[r];
	unsigned int turn = pass->rules->arrived(pass, resident);
	bool later = turn & RILL_RULES_HERE && pass->block.flags & RILL_PASS_FORWARD_COMPUTED;

	resident->forwarded = !(turn & RILL_RULES_ON);
	if (!resident->forwarded && !later)
		move_on(pass, r);
	/* move_on() may have moved the array */
	if (turn & RILL_RULES_HERE)
		enqueue_compute(pass, r);
	else
		maybe_release(pass, r);
}

/*
 * Nothing is under way and yet the pass is not over: slices wait for each
 * other's slots. The oldest gets the right to the escape slots, which no other
 * slice uses, so it walks to its end and its slots come free.
 */
static bool escape(struct rill_pass_state *pass)
{
	uint32_t oldest = RILL_NONE, r;
	unsigned int c;

	if (pass->escaping != RILL_NONE)
		return false;
	for (c = 0; c < pass->chip->chiplet_count; c++) {
		r = pass->chiplets[c].moving.head;
		for (; r != RILL_NONE; r = pass->residents[r].next_moving, pass->effort++)
			if (oldest == RILL_NONE ||
			    pass->residents[r].age < pass->residents[oldest].age)
				oldest = r;
	}
	if (oldest == RILL_NONE)
		return false;
	pass->escapes++;
	pass->escaping = pass->residents[oldest].slice;
	pass->slices[pass->escaping].escaping = true;
	try_forward_all(pass, pass->residents[oldest].chiplet);
	return pass->clock.count;
}

static void handle(struct rill_pass_state *pass, const struct rill_event *event)
{
	switch (event->kind) {
	case RILL_EVENT_CHANNEL:
		pass->channels[event->index].requested = false;
		try_load(pass, event->index);
		break;
	case RILL_EVENT_ARRIVE:
		arrive(pass, event->index);
		break;
	case RILL_EVENT_LINK_IDLE:
		link_idle(pass, event->index);
		break;
	case RILL_EVENT_MAC:
		mac_done(pass, event->index);
		break;
	case RILL_EVENT_PACKET:
		rill_packet_arrive(pass, event->index);
		break;
	}
}

bool rill_stream_event(struct rill_pass_state *pass)
{
	struct rill_event event;

	if (!rill_clock_pop(&pass->clock, &event)) {
		if (!pass->streams_left && !pass->reduces_left)
			return false;
		if (escape(pass))
			return true;
		if (pass->program)
			rill_rules_stuck(pass->program);
		pass->stuck = true;
		pass->broken = true;
		return false;
	}
	pass->now = event.at_ps;
	pass->events++;
	handle(pass, &event);
	if (pass->clock.out_of_memory)
		pass->broken = true;
	return !pass->broken;
}

static void begin_channels(struct rill_pass_state *pass)
{
	unsigned int i;

	for (i = 0; i < pass->chip->config.channels; i++) {
		struct rill_channel_run *run = &pass->channels[i];

		if (run->next == run->end)
			rill_tail_begin(&pass->chiplets[pass->chip->channels[i].chiplet]);
		run->requested = run->request_ps;
		if (run->requested)
			rill_clock_push(&pass->clock, run->request_ps, RILL_EVENT_CHANNEL, i);
	}
}

void rill_stream_begin(struct rill_pass_state *pass)
{
	rill_tail_take(&pass->chip->engine->tail, pass);
	begin_channels(pass);
	try_load_all(pass);
}

/* Add what the pass did to the chip's counters. */
void rill_stream_finish(struct rill_pass_state *pass)
{
	struct rill_chip *chip = pass->chip;
	unsigned int i;

	for (i = 0; i < chip->link_count; i++) {
		chip->links[i].bytes += pass->link_reports[i].bytes;
		chip->links[i].busy_ps += pass->link_reports[i].busy_ps;
		chip->links[i].stall_ps += pass->link_reports[i].stall_ps;
		chip->links[i].transfers += pass->link_reports[i].transfers;
	}
	for (i = 0; i < chip->config.channels; i++) {
		chip->channels[i].bytes += pass->channels[i].bytes;
		chip->channels[i].busy_ps += pass->channels[i].busy_ps;
	}
	for (i = 0; i < chip->chiplet_count; i++) {
		const struct rill_chiplet_run *run = &pass->chiplets[i];

		chip->chiplets[i].mac_busy_ps += run->mac_busy_ps;
		chip->chiplets[i].macs += run->macs;
		if (run->peak_all > chip->chiplets[i].sram_peak)
			chip->chiplets[i].sram_peak = run->peak_all;
	}
}
