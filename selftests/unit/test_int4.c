// SPDX-License-Identifier: MIT
/*
 * RILL_STREAM_INT4: records written by hand, nibble by nibble, through the chip; their bytes and
 * times; what the chip refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "int4.h"
#include "rill_device.h"

#define HIDDEN		128u		/* two groups a vector */
#define RECORD		200u		/* 3 * 64 bytes of weights, 3 of scales, 5 of padding */
#define WEIGHTS_BYTES	8192u
#define MAX_JOBS	4

enum vector { GATE, UP, DOWN };

struct bench {
	struct rill_device *device;
	struct rill_queue_handle *queue;
	struct rill_buffer *weights, *blocks;
	uint64_t used;
	struct rill_pass pass;
	struct drm_rill_job jobs[MAX_JOBS];
	struct drm_rill_job_result results[MAX_JOBS];
	unsigned int job_count;
};

static int setup(void **state)
{
	struct rill_device_options options = { .transport = RILL_TRANSPORT_MODEL };
	struct bench *b = calloc(1, sizeof(*b));
	const char *error;

	assert_int_equal(rill_device_open(&options, &b->device, &error), 0);
	assert_int_equal(rill_buffer_create(b->device, 1 << 20, DRM_RILL_SYSTEM, 0, &b->blocks), 0);
	assert_int_equal(rill_buffer_create(b->device, WEIGHTS_BYTES, DRM_RILL_DDR, 0,
					    &b->weights), 0);
	assert_int_equal(rill_queue_create(b->device, 16, &b->queue), 0);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	rill_queue_destroy(b->queue);
	rill_buffer_destroy(b->weights);
	rill_buffer_destroy(b->blocks);
	rill_device_close(b->device);
	free(b);
	return 0;
}

static uint64_t put(struct bench *b, const void *data, size_t bytes)
{
	uint64_t at = b->used;

	b->used += (bytes + 63) / 64 * 64;
	memcpy((uint8_t *)rill_buffer_map(b->blocks) + at, data, bytes);
	return rill_buffer_va(b->blocks) + at;
}

static void *get(struct bench *b, uint64_t va)
{
	return (uint8_t *)rill_buffer_map(b->blocks) + (va - rill_buffer_va(b->blocks));
}

/* --- records --- */

static void set_nibble(uint8_t *byte, bool high, int value)
{
	*byte = high ? (*byte & 0x0f) | (value & 15) << 4 : (*byte & 0xf0) | (value & 15);
}

static void set_weight(uint8_t *record, enum vector v, unsigned int n, int value)
{
	set_nibble(record + v * HIDDEN / 2 + n / 2, n % 2, value);
}

static void set_scale(uint8_t *record, enum vector v, unsigned int group, int value)
{
	unsigned int i = v * HIDDEN / 64 + group;

	set_nibble(record + 3 * HIDDEN / 2 + i / 2, i % 2, value);
}

static uint8_t *record_at(struct bench *b, unsigned int index)
{
	return (uint8_t *)rill_buffer_map(b->weights) + index * RECORD;
}

/* --- passes --- */

/* One token on chiplet 0; g, u and h are what the dot products are: no shift, and silu[g] = g. */
static void begin(struct bench *b, uint32_t hidden, const int8_t *x)
{
	static const int64_t no_outputs[2 * HIDDEN];
	struct rill_pass_report report = { 0 };
	uint16_t home = 0;
	int8_t silu[256];

	b->used = 0;
	for (int g = -128; g < 128; g++)
		silu[g + 128] = g;
	b->pass = (struct rill_pass){
		.tokens = 1, .hidden = hidden,
		.homes = put(b, &home, sizeof(home)), .x = put(b, x, hidden),
		.silu = put(b, silu, sizeof(silu)), .out = put(b, no_outputs, 8 * hidden),
		.report = put(b, &report, sizeof(report)),
	};
	b->jobs[0] = (struct drm_rill_job){ .opcode = RILL_OP_PASS_BEGIN,
					    .addr = put(b, &b->pass, sizeof(b->pass)) };
	b->job_count = 1;
}

static void stream(struct bench *b, uint32_t flags, uint64_t offset, uint32_t records, int weight)
{
	const struct rill_slice slice = {
		.weights = rill_buffer_va(b->weights) + offset, .records = records,
		.pin = RILL_NO_PIN,
	};
	const struct rill_route route = { .weight = weight };
	struct rill_stream block = {
		.flags = flags, .width = records, .slice_count = 1, .route_count = 1,
		.slices = put(b, &slice, sizeof(slice)), .routes = put(b, &route, sizeof(route)),
		.gate_mult = 1, .up_mult = 1, .act_mult = 1,
	};

	b->jobs[b->job_count++] = (struct drm_rill_job){ .opcode = RILL_OP_STREAM,
							 .addr = put(b, &block, sizeof(block)) };
}

static int end(struct bench *b)
{
	b->jobs[b->job_count++] = (struct drm_rill_job){ .opcode = RILL_OP_PASS_END };
	return rill_queue_run(b->queue, b->jobs, b->job_count, b->results, NULL);
}

static int64_t out(struct bench *b, unsigned int n)
{
	return ((int64_t *)get(b, b->pass.out))[n];
}

static const struct rill_pass_report *report(struct bench *b)
{
	return get(b, b->pass.report);
}

/* --- tests --- */

/*
 * x is 1 at 1 and at 64. Gate: -8 * 2 at 1 (a high nibble, first group) and 7 * 5 at 64 (a low
 * one, second group): g = -16 + 35 = 19. Up: 3 * 2 at 64: u = 6; its weight at 1 has scale 0.
 * h = 114. Down: -8 * 15 at 0, 7 * 15 at 63, -1 * 1 at 127.
 */
static void by_hand(void **state)
{
	struct bench *b = *state;
	uint8_t *r = record_at(b, 0);
	int8_t x[HIDDEN] = { [1] = 1, [64] = 1 };

	memset(r + RECORD - 5, 0xff, 5);	/* padding means nothing */
	set_weight(r, GATE, 1, -8);
	set_weight(r, GATE, 64, 7);
	set_scale(r, GATE, 0, 2);
	set_scale(r, GATE, 1, 5);
	set_weight(r, UP, 1, -7);
	set_weight(r, UP, 64, 3);
	set_scale(r, UP, 0, 0);
	set_scale(r, UP, 1, 2);
	set_weight(r, DOWN, 0, -8);
	set_weight(r, DOWN, 63, 7);
	set_scale(r, DOWN, 0, 15);
	set_weight(r, DOWN, 127, -1);
	set_scale(r, DOWN, 1, 1);
	begin(b, HIDDEN, x);
	stream(b, RILL_STREAM_INT4, 0, 1, 10);
	assert_int_equal(end(b), 0);
	for (unsigned int n = 0; n < HIDDEN; n++) {
		int64_t want = n == 0 ? -8 * 15 : n == 63 ? 7 * 15 : n == 127 ? -1 : 0;

		assert_int_equal(out(b, n), want * 114 * 10);
	}
}

/* Gate 1 * 1 and up 1 * 1 at 0, down `down` * 1 at 5 */
static void simple_record(uint8_t *r, int down)
{
	set_weight(r, GATE, 0, 1);
	set_scale(r, GATE, 0, 1);
	set_weight(r, UP, 0, 1);
	set_scale(r, UP, 0, 1);
	set_weight(r, DOWN, 5, down);
	set_scale(r, DOWN, 0, 1);
}

/* A stream of int4 and one of int8 in one pass; records follow each other at their own distance. */
static void mixed(void **state)
{
	struct bench *b = *state;
	int8_t *r = (int8_t *)record_at(b, 2), x[HIDDEN] = { 3 };

	simple_record(record_at(b, 0), 2);
	simple_record(record_at(b, 1), -5);
	r[0] = 2;			/* int8: gate 2, up 1 at 0, down -100 at 5 */
	r[HIDDEN] = 1;
	r[2 * HIDDEN + 5] = -100;
	begin(b, HIDDEN, x);
	stream(b, RILL_STREAM_INT4, 0, 2, 7);
	stream(b, 0, 2 * RECORD, 1, 11);
	assert_int_equal(end(b), 0);
	assert_int_equal(out(b, 5), 9 * (2 - 5) * 7 + 18 * -100 * 11);
	assert_int_equal(report(b)->channel[0].bytes, 2 * RECORD + 3 * HIDDEN);
	assert_int_equal(report(b)->slot_bytes, 2 * RECORD);
}

/* Bytes are loaded at their number, computed at int8's rate: 2048 MACs a cycle at 0.8 GHz. */
static void bytes_and_time(void **state)
{
	struct bench *b = *state;
	int8_t x[HIDDEN] = { 0 };
	uint64_t ddr = 60000 + (32 * RECORD * 1000000ULL + 25599) / 25600;
	uint64_t mac = (32 * 3 * HIDDEN / 2048 + 64) * 1250;

	begin(b, HIDDEN, x);
	stream(b, RILL_STREAM_INT4, 0, 32, 1);
	assert_int_equal(end(b), 0);
	assert_int_equal(report(b)->end_ps - report(b)->start_ps, ddr + mac);
	assert_int_equal(report(b)->chiplet[0].macs, 32 * 3 * HIDDEN);
	assert_int_equal(report(b)->chiplet[0].sram_peak_weights, 32 * RECORD);
}

/* The last record ends where memory ends; as int8 it would go on. */
static void at_the_end_of_memory(void **state)
{
	struct bench *b = *state;
	int8_t x[HIDDEN] = { 0 };

	begin(b, HIDDEN, x);
	stream(b, RILL_STREAM_INT4, WEIGHTS_BYTES - 3 * RECORD, 3, 1);
	assert_int_equal(end(b), 0);
	begin(b, HIDDEN, x);
	stream(b, 0, WEIGHTS_BYTES - 3 * RECORD, 3, 1);
	assert_int_not_equal(end(b), 0);
	assert_int_equal(b->results[1].status, RILL_FAULT_READ);
	begin(b, HIDDEN, x);
	stream(b, RILL_STREAM_INT4, WEIGHTS_BYTES - 3 * RECORD + 8, 3, 1);
	assert_int_not_equal(end(b), 0);
	assert_int_equal(b->results[1].status, RILL_FAULT_READ);
}

static void refused(void **state)
{
	struct bench *b = *state;
	int8_t x[HIDDEN] = { 0 };

	begin(b, 72, x);
	stream(b, RILL_STREAM_INT4, 0, 1, 1);
	assert_int_not_equal(end(b), 0);
	assert_int_equal(b->results[1].status, RILL_BAD_FIELD);
	assert_int_equal(b->results[1].detail, RILL_FIELD_PASS | offsetof(struct rill_pass, hidden));
	assert_int_equal(b->results[2].status, RILL_PASS_FAILED);
	begin(b, 72, x);
	stream(b, 0, 0, 1, 1);
	assert_int_equal(end(b), 0);
	begin(b, HIDDEN, x);
	stream(b, RILL_STREAM_KNOWN << 1, 0, 1, 1);
	assert_int_not_equal(end(b), 0);
	assert_int_equal(b->results[1].status, RILL_BAD_FIELD);
	assert_int_equal(b->results[1].detail, offsetof(struct rill_stream, flags));
}

/* Every byte under every scale, in every place of a group */
static void every_nibble(void **state)
{
	static const int values[] = { 0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1 };
	uint8_t record[RECORD];
	int8_t got[3 * HIDDEN];

	(void)state;
	for (unsigned int i = 0; i < 256 * 16; i++) {
		unsigned int scale = i / 256;

		for (unsigned int k = 0; k < 3 * HIDDEN / 2; k++)
			record[k] = i + k;
		for (unsigned int group = 0; group < 6; group++)
			set_nibble(record + 3 * HIDDEN / 2 + group / 2, group % 2, scale + group);
		rill_int4_expand(record, HIDDEN, got);
		for (unsigned int n = 0; n < 3 * HIDDEN; n++)
			assert_int_equal(got[n], values[(i + n / 2) % 256 >> n % 2 * 4 & 15] *
						 (int)((scale + n / 64) % 16));
	}
}

/* Three vectors of d/2 bytes, 3 * d / 64 nibbles, and up to a multiple of 8 */
static void record_bytes(void **state)
{
	(void)state;
	assert_int_equal(rill_int4_record_bytes(64), 96 + 2 + 6);
	assert_int_equal(rill_int4_record_bytes(128), RECORD);
	assert_int_equal(rill_int4_record_bytes(2048), 3072 + 48);
	assert_int_equal(rill_int4_record_bytes(2880), 4320 + 68 + 4);
	assert_int_equal(rill_int4_record_bytes(4096), 6144 + 96);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_hand, setup, teardown),
		cmocka_unit_test_setup_teardown(mixed, setup, teardown),
		cmocka_unit_test_setup_teardown(bytes_and_time, setup, teardown),
		cmocka_unit_test_setup_teardown(at_the_end_of_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
		cmocka_unit_test(every_nibble),
		cmocka_unit_test(record_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
