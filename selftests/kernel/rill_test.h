/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the tests of rill.ko: thin wrappers around the ioctls, buffers that are
 * created, mapped and bound in one go, and jobs.
 *
 * Wrappers return 0 or a negative errno. Nothing here asserts.
 */
#ifndef RILL_TEST_H
#define RILL_TEST_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "rill_accel.h"
#include "rill_stream.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#endif

/* Of a wrapper: it must fail, and for this reason. */
#define EXPECT_ERRNO(expected, call) EXPECT_EQ(-(expected), call)
#define ASSERT_ERRNO(expected, call) ASSERT_EQ(-(expected), call)

#define RILL_PAGE		4096ULL
#define RILL_LARGE_PAGE		(2ULL << 20)
#define RILL_VA_END		(1ULL << RILL_VA_BITS)
#define RILL_ARENA_BYTES	(1ULL << 20)
#define RILL_SECOND		1000000000LL
/* For work that ends by itself; the emulated chip may be slow. */
#define RILL_PATIENCE		(20 * RILL_SECOND)

struct rill_buf {
	__u32 handle;
	__u64 size;
	__u64 va;
	void *map;
};

/* An open device with one context and one queue. */
struct rill {
	int fd;
	__u32 ctx, queue;
	struct drm_rill_chip_info chip;
	__u64 next_va;
	struct rill_buf arena;		/* system memory for job blocks */
	size_t arena_used;
};

static inline int rill_ioctl(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) < 0 ? -errno : 0;
}

static inline __u64 rill_ptr(const void *p)
{
	return (uintptr_t)p;
}

static inline __u64 rill_align(__u64 value, __u64 to)
{
	return (value + to - 1) / to * to;
}

/* --- the node --- */

static inline int rill_name(int fd, char name[16])
{
	struct drm_version version = { .name_len = 15, .name = name };

	memset(name, 0, 16);
	return rill_ioctl(fd, DRM_IOCTL_VERSION, &version);
}

/* The first Rill under /dev/accel, or -ENODEV. Its path goes to `path` unless that is NULL. */
static inline int rill_open_path(char path[32])
{
	char try[32], name[16];
	int i, fd;

	for (i = 0; i < 64; i++) {
		snprintf(try, sizeof(try), "/dev/accel/accel%d", i);
		fd = open(try, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (!rill_name(fd, name) && !strcmp(name, "rill")) {
			if (path)
				memcpy(path, try, sizeof(try));
			return fd;
		}
		close(fd);
	}
	return -ENODEV;
}

static inline int rill_open(void)
{
	return rill_open_path(NULL);
}

/* Returns the bytes that there are. */
static inline int rill_query(int fd, __u32 type, void *to, __u32 size)
{
	struct drm_rill_dev_query query = { .type = type, .size = size, .pointer = rill_ptr(to) };
	int err = rill_ioctl(fd, DRM_IOCTL_RILL_DEV_QUERY, &query);

	return err ? err : (int)query.size;
}

static inline int rill_counters(int fd, struct drm_rill_counters *counters)
{
	int n = rill_query(fd, DRM_RILL_QUERY_COUNTERS, counters, sizeof(*counters));

	return n == sizeof(*counters) ? 0 : n < 0 ? n : -EPROTO;
}

/* Bytes free in a DDR channel */
static inline __u64 rill_free_bytes(int fd, unsigned int channel)
{
	struct drm_rill_channel_info info[RILL_MAX_CHANNELS] = { 0 };

	if (rill_query(fd, DRM_RILL_QUERY_CHANNELS, info, sizeof(info)) < 0)
		return 0;
	return info[channel].free_bytes;
}

/* --- buffers --- */

static inline int rill_bo_create(int fd, __u32 placement, __u32 channel, __u64 size, __u32 *handle)
{
	struct drm_rill_bo_create create = {
		.size = size, .placement = placement, .channel = channel,
	};
	int err = rill_ioctl(fd, DRM_IOCTL_RILL_BO_CREATE, &create);

	if (!err)
		*handle = create.handle;
	return err;
}

static inline int rill_bo_close(int fd, __u32 handle)
{
	struct drm_gem_close close = { .handle = handle };

	return rill_ioctl(fd, DRM_IOCTL_GEM_CLOSE, &close);
}

static inline int rill_bo_info(int fd, __u32 handle, struct drm_rill_bo_info *info)
{
	*info = (struct drm_rill_bo_info){ .handle = handle };
	return rill_ioctl(fd, DRM_IOCTL_RILL_BO_INFO, info);
}

static inline int rill_bo_map(int fd, __u32 handle, __u64 size, void **map)
{
	struct drm_rill_bo_info info;
	int err = rill_bo_info(fd, handle, &info);

	if (err)
		return err;
	*map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, info.mmap_offset);
	return *map == MAP_FAILED ? -errno : 0;
}

/* --- contexts, queues --- */

static inline int rill_ctx_create(int fd, __u64 chiplets, __u32 *ctx)
{
	struct drm_rill_ctx_create create = { .chiplet_mask = chiplets };
	int err = rill_ioctl(fd, DRM_IOCTL_RILL_CTX_CREATE, &create);

	if (!err)
		*ctx = create.ctx_id;
	return err;
}

static inline int rill_ctx_destroy(int fd, __u32 ctx)
{
	struct drm_rill_ctx_destroy destroy = { .ctx_id = ctx };

	return rill_ioctl(fd, DRM_IOCTL_RILL_CTX_DESTROY, &destroy);
}

static inline int rill_map(int fd, __u32 ctx, __u32 handle, __u32 flags, __u64 va, __u64 offset,
			   __u64 size)
{
	struct drm_rill_vm_bind bind = {
		.ctx_id = ctx, .op = DRM_RILL_BIND_MAP, .handle = handle, .flags = flags,
		.va = va, .bo_offset = offset, .size = size,
	};

	return rill_ioctl(fd, DRM_IOCTL_RILL_VM_BIND, &bind);
}

static inline int rill_unmap(int fd, __u32 ctx, __u64 va, __u64 size)
{
	struct drm_rill_vm_bind bind = {
		.ctx_id = ctx, .op = DRM_RILL_BIND_UNMAP, .va = va, .size = size,
	};

	return rill_ioctl(fd, DRM_IOCTL_RILL_VM_BIND, &bind);
}

static inline int rill_queue_create(int fd, __u32 ctx, __u32 depth, __u32 *queue)
{
	struct drm_rill_queue_create create = { .ctx_id = ctx, .depth = depth };
	int err = rill_ioctl(fd, DRM_IOCTL_RILL_QUEUE_CREATE, &create);

	if (!err)
		*queue = create.queue_id;
	return err;
}

static inline int rill_queue_destroy(int fd, __u32 queue)
{
	struct drm_rill_queue_destroy destroy = { .queue_id = queue };

	return rill_ioctl(fd, DRM_IOCTL_RILL_QUEUE_DESTROY, &destroy);
}

/* --- submission by ioctl --- */

static inline int rill_submit(int fd, __u32 queue, const struct drm_rill_job *jobs, __u32 n,
			      __u64 *seqno)
{
	struct drm_rill_submit submit = {
		.queue_id = queue, .job_count = n, .jobs = rill_ptr(jobs),
	};
	int err = rill_ioctl(fd, DRM_IOCTL_RILL_SUBMIT, &submit);

	if (!err && seqno)
		*seqno = submit.seqno;
	return err;
}

static inline int rill_wait(int fd, __u32 queue, __u64 seqno, __u32 n, __s64 timeout_ns,
			    struct drm_rill_job_result *results)
{
	struct drm_rill_wait wait = {
		.queue_id = queue, .job_count = n, .seqno = seqno, .timeout_ns = timeout_ns,
		.results = rill_ptr(results),
	};

	return rill_ioctl(fd, DRM_IOCTL_RILL_WAIT, &wait);
}

/* Jobs on a queue, to their end, however that is */
static inline int rill_run_on(int fd, __u32 queue, const struct drm_rill_job *jobs, __u32 n,
			      struct drm_rill_job_result *results)
{
	__u64 seqno;
	int err = rill_submit(fd, queue, jobs, n, &seqno);

	return err ? err : rill_wait(fd, queue, seqno, n, RILL_PATIENCE, results);
}

static inline int rill_run(struct rill *r, const struct drm_rill_job *jobs, __u32 n,
			   struct drm_rill_job_result *results)
{
	return rill_run_on(r->fd, r->queue, jobs, n, results);
}

/* One job; its own error if it failed */
static inline int rill_run_job(struct rill *r, struct drm_rill_job job)
{
	struct drm_rill_job_result result;
	int err = rill_run(r, &job, 1, &result);

	return err ? err : result.error;
}

/* --- an open device, buffers bound into its context --- */

/* Created, mapped and bound at an address of its own; a guard is left behind it. */
static inline int rill_buf_new(struct rill *r, __u32 placement, __u32 channel, __u64 size,
			       struct rill_buf *buf)
{
	int err;

	*buf = (struct rill_buf){ .size = rill_align(size, RILL_PAGE), .va = r->next_va };
	err = rill_bo_create(r->fd, placement, channel, size, &buf->handle);
	if (!err)
		err = rill_bo_map(r->fd, buf->handle, buf->size, &buf->map);
	if (!err)
		err = rill_map(r->fd, r->ctx, buf->handle, 0, buf->va, 0, buf->size);
	if (!err)
		r->next_va = rill_align(buf->va + buf->size + RILL_PAGE, RILL_LARGE_PAGE);
	return err;
}

static inline int rill_buf_free(struct rill *r, struct rill_buf *buf)
{
	int err = rill_unmap(r->fd, r->ctx, buf->va, buf->size);

	munmap(buf->map, buf->size);
	return err ? err : rill_bo_close(r->fd, buf->handle);
}

static inline int rill_setup_ctx(struct rill *r, __u32 depth)
{
	int err = rill_query(r->fd, DRM_RILL_QUERY_CHIP, &r->chip, sizeof(r->chip));

	if (err < 0)
		return err;
	r->next_va = 1ULL << 30;
	err = rill_ctx_create(r->fd, 0, &r->ctx);
	if (!err)
		err = rill_queue_create(r->fd, r->ctx, depth, &r->queue);
	if (!err)
		err = rill_buf_new(r, DRM_RILL_SYSTEM, 0, RILL_ARENA_BYTES, &r->arena);
	return err;
}

static inline int rill_setup(struct rill *r, __u32 depth)
{
	int err;

	memset(r, 0, sizeof(*r));
	r->fd = rill_open();
	if (r->fd < 0)
		return r->fd;
	err = rill_setup_ctx(r, depth);
	if (err)
		close(r->fd);
	return err;
}

static inline void rill_teardown(struct rill *r)
{
	munmap(r->arena.map, r->arena.size);
	close(r->fd);
}

static inline unsigned int rill_chiplets(const struct rill *r)
{
	return r->chip.rows * r->chip.cols;
}

/* --- job blocks --- */

static inline void rill_arena_reset(struct rill *r)
{
	r->arena_used = 0;
}

/* A copy in the arena: its address on the chip. Out of arena is a bug of the test. */
static inline __u64 rill_block(struct rill *r, const void *data, size_t size)
{
	size_t at = r->arena_used;

	if (at + size > r->arena.size)
		abort();
	memcpy((char *)r->arena.map + at, data, size);
	r->arena_used = rill_align(at + size, 8);
	return r->arena.va + at;
}

static inline struct drm_rill_job rill_job(__u16 opcode, __u64 addr)
{
	return (struct drm_rill_job){ .opcode = opcode, .addr = addr };
}

static inline struct drm_rill_job rill_job_fill(struct rill *r, __u64 dst, __u64 bytes,
						__u64 seed, __u64 counter)
{
	struct rill_fill_range range = { dst, bytes, seed, counter };
	struct rill_fill fill = { .count = 1, .ranges = rill_block(r, &range, sizeof(range)) };

	return rill_job(RILL_OP_FILL, rill_block(r, &fill, sizeof(fill)));
}

static inline struct drm_rill_job rill_job_copy(struct rill *r, __u64 dst, __u64 src, __u64 bytes)
{
	struct rill_copy copy = { .dst = dst, .src = src, .bytes = bytes };

	return rill_job(RILL_OP_COPY, rill_block(r, &copy, sizeof(copy)));
}

/* Bytes, a multiple of 8, that do hold the pattern from their start on */
static inline __u64 rill_pattern_bytes(const void *map, __u64 bytes, __u64 seed, __u64 counter)
{
	const volatile __u64 *word = map;
	__u64 i;

	for (i = 0; i < bytes / 8; i++)
		if (word[i] != rill_pattern(seed, counter + i))
			break;
	return i * 8;
}

static inline void rill_pattern_write(void *map, __u64 bytes, __u64 seed, __u64 counter)
{
	volatile __u64 *word = map;
	__u64 i;

	for (i = 0; i < bytes / 8; i++)
		word[i] = rill_pattern(seed, counter + i);
}

/* Bytes, a multiple of 8, that are this byte from their start on */
static inline __u64 rill_same_bytes(const void *map, __u64 bytes, __u8 byte)
{
	const volatile __u64 *word = map;
	__u64 i;

	for (i = 0; i < bytes / 8; i++)
		if (word[i] != byte * 0x0101010101010101ULL)
			break;
	return i * 8;
}

/* --- time --- */

static inline __s64 rill_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * RILL_SECOND + t.tv_nsec;
}

static inline void rill_sleep_ms(unsigned int ms)
{
	usleep(ms * 1000);
}

/*
 * All that was ever submitted has completed: true, at the latest after a while. What a dead process
 * leaves behind is cleaned up by others, later.
 */
static inline bool rill_balanced(int fd)
{
	struct drm_rill_counters counters;
	__s64 end = rill_now() + RILL_PATIENCE;

	do {
		if (rill_counters(fd, &counters))
			return false;
		if (counters.jobs_submitted == counters.jobs_completed)
			return true;
		rill_sleep_ms(10);
	} while (rill_now() < end);
	return false;
}

#endif
