// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The register file. A register is 32 bits wide, so an access of 64 bits is
 * two of 32, low half first. Windows (links, chiplets, channels, queues) are
 * laid out in words of 64 bits.
 */
#include "regs.h"
#include "queue.h"

#include <stdlib.h>
#include <string.h>

/* --- identity and capabilities --- */

static void put32(struct rill_regs *regs, uint32_t offset, uint32_t value)
{
	regs->capability[offset / 4] = value;
}

static void put64(struct rill_regs *regs, uint32_t offset, uint64_t value)
{
	put32(regs, offset, value);
	put32(regs, offset + 4, value >> 32);
}

struct rill_regs *rill_regs_new(const struct rill_chip *chip)
{
	const struct rill_chip_config *config = &chip->config;
	struct rill_regs *regs = calloc(1, sizeof(*regs));

	if (!regs)
		return NULL;
	put32(regs, RILL_REG_ID, RILL_ID_MAGIC);
	put32(regs, RILL_REG_VERSION, RILL_HW_VERSION);
	put64(regs, RILL_REG_FEATURES, RILL_FEATURE_STREAM | RILL_FEATURE_NDF |
	      RILL_FEATURE_INT4 | RILL_FEATURE_KNOWN);
	put32(regs, RILL_REG_ROWS, config->rows);
	put32(regs, RILL_REG_COLS, config->cols);
	put32(regs, RILL_REG_CHANNELS, config->channels);
	put32(regs, RILL_REG_QUEUES, config->queues);
	put64(regs, RILL_REG_CHANNEL_BYTES, config->channel_bytes);
	put64(regs, RILL_REG_SRAM_BYTES, config->sram_bytes);
	put32(regs, RILL_REG_MAC_PER_CYCLE, config->mac_per_cycle);
	put32(regs, RILL_REG_MAC_KHZ, config->mac_khz);
	put32(regs, RILL_REG_MAC_STARTUP, config->mac_startup);
	put32(regs, RILL_REG_DDR_MBPS, config->ddr_mbps);
	put32(regs, RILL_REG_DDR_LATENCY_PS, config->ddr_latency_ps);
	put32(regs, RILL_REG_LINK_MBPS, config->link_mbps);
	put32(regs, RILL_REG_LINK_HOP_PS, config->link_hop_ps);
	put32(regs, RILL_REG_LINKS, chip->link_count);
	put32(regs, RILL_REG_CONTEXTS, RILL_MAX_CONTEXTS);
	put32(regs, RILL_REG_QUEUE_DEPTH, RILL_MAX_QUEUE_DEPTH);
	return regs;
}

void rill_regs_reset(struct rill_chip *chip)
{
	struct rill_regs *regs = chip->regs;
	struct rill_regs fresh = { 0 };

	memcpy(fresh.capability, regs->capability, sizeof(fresh.capability));
	*regs = fresh;
}

bool rill_regs_inject(struct rill_chip *chip, enum rill_injection what)
{
	if (!chip->regs->inject[what])
		return false;
	chip->regs->inject[what]--;
	return true;
}

/* --- events and errors --- */

static void raise_if_pending(struct rill_chip *chip, uint32_t events)
{
	if (events & chip->regs->event & chip->regs->event_mask)
		chip->host.interrupt(chip->host.opaque, 0);
}

static void raise_event(struct rill_chip *chip, uint32_t event)
{
	chip->regs->event |= event;
	raise_if_pending(chip, event);
}

bool rill_regs_is_fatal(const struct rill_chip *chip)
{
	return chip->regs->error;
}

/* The first error is the one that tells something. */
void rill_regs_fatal(struct rill_chip *chip, enum rill_hw_error error)
{
	if (chip->regs->error)
		return;
	chip->regs->error = error;
	rill_log(chip, RILL_LOG_GUEST, "fatal error %u: only a reset helps", error);
	raise_event(chip, RILL_EVENT_FATAL);
}

/* --- control --- */

static void start(struct rill_chip *chip)
{
	const struct rill_regs *regs = chip->regs;
	const struct rill_queue_params params = {
		.sq = regs->admin_sq, .cq = regs->admin_cq, .depth = regs->admin_depth,
	};

	if (rill_queue_bad_ring(regs->admin_sq, regs->admin_cq, regs->admin_depth))
		rill_regs_fatal(chip, RILL_HW_ERR_ADMIN_CONFIG);
	else if (!rill_queue_new(chip, 0, &params))
		rill_log(chip, RILL_LOG_ERROR, "out of memory for the admin queue");
}

static bool is_enabled(const struct rill_chip *chip)
{
	return chip->queues[0];
}

static void write_ctrl(struct rill_chip *chip, uint32_t value)
{
	bool enable = value & RILL_CTRL_ENABLE;

	if (value & RILL_CTRL_RESET)
		rill_chip_reset(chip);
	else if (rill_regs_is_fatal(chip))
		return;
	else if (enable && !is_enabled(chip))
		start(chip);
	else if (!enable && is_enabled(chip))
		rill_chip_stop(chip);
}

static uint32_t read_status(const struct rill_chip *chip)
{
	if (rill_regs_is_fatal(chip))
		return RILL_STATUS_FATAL;
	return is_enabled(chip) ? RILL_STATUS_READY : 0;
}

static uint32_t read_time(struct rill_chip *chip)
{
	chip->regs->time_high = chip->now_ps >> 32;
	return chip->now_ps;
}

static uint32_t read_control(struct rill_chip *chip, uint64_t offset)
{
	const struct rill_regs *regs = chip->regs;

	switch (offset) {
	case RILL_REG_CTRL:
		return is_enabled(chip) ? RILL_CTRL_ENABLE : 0;
	case RILL_REG_STATUS:
		return read_status(chip);
	case RILL_REG_ERROR:
		return regs->error;
	case RILL_REG_ADMIN_DEPTH:
		return regs->admin_depth;
	case RILL_REG_ADMIN_SQ:
		return regs->admin_sq;
	case RILL_REG_ADMIN_SQ + 4:
		return regs->admin_sq >> 32;
	case RILL_REG_ADMIN_CQ:
		return regs->admin_cq;
	case RILL_REG_ADMIN_CQ + 4:
		return regs->admin_cq >> 32;
	case RILL_REG_TIME_PS:
		return read_time(chip);
	case RILL_REG_TIME_PS + 4:
		return regs->time_high;
	case RILL_REG_EVENT:
		return regs->event;
	case RILL_REG_EVENT_MASK:
		return regs->event_mask;
	default:
		return 0;
	}
}

static void set_half(uint64_t *word, bool high, uint32_t value)
{
	unsigned int shift = high ? 32 : 0;

	*word = (*word & ~(0xffffffffULL << shift)) | (uint64_t)value << shift;
}

/* Where the admin queue lies must not change while it runs. */
static void write_admin(struct rill_chip *chip, uint64_t offset, uint32_t value)
{
	struct rill_regs *regs = chip->regs;

	if (is_enabled(chip))
		rill_log(chip, RILL_LOG_GUEST, "register %#llx is read-only while enabled",
			 (unsigned long long)offset);
	else if (offset == RILL_REG_ADMIN_DEPTH)
		regs->admin_depth = value;
	else if (offset < RILL_REG_ADMIN_CQ)
		set_half(&regs->admin_sq, offset != RILL_REG_ADMIN_SQ, value);
	else
		set_half(&regs->admin_cq, offset != RILL_REG_ADMIN_CQ, value);
}

static void write_event_mask(struct rill_chip *chip, uint32_t value)
{
	uint32_t unmasked = value & ~chip->regs->event_mask;

	chip->regs->event_mask = value & (RILL_EVENT_FATAL | RILL_EVENT_LINK);
	raise_if_pending(chip, unmasked);
}

static void write_control(struct rill_chip *chip, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case RILL_REG_CTRL:
		write_ctrl(chip, value);
		break;
	case RILL_REG_ADMIN_DEPTH:
	case RILL_REG_ADMIN_SQ:
	case RILL_REG_ADMIN_SQ + 4:
	case RILL_REG_ADMIN_CQ:
	case RILL_REG_ADMIN_CQ + 4:
		write_admin(chip, offset, value);
		break;
	case RILL_REG_EVENT:
		chip->regs->event &= ~value;
		break;
	case RILL_REG_EVENT_MASK:
		write_event_mask(chip, value);
		break;
	default:
		rill_log(chip, RILL_LOG_GUEST, "write of %#x to register %#llx", value,
			 (unsigned long long)offset);
	}
}

/* --- windows --- */

static uint64_t pair(uint32_t low, uint32_t high)
{
	return low | (uint64_t)high << 32;
}

static uint64_t link_word(const struct rill_chip *chip, unsigned int i, unsigned int offset)
{
	const struct rill_link_state *link = &chip->links[i];

	switch (offset) {
	case RILL_LINK_SRC:
		return pair(link->src, link->dst);
	case RILL_LINK_CTRL:
		return pair(link->up ? RILL_LINK_UP : 0, link->rate_permille);
	case RILL_LINK_BYTES:
		return link->bytes;
	case RILL_LINK_BUSY_PS:
		return link->busy_ps;
	case RILL_LINK_STALL_PS:
		return link->stall_ps;
	case RILL_LINK_TRANSFERS:
		return link->transfers;
	default:
		return 0;
	}
}

static uint64_t chiplet_word(const struct rill_chip *chip, unsigned int i, unsigned int offset)
{
	const struct rill_chiplet_state *chiplet = &chip->chiplets[i];

	switch (offset) {
	case RILL_CHIPLET_MAC_BUSY_PS:
		return chiplet->mac_busy_ps;
	case RILL_CHIPLET_MACS:
		return chiplet->macs;
	case RILL_CHIPLET_SRAM_PEAK:
		return chiplet->sram_peak;
	case RILL_CHIPLET_SLICES:
		return chiplet->slices;
	default:
		return 0;
	}
}

static uint64_t channel_word(const struct rill_chip *chip, unsigned int i, unsigned int offset)
{
	const struct rill_channel_state *channel = &chip->channels[i];

	switch (offset) {
	case RILL_CHANNEL_CHIPLET:
		return channel->chiplet;
	case RILL_CHANNEL_BYTES_DONE:
		return channel->bytes;
	case RILL_CHANNEL_BUSY_PS:
		return channel->busy_ps;
	default:
		return 0;
	}
}

static uint64_t queue_word(const struct rill_chip *chip, unsigned int i, unsigned int offset)
{
	if (offset / 8 >= RILL_COUNTERS)
		return 0;
	/* They stand in the order of enum rill_queue_counter. */
	return rill_queue_counter(chip, i, offset / 8);
}

_Static_assert(RILL_QUEUE_DOORBELLS == 8 * RILL_COUNT_DOORBELLS &&
	       RILL_QUEUE_INTERRUPTS == 8 * RILL_COUNT_INTERRUPTS &&
	       RILL_QUEUE_FETCHED == 8 * RILL_COUNT_FETCHED &&
	       RILL_QUEUE_COMPLETED == 8 * RILL_COUNT_COMPLETED &&
	       RILL_QUEUE_PROGRESS == 8 * RILL_COUNT_PROGRESS, "queue_word() relies on it");

struct window {
	uint64_t base;
	unsigned int stride, count;
	uint64_t (*word)(const struct rill_chip *chip, unsigned int i, unsigned int offset);
};

static uint64_t window_word(const struct rill_chip *chip, uint64_t offset)
{
	const struct window windows[] = {
		{ RILL_LINK_BASE, RILL_LINK_STRIDE, chip->link_count, link_word },
		{ RILL_CHIPLET_BASE, RILL_CHIPLET_STRIDE, chip->chiplet_count, chiplet_word },
		{ RILL_CHANNEL_BASE, RILL_CHANNEL_STRIDE, chip->config.channels, channel_word },
		{ RILL_QUEUE_BASE, RILL_QUEUE_STRIDE, chip->config.queues, queue_word },
	};
	unsigned int i;

	for (i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		const struct window *w = &windows[i];

		if (offset >= w->base && offset - w->base < (uint64_t)w->stride * w->count)
			return w->word(chip, (offset - w->base) / w->stride,
				       (offset - w->base) % w->stride);
	}
	return 0;
}

static void write_link(struct rill_chip *chip, struct rill_link_state *link, unsigned int offset,
		       uint32_t value)
{
	bool up = link->up;
	uint16_t rate = link->rate_permille;

	if (offset == RILL_LINK_CTRL)
		up = value & RILL_LINK_UP;
	else if (offset == RILL_LINK_RATE && value >= 1 && value <= 1000)
		rate = value;
	if (up == link->up && rate == link->rate_permille)
		return;
	link->up = up;
	link->rate_permille = rate;
	raise_event(chip, RILL_EVENT_LINK);
}

static void ring_doorbell(struct rill_chip *chip, uint64_t offset, uint32_t value)
{
	unsigned int id = offset / RILL_DOORBELL_STRIDE;

	if (offset % RILL_DOORBELL_STRIDE == RILL_DOORBELL_SQ_TAIL)
		rill_queue_ring_sq(chip, id, value);
	else
		rill_queue_ring_cq(chip, id, value);
}

/* --- access --- */

static uint32_t read32(struct rill_chip *chip, uint64_t offset)
{
	if (offset < RILL_CAPABILITY_BYTES)
		return chip->regs->capability[offset / 4];
	if (offset < RILL_LINK_BASE)
		return read_control(chip, offset);
	return window_word(chip, offset & ~7ULL) >> (offset & 4 ? 32 : 0);
}

static void write32(struct rill_chip *chip, uint64_t offset, uint32_t value)
{
	const uint64_t links_end = RILL_LINK_BASE + (uint64_t)chip->link_count * RILL_LINK_STRIDE;
	const uint64_t doorbells_end = RILL_DOORBELL_BASE + RILL_MAX_QUEUES * RILL_DOORBELL_STRIDE;

	if (offset >= RILL_DOORBELL_BASE && offset < doorbells_end)
		ring_doorbell(chip, offset - RILL_DOORBELL_BASE, value);
	else if (offset >= RILL_LINK_BASE && offset < links_end)
		write_link(chip, &chip->links[(offset - RILL_LINK_BASE) / RILL_LINK_STRIDE],
			   (offset - RILL_LINK_BASE) % RILL_LINK_STRIDE, value);
	else
		write_control(chip, offset, value);
}

static bool is_access(uint64_t offset, unsigned int size)
{
	return (size == 4 || size == 8) && !(offset % size) && offset < RILL_BAR_REGS_BYTES;
}

uint64_t rill_chip_read(struct rill_chip *chip, uint64_t offset, unsigned int size)
{
	uint32_t low;

	if (!is_access(offset, size))
		return 0;
	low = read32(chip, offset);
	return size == 8 ? pair(low, read32(chip, offset + 4)) : low;
}

void rill_chip_write(struct rill_chip *chip, uint64_t offset, uint64_t value, unsigned int size)
{
	if (!is_access(offset, size))
		return;
	write32(chip, offset, value);
	if (size == 8)
		write32(chip, offset + 4, value >> 32);
}
