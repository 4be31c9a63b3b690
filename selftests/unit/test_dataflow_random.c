// SPDX-License-Identifier: MIT
/* The thirteen programs with random inputs, in every form, against plain C. */
#include "dataflow_rig.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 40
#define MAPPED_ROUNDS 12

static uint64_t seed = 20240801;

static uint64_t below(uint64_t n)
{
	return rig_random(&seed) % n;
}

/* What a case needs: inputs before the run, a check after it. Both see the same few words. */
struct test_case {
	const char *program;
	void (*draw)(int64_t *words);
	void (*feed)(struct rig *rig, const int64_t *words);
	void (*check)(struct rig *rig, const int64_t *words);
};

static void feed_array(struct rig *rig, const char *name, const int64_t *words, uint32_t count)
{
	uint32_t size;
	uint64_t *array = rig_array(rig, name, &size);

	assert_in_range(count, 0, size);
	memcpy(array, words, 8 * count);
}

/* ---- numbers ---- */

static void draw_gcd(int64_t *w)
{
	w[0] = 1 + (int64_t)below(300);
	w[1] = 1 + (int64_t)below(300);
}

static void feed_gcd(struct rig *rig, const int64_t *w)
{
	rig_input(rig, "a", (uint64_t)w[0]);
	rig_input(rig, "b", (uint64_t)w[1]);
}

static void check_gcd(struct rig *rig, const int64_t *w)
{
	int64_t a = w[0], b = w[1], t;

	for (; b; b = t) {
		t = a % b;
		a = b;
	}
	assert_int_equal(rig_output(rig, "gcd"), a);
}

static void draw_small(int64_t *w)
{
	w[0] = 1 + (int64_t)below(60);
}

static void feed_n(struct rig *rig, const int64_t *w)
{
	rig_input(rig, "n", (uint64_t)w[0]);
}

static void check_collatz(struct rig *rig, const int64_t *w)
{
	int64_t n = w[0], steps = 0;

	for (; n != 1; steps++)
		n = n % 2 ? 3 * n + 1 : n / 2;
	assert_int_equal(rig_output(rig, "steps"), steps);
}

static void check_fibonacci(struct rig *rig, const int64_t *w)
{
	uint64_t a = 0, b = 1, t;
	int64_t i;

	for (i = 0; i < w[0]; i++) {
		t = a + b;
		a = b;
		b = t;
	}
	assert_int_equal(rig_output(rig, "fibonacci"), a);
}

static void check_factorial(struct rig *rig, const int64_t *w)
{
	uint64_t product = 1;
	int64_t i;

	for (i = 2; i <= w[0]; i++)
		product *= (uint64_t)i;
	assert_int_equal(rig_output(rig, "factorial"), product);
}

static void draw_square(int64_t *w)
{
	w[0] = (int64_t)(below(2) ? below(1000) : rig_random(&seed) >> (2 + below(60)));
	w[0] += !w[0];
}

static void check_isqrt(struct rig *rig, const int64_t *w)
{
	uint64_t root = rig_output(rig, "isqrt"), n = (uint64_t)w[0];

	assert_true(root * root <= n);
	assert_true((root + 1) * (root + 1) > n);
}

static void draw_sieve(int64_t *w)
{
	w[0] = (int64_t)below(61);
}

static void check_sieve(struct rig *rig, const int64_t *w)
{
	uint64_t primes = 0;
	int64_t n, d;

	for (n = 2; n < w[0]; n++) {
		for (d = 2; d * d <= n && n % d; d++)
			;
		primes += d * d > n;
	}
	assert_int_equal(rig_output(rig, "primes"), primes);
}

/* ---- automata ---- */

static void draw_mod3(int64_t *w)
{
	w[1] = 1 + (int64_t)below(62);
	w[0] = (int64_t)(rig_random(&seed) >> (64 - w[1]));
}

static void feed_mod3(struct rig *rig, const int64_t *w)
{
	rig_input(rig, "word", (uint64_t)w[0]);
	rig_input(rig, "bits", (uint64_t)w[1]);
}

static void check_mod3(struct rig *rig, const int64_t *w)
{
	assert_int_equal(rig_output(rig, "state"), w[0] % 3);
}

static void draw_minsky(int64_t *w)
{
	w[0] = (int64_t)below(6);
	w[1] = (int64_t)below(6);
	w[2] = (int64_t)below(6);
}

static void feed_minsky(struct rig *rig, const int64_t *w)
{
	feed_array(rig, "register", w, 3);
}

static void check_minsky(struct rig *rig, const int64_t *w)
{
	static const int64_t code[] = { 1, 1, 4, 0, 0, 2, 0, 2, 0, 2, 0, 0, 1, 2, 6, 0, 0, 4, 2, 0, 0 };
	int64_t registers[3] = { w[0], w[1], w[2] }, pc = 0;
	uint32_t size;

	while (code[3 * pc] != 2) {
		int64_t *r = &registers[code[3 * pc + 1]];

		if (code[3 * pc] == 0) {
			++*r;
			pc = code[3 * pc + 2];
		} else if (*r) {
			--*r;
			pc++;
		} else {
			pc = code[3 * pc + 2];
		}
	}
	assert_memory_equal(rig_array(rig, "register", &size), registers, sizeof(registers));
}

/* ---- arrays ---- */

static void draw_search(int64_t *w)
{
	int i;

	w[0] = (int64_t)below(40) - 20;
	for (i = 1; i <= 16; i++)
		w[i] = (i > 1 ? w[i - 1] : -20) + (int64_t)below(4);
}

static void feed_search(struct rig *rig, const int64_t *w)
{
	rig_input(rig, "key", (uint64_t)w[0]);
	feed_array(rig, "table", w + 1, 16);
}

static void check_search(struct rig *rig, const int64_t *w)
{
	uint64_t i;

	for (i = 0; i < 16 && w[1 + i] < w[0]; i++)
		;
	assert_int_equal(rig_output(rig, "index"), i);
}

static void draw_sort(int64_t *w)
{
	int i;

	w[0] = 1 + (int64_t)below(8);
	for (i = 1; i <= 8; i++)
		w[i] = below(8) ? (int64_t)below(20) - 10 : (int64_t)rig_random(&seed);
}

static void feed_sort(struct rig *rig, const int64_t *w)
{
	rig_input(rig, "n", (uint64_t)w[0]);
	feed_array(rig, "a", w + 1, 8);
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void check_sort(struct rig *rig, const int64_t *w)
{
	int64_t sorted[8];
	uint32_t size;

	memcpy(sorted, w + 1, sizeof(sorted));
	qsort(sorted, (size_t)w[0], sizeof(*sorted), compare);
	assert_memory_equal(rig_array(rig, "a", &size), sorted, sizeof(sorted));
}

static void draw_matrices(int64_t *w)
{
	int i;

	for (i = 0; i < 18; i++)
		w[i] = (int64_t)rig_random(&seed);
}

static void feed_matrices(struct rig *rig, const int64_t *w)
{
	feed_array(rig, "a", w, 9);
	feed_array(rig, "b", w + 9, 9);
}

static void check_matrices(struct rig *rig, const int64_t *w)
{
	const uint64_t *a = (const uint64_t *)w, *b = a + 9;
	uint64_t c[9] = { 0 };
	uint32_t size;
	int i, k;

	for (i = 0; i < 9; i++) {
		for (k = 0; k < 3; k++)
			c[i] += a[i / 3 * 3 + k] * b[3 * k + i % 3];
	}
	assert_memory_equal(rig_array(rig, "c", &size), c, sizeof(c));
}

static const struct test_case cases[RIG_PROGRAMS] = {
	{ "gcd", draw_gcd, feed_gcd, check_gcd },
	{ "collatz", draw_small, feed_n, check_collatz },
	{ "fibonacci", draw_small, feed_n, check_fibonacci },
	{ "factorial", draw_small, feed_n, check_factorial },
	{ "isqrt", draw_square, feed_n, check_isqrt },
	{ "binary_search", draw_search, feed_search, check_search },
	{ "sieve", draw_sieve, feed_n, check_sieve },
	{ "bubble_sort", draw_sort, feed_sort, check_sort },
	{ "insertion_sort", draw_sort, feed_sort, check_sort },
	{ "odd_even_sort", draw_sort, feed_sort, check_sort },
	{ "matmul", draw_matrices, feed_matrices, check_matrices },
	{ "mod3", draw_mod3, feed_mod3, check_mod3 },
	{ "minsky", draw_minsky, feed_minsky, check_minsky },
};

static void all(void **state)
{
	int64_t words[32];
	struct rig rig;
	int i, form, round;

	for (i = 0; i < RIG_PROGRAMS; i++) {
		rig_parse_file(&rig, cases[i].program);
		for (round = 0; round < ROUNDS; round++) {
			cases[i].draw(words);
			for (form = 0; form < RIG_FORMS; form++) {
				rig_build(&rig, form, 1 + (uint32_t)below(4), below(2) * (1 + (uint64_t)round));
				cases[i].feed(&rig, words);
				rig_finish(&rig);
				cases[i].check(&rig, words);
				rig_unbuild(&rig);
			}
		}
		rig_free(&rig);
	}
}

/* The mapping's trial run had other inputs. */
static void mapped(void **state)
{
	int64_t words[32];
	struct rig rig;
	int i, round;

	for (i = 0; i < RIG_PROGRAMS; i++) {
		rig_parse_file(&rig, cases[i].program);
		for (round = 0; round < MAPPED_ROUNDS; round++) {
			cases[i].draw(words);
			rig_build_on_array(&rig, round % RIG_FORMS, 1 + (uint32_t)below(4), 1 + (uint32_t)below(8),
					   1 + (uint32_t)below(8));
			cases[i].feed(&rig, words);
			rig_finish(&rig);
			cases[i].check(&rig, words);
			rig_unbuild(&rig);
		}
		rig_free(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all), cmocka_unit_test(mapped) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
