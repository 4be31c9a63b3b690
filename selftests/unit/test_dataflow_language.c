// SPDX-License-Identifier: MIT
/* What programs mean: small ones, each right in every form and at capacities 1, 2 and 4. */
#include "dataflow_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void gives(const char *body, int64_t expected)
{
	char text[4096];

	snprintf(text, sizeof(text), "program t\n%s\n", body);
	if (rig_value(text, "r") != (uint64_t)expected)
		fail_msg("%s: not %lld", body, (long long)expected);
}

static void operators(void **state)
{
	static const struct {
		const char *expression;
		int64_t value;
	} cases[] = {
		{ "a + b * 2", 17 + 2 * -5 }, { "(a + b) * 2", 24 }, { "a - b - 1", 21 }, { "a / 5", 3 },
		{ "b / 2", -2 }, { "b % 3", -2 }, { "a % 5", 2 }, { "100 - a", 83 }, { "100 / a", 5 },
		{ "100 % a", 15 }, { "1 << a", 1 << 17 }, { "b >> 1", -3 }, { "b >>> 60", 15 },
		{ "a & 5", 1 }, { "a | 6", 23 }, { "a ^ 1", 16 }, { "~a", -18 }, { "-a", -17 }, { "-(a) * -1", 17 },
		{ "a < b", 0 }, { "b < a", 1 }, { "a == 17", 1 }, { "a != 17", 0 }, { "a >= 17", 1 },
		{ "a > 17", 0 }, { "a <= 16", 0 }, { "a > 0 and b > 0", 0 }, { "a > 0 or b > 0", 1 },
		{ "not a", 0 }, { "not (a and 0)", 1 }, { "min(a, b)", -5 }, { "max(a, b)", 17 },
		{ "abs(b)", 5 }, { "popcnt(a)", 2 }, { "select(a > b, 3, 4)", 3 }, { "select(1, a, b)", 17 },
		{ "ltu(b, a)", 0 }, { "f2i(fadd(1.5, i2f(a)))", 18 }, { "f2i(fmul(-0.5, i2f(b)))", 2 },
		{ "0xff", 255 }, { "1 | 6 ^ 2 & 3", 1 | (6 ^ (2 & 3)) }, { "2 + 3 << 1", 10 },
		{ "a / 0", -1 },
		{ "-9223372036854775808", INT64_MIN }, { "18446744073709551615", -1 },
	};
	char body[256];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(body, sizeof(body), "input a = 17\ninput b = -5\noutput r = %s", cases[i].expression);
		gives(body, cases[i].value);
	}
}

static void constants(void **state)
{
	gives("const N = (4 - 1) * 2 << 1\ninput a = N\noutput r = a", 12);
	gives("const N = 1 | 6 ^ 2 & 3\nconst M = ~N\ninput a = M\noutput r = a", ~(1 | (6 ^ (2 & 3))));
	gives("const N = 1 << 64\ninput a = -N\noutput r = a", 0);
}

static void conditions(void **state)
{
	static const struct {
		const char *condition;
		bool value;
	} cases[] = {
		{ "a > b", true }, { "2 * a > 33", true }, { "2 * a - 3 * b + 1 == 50", true },
		{ "a - 17", false }, { "a and b", true }, { "not a", false },
		{ "a == 17 and b == -5", true },
		{ "a == 17 and not b == -5", false }, { "a < 0 or b < 0", true },
		{ "(a < 0 or b < 0) and a > b", true },
		{ "a < 0 or b > 0 or a == b", false }, { "a * b < 0", true }, { "a * b > 0", false },
		{ "a != 17", false }, { "a != b and a != 0 and b != 0", true }, { "1", true }, { "0", false },
		{ "3 < 2", false }, { "a >= a", true }, { "a > a", false },
		/* What would wrap is exact in a `when` */
		{ "9223372036854775807 + a > 0", true }, { "big > -2", true }, { "-2 - big < 0", true },
	};
	char body[256];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(body, sizeof(body), "input a = 17\ninput b = -5\ninput big = 9223372036854775807\n"
			 "if %s { x = 1 } else { x = 0 }\noutput r = x", cases[i].condition);
		gives(body, cases[i].value);
	}
}

static void branches(void **state)
{
	gives("input a = 3\nx = 1\nif a > 2 { x = a }\noutput r = x", 3);
	gives("input a = 1\nx = 7\nif a > 2 { x = a }\noutput r = x", 7);
	gives("input a = 3\ninput b = 4\nif a < b { a, b = b, a }\noutput r = 10 * a + b", 43);
	gives("input a = 3\nif a == 1 { x = 10 } else if a == 2 { x = 20 } else if a == 3 { x = 30 } else { x = 40 }\n"
	      "output r = x + a", 33);
	gives("input a = 3\ny = 5\nif a > 1 { if a > 2 { y = y + a } else { y = 0 } }\noutput r = y", 8);
	gives("input a = 3\nx = 0\nif a > 1 { x = 5 } else { x = 5 }\noutput r = x", 5);
	gives("input a = 2\nx = a\nif 0 { x = 9 }\noutput r = x", 2);
}

static void cases(void **state)
{
	static const int64_t values[] = { -2, 0, 1, 2, 3, 4, 9, 100 };
	static const int64_t results[] = { 1, 7, 11, 12, 7, 7, 93, 7 };
	char body[512];
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		snprintf(body, sizeof(body), "input a = %lld\nx = 3\ncase a {\n1: { x = 11 } -2: { x = 1 }\n"
			 "2: { x = a + 10 } 9: { x = 10 * a + x } else: { x = 7 } }\noutput r = x",
			 (long long)values[i]);
		gives(body, results[i]);
	}
	gives("input a = 5\nx = 3\ncase 2 * a - 9 { 0: { x = 0 } 1: { x = x + a } }\noutput r = x", 8);
	gives("input a = 7\nx = 3\ncase a { 0: { x = 0 } }\noutput r = x", 3);
	gives("input a = 9223372036854775807\nx = 3\ncase a { 9223372036854775807: { x = 1 } }\noutput r = x", 1);
	gives("input a = 2\nroute a { 0: { x = 5 } 1: { x = 6 } 2: { x = a * 7 } }\noutput r = x", 14);
	gives("input a = 6\nroute a & 1 { 0: { a = a / 2 } 1: { a = 3 * a + 1 } }\noutput r = a", 3);
}

static void loops(void **state)
{
	gives("i, s = 0, 0\nwhile i < 10 { s = s + i i = i + 1 }\noutput r = s", 45);
	gives("input n = 0\ns = 5\nwhile n > 0 { s = s + n n = n - 1 }\noutput r = s", 5);
	gives("input n = 4\ns = 0\nwhile unfused n > 0 { s = s + n n = n - 1 }\noutput r = s", 10);
	/* An invariant that the body uses, one that the condition uses, one both */
	gives("input n = 5\ninput k = 3\ni, s = 0, 0\nwhile i < n { s = s + k * n i = i + 1 }\noutput r = s", 75);
	/* The same value starts a variable and is an invariant */
	gives("input n = 5\nx = n\ns = 0\nwhile x > 0 { s = s + n x = x - 1 }\noutput r = s", 25);
	gives("input n = 5\nx = n\ny = n\nwhile x > 0 { x, y = x - 1, x + y }\noutput r = y", 20);
	/* Three deep, with constants that start each */
	gives("s, i = 0, 0\nwhile i < 3 { j = 0 while j < 4 { k = 1 while k < 5 { s = s + i * j + k k = k + 1 }\n"
	      "j = j + 1 } i = i + 1 }\noutput r = s", 192);
	/* A body that gives a variable a constant, and one that swaps */
	gives("x, n = 1, 3\nwhile n > 0 { x = 9 n = n - 1 }\noutput r = x", 9);
	gives("a, b, n = 1, 2, 3\nwhile n > 0 { a, b = b, a n = n - 1 }\noutput r = 10 * a + b", 21);
	/* A variable of the body alone, and one that nobody uses */
	gives("n, s = 3, 0\nwhile n > 0 { t = n * n u = t + 1 s = s + t n = n - 1 }\noutput r = s", 14);
	/* A load in the condition */
	gives("array a[5] = { 4, 3, 2, 0, 9 }\ni, s = 0, 0\nwhile a[i] { s = s + a[i] i = i + 1 }\noutput r = s", 9);
	gives("input n = 100\ni = 0\nwhile i * i < n { i = i + 1 }\noutput r = i", 10);
	gives("input n = 7\ni = 0\nwhile i < n and i != 4 { i = i + 1 }\noutput r = i", 4);
	/* An if that nothing comes out of, a loop that does nothing */
	gives("input n = 3\nif n > 2 { t = n + 1 }\nwhile 0 { n = n + 1 }\noutput r = n", 3);
}

static void memory(void **state)
{
	gives("array a[4] = { 1, 2 }\narray b[2] = { 10 }\na[3] = a[1] + b[0]\noutput r = a[3] * 100 + a[2]", 1200);
	gives("array a[2]\na[0], a[1] = 5, 6\na[0], a[1] = a[1], a[0]\noutput r = 10 * a[0] + a[1]", 65);
	gives("array a[3] = { 1, 1, 1 }\ninput i = 1\nif i { a[i] = 7 } else { a[0] = 9 }\n"
	      "output r = 100 * a[0] + 10 * a[1] + a[2]", 171);
	/* Stores in order, whatever the time their values take */
	gives("array a[1]\ninput x = 81\na[0] = x / 3 / 3 / 3\na[0] = x\noutput r = a[0]", 81);
}

static void functions(void **state)
{
	const char *square = "func square(x) -> (y) { y = x * x }\n";
	char body[1024];

	snprintf(body, sizeof(body), "%sinput a = 5\noutput r = square(a)", square);
	gives(body, 25);
	snprintf(body, sizeof(body), "%sinput a = 5\ninput b = 3\noutput r = square(a) - square(b)", square);
	gives(body, 16);
	/* The same value from two callers; a constant from a third */
	snprintf(body, sizeof(body), "%sinput a = 5\noutput r = square(a) + square(a) + square(2)", square);
	gives(body, 54);
	/* One call's result is the other's argument */
	snprintf(body, sizeof(body), "%sinput a = 3\noutput r = square(square(a) + 1)", square);
	gives(body, 100);
	/* Callers inside loops and branches */
	snprintf(body, sizeof(body), "%si, s = 0, 0\nwhile i < 5 { if i & 1 { s = s + square(i) }\n"
		 "else { s = s - square(i + 1) } i = i + 1 }\noutput r = s", square);
	gives(body, 1 + 9 - 1 - 9 - 25);
	/* Several results, a loop inside, a function that calls one */
	gives("func divide(a, b) -> (q, a) { q = 0 while a >= b { a = a - b q = q + 1 } }\n"
	      "func digits(x) -> (n) { n, left = 0, x while left > 0 { left, d = divide(left, 10) n = n + 1 } }\n"
	      "input x = 1234\nq, m = divide(x, 100)\noutput r = digits(x) * 10000 + q * 100 + m + digits(q)", 41236);
	/* Memory, from two callers */
	gives("array a[2]\nfunc grow(i, x) -> (old) { old = a[i] a[i] = old + x }\n"
	      "x = grow(0, 5)\ny = grow(0, 6)\nz = grow(1, 1)\noutput r = 1000 * a[0] + 100 * y + 10 * x + a[1] + z",
	      11501);
	/* A call in a fused loop's condition has two places. */
	gives("func half(x) -> (y) { y = x >> 1 }\ninput n = 100\ns = 0\nwhile half(n) > 3 { n = half(n) s = s + 1 }\n"
	      "output r = s * 100 + n", 406);
}

static void streams(void **state)
{
	static const int64_t results[] = { 1, 7, 2, 100, 16 };
	const char *text = "program t\nstream x = { 1, 7, 2, 100, 27 }\nif x < 27 { y = x } else { k = 3\n"
			   "y = x while k > 0 and y > 20 { y = y - (y >> 2) k = k - 1 if x == 100 { y = 100 } } }\n"
			   "output r = y";
	const uint64_t *words;
	const char *name;
	struct rig rig;
	uint32_t mode;
	size_t count;
	int form;

	assert_non_null(rig_parse(&rig, text));
	for (form = 0; form < RIG_FORMS; form++) {
		rig_build(&rig, form, 1 + (uint32_t)form, 0);
		rig_finish(&rig);
		words = rill_run_sink(rig.run, 0, &name, &mode, &count);
		assert_int_equal(count, 5);
		assert_memory_equal(words, results, sizeof(results));
		rig_unbuild(&rig);
	}
	/* Other words, and as many results */
	rig_build(&rig, RILL_FUSED, 0, 0);
	assert_int_equal(rill_run_input(rig.run, "x", (const uint64_t[]){ 4, 5 }, 2), 0);
	rig_finish(&rig);
	words = rill_run_sink(rig.run, 0, &name, &mode, &count);
	assert_int_equal(count, 2);
	assert_int_equal(words[1], 5);
	rig_free(&rig);
}

/* Predicates that need no lesson, for their weights are right: in a branch, beside others, in a loop */
static void learned(void **state)
{
	const char *head = "plastic big(x) { eta 0.5 weights { 1.0 } theta { 10.0 } }\n"
			   "plastic which(x, y) { dims 2 eta 0.5 weights { 1.0, 0.0, 0.0, 1.0 } }\ninput a = 25\n";
	char body[1024];

	snprintf(body, sizeof(body), "%sif big(a) teach a >= 10 { r = 1 } else { r = 2 }\noutput r = r", head);
	gives(body, 1);
	snprintf(body, sizeof(body), "%sif a > 30 or big(a) teach a >= 10 { b = 1 } else { b = 2 }\noutput r = b",
		 head);
	gives(body, 1);
	snprintf(body, sizeof(body), "%soutput r = 7 * big(a) teach a >= 10", head);
	gives(body, 7);
	snprintf(body, sizeof(body), "%swhile big(a) teach a >= 10 { a = a - 4 }\noutput r = a", head);
	gives(body, 9);
	snprintf(body, sizeof(body), "%sroute which(a, 26) teach 2 { 0: { b = a } 1: { b = 0 - a } }\noutput r = b",
		 head);
	gives(body, -25);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operators),
		cmocka_unit_test(constants),
		cmocka_unit_test(conditions),
		cmocka_unit_test(branches),
		cmocka_unit_test(cases),
		cmocka_unit_test(loops),
		cmocka_unit_test(memory),
		cmocka_unit_test(functions),
		cmocka_unit_test(streams),
		cmocka_unit_test(learned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
