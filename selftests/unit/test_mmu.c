// SPDX-License-Identifier: GPL-2.0-or-later
/* Page tables, as they should be and as they should not. */
#include "bench.h"

#define KIB		1024ULL
#define MIB		(1024 * KIB)
#define PAGE		(4 * KIB)
#define LARGE		(2 * MIB)
#define TABLES		(BENCH_RAM + 12 * MIB)	/* tables are taken from here on */
#define DATA		(BENCH_RAM + 14 * MIB)	/* system pages */
#define SYSTEM_RW	(RILL_PTE_VALID | RILL_PTE_LEAF | RILL_PTE_WRITE)
#define DDR_RW		(SYSTEM_RW | RILL_PTE_DDR)
#define DDR_BYTES	(16 * MIB)

struct space {
	struct bench *b;
	struct rill_context *ctx;
	uint64_t next_table;
	struct rill_fault fault;
};

static int setup(void **state)
{
	struct space *s = calloc(1, sizeof(*s));

	if (!s || bench_setup((void **)&s->b))
		return -1;
	bench_enable(s->b);
	s->next_table = TABLES + PAGE;
	if (bench_command(s->b, RILL_ADMIN_CONTEXT_CREATE, 7, TABLES, 0xf))
		return -1;
	s->ctx = &s->b->chip->contexts[7];
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct space *s = *state;
	void *b = s->b;

	free(s);
	return bench_teardown(&b);
}

/* The entry for va at a level, its tables made as needed. */
static uint64_t *entry(struct space *s, uint64_t va, unsigned int level)
{
	uint64_t table = TABLES;
	unsigned int at;

	for (at = RILL_PT_LEVELS - 1;; at--) {
		uint64_t *ptes = bench_at(s->b, table);
		uint64_t *pte = &ptes[va >> (RILL_PAGE_SHIFT + at * RILL_PT_BITS) & 511];

		if (at == level)
			return pte;
		if (!(*pte & RILL_PTE_VALID)) {
			*pte = s->next_table | RILL_PTE_VALID;
			s->next_table += PAGE;
		}
		table = *pte & RILL_PTE_ADDR_MASK;
	}
}

static void map(struct space *s, uint64_t va, uint64_t pte)
{
	*entry(s, va, 0) = pte;
}

static void map_large(struct space *s, uint64_t va, uint64_t pte)
{
	*entry(s, va, 1) = pte;
}

static bool reads(struct space *s, uint64_t va, void *buf, uint64_t len)
{
	return rill_mmu_read(s->b->chip, s->ctx, va, buf, len, &s->fault);
}

static bool writes(struct space *s, uint64_t va, const void *buf, uint64_t len)
{
	return rill_mmu_write(s->b->chip, s->ctx, va, buf, len, &s->fault);
}

static void faults(struct space *s, uint64_t va, enum rill_status status, uint64_t detail)
{
	uint8_t byte = 0;

	s->fault = (struct rill_fault){ 0 };
	if (status == RILL_FAULT_WRITE)
		assert_false(writes(s, va, &byte, 1));
	else
		assert_false(reads(s, va, &byte, 1));
	assert_int_equal(s->fault.status, status);
	assert_int_equal(s->fault.detail, detail);
}

static void faults_at(struct space *s, uint64_t va)
{
	faults(s, va, RILL_FAULT_READ, va);
	faults(s, va, RILL_FAULT_WRITE, va);
}

static void fill(uint8_t *buf, size_t len, uint8_t seed)
{
	while (len--)
		*buf++ = seed += 37;
}

static void small_pages(void **state)
{
	struct space *s = *state;
	const uint64_t va = 0x7f1234567000;
	uint8_t out[64], in[64] = { 0 };

	fill(out, sizeof(out), 1);
	map(s, va, DATA | SYSTEM_RW);
	assert_true(writes(s, va + 100, out, sizeof(out)));
	assert_memory_equal(bench_at(s->b, DATA + 100), out, sizeof(out));
	assert_true(reads(s, va + 100, in, sizeof(in)));
	assert_memory_equal(in, out, sizeof(in));
	map(s, va + PAGE, (3 * PAGE) | DDR_RW);
	assert_true(writes(s, va + PAGE + 8, out, sizeof(out)));
	assert_memory_equal(s->b->ddr + 3 * PAGE + 8, out, sizeof(out));
}

static void large_pages(void **state)
{
	struct space *s = *state;
	const uint64_t va = 0xfffffff00000ULL & ~(LARGE - 1);
	uint8_t out[64], in[64];

	fill(out, sizeof(out), 9);
	map_large(s, va, (2 * LARGE) | DDR_RW);
	assert_true(writes(s, va + 0x12345, out, sizeof(out)));
	assert_memory_equal(s->b->ddr + 2 * LARGE + 0x12345, out, sizeof(out));
	assert_true(reads(s, va + 0x12345, in, sizeof(in)));
	assert_memory_equal(in, out, sizeof(in));
	map_large(s, va - LARGE, DATA | SYSTEM_RW);
	assert_true(writes(s, va - 64, out, sizeof(out)));
	assert_memory_equal(bench_at(s->b, DATA + LARGE - 64), out, sizeof(out));
}

/* System, DDR, a large page and back, in one access. */
static void across_pages(void **state)
{
	struct space *s = *state;
	const uint64_t va = 0x40000000;
	static uint8_t out[3 * 4096], in[3 * 4096];

	map(s, va - 2 * PAGE, (DATA + 5 * PAGE) | SYSTEM_RW);
	map(s, va - PAGE, (9 * PAGE) | DDR_RW);
	map_large(s, va, LARGE | DDR_RW);
	fill(out, sizeof(out), 3);
	assert_true(writes(s, va - 2 * PAGE + 500, out, sizeof(out)));
	assert_true(reads(s, va - 2 * PAGE + 500, in, sizeof(in)));
	assert_memory_equal(in, out, sizeof(in));
	assert_memory_equal(bench_at(s->b, DATA + 5 * PAGE + 500), out, PAGE - 500);
	assert_memory_equal(s->b->ddr + 9 * PAGE, out + PAGE - 500, PAGE);
	assert_memory_equal(s->b->ddr + LARGE, out + 2 * PAGE - 500, PAGE + 500);
}

static void read_only(void **state)
{
	struct space *s = *state;
	uint8_t byte;

	map(s, 0x5000, DATA | (SYSTEM_RW & ~RILL_PTE_WRITE));
	assert_true(reads(s, 0x5008, &byte, 1));
	faults(s, 0x5008, RILL_FAULT_WRITE, 0x5008);
	/* From the TLB too, and in the middle of a write that began well. */
	assert_true(reads(s, 0x5008, &byte, 1));
	faults(s, 0x5008, RILL_FAULT_WRITE, 0x5008);
	map(s, 0x4000, (DATA + PAGE) | SYSTEM_RW);
	assert_false(writes(s, 0x4ff8, "0123456789abcdef", 16));
	assert_int_equal(s->fault.status, RILL_FAULT_WRITE);
	assert_int_equal(s->fault.detail, 0x5000);
}

static void missing(void **state)
{
	struct space *s = *state;

	faults_at(s, 0);
	map(s, 0x1000, DATA | SYSTEM_RW);
	faults_at(s, 0x2000);
	faults_at(s, 0xfff);
	faults_at(s, 1ULL << 39);
	map(s, 0x1000, (DATA | SYSTEM_RW) & ~RILL_PTE_VALID);
	faults_at(s, 0x1000);
}

/* Beyond 48 bits nothing wraps around. */
static void address_is_too_large(void **state)
{
	struct space *s = *state;
	const uint64_t last = (1ULL << RILL_VA_BITS) - PAGE;
	uint8_t buf[16];

	map(s, 0, DATA | SYSTEM_RW);
	map(s, last, DATA | SYSTEM_RW);
	assert_true(reads(s, last + PAGE - 8, buf, 8));
	faults_at(s, 1ULL << RILL_VA_BITS);
	faults_at(s, UINT64_MAX);
	assert_false(reads(s, last + PAGE - 8, buf, 16));
	assert_int_equal(s->fault.detail, 1ULL << RILL_VA_BITS);
	assert_false(reads(s, UINT64_MAX - 7, buf, 16));
}

static void ddr_ends(void **state)
{
	struct space *s = *state;
	uint8_t byte;

	map(s, 0x1000, (DDR_BYTES - PAGE) | DDR_RW);
	assert_true(writes(s, 0x1fff, &byte, 1));
	map(s, 0x2000, DDR_BYTES | DDR_RW);
	faults_at(s, 0x2000);
	map(s, 0x3000, RILL_PTE_ADDR_MASK | DDR_RW);
	faults_at(s, 0x3000);
	map_large(s, LARGE, (DDR_BYTES - LARGE) | DDR_RW);
	assert_true(writes(s, 2 * LARGE - 1, &byte, 1));
	map_large(s, 2 * LARGE, DDR_BYTES | DDR_RW);
	faults_at(s, 2 * LARGE);
	map_large(s, 3 * LARGE, (RILL_PTE_ADDR_MASK & ~(LARGE - 1)) | DDR_RW);
	faults_at(s, 3 * LARGE);
}

static void bad_entries(void **state)
{
	struct space *s = *state;
	const uint64_t va = 0x123456000;
	unsigned int bit;

	/* A large page that is not aligned. */
	map_large(s, LARGE, (LARGE + PAGE) | DDR_RW);
	faults_at(s, LARGE);
	/* A leaf higher up, a table at the bottom. */
	*entry(s, 1ULL << 39, 3) = SYSTEM_RW;
	faults_at(s, 1ULL << 39);
	*entry(s, 1ULL << 38, 2) = DDR_RW;
	faults_at(s, 1ULL << 38);
	map(s, va, DATA | RILL_PTE_VALID);
	faults_at(s, va);
	/* Bits that mean nothing, in a leaf and in a table. */
	for (bit = 4; bit < 64; bit++) {
		if (bit >= 12 && bit < 48)
			continue;
		map(s, va, DATA | SYSTEM_RW | 1ULL << bit);
		faults_at(s, va);
		map(s, va, DATA | SYSTEM_RW);
		*entry(s, va, 1) |= 1ULL << bit;
		faults_at(s, va);
		*entry(s, va, 1) &= ~(1ULL << bit);
	}
	/* Bits of a leaf in a table. */
	*entry(s, va, 2) |= RILL_PTE_WRITE;
	faults_at(s, va);
	*entry(s, va, 2) ^= RILL_PTE_WRITE | RILL_PTE_DDR;
	faults_at(s, va);
	*entry(s, va, 2) ^= RILL_PTE_DDR;
	assert_true(reads(s, va, &bit, sizeof(bit)));
}

static void tables_that_are_not_memory(void **state)
{
	struct space *s = *state;

	*entry(s, 0x1000, 2) = 0xfee00000 | RILL_PTE_VALID;
	faults(s, 0x1000, RILL_DMA_ERROR, 0xfee00000);
	faults(s, 5 * LARGE, RILL_DMA_ERROR, 0xfee00000 + 5 * 8);
	map(s, 1ULL << 38, 0xfee00000 | SYSTEM_RW);
	faults(s, (1ULL << 38) + 4, RILL_DMA_ERROR, 0xfee00004);
	map(s, 1ULL << 37, (BENCH_RAM + BENCH_RAM_BYTES - PAGE) | SYSTEM_RW);
	map_large(s, 1ULL << 36, (BENCH_RAM + BENCH_RAM_BYTES - LARGE) | SYSTEM_RW);
	assert_true(reads(s, 1ULL << 37, &(uint64_t){ 0 }, 8));
	assert_true(reads(s, (1ULL << 36) + LARGE - 8, &(uint64_t){ 0 }, 8));
}

/* A table that points to itself is a table like any other: four steps and no more. */
static void loops_end(void **state)
{
	struct space *s = *state;
	uint64_t *root = bench_at(s->b, TABLES);
	unsigned int i;

	for (i = 0; i < 512; i++)
		root[i] = TABLES | RILL_PTE_VALID;
	s->b->dma_reads = 0;
	faults(s, 0x123456789000, RILL_FAULT_READ, 0x123456789000);
	assert_int_equal(s->b->dma_reads, RILL_PT_LEVELS);
	root[511] = TABLES | SYSTEM_RW;
	faults_at(s, (1ULL << 48) - 1);
}

static void tlb(void **state)
{
	struct space *s = *state;
	uint64_t word, *data = bench_at(s->b, DATA);
	uint32_t epoch = s->ctx->epoch;

	data[0] = 1;
	data[512] = 2;
	map(s, 0x1000, DATA | SYSTEM_RW);
	assert_true(reads(s, 0x1000, &word, 8));
	s->b->dma_reads = 0;
	assert_true(reads(s, 0x1000, &word, 8));
	assert_int_equal(s->b->dma_reads, 1);
	/* What is held may be used until it is invalidated, and not after. */
	map(s, 0x1000, (DATA + PAGE) | SYSTEM_RW);
	assert_int_equal(bench_command(s->b, RILL_ADMIN_CONTEXT_INVALIDATE, 7), RILL_OK);
	assert_int_not_equal(s->ctx->epoch, epoch);
	assert_true(reads(s, 0x1000, &word, 8));
	assert_int_equal(word, 2);
	map(s, 0x1000, 0);
	rill_mmu_invalidate(s->ctx);
	faults_at(s, 0x1000);
	/* A miss is not remembered. */
	map(s, 0x1000, DATA | SYSTEM_RW);
	assert_true(reads(s, 0x1000, &word, 8));
	assert_int_equal(word, 1);
}

/* Pages that share a place in the TLB, large and small. */
static void tlb_conflicts(void **state)
{
	struct space *s = *state;
	unsigned int i, j;
	uint64_t word;

	for (i = 0; i < 64; i++) {
		uint64_t *data = bench_at(s->b, DATA + i * PAGE);

		data[0] = i;
		map(s, i * 256 * PAGE, (DATA + i * PAGE) | SYSTEM_RW);
		memcpy(s->b->ddr + (i % 8) * LARGE, &(uint64_t){ 100 + i % 8 }, 8);
		map_large(s, (1ULL << 40) + i * 64 * LARGE, (i % 8) * LARGE | DDR_RW);
	}
	for (j = 0; j < 3; j++) {
		for (i = 0; i < 64; i++) {
			assert_true(reads(s, i * 256 * PAGE, &word, 8));
			assert_int_equal(word, i);
			assert_true(reads(s, (1ULL << 40) + i * 64 * LARGE, &word, 8));
			assert_int_equal(word, 100 + i % 8);
		}
	}
}

static uint64_t run(struct space *s, uint64_t va, uint64_t len, enum rill_access access,
		    uint8_t **ddr, uint64_t *dma)
{
	return rill_mmu_run(s->b->chip, s->ctx, va, len, access, ddr, dma, &s->fault);
}

static void runs(void **state)
{
	struct space *s = *state;
	uint64_t dma, va = 0x100000;
	uint8_t *ddr;
	unsigned int i;

	for (i = 0; i < 4; i++)
		map(s, va + i * PAGE, (PAGE + i * PAGE) | DDR_RW);
	map(s, va + 4 * PAGE, (50 * PAGE) | DDR_RW);
	/* Contiguous pages are one run, that ends with the request or the order. */
	assert_int_equal(run(s, va + 8, PAGE, RILL_ACCESS_READ, &ddr, &dma), PAGE);
	assert_ptr_equal(ddr, s->b->ddr + PAGE + 8);
	assert_int_equal(run(s, va + 8, MIB, RILL_ACCESS_WRITE, &ddr, &dma), 4 * PAGE - 8);
	/* Read-only pages do not belong to a run that is written. */
	map(s, va + 2 * PAGE, (3 * PAGE) | (DDR_RW & ~RILL_PTE_WRITE));
	rill_mmu_invalidate(s->ctx);
	assert_int_equal(run(s, va, MIB, RILL_ACCESS_WRITE, &ddr, &dma), 2 * PAGE);
	assert_int_equal(run(s, va, MIB, RILL_ACCESS_READ, &ddr, &dma), 4 * PAGE);
	/* System memory goes page by page. */
	map(s, va + 8 * PAGE, DATA | SYSTEM_RW);
	map(s, va + 9 * PAGE, (DATA + PAGE) | SYSTEM_RW);
	assert_int_equal(run(s, va + 8 * PAGE + 16, MIB, RILL_ACCESS_READ, &ddr, &dma), PAGE - 16);
	assert_null(ddr);
	assert_int_equal(dma, DATA + 16);
	assert_int_equal(run(s, va + 7 * PAGE, MIB, RILL_ACCESS_READ, &ddr, &dma), 0);
	/* DDR stays in its channel, 4 MiB here. */
	map_large(s, 0x10000000, LARGE | DDR_RW);
	map_large(s, 0x10000000 + LARGE, 2 * LARGE | DDR_RW);
	assert_int_equal(run(s, 0x10000000, 4 * LARGE, RILL_ACCESS_READ, &ddr, &dma), LARGE);
	assert_int_equal(run(s, 0x10000000 + LARGE, LARGE, RILL_ACCESS_READ, &ddr, &dma), LARGE);
	assert_ptr_equal(ddr, s->b->ddr + 2 * LARGE);
}

static void dead_context(void **state)
{
	struct space *s = *state;

	map(s, 0x1000, DATA | SYSTEM_RW);
	assert_int_equal(bench_command(s->b, RILL_ADMIN_CONTEXT_DELETE, 7), RILL_OK);
	faults_at(s, 0x1000);
}

static uint64_t random64(void)
{
	return (uint64_t)random() << 42 ^ (uint64_t)random() << 21 ^ random();
}

/* Entries that are nearly right, since garbage alone would never get past the root. */
static uint64_t random_entry(void)
{
	uint64_t pte;

	switch (random() % 6) {
	case 0:
		pte = random64();
		break;
	case 1:
		pte = random64() % DDR_BYTES * 2 | DDR_RW;
		break;
	case 2:
		pte = (BENCH_RAM + random64() % BENCH_RAM_BYTES) | SYSTEM_RW;
		break;
	default:
		pte = (TABLES + random() % 64 * PAGE) | RILL_PTE_VALID;
	}
	if (random() % 4)
		pte &= RILL_PTE_ADDR_MASK | 15;
	if (random() % 8 == 0)
		pte ^= 1ULL << random() % 64;
	return pte;
}

/* Nothing outside DDR and RAM is touched (ASan looks), everything ends, and faults say why. */
static void random_tables(void **state)
{
	struct space *s = *state;
	uint64_t *tables = bench_at(s->b, TABLES);
	unsigned int good = 0, i, round;
	static uint8_t buf[64 * 1024];

	srandom(5);
	for (round = 0; round < 200; round++) {
		for (i = 0; i < 64 * 512; i++)
			tables[i] = random_entry();
		rill_mmu_invalidate(s->ctx);
		for (i = 0; i < 200; i++) {
			uint64_t va = random64() >> (random() % 3 ? 16 : random() % 64);
			uint64_t len = random64() % (random() % 2 ? 64 : sizeof(buf)), dma, n;
			uint8_t *ddr;
			bool ok;

			s->fault = (struct rill_fault){ 0 };
			n = run(s, va, len + 1, random() % 2, &ddr, &dma);
			if (n && ddr)
				memset(ddr, 0x5a, n);
			assert_true(n <= len + 1);
			/* A write may change the tables as it goes. */
			ok = random() % 2 ? reads(s, va, buf, len) : writes(s, va, buf, len);
			good += ok;
			if (!ok)
				assert_true(s->fault.status == RILL_FAULT_READ ||
					    s->fault.status == RILL_FAULT_WRITE ||
					    s->fault.status == RILL_DMA_ERROR);
		}
	}
	/* It would prove little if all of them faulted. */
	assert_in_range(good, 200, 200 * 200 - 200);
}

#define MMU_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MMU_TEST(small_pages),
		MMU_TEST(large_pages),
		MMU_TEST(across_pages),
		MMU_TEST(read_only),
		MMU_TEST(missing),
		MMU_TEST(address_is_too_large),
		MMU_TEST(ddr_ends),
		MMU_TEST(bad_entries),
		MMU_TEST(tables_that_are_not_memory),
		MMU_TEST(loops_end),
		MMU_TEST(tlb),
		MMU_TEST(tlb_conflicts),
		MMU_TEST(runs),
		MMU_TEST(dead_context),
		MMU_TEST(random_tables),
	};

	return cmocka_run_group_tests_name("mmu", tests, NULL, NULL);
}
