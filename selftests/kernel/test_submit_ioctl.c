// SPDX-License-Identifier: GPL-2.0
/* Jobs by DRM_IOCTL_RILL_SUBMIT and DRM_IOCTL_RILL_WAIT: what they do, how they fail. */
#include "rill_ndf_prog.h"
#include "rill_test.h"

#include <limits.h>
#include <pthread.h>

#define DEPTH		63
#define BO_BYTES	(1ULL << 20)
#define SEED		0x5eedULL
#define UNMAPPED	(1ULL << 45)

FIXTURE(submit)
{
	struct rill r;
	struct rill_buf system, ddr;
};

FIXTURE_SETUP(submit)
{
	ASSERT_EQ(0, rill_setup(&self->r, DEPTH));
	ASSERT_EQ(0, rill_buf_new(&self->r, DRM_RILL_SYSTEM, 0, BO_BYTES, &self->system));
	ASSERT_EQ(0, rill_buf_new(&self->r, DRM_RILL_DDR, 0, BO_BYTES, &self->ddr));
}

FIXTURE_TEARDOWN(submit)
{
	rill_teardown(&self->r);
}

/* How a single job ended */
static struct drm_rill_job_result run_one(struct rill *r, struct drm_rill_job job)
{
	struct drm_rill_job_result result = { .error = 1 };

	rill_run(r, &job, 1, &result);
	return result;
}

#define EXPECT_RESULT(wanted_error, wanted_status, wanted_detail, job) do { \
	struct drm_rill_job_result _r = run_one(&self->r, job);		\
	EXPECT_EQ(wanted_error, _r.error);				\
	EXPECT_EQ(wanted_status, _r.status);				\
	EXPECT_EQ(wanted_detail, _r.detail);				\
} while (0)

/* --- jobs that work --- */

TEST_F(submit, nop)
{
	EXPECT_RESULT(0, RILL_OK, 0, rill_job(RILL_OP_NOP, 0));
}

TEST_F(submit, fill)
{
	struct rill_buf *bufs[] = { &self->system, &self->ddr };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bufs); i++) {
		EXPECT_RESULT(0, RILL_OK, 0,
			      rill_job_fill(&self->r, bufs[i]->va, BO_BYTES, SEED, 1ULL << 40));
		EXPECT_EQ(BO_BYTES, rill_pattern_bytes(bufs[i]->map, BO_BYTES, SEED, 1ULL << 40));
		/* In its midst, and nothing beside it */
		EXPECT_RESULT(0, RILL_OK, 0,
			      rill_job_fill(&self->r, bufs[i]->va + 4088, 16, SEED + 1, 0));
		EXPECT_EQ(4088, rill_pattern_bytes(bufs[i]->map, BO_BYTES, SEED, 1ULL << 40));
		EXPECT_EQ(16, rill_pattern_bytes((char *)bufs[i]->map + 4088, 16, SEED + 1, 0));
		EXPECT_EQ(BO_BYTES - 4104,
			  rill_pattern_bytes((char *)bufs[i]->map + 4104, BO_BYTES - 4104, SEED,
					     (1ULL << 40) + 4104 / 8));
	}
}

TEST_F(submit, fill_ranges)
{
	struct rill_fill_range ranges[64];
	struct rill_fill fill = { .count = ARRAY_SIZE(ranges) };
	struct drm_rill_job job;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		ranges[i] = (struct rill_fill_range){
			.dst = (i % 2 ? self->system.va : self->ddr.va) + i * RILL_PAGE,
			.bytes = i * 64, .seed = i, .counter = ~0ULL - 3,
		};
	fill.ranges = rill_block(&self->r, ranges, sizeof(ranges));
	job = rill_job(RILL_OP_FILL, rill_block(&self->r, &fill, sizeof(fill)));
	EXPECT_RESULT(0, RILL_OK, 0, job);
	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		char *at = (char *)(i % 2 ? self->system.map : self->ddr.map) + i * RILL_PAGE;

		EXPECT_EQ(i * 64, rill_pattern_bytes(at, i * 64, i, ~0ULL - 3));
		EXPECT_EQ(RILL_PAGE - i * 64, rill_same_bytes(at + i * 64, RILL_PAGE - i * 64, 0));
	}
}

TEST_F(submit, fill_zero)
{
	struct rill_fill_range range = { self->ddr.va + RILL_PAGE, RILL_PAGE, 1, 1 };
	struct rill_fill fill = { .flags = RILL_FILL_ZERO, .count = 1 };

	memset(self->ddr.map, 0xff, 3 * RILL_PAGE);
	fill.ranges = rill_block(&self->r, &range, sizeof(range));
	EXPECT_RESULT(0, RILL_OK, 0,
		      rill_job(RILL_OP_FILL, rill_block(&self->r, &fill, sizeof(fill))));
	EXPECT_EQ(RILL_PAGE, rill_same_bytes(self->ddr.map, 3 * RILL_PAGE, 0xff));
	EXPECT_EQ(RILL_PAGE, rill_same_bytes((char *)self->ddr.map + RILL_PAGE, 2 * RILL_PAGE, 0));
}

/* Any alignment, in all directions between system memory and DDR */
TEST_F(submit, copy)
{
	static const struct {
		__u64 dst, src, bytes;
	} cases[] = {
		{ 0, 0, BO_BYTES / 2 }, { 1, 0, 1 }, { 0, 3, 4095 }, { 4095, 1, 2 },
		{ 7, 4090, 12345 }, { RILL_PAGE, 5, 64 * 1024 + 1 },
	};
	struct rill_buf *bufs[] = { &self->system, &self->ddr };
	unsigned int i, way;

	for (way = 0; way < 4; way++) {
		struct rill_buf *from = bufs[way % 2], *to = bufs[way / 2];
		/* Within one buffer: from its second half into its first */
		__u64 half = from == to ? BO_BYTES / 2 : 0;

		for (i = 0; i < ARRAY_SIZE(cases); i++) {
			char *src = (char *)from->map + half + cases[i].src;
			char *dst = (char *)to->map + cases[i].dst;
			__u64 n = cases[i].bytes;

			memset(to->map, 0x11, BO_BYTES / 2 + RILL_PAGE);
			rill_pattern_write((char *)from->map + half, BO_BYTES / 2, SEED + i, 0);
			EXPECT_RESULT(0, RILL_OK, 0,
				      rill_job_copy(&self->r, to->va + cases[i].dst,
						    from->va + half + cases[i].src, n));
			EXPECT_EQ(0, memcmp(src, dst, n)) {
				TH_LOG("way %u, case %u", way, i);
			}
			EXPECT_TRUE(!cases[i].dst || dst[-1] == 0x11);
			if (!half)
				EXPECT_EQ(0x11, dst[n]);
		}
		rill_arena_reset(&self->r);
	}
}

/* A later job of a vector sees what an earlier one did, and device time goes on. */
TEST_F(submit, vector_in_order)
{
	struct drm_rill_job_result results[DEPTH];
	struct drm_rill_job jobs[DEPTH];
	unsigned int i;

	for (i = 0; i < DEPTH; i++)
		jobs[i] = i ? rill_job_copy(&self->r, self->ddr.va + i * 512,
					    self->ddr.va + (i - 1) * 512, 512) :
			      rill_job_fill(&self->r, self->ddr.va, 512, SEED, 0);
	ASSERT_EQ(0, rill_run(&self->r, jobs, DEPTH, results));
	for (i = 0; i < DEPTH; i++) {
		EXPECT_EQ(0, results[i].error);
		EXPECT_EQ(RILL_OK, results[i].status);
		EXPECT_EQ(0, results[i].detail);
		EXPECT_LT(results[i].start_ps, results[i].end_ps);
		if (i)
			EXPECT_GE(results[i].start_ps, results[i - 1].end_ps);
		EXPECT_EQ(512, rill_pattern_bytes((char *)self->ddr.map + i * 512, 512, SEED, 0));
	}
}

TEST_F(submit, seqnos_are_consecutive)
{
	struct drm_rill_job jobs[DEPTH] = { 0 };
	struct drm_rill_job_result results[DEPTH];
	__u64 seqno, next = 0;
	unsigned int n;

	for (n = 1; n <= DEPTH; n += 7) {
		ASSERT_EQ(0, rill_submit(self->r.fd, self->r.queue, jobs, n, &seqno));
		if (next)
			EXPECT_EQ(next, seqno);
		next = seqno + n;
		ASSERT_EQ(0, rill_wait(self->r.fd, self->r.queue, seqno, n, -1, results));
	}
}

/* --- calls that are refused --- */

TEST_F(submit, bad_submit)
{
	struct drm_rill_job jobs[DEPTH + 1] = { 0 };
	int fd = self->r.fd;
	__u32 q = self->r.queue;

	EXPECT_ERRNO(ENOENT, rill_submit(fd, 0, jobs, 1, NULL));
	EXPECT_ERRNO(ENOENT, rill_submit(fd, q + 1, jobs, 1, NULL));
	EXPECT_ERRNO(ENOENT, rill_submit(fd, UINT32_MAX, jobs, 1, NULL));
	EXPECT_ERRNO(EINVAL, rill_submit(fd, q, jobs, 0, NULL));
	EXPECT_ERRNO(EINVAL, rill_submit(fd, q, jobs, DEPTH + 1, NULL));
	EXPECT_ERRNO(EINVAL, rill_submit(fd, q, jobs, UINT32_MAX, NULL));
	EXPECT_ERRNO(EFAULT, rill_submit(fd, q, NULL, 1, NULL));
	EXPECT_ERRNO(EFAULT, rill_submit(fd, q, (void *)(1UL << 63), DEPTH, NULL));
	EXPECT_ERRNO(EFAULT, rill_ioctl(fd, DRM_IOCTL_RILL_SUBMIT, NULL));
}

/* One bad job among good ones, at each end: none is accepted. */
TEST_F(submit, all_or_none)
{
	struct drm_rill_counters before, after;
	const unsigned int places[] = { 0, 5, 9 };
	struct drm_rill_job jobs[10];
	unsigned int i, field;

	ASSERT_EQ(0, rill_counters(self->r.fd, &before));
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		for (field = 0; field < 32; field++) {
			memset(jobs, 0, sizeof(jobs));
			if (field < 16)
				jobs[places[i]].flags = 1U << field;
			else
				jobs[places[i]].queue_id = 1U << (2 * (field - 16));
			EXPECT_ERRNO(EINVAL, rill_submit(self->r.fd, self->r.queue, jobs,
							 ARRAY_SIZE(jobs), NULL));
		}
	}
	ASSERT_EQ(0, rill_counters(self->r.fd, &after));
	EXPECT_EQ(before.jobs_submitted, after.jobs_submitted);
	EXPECT_EQ(before.submit_ioctls, after.submit_ioctls);
	EXPECT_EQ(before.doorbells, after.doorbells);
	EXPECT_EQ(before.hw_fetched, after.hw_fetched);
}

/* --- jobs that fail --- */

TEST_F(submit, bad_opcode)
{
	const __u16 opcodes[] = { RILL_OP_NDF + 1, 0x100, INT16_MAX, UINT16_MAX };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(opcodes); i++)
		EXPECT_RESULT(-EINVAL, RILL_BAD_OPCODE, opcodes[i], rill_job(opcodes[i], 0));
	if (!(self->r.chip.features & RILL_FEATURE_NDF))
		EXPECT_RESULT(-EINVAL, RILL_BAD_OPCODE, RILL_OP_NDF, rill_job(RILL_OP_NDF, 0));
}

TEST_F(submit, bad_addr)
{
	__u64 va = self->system.va;
	unsigned int i;

	EXPECT_RESULT(-EINVAL, RILL_BAD_FIELD, RILL_FIELD_ADDR, rill_job(RILL_OP_NOP, 8));
	EXPECT_RESULT(-EINVAL, RILL_BAD_FIELD, RILL_FIELD_ADDR, rill_job(RILL_OP_PASS_END, va));
	for (i = 1; i < 8; i++) {
		EXPECT_RESULT(-EINVAL, RILL_BAD_FIELD, RILL_FIELD_ADDR,
			      rill_job(RILL_OP_FILL, va + i));
		EXPECT_RESULT(-EINVAL, RILL_BAD_FIELD, RILL_FIELD_ADDR,
			      rill_job(RILL_OP_COPY, va + i));
		EXPECT_RESULT(-EINVAL, RILL_BAD_FIELD, RILL_FIELD_ADDR,
			      rill_job(RILL_OP_PASS_BEGIN, va + i));
		EXPECT_RESULT(-EINVAL, RILL_BAD_FIELD, RILL_FIELD_ADDR,
			      rill_job(RILL_OP_STREAM, va + i));
	}
	EXPECT_RESULT(-EFAULT, RILL_FAULT_READ, UNMAPPED, rill_job(RILL_OP_FILL, UNMAPPED));
	/* The block's end is on a page that is not there. */
	va = self->system.va + BO_BYTES;
	EXPECT_RESULT(-EFAULT, RILL_FAULT_READ, va, rill_job(RILL_OP_COPY, va - 8));
}

static struct drm_rill_job fill_job(struct rill *r, const struct rill_fill *like,
				    const struct rill_fill_range *ranges, unsigned int n)
{
	struct rill_fill fill = *like;

	rill_arena_reset(r);
	if (!fill.ranges)
		fill.ranges = rill_block(r, ranges, n * sizeof(*ranges));
	return rill_job(RILL_OP_FILL, rill_block(r, &fill, sizeof(fill)));
}

#define EXPECT_BAD_FILL(field, change) do {				\
	struct rill_fill fill = { .count = 3 };				\
	struct rill_fill_range ranges[3] = {				\
		{ self->ddr.va, 64, 1, 1 }, { self->ddr.va + 64, 64, 2, 2 }, \
		{ self->ddr.va + 128, 64, 3, 3 },			\
	};								\
	change;								\
	EXPECT_RESULT(-EINVAL, RILL_BAD_FIELD, field, fill_job(&self->r, &fill, ranges, 3)); \
} while (0)

TEST_F(submit, bad_fill)
{
	const __u64 element = offsetof(struct rill_fill, ranges);

	EXPECT_BAD_FILL(offsetof(struct rill_fill, flags), fill.flags = RILL_FILL_ZERO << 1);
	EXPECT_BAD_FILL(offsetof(struct rill_fill, flags), fill.flags = 1U << 31);
	EXPECT_BAD_FILL(offsetof(struct rill_fill, count), fill.count = 0);
	EXPECT_BAD_FILL(offsetof(struct rill_fill, count), fill.count = RILL_MAX_FILL_RANGES + 1);
	EXPECT_BAD_FILL(offsetof(struct rill_fill, count), fill.count = UINT32_MAX);
	EXPECT_BAD_FILL(element, ranges[0].dst++);
	EXPECT_BAD_FILL(1 << 16 | element, ranges[1].dst += 4);
	EXPECT_BAD_FILL(2 << 16 | element, ranges[2].bytes = 7);
	EXPECT_BAD_FILL(2 << 16 | element, ranges[2].bytes = (4ULL << 30) + 8);
	EXPECT_BAD_FILL(1 << 16 | element, ranges[1].bytes = UINT64_MAX - 7);
	/* A malformed fill does nothing at all. */
	EXPECT_EQ(BO_BYTES, rill_same_bytes(self->ddr.map, BO_BYTES, 0));
}

TEST_F(submit, fill_faults)
{
	struct rill_fill_range ranges[2] = {
		{ self->ddr.va, 64, SEED, 0 }, { UNMAPPED, 64, SEED, 0 },
	};
	struct rill_fill fill = { .count = 2 };

	EXPECT_RESULT(-EFAULT, RILL_FAULT_WRITE, UNMAPPED,
		      fill_job(&self->r, &fill, ranges, 2));
	ranges[1].dst = self->ddr.va + BO_BYTES - 64;
	ranges[1].bytes = 128;
	EXPECT_RESULT(-EFAULT, RILL_FAULT_WRITE, self->ddr.va + BO_BYTES,
		      fill_job(&self->r, &fill, ranges, 2));
	fill.ranges = UNMAPPED;
	EXPECT_RESULT(-EFAULT, RILL_FAULT_READ, UNMAPPED, fill_job(&self->r, &fill, ranges, 2));
}

static struct drm_rill_job copy_job(struct rill *r, const struct rill_copy *copy)
{
	rill_arena_reset(r);
	return rill_job(RILL_OP_COPY, rill_block(r, copy, sizeof(*copy)));
}

#define EXPECT_BAD_COPY(wanted_error, wanted_status, wanted_detail, change) do { \
	struct rill_copy copy = {					\
		.dst = self->ddr.va, .src = self->system.va, .bytes = RILL_PAGE, \
	};								\
	change;								\
	EXPECT_RESULT(wanted_error, wanted_status, wanted_detail, copy_job(&self->r, &copy)); \
} while (0)

TEST_F(submit, bad_copy)
{
	const __u64 bytes = offsetof(struct rill_copy, bytes), dst = offsetof(struct rill_copy, dst);
	const __u64 reserved = offsetof(struct rill_copy, reserved);

	memset(self->system.map, 0xff, BO_BYTES);
	EXPECT_BAD_COPY(-EINVAL, RILL_BAD_FIELD, bytes, copy.bytes = 0);
	EXPECT_BAD_COPY(-EINVAL, RILL_BAD_FIELD, bytes, copy.bytes = (4ULL << 30) + 1);
	EXPECT_BAD_COPY(-EINVAL, RILL_BAD_FIELD, bytes, copy.bytes = UINT64_MAX);
	EXPECT_BAD_COPY(-EINVAL, RILL_BAD_RESERVED, reserved, copy.reserved = 1);
	EXPECT_BAD_COPY(-EINVAL, RILL_BAD_RESERVED, reserved, copy.reserved = 1ULL << 63);
	/* Ranges that overlap: the same, by a byte, from either side */
	EXPECT_BAD_COPY(-EINVAL, RILL_BAD_FIELD, dst, copy.src = copy.dst);
	EXPECT_BAD_COPY(-EINVAL, RILL_BAD_FIELD, dst, copy.src = copy.dst + RILL_PAGE - 1);
	EXPECT_BAD_COPY(-EINVAL, RILL_BAD_FIELD, dst,
			copy.src = copy.dst; copy.dst += RILL_PAGE - 1);
	EXPECT_BAD_COPY(-EFAULT, RILL_FAULT_READ, UNMAPPED, copy.src = UNMAPPED);
	EXPECT_BAD_COPY(-EFAULT, RILL_FAULT_WRITE, UNMAPPED, copy.dst = UNMAPPED);
	EXPECT_EQ(BO_BYTES, rill_same_bytes(self->ddr.map, BO_BYTES, 0));
	/* The neighbours are fine. */
	EXPECT_BAD_COPY(0, RILL_OK, 0, copy.src = copy.dst + RILL_PAGE);
}

/* Each kind of failure in one vector; the jobs between them do not care. */
TEST_F(submit, failures_are_alone)
{
	struct drm_rill_job_result results[9];
	struct drm_rill_job jobs[9];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(jobs); i += 2)
		jobs[i] = rill_job_fill(&self->r, self->ddr.va + i * RILL_PAGE, RILL_PAGE, i, 0);
	jobs[1] = rill_job(UINT16_MAX, 0);
	jobs[3] = rill_job_fill(&self->r, UNMAPPED, 8, 1, 0);
	jobs[5] = rill_job(RILL_OP_PASS_END, 0);
	jobs[7] = rill_job_copy(&self->r, self->ddr.va, UNMAPPED + RILL_PAGE, 8);
	ASSERT_EQ(0, rill_run(&self->r, jobs, ARRAY_SIZE(jobs), results));
	for (i = 0; i < ARRAY_SIZE(jobs); i += 2) {
		EXPECT_EQ(0, results[i].error);
		EXPECT_EQ(RILL_PAGE, rill_pattern_bytes((char *)self->ddr.map + i * RILL_PAGE,
							RILL_PAGE, i, 0));
	}
	EXPECT_EQ(-EINVAL, results[1].error);
	EXPECT_EQ(RILL_BAD_OPCODE, results[1].status);
	EXPECT_EQ(-EFAULT, results[3].error);
	EXPECT_EQ(UNMAPPED, results[3].detail);
	EXPECT_EQ(-EINVAL, results[5].error);
	EXPECT_EQ(RILL_NO_PASS, results[5].status);
	EXPECT_EQ(-EFAULT, results[7].error);
	EXPECT_EQ(RILL_FAULT_READ, results[7].status);
	EXPECT_EQ(UNMAPPED + RILL_PAGE, results[7].detail);
}

/* --- WAIT --- */

TEST_F(submit, bad_wait)
{
	struct drm_rill_job jobs[DEPTH] = { 0 };
	struct drm_rill_job_result results[2 * DEPTH];
	int fd = self->r.fd;
	__u32 q = self->r.queue;
	__u64 seqno;

	/* Nothing has been submitted yet. */
	EXPECT_ERRNO(ENOENT, rill_wait(fd, q, 1, 1, 0, results));
	ASSERT_EQ(0, rill_submit(fd, q, jobs, DEPTH, &seqno));
	ASSERT_EQ(0, rill_wait(fd, q, seqno, DEPTH, -1, results));

	EXPECT_ERRNO(ENOENT, rill_wait(fd, 0, seqno, 1, 0, results));
	EXPECT_ERRNO(ENOENT, rill_wait(fd, q + 1, seqno, 1, 0, results));
	EXPECT_ERRNO(EINVAL, rill_wait(fd, q, seqno, 0, 0, results));
	EXPECT_ERRNO(EINVAL, rill_wait(fd, q, seqno, DEPTH + 1, 0, results));
	EXPECT_ERRNO(EINVAL, rill_wait(fd, q, seqno, UINT32_MAX, 0, results));
	EXPECT_ERRNO(ENOENT, rill_wait(fd, q, seqno + 1, DEPTH, 0, results));
	EXPECT_ERRNO(ENOENT, rill_wait(fd, q, seqno + DEPTH, 1, -1, results));
	EXPECT_ERRNO(ENOENT, rill_wait(fd, q, seqno - 1, 1, -1, results));
	EXPECT_ERRNO(ENOENT, rill_wait(fd, q, 0, 1, -1, results));
	EXPECT_ERRNO(ENOENT, rill_wait(fd, q, UINT64_MAX, 1, -1, results));
	EXPECT_ERRNO(ENOENT, rill_wait(fd, q, UINT64_MAX, 2, -1, results));
	EXPECT_ERRNO(ENOENT, rill_wait(fd, q, 1ULL << 63, 1, -1, results));
	EXPECT_ERRNO(EFAULT, rill_wait(fd, q, seqno, 1, 0, NULL));
	EXPECT_ERRNO(EFAULT, rill_wait(fd, q, seqno, 1, 0, (void *)(1UL << 63)));
	EXPECT_ERRNO(EFAULT, rill_ioctl(fd, DRM_IOCTL_RILL_WAIT, NULL));
}

/* The results of the last 2 * depth jobs are kept, as often as they are asked for. */
TEST_F(submit, results_are_kept)
{
	struct drm_rill_job_result results[DEPTH];
	struct drm_rill_job jobs[DEPTH];
	__u64 first = 0, seqno;
	unsigned int i, round;

	for (i = 0; i < DEPTH; i++)
		jobs[i] = rill_job(i % 3 ? RILL_OP_NOP : UINT16_MAX - i, 0);
	for (round = 0; round < 3; round++) {
		ASSERT_EQ(0, rill_submit(self->r.fd, self->r.queue, jobs, DEPTH, &seqno));
		ASSERT_EQ(0, rill_wait(self->r.fd, self->r.queue, seqno, DEPTH, -1, results));
		if (round == 1)
			first = seqno;
	}
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 2 * DEPTH; i++) {
			unsigned int which = i % DEPTH;

			ASSERT_EQ(0, rill_wait(self->r.fd, self->r.queue, first + i, 1, 0,
					       results));
			EXPECT_EQ(which % 3 ? 0 : -EINVAL, results[0].error);
			EXPECT_EQ(which % 3 ? 0 : UINT16_MAX - which, results[0].detail);
		}
	}
	EXPECT_ERRNO(ENOENT, rill_wait(self->r.fd, self->r.queue, first - 1, 1, 0, results));
}

/* Results go where they belong and nowhere else. */
TEST_F(submit, results_bounds)
{
	struct drm_rill_job_result results[5];
	struct drm_rill_job jobs[3] = { 0 };

	memset(results, 0xa5, sizeof(results));
	ASSERT_EQ(0, rill_run(&self->r, jobs, 3, results + 1));
	EXPECT_EQ(sizeof(results[0]), rill_same_bytes(&results[0], sizeof(results[0]), 0xa5));
	EXPECT_EQ(sizeof(results[0]), rill_same_bytes(&results[4], sizeof(results[0]), 0xa5));
	EXPECT_EQ(0, results[1].error);
	EXPECT_EQ(0, results[3].error);
}

/* An open pass: jobs that stay in flight until they are told otherwise. */
static struct drm_rill_job pass_begin(struct rill *r)
{
	__le16 home = 0;
	struct rill_pass pass = {
		.flags = RILL_PASS_TIMING_ONLY, .tokens = 1, .hidden = 8,
		.homes = rill_block(r, &home, sizeof(home)),
	};

	return rill_job(RILL_OP_PASS_BEGIN, rill_block(r, &pass, sizeof(pass)));
}

static struct drm_rill_job stream(struct rill *r, __u64 weights)
{
	struct rill_slice slice = { .weights = weights, .records = 1, .pin = RILL_NO_PIN };
	struct rill_route route = { .weight = 1 };
	struct rill_stream block = {
		.width = 1, .slice_count = 1, .route_count = 1,
		.slices = rill_block(r, &slice, sizeof(slice)),
		.routes = rill_block(r, &route, sizeof(route)),
	};

	return rill_job(RILL_OP_STREAM, rill_block(r, &block, sizeof(block)));
}

TEST_F(submit, wait_times_out)
{
	struct drm_rill_job jobs[] = { pass_begin(&self->r), stream(&self->r, self->ddr.va) };
	struct drm_rill_job end = rill_job(RILL_OP_PASS_END, 0);
	struct drm_rill_job_result results[3];
	__s64 start;
	__u64 seqno;

	ASSERT_EQ(0, rill_submit(self->r.fd, self->r.queue, jobs, 2, &seqno));
	EXPECT_EQ(0, rill_wait(self->r.fd, self->r.queue, seqno, 1, RILL_PATIENCE, results));
	EXPECT_EQ(0, results[0].error);

	/* A poll comes back at once, a timeout when its time is over. */
	start = rill_now();
	EXPECT_ERRNO(ETIME, rill_wait(self->r.fd, self->r.queue, seqno + 1, 1, 0, results));
	EXPECT_GT(RILL_SECOND, rill_now() - start);
	start = rill_now();
	EXPECT_ERRNO(ETIME, rill_wait(self->r.fd, self->r.queue, seqno, 2, RILL_SECOND / 5,
				      results));
	EXPECT_LE(RILL_SECOND / 5, rill_now() - start);
	EXPECT_GT(5 * RILL_SECOND, rill_now() - start);

	/* Once it ends, it is there. */
	ASSERT_EQ(0, rill_submit(self->r.fd, self->r.queue, &end, 1, NULL));
	ASSERT_EQ(0, rill_wait(self->r.fd, self->r.queue, seqno, 3, LLONG_MAX, results));
	EXPECT_EQ(0, results[1].error);
	EXPECT_EQ(0, results[2].error);
}

static void *end_soon(void *arg)
{
	struct drm_rill_job end = rill_job(RILL_OP_PASS_END, 0);
	struct rill *r = arg;

	rill_sleep_ms(200);
	return (void *)(long)rill_submit(r->fd, r->queue, &end, 1, NULL);
}

/* A waiter sleeps until another thread's jobs have come and gone. */
TEST_F(submit, wait_sleeps)
{
	struct drm_rill_job jobs[] = { pass_begin(&self->r), stream(&self->r, self->ddr.va) };
	struct drm_rill_job_result results[2];
	pthread_t thread;
	void *err;
	__s64 start = rill_now();
	__u64 seqno;

	ASSERT_EQ(0, rill_submit(self->r.fd, self->r.queue, jobs, 2, &seqno));
	ASSERT_EQ(0, pthread_create(&thread, NULL, end_soon, &self->r));
	EXPECT_EQ(0, rill_wait(self->r.fd, self->r.queue, seqno, 2, -1, results));
	EXPECT_LE(RILL_SECOND / 5, rill_now() - start);
	EXPECT_EQ(0, results[1].error);
	ASSERT_EQ(0, pthread_join(thread, &err));
	EXPECT_EQ(NULL, err);
}

/* depth jobs fit and not one more, until one has ended. */
TEST_F(submit, busy_when_full)
{
	struct drm_rill_job jobs[DEPTH], nop = rill_job(RILL_OP_NOP, 0);
	struct drm_rill_job_result results[DEPTH];
	__u64 seqno, more = 0;
	unsigned int i;

	/* The pass has begun, so PASS_BEGIN is over: room for as many streams as there is. */
	jobs[0] = pass_begin(&self->r);
	ASSERT_EQ(0, rill_run(&self->r, jobs, 1, results));
	ASSERT_EQ(0, results[0].error);
	for (i = 0; i < DEPTH; i++)
		jobs[i] = stream(&self->r, self->ddr.va);

	ASSERT_EQ(0, rill_submit(self->r.fd, self->r.queue, jobs, DEPTH - 1, &seqno));
	EXPECT_ERRNO(EBUSY, rill_submit(self->r.fd, self->r.queue, jobs, 2, NULL));
	ASSERT_EQ(0, rill_submit(self->r.fd, self->r.queue, jobs, 1, NULL));
	EXPECT_ERRNO(EBUSY, rill_submit(self->r.fd, self->r.queue, &nop, 1, NULL));
	EXPECT_ERRNO(EBUSY, rill_submit(self->r.fd, self->r.queue, jobs, DEPTH, NULL));
	EXPECT_ERRNO(EINVAL, rill_submit(self->r.fd, self->r.queue, jobs, DEPTH + 1, NULL));
	EXPECT_ERRNO(ETIME, rill_wait(self->r.fd, self->r.queue, seqno, DEPTH, 0, results));

	/* A refused job has no number. */
	EXPECT_ERRNO(ENOENT, rill_wait(self->r.fd, self->r.queue, seqno + DEPTH, 1, 0, results));
	/* It is this queue that is full, not the chip. */
	ASSERT_EQ(0, rill_queue_create(self->r.fd, self->r.ctx, 1, &self->r.queue));
	EXPECT_EQ(0, rill_submit(self->r.fd, self->r.queue, &nop, 1, &more));
	EXPECT_EQ(0, rill_wait(self->r.fd, self->r.queue, more, 1, RILL_PATIENCE, results));
}

/* Two queues of a context do not wait for each other, nor mix up their passes. */
TEST_F(submit, queues_are_independent)
{
	struct drm_rill_job jobs[] = { pass_begin(&self->r), stream(&self->r, self->ddr.va) };
	struct drm_rill_job end = rill_job(RILL_OP_PASS_END, 0);
	struct drm_rill_job_result results[2];
	struct rill other = self->r;
	__u64 seqno;

	ASSERT_EQ(0, rill_submit(self->r.fd, self->r.queue, jobs, 2, &seqno));
	ASSERT_EQ(0, rill_queue_create(self->r.fd, self->r.ctx, DEPTH, &other.queue));
	EXPECT_EQ(0, rill_run_job(&other, rill_job_fill(&other, self->system.va, 64, SEED, 0)));
	ASSERT_EQ(0, rill_run(&other, &end, 1, results));
	EXPECT_EQ(RILL_NO_PASS, results[0].status);
	EXPECT_ERRNO(ETIME, rill_wait(self->r.fd, self->r.queue, seqno, 2, 0, results));
	EXPECT_EQ(0, rill_run_job(&self->r, end));
	EXPECT_EQ(0, rill_wait(self->r.fd, self->r.queue, seqno, 2, RILL_PATIENCE, results));
	EXPECT_EQ(0, results[1].error);
}

/* --- syncobjs --- */

static int syncobj_create(int fd, __u32 flags, __u32 *handle)
{
	struct drm_syncobj_create create = { .flags = flags };
	int err = rill_ioctl(fd, DRM_IOCTL_SYNCOBJ_CREATE, &create);

	*handle = create.handle;
	return err;
}

static int syncobj_wait(int fd, __u32 handle, __s64 timeout_ns)
{
	struct drm_syncobj_wait wait = {
		.handles = rill_ptr(&handle), .count_handles = 1,
		.timeout_nsec = rill_now() + timeout_ns,
	};

	return rill_ioctl(fd, DRM_IOCTL_SYNCOBJ_WAIT, &wait);
}

static int submit_sync(struct rill *r, const struct drm_rill_job *jobs, __u32 n, __u32 in,
		       __u32 out, __u64 *seqno)
{
	struct drm_rill_submit submit = {
		.queue_id = r->queue, .job_count = n, .jobs = rill_ptr(jobs),
		.in_syncobj = in, .out_syncobj = out,
	};
	int err = rill_ioctl(r->fd, DRM_IOCTL_RILL_SUBMIT, &submit);

	*seqno = submit.seqno;
	return err;
}

TEST_F(submit, syncobj_out)
{
	struct drm_rill_job jobs[] = {
		pass_begin(&self->r), stream(&self->r, self->ddr.va), rill_job(RILL_OP_PASS_END, 0),
	};
	__u32 sync;
	__u64 seqno;

	ASSERT_EQ(0, syncobj_create(self->r.fd, 0, &sync));
	/* What waits for the end of a pass may wait for ever: no fence may. */
	EXPECT_ERRNO(EINVAL, submit_sync(&self->r, jobs, 2, 0, sync, &seqno));
	/* It is the last job that counts. */
	ASSERT_EQ(0, submit_sync(&self->r, jobs, 3, 0, sync, &seqno));
	EXPECT_EQ(0, syncobj_wait(self->r.fd, sync, RILL_PATIENCE));
}

TEST_F(submit, syncobj_chain)
{
	struct drm_rill_job_result result;
	struct drm_rill_job job;
	__u32 syncs[5];
	__u64 seqnos[5];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(syncs); i++) {
		ASSERT_EQ(0, syncobj_create(self->r.fd, 0, &syncs[i]));
		job = i ? rill_job_copy(&self->r, self->ddr.va + i * RILL_PAGE,
					self->ddr.va + (i - 1) * RILL_PAGE, RILL_PAGE) :
			  rill_job_fill(&self->r, self->ddr.va, RILL_PAGE, SEED, 0);
		/* Each on a queue of its own, so that only the fence orders them */
		ASSERT_EQ(0, rill_queue_create(self->r.fd, self->r.ctx, 1, &self->r.queue));
		ASSERT_EQ(0, submit_sync(&self->r, &job, 1, i ? syncs[i - 1] : 0, syncs[i],
					 &seqnos[i]));
	}
	EXPECT_EQ(0, syncobj_wait(self->r.fd, syncs[4], RILL_PATIENCE));
	EXPECT_EQ(0, rill_wait(self->r.fd, self->r.queue, seqnos[4], 1, 0, &result));
	EXPECT_EQ(0, result.error);
	EXPECT_EQ(RILL_PAGE, rill_pattern_bytes((char *)self->ddr.map + 4 * RILL_PAGE, RILL_PAGE,
						SEED, 0));
}

struct late {
	struct rill *r;
	__u32 sync;
};

static void *submit_behind(void *arg)
{
	struct drm_rill_job nop = rill_job(RILL_OP_NOP, 0);
	struct late *late = arg;
	struct rill other = *late->r;
	__u64 seqno;
	int err = rill_queue_create(other.fd, other.ctx, 1, &other.queue);

	if (!err)
		err = submit_sync(&other, &nop, 1, late->sync, 0, &seqno);
	return (void *)(long)err;
}

/* in_syncobj holds a submission back until its fence signals. */
TEST_F(submit, syncobj_in)
{
	struct drm_rill_job endless = prog_endless_job(&self->r);
	struct drm_rill_counters before, after;
	struct late late = { .r = &self->r };
	pthread_t thread;
	__u64 seqno;
	void *err;

	ASSERT_EQ(0, syncobj_create(self->r.fd, 0, &late.sync));
	ASSERT_EQ(0, submit_sync(&self->r, &endless, 1, 0, late.sync, &seqno));
	ASSERT_EQ(0, rill_counters(self->r.fd, &before));
	ASSERT_EQ(0, pthread_create(&thread, NULL, submit_behind, &late));
	rill_sleep_ms(300);
	ASSERT_EQ(0, rill_counters(self->r.fd, &after));
	EXPECT_EQ(before.jobs_submitted, after.jobs_submitted);

	ASSERT_EQ(0, rill_queue_destroy(self->r.fd, self->r.queue));
	ASSERT_EQ(0, pthread_join(thread, &err));
	EXPECT_EQ(NULL, err);
	ASSERT_EQ(0, rill_counters(self->r.fd, &after));
	EXPECT_EQ(before.jobs_submitted + 1, after.jobs_submitted);
}

TEST_F(submit, syncobj_signaled_in)
{
	struct drm_rill_job nop = rill_job(RILL_OP_NOP, 0);
	struct drm_rill_job_result result;
	__u32 sync;
	__u64 seqno;

	ASSERT_EQ(0, syncobj_create(self->r.fd, DRM_SYNCOBJ_CREATE_SIGNALED, &sync));
	ASSERT_EQ(0, submit_sync(&self->r, &nop, 1, sync, sync, &seqno));
	EXPECT_EQ(0, rill_wait(self->r.fd, self->r.queue, seqno, 1, RILL_PATIENCE, &result));
	EXPECT_EQ(0, syncobj_wait(self->r.fd, sync, RILL_PATIENCE));
}

TEST_F(submit, bad_syncobj)
{
	struct drm_rill_job nop = rill_job(RILL_OP_NOP, 0);
	struct drm_rill_counters before, after;
	__u32 empty;
	__u64 seqno;

	ASSERT_EQ(0, rill_counters(self->r.fd, &before));
	EXPECT_ERRNO(ENOENT, submit_sync(&self->r, &nop, 1, 4711, 0, &seqno));
	EXPECT_ERRNO(ENOENT, submit_sync(&self->r, &nop, 1, 0, 4711, &seqno));
	/* One without a fence */
	ASSERT_EQ(0, syncobj_create(self->r.fd, 0, &empty));
	EXPECT_ERRNO(EINVAL, submit_sync(&self->r, &nop, 1, empty, 0, &seqno));
	ASSERT_EQ(0, rill_counters(self->r.fd, &after));
	EXPECT_EQ(before.jobs_submitted, after.jobs_submitted);
}

/* The fence is refused when the submission is: the syncobj stays empty. */
TEST_F(submit, syncobj_of_refused)
{
	struct drm_rill_job bad = { .opcode = RILL_OP_NOP, .flags = 1 };
	__u32 sync;
	__u64 seqno;

	ASSERT_EQ(0, syncobj_create(self->r.fd, 0, &sync));
	EXPECT_ERRNO(EINVAL, submit_sync(&self->r, &bad, 1, 0, sync, &seqno));
	EXPECT_ERRNO(EINVAL, syncobj_wait(self->r.fd, sync, 0));
}

/* A failed job signals as well. */
TEST_F(submit, syncobj_of_failed)
{
	struct drm_rill_job bad = rill_job(UINT16_MAX, 0);
	struct drm_rill_job_result result;
	__u32 sync;
	__u64 seqno;

	ASSERT_EQ(0, syncobj_create(self->r.fd, 0, &sync));
	ASSERT_EQ(0, submit_sync(&self->r, &bad, 1, 0, sync, &seqno));
	EXPECT_EQ(0, syncobj_wait(self->r.fd, sync, RILL_PATIENCE));
	EXPECT_EQ(0, rill_wait(self->r.fd, self->r.queue, seqno, 1, 0, &result));
	EXPECT_EQ(-EINVAL, result.error);
}

TEST_HARNESS_MAIN
