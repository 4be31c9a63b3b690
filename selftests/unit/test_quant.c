// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "moe/quant.h"
#include "rill_stream.h"

/* By the book: quotient and remainder, no shifts */
static int64_t oracle(__int128 v, unsigned int shift)
{
	__int128 one = (__int128)1 << shift, floor = v / one, rest = v % one;

	if (rest < 0) {
		rest += one;
		floor--;
	}
	if (2 * rest > one || (2 * rest == one && floor % 2))
		floor++;
	return floor;
}

static int8_t oracle8(__int128 v, unsigned int shift)
{
	int64_t q = oracle(v, shift);

	return q > 127 ? 127 : q < -128 ? -128 : q;
}

static void test_ties_go_to_even(void **state)
{
	(void)state;
	assert_int_equal(rill_round_shift(1, 1), 0);
	assert_int_equal(rill_round_shift(3, 1), 2);
	assert_int_equal(rill_round_shift(5, 1), 2);
	assert_int_equal(rill_round_shift(-1, 1), 0);
	assert_int_equal(rill_round_shift(-3, 1), -2);
	assert_int_equal(rill_round_shift(-5, 1), -2);
	assert_int_equal(rill_round_shift(10, 2), 2);
	assert_int_equal(rill_round_shift(11, 2), 3);
	assert_int_equal(rill_round_shift(-11, 2), -3);
	assert_int_equal(rill_round_shift(-7, 0), -7);
}

static void test_every_small_value(void **state)
{
	(void)state;
	for (unsigned int shift = 0; shift < 10; shift++)
		for (int64_t v = -3000; v <= 3000; v++)
			assert_int_equal(rill_round_shift(v, shift), oracle(v, shift));
}

static void test_saturation(void **state)
{
	(void)state;
	assert_int_equal(rill_requantise(127, 1, 0), 127);
	assert_int_equal(rill_requantise(128, 1, 0), 127);
	assert_int_equal(rill_requantise(-128, 1, 0), -128);
	assert_int_equal(rill_requantise(-129, 1, 0), -128);
	assert_int_equal(rill_requantise(255, 1, 1), 127);	/* 127.5 */
	assert_int_equal(rill_requantise(-257, 1, 1), -128);	/* -128.5 */
	assert_int_equal(rill_requantise(INT32_MAX, INT32_MAX, 0), 127);
	assert_int_equal(rill_requantise(INT32_MIN, INT32_MAX, 0), -128);
	assert_int_equal(rill_requantise(INT32_MIN, INT32_MAX, 62), -1);
	assert_int_equal(rill_requantise(INT32_MAX, INT32_MAX, 62), 1);
	assert_int_equal(rill_requantise(5, 0, 62), 0);
}

static void test_random_values(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 200000; i++) {
		uint64_t a = rill_pattern(1, i), b = rill_pattern(2, i);
		int32_t v = (int32_t)a >> (a >> 32) % 32;
		uint32_t mult = (b & INT32_MAX) >> (b >> 40) % 31;
		unsigned int shift = (b >> 50) % 63;

		assert_int_equal(rill_requantise(v, mult, shift),
				 oracle8((__int128)v * mult, shift));
		assert_int_equal(rill_round_shift((int64_t)a, shift), oracle((int64_t)a, shift));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ties_go_to_even),
		cmocka_unit_test(test_every_small_value),
		cmocka_unit_test(test_saturation),
		cmocka_unit_test(test_random_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
