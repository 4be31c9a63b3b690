/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A very small MoE layer as a pass, and what must come out of it, computed in
 * the plainest way from the words of rill_stream.h. Blocks are built in the arena, where a
 * test may spoil them before it submits the jobs.
 */
#ifndef RILL_MOE_H
#define RILL_MOE_H

#include "rill_test.h"

#define MOE_HIDDEN	64
#define MOE_WIDTH	32
#define MOE_TOKENS	4
#define MOE_EXPERTS	2
#define MOE_SLICES	8			/* at most */
#define MOE_RECORD	(3 * MOE_HIDDEN)	/* bytes */
#define MOE_EXPERT	(MOE_WIDTH * MOE_RECORD)
#define MOE_JOBS	(MOE_EXPERTS + 2)	/* PASS_BEGIN, streams, PASS_END */
#define MOE_END		(MOE_JOBS - 1)
#define MOE_SHIFT	5			/* of the output */
#define MOE_MAX_ROUTES	(MOE_TOKENS * MOE_SLICES)
#define MOE_OUT_BYTES	(MOE_TOKENS * MOE_HIDDEN * sizeof(__s64))

struct moe {
	/* What to build */
	__u32 flags;			/* of the streams */
	__u32 slices;			/* of an expert; divides MOE_WIDTH */
	unsigned int away;		/* computed so many chiplets from home */
	__u32 timeline_entries;

	/* Made by moe_init() */
	struct rill_buf ddr[RILL_MAX_CHANNELS];
	__s8 weights[MOE_EXPERTS][MOE_EXPERT];
	__s8 tokens[MOE_TOKENS][MOE_HIDDEN];
	__s8 lut[256];

	/* Made by moe_build(), in the arena */
	struct drm_rill_job jobs[MOE_JOBS];
	struct rill_pass *pass;
	struct rill_stream *stream[MOE_EXPERTS];
	struct rill_slice *slice[MOE_EXPERTS];
	struct rill_route *route[MOE_EXPERTS];
	__le16 *home;
	__s64 *out;
	struct rill_pass_report *report;
	struct rill_interval *timeline;
};

/* A token's gate weight for an expert, times its scale; 0 if it has not selected it */
static inline __s32 moe_weight(unsigned int token, unsigned int expert)
{
	if (expert == 1 && token == 0)
		return 0;
	return (expert ? -1 : 1) * (__s32)(100 + 37 * token + 11 * expert);
}

/* Room in the arena, zeroed: its address here; that on the chip goes to *va. */
static inline void *moe_room(struct rill *r, size_t size, __u64 *va)
{
	void *at;

	*va = r->arena.va + r->arena_used;
	at = (char *)r->arena.map + r->arena_used;
	r->arena_used = rill_align(r->arena_used + size, 8);
	if (r->arena_used > r->arena.size)
		abort();
	return memset(at, 0, size);
}

static inline int moe_init(struct moe *m, struct rill *r)
{
	unsigned int c, e, i;
	int err;

	for (c = 0; c < r->chip.channels; c++) {
		err = rill_buf_new(r, DRM_RILL_DDR, c, MOE_EXPERTS * MOE_EXPERT, &m->ddr[c]);
		if (err)
			return err;
	}
	for (e = 0; e < MOE_EXPERTS; e++)
		rill_pattern_write(m->weights[e], MOE_EXPERT, 1000 + e, 0);
	rill_pattern_write(m->tokens, sizeof(m->tokens), 77, 0);
	for (i = 0; i < 256; i++) {
		int g = (int)i - 128;

		m->lut[i] = g < -32 ? -(g & 3) : g < 0 ? g / 8 : g - g / 16;
	}
	return 0;
}

static inline void moe_build_slices(struct moe *m, struct rill *r, unsigned int e)
{
	unsigned int s, records = MOE_WIDTH / m->slices;
	__u64 va;

	m->slice[e] = moe_room(r, m->slices * sizeof(struct rill_slice), &va);
	m->stream[e]->slices = va;
	m->stream[e]->slice_count = m->slices;
	for (s = 0; s < m->slices; s++) {
		const struct rill_buf *ddr = &m->ddr[(e + s) % r->chip.channels];
		size_t at = s * records * MOE_RECORD;

		memcpy((char *)ddr->map + e * MOE_EXPERT + at, m->weights[e] + at,
		       records * MOE_RECORD);
		m->slice[e][s] = (struct rill_slice){
			.weights = ddr->va + e * MOE_EXPERT + at,
			.first = s * records, .records = records,
			.pin = m->flags & RILL_STREAM_PINNED ? (e + s) % rill_chiplets(r) :
							       RILL_NO_PIN,
		};
	}
}

/* UNION: each token once. PINNED: once on each chiplet that slices are pinned to. */
static inline void moe_build_routes(struct moe *m, struct rill *r, unsigned int e)
{
	unsigned int chiplets = rill_chiplets(r), t, c, n = 0, copies = 1;
	__u64 va;

	if (m->flags & RILL_STREAM_PINNED)
		copies = m->slices < chiplets ? m->slices : chiplets;
	m->route[e] = moe_room(r, MOE_MAX_ROUTES * sizeof(struct rill_route), &va);
	m->stream[e]->routes = va;
	for (t = 0; t < MOE_TOKENS; t++) {
		for (c = 0; moe_weight(t, e) && c < copies; c++)
			m->route[e][n++] = (struct rill_route){
				.token = t,
				.chiplet = m->flags & RILL_STREAM_PINNED ? (e + c) % chiplets :
					   (m->home[t] + m->away) % chiplets,
				.weight = moe_weight(t, e),
			};
	}
	m->stream[e]->route_count = n;
}

static inline void moe_build_stream(struct moe *m, struct rill *r, unsigned int e)
{
	__u64 va;

	m->stream[e] = moe_room(r, sizeof(struct rill_stream), &va);
	*m->stream[e] = (struct rill_stream){
		.flags = m->flags, .expert = e, .width = MOE_WIDTH,
		.gate_mult = 3 + e, .up_mult = 5, .act_mult = 9 + e,
		.gate_shift = 12, .up_shift = 13, .act_shift = 8,
	};
	m->jobs[1 + e] = rill_job(RILL_OP_STREAM, va);
	moe_build_slices(m, r, e);
	moe_build_routes(m, r, e);
}

static inline void moe_build(struct moe *m, struct rill *r)
{
	unsigned int t, e;
	__u64 va, at;

	rill_arena_reset(r);
	m->pass = moe_room(r, sizeof(*m->pass), &va);
	m->jobs[0] = rill_job(RILL_OP_PASS_BEGIN, va);
	*m->pass = (struct rill_pass){
		.tokens = MOE_TOKENS, .hidden = MOE_HIDDEN, .out_shift = MOE_SHIFT,
		.timeline_entries = m->timeline_entries,
		.x = rill_block(r, m->tokens, sizeof(m->tokens)),
		.silu = rill_block(r, m->lut, sizeof(m->lut)),
	};
	m->home = moe_room(r, MOE_TOKENS * sizeof(*m->home), &at);
	m->pass->homes = at;
	for (t = 0; t < MOE_TOKENS; t++)
		m->home[t] = t % rill_chiplets(r);
	m->out = moe_room(r, MOE_OUT_BYTES, &at);
	m->pass->out = at;
	memset(m->out, 0x77, MOE_OUT_BYTES);
	m->report = moe_room(r, sizeof(*m->report), &at);
	m->pass->report = at;
	if (m->timeline_entries) {
		/* One more, to see that it is not written to */
		m->timeline = moe_room(r, (m->timeline_entries + 1) * sizeof(*m->timeline), &at);
		m->pass->timeline = at;
	}
	for (e = 0; e < MOE_EXPERTS; e++)
		moe_build_stream(m, r, e);
	m->jobs[MOE_END] = rill_job(RILL_OP_PASS_END, 0);
}

/* --- the reference --- */

/* v / 2^shift to the nearest integer, half to even: by dividing, to be unlike any other version */
static inline __s64 moe_round(__int128 v, unsigned int shift)
{
	__int128 unit = (__int128)1 << shift, quotient = v / unit, rest = v % unit;

	if (rest < 0) {
		rest += unit;
		quotient--;
	}
	if (2 * rest > unit || (2 * rest == unit && quotient % 2))
		quotient++;
	return quotient;
}

static inline int moe_requant(__s64 v, __u32 mult, unsigned int shift)
{
	__s64 rounded = moe_round((__int128)v * mult, shift);

	return rounded > 127 ? 127 : rounded < -128 ? -128 : rounded;
}

/* What one token gets of one expert, added to acc[] */
static inline void moe_expert(const struct moe *m, unsigned int t, unsigned int e, __s64 *acc)
{
	const struct rill_stream *q = m->stream[e];
	unsigned int j, n;

	for (j = 0; j < MOE_WIDTH; j++) {
		const __s8 *record = m->weights[e] + j * MOE_RECORD;
		int gate = 0, up = 0, g, u, h;

		for (n = 0; n < MOE_HIDDEN; n++) {
			gate += m->tokens[t][n] * record[n];
			up += m->tokens[t][n] * record[MOE_HIDDEN + n];
		}
		g = moe_requant(gate, q->gate_mult, q->gate_shift);
		u = moe_requant(up, q->up_mult, q->up_shift);
		h = moe_requant(m->lut[g + 128] * u, q->act_mult, q->act_shift);
		for (n = 0; n < MOE_HIDDEN; n++)
			acc[n] += (__s64)h * record[2 * MOE_HIDDEN + n] * moe_weight(t, e);
	}
}

static inline void moe_reference(const struct moe *m, __s64 out[MOE_TOKENS][MOE_HIDDEN])
{
	unsigned int t, e, n;

	memset(out, 0, MOE_OUT_BYTES);
	for (t = 0; t < MOE_TOKENS; t++) {
		for (e = 0; e < MOE_EXPERTS; e++)
			moe_expert(m, t, e, out[t]);
		for (n = 0; n < MOE_HIDDEN; n++)
			out[t][n] = moe_round(out[t][n], MOE_SHIFT);
	}
}

/* Is what the pass wrote what it had to write? */
static inline bool moe_correct(const struct moe *m)
{
	__s64 out[MOE_TOKENS][MOE_HIDDEN];

	moe_reference(m, out);
	return !memcmp(out, m->out, sizeof(out));
}

#endif
