// SPDX-License-Identifier: MIT
/*
 * The stream engine against closed forms that can be done by hand, through the
 * model transport: one expert or two, timing only unless said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rill_device.h"
#include "rules_programs.h"

#define HIDDEN		1024u
#define RECORD		(3 * HIDDEN)
#define DDR_MBPS	25600u
#define LINK_MBPS	96000u
#define HOP_PS		20000u
#define DDR_PS		60000u
#define MAX_JOBS	8
#define MAX_INTERVALS	4096

struct stream {
	unsigned int channel, first_chiplet;
	unsigned int slices, records;	/* of each slice */
	const struct rill_route *routes;
	unsigned int route_count, flags;
	uint16_t pin;
};

struct bench {
	struct rill_device *device;
	struct rill_queue_handle *queue;
	struct rill_buffer *weights[4], *blocks;
	uint64_t used;
	uint32_t pass_flags;		/* and the load order, of the passes to run */
	const uint32_t *loads;
	unsigned int load_count;
	struct rill_pass_report report;
	struct rill_interval intervals[MAX_INTERVALS];
	struct drm_rill_job_result results[MAX_JOBS];
};

static void *rules;			/* the built-in rules as a program */
static size_t rules_bytes;

static uint64_t up(uint64_t a, uint64_t b)
{
	return (a + b - 1) / b;
}

static uint64_t ddr_ps(uint64_t bytes)
{
	return up(bytes * 1000000, DDR_MBPS);
}

static uint64_t link_ps(uint64_t bytes)
{
	return up(bytes * 1000000, LINK_MBPS);
}

static uint64_t mac_ps(uint64_t tokens, uint64_t records)
{
	return up((up(tokens * records * RECORD, 2048) + 64) * 1000000000, 800000);
}

static uint64_t put(struct bench *bench, const void *data, size_t bytes)
{
	uint64_t at = bench->used;

	bench->used += (bytes + 63) / 64 * 64;
	assert_true(bench->used <= rill_buffer_size(bench->blocks));
	memcpy((uint8_t *)rill_buffer_map(bench->blocks) + at, data, bytes);
	return rill_buffer_va(bench->blocks) + at;
}

static void open_bench(struct bench *bench, unsigned int rows, unsigned int cols, uint64_t sram)
{
	struct rill_device_options options = {
		.transport = RILL_TRANSPORT_MODEL,
		.chip = { .rows = rows, .cols = cols, .sram_bytes = sram },
	};
	const char *error = "";
	unsigned int c;

	memset(bench, 0, sizeof(*bench));
	assert_int_equal(rill_device_open(&options, &bench->device, &error), 0);
	for (c = 0; c < rill_device_chip(bench->device)->channels; c++)
		assert_int_equal(rill_buffer_create(bench->device, 8 << 20, DRM_RILL_DDR, c,
						    &bench->weights[c]), 0);
	assert_int_equal(rill_buffer_create(bench->device, 1 << 20, DRM_RILL_SYSTEM, 0,
					    &bench->blocks), 0);
	assert_int_equal(rill_queue_create(bench->device, 64, &bench->queue), 0);
}

static void close_bench(struct bench *bench)
{
	rill_queue_destroy(bench->queue);
	rill_device_close(bench->device);
}

static struct drm_rill_job stream_job(struct bench *bench, const struct stream *s, uint64_t *offset)
{
	struct rill_slice slices[64];
	struct rill_stream block = {
		.flags = s->flags, .width = s->slices * s->records, .slice_count = s->slices,
		.route_count = s->route_count,
	};
	unsigned int i;

	for (i = 0; i < s->slices; i++) {
		slices[i] = (struct rill_slice){
			.weights = rill_buffer_va(bench->weights[s->channel]) + *offset,
			.first = i * s->records, .records = s->records,
			.pin = s->flags & RILL_STREAM_PINNED ? s->pin : RILL_NO_PIN,
		};
		*offset += (uint64_t)s->records * RECORD;
	}
	block.slices = put(bench, slices, s->slices * sizeof(*slices));
	block.routes = put(bench, s->routes, s->route_count * sizeof(*s->routes));
	return (struct drm_rill_job){ .opcode = RILL_OP_STREAM,
				      .addr = put(bench, &block, sizeof(block)) };
}

/* Run the streams as one pass, by a program of rules or without; its duration, or 0 with the results if it failed. */
static uint64_t run_by(struct bench *bench, const uint16_t *homes, unsigned int tokens, unsigned int slots,
		       const struct stream *streams, unsigned int count, const void *program)
{
	struct rill_pass pass = {
		.flags = RILL_PASS_TIMING_ONLY | bench->pass_flags, .tokens = tokens, .hidden = HIDDEN, .slots = slots,
		.timeline_entries = MAX_INTERVALS,
	};
	const uint8_t *map = rill_buffer_map(bench->blocks);
	struct drm_rill_job jobs[MAX_JOBS] = { 0 };
	uint64_t va = rill_buffer_va(bench->blocks), offset = 0;
	unsigned int i;

	bench->used = 0;
	memset(&bench->report, 0, sizeof(bench->report));
	memset(bench->intervals, 0, sizeof(bench->intervals));
	pass.homes = put(bench, homes, tokens * sizeof(*homes));
	pass.report = put(bench, &bench->report, sizeof(bench->report));
	pass.timeline = put(bench, bench->intervals, sizeof(bench->intervals));
	if (program)
		pass.rules = put(bench, program, rules_bytes);
	if (bench->loads)
		pass.loads = put(bench, bench->loads, bench->load_count * sizeof(*bench->loads));
	jobs[0] = (struct drm_rill_job){ .opcode = RILL_OP_PASS_BEGIN,
					 .addr = put(bench, &pass, sizeof(pass)) };
	for (i = 0; i < count; i++)
		jobs[1 + i] = stream_job(bench, &streams[i], &offset);
	jobs[1 + count].opcode = RILL_OP_PASS_END;
	if (rill_queue_run(bench->queue, jobs, count + 2, bench->results, NULL))
		return 0;
	memcpy(&bench->report, map + (pass.report - va), sizeof(bench->report));
	memcpy(bench->intervals, map + (pass.timeline - va), sizeof(bench->intervals));
	assert_true(bench->report.timeline_total <= MAX_INTERVALS);
	return bench->report.end_ps - bench->report.start_ps;
}

/* By the built-in rules. That the program of rules makes of it the same, event for event, is checked for every case. */
static uint64_t run(struct bench *bench, const uint16_t *homes, unsigned int tokens,
		    unsigned int slots, const struct stream *streams, unsigned int count)
{
	static struct rill_interval intervals[MAX_INTERVALS];
	uint32_t status[MAX_JOBS];
	uint64_t detail[MAX_JOBS], duration;
	unsigned int i;

	duration = run_by(bench, homes, tokens, slots, streams, count, rules);
	assert_true(!duration || bench->report.rule_decisions);
	memcpy(intervals, bench->intervals, sizeof(intervals));
	for (i = 0; i < count + 2; i++) {
		status[i] = bench->results[i].status;
		detail[i] = bench->results[i].detail;
	}
	assert_int_equal(run_by(bench, homes, tokens, slots, streams, count, NULL), duration);
	assert_memory_equal(intervals, bench->intervals, sizeof(intervals));
	for (i = 0; i < count + 2; i++) {
		assert_int_equal(status[i], bench->results[i].status);
		if (status[i] != RILL_PASS_FAILED)	/* its detail is a tag */
			assert_int_equal(detail[i], bench->results[i].detail);
	}
	return duration;
}

static const struct rill_route at0[] = { { 0, 0, 1 } };
static const struct rill_route at3[] = { { 0, 3, 1 } };

/* One slice, computed where it enters: latency, transfer, computing. */
static void one_slice_at_home(void **state)
{
	const struct stream s = { .channel = 0, .slices = 1, .records = 64, .routes = at0,
				  .route_count = 1 };
	const uint16_t homes[] = { 0 };
	struct bench bench;

	(void)state;
	open_bench(&bench, 2, 2, 0);
	assert_int_equal(run(&bench, homes, 1, 0, &s, 1),
			 DDR_PS + ddr_ps(64 * RECORD) + mac_ps(1, 64));
	assert_int_equal(bench.report.channel[0].bytes, 64 * RECORD);
	assert_int_equal(bench.report.chiplet[0].macs, 64 * RECORD);
	assert_int_equal(bench.report.chiplet[0].sram_peak_weights, 64 * RECORD);
	close_bench(&bench);
}

/* Two hops to the far corner, store and forward. */
static void one_slice_across(void **state)
{
	const struct stream s = { .channel = 0, .slices = 1, .records = 64, .routes = at3,
				  .route_count = 1 };
	const uint16_t homes[] = { 3 };
	struct bench bench;

	(void)state;
	open_bench(&bench, 2, 2, 0);
	assert_int_equal(run(&bench, homes, 1, 0, &s, 1),
			 DDR_PS + ddr_ps(64 * RECORD) + 2 * (link_ps(64 * RECORD) + HOP_PS) +
			 mac_ps(1, 64));
	close_bench(&bench);
}

/* A full channel: N slices take N transfers, one latency, and the last one's computing. */
static void channel_is_full(void **state)
{
	const struct stream s = { .channel = 0, .slices = 8, .records = 64, .routes = at0,
				  .route_count = 1 };
	const uint16_t homes[] = { 0 };
	struct bench bench;

	(void)state;
	open_bench(&bench, 2, 2, 0);
	assert_int_equal(run(&bench, homes, 1, 0, &s, 1),
			 DDR_PS + 8 * ddr_ps(64 * RECORD) + mac_ps(1, 64));
	assert_int_equal(bench.report.channel[0].busy_ps, 8 * ddr_ps(64 * RECORD));
	close_bench(&bench);
}

/* Two chiplets in a row, one channel each; both streams cross to the other side and both links work. */
static void two_directions_do_not_meet(void **state)
{
	static const struct rill_route far0[] = { { 1, 1, 1 } }, far1[] = { { 0, 0, 1 } };
	const struct stream s[] = {
		{ .channel = 0, .slices = 1, .records = 64, .routes = far0, .route_count = 1 },
		{ .channel = 1, .slices = 1, .records = 64, .routes = far1, .route_count = 1 },
	};
	const uint16_t homes[] = { 0, 1 };
	struct bench bench;

	(void)state;
	open_bench(&bench, 1, 2, 0);
	assert_int_equal(run(&bench, homes, 2, 0, s, 2),
			 DDR_PS + ddr_ps(64 * RECORD) + link_ps(64 * RECORD) + HOP_PS +
			 mac_ps(1, 64));
	close_bench(&bench);
}

/*
 * Two flows on one link: 16 tokens are scattered over the only link of a 1x2
 * array. The last arrives after 16 transfers.
 */
static void two_flows_share_a_link(void **state)
{
	struct rill_route routes[16];
	uint16_t homes[16] = { 0 };
	const struct stream s = { .channel = 1, .slices = 1, .records = 1, .routes = routes,
				  .route_count = 16, .flags = RILL_STREAM_PINNED, .pin = 1 };
	uint64_t scatter = 16 * link_ps(HIDDEN) + HOP_PS, load = DDR_PS + ddr_ps(RECORD);
	uint64_t reduce = 16 * link_ps(HIDDEN * 6) + HOP_PS;
	struct bench bench;
	unsigned int i;

	(void)state;
	for (i = 0; i < 16; i++)
		routes[i] = (struct rill_route){ i, 1, 1 };
	open_bench(&bench, 1, 2, 0);
	assert_int_equal(run(&bench, homes, 16, 0, &s, 1),
			 (scatter > load ? scatter : load) + mac_ps(16, 1) + reduce);
	assert_int_equal(bench.report.scatters, 16);
	assert_int_equal(bench.report.reduces, 16);
	assert_true(bench.report.link[0].stall_ps >= 15 * 16 / 2 * link_ps(HIDDEN));
	close_bench(&bench);
}

/* A link that is down is gone around; with all of a chiplet's links down it says so. */
static void links_that_are_down(void **state)
{
	const struct stream s = { .channel = 0, .slices = 1, .records = 64, .routes = at3,
				  .route_count = 1 };
	const uint16_t homes[] = { 3 };
	struct drm_rill_link_info links[8];
	uint64_t whole, detour;
	struct bench bench;
	unsigned int i;

	(void)state;
	open_bench(&bench, 2, 2, 0);
	whole = run(&bench, homes, 1, 0, &s, 1);
	assert_int_equal(rill_device_links(bench.device, links), 0);
	for (i = 0; i < 8; i++)
		if (links[i].src == 0 && links[i].dst == 1)
			assert_int_equal(rill_device_link_set(bench.device, i, false, 1000), 0);
	detour = run(&bench, homes, 1, 0, &s, 1);
	assert_int_equal(detour, whole);
	for (i = 0; i < 8; i++)
		if (links[i].src == 0)
			assert_int_equal(rill_device_link_set(bench.device, i, false, 1000), 0);
	assert_int_equal(run(&bench, homes, 1, 0, &s, 1), 0);
	assert_int_equal(bench.results[2].status, RILL_UNREACHABLE);
	assert_int_equal(bench.results[2].detail, 0 << 16 | 3);
	close_bench(&bench);
}

/* A link at half its rate takes twice as long for the transfer, not for the hop. */
static void link_that_is_slow(void **state)
{
	const struct stream s = { .channel = 0, .slices = 1, .records = 64, .routes = at3,
				  .route_count = 1 };
	const uint16_t homes[] = { 3 };
	struct bench bench;
	unsigned int i;

	(void)state;
	open_bench(&bench, 2, 2, 0);
	for (i = 0; i < 8; i++)
		assert_int_equal(rill_device_link_set(bench.device, i, true, 500), 0);
	assert_int_equal(run(&bench, homes, 1, 0, &s, 1),
			 DDR_PS + ddr_ps(64 * RECORD) + 2 * (2 * link_ps(64 * RECORD) + HOP_PS) +
			 mac_ps(1, 64));
	close_bench(&bench);
}

/* The smallest legal SRAM works, one byte less is refused with the number needed. */
static void smallest_sram(void **state)
{
	static const struct rill_route all[] = {
		{ 0, 0, 1 }, { 1, 1, 1 }, { 2, 2, 1 }, { 3, 3, 1 },
	};
	const struct stream s[] = {
		{ .channel = 0, .slices = 16, .records = 16, .routes = all, .route_count = 4 },
		{ .channel = 3, .slices = 16, .records = 16, .routes = all, .route_count = 4 },
		{ .channel = 1, .slices = 16, .records = 16, .routes = all, .route_count = 4 },
	};
	const uint16_t homes[] = { 0, 1, 2, 3 };
	uint64_t least = 2 * 16 * RECORD + 7 * HIDDEN;
	struct bench bench;

	(void)state;
	open_bench(&bench, 2, 2, least);
	assert_int_not_equal(run(&bench, homes, 4, 0, s, 3), 0);
	assert_int_equal(bench.report.smallest_sram, least);
	assert_int_equal(bench.report.slices_computed, 3 * 16 * 4);
	assert_true(bench.report.chiplet[0].sram_peak <= least);
	close_bench(&bench);
	open_bench(&bench, 2, 2, least - 1);
	assert_int_equal(run(&bench, homes, 4, 0, s, 3), 0);
	assert_int_equal(bench.results[4].status, RILL_SRAM_TOO_SMALL);
	assert_int_equal(bench.results[4].detail, least);
	close_bench(&bench);
}

/* Nothing to do, with any number of slots */
static void no_slices(void **state)
{
	const uint16_t homes[] = { 0 };
	struct bench bench;

	(void)state;
	open_bench(&bench, 2, 2, 0);
	assert_int_equal(run_by(&bench, homes, 1, 5, NULL, 0, NULL), 0);
	assert_int_equal(bench.results[0].status, RILL_OK);
	assert_int_equal(bench.results[1].status, RILL_OK);
	assert_int_equal(bench.report.slots, 5);
	close_bench(&bench);
}

/* Behind a barrier nothing is computed before the last slice is there. */
static void barrier(void **state)
{
	const struct stream s = { .channel = 0, .slices = 4, .records = 64, .routes = at0,
				  .route_count = 1, .flags = RILL_STREAM_BARRIER };
	const uint16_t homes[] = { 0 };
	struct bench bench;

	(void)state;
	open_bench(&bench, 2, 2, 0);
	assert_int_equal(run(&bench, homes, 1, 0, &s, 1),
			 DDR_PS + 4 * ddr_ps(64 * RECORD) + 4 * mac_ps(1, 64));
	close_bench(&bench);
}

/* --- rules switched off, one by one --- */

static const struct rill_route at01[] = { { 0, 0, 1 }, { 1, 1, 1 } };
static const uint16_t homes01[] = { 0, 1 };

/* Forward on arrival: the hop overlaps with computing, or comes after it. */
static void forward_computed(void **state)
{
	const struct stream s = { .channel = 0, .slices = 1, .records = 64, .routes = at01,
				  .route_count = 2 };
	uint64_t load = DDR_PS + ddr_ps(64 * RECORD), hop = link_ps(64 * RECORD) + HOP_PS;
	uint64_t mac = mac_ps(1, 64);
	struct bench bench;

	(void)state;
	open_bench(&bench, 2, 2, 0);
	assert_int_equal(run(&bench, homes01, 2, 0, &s, 1), load + hop + mac);
	bench.pass_flags = RILL_PASS_FORWARD_COMPUTED;
	assert_int_equal(run(&bench, homes01, 2, 0, &s, 1), load + mac + hop + mac);
	close_bench(&bench);
}

/* Completion by slice: the next expert's load follows at once, or when the first is complete. */
static void one_expert(void **state)
{
	const struct stream s[] = {
		{ .channel = 0, .slices = 1, .records = 64, .routes = at0, .route_count = 1 },
		{ .channel = 0, .slices = 1, .records = 64, .routes = at0, .route_count = 1 },
	};
	uint64_t load = ddr_ps(64 * RECORD), mac = mac_ps(1, 64);
	const uint16_t homes[] = { 0 };
	struct bench bench;

	(void)state;
	open_bench(&bench, 2, 2, 0);
	assert_int_equal(run(&bench, homes, 1, 0, s, 2), DDR_PS + 2 * load + mac);
	bench.pass_flags = RILL_PASS_ONE_EXPERT;
	assert_int_equal(run(&bench, homes, 1, 0, s, 2), 2 * (DDR_PS + load + mac));
	close_bench(&bench);
}

/* A channel with much to load is not behind while it waits for the expert that is in flight. */
static void one_expert_far_behind(void **state)
{
	static const struct rill_route second[] = { { 1, 3, 1 } };
	const struct stream s[] = {
		{ .channel = 0, .slices = 1, .records = 64, .routes = at0, .route_count = 1 },
		{ .channel = 3, .slices = 12, .records = 64, .routes = second, .route_count = 1 },
	};
	uint64_t load = ddr_ps(64 * RECORD), mac = mac_ps(1, 64);
	const uint16_t homes[] = { 0, 3 };
	struct bench bench;

	(void)state;
	open_bench(&bench, 2, 2, 0);
	bench.pass_flags = RILL_PASS_ONE_EXPERT;
	assert_int_equal(run(&bench, homes, 2, 0, s, 2), 2 * DDR_PS + 13 * load + 2 * mac);
	close_bench(&bench);
}

/*
 * In a fixed ring a slice keeps heading for the chiplet that comes next after the last one that computed it. Seen from
 * chiplet 5, which it passes through, another comes next, and the way there leads back.
 */
static void fixed_ring_passes_through(void **state)
{
	static const struct rill_route far[] = { { 0, 0, 1 }, { 1, 1, 1 }, { 2, 2, 1 }, { 3, 6, 1 } };
	const struct stream s = { .channel = 3, .slices = 1, .records = 64, .routes = far, .route_count = 4,
				  .flags = RILL_STREAM_FIXED_RING };
	const uint16_t homes[] = { 0, 1, 2, 6 };
	struct drm_rill_link_info links[24];
	struct bench bench;
	unsigned int i;

	(void)state;
	open_bench(&bench, 3, 3, 0);
	assert_int_equal(rill_device_links(bench.device, links), 0);
	for (i = 0; i < 24; i++)
		if (links[i].src == 5 && links[i].dst == 4)
			assert_int_equal(rill_device_link_set(bench.device, i, false, 1000), 0);
	/* The program first: it is stopped where a slice gets nowhere. */
	assert_int_not_equal(run_by(&bench, homes, 4, 0, &s, 1, rules), 0);
	assert_int_not_equal(run(&bench, homes, 4, 0, &s, 1), 0);
	assert_int_equal(bench.report.slices_computed, 4);
	close_bench(&bench);
}

/* Slices that are computed before they move on, and not before others have come: they wait for each other. */
static void barrier_of_computed(void **state)
{
	static const struct rill_route all[] = { { 0, 0, 1 }, { 1, 1, 1 }, { 2, 2, 1 } };
	const uint16_t homes[] = { 0, 1, 2 };
	const struct stream s = { .channel = 0, .slices = 3, .records = 64, .routes = all, .route_count = 3,
				  .flags = RILL_STREAM_BARRIER };
	struct bench bench;

	(void)state;
	open_bench(&bench, 2, 2, 0);
	bench.pass_flags = RILL_PASS_FORWARD_COMPUTED;
	assert_int_equal(run_by(&bench, homes, 3, 0, &s, 1, NULL), 0);
	assert_int_equal(bench.results[1].status, RILL_PASS_FAILED);
	assert_int_equal(bench.results[2].status, RILL_BAD_FIELD);
	assert_int_equal(bench.results[2].detail, offsetof(struct rill_pass, flags));
	close_bench(&bench);
}

/* Release: with a slot, the bubble and the escape slot the next load waits for the slice's end. */
static void late_release(void **state)
{
	const struct stream s = { .channel = 0, .slices = 2, .records = 64, .routes = at01,
				  .route_count = 2 };
	uint64_t bytes = 64 * RECORD, hop = link_ps(bytes) + HOP_PS, mac = mac_ps(1, 64);
	uint64_t early = mac > link_ps(bytes) ? mac : link_ps(bytes);
	struct bench bench;

	(void)state;
	open_bench(&bench, 2, 2, 0);
	assert_int_equal(run(&bench, homes01, 2, 3, &s, 1),
			 2 * (DDR_PS + ddr_ps(bytes)) + early + hop + mac);
	assert_int_equal(bench.report.chiplet[0].sram_peak_weights, bytes);
	bench.pass_flags = RILL_PASS_LATE_RELEASE;
	assert_int_equal(run(&bench, homes01, 2, 3, &s, 1),
			 2 * (DDR_PS + ddr_ps(bytes) + hop + mac));
	close_bench(&bench);
}

/* Anonymous slots: a channel fills all of them, or its share. Many tokens keep the arrays busy. */
static void owned_slots(void **state)
{
	static struct rill_route many[256];
	static uint16_t homes[256];
	const struct stream s = { .channel = 0, .slices = 32, .records = 8, .routes = many,
				  .route_count = 256 };
	struct bench bench;
	unsigned int i;

	(void)state;
	for (i = 0; i < 256; i++)
		many[i] = (struct rill_route){ .token = i, .weight = 1 };
	open_bench(&bench, 2, 2, 0);
	assert_int_not_equal(run(&bench, homes, 256, 8, &s, 1), 0);
	assert_int_equal(bench.report.chiplet[0].sram_peak_weights, 8 * 8 * RECORD);
	bench.pass_flags = RILL_PASS_OWNED_SLOTS;
	assert_int_not_equal(run(&bench, homes, 256, 8, &s, 1), 0);
	assert_int_equal(bench.report.chiplet[0].sram_peak_weights, 2 * 8 * RECORD);
	close_bench(&bench);
}

/* With a slot to spare it is left to slices that go no further; without that rule it is taken. */
static void bubble(void **state)
{
	const struct stream s = { .channel = 0, .slices = 16, .records = 8, .routes = at01,
				  .route_count = 2 };
	struct drm_rill_link_info links[8];
	struct bench bench;
	unsigned int i;

	(void)state;
	open_bench(&bench, 2, 2, 0);
	assert_int_equal(rill_device_links(bench.device, links), 0);
	for (i = 0; i < 8; i++)
		assert_int_equal(rill_device_link_set(bench.device, i, true, 10), 0);
	assert_int_not_equal(run(&bench, homes01, 2, 5, &s, 1), 0);
	assert_int_equal(bench.report.chiplet[0].sram_peak_weights, 3 * 8 * RECORD);
	bench.pass_flags = RILL_PASS_NO_BUBBLE;
	assert_int_not_equal(run(&bench, homes01, 2, 5, &s, 1), 0);
	assert_int_equal(bench.report.chiplet[0].sram_peak_weights, 4 * 8 * RECORD);
	close_bench(&bench);
}

/* A pass's own load order: the second stream's slices first, so the first one ends last. */
static void load_order(void **state)
{
	static const uint32_t loads[] = { 2, 3, 0, 1 }, twice[] = { 2, 3, 0, 2 },
			      beyond[] = { 0, 1, 2, 4 };
	const struct stream s[] = {
		{ .channel = 0, .slices = 2, .records = 64, .routes = at0, .route_count = 1 },
		{ .channel = 0, .slices = 2, .records = 64, .routes = at0, .route_count = 1 },
	};
	const uint16_t homes[] = { 0 };
	struct bench bench;

	(void)state;
	open_bench(&bench, 2, 2, 0);
	bench.load_count = 4;
	bench.loads = loads;
	assert_int_not_equal(run(&bench, homes, 1, 0, s, 2), 0);
	assert_true(bench.results[2].end_ps < bench.results[1].end_ps);
	bench.loads = twice;
	assert_int_equal(run(&bench, homes, 1, 0, s, 2), 0);
	assert_int_equal(bench.results[3].detail, 3ull << 16 | offsetof(struct rill_pass, loads));
	bench.loads = beyond;
	assert_int_equal(run(&bench, homes, 1, 0, s, 2), 0);
	assert_int_equal(bench.results[3].status, RILL_BAD_FIELD);
	bench.loads = loads;
	bench.pass_flags = RILL_PASS_ONE_EXPERT;
	assert_int_equal(run(&bench, homes, 1, 0, s, 2), 0);
	assert_int_equal(bench.results[3].detail, offsetof(struct rill_pass, loads));
	close_bench(&bench);
}

static int load_rules(void **state)
{
	rules = rules_program_built_in(&rules_bytes);
	return rules ? 0 : -1;
}

static int free_rules(void **state)
{
	free(rules);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_slice_at_home),
		cmocka_unit_test(one_slice_across),
		cmocka_unit_test(channel_is_full),
		cmocka_unit_test(two_directions_do_not_meet),
		cmocka_unit_test(two_flows_share_a_link),
		cmocka_unit_test(links_that_are_down),
		cmocka_unit_test(link_that_is_slow),
		cmocka_unit_test(smallest_sram),
		cmocka_unit_test(no_slices),
		cmocka_unit_test(barrier),
		cmocka_unit_test(forward_computed),
		cmocka_unit_test(one_expert),
		cmocka_unit_test(one_expert_far_behind),
		cmocka_unit_test(fixed_ring_passes_through),
		cmocka_unit_test(barrier_of_computed),
		cmocka_unit_test(late_release),
		cmocka_unit_test(owned_slots),
		cmocka_unit_test(bubble),
		cmocka_unit_test(load_order),
	};

	return cmocka_run_group_tests(tests, load_rules, free_rules);
}
