// SPDX-License-Identifier: MIT
/*
 * Every kind of matrix product that this processor has against three loops: any shape and stride, the
 * extremes of int8, matrices that end where memory ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "gemm.h"
#include "rill_stream.h"

#define CASES	300

struct guarded {
	uint8_t *map;
	size_t bytes;
	void *data;			/* ends at a page that cannot be touched */
};

struct shape {
	size_t m, n, k, stride;		/* of b, beyond a row's length */
	int extreme;			/* 0: any values; else both sides -128, or 127 and -128 */
};

static uint64_t state = 1;

static size_t draw(size_t below)
{
	return rill_pattern(77, state++) % below;
}

static struct guarded guard(size_t bytes)
{
	size_t page = sysconf(_SC_PAGESIZE), whole = (bytes + page - 1) / page * page;
	struct guarded g = { .bytes = whole + page };

	g.map = mmap(NULL, g.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(g.map != MAP_FAILED);
	assert_int_equal(mprotect(g.map + whole, page, PROT_NONE), 0);
	g.data = g.map + whole - bytes;
	return g;
}

static void release(struct guarded *g)
{
	munmap(g->map, g->bytes);
}

static void fill(struct guarded *g, size_t bytes, int value)
{
	int8_t *to = g->data;

	for (size_t i = 0; i < bytes; i++)
		to[i] = value ? value : (int)draw(256) - 128;
}

static size_t extent(size_t rows, size_t row, size_t stride)
{
	return (rows - 1) * (row + stride) + row;
}

static void check_nt(const struct rill_gemm *gemm, const struct shape *s)
{
	size_t b_bytes = extent(s->n, s->k, s->stride);
	struct guarded a = guard(s->m * s->k), b = guard(b_bytes), c = guard(4 * s->m * s->n);
	const int8_t *x = a.data, *w = b.data;
	const int32_t *sums = c.data;

	fill(&a, s->m * s->k, s->extreme ? -128 : 0);
	fill(&b, b_bytes, s->extreme);
	rill_gemm_nt(gemm, s->m, s->n, s->k, x, w, s->k + s->stride, c.data);
	for (size_t t = 0; t < s->m; t++)
		for (size_t j = 0; j < s->n; j++) {
			int32_t want = 0;

			for (size_t i = 0; i < s->k; i++)
				want += x[t * s->k + i] * w[j * (s->k + s->stride) + i];
			assert_int_equal(sums[t * s->n + j], want);
		}
	release(&a);
	release(&b);
	release(&c);
}

static void check_nn(const struct rill_gemm *gemm, const struct shape *s, bool add)
{
	size_t b_bytes = extent(s->k, s->n, s->stride), cells = s->m * s->n;
	struct guarded a = guard(s->m * s->k), b = guard(b_bytes), c = guard(4 * cells);
	const int8_t *h = a.data, *w = b.data;
	int32_t *sums = c.data;

	fill(&a, s->m * s->k, s->extreme ? -128 : 0);
	fill(&b, b_bytes, s->extreme);
	for (size_t i = 0; i < cells; i++)
		sums[i] = (1 << 27) + i;
	rill_gemm_nn(gemm, s->m, s->n, s->k, h, w, s->n + s->stride, add, sums);
	for (size_t t = 0; t < s->m; t++)
		for (size_t j = 0; j < s->n; j++) {
			int32_t want = add ? (1 << 27) + t * s->n + j : 0;

			for (size_t i = 0; i < s->k; i++)
				want += h[t * s->k + i] * w[i * (s->n + s->stride) + j];
			assert_int_equal(sums[t * s->n + j], want);
		}
	release(&a);
	release(&b);
	release(&c);
}

static void check_shapes(const struct rill_gemm *gemm)
{
	static const int extremes[] = { 0, 0, 0, -128, 127 };

	for (int i = 0; i < CASES; i++) {
		struct shape s = {
			.m = 1 + draw(draw(8) ? 20 : 150), .n = 1 + draw(draw(2) ? 12 : 140),
			.k = 1 + draw(draw(2) ? 70 : 300), .stride = draw(2) ? draw(300) : 0,
			.extreme = extremes[draw(5)],
		};

		check_nt(gemm, &s);
		check_nn(gemm, &s, draw(2));
	}
}

/* The longest dot product that there is, at its largest. */
static void check_longest(const struct rill_gemm *gemm)
{
	const struct shape s = { .m = 7, .n = 5, .k = RILL_MAX_HIDDEN, .extreme = -128 };

	check_nt(gemm, &s);
	check_nn(gemm, &s, false);
}

static void every_kind(void **unused)
{
	unsigned int kinds = 0;

	(void)unused;
	for (int kind = 0; kind < RILL_GEMM_KINDS; kind++) {
		struct rill_gemm *gemm = rill_gemm_new_kind(kind);

		if (!gemm)
			continue;
		print_message("%s\n", rill_gemm_name(gemm));
		check_shapes(gemm);
		check_longest(gemm);
		rill_gemm_free(gemm);
		kinds++;
	}
	assert_true(kinds >= 1);
	assert_null(rill_gemm_new_kind(RILL_GEMM_KINDS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
