// SPDX-License-Identifier: MIT
/*
 * librill's devices: memory, jobs and what is said when they fail. Through the model, or with
 * RILL_TEST_PATH=uring or ioctl through the driver, as selftests/vm/librill.sh has it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rill_device.h"

#define KIB		1024ULL
#define MIB		(1024 * KIB)

/* NULL: the model */
static const char *path;

struct bench {
	struct rill_device *device;
	struct rill_queue_handle *queue;
	struct rill_buffer *blocks;	/* what jobs point to */
};

static struct rill_device_options options_for_path(void)
{
	struct rill_device_options options = {
		.transport = RILL_TRANSPORT_MODEL,
	};

	if (!path)
		return options;
	options.transport = RILL_TRANSPORT_KERNEL;
	options.path = strcmp(path, "ioctl") ? RILL_SUBMIT_URING : RILL_SUBMIT_IOCTL;
	return options;
}

static int setup(void **state)
{
	const struct rill_device_options options = options_for_path();
	struct bench *bench = calloc(1, sizeof(*bench));
	const char *error;

	*state = bench;
	if (rill_device_open(&options, &bench->device, &error)) {
		print_error("%s\n", error);
		return -1;
	}
	return rill_queue_create(bench->device, 64, &bench->queue) ||
	       rill_buffer_create(bench->device, MIB, DRM_RILL_SYSTEM, 0, &bench->blocks) ||
	       !rill_buffer_map(bench->blocks);
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	rill_buffer_destroy(bench->blocks);
	rill_queue_destroy(bench->queue);
	rill_device_close(bench->device);
	free(bench);
	return 0;
}

static struct rill_buffer *buffer_of(struct bench *bench, uint64_t size,
				     enum drm_rill_placement placement, uint32_t channel)
{
	struct rill_buffer *buffer;

	if (rill_buffer_create(bench->device, size, placement, channel, &buffer))
		fail_msg("%s", rill_device_error(bench->device));
	assert_non_null(rill_buffer_map(buffer));
	return buffer;
}

static void put_block(struct bench *bench, size_t at, const void *block, size_t size)
{
	memcpy((char *)rill_buffer_map(bench->blocks) + at, block, size);
}

static uint64_t block_va(const struct bench *bench, size_t at)
{
	return rill_buffer_va(bench->blocks) + at;
}

/* A FILL of one range; its block lies at `at`. */
static struct drm_rill_job fill_job(struct bench *bench, size_t at, uint64_t dst, uint64_t bytes,
				    uint64_t seed, uint64_t counter, uint32_t flags)
{
	const struct rill_fill fill = {
		.flags = flags, .count = 1, .ranges = block_va(bench, at + sizeof(fill)),
	};
	const struct rill_fill_range range = {
		.dst = dst, .bytes = bytes, .seed = seed, .counter = counter,
	};

	put_block(bench, at, &fill, sizeof(fill));
	put_block(bench, at + sizeof(fill), &range, sizeof(range));
	return (struct drm_rill_job){ .opcode = RILL_OP_FILL, .addr = block_va(bench, at) };
}

static struct drm_rill_job copy_job(struct bench *bench, size_t at, uint64_t dst, uint64_t src,
				    uint64_t bytes)
{
	const struct rill_copy copy = { .dst = dst, .src = src, .bytes = bytes };

	put_block(bench, at, &copy, sizeof(copy));
	return (struct drm_rill_job){ .opcode = RILL_OP_COPY, .addr = block_va(bench, at) };
}

static void run(struct bench *bench, const struct drm_rill_job *jobs, uint32_t count)
{
	if (rill_queue_run(bench->queue, jobs, count, NULL, NULL))
		fail_msg("%s", rill_device_error(bench->device));
}

static void expect_pattern(const void *map, uint64_t bytes, uint64_t seed, uint64_t counter)
{
	const uint64_t *words = map;

	for (uint64_t i = 0; i < bytes / 8; i++)
		if (words[i] != rill_pattern(seed, counter + i))
			fail_msg("word %llu", (unsigned long long)i);
}

static void expect_zero(const void *map, uint64_t bytes)
{
	const uint8_t *byte = map;

	for (uint64_t i = 0; i < bytes; i++)
		if (byte[i])
			fail_msg("byte %llu", (unsigned long long)i);
}

/* --- devices --- */

static void chip_by_default(void **state)
{
	struct bench *bench = *state;
	const struct drm_rill_chip_info *chip = rill_device_chip(bench->device);

	assert_int_equal(chip->rows, 2);
	assert_int_equal(chip->cols, 2);
	assert_int_equal(chip->channels, 4);
	assert_int_equal(chip->links, 8);
	assert_int_equal(chip->channel_bytes, 1024 * MIB);
	assert_int_equal(chip->sram_bytes, 32 * MIB);
	assert_int_equal(chip->features & RILL_FEATURE_STREAM, RILL_FEATURE_STREAM);
	assert_string_equal(rill_queue_path(bench->queue),
			    !path ? "model" : strcmp(path, "ioctl") ? "io_uring" : "ioctl");
}

static void expect_no_chip(const struct rill_device_options *options, const char *part)
{
	struct rill_device *device = NULL;
	const char *error;

	assert_int_equal(rill_device_open(options, &device, &error), -EINVAL);
	if (!strstr(error, part))
		fail_msg("\"%s\" lacks \"%s\"", error, part);
}

static void chips_that_cannot_be(void **state)
{
	const struct rill_device_options rows = {
		.transport = RILL_TRANSPORT_MODEL, .chip.rows = 9,
	};
	const struct rill_device_options channel = {
		.transport = RILL_TRANSPORT_MODEL, .chip.channel_bytes = 3 * MIB,
	};
	const struct rill_device_options mask = {
		.transport = RILL_TRANSPORT_MODEL, .chiplet_mask = 0x10,
	};

	expect_no_chip(&rows, "rows: 1 to 8");
	expect_no_chip(&channel, "channel_bytes: a power of two");
	expect_no_chip(&mask, "chiplet mask 0x10: the chip has 4");
}

static void queries(void **state)
{
	struct bench *bench = *state;
	struct drm_rill_link_info links[8];
	struct drm_rill_channel_info channels[4];
	struct drm_rill_chiplet_info chiplets[4];

	assert_int_equal(rill_device_links(bench->device, links), 0);
	assert_int_equal(rill_device_channels(bench->device, channels), 0);
	assert_int_equal(rill_device_chiplets(bench->device, chiplets), 0);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(links[i].up, 1);
		assert_int_equal(links[i].rate_permille, 1000);
	}
	assert_int_equal(links[0].src, 0);
	assert_int_equal(links[0].dst, 1);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(channels[i].chiplet, i);
		assert_int_equal(channels[i].free_bytes, 1024 * MIB);
	}
}

static void links_are_set(void **state)
{
	struct bench *bench = *state;
	struct drm_rill_link_info links[8];

	assert_int_equal(rill_device_link_set(bench->device, 3, false, 500), 0);
	assert_int_equal(rill_device_links(bench->device, links), 0);
	assert_int_equal(links[3].up, 0);
	assert_int_equal(links[3].rate_permille, 500);
	assert_int_equal(rill_device_link_set(bench->device, 3, true, 1000), 0);
	assert_int_equal(rill_device_link_set(bench->device, 8, true, 1000), -EINVAL);
	assert_string_equal(rill_device_error(bench->device), "link 8: there are 8");
	assert_int_equal(rill_device_link_set(bench->device, 0, true, 1001), -EINVAL);
	assert_string_equal(rill_device_error(bench->device), "rate of 1001 permille: 1 to 1000");
}

/* --- buffers --- */

static void buffers_have_addresses(void **state)
{
	struct bench *bench = *state;
	struct rill_buffer *small = buffer_of(bench, 100, DRM_RILL_DDR, 1);
	struct rill_buffer *large = buffer_of(bench, 5 * MIB + 1, DRM_RILL_DDR, 1);

	assert_int_equal(rill_buffer_size(small), 4 * KIB);
	assert_int_equal(rill_buffer_size(large), 5 * MIB + 4 * KIB);
	assert_int_equal(rill_buffer_va(small) % (4 * KIB), 0);
	assert_int_equal(rill_buffer_va(large) % (2 * MIB), 0);
	assert_true(rill_buffer_va(small) + rill_buffer_size(small) <= rill_buffer_va(large) ||
		    rill_buffer_va(large) + rill_buffer_size(large) <= rill_buffer_va(small));
	rill_buffer_destroy(small);
	rill_buffer_destroy(large);
}

static void buffers_that_cannot_be(void **state)
{
	struct bench *bench = *state;
	struct rill_device *device = bench->device;
	struct rill_buffer *buffer;

	assert_int_equal(rill_buffer_create(device, 0, DRM_RILL_SYSTEM, 0, &buffer), -EINVAL);
	assert_int_equal(rill_buffer_create(device, 1, DRM_RILL_SYSTEM, 1, &buffer), -EINVAL);
	assert_string_equal(rill_device_error(device), "channel 1: 0 for system memory");
	assert_int_equal(rill_buffer_create(device, 1, DRM_RILL_DDR, 4, &buffer), -EINVAL);
	assert_string_equal(rill_device_error(device), "DDR channel 4: the chip has 4");
	assert_int_equal(rill_buffer_create(device, 1, 7, 0, &buffer), -EINVAL);
	assert_int_equal(rill_buffer_create(device, 1024 * MIB + 1, DRM_RILL_DDR, 2, &buffer),
			 -ENOSPC);
	assert_string_equal(rill_device_error(device),
			    "a buffer of 1073745920 bytes does not fit DDR channel 2: 1073741824 are free");
}

/* What one left behind, the next does not see; nor does memory run out. */
static void buffers_come_zeroed(void **state)
{
	const uint64_t size = 300 * MIB;
	struct bench *bench = *state;

	for (int round = 0; round < 4; round++) {
		struct rill_buffer *ddr = buffer_of(bench, size, DRM_RILL_DDR, 3);
		struct rill_buffer *system = buffer_of(bench, MIB, DRM_RILL_SYSTEM, 0);
		uint8_t *map = rill_buffer_map(ddr);

		expect_zero(map, 64 * KIB);
		expect_zero(map + size - 64 * KIB, 64 * KIB);
		expect_zero(rill_buffer_map(system), MIB);
		memset(map, 0xa5, 64 * KIB);
		memset(map + size - 64 * KIB, 0x5a, 64 * KIB);
		memset(rill_buffer_map(system), 0xff, MIB);
		rill_buffer_destroy(ddr);
		rill_buffer_destroy(system);
	}
}

/* --- jobs --- */

static void fill_writes_the_pattern(void **state)
{
	static const struct {
		enum drm_rill_placement placement;
		uint64_t size, offset, bytes;
	} cases[] = {
		{ DRM_RILL_SYSTEM, 4 * KIB, 0, 4 * KIB },
		{ DRM_RILL_SYSTEM, 3 * MIB, 8, 3 * MIB - 16 },
		{ DRM_RILL_DDR, 4 * KIB, 8, 8 },
		{ DRM_RILL_DDR, 64 * KIB, 4088, 8 * KIB },
		{ DRM_RILL_DDR, 9 * MIB + 4 * KIB, 2 * MIB - 8, 7 * MIB },
	};
	struct bench *bench = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t channel = i % 4 * (cases[i].placement == DRM_RILL_DDR);
		struct rill_buffer *buffer = buffer_of(bench, cases[i].size, cases[i].placement,
						       channel);
		uint8_t *map = rill_buffer_map(buffer);
		struct drm_rill_job job = fill_job(bench, 0, rill_buffer_va(buffer) +
						   cases[i].offset, cases[i].bytes, 7, 1000 + i, 0);
		uint64_t end = cases[i].offset + cases[i].bytes;

		run(bench, &job, 1);
		expect_zero(map, cases[i].offset);
		expect_pattern(map + cases[i].offset, cases[i].bytes, 7, 1000 + i);
		expect_zero(map + end, cases[i].size - end);
		job = fill_job(bench, 0, rill_buffer_va(buffer), cases[i].size, 7, 0,
			       RILL_FILL_ZERO);
		run(bench, &job, 1);
		expect_zero(map, cases[i].size);
		rill_buffer_destroy(buffer);
	}
}

static void copy_moves_bytes(void **state)
{
	struct bench *bench = *state;
	struct rill_buffer *a = buffer_of(bench, 4 * MIB, DRM_RILL_DDR, 0);
	struct rill_buffer *b = buffer_of(bench, 3 * MIB, DRM_RILL_SYSTEM, 0);
	struct rill_buffer *c = buffer_of(bench, 3 * MIB, DRM_RILL_DDR, 2);
	const struct drm_rill_job jobs[] = {
		fill_job(bench, 0, rill_buffer_va(a), 4 * MIB, 3, 0, 0),
		copy_job(bench, 256, rill_buffer_va(b) + 1, rill_buffer_va(a) + 13, 2 * MIB + 5),
		copy_job(bench, 512, rill_buffer_va(c) + 4095, rill_buffer_va(b) + 1, 2 * MIB + 5),
	};
	const uint8_t *from = rill_buffer_map(a), *to = rill_buffer_map(c);

	run(bench, jobs, 3);
	assert_memory_equal(to + 4095, from + 13, 2 * MIB + 5);
	expect_zero(to, 4095);
	expect_zero(to + 4095 + 2 * MIB + 5, MIB - 4095 - 5);
	rill_buffer_destroy(a);
	rill_buffer_destroy(b);
	rill_buffer_destroy(c);
}

/* Far more jobs than the queue holds, each of which needs the one before. */
static void jobs_run_in_order(void **state)
{
	struct bench *bench = *state;
	struct rill_buffer *buffer = buffer_of(bench, MIB, DRM_RILL_DDR, 0);
	struct rill_queue_handle *queue;
	struct drm_rill_job jobs[100];
	struct drm_rill_job_result results[100];
	uint64_t va = rill_buffer_va(buffer);
	struct rill_queue_stats stats;

	jobs[0] = fill_job(bench, 0, va, KIB, 11, 0, 0);
	for (uint32_t i = 1; i < 100; i++)
		jobs[i] = copy_job(bench, i * 256, va + i * KIB, va + (i - 1) * KIB, KIB);
	assert_int_equal(rill_queue_create(bench->device, 7, &queue), 0);
	assert_int_equal(rill_queue_run(queue, jobs, 100, results, NULL), 0);
	expect_pattern((char *)rill_buffer_map(buffer) + 99 * KIB, KIB, 11, 0);
	for (uint32_t i = 1; i < 100; i++)
		assert_true(results[i].start_ps >= results[i - 1].end_ps);
	rill_queue_stats(queue, &stats);
	assert_int_equal(stats.jobs, 100);
	/* 15 batches */
	assert_int_equal(stats.syscalls, !path ? 0 : strcmp(path, "ioctl") ? 15 : 30);
	assert_int_equal(stats.submit_syscalls, path ? 15 : 0);
	rill_queue_destroy(queue);
	rill_buffer_destroy(buffer);
}

static void one_doorbell_for_a_batch(void **state)
{
	struct bench *bench = *state;
	struct drm_rill_counters before, after;
	struct drm_rill_job jobs[64] = { 0 };

	assert_int_equal(rill_device_counters(bench->device, &before), 0);
	run(bench, jobs, 64);
	assert_int_equal(rill_device_counters(bench->device, &after), 0);
	assert_int_equal(after.jobs_submitted - before.jobs_submitted, 64);
	assert_int_equal(after.jobs_completed - before.jobs_completed, 64);
	assert_int_equal(after.doorbells - before.doorbells, 1);
	assert_int_equal(after.hw_doorbells - before.hw_doorbells, 1);
	assert_int_equal(after.hw_fetched - before.hw_fetched, 64);
	assert_int_equal(after.hw_completed - before.hw_completed, 64);
	assert_in_range(after.hw_interrupts - before.hw_interrupts, 1, 4);
	/* Of what the chip raises while the kernel handles one, it takes one. */
	assert_in_range(after.interrupts - before.interrupts, 1,
			after.hw_interrupts - before.hw_interrupts);
}

static void vectors(void **state)
{
	struct bench *bench = *state;
	struct rill_buffer *buffer = buffer_of(bench, MIB, DRM_RILL_DDR, 0);
	uint64_t va = rill_buffer_va(buffer);
	struct drm_rill_job jobs[] = {
		fill_job(bench, 0, va, KIB, 1, 0, 0),
		fill_job(bench, 256, va + KIB, KIB, 1, 128, 0),
	};
	struct drm_rill_job_result result;

	assert_int_equal(rill_queue_run_vector(bench->queue, jobs, 2, &result), 0);
	assert_int_equal(result.error, 0);
	assert_true(result.end_ps > result.start_ps);
	expect_pattern(rill_buffer_map(buffer), 2 * KIB, 1, 0);
	jobs[1].opcode = 99;
	assert_int_equal(rill_queue_run_vector(bench->queue, jobs, 2, &result), -EINVAL);
	assert_int_equal(result.status, RILL_BAD_OPCODE);
	assert_int_equal(result.detail, 99);
	rill_buffer_destroy(buffer);
}

/* --- jobs that fail --- */

static void expect_failure(struct bench *bench, const struct drm_rill_job *jobs, uint32_t count,
			   int err, uint32_t which, const char *sentence)
{
	uint32_t failed = UINT32_MAX;

	assert_int_equal(rill_queue_run(bench->queue, jobs, count, NULL, &failed), err);
	assert_int_equal(failed, which);
	if (!strstr(rill_device_error(bench->device), sentence))
		fail_msg("\"%s\" lacks \"%s\"", rill_device_error(bench->device), sentence);
}

static void malformed_jobs(void **state)
{
	struct bench *bench = *state;
	struct drm_rill_job job = { .opcode = 42 };

	expect_failure(bench, &job, 1, -EINVAL, 0, "job 0: job: unknown opcode 42");
	job = (struct drm_rill_job){ .opcode = RILL_OP_NOP, .flags = 4 };
	expect_failure(bench, &job, 1, -EINVAL, 0, !path ? "unknown flags 0x4" :
		       strcmp(path, "ioctl") ? "NOP: the driver refused it: flags" :
		       "cannot submit 1 jobs: Invalid argument");
	job = (struct drm_rill_job){ .opcode = RILL_OP_FILL, .addr = block_va(bench, 4) };
	expect_failure(bench, &job, 1, -EINVAL, 0, "FILL: addr");
	job = (struct drm_rill_job){ .opcode = RILL_OP_FILL, .addr = 0x1000 };
	expect_failure(bench, &job, 1, -EFAULT, 0, "read fault at 0x1000");
	job = fill_job(bench, 0, block_va(bench, 0), 12, 0, 0, 0);
	expect_failure(bench, &job, 1, -EINVAL, 0, "FILL: ranges[0]: field out of range (dst and");
	job = fill_job(bench, 0, block_va(bench, 0), 8, 0, 0, 2);
	expect_failure(bench, &job, 1, -EINVAL, 0, "FILL: flags");
	job = fill_job(bench, 0, 0x777000, 8, 0, 0, 0);
	expect_failure(bench, &job, 1, -EFAULT, 0, "write fault at 0x777000");
	job = copy_job(bench, 0, block_va(bench, 4096), block_va(bench, 4100), 5);
	expect_failure(bench, &job, 1, -EINVAL, 0, "COPY: dst: field out of range (the ranges");
	job = copy_job(bench, 0, block_va(bench, 4096), block_va(bench, 8192), 0);
	expect_failure(bench, &job, 1, -EINVAL, 0, "COPY: bytes: field out of range (1 to 2^32)");
}

/* The one to blame is named, not those that fell with it; what is not of the pass goes on. */
static void the_culprit_is_named(void **state)
{
	struct bench *bench = *state;
	struct rill_pass pass = {
		.flags = RILL_PASS_TIMING_ONLY, .tokens = 1, .hidden = 64,
		.homes = block_va(bench, 1024),
	};
	struct rill_stream stream = { .width = 8, .slice_count = 1 };
	struct drm_rill_job jobs[] = {
		{ .opcode = RILL_OP_PASS_BEGIN, .addr = block_va(bench, 0) },
		{ .opcode = RILL_OP_STREAM, .addr = block_va(bench, 512) },
		{ .opcode = RILL_OP_PASS_END },
		{ .opcode = RILL_OP_NOP },
	};
	struct drm_rill_job_result results[4];

	put_block(bench, 0, &pass, sizeof(pass));
	put_block(bench, 512, &stream, sizeof(stream));
	expect_failure(bench, jobs, 4, -EINVAL, 1, "job 1: STREAM: route_count: field out of range");
	rill_queue_run(bench->queue, jobs, 4, results, NULL);
	assert_int_equal(results[0].error, 0);
	assert_int_equal(results[2].status, RILL_PASS_FAILED);
	assert_int_equal(results[2].error, -ECANCELED);
	assert_int_equal(results[3].error, 0);
	pass.hidden = 63;
	put_block(bench, 0, &pass, sizeof(pass));
	expect_failure(bench, jobs, 4, -EINVAL, 0, "PASS_BEGIN: hidden: field out of range (8 to");
}

/* What would wait for ever is refused before anything runs. */
static void endless_batches(void **state)
{
	struct bench *bench = *state;
	struct drm_rill_job jobs[70] = { { .opcode = RILL_OP_NOP } };

	expect_failure(bench, jobs, 0, -EINVAL, 0, "no jobs");
	jobs[1].opcode = RILL_OP_STREAM;
	expect_failure(bench, jobs, 2, -EINVAL, 0, "job 1: a STREAM, and no PASS_END follows it");
	for (uint32_t i = 0; i < 70; i++)
		jobs[i].opcode = RILL_OP_STREAM;
	jobs[69].opcode = RILL_OP_PASS_END;
	expect_failure(bench, jobs, 70, -EINVAL, 0,
		       "jobs 0 to 69 are one pass, more than the queue's depth of 64");
}

static void unbound_memory_is_out_of_reach(void **state)
{
	struct bench *bench = *state;
	struct rill_buffer *buffer = buffer_of(bench, 4 * MIB, DRM_RILL_DDR, 0);
	struct drm_rill_job job = fill_job(bench, 0, rill_buffer_va(buffer), 4 * MIB, 0, 0, 0);

	run(bench, &job, 1);
	rill_buffer_destroy(buffer);
	expect_failure(bench, &job, 1, -EFAULT, 0, "write fault");
}

static void queues_that_cannot_be(void **state)
{
	struct bench *bench = *state;
	struct rill_queue_handle *queues[64];
	uint32_t count = 0;

	assert_int_equal(rill_queue_create(bench->device, 0, queues), -EINVAL);
	assert_int_equal(rill_queue_create(bench->device, 4096, queues), -EINVAL);
	assert_string_equal(rill_device_error(bench->device), "a queue of 4096 jobs: 1 to 4095");
	while (!rill_queue_create(bench->device, 4095, &queues[count]))
		count++;
	assert_int_equal(count, rill_device_chip(bench->device)->max_queues - 1);
	assert_non_null(strstr(rill_device_error(bench->device), "are in use"));
	while (count)
		rill_queue_destroy(queues[--count]);
}

#define BENCH_TEST(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(chip_by_default),
		cmocka_unit_test(chips_that_cannot_be),
		BENCH_TEST(queries),
		BENCH_TEST(links_are_set),
		BENCH_TEST(buffers_have_addresses),
		BENCH_TEST(buffers_that_cannot_be),
		BENCH_TEST(buffers_come_zeroed),
		BENCH_TEST(fill_writes_the_pattern),
		BENCH_TEST(copy_moves_bytes),
		BENCH_TEST(jobs_run_in_order),
		BENCH_TEST(one_doorbell_for_a_batch),
		BENCH_TEST(vectors),
		BENCH_TEST(malformed_jobs),
		BENCH_TEST(the_culprit_is_named),
		BENCH_TEST(endless_batches),
		BENCH_TEST(unbound_memory_is_out_of_reach),
		BENCH_TEST(queues_that_cannot_be),
	};

	path = getenv("RILL_TEST_PATH");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
