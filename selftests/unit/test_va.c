// SPDX-License-Identifier: MIT
/* The range allocator: against closed cases, and at random against a map of every unit. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "device/va.h"
#include "rill_stream.h"

static void first_fit(void **state)
{
	struct rill_va va;
	uint64_t a, b, c;

	assert_int_equal(rill_va_init(&va, 0x1000, 0x10000), 0);
	assert_int_equal(rill_va_alloc(&va, 0x2000, 0x1000, &a), 0);
	assert_int_equal(rill_va_alloc(&va, 0x1000, 0x1000, &b), 0);
	assert_int_equal(a, 0x1000);
	assert_int_equal(b, 0x3000);
	rill_va_free(&va, a, 0x2000);
	assert_int_equal(rill_va_alloc(&va, 0x1000, 0x1000, &c), 0);
	assert_int_equal(c, a);
	rill_va_fini(&va);
}

static void alignment(void **state)
{
	struct rill_va va;
	uint64_t a, b;

	assert_int_equal(rill_va_init(&va, 0x1000, 0x800000), 0);
	assert_int_equal(rill_va_alloc(&va, 0x1000, 0x200000, &a), 0);
	assert_int_equal(a, 0x200000);
	/* What alignment skipped is still there. */
	assert_int_equal(rill_va_alloc(&va, 0x1ff000, 0x1000, &b), 0);
	assert_int_equal(b, 0x1000);
	assert_int_equal(rill_va_free_bytes(&va), 0x800000 - 0x200000);
	rill_va_fini(&va);
}

static void exact_fit_and_full(void **state)
{
	struct rill_va va;
	uint64_t a, b;

	assert_int_equal(rill_va_init(&va, 0x1000, 0x4000), 0);
	assert_int_equal(rill_va_alloc(&va, 0x5000, 0x1000, &a), -ENOSPC);
	assert_int_equal(rill_va_alloc(&va, 0x4000, 0x1000, &a), 0);
	assert_int_equal(rill_va_free_bytes(&va), 0);
	assert_int_equal(rill_va_alloc(&va, 0x1000, 0x1000, &b), -ENOSPC);
	rill_va_free(&va, a, 0x4000);
	assert_int_equal(rill_va_alloc(&va, 0x4000, 0x4000, &b), -ENOSPC);
	assert_int_equal(rill_va_alloc(&va, 0x4000, 0x1000, &b), 0);
	rill_va_fini(&va);
}

static void bad_arguments(void **state)
{
	struct rill_va va;
	uint64_t a;

	assert_int_equal(rill_va_init(&va, 0x1000, 0x4000), 0);
	assert_int_equal(rill_va_alloc(&va, 0, 0x1000, &a), -EINVAL);
	assert_int_equal(rill_va_alloc(&va, 0x1000, 0, &a), -EINVAL);
	assert_int_equal(rill_va_alloc(&va, 0x1000, 0x3000, &a), -EINVAL);
	assert_int_equal(rill_va_alloc(&va, UINT64_MAX, 0x1000, &a), -ENOSPC);
	rill_va_fini(&va);
}

/* Neighbours join, whatever the order in which they come back. */
static void joining(void **state)
{
	static const int orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 },
					 { 2, 0, 1 }, { 2, 1, 0 } };
	struct rill_va va;
	uint64_t part[3], all;

	for (size_t o = 0; o < sizeof(orders) / sizeof(orders[0]); o++) {
		assert_int_equal(rill_va_init(&va, 0x1000, 0x3000), 0);
		for (int i = 0; i < 3; i++)
			assert_int_equal(rill_va_alloc(&va, 0x1000, 0x1000, &part[i]), 0);
		for (int i = 0; i < 3; i++)
			rill_va_free(&va, part[orders[o][i]], 0x1000);
		assert_int_equal(va.count, 1);
		assert_int_equal(rill_va_alloc(&va, 0x3000, 0x1000, &all), 0);
		rill_va_fini(&va);
	}
}

#define UNITS	512
#define HELD	64

struct held {
	uint64_t start, size;
};

static void mark(uint8_t *used, const struct held *held, uint8_t value)
{
	for (uint64_t u = held->start; u < held->start + held->size; u++) {
		assert_in_range(u, 0, UNITS - 1);
		assert_int_not_equal(used[u], value);
		used[u] = value;
	}
}

/* Is there room for size units at a multiple of align? */
static bool has_room(const uint8_t *used, uint64_t size, uint64_t align)
{
	for (uint64_t at = 0; at + size <= UNITS; at += align) {
		uint64_t u = at;

		while (u < at + size && !used[u])
			u++;
		if (u == at + size)
			return true;
	}
	return false;
}

static void random_use(void **state)
{
	struct held held[HELD] = { 0 };
	uint8_t used[UNITS] = { 0 };
	struct rill_va va;

	assert_int_equal(rill_va_init(&va, 0, UNITS), 0);
	for (uint64_t step = 0; step < 20000; step++) {
		uint64_t dice = rill_pattern(5, step);
		struct held *h = &held[dice % HELD];
		uint64_t align = 1ULL << (dice >> 8) % 6, size = 1 + (dice >> 16) % 40;
		int err;

		if (h->size) {
			mark(used, h, 0);
			rill_va_free(&va, h->start, h->size);
			h->size = 0;
			continue;
		}
		err = rill_va_alloc(&va, size, align, &h->start);
		assert_int_equal(err, has_room(used, size, align) ? 0 : -ENOSPC);
		if (err)
			continue;
		assert_int_equal(h->start % align, 0);
		h->size = size;
		mark(used, h, 1);
	}
	rill_va_fini(&va);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_fit),
		cmocka_unit_test(alignment),
		cmocka_unit_test(exact_fit_and_full),
		cmocka_unit_test(bad_arguments),
		cmocka_unit_test(joining),
		cmocka_unit_test(random_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
