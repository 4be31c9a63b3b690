// SPDX-License-Identifier: MIT
/* Dataflow: programs on an array of chiplets against the flat engine, and the time that they take. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ndf/mapped.h"
#include "ndf_rig.h"
#include "rill_dataflow.h"

#define PROGRAMS	"runtime/ndf/programs/"
#define FIRINGS		1000000u
#define EVENTS		100u		/* in a step: runs must go on where they stopped */

static const struct rill_ndf_array square = {
	.op_ps = 1250, .when_ps = 1250, .where_ps = 1250, .memory_ps = 20000, .hop_ps = 20000, .token_ps = 167,
	.firing_limit = FIRINGS,
};

struct image {
	void *binary;
	struct rill_ndf_header header;
	struct rill_ndf_program *program;
};

static struct rill_program *parse(const char *name)
{
	static char text[1 << 16];
	char path[512], error[RILL_GRAPH_ERROR_BYTES];
	struct rill_program *program;
	size_t bytes;
	FILE *file;

	snprintf(path, sizeof(path), PROGRAMS "%s", name);
	file = fopen(path, "re");
	assert_non_null(file);
	bytes = fread(text, 1, sizeof(text), file);
	fclose(file);
	program = rill_program_parse(name, text, bytes, error);
	if (!program)
		fail_msg("%s", error);
	return program;
}

static void load(struct image *image, const struct rill_program *program, enum rill_form form, uint32_t chiplets)
{
	struct rill_build_options options = { .form = form };
	struct rill_graph_counts counts;
	struct rill_ndf_verdict verdict;
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_graph *graph = rill_program_build(program, &options, NULL, error);
	size_t bytes;
	uint32_t i;

	if (!graph)
		fail_msg("%s", error);
	rill_graph_count(graph, &counts);
	for (i = 0; i < counts.nodes; i++)
		rill_graph_place(graph, i, i % chiplets);
	assert_int_equal(rill_graph_encode(graph, &image->binary, &bytes), 0);
	rill_graph_free(graph);
	memcpy(&image->header, image->binary, sizeof(image->header));
	image->program = rill_ndf_program_new(image->binary, bytes, &verdict);
	assert_non_null(image->program);
}

static void unload(struct image *image)
{
	rill_ndf_program_free(image->program);
	free(image->binary);
}

static uint8_t *new_memory(const struct image *image)
{
	uint8_t *memory = calloc(1, rill_ndf_program_memory(image->program) + 1);

	assert_non_null(memory);
	memcpy(memory, (uint8_t *)image->binary + image->header.data, image->header.data_bytes);
	return memory;
}

static enum rill_ndf_end run(struct rill_ndf_mapped *mapped)
{
	enum rill_ndf_end end;

	do
		end = rill_ndf_mapped_step(mapped, EVENTS);
	while (end == RILL_NDF_LIMIT && !rill_ndf_mapped_spent(mapped));
	return end;
}

static void same_sinks(const struct rill_ndf_program *program, const struct rill_ndf_engine *a,
		       const struct rill_ndf_engine *b)
{
	const uint64_t *words_a, *words_b;
	size_t count_a, count_b;
	uint32_t i;

	for (i = 0; i < rill_ndf_program_sinks(program); i++) {
		words_a = rill_ndf_sink_words(a, i, &count_a);
		words_b = rill_ndf_sink_words(b, i, &count_b);
		assert_int_equal(count_a, count_b);
		if (count_a)
			assert_memory_equal(words_a, words_b, 8 * count_a);
	}
}

static uint64_t sum_of(const struct rill_ndf_mapped *mapped, uint32_t chiplets)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < chiplets; i++)
		sum += rill_ndf_mapped_firings(mapped, i);
	return sum;
}

static void compare(const struct image *image, uint32_t side, uint32_t capacity)
{
	uint8_t *flat_memory = new_memory(image), *mapped_memory = new_memory(image);
	struct rill_ndf_options options = { .host.memory = flat_memory, .capacity = capacity };
	struct rill_ndf_engine *flat = rill_ndf_engine_new(image->program, &options);
	struct rill_ndf_array array = square;
	struct rill_ndf_mapped *mapped;
	enum rill_ndf_end end;

	array.rows = side;
	array.cols = side;
	options.host.memory = mapped_memory;
	mapped = rill_ndf_mapped_new(image->program, image->binary, &options, &array);
	assert_non_null(flat);
	assert_non_null(mapped);
	end = rill_ndf_run(flat, FIRINGS, UINT64_MAX);
	assert_int_equal(end, RILL_NDF_FINISHED);
	assert_int_equal(run(mapped), end);
	assert_memory_equal(flat_memory, mapped_memory, rill_ndf_program_memory(image->program) + 1);
	same_sinks(image->program, flat, rill_ndf_mapped_engine(mapped));
	assert_true(sum_of(mapped, side * side) > 0);
	rill_ndf_mapped_free(mapped);
	rill_ndf_engine_free(flat);
	free(flat_memory);
	free(mapped_memory);
}

static void compare_arrays(const struct rill_program *program, enum rill_form form)
{
	static const uint32_t capacities[] = { 0, 1, 2, 4 };
	struct image image;
	uint32_t side, c;

	for (side = 1; side <= 8; side *= 2) {
		load(&image, program, form, side * side);
		for (c = 0; c < COUNT(capacities); c++)
			compare(&image, side, capacities[c]);
		unload(&image);
	}
}

static void test_programs(void **state)
{
	struct rill_program *program;
	struct dirent *entry;
	DIR *dir = opendir(PROGRAMS);
	unsigned int programs = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (!strstr(entry->d_name, ".ndf"))
			continue;
		program = parse(entry->d_name);
		compare_arrays(program, RILL_FUSED);
		rill_program_free(program);
		programs++;
	}
	closedir(dir);
	assert_in_range(programs, 16, UINT32_MAX);
}

/* SOURCE on chiplet 0 -> SINK on chiplet `place` of 8x8; gives the time, or fails */
static uint64_t stream_time(const struct rill_ndf_array *array, uint32_t place, uint32_t count, uint32_t capacity)
{
	static const uint64_t words[16] = { 3, 1, 4, 1, 5, 9, 2, 6 };
	struct rill_ndf_mapped *mapped;
	struct rig rig;
	uint64_t time;
	uint32_t sink;

	rig_begin(&rig);
	build_source(&rig.b, words, count);
	sink = build_sink(&rig.b, RILL_NDF_SINK_QUIET, 0);
	rig.b.nodes[sink].chiplet = (uint16_t)place;
	build_arc(&rig.b, 0, 0, sink, 0);
	rig.options.capacity = capacity;
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	mapped = rill_ndf_mapped_new(rig.program, rig.binary, &rig.options, array);
	assert_non_null(mapped);
	assert_int_equal(run(mapped), RILL_NDF_FINISHED);
	same_sinks(rig.program, rig.engine, rill_ndf_mapped_engine(mapped));
	assert_int_equal(rill_ndf_mapped_firings(mapped, 0), place ? count : 2 * count);
	assert_int_equal(rill_ndf_mapped_busy(mapped, place), (place ? 1 : 2) * count * array->where_ps);
	/* Along the row first, there and back: tokens leave to the east if they must, credits to the west. */
	assert_int_equal(rill_ndf_mapped_link(mapped, 0, 0), place % 8 ? count : 0);
	assert_int_equal(rill_ndf_mapped_link(mapped, 0, 2), place && !(place % 8) ? count : 0);
	assert_int_equal(rill_ndf_mapped_link(mapped, place, 3), place && !(place % 8) ? count : 0);
	assert_int_equal(rill_ndf_mapped_link(mapped, place, 1), place % 8 ? count : 0);
	time = rill_ndf_mapped_time(mapped);
	rill_ndf_mapped_free(mapped);
	rig_end(&rig);
	return time;
}

/*
 * Of n tokens over k hops, each of which occupies a link for o and takes h more; nodes take w. The run ends when
 * the last credit is back. With room for one token, each makes the whole way and its credit the whole
 * way back. With room for all, tokens follow one another in w, or in o if that is longer.
 */
static void test_closed_form(void **state)
{
	static const uint32_t places[] = { 1, 2, 7, 8, 9, 56, 63 };
	static const uint64_t occupied[] = { 167, 1250, 5000 };
	struct rill_ndf_array array = square;
	size_t p, o;

	array.rows = 8;
	array.cols = 8;
	for (p = 0; p < COUNT(places); p++) {
		for (o = 0; o < COUNT(occupied); o++) {
			uint64_t k = places[p] % 8 + places[p] / 8, w = array.where_ps, way, gap;
			uint32_t n;

			array.token_ps = occupied[o];
			way = k * (array.token_ps + array.hop_ps);
			gap = w > array.token_ps ? w : array.token_ps;
			for (n = 1; n <= 16; n++) {
				assert_int_equal(stream_time(&array, places[p], n, 1), n * 2 * (w + way));
				assert_int_equal(stream_time(&array, places[p], n, 16),
						 2 * (w + way) + (n - 1) * gap);
			}
		}
	}
	/* One chiplet fires one at a time, and nothing travels. */
	assert_int_equal(stream_time(&array, 0, 16, 16), 2 * 16 * array.where_ps);
}

/* An adder that counts for ever, on chiplet 1 of two */
static struct rill_ndf_mapped *endless(struct rig *rig, uint64_t limit)
{
	struct rill_ndf_array array = square;
	struct rill_ndf_mapped *mapped;

	array.rows = 1;
	array.cols = 2;
	array.firing_limit = limit;
	rig_begin(rig);
	build_op_imm(&rig->b, RILL_NDF_ADD, 1, 1);
	build_token(&rig->b, build_arc(&rig->b, 0, 0, 0, 0), 0);
	rig->b.nodes[0].chiplet = 1;
	rig_load(rig);
	mapped = rill_ndf_mapped_new(rig->program, rig->binary, &rig->options, &array);
	assert_non_null(mapped);
	return mapped;
}

static void test_firing_limit(void **state)
{
	struct rill_ndf_mapped *mapped;
	struct rig rig;
	uint64_t limit;

	for (limit = 1; limit <= 1000; limit *= 10) {
		mapped = endless(&rig, limit);
		assert_int_equal(run(mapped), RILL_NDF_LIMIT);
		assert_true(rill_ndf_mapped_spent(mapped));
		assert_int_equal(rill_ndf_mapped_firings(mapped, 1), limit);
		assert_int_equal(rill_ndf_mapped_firings(mapped, 0), 0);
		assert_int_equal(rill_ndf_mapped_time(mapped), limit * square.op_ps);
		assert_int_equal(rill_ndf_mapped_step(mapped, EVENTS), RILL_NDF_LIMIT);
		assert_int_equal(rill_ndf_mapped_firings(mapped, 1), limit);
		rill_ndf_mapped_free(mapped);
		rig_end(&rig);
	}
	mapped = endless(&rig, 0);
	assert_int_equal(rill_ndf_mapped_step(mapped, 30000), RILL_NDF_LIMIT);
	assert_false(rill_ndf_mapped_spent(mapped));
	assert_int_equal(rill_ndf_mapped_firings(mapped, 1), 10000);	/* of 3 events each */
	rill_ndf_mapped_free(mapped);
	rig_end(&rig);
}

/* A limit of just what a program needs does not stop it; one less does. */
static void test_limit_is_enough(void **state)
{
	struct rill_program *program = parse("gcd.ndf");
	struct rill_ndf_array array = square;
	struct rill_ndf_options options = { 0 };
	struct rill_ndf_mapped *mapped;
	struct image image;
	uint64_t need;
	uint32_t less;

	array.rows = 2;
	array.cols = 2;
	load(&image, program, RILL_FUSED, 4);
	mapped = rill_ndf_mapped_new(image.program, image.binary, &options, &array);
	assert_int_equal(run(mapped), RILL_NDF_FINISHED);
	need = sum_of(mapped, 4);
	for (less = 0; less < 2; less++) {
		rill_ndf_mapped_free(mapped);
		array.firing_limit = need - less;
		mapped = rill_ndf_mapped_new(image.program, image.binary, &options, &array);
		assert_int_equal(run(mapped), less ? RILL_NDF_LIMIT : RILL_NDF_FINISHED);
		assert_int_equal(sum_of(mapped, 4), need - less);
	}
	rill_ndf_mapped_free(mapped);
	unload(&image);
	rill_program_free(program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_closed_form),
		cmocka_unit_test(test_firing_limit),
		cmocka_unit_test(test_limit_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
