// SPDX-License-Identifier: GPL-2.0-or-later
/* The chip as a whole: its configuration, its life, and what it does next. */
#include "admin.h"
#include "context.h"
#include "queue.h"
#include "regs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- configuration --- */

void rill_chip_config_default(struct rill_chip_config *config)
{
	*config = (struct rill_chip_config){
		.rows = 2,
		.cols = 2,
		.channels = 0,
		.channel_bytes = 1ULL << 30,
		.sram_bytes = 32ULL << 20,
		.mac_per_cycle = 2048,
		.mac_khz = 800000,
		.mac_startup = 64,
		.ddr_mbps = 25600,
		.ddr_latency_ps = 60000,
		.link_mbps = 96000,
		.link_hop_ps = 20000,
		.queues = 17,
	};
}

static uint32_t corner_count(const struct rill_chip_config *config)
{
	return (config->rows > 1 ? 2 : 1) * (config->cols > 1 ? 2 : 1);
}

static bool is_power_of_two(uint64_t value)
{
	return value && !(value & (value - 1));
}

static const char *check_shape(struct rill_chip_config *config)
{
	if (config->rows < 1 || config->rows > 8)
		return "rows: 1 to 8";
	if (config->cols < 1 || config->cols > 8)
		return "cols: 1 to 8";
	if (!config->channels)
		config->channels = corner_count(config);
	if (config->channels > corner_count(config))
		return "channels: at most one for each corner of the mesh";
	if (config->queues < 2 || config->queues > RILL_MAX_QUEUES)
		return "queues: 2 to 64, the admin queue included";
	return NULL;
}

static const char *check_memory(const struct rill_chip_config *config)
{
	if (!is_power_of_two(config->channel_bytes) || config->channel_bytes < 2ULL << 20 ||
	    config->channel_bytes > 1ULL << 40)
		return "channel_bytes: a power of two, 2 MiB to 1 TiB";
	if (config->sram_bytes < 64ULL << 10 || config->sram_bytes > 4ULL << 30)
		return "sram_bytes: 64 KiB to 4 GiB";
	return NULL;
}

static const char *check_rates(const struct rill_chip_config *config)
{
	if (config->mac_per_cycle < 1 || config->mac_per_cycle > 1 << 20)
		return "mac_per_cycle: 1 to 1048576";
	if (config->mac_khz < 1000 || config->mac_khz > 10000000)
		return "mac_khz: 1000 to 10000000";
	if (config->mac_startup > 1000000)
		return "mac_startup: at most 1000000";
	if (config->ddr_mbps < 1 || config->ddr_mbps > 10000000)
		return "ddr_mbps: 1 to 10000000";
	if (config->ddr_latency_ps > 1000000000)
		return "ddr_latency_ps: at most 1000000000";
	if (config->link_mbps < 1 || config->link_mbps > 10000000)
		return "link_mbps: 1 to 10000000";
	if (config->link_hop_ps > 1000000000)
		return "link_hop_ps: at most 1000000000";
	return NULL;
}

const char *rill_chip_config_check(struct rill_chip_config *config)
{
	const char *wrong = check_shape(config);

	if (!wrong)
		wrong = check_memory(config);
	if (!wrong)
		wrong = check_rates(config);
	return wrong;
}

/* --- life --- */

struct rill_chip *rill_chip_new(const struct rill_chip_config *config,
				const struct rill_chip_host *host, void *ddr)
{
	struct rill_chip *chip = calloc(1, sizeof(*chip));

	if (!chip)
		return NULL;
	chip->config = *config;
	chip->host = *host;
	chip->ddr = ddr;
	chip->ddr_bytes = config->channels * config->channel_bytes;
	rill_topology_init(chip);
	chip->regs = rill_regs_new(chip);
	if (chip->regs)
		chip->engine = rill_engine_new(chip);
	if (!chip->engine) {
		rill_chip_free(chip);
		return NULL;
	}
	return chip;
}

void rill_chip_stop(struct rill_chip *chip)
{
	unsigned int i;

	rill_engine_reset(chip);
	for (i = 0; i < RILL_MAX_QUEUES; i++)
		rill_queue_free(chip, i);
	for (i = 0; i < RILL_MAX_CONTEXTS; i++)
		if (chip->contexts[i].valid)
			rill_context_delete(&chip->contexts[i]);
	chip->regs->clear.active = false;
}

void rill_chip_free(struct rill_chip *chip)
{
	if (!chip)
		return;
	if (chip->engine) {
		rill_chip_stop(chip);
		rill_engine_free(chip);
	}
	free(chip->regs);
	free(chip);
}

static void reset_counters(struct rill_chip *chip)
{
	unsigned int i;

	for (i = 0; i < chip->link_count; i++)
		chip->links[i] = (struct rill_link_state){
			.src = chip->links[i].src,
			.dst = chip->links[i].dst,
			.up = true,
			.rate_permille = 1000,
		};
	memset(chip->chiplets, 0, sizeof(chip->chiplets));
	for (i = 0; i < chip->config.channels; i++)
		chip->channels[i] = (struct rill_channel_state){
			.chiplet = chip->channels[i].chiplet,
		};
}

void rill_chip_reset(struct rill_chip *chip)
{
	rill_chip_stop(chip);
	rill_regs_reset(chip);
	reset_counters(chip);
	chip->now_ps = 0;
}

/* --- work --- */

static bool is_stopped(const struct rill_chip *chip)
{
	return rill_regs_is_fatal(chip) || chip->regs->inject[RILL_INJECT_HUNG_CHIP];
}

static bool step(struct rill_chip *chip, uint64_t until_ps)
{
	struct rill_regs *regs = chip->regs;

	if (is_stopped(chip))
		return false;
	if (regs->drain) {
		rill_queue_drain(chip);
		return true;
	}
	if (rill_admin_step(chip))
		return true;
	if (regs->inject[RILL_INJECT_HUNG_JOBS])
		return false;
	regs->again = false;
	return rill_engine_step(chip, until_ps) || regs->again;
}

bool rill_chip_step(struct rill_chip *chip, uint64_t until_ps)
{
	bool more = step(chip, until_ps);

	if (!more)
		rill_queue_flush(chip);
	return more;
}

void rill_chip_inject(struct rill_chip *chip, enum rill_injection what, uint32_t value)
{
	chip->regs->inject[what] = value;
	chip->host.wake(chip->host.opaque);
}

uint32_t rill_chip_injected(const struct rill_chip *chip, enum rill_injection what)
{
	return chip->regs->inject[what];
}

uint64_t rill_chip_time(const struct rill_chip *chip)
{
	return chip->now_ps;
}

uint64_t rill_chip_next(const struct rill_chip *chip)
{
	if (is_stopped(chip) || chip->regs->inject[RILL_INJECT_HUNG_JOBS])
		return UINT64_MAX;
	return rill_engine_next(chip);
}

void rill_log(struct rill_chip *chip, enum rill_log_level level, const char *format, ...)
{
	char message[256];
	va_list args;

	if (!chip->host.log)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	chip->host.log(chip->host.opaque, level, message);
}
