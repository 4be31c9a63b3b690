// SPDX-License-Identifier: GPL-2.0-or-later
/* Configuration, register file, events, reset. */
#include "bench.h"

static struct rill_chip_config sound(void)
{
	struct rill_chip_config config;

	rill_chip_config_default(&config);
	return config;
}

static void defaults_pass(void **state)
{
	struct rill_chip_config config = sound();

	assert_null(rill_chip_config_check(&config));
	assert_int_equal(config.channels, 4);
	config.channels = 0;
	config.rows = 1;
	assert_null(rill_chip_config_check(&config));
	assert_int_equal(config.channels, 2);
	config.channels = 0;
	config.cols = 1;
	assert_null(rill_chip_config_check(&config));
	assert_int_equal(config.channels, 1);
}

#define ALLOWED(field, value) do { \
	struct rill_chip_config config = sound(); \
	config.field = value; \
	assert_null(rill_chip_config_check(&config)); \
} while (0)

static void limits_are_allowed(void **state)
{
	ALLOWED(rows, 8);
	ALLOWED(cols, 8);
	ALLOWED(channels, 1);
	ALLOWED(channel_bytes, 2 << 20);
	ALLOWED(channel_bytes, 1ULL << 40);
	ALLOWED(sram_bytes, 64 << 10);
	ALLOWED(sram_bytes, 4ULL << 30);
	ALLOWED(mac_per_cycle, 1);
	ALLOWED(mac_khz, 1000);
	ALLOWED(mac_startup, 0);
	ALLOWED(ddr_mbps, 1);
	ALLOWED(ddr_latency_ps, 0);
	ALLOWED(link_mbps, 10000000);
	ALLOWED(link_hop_ps, 1000000000);
	ALLOWED(queues, 2);
	ALLOWED(queues, 64);
}

#define REFUSED(field, value, name) do { \
	struct rill_chip_config config = sound(); \
	const char *wrong; \
	config.field = value; \
	wrong = rill_chip_config_check(&config); \
	assert_non_null(wrong); \
	assert_memory_equal(wrong, name ":", sizeof(name)); \
} while (0)

static void bad_configs_are_refused(void **state)
{
	REFUSED(rows, 0, "rows");
	REFUSED(rows, 9, "rows");
	REFUSED(cols, 0, "cols");
	REFUSED(cols, UINT32_MAX, "cols");
	REFUSED(channels, 5, "channels");
	REFUSED(channel_bytes, 1 << 20, "channel_bytes");
	REFUSED(channel_bytes, 3 << 20, "channel_bytes");
	REFUSED(channel_bytes, 1ULL << 63, "channel_bytes");
	REFUSED(sram_bytes, 0, "sram_bytes");
	REFUSED(mac_per_cycle, 0, "mac_per_cycle");
	REFUSED(mac_khz, 0, "mac_khz");
	REFUSED(mac_startup, UINT32_MAX, "mac_startup");
	REFUSED(ddr_mbps, 0, "ddr_mbps");
	REFUSED(ddr_latency_ps, UINT32_MAX, "ddr_latency_ps");
	REFUSED(link_mbps, 0, "link_mbps");
	REFUSED(link_hop_ps, UINT32_MAX, "link_hop_ps");
	REFUSED(queues, 1, "queues");
	REFUSED(queues, 65, "queues");
}

static void identity(void **state)
{
	struct bench *b = *state;

	assert_int_equal(bench_read(b, RILL_REG_ID), RILL_ID_MAGIC);
	assert_int_equal(bench_read(b, RILL_REG_VERSION), RILL_HW_VERSION);
	assert_int_equal(bench_read64(b, RILL_REG_FEATURES) & RILL_FEATURE_STREAM,
			 RILL_FEATURE_STREAM);
	assert_int_equal(bench_read(b, RILL_REG_ROWS), 2);
	assert_int_equal(bench_read(b, RILL_REG_COLS), 2);
	assert_int_equal(bench_read(b, RILL_REG_CHANNELS), 4);
	assert_int_equal(bench_read(b, RILL_REG_QUEUES), 17);
	assert_int_equal(bench_read64(b, RILL_REG_CHANNEL_BYTES), b->config.channel_bytes);
	assert_int_equal(bench_read64(b, RILL_REG_SRAM_BYTES), 32 << 20);
	assert_int_equal(bench_read(b, RILL_REG_SRAM_BYTES), 32 << 20);
	assert_int_equal(bench_read(b, RILL_REG_SRAM_BYTES + 4), 0);
	assert_int_equal(bench_read(b, RILL_REG_MAC_PER_CYCLE), 2048);
	assert_int_equal(bench_read(b, RILL_REG_MAC_KHZ), 800000);
	assert_int_equal(bench_read(b, RILL_REG_MAC_STARTUP), 64);
	assert_int_equal(bench_read(b, RILL_REG_DDR_MBPS), 25600);
	assert_int_equal(bench_read(b, RILL_REG_DDR_LATENCY_PS), 60000);
	assert_int_equal(bench_read(b, RILL_REG_LINK_MBPS), 96000);
	assert_int_equal(bench_read(b, RILL_REG_LINK_HOP_PS), 20000);
	assert_int_equal(bench_read(b, RILL_REG_LINKS), 8);
	assert_int_equal(bench_read(b, RILL_REG_CONTEXTS), RILL_MAX_CONTEXTS);
	assert_int_equal(bench_read(b, RILL_REG_QUEUE_DEPTH), RILL_MAX_QUEUE_DEPTH);
}

/* All but the few registers that may be written read the same after a write of ones. */
static void read_only_registers_stay(void **state)
{
	static const uint64_t writable[] = {
		RILL_REG_ADMIN_DEPTH, RILL_REG_ADMIN_SQ, RILL_REG_ADMIN_SQ + 4,
		RILL_REG_ADMIN_CQ, RILL_REG_ADMIN_CQ + 4, RILL_REG_EVENT_MASK,
	};
	struct bench *b = *state;
	uint64_t reg;
	size_t i;

	for (reg = 0; reg < RILL_DOORBELL_BASE; reg += 4) {
		uint32_t before = bench_read(b, reg);
		bool link = reg >= RILL_LINK_BASE && reg < RILL_LINK_BASE + 8 * RILL_LINK_STRIDE;

		if (reg == RILL_REG_CTRL)
			continue;
		for (i = 0; i < 6 && writable[i] != reg; i++)
			;
		if (i < 6 || (link && (reg % RILL_LINK_STRIDE & ~4ULL) == RILL_LINK_CTRL))
			continue;
		bench_write(b, reg, UINT32_MAX);
		assert_int_equal(bench_read(b, reg), before);
	}
	for (reg = RILL_QUEUE_BASE; reg < RILL_BAR_REGS_BYTES; reg += 4) {
		bench_write(b, reg, UINT32_MAX);
		assert_int_equal(bench_read(b, reg), 0);
	}
	assert_int_equal(bench_read(b, RILL_REG_STATUS), 0);
}

static void odd_accesses_do_nothing(void **state)
{
	struct bench *b = *state;

	assert_int_equal(rill_chip_read(b->chip, RILL_REG_ID, 2), 0);
	assert_int_equal(rill_chip_read(b->chip, RILL_REG_ID + 1, 4), 0);
	assert_int_equal(rill_chip_read(b->chip, RILL_REG_ID + 4, 8), 0);
	assert_int_equal(rill_chip_read(b->chip, RILL_BAR_REGS_BYTES, 4), 0);
	assert_int_equal(rill_chip_read(b->chip, UINT64_MAX - 7, 8), 0);
	rill_chip_write(b->chip, RILL_REG_ADMIN_SQ, 0x1000, 2);
	rill_chip_write(b->chip, RILL_REG_ADMIN_SQ + 4, 0x1000, 8);
	rill_chip_write(b->chip, UINT64_MAX - 7, 1, 8);
	assert_int_equal(bench_read64(b, RILL_REG_ADMIN_SQ), 0);
	assert_int_equal(bench_read64(b, RILL_REG_ADMIN_CQ), 0);
}

static void halves_of_a_register(void **state)
{
	struct bench *b = *state;

	bench_write(b, RILL_REG_ADMIN_SQ + 4, 0x12);
	bench_write(b, RILL_REG_ADMIN_SQ, 0x3456000);
	assert_int_equal(bench_read64(b, RILL_REG_ADMIN_SQ), 0x1203456000);
	rill_chip_write(b->chip, RILL_REG_ADMIN_CQ, 0x1234567890000, 8);
	assert_int_equal(bench_read(b, RILL_REG_ADMIN_CQ), 0x67890000);
	assert_int_equal(bench_read(b, RILL_REG_ADMIN_CQ + 4), 0x12345);
	assert_int_equal(bench_read64(b, RILL_REG_ADMIN_SQ), 0x1203456000);
}

static void admin_registers_lock(void **state)
{
	struct bench *b = *state;

	bench_enable(b);
	bench_write(b, RILL_REG_ADMIN_DEPTH, 2);
	bench_write(b, RILL_REG_ADMIN_SQ, 0);
	bench_write(b, RILL_REG_ADMIN_CQ, 0);
	assert_int_equal(bench_read(b, RILL_REG_ADMIN_DEPTH), BENCH_ADMIN_DEPTH);
	assert_int_equal(bench_read64(b, RILL_REG_ADMIN_SQ), BENCH_SQ(0));
	assert_int_equal(bench_read64(b, RILL_REG_ADMIN_CQ), BENCH_CQ(0));
	bench_write(b, RILL_REG_CTRL, 0);
	assert_int_equal(bench_read(b, RILL_REG_STATUS), 0);
	bench_write(b, RILL_REG_ADMIN_DEPTH, 2);
	assert_int_equal(bench_read(b, RILL_REG_ADMIN_DEPTH), 2);
}

static void enable_fails(struct bench *b, uint32_t depth, uint64_t sq, uint64_t cq)
{
	bench_write(b, RILL_REG_CTRL, RILL_CTRL_RESET);
	bench_write(b, RILL_REG_ADMIN_DEPTH, depth);
	rill_chip_write(b->chip, RILL_REG_ADMIN_SQ, sq, 8);
	rill_chip_write(b->chip, RILL_REG_ADMIN_CQ, cq, 8);
	bench_write(b, RILL_REG_CTRL, RILL_CTRL_ENABLE);
	assert_int_equal(bench_read(b, RILL_REG_STATUS), RILL_STATUS_FATAL);
	assert_int_equal(bench_read(b, RILL_REG_ERROR), RILL_HW_ERR_ADMIN_CONFIG);
}

static void bad_admin_queues(void **state)
{
	struct bench *b = *state;

	enable_fails(b, 0, BENCH_SQ(0), BENCH_CQ(0));
	enable_fails(b, 1, BENCH_SQ(0), BENCH_CQ(0));
	enable_fails(b, 12, BENCH_SQ(0), BENCH_CQ(0));
	enable_fails(b, 8192, BENCH_SQ(0), BENCH_CQ(0));
	enable_fails(b, 16, BENCH_SQ(0) + 8, BENCH_CQ(0));
	enable_fails(b, 16, BENCH_SQ(0), BENCH_CQ(0) + 2048);
	enable_fails(b, 16, UINT64_MAX - 4095, BENCH_CQ(0));
	/* Only a reset helps. */
	bench_write(b, RILL_REG_CTRL, 0);
	bench_write(b, RILL_REG_CTRL, RILL_CTRL_ENABLE);
	assert_int_equal(bench_read(b, RILL_REG_STATUS), RILL_STATUS_FATAL);
	bench_write(b, RILL_REG_CTRL, RILL_CTRL_RESET);
	bench_enable(b);
}

static void links(void **state)
{
	struct bench *b = *state;
	const uint64_t link = RILL_LINK_BASE + 3 * RILL_LINK_STRIDE;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		uint64_t base = RILL_LINK_BASE + i * RILL_LINK_STRIDE;

		assert_int_equal(bench_read(b, base + RILL_LINK_SRC), b->chip->links[i].src);
		assert_int_equal(bench_read(b, base + RILL_LINK_DST), b->chip->links[i].dst);
		assert_int_equal(bench_read(b, base + RILL_LINK_CTRL), RILL_LINK_UP);
		assert_int_equal(bench_read(b, base + RILL_LINK_RATE), 1000);
	}
	b->chip->links[3].bytes = 0x123456789abcULL;
	b->chip->links[3].busy_ps = 11;
	b->chip->links[3].stall_ps = 12;
	b->chip->links[3].transfers = 13;
	assert_int_equal(bench_read64(b, link + RILL_LINK_BYTES), 0x123456789abcULL);
	assert_int_equal(bench_read(b, link + RILL_LINK_BYTES + 4), 0x1234);
	assert_int_equal(bench_read64(b, link + RILL_LINK_BUSY_PS), 11);
	assert_int_equal(bench_read64(b, link + RILL_LINK_STALL_PS), 12);
	assert_int_equal(bench_read64(b, link + RILL_LINK_TRANSFERS), 13);

	bench_write(b, link + RILL_LINK_RATE, 0);
	bench_write(b, link + RILL_LINK_RATE, 1001);
	bench_write(b, link + RILL_LINK_RATE, 0x10001);
	assert_int_equal(bench_read(b, link + RILL_LINK_RATE), 1000);
	assert_int_equal(bench_read(b, RILL_REG_EVENT), 0);
	bench_write(b, link + RILL_LINK_RATE, 1);
	assert_int_equal(b->chip->links[3].rate_permille, 1);
	bench_write(b, link + RILL_LINK_RATE, 500);
	assert_int_equal(b->chip->links[3].rate_permille, 500);
	assert_int_equal(bench_read(b, RILL_REG_EVENT), RILL_EVENT_LINK);
	bench_write(b, link + RILL_LINK_CTRL, 0);
	assert_false(b->chip->links[3].up);
	assert_int_equal(bench_read(b, link + RILL_LINK_RATE), 500);
	/* No such link. */
	bench_write(b, RILL_LINK_BASE + 8 * RILL_LINK_STRIDE + RILL_LINK_RATE, 7);
	assert_int_equal(bench_read(b, RILL_LINK_BASE + 8 * RILL_LINK_STRIDE + RILL_LINK_RATE), 0);
}

static void other_counters(void **state)
{
	struct bench *b = *state;
	const uint64_t chiplet = RILL_CHIPLET_BASE + 2 * RILL_CHIPLET_STRIDE;
	const uint64_t channel = RILL_CHANNEL_BASE + 3 * RILL_CHANNEL_STRIDE;

	b->chip->chiplets[2] = (struct rill_chiplet_state){ 1, 2, 3, 4 };
	assert_int_equal(bench_read64(b, chiplet + RILL_CHIPLET_MAC_BUSY_PS), 1);
	assert_int_equal(bench_read64(b, chiplet + RILL_CHIPLET_MACS), 2);
	assert_int_equal(bench_read64(b, chiplet + RILL_CHIPLET_SRAM_PEAK), 3);
	assert_int_equal(bench_read64(b, chiplet + RILL_CHIPLET_SLICES), 4);
	b->chip->channels[3].bytes = 1ULL << 40;
	b->chip->channels[3].busy_ps = 6;
	assert_int_equal(bench_read(b, channel + RILL_CHANNEL_CHIPLET), 3);
	assert_int_equal(bench_read64(b, channel + RILL_CHANNEL_BYTES_DONE), 1ULL << 40);
	assert_int_equal(bench_read64(b, channel + RILL_CHANNEL_BUSY_PS), 6);
}

static void time_latches(void **state)
{
	struct bench *b = *state;

	b->chip->now_ps = 0x1ffffffffULL;
	assert_int_equal(bench_read(b, RILL_REG_TIME_PS), 0xffffffff);
	b->chip->now_ps++;
	assert_int_equal(bench_read(b, RILL_REG_TIME_PS + 4), 1);
	assert_int_equal(bench_read64(b, RILL_REG_TIME_PS), 0x200000000ULL);
	assert_int_equal(rill_chip_time(b->chip), 0x200000000ULL);
}

static void events(void **state)
{
	struct bench *b = *state;

	bench_write(b, RILL_LINK_BASE + RILL_LINK_CTRL, 0);
	assert_int_equal(b->irqs[0], 0);
	/* It is raised when it is unmasked, once. */
	bench_write(b, RILL_REG_EVENT_MASK, UINT32_MAX);
	assert_int_equal(bench_read(b, RILL_REG_EVENT_MASK), RILL_EVENT_FATAL | RILL_EVENT_LINK);
	assert_int_equal(b->irqs[0], 1);
	bench_write(b, RILL_REG_EVENT_MASK, RILL_EVENT_LINK);
	assert_int_equal(b->irqs[0], 1);
	/* Write one to clear, and only that. */
	bench_write(b, RILL_REG_EVENT, RILL_EVENT_FATAL);
	assert_int_equal(bench_read(b, RILL_REG_EVENT), RILL_EVENT_LINK);
	bench_write(b, RILL_REG_EVENT, RILL_EVENT_LINK);
	assert_int_equal(bench_read(b, RILL_REG_EVENT), 0);
	/* No change, no event. */
	bench_write(b, RILL_LINK_BASE + RILL_LINK_CTRL, 0);
	assert_int_equal(bench_read(b, RILL_REG_EVENT), 0);
	bench_write(b, RILL_LINK_BASE + RILL_LINK_CTRL, RILL_LINK_UP);
	assert_int_equal(b->irqs[0], 2);
	/* Masked ones wait. */
	bench_write(b, RILL_DOORBELL_BASE, 1);
	assert_int_equal(bench_read(b, RILL_REG_EVENT), RILL_EVENT_FATAL | RILL_EVENT_LINK);
	assert_int_equal(b->irqs[0], 2);
}

static void reset_restores_all(void **state)
{
	struct bench *b = *state;
	uint32_t fresh[RILL_BAR_REGS_BYTES / 4];
	struct bench_queue q;
	unsigned int i;

	for (i = 0; i < RILL_BAR_REGS_BYTES / 4; i++)
		fresh[i] = bench_read(b, i * 4);
	bench_enable(b);
	bench_queue_create(b, &q, 5, 8, 0);
	bench_push_job(b, &q, RILL_OP_NOP, 1);
	bench_ring(b, &q);
	bench_run(b);
	bench_write(b, RILL_LINK_BASE + RILL_LINK_CTRL, 0);
	bench_write(b, RILL_REG_EVENT_MASK, 3);
	b->chip->links[1].bytes = b->chip->chiplets[1].macs = b->chip->channels[1].bytes = 1;
	bench_write(b, RILL_REG_CTRL, RILL_CTRL_RESET | RILL_CTRL_ENABLE);
	for (i = 0; i < RILL_BAR_REGS_BYTES / 4; i++)
		assert_int_equal(bench_read(b, i * 4), fresh[i]);
	assert_int_equal(bench_run(b), 0);
	bench_enable(b);
	bench_queue_create(b, &q, 5, 8, 0);
}

/* Any access at all: nothing breaks, and a reset gives a chip that works. */
static void random_accesses(void **state)
{
	struct bench *b = *state;
	unsigned int i;

	srandom(7);
	for (i = 0; i < 200000; i++) {
		uint64_t reg = random() % (RILL_BAR_REGS_BYTES + 64) & ~3ULL;
		uint64_t value = (uint64_t)random() << 32 | random();

		if (random() % 4 == 0)
			reg = random() % 0xb0;
		if (random() % 2)
			value &= 15;
		if (random() % 2)
			rill_chip_write(b->chip, reg, value, random() % 2 ? 4 : 8);
		else
			rill_chip_read(b->chip, reg, random() % 2 ? 4 : 8);
		rill_chip_step(b->chip, UINT64_MAX);
	}
	bench_write(b, RILL_REG_CTRL, RILL_CTRL_RESET);
	bench_enable(b);
	assert_int_equal(bench_command(b, RILL_ADMIN_NOP, 0), RILL_OK);
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_pass),
		cmocka_unit_test(limits_are_allowed),
		cmocka_unit_test(bad_configs_are_refused),
		BENCH_TEST(identity),
		BENCH_TEST(read_only_registers_stay),
		BENCH_TEST(odd_accesses_do_nothing),
		BENCH_TEST(halves_of_a_register),
		BENCH_TEST(admin_registers_lock),
		BENCH_TEST(bad_admin_queues),
		BENCH_TEST(links),
		BENCH_TEST(other_counters),
		BENCH_TEST(time_latches),
		BENCH_TEST(events),
		BENCH_TEST(reset_restores_all),
		BENCH_TEST(random_accesses),
	};

	return cmocka_run_group_tests_name("regs", tests, NULL, NULL);
}
