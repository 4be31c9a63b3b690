// SPDX-License-Identifier: GPL-2.0
/* A small MoE pass through the driver, bit by bit, and every way to spoil one. */
#include "rill_moe.h"
#include "rill_uring.h"

#define DEPTH		63
#define UNMAPPED	(1ULL << 45)

FIXTURE(pass)
{
	struct rill r;
	struct moe m;
	struct io_uring ring;
};

FIXTURE_VARIANT(pass)
{
	__u32 flags, slices;
	unsigned int away;
	bool uring;
};

FIXTURE_VARIANT_ADD(pass, home_ioctl) { 0, 8, 0, false };
FIXTURE_VARIANT_ADD(pass, home_uring) { 0, 8, 0, true };
FIXTURE_VARIANT_ADD(pass, one_slice) { 0, 1, 0, true };
FIXTURE_VARIANT_ADD(pass, away) { 0, 4, 1, true };
FIXTURE_VARIANT_ADD(pass, away_ioctl) { 0, 4, 3, false };
FIXTURE_VARIANT_ADD(pass, ring) { RILL_STREAM_FIXED_RING, 8, 0, true };
FIXTURE_VARIANT_ADD(pass, barrier) { RILL_STREAM_BARRIER, 2, 0, true };
FIXTURE_VARIANT_ADD(pass, pinned) { RILL_STREAM_PINNED, 8, 0, true };
FIXTURE_VARIANT_ADD(pass, pinned_ioctl) { RILL_STREAM_PINNED, 2, 0, false };
FIXTURE_VARIANT_ADD(pass, all_flags) {
	RILL_STREAM_PINNED | RILL_STREAM_FIXED_RING | RILL_STREAM_BARRIER, 4, 0, true
};

FIXTURE_SETUP(pass)
{
	ASSERT_EQ(0, rill_setup(&self->r, DEPTH));
	ASSERT_EQ(0, moe_init(&self->m, &self->r));
	ASSERT_EQ(0, io_uring_queue_init(DEPTH, &self->ring, IORING_SETUP_CQE32));
	self->m.flags = variant->flags;
	self->m.slices = variant->slices;
	self->m.away = variant->away;
	moe_build(&self->m, &self->r);
}

FIXTURE_TEARDOWN(pass)
{
	io_uring_queue_exit(&self->ring);
	rill_teardown(&self->r);
}

/* Both ways, with results in one form */
static int run_pass(struct rill *r, struct io_uring *ring, const struct drm_rill_job *jobs,
		    unsigned int n, struct drm_rill_job_result *results)
{
	struct rill_end ends[DEPTH];
	unsigned int i;
	int err;

	if (!ring)
		return rill_run(r, jobs, n, results);
	err = rill_uring_run(ring, r->fd, r->queue, jobs, n, ends);
	for (i = 0; i < n && !err; i++) {
		results[i] = (struct drm_rill_job_result){ .error = ends[i].res };
		if (ends[i].res) {
			results[i].status = ends[i].extra1;
			results[i].detail = ends[i].extra2;
		} else {
			results[i].start_ps = ends[i].extra1;
			results[i].end_ps = ends[i].extra2;
		}
	}
	return err;
}

#define RING	(variant->uring ? &self->ring : NULL)
#define RUN(results) run_pass(&self->r, RING, self->m.jobs, MOE_JOBS, results)

/* Multiply-accumulates that the pass needs, wherever they are done */
static __u64 macs(void)
{
	__u64 sum = 0;
	unsigned int t, e;

	for (e = 0; e < MOE_EXPERTS; e++)
		for (t = 0; t < MOE_TOKENS; t++)
			sum += moe_weight(t, e) ? 3 * MOE_HIDDEN * MOE_WIDTH : 0;
	return sum;
}

TEST_F(pass, bits)
{
	struct drm_rill_job_result results[MOE_JOBS];
	unsigned int i;

	ASSERT_EQ(0, RUN(results));
	for (i = 0; i < MOE_JOBS; i++) {
		EXPECT_EQ(0, results[i].error) {
			TH_LOG("job %u: status %u, detail %#llx", i, results[i].status,
			       results[i].detail);
		}
	}
	EXPECT_TRUE(moe_correct(&self->m));

	/* The reference is no constant: another token, another result. */
	self->m.tokens[MOE_TOKENS - 1][0] ^= 0x40;
	EXPECT_FALSE(moe_correct(&self->m));
}

/* Streams run within their pass; the next pass begins where this one ended, or later. */
TEST_F(pass, times)
{
	struct drm_rill_job_result results[MOE_JOBS];
	__u64 end = 0, took = 0;
	unsigned int round, i;

	for (round = 0; round < 3; round++) {
		ASSERT_EQ(0, RUN(results));
		EXPECT_LE(end, results[0].start_ps);
		EXPECT_LT(results[MOE_END].start_ps, results[MOE_END].end_ps);
		for (i = 1; i < MOE_END; i++) {
			EXPECT_LE(results[MOE_END].start_ps, results[i].start_ps);
			EXPECT_LT(results[i].start_ps, results[i].end_ps);
			EXPECT_GE(results[MOE_END].end_ps, results[i].end_ps);
		}
		/* The same jobs take the same device time, to the picosecond. */
		if (round)
			EXPECT_EQ(took, results[MOE_END].end_ps - results[MOE_END].start_ps);
		took = results[MOE_END].end_ps - results[MOE_END].start_ps;
		end = results[MOE_END].end_ps;
	}
}

TEST_F(pass, report)
{
	const struct rill_pass_report *report = self->m.report;
	struct drm_rill_job_result results[MOE_JOBS];
	__u64 done = 0, loaded = 0, moved = 0;
	bool away = variant->away || (variant->flags & RILL_STREAM_PINNED);
	unsigned int i;

	ASSERT_EQ(0, RUN(results));
	EXPECT_EQ(results[MOE_END].start_ps, report->start_ps);
	EXPECT_LT(report->start_ps, report->end_ps);
	EXPECT_GE(results[MOE_END].end_ps, report->end_ps);
	EXPECT_EQ(MOE_EXPERTS * variant->slices, report->slices_loaded);
	EXPECT_LE(report->slices_loaded, report->slices_computed);
	EXPECT_EQ(MOE_WIDTH / variant->slices * MOE_RECORD, report->slot_bytes);
	EXPECT_LE(1, report->slots);
	EXPECT_LE(report->smallest_sram, self->r.chip.sram_bytes);
	if (rill_chiplets(&self->r) > 1) {
		EXPECT_EQ(away, report->scatters > 0);
		EXPECT_EQ(away, report->reduces > 0);
	}
	for (i = 0; i < RILL_MAX_CHANNELS; i++)
		loaded += report->channel[i].bytes;
	EXPECT_EQ(MOE_EXPERTS * MOE_EXPERT, loaded);
	for (i = 0; i < RILL_MAX_CHIPLETS; i++) {
		done += report->chiplet[i].macs;
		EXPECT_LE(report->chiplet[i].sram_peak, self->r.chip.sram_bytes);
		if (i >= rill_chiplets(&self->r))
			EXPECT_EQ(0, report->chiplet[i].sram_peak);
	}
	EXPECT_EQ(macs(), done);
	for (i = 0; i < RILL_MAX_LINKS; i++)
		moved += report->link[i].bytes;
	if (rill_chiplets(&self->r) > 1)
		EXPECT_LT(0, moved);
	EXPECT_EQ(0, report->reserved[0]);
}

/* What the pass reports is what the device's counters move by. */
TEST_F(pass, counters)
{
	struct drm_rill_chiplet_info a[RILL_MAX_CHIPLETS], b[RILL_MAX_CHIPLETS];
	struct drm_rill_channel_info c[RILL_MAX_CHANNELS], d[RILL_MAX_CHANNELS];
	struct drm_rill_link_info l[RILL_MAX_LINKS], k[RILL_MAX_LINKS];
	const struct rill_pass_report *report = self->m.report;
	struct drm_rill_job_result results[MOE_JOBS];
	__u64 slices = 0;
	unsigned int i;

	ASSERT_LE(0, rill_query(self->r.fd, DRM_RILL_QUERY_CHIPLETS, a, sizeof(a)));
	ASSERT_LE(0, rill_query(self->r.fd, DRM_RILL_QUERY_CHANNELS, c, sizeof(c)));
	ASSERT_LE(0, rill_query(self->r.fd, DRM_RILL_QUERY_LINKS, l, sizeof(l)));
	ASSERT_EQ(0, RUN(results));
	ASSERT_EQ(0, results[MOE_END].error);
	ASSERT_LE(0, rill_query(self->r.fd, DRM_RILL_QUERY_CHIPLETS, b, sizeof(b)));
	ASSERT_LE(0, rill_query(self->r.fd, DRM_RILL_QUERY_CHANNELS, d, sizeof(d)));
	ASSERT_LE(0, rill_query(self->r.fd, DRM_RILL_QUERY_LINKS, k, sizeof(k)));
	for (i = 0; i < rill_chiplets(&self->r); i++) {
		EXPECT_EQ(report->chiplet[i].macs, b[i].macs - a[i].macs);
		EXPECT_EQ(report->chiplet[i].mac_busy_ps, b[i].mac_busy_ps - a[i].mac_busy_ps);
		EXPECT_LE(report->chiplet[i].sram_peak, b[i].sram_peak);
		slices += b[i].slices - a[i].slices;
	}
	EXPECT_EQ(report->slices_computed, slices);
	for (i = 0; i < self->r.chip.channels; i++) {
		EXPECT_EQ(report->channel[i].bytes, d[i].bytes - c[i].bytes);
		EXPECT_EQ(report->channel[i].busy_ps, d[i].busy_ps - c[i].busy_ps);
	}
	for (i = 0; i < self->r.chip.links; i++) {
		EXPECT_EQ(report->link[i].bytes, k[i].bytes - l[i].bytes);
		EXPECT_EQ(report->link[i].busy_ps, k[i].busy_ps - l[i].busy_ps);
		EXPECT_EQ(report->link[i].stall_ps, k[i].stall_ps - l[i].stall_ps);
		EXPECT_EQ(report->link[i].transfers, k[i].transfers - l[i].transfers);
	}
}

TEST_F(pass, timeline)
{
	struct drm_rill_job_result results[MOE_JOBS];
	unsigned int i, entries[] = { 1000, 3 };
	__u64 took, total = 0;

	for (i = 0; i < ARRAY_SIZE(entries); i++) {
		unsigned int n, kinds = 0;

		self->m.timeline_entries = entries[i];
		moe_build(&self->m, &self->r);
		memset(&self->m.timeline[entries[i]], 0x77, sizeof(*self->m.timeline));
		ASSERT_EQ(0, RUN(results));
		ASSERT_EQ(0, results[MOE_END].error);
		if (i)
			EXPECT_EQ(total, self->m.report->timeline_total);
		total = self->m.report->timeline_total;
		took = self->m.report->end_ps - self->m.report->start_ps;
		ASSERT_LT(3, total);
		ASSERT_GT(1000, total);
		for (n = 0; n < entries[i]; n++) {
			const struct rill_interval *interval = &self->m.timeline[n];

			if (n >= total) {
				EXPECT_EQ(0, interval->kind);
				continue;
			}
			EXPECT_LT(interval->start_ps, interval->end_ps);
			EXPECT_GE(took, interval->end_ps);
			EXPECT_TRUE(interval->kind >= RILL_INTERVAL_DDR &&
				    interval->kind <= RILL_INTERVAL_REDUCE);
			EXPECT_EQ(0, interval->reserved);
			EXPECT_EQ(0, interval->reserved1);
			kinds |= 1U << interval->kind;
		}
		if (!i)
			EXPECT_EQ(1U << RILL_INTERVAL_DDR | 1U << RILL_INTERVAL_MAC,
				  kinds & (1U << RILL_INTERVAL_DDR | 1U << RILL_INTERVAL_MAC));
		EXPECT_EQ(sizeof(*self->m.timeline),
			  rill_same_bytes(&self->m.timeline[entries[i]],
					  sizeof(*self->m.timeline), 0x77));
	}
}

/* Without arithmetic the pass takes the same time and leaves the output alone. */
TEST_F(pass, timing_only)
{
	struct drm_rill_job_result results[MOE_JOBS];
	__u64 took;

	ASSERT_EQ(0, RUN(results));
	ASSERT_EQ(0, results[MOE_END].error);
	took = results[MOE_END].end_ps - results[MOE_END].start_ps;
	memset(self->m.out, 0x77, MOE_OUT_BYTES);
	self->m.pass->flags = RILL_PASS_TIMING_ONLY;
	self->m.pass->x = 0;
	self->m.pass->silu = 0;
	self->m.pass->out = 0;
	ASSERT_EQ(0, RUN(results));
	EXPECT_EQ(0, results[MOE_END].error);
	EXPECT_EQ(took, results[MOE_END].end_ps - results[MOE_END].start_ps);
	EXPECT_EQ(MOE_OUT_BYTES, rill_same_bytes(self->m.out, MOE_OUT_BYTES, 0x77));
}

/* The pass as one vector, which is one io_uring command or one ioctl */
TEST_F(pass, vector)
{
	struct drm_rill_job_result results[MOE_JOBS];
	struct rill_end end;

	if (variant->uring) {
		rill_sqe_jobs(&self->ring, self->r.fd, self->r.queue, self->m.jobs, MOE_JOBS, 0);
		ASSERT_EQ(0, rill_uring_one(&self->ring, &end));
		EXPECT_EQ(0, end.res);
		EXPECT_GE(self->m.report->start_ps, end.extra1);
		EXPECT_LE(self->m.report->end_ps, end.extra2);
	} else {
		ASSERT_EQ(0, rill_run(&self->r, self->m.jobs, MOE_JOBS, results));
	}
	EXPECT_TRUE(moe_correct(&self->m));
}

/* Jobs one at a time, other queues busy between them: the same bits in the same time */
TEST_F(pass, piecemeal)
{
	struct drm_rill_job_result results[MOE_JOBS], result;
	struct drm_rill_job nop = rill_job(RILL_OP_NOP, 0);
	__u64 took, seqno = 0, first = 0;
	struct rill other = self->r;
	unsigned int i;

	ASSERT_EQ(0, RUN(results));
	took = results[MOE_END].end_ps - results[MOE_END].start_ps;
	memset(self->m.out, 0x77, MOE_OUT_BYTES);
	ASSERT_EQ(0, rill_queue_create(other.fd, other.ctx, 3, &other.queue));
	for (i = 0; i < MOE_JOBS; i++) {
		ASSERT_EQ(0, rill_submit(self->r.fd, self->r.queue, &self->m.jobs[i], 1, &seqno));
		if (!i)
			first = seqno;
		ASSERT_EQ(0, rill_run_on(other.fd, other.queue, &nop, 1, &result));
	}
	ASSERT_EQ(0, rill_wait(self->r.fd, self->r.queue, first, MOE_JOBS, RILL_PATIENCE,
			       results));
	EXPECT_EQ(0, results[MOE_END].error);
	EXPECT_EQ(took, results[MOE_END].end_ps - results[MOE_END].start_ps);
	EXPECT_TRUE(moe_correct(&self->m));
}

/* --- what does not fit --- */

FIXTURE(bad)
{
	struct rill r;
	struct moe m;
	struct io_uring ring;
	struct rill_buf readonly;	/* mapped once more, read-only, at readonly_va */
	__u64 readonly_va;
};

FIXTURE_VARIANT(bad)
{
	bool uring;
};

FIXTURE_VARIANT_ADD(bad, ioctl) { false };
FIXTURE_VARIANT_ADD(bad, uring) { true };

FIXTURE_SETUP(bad)
{
	ASSERT_EQ(0, rill_setup(&self->r, DEPTH));
	ASSERT_EQ(0, moe_init(&self->m, &self->r));
	ASSERT_EQ(0, io_uring_queue_init(DEPTH, &self->ring, IORING_SETUP_CQE32));
	ASSERT_EQ(0, rill_buf_new(&self->r, DRM_RILL_SYSTEM, 0, 64 * RILL_PAGE, &self->readonly));
	self->readonly_va = 1ULL << 40;
	ASSERT_EQ(0, rill_map(self->r.fd, self->r.ctx, self->readonly.handle,
			      DRM_RILL_BIND_READONLY, self->readonly_va, 0, 64 * RILL_PAGE));
	self->m.slices = 4;
	moe_build(&self->m, &self->r);
}

FIXTURE_TEARDOWN(bad)
{
	struct drm_rill_job_result results[MOE_JOBS];

	/* After all that, a good pass is as good as ever. */
	moe_build(&self->m, &self->r);
	EXPECT_EQ(0, RUN(results));
	EXPECT_EQ(0, results[MOE_END].error);
	EXPECT_TRUE(moe_correct(&self->m));
	io_uring_queue_exit(&self->ring);
	rill_teardown(&self->r);
}

/*
 * Spoil the pass: job `which` ends like this. What came before in the pass and has not ended,
 * and what comes after, ends with PASS_FAILED.
 */
#define EXPECT_BAD(which, wanted_error, wanted_status, wanted_detail, change) do { \
	struct drm_rill_job_result results[MOE_JOBS] = { 0 };		\
	struct moe *m = &self->m;					\
	unsigned int i;							\
									\
	moe_build(m, &self->r);						\
	change;								\
	ASSERT_EQ(0, RUN(results));					\
	for (i = 0; i < MOE_JOBS; i++) {				\
		__u32 status = RILL_PASS_FAILED;			\
		int error = -ECANCELED;					\
									\
		if (i == (which)) {					\
			status = (wanted_status);			\
			error = (wanted_error);				\
			EXPECT_EQ((__u64)(wanted_detail), results[i].detail) { \
				TH_LOG("%s", #change);			\
			}						\
		} else if (!i) {					\
			status = 0;					\
			error = 0;					\
		}							\
		EXPECT_EQ(status, results[i].status) {			\
			TH_LOG("job %u of: %s", i, #change);		\
		}							\
		EXPECT_EQ(error, results[i].error);			\
	}								\
} while (0)

#define PASS(member)		offsetof(struct rill_pass, member)
#define STREAM(member)		offsetof(struct rill_stream, member)
#define ELEMENT(index, field)	((__u64)(index) << 16 | (field))

#define BAD_PASS(member, change) \
	EXPECT_BAD(0, -EINVAL, RILL_BAD_FIELD, PASS(member), change)

TEST_F(bad, pass_fields)
{
	BAD_PASS(flags, m->pass->flags = 1U << 30);
	BAD_PASS(flags, m->pass->flags = 1U << 31);
	BAD_PASS(tokens, m->pass->tokens = 0);
	BAD_PASS(tokens, m->pass->tokens = RILL_MAX_TOKENS + 1);
	BAD_PASS(tokens, m->pass->tokens = UINT32_MAX);
	BAD_PASS(hidden, m->pass->hidden = 0);
	BAD_PASS(hidden, m->pass->hidden = 4);
	BAD_PASS(hidden, m->pass->hidden = MOE_HIDDEN + 1);
	BAD_PASS(hidden, m->pass->hidden = RILL_MAX_HIDDEN + 8);
	BAD_PASS(hidden, m->pass->hidden = UINT32_MAX - 7);
	BAD_PASS(slots, m->pass->slots = UINT32_MAX);
	BAD_PASS(x, m->pass->x = 0);
	BAD_PASS(silu, m->pass->silu = 0);
	BAD_PASS(out, m->pass->out = 0);
	BAD_PASS(x, m->pass->flags = RILL_PASS_TIMING_ONLY);
	BAD_PASS(silu, m->pass->flags = RILL_PASS_TIMING_ONLY; m->pass->x = 0);
	BAD_PASS(out, m->pass->flags = RILL_PASS_TIMING_ONLY; m->pass->x = 0; m->pass->silu = 0);
	BAD_PASS(timeline_entries, m->pass->timeline_entries = 1);
	BAD_PASS(timeline_entries, m->pass->timeline = m->pass->report);
	BAD_PASS(timeline_entries, m->pass->timeline = m->pass->report;
				   m->pass->timeline_entries = RILL_MAX_TIMELINE + 1);
	BAD_PASS(out_shift, m->pass->out_shift = 48);
	BAD_PASS(out_shift, m->pass->out_shift = UINT32_MAX);
	EXPECT_BAD(0, -EINVAL, RILL_BAD_FIELD, PASS(homes), m->home[0] = rill_chiplets(&self->r));
	EXPECT_BAD(0, -EINVAL, RILL_BAD_FIELD, ELEMENT(3, PASS(homes)), m->home[3] = 0xffff);
	EXPECT_BAD(0, -EINVAL, RILL_BAD_FIELD, PASS(rules), m->pass->rules = 1);
	EXPECT_BAD(0, -EINVAL, RILL_BAD_FIELD, PASS(rules), m->pass->rules = (1ULL << 63) + 4);
}

#define BAD_STREAM(member, change) \
	EXPECT_BAD(2, -EINVAL, RILL_BAD_FIELD, STREAM(member), change)

TEST_F(bad, stream_fields)
{
	BAD_STREAM(flags, m->stream[1]->flags = RILL_STREAM_KNOWN << 1);
	BAD_STREAM(flags, m->stream[1]->flags = 1U << 31);
	BAD_STREAM(width, m->stream[1]->width = 0);
	BAD_STREAM(width, m->stream[1]->width = RILL_MAX_WIDTH + 1);
	BAD_STREAM(width, m->stream[1]->width = UINT32_MAX);
	BAD_STREAM(slice_count, m->stream[1]->slice_count = 0);
	BAD_STREAM(slice_count, m->stream[1]->slice_count = RILL_MAX_SLICES + 1);
	BAD_STREAM(slice_count, m->stream[1]->slice_count = UINT32_MAX);
	BAD_STREAM(route_count, m->stream[1]->route_count = 0);
	BAD_STREAM(route_count, m->stream[1]->route_count = RILL_MAX_ROUTES + 1);
	BAD_STREAM(route_count, m->stream[1]->route_count = UINT32_MAX);
	BAD_STREAM(gate_mult, m->stream[1]->gate_mult = 1U << 31);
	BAD_STREAM(up_mult, m->stream[1]->up_mult = 1U << 31);
	BAD_STREAM(act_mult, m->stream[1]->act_mult = UINT32_MAX);
	BAD_STREAM(gate_shift, m->stream[1]->gate_shift = 63);
	BAD_STREAM(up_shift, m->stream[1]->up_shift = 64);
	BAD_STREAM(act_shift, m->stream[1]->act_shift = 255);
	EXPECT_BAD(2, -EINVAL, RILL_BAD_RESERVED, STREAM(reserved0), m->stream[1]->reserved0 = 1);
	EXPECT_BAD(2, -EINVAL, RILL_BAD_RESERVED, STREAM(reserved1), m->stream[1]->reserved1 = 1);
	EXPECT_BAD(2, -EINVAL, RILL_BAD_RESERVED, STREAM(reserved2),
		   m->stream[1]->reserved2 = 1ULL << 63);
	/* The first stream, as well */
	EXPECT_BAD(1, -EINVAL, RILL_BAD_FIELD, STREAM(width), m->stream[0]->width = 0);
}

#define BAD_SLICE(index, change) \
	EXPECT_BAD(1, -EINVAL, RILL_BAD_FIELD, ELEMENT(index, STREAM(slices)), change)

TEST_F(bad, slices)
{
	__u32 pinned = RILL_STREAM_PINNED;

	BAD_SLICE(0, m->slice[0][0].records = 0);
	BAD_SLICE(2, m->slice[0][2].records = 0);
	BAD_SLICE(3, m->slice[0][3].first = MOE_WIDTH);
	BAD_SLICE(3, m->slice[0][3].first = UINT32_MAX);
	BAD_SLICE(3, m->slice[0][3].records++);
	BAD_SLICE(1, m->slice[0][1].records = 0xffff);
	/* A record that stands twice, and one that is missing */
	BAD_SLICE(1, m->slice[0][1].first--);
	BAD_SLICE(2, m->slice[0][2] = m->slice[0][1]);
	EXPECT_BAD(1, -EINVAL, RILL_BAD_FIELD, STREAM(slice_count), m->slice[0][3].records--);
	EXPECT_BAD(1, -EINVAL, RILL_BAD_FIELD, STREAM(slice_count), m->stream[0]->width++);
	/* A pin where there must be none, none where there must be one, one too far */
	BAD_SLICE(1, m->slice[0][1].pin = 0);
	BAD_SLICE(0, m->stream[0]->flags = pinned);
	BAD_SLICE(0, m->stream[0]->flags = pinned; m->slice[0][0].pin = rill_chiplets(&self->r));
	/* Weights must be in DDR. */
	EXPECT_BAD(1, -EINVAL, RILL_BAD_PLACEMENT, ELEMENT(1, STREAM(slices)),
		   m->slice[0][1].weights = self->r.arena.va);
	EXPECT_BAD(1, -EFAULT, RILL_FAULT_READ, UNMAPPED, m->slice[0][2].weights = UNMAPPED);
	EXPECT_BAD(1, -EFAULT, RILL_FAULT_READ, m->ddr[0].va + m->ddr[0].size,
		   m->slice[0][0].weights = m->ddr[0].va + m->ddr[0].size - 8);
}

/* Weights that begin in one buffer of a channel and end in another one: not one piece of DDR */
TEST_F(bad, slice_in_two_pieces)
{
	struct rill_buf *a = &self->m.ddr[0], *b;
	__u64 va = 1ULL << 41;

	b = &self->m.ddr[self->r.chip.channels > 1 ? 1 : 0];
	ASSERT_EQ(0, rill_map(self->r.fd, self->r.ctx, a->handle, 0, va, RILL_PAGE, RILL_PAGE));
	ASSERT_EQ(0, rill_map(self->r.fd, self->r.ctx, b->handle, 0, va + RILL_PAGE, 0,
			      RILL_PAGE));
	EXPECT_BAD(1, -EINVAL, RILL_BAD_PLACEMENT, ELEMENT(0, STREAM(slices)),
		   m->slice[0][0].weights = va + RILL_PAGE - 8);
}

#define BAD_ROUTE(index, change) \
	EXPECT_BAD(2, -EINVAL, RILL_BAD_FIELD, ELEMENT(index, STREAM(routes)), change)

TEST_F(bad, routes)
{
	BAD_ROUTE(0, m->route[1][0].token = MOE_TOKENS);
	BAD_ROUTE(2, m->route[1][2].token = 0xffff);
	BAD_ROUTE(1, m->route[1][1].chiplet = rill_chiplets(&self->r));
	BAD_ROUTE(1, m->route[1][1].chiplet = 0xffff);
	BAD_ROUTE(2, m->route[1][2].token = m->route[1][0].token);
	/* Sums that could overflow; the detail is the token. */
	EXPECT_BAD(2, -EOVERFLOW, RILL_OVERFLOW, 2, m->route[1][1].weight = INT32_MAX);
	EXPECT_BAD(2, -EOVERFLOW, RILL_OVERFLOW, 3, m->route[1][2].weight = INT32_MIN);
	EXPECT_BAD(2, -EOVERFLOW, RILL_OVERFLOW, 1,
		   m->route[0][1].weight = 1 << 27; m->route[1][0].weight = 1 << 27);
}

TEST_F(bad, addresses)
{
	/* Read when the job is fetched */
	EXPECT_BAD(0, -EFAULT, RILL_FAULT_READ, UNMAPPED, m->pass->homes = UNMAPPED);
	EXPECT_BAD(1, -EFAULT, RILL_FAULT_READ, UNMAPPED, m->stream[0]->slices = UNMAPPED);
	EXPECT_BAD(2, -EFAULT, RILL_FAULT_READ, UNMAPPED, m->stream[1]->routes = UNMAPPED);
	EXPECT_BAD(0, -EFAULT, RILL_FAULT_READ, UNMAPPED, m->jobs[0].addr = UNMAPPED);
	EXPECT_BAD(2, -EFAULT, RILL_FAULT_READ, UNMAPPED, m->jobs[2].addr = UNMAPPED);
	EXPECT_BAD(0, -EINVAL, RILL_BAD_FIELD, RILL_FIELD_ADDR, m->jobs[0].addr += 4);
	EXPECT_BAD(1, -EINVAL, RILL_BAD_FIELD, RILL_FIELD_ADDR, m->jobs[1].addr += 1);
	EXPECT_BAD(2, -EINVAL, RILL_BAD_FIELD, RILL_FIELD_ADDR, m->jobs[2].addr += 7);
	EXPECT_BAD(MOE_END, -EINVAL, RILL_BAD_FIELD, RILL_FIELD_ADDR,
		   m->jobs[MOE_END].addr = m->jobs[0].addr);
	/* Read when the pass starts */
	EXPECT_BAD(MOE_END, -EFAULT, RILL_FAULT_READ, UNMAPPED, m->pass->x = UNMAPPED);
	EXPECT_BAD(MOE_END, -EFAULT, RILL_FAULT_READ, UNMAPPED, m->pass->silu = UNMAPPED);
}

/* Written when the streams are through: only PASS_END fails. */
#define EXPECT_BAD_WRITE(wanted_detail, change) do {			\
	struct drm_rill_job_result results[MOE_JOBS] = { 0 };		\
	struct moe *m = &self->m;					\
									\
	moe_build(m, &self->r);						\
	change;								\
	ASSERT_EQ(0, RUN(results));					\
	EXPECT_EQ(0, results[0].error);					\
	EXPECT_EQ(0, results[1].error);					\
	EXPECT_EQ(0, results[2].error);					\
	EXPECT_EQ(-EFAULT, results[MOE_END].error);			\
	EXPECT_EQ(RILL_FAULT_WRITE, results[MOE_END].status);		\
	EXPECT_EQ((__u64)(wanted_detail), results[MOE_END].detail) {	\
		TH_LOG("%s", #change);					\
	}								\
} while (0)

TEST_F(bad, outputs)
{
	__u64 readonly = self->readonly_va;

	EXPECT_BAD_WRITE(UNMAPPED, m->pass->out = UNMAPPED);
	EXPECT_BAD_WRITE(UNMAPPED, m->pass->report = UNMAPPED);
	EXPECT_BAD_WRITE(UNMAPPED, m->pass->timeline = UNMAPPED; m->pass->timeline_entries = 9);
	EXPECT_BAD_WRITE(readonly, m->pass->out = readonly);
	EXPECT_BAD_WRITE(readonly + 64, m->pass->report = readonly + 64);
	EXPECT_EQ(self->readonly.size, rill_same_bytes(self->readonly.map, self->readonly.size, 0));
}

TEST_F(bad, sram)
{
	struct drm_rill_job_result results[MOE_JOBS] = { 0 };
	struct moe *m = &self->m;

	/* As many slots as do not fit */
	m->pass->slots = 65535;
	ASSERT_EQ(0, RUN(results));
	EXPECT_EQ(-ENOSPC, results[MOE_END].error);
	EXPECT_EQ(RILL_SRAM_TOO_SMALL, results[MOE_END].status);
	EXPECT_LT(self->r.chip.sram_bytes, results[MOE_END].detail);
	/* Too few for slices that move: one to hold them, one to escape */
	if (rill_chiplets(&self->r) > 1) {
		EXPECT_BAD(MOE_END, -EINVAL, RILL_BAD_FIELD, PASS(slots), m->pass->slots = 1);
	}
	moe_build(m, &self->r);
	m->pass->slots = 2;
	ASSERT_EQ(0, RUN(results));
	EXPECT_EQ(0, results[MOE_END].error);
	EXPECT_TRUE(moe_correct(m));
}

/* --- jobs in the wrong place --- */

static struct drm_rill_job_result one(struct rill *r, struct io_uring *ring,
				      struct drm_rill_job job)
{
	struct drm_rill_job_result result = { .error = 1 };

	run_pass(r, ring, &job, 1, &result);
	return result;
}

#define EXPECT_STATUS(wanted_error, wanted_status, job) do {		\
	struct drm_rill_job_result _r = one(&self->r, RING, job);	\
	EXPECT_EQ(wanted_error, _r.error);				\
	EXPECT_EQ(wanted_status, _r.status);				\
} while (0)

TEST_F(bad, no_pass)
{
	EXPECT_STATUS(-EINVAL, RILL_NO_PASS, self->m.jobs[1]);
	EXPECT_STATUS(-EINVAL, RILL_NO_PASS, self->m.jobs[MOE_END]);
	EXPECT_STATUS(-EINVAL, RILL_NO_PASS, self->m.jobs[2]);
}

/* In an open pass only STREAM, PASS_END and NOP have a place; the others do not hurt it. */
TEST_F(bad, pass_open)
{
	struct drm_rill_job fill, copy, nop = rill_job(RILL_OP_NOP, 0);
	struct drm_rill_job_result results[MOE_JOBS];
	__u64 seqno;

	fill = rill_job_fill(&self->r, self->readonly.va, 64, 1, 1);
	copy = rill_job_copy(&self->r, self->readonly.va, self->r.arena.va, 64);
	EXPECT_STATUS(0, 0, self->m.jobs[0]);
	EXPECT_STATUS(-EINVAL, RILL_PASS_OPEN, self->m.jobs[0]);
	EXPECT_STATUS(-EINVAL, RILL_PASS_OPEN, fill);
	ASSERT_EQ(0, rill_submit(self->r.fd, self->r.queue, self->m.jobs + 1, 2, &seqno));
	EXPECT_STATUS(-EINVAL, RILL_PASS_OPEN, copy);
	EXPECT_STATUS(0, 0, nop);
	EXPECT_STATUS(-EINVAL, RILL_BAD_OPCODE, rill_job(0xffff, 0));
	EXPECT_STATUS(0, 0, self->m.jobs[MOE_END]);
	EXPECT_EQ(0, rill_wait(self->r.fd, self->r.queue, seqno, 2, 0, results));
	EXPECT_EQ(0, results[0].error);
	EXPECT_EQ(0, results[1].error);
	EXPECT_TRUE(moe_correct(&self->m));
	EXPECT_EQ(RILL_PAGE, rill_same_bytes(self->readonly.map, RILL_PAGE, 0));
}

/* A pass that has failed is over with its PASS_END, or with the next PASS_BEGIN. */
TEST_F(bad, after_a_failure)
{
	struct drm_rill_job_result results[MOE_JOBS];
	struct drm_rill_job broken = self->m.jobs[1];

	broken.addr = UNMAPPED;
	EXPECT_STATUS(0, 0, self->m.jobs[0]);
	EXPECT_STATUS(-EFAULT, RILL_FAULT_READ, broken);
	EXPECT_STATUS(-ECANCELED, RILL_PASS_FAILED, self->m.jobs[1]);
	EXPECT_STATUS(-ECANCELED, RILL_PASS_FAILED, self->m.jobs[MOE_END]);
	EXPECT_STATUS(-EINVAL, RILL_NO_PASS, self->m.jobs[MOE_END]);

	EXPECT_STATUS(0, 0, self->m.jobs[0]);
	EXPECT_STATUS(-EFAULT, RILL_FAULT_READ, broken);
	ASSERT_EQ(0, RUN(results));
	EXPECT_EQ(0, results[0].error);
	EXPECT_EQ(0, results[MOE_END].error);
	EXPECT_TRUE(moe_correct(&self->m));
}

/* Without a stream there is nothing to compute: zero. */
TEST_F(bad, empty)
{
	EXPECT_STATUS(0, 0, self->m.jobs[0]);
	EXPECT_STATUS(0, 0, self->m.jobs[MOE_END]);
	EXPECT_EQ(MOE_OUT_BYTES, rill_same_bytes(self->m.out, MOE_OUT_BYTES, 0));
}

/* A vector tells which job is to blame, not who suffers from it. */
TEST_F(bad, vector)
{
	struct rill_end end;

	self->m.stream[1]->width = 0;
	rill_sqe_jobs(&self->ring, self->r.fd, self->r.queue, self->m.jobs, MOE_JOBS, 0);
	ASSERT_EQ(0, rill_uring_one(&self->ring, &end));
	EXPECT_EQ(-EINVAL, end.res);
	EXPECT_EQ(RILL_BAD_FIELD, end.extra1);
	EXPECT_EQ(STREAM(width), end.extra2);
}

/* A context that may use some chiplets only */
TEST_F(bad, confined)
{
	struct drm_rill_channel_info channels[RILL_MAX_CHANNELS];
	struct drm_rill_job_result results[MOE_JOBS] = { 0 };
	struct moe *m = &self->m;
	struct rill r = self->r;
	unsigned int e, s, t;

	if (rill_chiplets(&r) < 2 || r.chip.channels < 2)
		SKIP(return, "the chip is too small");
	ASSERT_LE(0, rill_query(r.fd, DRM_RILL_QUERY_CHANNELS, channels, sizeof(channels)));
	ASSERT_EQ(0, rill_ctx_create(r.fd, 1ULL << channels[0].chiplet, &r.ctx));
	ASSERT_EQ(0, rill_queue_create(r.fd, r.ctx, DEPTH, &r.queue));
	ASSERT_EQ(0, rill_map(r.fd, r.ctx, r.arena.handle, 0, r.arena.va, 0, r.arena.size));
	for (s = 0; s < r.chip.channels; s++)
		ASSERT_EQ(0, rill_map(r.fd, r.ctx, m->ddr[s].handle, 0, m->ddr[s].va, 0,
				      m->ddr[s].size));

	/* Homes elsewhere */
	ASSERT_EQ(0, run_pass(&r, RING, m->jobs, MOE_JOBS, results));
	EXPECT_EQ(RILL_BAD_FIELD, results[0].status);
	EXPECT_EQ(PASS(homes), results[0].detail & 0xffff);

	/* Weights elsewhere */
	for (t = 0; t < MOE_TOKENS; t++)
		m->home[t] = channels[0].chiplet;
	ASSERT_EQ(0, run_pass(&r, RING, m->jobs, MOE_JOBS, results));
	EXPECT_EQ(0, results[0].error);
	EXPECT_EQ(RILL_BAD_PLACEMENT, results[1].status);
	EXPECT_EQ(ELEMENT(1, STREAM(slices)), results[1].detail);

	/* Computed elsewhere */
	for (e = 0; e < MOE_EXPERTS; e++) {
		memcpy(m->ddr[0].map, m->weights, sizeof(m->weights));
		for (s = 0; s < m->slices; s++)
			m->slice[e][s].weights = m->ddr[0].va + e * MOE_EXPERT +
						 m->slice[e][s].first * MOE_RECORD;
	}
	ASSERT_EQ(0, run_pass(&r, RING, m->jobs, MOE_JOBS, results));
	EXPECT_EQ(0, results[0].error);
	EXPECT_EQ(RILL_BAD_FIELD, results[1].status);
	EXPECT_EQ(STREAM(routes), results[1].detail & 0xffff);

	/* All at home: it works, and its links are not used. */
	for (e = 0; e < MOE_EXPERTS; e++)
		for (t = 0; t < m->stream[e]->route_count; t++)
			m->route[e][t].chiplet = channels[0].chiplet;
	ASSERT_EQ(0, run_pass(&r, RING, m->jobs, MOE_JOBS, results));
	EXPECT_EQ(0, results[MOE_END].error);
	EXPECT_TRUE(moe_correct(m));
	for (s = 0; s < r.chip.links; s++)
		EXPECT_EQ(0, m->report->link[s].bytes);
}

TEST_HARNESS_MAIN
