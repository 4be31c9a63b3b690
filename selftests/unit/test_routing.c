// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rill_moe.h"

static const struct rill_model model = {
	.name = "tiny", .hidden = 16, .width = 8, .experts = 10, .top_k = 2,
};

static char error[RILL_ERROR_BYTES];

static int load_bytes(const void *bytes, size_t length, uint32_t first, uint32_t tokens,
		      struct rill_routing *routing)
{
	char path[] = "/tmp/rill-trace-XXXXXX";
	int fd = mkstemp(path), err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
	error[0] = '\0';
	err = rill_routing_load(path, &model, 3, first, tokens, routing, error);
	unlink(path);
	return err;
}

static int load(const char *text, uint32_t first, uint32_t tokens, struct rill_routing *routing)
{
	return load_bytes(text, strlen(text), first, tokens, routing);
}

static const char csv[] =
	"layer,token,e0,e1,w0,w1\n"
	"2,0,1,2,0.5,0.5\n"
	"3,0,7,0,0.75,0.25\n"
	"3,1,9,8,0.5,-0.125\r\n"
	"\n"
	"4,0,1,2,0.5,0.5\n"
	"3,2,1,2,1e-1,0";

static const char json[] =
	"{\"type\": \"meta\", \"model\": \"tiny\"}\n"
	"{\"layer\": 2, \"token\": 0, \"topk_ids\": [1, 2], \"topk_weights\": [0.5, 0.5]}\n"
	"{\"layer\": 3, \"token\": 0, \"topk_ids\": [7, 0], \"topk_weights\": [0.75, 0.25], \"step\": 1}\n"
	"{\"type\": \"route\", \"layer\": 3, \"token\": 1, \"topk_ids\": [9, 8], \"topk_weights\": [0.5, -0.125]}\n"
	"\n"
	"{\"layer\": 3, \"token\": 2, \"topk_ids\": [1, 2], \"topk_weights\": [0.1, 0]}\n";

static void check_three(const char *text)
{
	static const uint16_t expert[] = { 7, 0, 9, 8, 1, 2 };
	static const float weight[] = { 0.75f, 0.25f, 0.5f, -0.125f, 0.1f, 0 };
	struct rill_routing routing;

	assert_int_equal(load(text, 0, 3, &routing), 0);
	assert_int_equal(routing.tokens, 3);
	assert_int_equal(routing.top_k, 2);
	assert_memory_equal(routing.expert, expert, sizeof(expert));
	assert_memory_equal(routing.weight, weight, sizeof(weight));
	assert_non_null(strstr(routing.source, "rill-trace-"));
	rill_routing_free(&routing);
	assert_int_equal(load(text, 1, 2, &routing), 0);
	assert_memory_equal(routing.expert, expert + 2, sizeof(expert) - 2 * sizeof(*expert));
	rill_routing_free(&routing);
}

static void test_csv(void **state)
{
	(void)state;
	check_three(csv);
	check_three(strchr(csv, '\n') + 1);	/* without its header */
}

static void test_json(void **state)
{
	(void)state;
	check_three(json);
}

static void test_too_few(void **state)
{
	struct rill_routing routing;

	(void)state;
	assert_int_equal(load(csv, 0, 4, &routing), -ENODATA);
	assert_non_null(strstr(error, "layer 3 has 3 tokens; tokens 0..3"));
	assert_null(routing.expert);
	assert_int_equal(load(json, UINT32_MAX, 4, &routing), -ENODATA);
	assert_int_equal(load("", 0, 1, &routing), -ENODATA);
	assert_int_equal(load(csv, 0, 0, &routing), -EINVAL);
	assert_int_equal(load(csv, 0, RILL_MAX_TOKENS + 1, &routing), -EINVAL);
}

static void test_no_file(void **state)
{
	struct rill_routing routing;

	(void)state;
	assert_int_equal(rill_routing_load("/nonexistent/trace.csv", &model, 3, 0, 1, &routing,
					   error), -ENOENT);
	assert_non_null(strstr(error, "/nonexistent/trace.csv"));
	assert_int_equal(rill_routing_load("/", &model, 3, 0, 1, &routing, error), -EIO);
}

struct bad {
	const char *text, *says;
};

static void check_bad(const struct bad *bad)
{
	struct rill_routing routing;

	assert_int_equal(load(bad->text, 0, 1, &routing), -EINVAL);
	if (!strstr(error, bad->says))
		fail_msg("'%s' gives '%s', not '%s'", bad->text, error, bad->says);
	assert_non_null(strstr(error, "/tmp/rill-trace-"));
	assert_null(routing.expert);
}

static void test_bad_csv(void **state)
{
	static const struct bad bad[] = {
		{ "layer,token,e0,e1,w0\n", ":1: header has only 5 columns" },
		{ "layer,token,e0,e1,e2,w0,w1,w2\n", ":1: header has more than 6 columns" },
		{ "layer,token,e0,w0,e1,w1\n", ":1: column 4 is 'w0', expected e1" },
		{ "layer,tokens,e0,e1,w0,w1\n", ":1: header does not start with layer,token" },
		{ "2,0,1\n3,0,1,2,0.5\n", ":2: only 5 fields, expected 2 + 2 * top_k = 6" },
		{ "3,0,1,2,0.5,0.5,0.5\n", ":1: more than 6 fields" },
		{ "x,0,1,2,0.5,0.5\n", ":1: layer: 'x' is not an integer" },
		{ "3,-1,1,2,0.5,0.5\n", ":1: token: '-1' is not an integer from 0" },
		{ "3,0,10,2,0.5,0.5\n", ":1: e[0]: expert 10 is not in 0..9" },
		{ "3,0,1,-2,0.5,0.5\n", ":1: e1: '-2' is not" },
		{ "3,0,1,99999999999999999999,0.5,0.5\n", ":1: e1: '99999999999999999999' is not" },
		{ "3,0,1,1,0.5,0.5\n", ":1: e[1]: expert 1 stands there twice" },
		{ "3,0,1,2,,0.5\n", ":1: w0: '' is not a number" },
		{ "3,0,1,2,0.5,nan\n", ":1: w[1]: weight nan is not within" },
		{ "3,0,1,2,0.5,inf\n", ":1: w[1]: weight inf is not within" },
		{ "3,0,1,2,0.5,1e9\n", ":1: w[1]: weight 1e+09 is not within +-1024" },
		{ "3,0,1,2,0.5,0.5x\n", ":1: w1: '0.5x' is not a number" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_bad(&bad[i]);
}

#define ROW(ids, weights) "{\"layer\": 3, \"token\": 0, \"topk_ids\": " ids ", \"topk_weights\": " weights "}"

static void test_bad_json(void **state)
{
	static const struct bad bad[] = {
		{ "{\n", ":1: column" },
		{ "{}\n", ":1: layer: missing" },
		{ "{\"layer\": 2}\n[]\n", ":2: not a JSON object" },
		{ "{\"layer\": \"3\"}\n", ":1: layer: missing, or not an integer" },
		{ "{\"layer\": -3}\n", ":1: layer: missing, or not an integer from 0" },
		{ "{\"layer\": 3}\n", ":1: token: missing" },
		{ "{\"layer\": 3, \"token\": 0}\n", ":1: topk_ids: missing" },
		{ "{\"layer\": 3, \"token\": 0, \"topk_ids\": [1, 2]}\n", ":1: topk_weights: missing" },
		{ ROW("[1]", "[1, 1]"), ":1: topk_ids: 1 elements, expected top_k = 2" },
		{ ROW("[1, 2]", "[1, 1, 1]"), ":1: topk_weights: 3 elements, expected top_k = 2" },
		{ ROW("[1, 2.5]", "[1, 1]"), ":1: topk_ids[1]: not an integer" },
		{ ROW("[1, 10]", "[1, 1]"), ":1: topk_ids[1]: expert 10 is not in 0..9" },
		{ ROW("[-1, 1]", "[1, 1]"), ":1: topk_ids[0]: expert -1 is not in 0..9" },
		{ ROW("[4, 4]", "[1, 1]"), ":1: topk_ids[1]: expert 4 stands there twice" },
		{ ROW("[1, 2]", "[1, null]"), ":1: topk_weights[1]: not a number" },
		{ ROW("[1, 2]", "[1, 2000]"), ":1: topk_weights[1]: weight 2000 is not within" },
		{ ROW("[1, 2]", "[1, 1e999]"), ":1: column" },
		{ "{\"layer\": 3, \"layer\": 3}\n", ":1: column" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_bad(&bad[i]);
}

static void test_hostile(void **state)
{
	struct rill_routing routing;
	size_t length = 1 << 20;
	char *bytes = malloc(length);

	(void)state;
	memset(bytes, '3', length);
	assert_int_equal(load_bytes(bytes, length, 0, 1, &routing), -EINVAL);
	assert_non_null(strstr(error, "longer than"));
	memset(bytes, 0, length);
	assert_int_equal(load_bytes(bytes, length, 0, 1, &routing), -EINVAL);
	assert_non_null(strstr(error, "NUL"));
	memset(bytes, '[', length);
	bytes[0] = '{';
	bytes[60000] = '\n';
	assert_int_equal(load_bytes(bytes, length, 0, 1, &routing), -EINVAL);
	memset(bytes, ',', length);
	bytes[60000] = '\n';
	assert_int_equal(load_bytes(bytes, length, 0, 1, &routing), -EINVAL);
	free(bytes);
}

/* Whatever a byte is changed to, loading ends, and what it accepts is in range. */
static void mutate(const char *text, uint64_t round)
{
	uint64_t word = rill_pattern(77, round);
	struct rill_routing routing;
	char bytes[sizeof(json)];
	size_t length = strlen(text);

	memcpy(bytes, text, length);
	bytes[word % length] = word >> 32;
	if (word >> 63)
		length = (word >> 40) % length;
	if (load_bytes(bytes, length, 0, 3, &routing)) {
		assert_true(strlen(error) > 0);
		return;
	}
	for (int i = 0; i < 6; i++)
		assert_true(routing.expert[i] < 10);
	rill_routing_free(&routing);
}

static void test_mutations(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 2000; i++) {
		mutate(csv, 2 * i);
		mutate(json, 2 * i + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_too_few),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_bad_csv),
		cmocka_unit_test(test_bad_json),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
