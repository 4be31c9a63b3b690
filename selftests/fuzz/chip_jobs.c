// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chip_jobs.h"

#define MAX_TOKENS	12
#define MAX_SLICES	6
#define MAX_RECORDS	12	/* of a slice */
#define MAX_HIDDEN	128
#define SCRATCH		0x10000ULL	/* of system memory, at its end: FILL and COPY write there */
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* What a pass's streams have to agree on */
struct draft {
	struct chip_jobs *jobs;
	struct rill_pass pass;
	uint16_t homes[MAX_TOKENS];
	unsigned int slices, most;	/* of all streams, of the largest one */
	bool barrier;
};

static uint64_t draw(struct chip_jobs *jobs, uint64_t below)
{
	return rig_draw(jobs->rig, below);
}

/* 0: no room */
static uint64_t put(struct chip_jobs *jobs, const void *data, uint64_t bytes)
{
	uint64_t va = RIG_SYSTEM + jobs->used;

	if (jobs->used + bytes > RIG_SYSTEM_BYTES - SCRATCH || jobs->part_count == JOBS_PARTS)
		return 0;
	jobs->used += (bytes + 7) / 8 * 8;
	if (data)
		memcpy(chip_rig_at(jobs->rig, va), data, bytes);
	jobs->parts[jobs->part_count].va = va;
	jobs->parts[jobs->part_count++].bytes = bytes;
	return va;
}

static struct rill_hw_sqe job(uint16_t opcode, uint64_t addr)
{
	return (struct rill_hw_sqe){ .opcode = opcode, .addr = addr };
}

/* --- a pass --- */

static uint16_t draw_chiplet(struct draft *d)
{
	return (uint16_t)draw(d->jobs, d->jobs->rig->chip->chiplet_count);
}

static void draw_pass(struct draft *d)
{
	static const uint32_t hiddens[] = { 8, 16, 64, 128 };
	static const uint8_t flags[] = { 0, 1, 2, 3, 5 };	/* bits of ablations */
	struct rill_pass *p = &d->pass;
	unsigned int i;

	p->tokens = 1 + (uint32_t)draw(d->jobs, MAX_TOKENS);
	p->hidden = hiddens[draw(d->jobs, COUNT(hiddens))];
	p->flags = rig_chance(d->jobs->rig, 2) ? RILL_PASS_TIMING_ONLY : 0;
	if (rig_chance(d->jobs->rig, 3))
		p->flags |= RILL_PASS_OWNED_SLOTS << flags[draw(d->jobs, COUNT(flags))] & RILL_PASS_ABLATIONS;
	p->out_shift = (uint32_t)draw(d->jobs, 48);
	for (i = 0; i < p->tokens; i++)
		d->homes[i] = draw_chiplet(d);
}

static void fill_random(struct chip_jobs *jobs, uint64_t va, uint64_t bytes)
{
	uint8_t *at = chip_rig_at(jobs->rig, va);

	while (bytes--)
		*at++ = (uint8_t)draw(jobs, 256);
}

static bool put_data(struct draft *d)
{
	struct rill_pass *p = &d->pass;
	struct chip_jobs *jobs = d->jobs;

	p->homes = put(jobs, d->homes, p->tokens * sizeof(d->homes[0]));
	p->report = put(jobs, NULL, sizeof(struct rill_pass_report));
	if (rig_chance(jobs->rig, 2)) {
		p->timeline_entries = 1 + (uint32_t)draw(jobs, 200);
		p->timeline = put(jobs, NULL, p->timeline_entries * sizeof(struct rill_interval));
	}
	if (p->flags & RILL_PASS_TIMING_ONLY)
		return p->homes && p->report && !p->timeline == !p->timeline_entries;
	p->x = put(jobs, NULL, (uint64_t)p->tokens * p->hidden);
	p->silu = put(jobs, NULL, 256);
	p->out = put(jobs, NULL, 8ULL * p->tokens * p->hidden);
	if (!p->homes || !p->report || !p->x || !p->silu || !p->out || !p->timeline != !p->timeline_entries)
		return false;
	fill_random(jobs, p->x, (uint64_t)p->tokens * p->hidden);
	fill_random(jobs, p->silu, 256);
	return true;
}

/* Anywhere in one channel, in large pages or in small ones */
static uint64_t place_weights(struct draft *d, uint64_t bytes)
{
	uint64_t channels = d->jobs->rig->config.channels;

	if (rig_chance(d->jobs->rig, 8))
		return RIG_DDR + channels * RIG_CHANNEL_BYTES - bytes;
	if (rig_chance(d->jobs->rig, 4))
		return RIG_SCRAPS + draw(d->jobs, RIG_SCRAPS_BYTES - bytes + 1);
	return RIG_DDR + draw(d->jobs, channels) * RIG_CHANNEL_BYTES + draw(d->jobs, RIG_CHANNEL_BYTES - bytes + 1);
}

static void draw_slices(struct draft *d, struct rill_stream *s, struct rill_slice *slices)
{
	uint64_t record = 3ULL * d->pass.hidden;
	unsigned int i;

	if (s->flags & RILL_STREAM_INT4)
		record = rill_int4_record_bytes(d->pass.hidden);
	s->slice_count = 1 + (uint32_t)draw(d->jobs, MAX_SLICES);
	for (i = 0; i < s->slice_count; i++) {
		uint16_t records = 1 + (uint16_t)draw(d->jobs, MAX_RECORDS);

		slices[i] = (struct rill_slice){
			.weights = place_weights(d, records * record), .first = s->width, .records = records,
			.pin = s->flags & RILL_STREAM_PINNED ? draw_chiplet(d) : RILL_NO_PIN,
		};
		s->width += records;
	}
}

/* PINNED: each token to all that slices are pinned to, or to some; else each to one chiplet, its home most often */
static void draw_routes(struct draft *d, struct rill_stream *s, const struct rill_slice *slices,
			struct rill_route *routes)
{
	uint64_t pins = 0, left;
	uint32_t i, t;

	for (i = 0; s->flags & RILL_STREAM_PINNED && i < s->slice_count; i++)
		pins |= 1ULL << slices[i].pin;
	for (t = 0; t < d->pass.tokens; t++) {
		struct rill_route route = { .token = (uint16_t)t, .weight = (uint32_t)draw(d->jobs, 1 << 16) };

		route.chiplet = rig_chance(d->jobs->rig, 4) ? draw_chiplet(d) : d->homes[t];
		if (!pins && (!rig_chance(d->jobs->rig, 3) || !t))
			routes[s->route_count++] = route;
		for (left = pins; left; left &= left - 1) {
			route.chiplet = (uint16_t)__builtin_ctzll(left);
			if (!t || !rig_chance(d->jobs->rig, 3))
				routes[s->route_count++] = route;
		}
	}
}

static uint32_t draw_flags(struct draft *d)
{
	static const uint32_t flags[] = {
		RILL_STREAM_PINNED, RILL_STREAM_FIXED_RING, RILL_STREAM_BARRIER, RILL_STREAM_KNOWN, RILL_STREAM_KNOWN,
	};
	uint32_t all = 0;

	while (!rig_chance(d->jobs->rig, 3))
		all |= flags[draw(d->jobs, COUNT(flags))];
	if (d->pass.hidden % RILL_INT4_GROUP == 0 && rig_chance(d->jobs->rig, 3))
		all |= RILL_STREAM_INT4;
	return all;
}

static uint64_t put_stream(struct draft *d)
{
	struct rill_stream s = {
		.flags = draw_flags(d), .expert = (uint32_t)draw(d->jobs, 100),
		.gate_mult = (uint32_t)draw(d->jobs, 1ULL << 31), .up_mult = (uint32_t)draw(d->jobs, 1ULL << 31),
		.act_mult = (uint32_t)draw(d->jobs, 1ULL << 31), .gate_shift = (uint8_t)draw(d->jobs, 63),
		.up_shift = (uint8_t)draw(d->jobs, 63), .act_shift = (uint8_t)draw(d->jobs, 63),
	};
	struct rill_route routes[MAX_TOKENS * RILL_MAX_CHIPLETS];
	struct rill_slice slices[MAX_SLICES];

	draw_slices(d, &s, slices);
	draw_routes(d, &s, slices, routes);
	s.slices = put(d->jobs, slices, s.slice_count * sizeof(*slices));
	s.routes = put(d->jobs, routes, s.route_count * sizeof(*routes));
	d->barrier |= s.flags & RILL_STREAM_BARRIER;
	d->slices += s.slice_count;
	if (s.slice_count > d->most)
		d->most = s.slice_count;
	return s.slices && s.routes ? put(d->jobs, &s, sizeof(s)) : 0;
}

/* Some order of all slices */
static uint64_t put_loads(struct draft *d)
{
	uint32_t loads[JOBS_MAX * MAX_SLICES], i, at, swap;

	for (i = 0; i < d->slices; i++)
		loads[i] = i;
	for (i = 0; i < d->slices; i++) {
		at = i + (uint32_t)draw(d->jobs, d->slices - i);
		swap = loads[at];
		loads[at] = loads[i];
		loads[i] = swap;
	}
	return put(d->jobs, loads, d->slices * sizeof(*loads));
}

/* Some program; what lies behind it may be its weights. */
static void put_rules(struct draft *d)
{
	const struct sample *program = &d->jobs->programs[draw(d->jobs, CORPUS)];

	d->pass.rules = put(d->jobs, program->bytes, program->size);
	if (d->pass.rules && rig_chance(d->jobs->rig, 3))
		d->pass.flags |= RILL_PASS_RULES_WEIGHTS;
}

unsigned int chip_jobs_pass(struct chip_jobs *jobs, struct rill_hw_sqe *sqes)
{
	unsigned int streams = (unsigned int)draw(jobs, JOBS_MAX - 1), i;
	struct draft d = { .jobs = jobs };

	draw_pass(&d);
	if (!put_data(&d))
		return 0;
	for (i = 0; i < streams; i++) {
		sqes[1 + i] = job(RILL_OP_STREAM, put_stream(&d));
		if (!sqes[1 + i].addr)
			return 0;
	}
	if (!rig_chance(jobs->rig, 4))
		d.pass.slots = (d.barrier ? d.most : 1) + 1 + (uint32_t)draw(jobs, 4);
	if (d.slices && !d.barrier && !(d.pass.flags & RILL_PASS_ONE_EXPERT) && rig_chance(jobs->rig, 4))
		d.pass.loads = put_loads(&d);
	if (jobs->programs && rig_chance(jobs->rig, 5))
		put_rules(&d);
	sqes[0] = job(RILL_OP_PASS_BEGIN, put(jobs, &d.pass, sizeof(d.pass)));
	sqes[1 + streams] = job(RILL_OP_PASS_END, 0);
	return sqes[0].addr ? streams + 2 : 0;
}

unsigned int chip_jobs_honest(struct chip_jobs *jobs, struct rill_hw_sqe *sqes, uint64_t *out, size_t *bytes)
{
	uint64_t number = 0;
	unsigned int n;

	/* The first that is of arithmetic and has something to do */
	do {
		jobs->rig->random = ++number << 32;
		jobs->used = 0;
		jobs->part_count = 0;
		n = chip_jobs_pass(jobs, sqes);
	} while (n < 5 || ((struct rill_pass *)chip_rig_at(jobs->rig, sqes[0].addr))->flags & RILL_PASS_TIMING_ONLY);
	*out = ((struct rill_pass *)chip_rig_at(jobs->rig, sqes[0].addr))->out;
	*bytes = 8ULL * ((struct rill_pass *)chip_rig_at(jobs->rig, sqes[0].addr))->tokens *
		 ((struct rill_pass *)chip_rig_at(jobs->rig, sqes[0].addr))->hidden;
	return n;
}

/* --- FILL and COPY --- */

static uint64_t draw_place(struct chip_jobs *jobs, uint64_t bytes)
{
	if (rig_chance(jobs->rig, 2))
		return RIG_SYSTEM + RIG_SYSTEM_BYTES - SCRATCH + draw(jobs, (SCRATCH - bytes) / 8 + 1) * 8;
	return RIG_DDR + draw(jobs, (jobs->rig->config.channels * RIG_CHANNEL_BYTES - bytes) / 8 + 1) * 8;
}

static uint64_t put_fill(struct chip_jobs *jobs)
{
	struct rill_fill fill = { .flags = (uint32_t)draw(jobs, 2), .count = 1 + (uint32_t)draw(jobs, 4) };
	struct rill_fill_range ranges[4];
	uint32_t i;

	for (i = 0; i < fill.count; i++) {
		uint64_t bytes = draw(jobs, SCRATCH / 8 + 1) * 8;

		ranges[i] = (struct rill_fill_range){
			.dst = draw_place(jobs, bytes), .bytes = bytes, .seed = draw(jobs, 100),
		};
	}
	fill.ranges = put(jobs, ranges, fill.count * sizeof(*ranges));
	return fill.ranges ? put(jobs, &fill, sizeof(fill)) : 0;
}

static uint64_t put_copy(struct chip_jobs *jobs)
{
	struct rill_copy copy = { .bytes = 1 + draw(jobs, SCRATCH) };

	copy.src = draw_place(jobs, copy.bytes);
	do {
		copy.dst = draw_place(jobs, copy.bytes);
	} while (copy.dst < copy.src + copy.bytes && copy.src < copy.dst + copy.bytes);
	return put(jobs, &copy, sizeof(copy));
}

unsigned int chip_jobs_transfer(struct chip_jobs *jobs, struct rill_hw_sqe *sqe)
{
	*sqe = rig_chance(jobs->rig, 2) ? job(RILL_OP_FILL, put_fill(jobs)) : job(RILL_OP_COPY, put_copy(jobs));
	return sqe->addr ? 1 : 0;
}

/* --- spoiling --- */

uint64_t chip_jobs_word(struct chip_rig *rig)
{
	static const uint64_t words[] = {
		0, 1, 2, 3, 4, 7, 8, 63, 64, 65, 255, 4095, 4096, 4097, 0x7fff, 0xffff, 0x10000, 1u << 20, 1u << 22,
		INT32_MAX, UINT32_MAX, 1ULL << 32, 1ULL << 47, (1ULL << 48) - 8, 1ULL << 48, INT64_MAX, UINT64_MAX,
		(uint64_t)-8, (uint64_t)-4096, RIG_SYSTEM, RIG_SYSTEM + RIG_SYSTEM_BYTES - 8, RIG_DDR, RIG_SCRAPS,
		RIG_DDR + RIG_CHANNEL_BYTES - 64, RIG_SCRAPS + RIG_SCRAPS_BYTES - 8, RIG_RAM, RIG_ROOT, RIG_SQ(1),
		RIG_CQ(1), RIG_RAM + RIG_RAM_BYTES - 4096,
	};

	if (rig_chance(rig, 3))
		return rig_draw(rig, UINT64_MAX) >> rig_draw(rig, 64);
	return words[rig_draw(rig, COUNT(words))];
}

void chip_jobs_spoil(struct chip_jobs *jobs)
{
	static const uint8_t sizes[] = { 1, 2, 4, 8 };
	uint64_t word = chip_jobs_word(jobs->rig), size = sizes[draw(jobs, 4)], at;
	unsigned int part;

	if (!jobs->part_count)
		return;
	/* Blocks are the last to be put. */
	part = jobs->part_count - 1 - (unsigned int)draw(jobs, draw(jobs, jobs->part_count) + 1);
	at = draw(jobs, jobs->parts[part].bytes) / size * size;
	if (at + size <= jobs->parts[part].bytes)
		memcpy(chip_rig_at(jobs->rig, jobs->parts[part].va + at), &word, size);
}
