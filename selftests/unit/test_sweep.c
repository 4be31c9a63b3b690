// SPDX-License-Identifier: MIT
/* Sweeps as text, their points, shards, batches of a trace, and the file of results. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/points.h"
#include "bench/results.h"

static const char text[] =
	"# comment\n"
	"sweep a\n"
	"model olmoe-1b-7b   # another\n"
	"tokens 16 64 | 256\n"
	"strategy fse-dp ep\n"
	"sample 1..3\n"
	"sweep b\n"
	"model olmoe-1b-7b mixtral-8x7b\n"
	"strategy ep\n"
	"tokens 64\n"
	"sample 2\n"
	"slots - 8\n";

static void parse(bool quick, struct sweep *sweep)
{
	char error[SWEEP_ERROR_BYTES] = "";

	assert_int_equal(sweep_parse(text, quick, sweep, error), 0);
	assert_int_equal(sweep->count, 2);
}

static void make_points(struct points *points, bool quick)
{
	struct sweep sweep;
	unsigned int i;

	parse(quick, &sweep);
	*points = (struct points){ 0 };
	for (i = 0; i < sweep.count; i++)
		assert_int_equal(points_add(points, &sweep.blocks[i]), 0);
	sweep_free(&sweep);
}

static void test_blocks(void **state)
{
	struct sweep sweep;
	const struct sweep_axis *axis;

	parse(false, &sweep);
	axis = sweep_axis(&sweep.blocks[0], "tokens");
	assert_non_null(axis);
	assert_int_equal(axis->count, 3);
	assert_string_equal(axis->values[2], "256");
	axis = sweep_axis(&sweep.blocks[0], "sample");
	assert_int_equal(axis->count, 3);
	assert_string_equal(axis->values[2], "3");
	assert_null(sweep_axis(&sweep.blocks[1], "routing"));
	sweep_free(&sweep);
	parse(true, &sweep);
	assert_int_equal(sweep_axis(&sweep.blocks[0], "tokens")->count, 2);
	sweep_free(&sweep);
}

static void refuse(const char *bad, const char *why)
{
	char error[SWEEP_ERROR_BYTES] = "";
	struct sweep sweep;

	assert_true(sweep_parse(bad, true, &sweep, error) < 0);
	assert_int_equal(sweep.count, 0);
	if (!strstr(error, why))
		fail_msg("'%s' does not say '%s'", error, why);
}

static void test_refused(void **state)
{
	refuse("model x\n", "line 1: an axis before");
	refuse("sweep a\n", "line 1: sweep a has no axis");
	refuse("sweep\nmodel x\n", "line 1: name");
	refuse("sweep a\nmodel x\nmodel y\n", "line 3: model: a second time");
	refuse("sweep a\nmodel\n", "line 2: model: no value");
	refuse("sweep a\nmodel | x\n", "no value for a quick run");
	refuse("sweep a\nsample 5..1\n", "5..1");
	refuse("sweep a\nsample 1..100000\n", "more than");
	refuse("sweep a\nBAD x\n", "BAD");
}

static void test_builtin(void **state)
{
	char *builtin = sweep_builtin_text(), error[SWEEP_ERROR_BYTES] = "";
	struct points points = { 0 };
	struct sweep sweep;
	unsigned int i, quick;

	assert_non_null(builtin);
	for (quick = 0; quick < 2; quick++) {
		assert_int_equal(sweep_parse(builtin, quick, &sweep, error), 0);
		for (i = 0; i < sweep.count; i++)
			assert_int_equal(points_add(&points, &sweep.blocks[i]), 0);
		sweep_free(&sweep);
	}
	assert_true(points.count > 300);
	points_free(&points);
	free(builtin);
}

static void test_points(void **state)
{
	struct points points;

	make_points(&points, false);
	/* 3 * 2 * 3 + 2 * 2, of which one stands in both */
	assert_int_equal(points.count, 18 + 4 - 1);
	assert_string_equal(points.point[0].key,
			    "model=olmoe-1b-7b routing=synthetic sample=1 strategy=fse-dp tokens=16");
	assert_string_equal(points.point[0].args[0], "--model=olmoe-1b-7b");
	points_free(&points);
}

static void test_shards(void **state)
{
	enum { SHARDS = 4 };
	struct points whole, part;
	size_t seen[64] = { 0 }, i, j;
	unsigned int s;

	make_points(&whole, false);
	for (s = 1; s <= SHARDS; s++) {
		make_points(&part, false);
		points_shard(&part, s, SHARDS);
		for (i = 0; i < part.count; i++) {
			for (j = 0; j < whole.count && strcmp(whole.point[j].key, part.point[i].key); j++)
				;
			assert_true(j < whole.count);
			seen[j]++;
		}
		points_free(&part);
	}
	for (j = 0; j < whole.count; j++)
		assert_int_equal(seen[j], 1);
	points_free(&whole);
}

static void test_batches(void **state)
{
	struct trace_info info = { .count = 2, .layers = { { 3, 4096 }, { 7, 4096 } } };
	uint32_t layer, first, seen[8][2], i, j;

	for (i = 0; i < 8; i++) {
		assert_true(trace_info_batch(&info, i + 1, 1024, &layer, &first));
		assert_int_equal(layer, i % 2 ? 7 : 3);
		assert_true(first % 1024 == 0 && first + 1024 <= 4096);
		seen[i][0] = layer;
		seen[i][1] = first;
		for (j = 0; i < 4 && j < i; j++)
			assert_false(seen[j][0] == layer && seen[j][1] == first);
	}
	assert_false(trace_info_batch(&info, 1, 4097, &layer, &first));
	assert_false(trace_info_batch(&info, 0, 16, &layer, &first));
}

static void put(const char *path, const char *content)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(content, file);
	assert_int_equal(fclose(file), 0);
}

static void test_results(void **state)
{
	char path[] = "/tmp/rill-results-XXXXXX";
	struct results results, other;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	put(path, "{\"key\":\"a\",\"build\":\"1\"}\nrubbish\n{\"key\":\"b\",\"build\":\"2\"}\n{\"key\":\"c\",\"bu");
	assert_int_equal(results_open(path, "1", &results), 0);
	assert_int_equal(results.repaired, 14);
	assert_int_equal(results.broken, 1);
	assert_int_equal(results.other_build, 1);
	assert_true(string_set_find(&results.keys, "a", NULL));
	assert_false(string_set_find(&results.keys, "b", NULL));
	assert_false(string_set_find(&results.keys, "c", NULL));
	assert_true(results_open(path, "1", &other) < 0);	/* one writer at a time */
	assert_int_equal(results_append(&results, "{\"key\":\"c\",\"build\":\"1\"}\n", 24), 0);
	results_close(&results);
	assert_int_equal(results_open(path, NULL, &results), 0);
	assert_int_equal(results.repaired, 0);
	assert_int_equal(results.keys.count, 3);
	results_close(&results);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_builtin), cmocka_unit_test(test_points),
		cmocka_unit_test(test_shards), cmocka_unit_test(test_batches),
		cmocka_unit_test(test_results),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
