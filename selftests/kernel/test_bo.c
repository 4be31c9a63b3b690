// SPDX-License-Identifier: GPL-2.0
/* Buffers: creation, contents, mmap, lifetime. */
#include "rill_test.h"

#include <sys/wait.h>

#define BO_BYTES	(1ULL << 20)
#define SEED		0x600df00dULL

FIXTURE(bo)
{
	struct rill r;
};

/* `last` stands for the last DDR channel. */
FIXTURE_VARIANT(bo)
{
	__u32 placement;
	bool last;
};

FIXTURE_VARIANT_ADD(bo, system) { .placement = DRM_RILL_SYSTEM };
FIXTURE_VARIANT_ADD(bo, ddr) { .placement = DRM_RILL_DDR };
FIXTURE_VARIANT_ADD(bo, ddr_last) { .placement = DRM_RILL_DDR, .last = true };

#define CHANNEL(variant) ((variant)->last ? self->r.chip.channels - 1 : 0)

FIXTURE_SETUP(bo)
{
	ASSERT_EQ(0, rill_setup(&self->r, 15));
}

FIXTURE_TEARDOWN(bo)
{
	rill_teardown(&self->r);
}

TEST_F(bo, info)
{
	struct drm_rill_bo_info info;
	__u32 handle;

	ASSERT_EQ(0, rill_bo_create(self->r.fd, variant->placement, CHANNEL(variant), BO_BYTES,
				    &handle));
	EXPECT_NE(0, handle);
	ASSERT_EQ(0, rill_bo_info(self->r.fd, handle, &info));
	EXPECT_EQ(handle, info.handle);
	EXPECT_EQ(variant->placement, info.placement);
	EXPECT_EQ(CHANNEL(variant), info.channel);
	EXPECT_EQ(BO_BYTES, info.size);
	EXPECT_NE(0, info.mmap_offset);
	EXPECT_EQ(0, info.mmap_offset % RILL_PAGE);
	EXPECT_EQ(0, info.pad);
	EXPECT_EQ(0, rill_bo_close(self->r.fd, handle));
	EXPECT_ERRNO(ENOENT, rill_bo_info(self->r.fd, handle, &info));
}

TEST_F(bo, bad_info)
{
	struct drm_rill_bo_info info = { .pad = 1 };

	ASSERT_EQ(0, rill_bo_create(self->r.fd, variant->placement, CHANNEL(variant), BO_BYTES,
				    &info.handle));
	EXPECT_ERRNO(EINVAL, rill_ioctl(self->r.fd, DRM_IOCTL_RILL_BO_INFO, &info));
	EXPECT_ERRNO(ENOENT, rill_bo_info(self->r.fd, 0, &info));
	EXPECT_ERRNO(ENOENT, rill_bo_info(self->r.fd, UINT32_MAX, &info));
}

TEST_F(bo, size_is_rounded_up)
{
	struct drm_rill_bo_create create = {
		.size = RILL_PAGE + 1, .placement = variant->placement, .channel = CHANNEL(variant),
	};
	struct drm_rill_bo_info info;

	ASSERT_EQ(0, rill_ioctl(self->r.fd, DRM_IOCTL_RILL_BO_CREATE, &create));
	EXPECT_EQ(2 * RILL_PAGE, create.size);
	ASSERT_EQ(0, rill_bo_info(self->r.fd, create.handle, &info));
	EXPECT_EQ(2 * RILL_PAGE, info.size);
}

TEST_F(bo, bad_create)
{
	static const struct {
		const char *what;
		__u64 size;
		__s64 placement, channel, flags;	/* -1: as in a good one */
	} bad[] = {
		{ "size 0", 0, -1, -1, 0 },
		{ "size overflows when rounded", UINT64_MAX, -1, -1, 0 },
		{ "size overflows when rounded", UINT64_MAX - RILL_PAGE + 2, -1, -1, 0 },
		{ "flags", RILL_PAGE, -1, -1, 1 },
		{ "flags", RILL_PAGE, -1, -1, 1U << 31 },
		{ "placement", RILL_PAGE, DRM_RILL_DDR + 1, -1, 0 },
		{ "placement", RILL_PAGE, UINT32_MAX, -1, 0 },
		{ "channel", RILL_PAGE, -1, RILL_MAX_CHANNELS, 0 },
		{ "channel", RILL_PAGE, -1, UINT32_MAX, 0 },
		{ "channel of system memory", RILL_PAGE, DRM_RILL_SYSTEM, 1, 0 },
	};
	__u64 free_bytes = rill_free_bytes(self->r.fd, CHANNEL(variant));
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct drm_rill_bo_create create = {
			.size = bad[i].size, .flags = bad[i].flags,
			.placement = bad[i].placement < 0 ? variant->placement : bad[i].placement,
			.channel = bad[i].channel < 0 ? CHANNEL(variant) : bad[i].channel,
		};

		EXPECT_ERRNO(EINVAL, rill_ioctl(self->r.fd, DRM_IOCTL_RILL_BO_CREATE, &create)) {
			TH_LOG("bad %s", bad[i].what);
		}
	}
	EXPECT_EQ(free_bytes, rill_free_bytes(self->r.fd, CHANNEL(variant)));
}

TEST_F(bo, first_bad_channel)
{
	__u32 handle;

	EXPECT_ERRNO(EINVAL, rill_bo_create(self->r.fd, DRM_RILL_DDR, self->r.chip.channels,
					    RILL_PAGE, &handle));
}

/* More than there can be: refused, and the system goes on. */
TEST_F(bo, huge)
{
	const __u64 sizes[] = { 1ULL << 40, 1ULL << 52, 1ULL << 62, 1ULL << 63 };
	unsigned int i;
	__u32 handle;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		int err = rill_bo_create(self->r.fd, variant->placement, CHANNEL(variant),
					 sizes[i], &handle);

		EXPECT_TRUE(err == -ENOSPC || err == -ENOMEM || err == -EINVAL || err == -E2BIG) {
			TH_LOG("size %#llx: %d", sizes[i], err);
		}
	}
	EXPECT_EQ(0, rill_bo_create(self->r.fd, variant->placement, CHANNEL(variant), RILL_PAGE,
				    &handle));
}

TEST_F(bo, zeroed_and_writable)
{
	struct rill_buf buf;

	ASSERT_EQ(0, rill_buf_new(&self->r, variant->placement, CHANNEL(variant), BO_BYTES, &buf));
	EXPECT_EQ(BO_BYTES, rill_same_bytes(buf.map, BO_BYTES, 0));
	rill_pattern_write(buf.map, BO_BYTES, SEED, 0);
	EXPECT_EQ(BO_BYTES, rill_pattern_bytes(buf.map, BO_BYTES, SEED, 0));
}

/* What one buffer held must not be found in the next. */
TEST_F(bo, nothing_leaks)
{
	struct rill_buf buf;
	int i;

	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, rill_buf_new(&self->r, variant->placement, CHANNEL(variant),
					  4 * BO_BYTES, &buf));
		EXPECT_EQ(4 * BO_BYTES, rill_same_bytes(buf.map, 4 * BO_BYTES, 0));
		memset(buf.map, 0x5a, 4 * BO_BYTES);
		EXPECT_EQ(4 * BO_BYTES, rill_same_bytes(buf.map, 4 * BO_BYTES, 0x5a));
		ASSERT_EQ(0, rill_buf_free(&self->r, &buf));
	}
}

/* Two mappings and the chip see one memory. */
TEST_F(bo, coherent)
{
	struct rill_buf buf, other;
	void *again;

	ASSERT_EQ(0, rill_buf_new(&self->r, variant->placement, CHANNEL(variant), BO_BYTES, &buf));
	ASSERT_EQ(0, rill_buf_new(&self->r, DRM_RILL_SYSTEM, 0, BO_BYTES, &other));
	ASSERT_EQ(0, rill_bo_map(self->r.fd, buf.handle, BO_BYTES, &again));

	ASSERT_EQ(0, rill_run_job(&self->r, rill_job_fill(&self->r, buf.va, BO_BYTES, SEED, 7)));
	EXPECT_EQ(BO_BYTES, rill_pattern_bytes(buf.map, BO_BYTES, SEED, 7));
	EXPECT_EQ(BO_BYTES, rill_pattern_bytes(again, BO_BYTES, SEED, 7));

	rill_pattern_write(again, BO_BYTES, SEED + 1, 0);
	EXPECT_EQ(BO_BYTES, rill_pattern_bytes(buf.map, BO_BYTES, SEED + 1, 0));
	ASSERT_EQ(0, rill_run_job(&self->r, rill_job_copy(&self->r, other.va, buf.va, BO_BYTES)));
	EXPECT_EQ(BO_BYTES, rill_pattern_bytes(other.map, BO_BYTES, SEED + 1, 0));
	EXPECT_EQ(0, munmap(again, BO_BYTES));
}

TEST_F(bo, part_of_it_mapped)
{
	void *map;
	__u32 handle;

	ASSERT_EQ(0, rill_bo_create(self->r.fd, variant->placement, CHANNEL(variant), BO_BYTES,
				    &handle));
	ASSERT_EQ(0, rill_bo_map(self->r.fd, handle, RILL_PAGE, &map));
	memset(map, 1, RILL_PAGE);
	EXPECT_EQ(0, munmap(map, RILL_PAGE));
	ASSERT_EQ(0, rill_bo_map(self->r.fd, handle, BO_BYTES, &map));
	EXPECT_EQ(RILL_PAGE, rill_same_bytes(map, BO_BYTES, 1));
}

TEST_F(bo, mmap_beyond)
{
	struct drm_rill_bo_info info;
	void *map;
	__u32 handle;

	ASSERT_EQ(0, rill_bo_create(self->r.fd, variant->placement, CHANNEL(variant), BO_BYTES,
				    &handle));
	ASSERT_EQ(0, rill_bo_info(self->r.fd, handle, &info));
	EXPECT_ERRNO(EINVAL, rill_bo_map(self->r.fd, handle, BO_BYTES + RILL_PAGE, &map));
	EXPECT_ERRNO(EINVAL, rill_bo_map(self->r.fd, handle, 1ULL << 40, &map));

	/* Past its end, there is nothing, or another buffer's guard */
	map = mmap(NULL, RILL_PAGE, PROT_READ, MAP_SHARED, self->r.fd, info.mmap_offset + BO_BYTES);
	EXPECT_EQ(MAP_FAILED, map);

	/* Nor may a mapping grow beyond it. */
	ASSERT_EQ(0, rill_bo_map(self->r.fd, handle, BO_BYTES, &map));
	EXPECT_EQ(MAP_FAILED, mremap(map, BO_BYTES, 2 * BO_BYTES, MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(bo, mmap_without_right)
{
	struct drm_rill_bo_info info;
	__u32 handle;
	int fd;

	ASSERT_EQ(0, rill_bo_create(self->r.fd, variant->placement, CHANNEL(variant), BO_BYTES,
				    &handle));
	ASSERT_EQ(0, rill_bo_info(self->r.fd, handle, &info));

	/* Another file's buffer */
	fd = rill_open();
	ASSERT_LE(0, fd);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, BO_BYTES, PROT_READ, MAP_SHARED, fd, info.mmap_offset));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(0, close(fd));

	/* One that is gone */
	ASSERT_EQ(0, rill_bo_close(self->r.fd, handle));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, BO_BYTES, PROT_READ, MAP_SHARED, self->r.fd,
				   info.mmap_offset));
	EXPECT_EQ(EINVAL, errno);

	/* None at all */
	EXPECT_EQ(MAP_FAILED, mmap(NULL, BO_BYTES, PROT_READ, MAP_SHARED, self->r.fd, 0));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(bo, closed_while_mapped)
{
	__u64 free_bytes = rill_free_bytes(self->r.fd, CHANNEL(variant));
	__u64 held = variant->placement == DRM_RILL_DDR ? BO_BYTES : 0;
	__u32 handle;
	void *map;

	ASSERT_EQ(0, rill_bo_create(self->r.fd, variant->placement, CHANNEL(variant), BO_BYTES,
				    &handle));
	ASSERT_EQ(0, rill_bo_map(self->r.fd, handle, BO_BYTES, &map));
	ASSERT_EQ(0, rill_bo_close(self->r.fd, handle));
	EXPECT_EQ(free_bytes - held, rill_free_bytes(self->r.fd, CHANNEL(variant)));
	EXPECT_EQ(BO_BYTES, rill_same_bytes(map, BO_BYTES, 0));
	rill_pattern_write(map, BO_BYTES, SEED, 0);
	EXPECT_EQ(BO_BYTES, rill_pattern_bytes(map, BO_BYTES, SEED, 0));
	EXPECT_EQ(0, munmap(map, BO_BYTES));
	EXPECT_EQ(free_bytes, rill_free_bytes(self->r.fd, CHANNEL(variant)));
}

/* The mapping outlives even the file. */
TEST_F(bo, file_closed_while_mapped)
{
	__u32 handle;
	void *map;
	int fd = rill_open();

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, rill_bo_create(fd, variant->placement, CHANNEL(variant), BO_BYTES, &handle));
	ASSERT_EQ(0, rill_bo_map(fd, handle, BO_BYTES, &map));
	ASSERT_EQ(0, close(fd));
	rill_pattern_write(map, BO_BYTES, SEED, 0);
	EXPECT_EQ(BO_BYTES, rill_pattern_bytes(map, BO_BYTES, SEED, 0));
	EXPECT_EQ(0, munmap(map, BO_BYTES));
}

/* A buffer that is bound lives on when its handle is closed, until it is unbound. */
TEST_F(bo, closed_while_bound)
{
	__u64 free_bytes = rill_free_bytes(self->r.fd, CHANNEL(variant));
	__u64 held = variant->placement == DRM_RILL_DDR ? BO_BYTES : 0;
	struct rill_buf buf, other;
	struct drm_rill_job job;

	ASSERT_EQ(0, rill_buf_new(&self->r, DRM_RILL_SYSTEM, 0, BO_BYTES, &other));
	ASSERT_EQ(0, rill_buf_new(&self->r, variant->placement, CHANNEL(variant), BO_BYTES, &buf));
	munmap(buf.map, BO_BYTES);
	ASSERT_EQ(0, rill_bo_close(self->r.fd, buf.handle));
	EXPECT_EQ(free_bytes - held, rill_free_bytes(self->r.fd, CHANNEL(variant)));

	ASSERT_EQ(0, rill_run_job(&self->r, rill_job_fill(&self->r, buf.va, BO_BYTES, SEED, 0)));
	job = rill_job_copy(&self->r, other.va, buf.va, BO_BYTES);
	ASSERT_EQ(0, rill_run_job(&self->r, job));
	EXPECT_EQ(BO_BYTES, rill_pattern_bytes(other.map, BO_BYTES, SEED, 0));

	ASSERT_EQ(0, rill_unmap(self->r.fd, self->r.ctx, buf.va, BO_BYTES));
	EXPECT_EQ(free_bytes, rill_free_bytes(self->r.fd, CHANNEL(variant)));
	EXPECT_ERRNO(EFAULT, rill_run_job(&self->r, job));
}

TEST_F(bo, bad_close)
{
	__u32 handle;

	ASSERT_EQ(0, rill_bo_create(self->r.fd, variant->placement, CHANNEL(variant), RILL_PAGE,
				    &handle));
	EXPECT_EQ(0, rill_bo_close(self->r.fd, handle));
	EXPECT_ERRNO(EINVAL, rill_bo_close(self->r.fd, handle));
	EXPECT_ERRNO(EINVAL, rill_bo_close(self->r.fd, 0));
}

/* A fork shares the memory with its parent. */
TEST_F(bo, shared_with_child)
{
	struct rill_buf buf;
	int status;
	pid_t pid;

	ASSERT_EQ(0, rill_buf_new(&self->r, variant->placement, CHANNEL(variant), BO_BYTES, &buf));
	rill_pattern_write(buf.map, BO_BYTES / 2, SEED, 0);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		bool seen = rill_pattern_bytes(buf.map, BO_BYTES / 2, SEED, 0) == BO_BYTES / 2;

		rill_pattern_write((char *)buf.map + BO_BYTES / 2, BO_BYTES / 2, SEED,
				   BO_BYTES / 16);
		_exit(seen ? 0 : 1);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(BO_BYTES, rill_pattern_bytes(buf.map, BO_BYTES, SEED, 0));
}

FIXTURE(ddr)
{
	struct rill r;
};

FIXTURE_SETUP(ddr)
{
	ASSERT_EQ(0, rill_setup(&self->r, 15));
}

FIXTURE_TEARDOWN(ddr)
{
	rill_teardown(&self->r);
}

/* Each channel counts its own, and only its own. */
TEST_F(ddr, every_channel)
{
	struct drm_rill_channel_info before[RILL_MAX_CHANNELS], after[RILL_MAX_CHANNELS];
	unsigned int c, i;

	for (c = 0; c < self->r.chip.channels; c++) {
		struct rill_buf buf;

		ASSERT_LE(0, rill_query(self->r.fd, DRM_RILL_QUERY_CHANNELS, before,
					sizeof(before)));
		ASSERT_EQ(0, rill_buf_new(&self->r, DRM_RILL_DDR, c, BO_BYTES, &buf));
		ASSERT_LE(0, rill_query(self->r.fd, DRM_RILL_QUERY_CHANNELS, after,
					sizeof(after)));
		for (i = 0; i < self->r.chip.channels; i++)
			EXPECT_EQ(before[i].free_bytes - (i == c ? BO_BYTES : 0),
				  after[i].free_bytes);
		ASSERT_EQ(0, rill_run_job(&self->r,
					  rill_job_fill(&self->r, buf.va, BO_BYTES, c, 0)));
		EXPECT_EQ(BO_BYTES, rill_pattern_bytes(buf.map, BO_BYTES, c, 0));
	}
}

/* Buffers of neighbouring addresses do not overlap. */
TEST_F(ddr, disjoint)
{
	struct rill_buf bufs[16];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bufs); i++) {
		ASSERT_EQ(0, rill_buf_new(&self->r, DRM_RILL_DDR, 0, (i % 3 + 1) * RILL_PAGE,
					  &bufs[i]));
		rill_pattern_write(bufs[i].map, bufs[i].size, i, 0);
	}
	for (i = 0; i < ARRAY_SIZE(bufs); i++)
		EXPECT_EQ(bufs[i].size, rill_pattern_bytes(bufs[i].map, bufs[i].size, i, 0));
}

/* All of a channel, to the last page; then it is full; then all of it comes back. */
TEST_F_TIMEOUT(ddr, exhaustion, 120)
{
	unsigned int channel = self->r.chip.channels - 1, n = 0;
	__u64 all = rill_free_bytes(self->r.fd, channel), size = all, sum = 0;
	static __u32 handles[65536];
	__u32 handle;
	int err = 0;

	while (size >= RILL_PAGE && n < ARRAY_SIZE(handles)) {
		err = rill_bo_create(self->r.fd, DRM_RILL_DDR, channel, size, &handles[n]);
		if (!err) {
			n++;
			sum += size;
		} else {
			ASSERT_EQ(-ENOSPC, err);
			size = size / 2 / RILL_PAGE * RILL_PAGE;
		}
	}
	EXPECT_ERRNO(ENOSPC, err);
	EXPECT_EQ(all, sum);
	EXPECT_EQ(0, rill_free_bytes(self->r.fd, channel));
	/* System memory and, if there are any, other channels are not affected. */
	EXPECT_EQ(0, rill_bo_create(self->r.fd, DRM_RILL_SYSTEM, 0, RILL_PAGE, &handle));
	if (channel)
		EXPECT_EQ(0, rill_bo_create(self->r.fd, DRM_RILL_DDR, 0, RILL_PAGE, &handle));

	while (n)
		EXPECT_EQ(0, rill_bo_close(self->r.fd, handles[--n]));
	EXPECT_EQ(all, rill_free_bytes(self->r.fd, channel));
	EXPECT_ERRNO(ENOSPC, rill_bo_create(self->r.fd, DRM_RILL_DDR, channel, all + RILL_PAGE,
					    &handle));
	EXPECT_EQ(0, rill_bo_create(self->r.fd, DRM_RILL_DDR, channel, RILL_PAGE, &handle));
}

/* Closing the file gives everything back. */
TEST_F(ddr, file_close_frees)
{
	__u64 all = rill_free_bytes(self->r.fd, 0);
	unsigned int i;
	struct rill r;

	ASSERT_EQ(0, rill_setup(&r, 15));
	for (i = 0; i < 10; i++) {
		struct rill_buf buf;

		ASSERT_EQ(0, rill_buf_new(&r, DRM_RILL_DDR, 0, BO_BYTES, &buf));
		munmap(buf.map, buf.size);
	}
	EXPECT_EQ(all - 10 * BO_BYTES, rill_free_bytes(self->r.fd, 0));
	rill_teardown(&r);
	EXPECT_EQ(all, rill_free_bytes(self->r.fd, 0));
}

/* Freed in another order than made: no hole is lost. */
TEST_F(ddr, holes_are_used)
{
	__u64 all = rill_free_bytes(self->r.fd, 0);
	__u32 handles[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(handles); i++)
		ASSERT_EQ(0, rill_bo_create(self->r.fd, DRM_RILL_DDR, 0, (i % 5 + 1) * RILL_PAGE,
					    &handles[i]));
	for (i = 0; i < ARRAY_SIZE(handles); i += 2)
		ASSERT_EQ(0, rill_bo_close(self->r.fd, handles[i]));
	for (i = 0; i < ARRAY_SIZE(handles); i += 2)
		ASSERT_EQ(0, rill_bo_create(self->r.fd, DRM_RILL_DDR, 0, (i % 5 + 1) * RILL_PAGE,
					    &handles[i]));
	for (i = 0; i < ARRAY_SIZE(handles); i++)
		ASSERT_EQ(0, rill_bo_close(self->r.fd, handles[i]));
	EXPECT_EQ(all, rill_free_bytes(self->r.fd, 0));
}

TEST_HARNESS_MAIN
