// SPDX-License-Identifier: GPL-2.0
/* The node, and what DRM_IOCTL_RILL_DEV_QUERY tells. */
#include "rill_test.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#define CANARY 0xa5

FIXTURE(query)
{
	int fd;
	struct drm_rill_chip_info chip;
};

FIXTURE_SETUP(query)
{
	self->fd = rill_open();
	ASSERT_LE(0, self->fd) {
		TH_LOG("no Rill under /dev/accel: is the module loaded and the device there?");
	}
	ASSERT_EQ((int)sizeof(self->chip),
		  rill_query(self->fd, DRM_RILL_QUERY_CHIP, &self->chip, sizeof(self->chip)));
}

FIXTURE_TEARDOWN(query)
{
	close(self->fd);
}

/* What each type must say it has. */
static __u32 query_bytes(const struct drm_rill_chip_info *chip, __u32 type)
{
	switch (type) {
	case DRM_RILL_QUERY_CHIP:
		return sizeof(struct drm_rill_chip_info);
	case DRM_RILL_QUERY_COUNTERS:
		return sizeof(struct drm_rill_counters);
	case DRM_RILL_QUERY_LINKS:
		return chip->links * sizeof(struct drm_rill_link_info);
	case DRM_RILL_QUERY_CHIPLETS:
		return chip->rows * chip->cols * sizeof(struct drm_rill_chiplet_info);
	case DRM_RILL_QUERY_CHANNELS:
		return chip->channels * sizeof(struct drm_rill_channel_info);
	}
	return 0;
}

#define for_each_query_type(type) \
	for (type = DRM_RILL_QUERY_CHIP; type <= DRM_RILL_QUERY_CHANNELS; type++)

TEST_F(query, node)
{
	char name[16], date[32] = "", desc[128] = "", path[32];
	struct drm_version version = {
		.name_len = sizeof(name) - 1, .name = name,
		.date_len = sizeof(date) - 1, .date = date,
		.desc_len = sizeof(desc) - 1, .desc = desc,
	};
	struct stat st;
	int fd;

	memset(name, 0, sizeof(name));
	ASSERT_EQ(0, rill_ioctl(self->fd, DRM_IOCTL_VERSION, &version));
	EXPECT_STREQ("rill", name);
	EXPECT_EQ(strlen("rill"), version.name_len);
	EXPECT_LE(1, version.version_major);
	EXPECT_LE(0, version.version_minor);
	EXPECT_NE(0, strlen(desc));

	fd = rill_open_path(path);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fstat(fd, &st));
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	/* ACCEL_MAJOR of the kernel's drm_accel.h */
	EXPECT_EQ(261, major(st.st_rdev));
	EXPECT_EQ(0, close(fd));
}

TEST_F(query, chip)
{
	const struct drm_rill_chip_info *chip = &self->chip;
	unsigned int rows = chip->rows, cols = chip->cols;

	EXPECT_EQ(RILL_HW_VERSION >> 16, chip->hw_version >> 16);
	EXPECT_TRUE(rows >= 1 && rows <= 8);
	EXPECT_TRUE(cols >= 1 && cols <= 8);
	EXPECT_EQ(2 * (2 * rows * cols - rows - cols), chip->links);
	EXPECT_TRUE(chip->channels >= 1 && chip->channels <= RILL_MAX_CHANNELS);
	EXPECT_TRUE(chip->features & RILL_FEATURE_STREAM);
	EXPECT_EQ(0, chip->features & ~(RILL_FEATURE_STREAM | RILL_FEATURE_NDF |
					 RILL_FEATURE_INT4 | RILL_FEATURE_KNOWN));
	EXPECT_LE(2ULL << 20, chip->channel_bytes);
	EXPECT_EQ(0, chip->channel_bytes & (chip->channel_bytes - 1));
	EXPECT_NE(0, chip->sram_bytes);
	EXPECT_NE(0, chip->mac_per_cycle);
	EXPECT_NE(0, chip->mac_khz);
	EXPECT_NE(0, chip->ddr_mbps);
	EXPECT_NE(0, chip->link_mbps);
	EXPECT_TRUE(chip->max_queues >= 1 && chip->max_queues < RILL_MAX_QUEUES);
	EXPECT_TRUE(chip->max_queue_depth >= RILL_MIN_QUEUE_DEPTH &&
		    chip->max_queue_depth <= RILL_MAX_QUEUE_DEPTH);
	EXPECT_EQ(0, chip->max_queue_depth & (chip->max_queue_depth - 1));
	EXPECT_TRUE(chip->max_contexts >= 1 && chip->max_contexts <= RILL_MAX_CONTEXTS);
	EXPECT_EQ(0, chip->pad);
}

/* With pointer 0 only the size comes back, whatever size was asked for. */
TEST_F(query, size_only)
{
	const __u32 sizes[] = { 0, 1, 4096, UINT32_MAX };
	unsigned int i;
	__u32 type;

	for_each_query_type(type) {
		for (i = 0; i < ARRAY_SIZE(sizes); i++)
			EXPECT_EQ((int)query_bytes(&self->chip, type),
				  rill_query(self->fd, type, NULL, sizes[i]));
	}
}

/* Every size from none to too much: min(size, what there is) bytes are written, not one more. */
TEST_F(query, sizes)
{
	static __u8 full[8192], buf[8192];
	__u32 type, size, there, wanted, i;

	for_each_query_type(type) {
		there = query_bytes(&self->chip, type);
		ASSERT_GE(sizeof(full), there + 64);
		ASSERT_EQ((int)there, rill_query(self->fd, type, full, there));
		for (size = 0; size <= there + 64; size += size < 160 ? 1 : 29) {
			memset(buf, CANARY, sizeof(buf));
			ASSERT_EQ((int)there, rill_query(self->fd, type, buf, size));
			wanted = size < there ? size : there;
			for (i = wanted; i < sizeof(buf) && buf[i] == CANARY; i++)
				;
			ASSERT_EQ(sizeof(buf), i) {
				TH_LOG("type %u, size %u of %u: byte %u was written", type, size,
				       there, i);
			}
			/* Time goes on in the counters; all else stands still while nothing runs. */
			if (type != DRM_RILL_QUERY_COUNTERS)
				ASSERT_EQ(0, memcmp(full, buf, wanted));
		}
	}
}

TEST_F(query, bad_type)
{
	const __u32 types[] = { DRM_RILL_QUERY_CHANNELS + 1, 64, INT32_MAX, UINT32_MAX };
	__u8 buf[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		EXPECT_ERRNO(EINVAL, rill_query(self->fd, types[i], buf, sizeof(buf)));
		EXPECT_ERRNO(EINVAL, rill_query(self->fd, types[i], NULL, 0));
	}
}

TEST_F(query, bad_pointer)
{
	void *readonly = mmap(NULL, RILL_PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	__u32 type;

	ASSERT_NE(MAP_FAILED, readonly);
	for_each_query_type(type) {
		/* A chip of one chiplet has no link to tell of. */
		if (!query_bytes(&self->chip, type))
			continue;
		EXPECT_ERRNO(EFAULT, rill_query(self->fd, type, (void *)8, 64));
		EXPECT_ERRNO(EFAULT, rill_query(self->fd, type, readonly, 64));
		EXPECT_ERRNO(EFAULT, rill_query(self->fd, type, (void *)(1UL << 63), 64));
		EXPECT_ERRNO(EFAULT, rill_query(self->fd, type, (void *)-8UL, 64));
	}
	EXPECT_ERRNO(EFAULT, rill_ioctl(self->fd, DRM_IOCTL_RILL_DEV_QUERY, NULL));
}

TEST_F(query, unknown_ioctl)
{
	__u64 buf[16] = { 0 };

	EXPECT_ERRNO(EINVAL, rill_ioctl(self->fd, DRM_IOWR(DRM_COMMAND_BASE + 0x0b, __u64), buf));
	EXPECT_ERRNO(EINVAL, rill_ioctl(self->fd, DRM_IOWR(DRM_COMMAND_END - 1, __u64), buf));
	EXPECT_ERRNO(ENOTTY, rill_ioctl(self->fd, _IOWR('R', DRM_COMMAND_BASE, __u64), buf));
}

/*
 * A program may know an older, shorter structure or a newer, longer one: what it does not know
 * is zero, and what lies behind its structure is not the kernel's to touch.
 */
TEST_F(query, struct_sizes)
{
	unsigned int nr, size, i;
	__u8 buf[256];
	int fd, err;

	for (nr = DRM_RILL_DEV_QUERY; nr <= DRM_RILL_LINK_SET; nr++) {
		fd = rill_open();
		ASSERT_LE(0, fd);
		for (size = 1; size <= 128; size++) {
			memset(buf, 0, size);
			memset(buf + size, CANARY, sizeof(buf) - size);
			err = rill_ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, DRM_IOCTL_BASE,
						  DRM_COMMAND_BASE + nr, size), buf);
			EXPECT_NE(-ENOTTY, err);
			for (i = size; i < sizeof(buf) && buf[i] == CANARY; i++)
				;
			ASSERT_EQ(sizeof(buf), i) {
				TH_LOG("ioctl %u of size %u wrote byte %u", nr, size, i);
			}
		}
		EXPECT_EQ(0, close(fd));
	}
}

/* A short DEV_QUERY lacks its pointer, so it asks for the size; a long one is the same as ever. */
TEST_F(query, short_and_long_struct)
{
	struct {
		struct drm_rill_dev_query query;
		__u64 more[4];
	} q = { .query.pointer = 8, .more = { 1, 2, 3, 4 } };
	struct drm_rill_chip_info chip;

	ASSERT_EQ(0, rill_ioctl(self->fd, DRM_IOWR(DRM_COMMAND_BASE + DRM_RILL_DEV_QUERY, __u64),
				&q));
	EXPECT_EQ(sizeof(chip), q.query.size);
	EXPECT_EQ(8, q.query.pointer);

	q.query.pointer = rill_ptr(&chip);
	ASSERT_EQ(0, rill_ioctl(self->fd, _IOC(_IOC_READ | _IOC_WRITE, DRM_IOCTL_BASE,
					       DRM_COMMAND_BASE + DRM_RILL_DEV_QUERY, sizeof(q)),
				&q));
	EXPECT_EQ(sizeof(chip), q.query.size);
	EXPECT_EQ(0, memcmp(&chip, &self->chip, sizeof(chip)));
}

TEST_F(query, links)
{
	struct drm_rill_link_info links[RILL_MAX_LINKS] = { 0 };
	unsigned int i, cols = self->chip.cols, chiplets = self->chip.rows * cols;

	ASSERT_LE(0, rill_query(self->fd, DRM_RILL_QUERY_LINKS, links, sizeof(links)));
	for (i = 0; i < self->chip.links; i++) {
		int rows_apart = links[i].src / cols - links[i].dst / cols;
		int cols_apart = links[i].src % cols - links[i].dst % cols;

		EXPECT_LT(links[i].src, chiplets);
		EXPECT_LT(links[i].dst, chiplets);
		EXPECT_EQ(1, abs(rows_apart) + abs(cols_apart));
		EXPECT_EQ(1, links[i].up);
		EXPECT_EQ(1000, links[i].rate_permille);
		if (!i)
			continue;
		/* By source, then destination: also says that none stands twice. */
		EXPECT_LT(links[i - 1].src << 16 | links[i - 1].dst,
			  links[i].src << 16 | links[i].dst);
	}
}

TEST_F(query, channels)
{
	struct drm_rill_channel_info channels[RILL_MAX_CHANNELS] = { 0 };
	unsigned int i;

	ASSERT_LE(0, rill_query(self->fd, DRM_RILL_QUERY_CHANNELS, channels, sizeof(channels)));
	for (i = 0; i < self->chip.channels; i++) {
		EXPECT_LT(channels[i].chiplet, self->chip.rows * self->chip.cols);
		EXPECT_EQ(0, channels[i].pad);
		EXPECT_NE(0, channels[i].free_bytes);
		EXPECT_GE(self->chip.channel_bytes, channels[i].free_bytes);
		EXPECT_EQ(0, channels[i].free_bytes % RILL_PAGE);
	}
}

TEST_F(query, counters_stand_still)
{
	struct drm_rill_counters a, b;

	ASSERT_EQ(0, rill_counters(self->fd, &a));
	ASSERT_EQ(0, rill_counters(self->fd, &b));
	EXPECT_EQ(a.jobs_submitted, a.jobs_completed);
	EXPECT_LE(a.jobs_failed, a.jobs_completed);
	EXPECT_LE(a.hw_time_ps, b.hw_time_ps);
	a.hw_time_ps = b.hw_time_ps = 0;
	EXPECT_EQ(0, memcmp(&a, &b, sizeof(a)));
}

/* Five good jobs and two bad ones, and nothing else, is what the counters must tell. */
TEST_F(query, counters_move)
{
	struct drm_rill_counters a, b;
	struct drm_rill_job_result results[7];
	struct drm_rill_job jobs[7];
	struct rill r;
	unsigned int i;

	ASSERT_EQ(0, rill_setup(&r, 15));
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		jobs[i] = rill_job(i < 5 ? RILL_OP_NOP : RILL_OP_PASS_END, 0);
	ASSERT_EQ(0, rill_counters(r.fd, &a));
	ASSERT_EQ(0, rill_run(&r, jobs, ARRAY_SIZE(jobs), results));
	ASSERT_EQ(0, rill_counters(r.fd, &b));

	EXPECT_EQ(7, b.jobs_submitted - a.jobs_submitted);
	EXPECT_EQ(7, b.jobs_completed - a.jobs_completed);
	EXPECT_EQ(2, b.jobs_failed - a.jobs_failed);
	EXPECT_EQ(1, b.submit_ioctls - a.submit_ioctls);
	EXPECT_EQ(0, b.uring_cmds - a.uring_cmds);
	EXPECT_EQ(1, b.doorbells - a.doorbells);
	EXPECT_EQ(1, b.hw_doorbells - a.hw_doorbells);
	EXPECT_EQ(7, b.hw_fetched - a.hw_fetched);
	EXPECT_EQ(7, b.hw_completed - a.hw_completed);
	EXPECT_LE(1, b.interrupts - a.interrupts);
	EXPECT_LE(b.interrupts - a.interrupts, b.hw_interrupts - a.hw_interrupts);
	EXPECT_EQ(0, b.timeouts - a.timeouts);
	EXPECT_EQ(0, b.cancels - a.cancels);
	EXPECT_LE(a.hw_time_ps, b.hw_time_ps);
	rill_teardown(&r);
}

TEST_HARNESS_MAIN
