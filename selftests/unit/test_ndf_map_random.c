// SPDX-License-Identifier: MIT
/* Dataflow: random programs, mapped to arrays, give what they give on the host. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ndf/mapped.h"
#include "ndf_programs.h"
#include "ndf_rig.h"
#include "rill_dataflow_map.h"

#define FIRINGS 20000u
#define SEEDS	1000u
#define OWN	2u		/* capacity of the programs' arcs */

static const uint32_t arrays[][2] = { { 1, 1 }, { 2, 2 }, { 4, 4 }, { 8, 8 }, { 1, 3 }, { 5, 2 } };

struct image {
	void *binary;
	struct rill_ndf_program *program;
};

static void map(const struct rig *rig, const struct rill_map_options *options, struct rill_map_stats *stats,
		struct image *image)
{
	struct rill_ndf_verdict verdict;
	char error[RILL_GRAPH_ERROR_BYTES];
	size_t bytes;

	if (rill_ndf_map(rig->binary, rig->size, options, &image->binary, &bytes, stats, error))
		fail_msg("%s", error);
	image->program = rill_ndf_program_new(image->binary, bytes, &verdict);
	assert_non_null(image->program);
}

static void unmap(struct image *image)
{
	rill_ndf_program_free(image->program);
	free(image->binary);
}

/* False: a sink has not the host's tokens */
static bool same_sinks(const struct rig *rig, const struct rill_ndf_engine *other, bool longer)
{
	const uint64_t *a, *b;
	size_t n, m;
	uint32_t i;

	for (i = 0; i < rill_ndf_program_sinks(rig->program); i++) {
		a = rill_ndf_sink_words(rig->engine, i, &n);
		b = rill_ndf_sink_words(other, i, &m);
		if ((longer ? n > m : n != m) || (n && memcmp(a, b, 8 * n)))
			return false;
	}
	return true;
}

static void run_mapped(struct rig *rig, const struct image *image, const struct rill_array *size, uint32_t capacity,
		       enum rill_ndf_end want, bool longer)
{
	struct rill_ndf_array array = {
		.rows = size->rows, .cols = size->cols, .op_ps = 1250, .when_ps = 1250, .where_ps = 1250,
		.memory_ps = 20000, .hop_ps = 20000, .token_ps = 167, .waves = true,
	};
	struct rill_ndf_options options = { .capacity = capacity, .host.memory = rig->memory };
	struct rill_ndf_mapped_error error;
	struct rill_ndf_detection found;
	struct rill_ndf_mapped *mapped;

	mapped = rill_ndf_mapped_create(image->program, image->binary, &options, &array, &error);
	assert_non_null(mapped);
	assert_int_equal(rill_ndf_mapped_step(mapped, 4000000), want);
	assert_true(same_sinks(rig, rill_ndf_mapped_engine(mapped), longer));
	rill_ndf_mapped_detection(mapped, &found);
	assert_int_equal(found.pending, 0);
	assert_int_equal(found.messages, found.waves * 2 * (array.rows * array.cols - 1));
	rill_ndf_mapped_free(mapped);
}

/* Does the program end on the host at that capacity (0: its own)? rig->engine is that run. */
static bool on_host(struct rig *rig, uint32_t capacity, enum rill_ndf_end *end)
{
	rig->options.capacity = capacity;
	rig_again(rig);
	*end = rill_ndf_run(rig->engine, FIRINGS, UINT64_MAX);
	return *end != RILL_NDF_LIMIT;
}

static void prepare(struct rig *rig, uint64_t seed)
{
	rig_begin(rig);
	rig->b.capacity = OWN;
	program_random(rig, seed, false);
	rig_load(rig);
}

static struct rill_map_options options_for(uint64_t seed, uint32_t array, enum rill_map_lanes lanes)
{
	struct rill_map_options options = {
		.chiplets = RILL_MAP_ALL, .seed = seed, .lanes = lanes, .firings = FIRINGS, .slack = 1 + seed % 100,
	};

	rill_array_default(&options.array, arrays[array][0], arrays[array][1]);
	return options;
}

/*
 * A random program may be stopped by an arc that is too short, so it is compared at one capacity with itself.
 * Lanes that were tried give the same at any capacity from the program's own on; with less, and with arcs that
 * the mapping raised, a sink may get more, which begins in the same way.
 */
static void compare(struct rig *rig, const struct image *image, const struct rill_map_options *options, bool cut)
{
	uint32_t capacity;

	for (capacity = 0; capacity <= 4; capacity = capacity ? 2 * capacity : 1) {
		bool longer = cut ? capacity && capacity < OWN : !capacity;
		enum rill_ndf_end end;

		if (on_host(rig, capacity, &end))
			run_mapped(rig, image, &options->array, capacity, end, longer);
	}
}

static void test_tried(void **state)
{
	unsigned int ran = 0, lanes = 0, refused = 0;
	struct rill_map_stats stats;
	enum rill_ndf_end end;
	struct image image;
	struct rig rig;
	uint64_t seed;

	for (seed = 1; seed <= SEEDS; seed++) {
		struct rill_map_options options = options_for(seed, seed % COUNT(arrays), RILL_LANES_TRIED);

		prepare(&rig, seed);
		if (on_host(&rig, 4, &end)) {
			map(&rig, &options, &stats, &image);
			lanes += stats.lanes;
			refused += stats.candidates - stats.cut_wheres;
			compare(&rig, &image, &options, stats.cut_wheres);
			unmap(&image);
			ran++;
		}
		rig_end(&rig);
	}
	/* There is something to it. */
	assert_true(ran >= SEEDS / 2);
	assert_true(lanes >= 4);
	assert_true(refused >= 20);
}

/* Cut without a trial, each sink begins with what it has on the host. */
static void test_prefix(void **state)
{
	unsigned int lanes = 0, more = 0;
	struct rill_ndf_options own = { 0 };
	struct rill_map_stats stats;
	struct rill_ndf_engine *engine;
	enum rill_ndf_end end;
	struct image image;
	struct rig rig;
	uint64_t seed;

	for (seed = 1; seed <= SEEDS; seed++) {
		struct rill_map_options options = options_for(seed, 1, RILL_LANES_UNTRIED);

		prepare(&rig, seed);
		own.capacity = 1 + seed % 4;
		if (on_host(&rig, own.capacity, &end)) {
			map(&rig, &options, &stats, &image);
			lanes += stats.lanes;
			engine = rill_ndf_engine_new(image.program, &own);
			end = rill_ndf_run(engine, 64 * FIRINGS, UINT64_MAX);
			assert_true(same_sinks(&rig, engine, true));
			more += !same_sinks(&rig, engine, false);
			rill_ndf_engine_free(engine);
			if (end != RILL_NDF_LIMIT)
				run_mapped(&rig, &image, &options.array, own.capacity, end, true);
			unmap(&image);
		}
		rig_end(&rig);
	}
	assert_true(lanes >= 40);
	assert_true(more >= 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tried),
		cmocka_unit_test(test_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
