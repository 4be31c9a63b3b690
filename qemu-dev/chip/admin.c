// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands of the admin queue, one after another. */
#include "admin.h"
#include "context.h"
#include "queue.h"
#include "regs.h"

#include <string.h>

#define CLEAR_A_STEP	(8ULL << 20)
#define PAGE_BYTES	(1ULL << RILL_PAGE_SHIFT)

typedef enum rill_status admin_command(struct rill_chip *chip, const struct rill_hw_sqe *sqe,
				       uint64_t *detail);

/* A field is the index into arg[]. */
static enum rill_status bad_field(uint64_t *detail, unsigned int field)
{
	*detail = field;
	return RILL_BAD_FIELD;
}

static struct rill_context *find_context(struct rill_chip *chip, uint64_t id)
{
	if (id >= RILL_MAX_CONTEXTS || !chip->contexts[id].valid)
		return NULL;
	return &chip->contexts[id];
}

/* An I/O queue: no command goes to the admin queue itself. */
static bool queue_exists(const struct rill_chip *chip, uint64_t id)
{
	return id && id < chip->config.queues && chip->queues[id];
}

static enum rill_status nop(struct rill_chip *chip, const struct rill_hw_sqe *sqe,
			    uint64_t *detail)
{
	(void)chip;
	(void)sqe;
	(void)detail;
	return RILL_OK;
}

/* --- contexts --- */

static bool is_chiplet_set(const struct rill_chip *chip, uint64_t set)
{
	return set && (chip->chiplet_count == 64 || !(set >> chip->chiplet_count));
}

static enum rill_status context_create(struct rill_chip *chip, const struct rill_hw_sqe *sqe,
				       uint64_t *detail)
{
	uint64_t id = sqe->arg[0], root = sqe->arg[1], chiplets = sqe->arg[2];

	if (id >= RILL_MAX_CONTEXTS || chip->contexts[id].valid)
		return bad_field(detail, 0);
	if (root & ~RILL_PTE_ADDR_MASK)
		return bad_field(detail, 1);
	if (!is_chiplet_set(chip, chiplets))
		return bad_field(detail, 2);
	if (!rill_context_create(&chip->contexts[id], root, chiplets))
		return RILL_INTERNAL;
	return RILL_OK;
}

static enum rill_status context_delete(struct rill_chip *chip, const struct rill_hw_sqe *sqe,
				       uint64_t *detail)
{
	struct rill_context *ctx = find_context(chip, sqe->arg[0]);

	if (!ctx || ctx->queues)
		return bad_field(detail, 0);
	rill_context_delete(ctx);
	return RILL_OK;
}

static enum rill_status context_invalidate(struct rill_chip *chip, const struct rill_hw_sqe *sqe,
					   uint64_t *detail)
{
	struct rill_context *ctx = find_context(chip, sqe->arg[0]);

	if (!ctx)
		return bad_field(detail, 0);
	rill_mmu_invalidate(ctx);
	return RILL_OK;
}

/* --- queues --- */

static enum rill_status queue_create(struct rill_chip *chip, const struct rill_hw_sqe *sqe,
				     uint64_t *detail)
{
	struct rill_queue_params params = {
		.ctx = find_context(chip, sqe->arg[4]),
		.sq = sqe->arg[1],
		.cq = sqe->arg[2],
		.depth = sqe->arg[3],
		.vector = sqe->arg[5],
		.coalesce = sqe->arg[5] >> 16,
	};
	uint64_t id = sqe->arg[0];
	unsigned int bad = rill_queue_bad_ring(sqe->arg[1], sqe->arg[2], sqe->arg[3]);

	if (!id || id >= chip->config.queues || chip->queues[id])
		return bad_field(detail, 0);
	if (bad)
		return bad_field(detail, bad);
	if (!params.ctx)
		return bad_field(detail, 4);
	if (sqe->arg[5] >> 32 || params.vector >= chip->config.queues)
		return bad_field(detail, 5);
	if (!rill_queue_new(chip, id, &params))
		return RILL_INTERNAL;
	return RILL_OK;
}

static enum rill_status queue_delete(struct rill_chip *chip, const struct rill_hw_sqe *sqe,
				     uint64_t *detail)
{
	if (!queue_exists(chip, sqe->arg[0]))
		return bad_field(detail, 0);
	rill_engine_abort(chip, sqe->arg[0], UINT32_MAX, true);
	rill_queue_free(chip, sqe->arg[0]);
	return RILL_OK;
}

static enum rill_status abort_jobs(struct rill_chip *chip, const struct rill_hw_sqe *sqe,
				   uint64_t *detail)
{
	uint64_t tag = sqe->arg[1];

	if (!queue_exists(chip, sqe->arg[0]))
		return bad_field(detail, 0);
	if (tag > UINT32_MAX && tag != UINT64_MAX)
		return bad_field(detail, 1);
	rill_queue_abort(chip, sqe->arg[0], tag);
	return RILL_OK;
}

/* --- DDR --- */

/* Takes many steps, and completes in the last one. */
static enum rill_status ddr_clear(struct rill_chip *chip, const struct rill_hw_sqe *sqe,
				  uint64_t *detail)
{
	uint64_t offset = sqe->arg[0], bytes = sqe->arg[1];

	if (offset % PAGE_BYTES || offset >= chip->ddr_bytes)
		return bad_field(detail, 0);
	if (!bytes || bytes % PAGE_BYTES || bytes > chip->ddr_bytes - offset)
		return bad_field(detail, 1);
	chip->regs->clear = (struct rill_clear){
		.active = true, .tag = sqe->tag, .offset = offset, .left = bytes,
	};
	return RILL_OK;
}

static void complete(struct rill_chip *chip, uint32_t tag, enum rill_status status,
		     uint64_t detail)
{
	rill_queue_complete(chip, 0, tag, status, detail, chip->now_ps, chip->now_ps);
}

static void clear_step(struct rill_chip *chip, struct rill_clear *clear)
{
	uint64_t bytes = clear->left < CLEAR_A_STEP ? clear->left : CLEAR_A_STEP;

	memset(chip->ddr + clear->offset, 0, bytes);
	clear->offset += bytes;
	clear->left -= bytes;
	if (clear->left)
		return;
	clear->active = false;
	complete(chip, clear->tag, RILL_OK, 0);
}

/* --- all --- */

static const struct {
	admin_command *run;
	unsigned int args;
} commands[] = {
	[RILL_ADMIN_NOP] = { nop, 0 },
	[RILL_ADMIN_CONTEXT_CREATE] = { context_create, 3 },
	[RILL_ADMIN_CONTEXT_DELETE] = { context_delete, 1 },
	[RILL_ADMIN_CONTEXT_INVALIDATE] = { context_invalidate, 1 },
	[RILL_ADMIN_QUEUE_CREATE] = { queue_create, 6 },
	[RILL_ADMIN_QUEUE_DELETE] = { queue_delete, 1 },
	[RILL_ADMIN_ABORT] = { abort_jobs, 2 },
	[RILL_ADMIN_DDR_CLEAR] = { ddr_clear, 2 },
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))
#define ARGS		(sizeof(((struct rill_hw_sqe *)0)->arg) / sizeof(__le64))

static enum rill_status execute(struct rill_chip *chip, const struct rill_hw_sqe *sqe,
				uint64_t *detail)
{
	unsigned int i;

	if (sqe->opcode >= COMMANDS) {
		*detail = sqe->opcode;
		return RILL_BAD_OPCODE;
	}
	if (sqe->flags) {
		*detail = sqe->flags;
		return RILL_BAD_FLAGS;
	}
	if (sqe->addr) {
		*detail = RILL_FIELD_ADDR;
		return RILL_BAD_RESERVED;
	}
	for (i = commands[sqe->opcode].args; i < ARGS; i++) {
		if (!sqe->arg[i])
			continue;
		*detail = i;
		return RILL_BAD_RESERVED;
	}
	return commands[sqe->opcode].run(chip, sqe, detail);
}

bool rill_admin_step(struct rill_chip *chip)
{
	enum rill_status status;
	struct rill_hw_sqe sqe;
	uint64_t detail = 0;

	if (chip->regs->clear.active) {
		clear_step(chip, &chip->regs->clear);
		return true;
	}
	if (!chip->queues[0] || !rill_queue_take(chip, chip->queues[0], &sqe))
		return false;
	status = execute(chip, &sqe, &detail);
	if (status)
		rill_log(chip, RILL_LOG_GUEST, "admin command %u: status %u, detail %#llx",
			 sqe.opcode, status, (unsigned long long)detail);
	if (!chip->regs->clear.active)
		complete(chip, sqe.tag, status, detail);
	return true;
}
