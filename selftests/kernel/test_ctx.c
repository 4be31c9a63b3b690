// SPDX-License-Identifier: GPL-2.0
/* Contexts, their address spaces, and queues as objects. */
#include "rill_test.h"

#define BO_BYTES	(1ULL << 20)
#define SEED		0xc0ffeeULL

FIXTURE(ctx)
{
	struct rill r;
	struct rill_buf buf;
	__u64 va;		/* nothing is mapped from here on */
};

FIXTURE_SETUP(ctx)
{
	ASSERT_EQ(0, rill_setup(&self->r, 15));
	ASSERT_EQ(0, rill_buf_new(&self->r, DRM_RILL_SYSTEM, 0, BO_BYTES, &self->buf));
	self->va = 1ULL << 40;
}

FIXTURE_TEARDOWN(ctx)
{
	rill_teardown(&self->r);
}

static int map_at(struct rill *r, const struct rill_buf *buf, __u64 va, __u64 offset, __u64 size)
{
	return rill_map(r->fd, r->ctx, buf->handle, 0, va, offset, size);
}

/* --- contexts --- */

TEST_F(ctx, create_and_destroy)
{
	__u32 a, b;

	ASSERT_EQ(0, rill_ctx_create(self->r.fd, 0, &a));
	ASSERT_EQ(0, rill_ctx_create(self->r.fd, 1, &b));
	EXPECT_NE(0, a);
	EXPECT_NE(0, b);
	EXPECT_NE(a, b);
	EXPECT_NE(self->r.ctx, a);
	EXPECT_EQ(0, rill_ctx_destroy(self->r.fd, a));
	EXPECT_ERRNO(ENOENT, rill_ctx_destroy(self->r.fd, a));
	EXPECT_EQ(0, rill_ctx_destroy(self->r.fd, b));
}

TEST_F(ctx, bad_create)
{
	struct drm_rill_ctx_create create = { .flags = 1 };
	unsigned int chiplets = rill_chiplets(&self->r);
	__u32 ctx;

	EXPECT_ERRNO(EINVAL, rill_ioctl(self->r.fd, DRM_IOCTL_RILL_CTX_CREATE, &create));
	create.flags = 1U << 31;
	EXPECT_ERRNO(EINVAL, rill_ioctl(self->r.fd, DRM_IOCTL_RILL_CTX_CREATE, &create));
	if (chiplets < 64) {
		EXPECT_ERRNO(EINVAL, rill_ctx_create(self->r.fd, 1ULL << chiplets, &ctx));
		EXPECT_ERRNO(EINVAL, rill_ctx_create(self->r.fd, 1ULL << 63, &ctx));
		EXPECT_ERRNO(EINVAL, rill_ctx_create(self->r.fd, UINT64_MAX, &ctx));
		EXPECT_EQ(0, rill_ctx_create(self->r.fd, (1ULL << chiplets) - 1, &ctx));
	}
}

TEST_F(ctx, bad_destroy)
{
	struct drm_rill_ctx_destroy destroy = { .ctx_id = self->r.ctx, .pad = 1 };

	EXPECT_ERRNO(EINVAL, rill_ioctl(self->r.fd, DRM_IOCTL_RILL_CTX_DESTROY, &destroy));
	EXPECT_ERRNO(ENOENT, rill_ctx_destroy(self->r.fd, 0));
	EXPECT_ERRNO(ENOENT, rill_ctx_destroy(self->r.fd, self->r.ctx + 1));
	EXPECT_ERRNO(ENOENT, rill_ctx_destroy(self->r.fd, UINT32_MAX));
}

TEST_F(ctx, busy_while_it_has_a_queue)
{
	EXPECT_ERRNO(EBUSY, rill_ctx_destroy(self->r.fd, self->r.ctx));
	/* And it still works */
	EXPECT_EQ(0, rill_run_job(&self->r, rill_job(RILL_OP_NOP, 0)));
	EXPECT_EQ(0, rill_queue_destroy(self->r.fd, self->r.queue));
	EXPECT_EQ(0, rill_ctx_destroy(self->r.fd, self->r.ctx));
	EXPECT_ERRNO(ENOENT, map_at(&self->r, &self->buf, self->va, 0, RILL_PAGE));
}

/* All contexts of the chip, then all again: none is lost. */
TEST_F(ctx, exhaustion)
{
	__u32 ids[RILL_MAX_CONTEXTS + 1];
	unsigned int n, round;
	int err = 0;

	for (round = 0; round < 3; round++) {
		for (n = 0; n < ARRAY_SIZE(ids); n++) {
			err = rill_ctx_create(self->r.fd, 0, &ids[n]);
			if (err)
				break;
		}
		EXPECT_ERRNO(ENOSPC, err);
		EXPECT_EQ(self->r.chip.max_contexts - 1, n);
		while (n)
			EXPECT_EQ(0, rill_ctx_destroy(self->r.fd, ids[--n]));
	}
}

/* What a file leaves behind is freed with it. */
TEST_F(ctx, file_close_frees)
{
	unsigned int round, i;

	for (round = 0; round < 3; round++) {
		int fd = rill_open();
		__u32 ctx = 0, queue;

		ASSERT_LE(0, fd);
		for (i = 0; i + 1 < self->r.chip.max_contexts; i++)
			ASSERT_EQ(0, rill_ctx_create(fd, 0, &ctx));
		EXPECT_ERRNO(ENOSPC, rill_ctx_create(fd, 0, &ctx));
		for (i = 0; i + 1 < self->r.chip.max_queues; i++)
			ASSERT_EQ(0, rill_queue_create(fd, ctx, 1, &queue));
		EXPECT_ERRNO(ENOSPC, rill_queue_create(fd, ctx, 1, &queue));
		ASSERT_EQ(0, close(fd));
	}
	EXPECT_EQ(0, rill_run_job(&self->r, rill_job(RILL_OP_NOP, 0)));
}

TEST_F(ctx, ids_belong_to_a_file)
{
	__u32 ctx, queue, handle;
	int fd = rill_open();

	ASSERT_LE(0, fd);
	EXPECT_ERRNO(ENOENT, rill_ctx_destroy(fd, self->r.ctx));
	EXPECT_ERRNO(ENOENT, rill_queue_destroy(fd, self->r.queue));
	EXPECT_ERRNO(ENOENT, rill_queue_create(fd, self->r.ctx, 1, &queue));
	ASSERT_EQ(0, rill_bo_create(fd, DRM_RILL_SYSTEM, 0, RILL_PAGE, &handle));
	EXPECT_ERRNO(ENOENT, rill_map(fd, self->r.ctx, handle, 0, self->va, 0, RILL_PAGE));
	EXPECT_EQ(0, rill_bo_close(fd, handle));

	/* And numbers start anew in each. */
	ASSERT_EQ(0, rill_ctx_create(fd, 0, &ctx));
	EXPECT_EQ(1, ctx);
	EXPECT_ERRNO(ENOENT, rill_map(fd, ctx, self->buf.handle, 0, self->va, 0, RILL_PAGE));
	ASSERT_EQ(0, rill_queue_create(fd, ctx, 1, &queue));
	EXPECT_EQ(1, queue);
	EXPECT_EQ(0, close(fd));
}

/* --- queues --- */

TEST_F(ctx, queue_bad_create)
{
	struct drm_rill_queue_create create = { .ctx_id = self->r.ctx, .depth = 1, .flags = 1 };
	__u32 queue, depth = self->r.chip.max_queue_depth;

	EXPECT_ERRNO(EINVAL, rill_ioctl(self->r.fd, DRM_IOCTL_RILL_QUEUE_CREATE, &create));
	EXPECT_ERRNO(EINVAL, rill_queue_create(self->r.fd, self->r.ctx, 0, &queue));
	EXPECT_ERRNO(EINVAL, rill_queue_create(self->r.fd, self->r.ctx, depth, &queue));
	EXPECT_ERRNO(EINVAL, rill_queue_create(self->r.fd, self->r.ctx, UINT32_MAX, &queue));
	EXPECT_ERRNO(ENOENT, rill_queue_create(self->r.fd, 0, 1, &queue));
	EXPECT_ERRNO(ENOENT, rill_queue_create(self->r.fd, self->r.ctx + 1, 1, &queue));
}

TEST_F(ctx, queue_bad_destroy)
{
	struct drm_rill_queue_destroy destroy = { .queue_id = self->r.queue, .pad = 1 };

	EXPECT_ERRNO(EINVAL, rill_ioctl(self->r.fd, DRM_IOCTL_RILL_QUEUE_DESTROY, &destroy));
	EXPECT_ERRNO(ENOENT, rill_queue_destroy(self->r.fd, 0));
	EXPECT_ERRNO(ENOENT, rill_queue_destroy(self->r.fd, self->r.queue + 1));
	EXPECT_EQ(0, rill_queue_destroy(self->r.fd, self->r.queue));
	EXPECT_ERRNO(ENOENT, rill_queue_destroy(self->r.fd, self->r.queue));
	EXPECT_ERRNO(ENOENT, rill_run_job(&self->r, rill_job(RILL_OP_NOP, 0)));
}

TEST_F(ctx, queue_depths)
{
	__u32 max = self->r.chip.max_queue_depth - 1, queue;
	const __u32 depths[] = { 1, 2, 3, 4, 5, 63, 64, 65, max - 1, max };
	struct drm_rill_job_result *results = calloc(max, sizeof(*results));
	struct drm_rill_job *jobs = calloc(max + 1, sizeof(*jobs));
	unsigned int i, j, round;

	ASSERT_NE(NULL, results);
	ASSERT_NE(NULL, jobs);
	for (i = 0; i < ARRAY_SIZE(depths); i++) {
		ASSERT_EQ(0, rill_queue_create(self->r.fd, self->r.ctx, depths[i], &queue));
		/* Full to the brim, and around the ring */
		for (round = 0; round < 3; round++) {
			memset(results, 0xff, depths[i] * sizeof(*results));
			ASSERT_EQ(0, rill_run_on(self->r.fd, queue, jobs, depths[i], results)) {
				TH_LOG("depth %u, round %u", depths[i], round);
			}
			for (j = 0; j < depths[i]; j++)
				ASSERT_EQ(0, results[j].error);
		}
		EXPECT_ERRNO(EINVAL, rill_submit(self->r.fd, queue, jobs, depths[i] + 1, NULL));
		ASSERT_EQ(0, rill_queue_destroy(self->r.fd, queue));
	}
	free(results);
	free(jobs);
}

TEST_F(ctx, queue_exhaustion)
{
	__u32 ids[RILL_MAX_QUEUES];
	unsigned int n, round;
	int err;

	for (round = 0; round < 2; round++) {
		for (n = 0; n < RILL_MAX_QUEUES; n++) {
			err = rill_queue_create(self->r.fd, self->r.ctx, 3, &ids[n]);
			if (err)
				break;
		}
		EXPECT_ERRNO(ENOSPC, err);
		EXPECT_EQ(self->r.chip.max_queues - 1, n);
		while (n) {
			struct drm_rill_job nop = { .opcode = RILL_OP_NOP };
			struct drm_rill_job_result result;

			n--;
			EXPECT_EQ(0, rill_run_on(self->r.fd, ids[n], &nop, 1, &result));
			EXPECT_EQ(0, result.error);
			EXPECT_EQ(0, rill_queue_destroy(self->r.fd, ids[n]));
		}
	}
}

/* --- VM_BIND --- */

/* A good VM_BIND with one thing changed must fail for this reason. */
#define EXPECT_BAD_BIND(expected, change) do {				\
	bind = good;							\
	change;								\
	EXPECT_ERRNO(expected, rill_ioctl(self->r.fd, DRM_IOCTL_RILL_VM_BIND, &bind)) { \
		TH_LOG("%s", #change);					\
	}								\
} while (0)

TEST_F(ctx, bind_bad_fields)
{
	const struct drm_rill_vm_bind good = {
		.ctx_id = self->r.ctx, .op = DRM_RILL_BIND_MAP, .handle = self->buf.handle,
		.va = self->va, .size = RILL_PAGE,
	};
	struct drm_rill_vm_bind bind;

	EXPECT_BAD_BIND(ENOENT, bind.ctx_id = 0);
	EXPECT_BAD_BIND(ENOENT, bind.ctx_id++);
	EXPECT_BAD_BIND(EINVAL, bind.op = DRM_RILL_BIND_UNMAP + 1);
	EXPECT_BAD_BIND(EINVAL, bind.op = UINT32_MAX);
	EXPECT_BAD_BIND(ENOENT, bind.handle = 0);
	EXPECT_BAD_BIND(ENOENT, bind.handle = UINT32_MAX);
	EXPECT_BAD_BIND(EINVAL, bind.flags = DRM_RILL_BIND_READONLY << 1);
	EXPECT_BAD_BIND(EINVAL, bind.flags = 1U << 31);
	EXPECT_BAD_BIND(EINVAL, bind.va = 0);
	EXPECT_BAD_BIND(EINVAL, bind.va++);
	EXPECT_BAD_BIND(EINVAL, bind.va += RILL_PAGE / 2);
	EXPECT_BAD_BIND(EINVAL, bind.va = RILL_VA_END);
	EXPECT_BAD_BIND(EINVAL, bind.va = UINT64_MAX - RILL_PAGE + 1);
	EXPECT_BAD_BIND(EINVAL, bind.va = RILL_VA_END - RILL_PAGE; bind.size = 2 * RILL_PAGE);
	EXPECT_BAD_BIND(EINVAL, bind.size = 0);
	EXPECT_BAD_BIND(EINVAL, bind.size = 1);
	EXPECT_BAD_BIND(EINVAL, bind.size += 8);
	EXPECT_BAD_BIND(EINVAL, bind.size = UINT64_MAX - RILL_PAGE + 1);
	EXPECT_BAD_BIND(EINVAL, bind.va = RILL_PAGE; bind.size = UINT64_MAX - RILL_PAGE + 1);
	EXPECT_BAD_BIND(EINVAL, bind.size = BO_BYTES + RILL_PAGE);
	EXPECT_BAD_BIND(EINVAL, bind.bo_offset = 8);
	EXPECT_BAD_BIND(EINVAL, bind.bo_offset = BO_BYTES);
	EXPECT_BAD_BIND(EINVAL, bind.bo_offset = BO_BYTES - RILL_PAGE; bind.size = 2 * RILL_PAGE);
	EXPECT_BAD_BIND(EINVAL, bind.bo_offset = UINT64_MAX - RILL_PAGE + 1);
	EXPECT_BAD_BIND(EINVAL, bind.bo_offset = UINT64_MAX - RILL_PAGE + 1;
				bind.size = 2 * RILL_PAGE);

	/* None of them left anything behind. */
	bind = good;
	EXPECT_EQ(0, rill_ioctl(self->r.fd, DRM_IOCTL_RILL_VM_BIND, &bind));
}

TEST_F(ctx, unmap_bad_fields)
{
	const struct drm_rill_vm_bind good = {
		.ctx_id = self->r.ctx, .op = DRM_RILL_BIND_UNMAP, .va = self->va,
		.size = 4 * RILL_PAGE,
	};
	struct drm_rill_vm_bind bind;

	ASSERT_EQ(0, map_at(&self->r, &self->buf, self->va, 0, 4 * RILL_PAGE));
	EXPECT_BAD_BIND(EINVAL, bind.handle = self->buf.handle);
	EXPECT_BAD_BIND(EINVAL, bind.bo_offset = RILL_PAGE);
	EXPECT_BAD_BIND(EINVAL, bind.flags = DRM_RILL_BIND_READONLY);
	EXPECT_BAD_BIND(EINVAL, bind.size = 0);
	EXPECT_BAD_BIND(EINVAL, bind.va++);
	EXPECT_BAD_BIND(ENOENT, bind.ctx_id++);
	/* Only its start, only its end, more than it, nothing at all */
	EXPECT_BAD_BIND(ENOENT, bind.size = RILL_PAGE);
	EXPECT_BAD_BIND(ENOENT, bind.va += RILL_PAGE; bind.size -= RILL_PAGE);
	EXPECT_BAD_BIND(ENOENT, bind.size += RILL_PAGE);
	EXPECT_BAD_BIND(ENOENT, bind.va += 1ULL << 30);

	/* It is all still there. */
	EXPECT_EQ(0, rill_run_job(&self->r, rill_job_fill(&self->r, self->va, 4 * RILL_PAGE, 1, 0)));
	bind = good;
	EXPECT_EQ(0, rill_ioctl(self->r.fd, DRM_IOCTL_RILL_VM_BIND, &bind));
	EXPECT_ERRNO(ENOENT, rill_ioctl(self->r.fd, DRM_IOCTL_RILL_VM_BIND, &bind));
}

TEST_F(ctx, overlap)
{
	const __u64 base = self->va + 16 * RILL_PAGE;
	/* In pages, against a mapping of pages 0 to 3 */
	static const struct {
		int first, pages, error;
	} cases[] = {
		{ 0, 4, EEXIST }, { 0, 1, EEXIST }, { 3, 1, EEXIST }, { 1, 2, EEXIST },
		{ -1, 2, EEXIST }, { -2, 8, EEXIST }, { 3, 2, EEXIST }, { 0, 5, EEXIST },
		{ -1, 1, 0 }, { 4, 1, 0 },
	};
	unsigned int i;

	ASSERT_EQ(0, map_at(&self->r, &self->buf, base, 0, 4 * RILL_PAGE));
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		EXPECT_ERRNO(cases[i].error, map_at(&self->r, &self->buf,
						    base + cases[i].first * (__s64)RILL_PAGE, 0,
						    cases[i].pages * RILL_PAGE)) {
			TH_LOG("pages %d, %d", cases[i].first, cases[i].pages);
		}
	/* The same addresses in another context are another matter. */
	ASSERT_EQ(0, rill_ctx_create(self->r.fd, 0, &self->r.ctx));
	EXPECT_EQ(0, map_at(&self->r, &self->buf, base, 0, 4 * RILL_PAGE));
}

TEST_F(ctx, ends_of_the_address_space)
{
	const __u64 vas[] = { RILL_PAGE, RILL_VA_END - RILL_PAGE, RILL_VA_END / 2 - RILL_PAGE,
			      RILL_VA_END / 2, 1ULL << 39, (1ULL << 39) - RILL_PAGE };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vas); i++) {
		ASSERT_EQ(0, map_at(&self->r, &self->buf, vas[i], i * RILL_PAGE, RILL_PAGE));
		EXPECT_EQ(0, rill_run_job(&self->r, rill_job_fill(&self->r, vas[i], RILL_PAGE, i,
								  0)));
	}
	for (i = 0; i < ARRAY_SIZE(vas); i++) {
		char *page = (char *)self->buf.map + i * RILL_PAGE;

		EXPECT_EQ(RILL_PAGE, rill_pattern_bytes(page, RILL_PAGE, i, 0));
		EXPECT_EQ(0, rill_unmap(self->r.fd, self->r.ctx, vas[i], RILL_PAGE));
	}
}

/* One buffer at two addresses, and its pages in an order of their own */
TEST_F(ctx, aliases_and_offsets)
{
	unsigned int i, pages = 8;

	for (i = 0; i < pages; i++) {
		ASSERT_EQ(0, map_at(&self->r, &self->buf, self->va + i * RILL_PAGE,
				    (pages - 1 - i) * RILL_PAGE, RILL_PAGE));
	}
	ASSERT_EQ(0, rill_run_job(&self->r, rill_job_fill(&self->r, self->va, pages * RILL_PAGE,
							  SEED, 0)));
	for (i = 0; i < pages; i++) {
		char *page = (char *)self->buf.map + (pages - 1 - i) * RILL_PAGE;

		EXPECT_EQ(RILL_PAGE, rill_pattern_bytes(page, RILL_PAGE, SEED, i * RILL_PAGE / 8));
	}
}

/* --- what the chip may touch --- */

static struct drm_rill_job_result run_for_result(struct rill *r, struct drm_rill_job job)
{
	struct drm_rill_job_result result = { .error = 1 };

	rill_run(r, &job, 1, &result);
	return result;
}

#define EXPECT_FAULT(kind, address, job) do {				\
	struct drm_rill_job_result _result = run_for_result(&self->r, job); \
	EXPECT_EQ(-EFAULT, _result.error);				\
	EXPECT_EQ(kind, _result.status);				\
	EXPECT_EQ(address, _result.detail);				\
} while (0)

TEST_F(ctx, readonly)
{
	struct drm_rill_job job;

	ASSERT_EQ(0, rill_map(self->r.fd, self->r.ctx, self->buf.handle, DRM_RILL_BIND_READONLY,
			      self->va, 0, BO_BYTES));
	rill_pattern_write(self->buf.map, BO_BYTES, SEED, 0);
	EXPECT_FAULT(RILL_FAULT_WRITE, self->va,
		     rill_job_fill(&self->r, self->va, RILL_PAGE, 1, 0));
	EXPECT_FAULT(RILL_FAULT_WRITE, self->va + 3 * RILL_PAGE + 8,
		     rill_job_fill(&self->r, self->va + 3 * RILL_PAGE + 8, 8, 1, 0));
	EXPECT_FAULT(RILL_FAULT_WRITE, self->va + 24,
		     rill_job_copy(&self->r, self->va + 24, self->r.arena.va, 8));
	EXPECT_EQ(BO_BYTES, rill_pattern_bytes(self->buf.map, BO_BYTES, SEED, 0));

	/* Reading is fine, and writing by the buffer's other address, and by the CPU. */
	job = rill_job_copy(&self->r, self->buf.va + BO_BYTES / 2, self->va, BO_BYTES / 2);
	EXPECT_EQ(0, rill_run_job(&self->r, job));
	EXPECT_EQ(BO_BYTES / 2, rill_pattern_bytes((char *)self->buf.map + BO_BYTES / 2,
						   BO_BYTES / 2, SEED, 0));
}

TEST_F(ctx, unmapped)
{
	__u64 arena = self->r.arena.va;

	/* Nothing there at all, and at one page only */
	EXPECT_FAULT(RILL_FAULT_WRITE, self->va, rill_job_fill(&self->r, self->va, 8, 1, 0));
	EXPECT_FAULT(RILL_FAULT_READ, self->va, rill_job_copy(&self->r, arena, self->va, 8));
	EXPECT_FAULT(RILL_FAULT_READ, self->va, rill_job(RILL_OP_FILL, self->va));
	EXPECT_FAULT(RILL_FAULT_READ, self->va, rill_job(RILL_OP_COPY, self->va));
	EXPECT_FAULT(RILL_FAULT_READ, self->va, rill_job(RILL_OP_PASS_BEGIN, self->va));

	/* The first page is, the second is not. */
	ASSERT_EQ(0, map_at(&self->r, &self->buf, self->va, 0, RILL_PAGE));
	EXPECT_EQ(0, rill_run_job(&self->r, rill_job_fill(&self->r, self->va, RILL_PAGE, 1, 0)));
	EXPECT_FAULT(RILL_FAULT_WRITE, self->va + RILL_PAGE,
		     rill_job_fill(&self->r, self->va, 2 * RILL_PAGE, 1, 0));
	EXPECT_FAULT(RILL_FAULT_READ, self->va + RILL_PAGE,
		     rill_job_copy(&self->r, arena + RILL_PAGE * 8, self->va, RILL_PAGE + 1));

	/* An address that no page table has */
	EXPECT_FAULT(RILL_FAULT_WRITE, RILL_VA_END,
		     rill_job_fill(&self->r, RILL_VA_END, 8, 1, 0));
	EXPECT_FAULT(RILL_FAULT_WRITE, 1ULL << 63, rill_job_fill(&self->r, 1ULL << 63, 8, 1, 0));
	EXPECT_FAULT(RILL_FAULT_READ, 0, rill_job_copy(&self->r, arena, 0, 8));
}

/* When UNMAP returns the chip can no longer reach the memory, though it has just used it. */
TEST_F(ctx, unmap_takes_effect)
{
	unsigned int i;

	for (i = 0; i < 20; i++) {
		struct drm_rill_job job = rill_job_fill(&self->r, self->va, BO_BYTES, i, 0);

		ASSERT_EQ(0, map_at(&self->r, &self->buf, self->va, 0, BO_BYTES));
		ASSERT_EQ(0, rill_run_job(&self->r, job));
		ASSERT_EQ(0, rill_unmap(self->r.fd, self->r.ctx, self->va, BO_BYTES));
		EXPECT_FAULT(RILL_FAULT_WRITE, self->va, job);
	}
}

/* A page that is bound anew is another page, whatever the chip may remember. */
TEST_F(ctx, rebind_takes_effect)
{
	struct rill_buf other;
	unsigned int i;

	ASSERT_EQ(0, rill_buf_new(&self->r, DRM_RILL_DDR, 0, BO_BYTES, &other));
	for (i = 0; i < 10; i++) {
		struct rill_buf *buf = i % 2 ? &other : &self->buf;

		ASSERT_EQ(0, map_at(&self->r, buf, self->va, 0, BO_BYTES));
		ASSERT_EQ(0, rill_run_job(&self->r, rill_job_fill(&self->r, self->va, BO_BYTES, i,
								  0)));
		EXPECT_EQ(BO_BYTES, rill_pattern_bytes(buf->map, BO_BYTES, i, 0));
		if (i)
			EXPECT_EQ(BO_BYTES, rill_pattern_bytes((i % 2 ? &self->buf : &other)->map,
							       BO_BYTES, i - 1, 0));
		ASSERT_EQ(0, rill_unmap(self->r.fd, self->r.ctx, self->va, BO_BYTES));
	}
}

/* Read-only, then writable, then read-only at one address */
TEST_F(ctx, rights_take_effect)
{
	unsigned int i;

	for (i = 0; i < 6; i++) {
		struct drm_rill_job job = rill_job_fill(&self->r, self->va, RILL_PAGE, 1, 0);

		ASSERT_EQ(0, rill_map(self->r.fd, self->r.ctx, self->buf.handle,
				      i % 2 ? 0 : DRM_RILL_BIND_READONLY, self->va, 0, RILL_PAGE));
		if (i % 2) {
			EXPECT_EQ(0, rill_run_job(&self->r, job));
		} else {
			EXPECT_FAULT(RILL_FAULT_WRITE, self->va, job);
		}
		ASSERT_EQ(0, rill_unmap(self->r.fd, self->r.ctx, self->va, RILL_PAGE));
	}
}

/* --- large pages --- */

FIXTURE(large)
{
	struct rill r;
	struct rill_buf buf;
	__u64 va;
};

FIXTURE_VARIANT(large)
{
	__u32 placement;
	__u64 va, offset, size;		/* of the mapping; the buffer has 8 MiB */
};

#define MB (1ULL << 20)
/* One, and several in a row */
FIXTURE_VARIANT_ADD(large, one) { DRM_RILL_DDR, 0, 0, 2 * MB };
FIXTURE_VARIANT_ADD(large, row) { DRM_RILL_DDR, 0, 0, 8 * MB };
/* Small pages before and behind them */
FIXTURE_VARIANT_ADD(large, ragged) { DRM_RILL_DDR, 2 * MB - RILL_PAGE, 2 * MB - RILL_PAGE,
				     4 * MB + 2 * RILL_PAGE };
/* An address and an offset that do not fit each other: small pages only */
FIXTURE_VARIANT_ADD(large, shifted) { DRM_RILL_DDR, 0, RILL_PAGE, 4 * MB };
FIXTURE_VARIANT_ADD(large, shifted_va) { DRM_RILL_DDR, RILL_PAGE, 0, 4 * MB };
FIXTURE_VARIANT_ADD(large, system) { DRM_RILL_SYSTEM, 0, 0, 8 * MB };

FIXTURE_SETUP(large)
{
	ASSERT_EQ(0, rill_setup(&self->r, 15));
	ASSERT_EQ(0, rill_buf_new(&self->r, variant->placement, 0, 8 * MB, &self->buf));
	self->va = (1ULL << 40) + variant->va;
	ASSERT_EQ(0, map_at(&self->r, &self->buf, self->va, variant->offset, variant->size));
}

FIXTURE_TEARDOWN(large)
{
	rill_teardown(&self->r);
}

TEST_F(large, contents)
{
	char *start = (char *)self->buf.map + variant->offset;
	__u64 size = variant->size;

	ASSERT_EQ(0, rill_run_job(&self->r, rill_job_fill(&self->r, self->va, size, SEED, 0)));
	EXPECT_EQ(size, rill_pattern_bytes(start, size, SEED, 0));
	EXPECT_EQ(variant->offset, rill_same_bytes(self->buf.map, variant->offset, 0));
	EXPECT_EQ(8 * MB - variant->offset - size,
		  rill_same_bytes(start + size, 8 * MB - variant->offset - size, 0));
}

/* Neighbours are out of reach. */
TEST_F(large, bounds)
{
	__u64 end = self->va + variant->size;

	EXPECT_FAULT(RILL_FAULT_WRITE, end, rill_job_fill(&self->r, end, 8, 1, 0));
	EXPECT_FAULT(RILL_FAULT_WRITE, end, rill_job_fill(&self->r, end - 8, 16, 1, 0));
	EXPECT_FAULT(RILL_FAULT_WRITE, self->va - 8,
		     rill_job_fill(&self->r, self->va - 8, 8, 1, 0));
}

/* The page tables of a large page give way to those of small ones, and back. */
TEST_F(large, small_pages_in_its_place)
{
	__u64 page = self->va + variant->size / 2 / RILL_PAGE * RILL_PAGE;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		EXPECT_ERRNO(EEXIST, map_at(&self->r, &self->buf, page, 0, RILL_PAGE));
		ASSERT_EQ(0, rill_unmap(self->r.fd, self->r.ctx, self->va, variant->size));
		EXPECT_FAULT(RILL_FAULT_WRITE, page, rill_job_fill(&self->r, page, 8, 1, 0));

		ASSERT_EQ(0, map_at(&self->r, &self->buf, page, RILL_PAGE, RILL_PAGE));
		ASSERT_EQ(0, rill_run_job(&self->r, rill_job_fill(&self->r, page, RILL_PAGE, i,
								  0)));
		EXPECT_EQ(RILL_PAGE, rill_pattern_bytes((char *)self->buf.map + RILL_PAGE,
							RILL_PAGE, i, 0));
		EXPECT_ERRNO(EEXIST, map_at(&self->r, &self->buf, self->va, variant->offset,
					    variant->size));
		ASSERT_EQ(0, rill_unmap(self->r.fd, self->r.ctx, page, RILL_PAGE));

		ASSERT_EQ(0, map_at(&self->r, &self->buf, self->va, variant->offset,
				    variant->size));
		ASSERT_EQ(0, rill_run_job(&self->r, rill_job_fill(&self->r, self->va,
								  variant->size, i, 5)));
		EXPECT_EQ(variant->size,
			  rill_pattern_bytes((char *)self->buf.map + variant->offset,
					     variant->size, i, 5));
	}
}

TEST_HARNESS_MAIN
