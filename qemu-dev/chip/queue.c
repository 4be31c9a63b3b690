// SPDX-License-Identifier: GPL-2.0-or-later
/* Rings: entries in, completions out, interrupts. */
#include "queue.h"
#include "regs.h"

#include <stdlib.h>
#include <string.h>

#define FETCH_BATCH	16	/* entries in one DMA read */
#define REFUSALS	64	/* bad jobs completed in one step */
#define PATIENCE	64	/* completions of others for which one may wait to be raised */

/*
 * The engine holds no more jobs of one queue than a full pass. Software that has no
 * more jobs under way than its ring has room for never gets here with a full ring at all.
 */
#define WAITING_MORE	(RILL_MAX_STREAMS + 16)

struct rill_queue {
	uint16_t id;
	struct rill_queue_params params;
	uint16_t sq_head, sq_tail, cq_head, cq_tail;
	uint16_t phase;
	uint32_t unraised;		/* completions since the last interrupt */
	uint32_t waited;		/* completions of other queues meanwhile */
	uint64_t rung;			/* entries that doorbells told of */
	uint64_t counter[RILL_COUNTERS];

	struct rill_hw_sqe *fetched;	/* ring buffer */
	bool *lost;			/* of each in `fetched`: see struct rill_job */
	uint32_t fetched_max, fetched_first, fetched_count;
	struct rill_hw_cqe *waiting;	/* ring buffer */
	uint32_t waiting_max, waiting_first, waiting_count;
};

/* --- life --- */

static bool is_ring_address(uint64_t addr)
{
	/* Nor may the ring wrap around at the end. */
	return !(addr & ((1 << RILL_PAGE_SHIFT) - 1)) &&
	       addr <= UINT64_MAX - RILL_MAX_QUEUE_DEPTH * sizeof(struct rill_hw_sqe);
}

unsigned int rill_queue_bad_ring(uint64_t sq, uint64_t cq, uint64_t depth)
{
	if (!is_ring_address(sq))
		return 1;
	if (!is_ring_address(cq))
		return 2;
	if (depth < RILL_MIN_QUEUE_DEPTH || depth > RILL_MAX_QUEUE_DEPTH || depth & (depth - 1))
		return 3;
	return 0;
}

static void queue_free(struct rill_queue *queue)
{
	free(queue->fetched);
	free(queue->lost);
	free(queue->waiting);
	free(queue);
}

bool rill_queue_new(struct rill_chip *chip, unsigned int id,
		    const struct rill_queue_params *params)
{
	struct rill_queue *queue = calloc(1, sizeof(*queue));

	if (!queue)
		return false;
	queue->id = id;
	queue->params = *params;
	queue->phase = RILL_CQE_PHASE;
	queue->fetched_max = params->depth + FETCH_BATCH;
	queue->fetched = calloc(queue->fetched_max, sizeof(*queue->fetched));
	queue->lost = calloc(queue->fetched_max, sizeof(*queue->lost));
	queue->waiting_max = queue->fetched_max + WAITING_MORE;
	queue->waiting = calloc(queue->waiting_max, sizeof(*queue->waiting));
	if (!queue->fetched || !queue->lost || !queue->waiting) {
		queue_free(queue);
		return false;
	}
	if (params->ctx)
		params->ctx->queues++;
	chip->queues[id] = queue;
	return true;
}

void rill_queue_free(struct rill_chip *chip, unsigned int id)
{
	struct rill_queue *queue = chip->queues[id];

	if (!queue)
		return;
	if (queue->params.ctx)
		queue->params.ctx->queues--;
	chip->regs->drain &= ~(1ULL << id);
	chip->regs->unraised &= ~(1ULL << id);
	chip->queues[id] = NULL;
	queue_free(queue);
}

struct rill_context *rill_queue_context(struct rill_chip *chip, unsigned int queue)
{
	return chip->queues[queue] ? chip->queues[queue]->params.ctx : NULL;
}

uint64_t rill_queue_counter(const struct rill_chip *chip, unsigned int id,
			    enum rill_queue_counter counter)
{
	return chip->queues[id] ? chip->queues[id]->counter[counter] : 0;
}

void rill_queue_progress(struct rill_chip *chip, unsigned int queue)
{
	if (chip->queues[queue])
		chip->queues[queue]->counter[RILL_COUNT_PROGRESS]++;
}

/* --- ring arithmetic: one slot stays free, so that full differs from empty --- */

static uint32_t distance(const struct rill_queue *queue, uint32_t from, uint32_t to)
{
	return (to - from) & (queue->params.depth - 1);
}

static uint16_t advance(const struct rill_queue *queue, uint32_t index, uint32_t by)
{
	return (index + by) & (queue->params.depth - 1);
}

static bool completion_ring_is_full(const struct rill_queue *queue)
{
	return distance(queue, queue->cq_head, queue->cq_tail) == queue->params.depth - 1;
}

/* --- doorbells --- */

static struct rill_queue *rung_queue(struct rill_chip *chip, unsigned int id, uint32_t value)
{
	struct rill_queue *queue = chip->queues[id];

	if (rill_regs_is_fatal(chip))
		return NULL;
	if (queue && value < queue->params.depth)
		return queue;
	rill_log(chip, RILL_LOG_GUEST, "doorbell of queue %u: %u, %s", id, value,
		 queue ? "past the ring" : "there is no such queue");
	rill_regs_fatal(chip, RILL_HW_ERR_DOORBELL);
	return NULL;
}

void rill_queue_ring_sq(struct rill_chip *chip, unsigned int id, uint32_t tail)
{
	struct rill_queue *queue = rung_queue(chip, id, tail);

	if (!queue)
		return;
	/* It may fill the free slots, but not run over the head. */
	if (distance(queue, queue->sq_tail, tail) > distance(queue, queue->sq_tail + 1,
							     queue->sq_head)) {
		rill_log(chip, RILL_LOG_GUEST, "queue %u: tail %u runs over head %u", id, tail,
			 queue->sq_head);
		rill_regs_fatal(chip, RILL_HW_ERR_DOORBELL);
		return;
	}
	queue->rung += distance(queue, queue->sq_tail, tail);
	queue->sq_tail = tail;
	queue->counter[RILL_COUNT_DOORBELLS]++;
	chip->host.wake(chip->host.opaque);
}

void rill_queue_ring_cq(struct rill_chip *chip, unsigned int id, uint32_t head)
{
	struct rill_queue *queue = rung_queue(chip, id, head);

	if (!queue)
		return;
	if (distance(queue, queue->cq_head, head) >
	    distance(queue, queue->cq_head, queue->cq_tail)) {
		rill_log(chip, RILL_LOG_GUEST, "queue %u: head %u runs over tail %u", id, head,
			 queue->cq_tail);
		rill_regs_fatal(chip, RILL_HW_ERR_DOORBELL);
		return;
	}
	/* A full ring held back completions, or jobs. */
	if (head != queue->cq_head && completion_ring_is_full(queue)) {
		chip->regs->drain |= 1ULL << id;
		chip->host.wake(chip->host.opaque);
	}
	queue->cq_head = head;
}

/* --- interrupts --- */

static void raise(struct rill_chip *chip, struct rill_queue *queue)
{
	chip->regs->unraised &= ~(1ULL << queue->id);
	queue->unraised = 0;
	queue->waited = 0;
	if (rill_regs_inject(chip, RILL_INJECT_LOST_INTERRUPTS))
		return;
	queue->counter[RILL_COUNT_INTERRUPTS]++;
	chip->host.interrupt(chip->host.opaque, queue->params.vector);
}

/* It is not worth waiting for more. */
static bool is_due(const struct rill_queue *queue)
{
	return queue->unraised >= queue->params.coalesce || completion_ring_is_full(queue) ||
	       queue->counter[RILL_COUNT_COMPLETED] == queue->rung;
}

/* Others may keep the chip busy for good: it gets never idle then. */
static void raise_the_patient(struct rill_chip *chip, const struct rill_queue *busy)
{
	uint64_t ids = chip->regs->unraised & ~(1ULL << busy->id);

	for (; ids; ids &= ids - 1) {
		struct rill_queue *queue = chip->queues[__builtin_ctzll(ids)];

		if (++queue->waited >= PATIENCE)
			raise(chip, queue);
	}
}

void rill_queue_flush(struct rill_chip *chip)
{
	while (chip->regs->unraised)
		raise(chip, chip->queues[__builtin_ctzll(chip->regs->unraised)]);
}

/* --- completions --- */

/* The word with the phase goes last: whoever sees the phase sees the entry. */
static bool write_completion(struct rill_chip *chip, uint64_t addr, const struct rill_hw_cqe *cqe)
{
	const size_t last = offsetof(struct rill_hw_cqe, tag);

	return chip->host.dma_write(chip->host.opaque, addr, cqe, last) &&
	       chip->host.dma_write(chip->host.opaque, addr + last, &cqe->tag,
				    sizeof(*cqe) - last);
}

/* There must be room. */
static void post(struct rill_chip *chip, struct rill_queue *queue, struct rill_hw_cqe *cqe)
{
	uint64_t addr = queue->params.cq + queue->cq_tail * sizeof(*cqe);

	cqe->sq_head = queue->sq_head;
	cqe->status_phase |= queue->phase;
	if (queue->id && rill_regs_inject(chip, RILL_INJECT_BAD_COMPLETIONS))
		cqe->tag = ~cqe->tag;
	if (!write_completion(chip, addr, cqe)) {
		rill_log(chip, RILL_LOG_GUEST, "queue %u: completion ring is not memory at %#llx",
			 queue->id, (unsigned long long)addr);
		rill_regs_fatal(chip, RILL_HW_ERR_RING_DMA);
		return;
	}
	queue->cq_tail = advance(queue, queue->cq_tail, 1);
	if (!queue->cq_tail)
		queue->phase ^= RILL_CQE_PHASE;
	queue->counter[RILL_COUNT_COMPLETED]++;
	queue->unraised++;
	chip->regs->unraised |= 1ULL << queue->id;
	if (is_due(queue))
		raise(chip, queue);
	raise_the_patient(chip, queue);
}

static void wait_for_room(struct rill_chip *chip, struct rill_queue *queue,
			  const struct rill_hw_cqe *cqe)
{
	uint32_t last = (queue->waiting_first + queue->waiting_count) % queue->waiting_max;

	if (queue->waiting_count == queue->waiting_max) {
		rill_log(chip, RILL_LOG_GUEST, "queue %u: %u completions were not taken",
			 queue->id, queue->waiting_count);
		rill_regs_fatal(chip, RILL_HW_ERR_CQ_OVERFLOW);
		return;
	}
	queue->waiting[last] = *cqe;
	queue->waiting_count++;
}

void rill_queue_complete(struct rill_chip *chip, unsigned int id, uint32_t tag,
			 enum rill_status status, uint64_t detail,
			 uint64_t start_ps, uint64_t end_ps)
{
	struct rill_queue *queue = chip->queues[id];
	struct rill_hw_cqe cqe = {
		.start_ps = start_ps,
		.end_ps = end_ps,
		.detail = detail,
		.tag = tag,
		.status_phase = status << 1,
	};

	if (!queue || rill_regs_is_fatal(chip))
		return;
	queue->counter[RILL_COUNT_PROGRESS]++;
	if (queue->waiting_count || completion_ring_is_full(queue))
		wait_for_room(chip, queue, &cqe);
	else
		post(chip, queue, &cqe);
}

static void drain(struct rill_chip *chip, struct rill_queue *queue)
{
	while (queue->waiting_count && !completion_ring_is_full(queue) &&
	       !rill_regs_is_fatal(chip)) {
		struct rill_hw_cqe *cqe = &queue->waiting[queue->waiting_first];

		queue->waiting_first = (queue->waiting_first + 1) % queue->waiting_max;
		queue->waiting_count--;
		post(chip, queue, cqe);
	}
}

void rill_queue_drain(struct rill_chip *chip)
{
	uint64_t ids = chip->regs->drain;

	chip->regs->drain = 0;
	for (; ids; ids &= ids - 1)
		drain(chip, chip->queues[__builtin_ctzll(ids)]);
}

/* --- entries --- */

/* One DMA read, up to the end of the ring. False if there is nothing to read or no room. */
static bool fetch(struct rill_chip *chip, struct rill_queue *queue, uint32_t most)
{
	uint32_t count = distance(queue, queue->sq_head, queue->sq_tail);
	uint32_t slot = (queue->fetched_first + queue->fetched_count) % queue->fetched_max;
	uint64_t addr = queue->params.sq + queue->sq_head * sizeof(*queue->fetched);
	const uint32_t limits[] = {
		most,
		queue->params.depth - queue->sq_head,
		queue->fetched_max - queue->fetched_count,
		queue->fetched_max - slot,
	};
	unsigned int i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (count > limits[i])
			count = limits[i];
	if (!count || rill_regs_is_fatal(chip))
		return false;
	if (!chip->host.dma_read(chip->host.opaque, addr, &queue->fetched[slot],
				 count * sizeof(*queue->fetched))) {
		rill_log(chip, RILL_LOG_GUEST, "queue %u: submission ring is not memory at %#llx",
			 queue->id, (unsigned long long)addr);
		rill_regs_fatal(chip, RILL_HW_ERR_RING_DMA);
		return false;
	}
	memset(&queue->lost[slot], 0, count * sizeof(*queue->lost));
	queue->fetched_count += count;
	queue->sq_head = advance(queue, queue->sq_head, count);
	return true;
}

static struct rill_hw_sqe *fetched_first(struct rill_queue *queue)
{
	return &queue->fetched[queue->fetched_first];
}

static void fetched_pop(struct rill_queue *queue)
{
	queue->fetched_first = (queue->fetched_first + 1) % queue->fetched_max;
	queue->fetched_count--;
}

static void count_fetched(struct rill_queue *queue)
{
	queue->counter[RILL_COUNT_FETCHED]++;
	queue->counter[RILL_COUNT_PROGRESS]++;
}

/* A job that was lost has been counted already. */
static bool take(struct rill_chip *chip, struct rill_queue *queue, struct rill_hw_sqe *sqe,
		 bool *lost)
{
	if (rill_regs_is_fatal(chip) || queue->waiting_count || completion_ring_is_full(queue))
		return false;
	if (!queue->fetched_count && !fetch(chip, queue, FETCH_BATCH))
		return false;
	*sqe = *fetched_first(queue);
	*lost = queue->lost[queue->fetched_first];
	fetched_pop(queue);
	if (!*lost)
		count_fetched(queue);
	return true;
}

bool rill_queue_take(struct rill_chip *chip, struct rill_queue *queue, struct rill_hw_sqe *sqe)
{
	bool lost;

	return take(chip, queue, sqe, &lost);
}

/* A pass with a hole in it must not end well. */
static bool belongs_to_pass(const struct rill_hw_sqe *sqe)
{
	return sqe->opcode >= RILL_OP_PASS_BEGIN && sqe->opcode <= RILL_OP_PASS_END;
}

/* What the front end can say about a job: its block is the engine's business. */
static enum rill_status check_job(const struct rill_hw_sqe *sqe, uint64_t *detail)
{
	unsigned int i;

	if (sqe->flags) {
		*detail = sqe->flags;
		return RILL_BAD_FLAGS;
	}
	for (i = 0; i < sizeof(sqe->arg) / sizeof(sqe->arg[0]); i++) {
		if (!sqe->arg[i])
			continue;
		*detail = (uint64_t)i << 16 | RILL_FIELD_ARG;
		return RILL_BAD_RESERVED;
	}
	return RILL_OK;
}

/* True if the queue gave a job; a bad one is completed here. */
static bool take_job(struct rill_chip *chip, struct rill_queue *queue, struct rill_job *job,
		     unsigned int *refusals)
{
	enum rill_status status;
	struct rill_hw_sqe sqe;
	uint64_t detail = 0;
	bool lost;

	while (*refusals < REFUSALS && take(chip, queue, &sqe, &lost)) {
		status = lost ? RILL_OK : check_job(&sqe, &detail);
		if (status) {
			rill_queue_complete(chip, queue->id, sqe.tag, status, detail, chip->now_ps,
					    chip->now_ps);
			++*refusals;
			if (!belongs_to_pass(&sqe))
				continue;
		}
		*job = (struct rill_job){
			.queue = queue->id,
			.opcode = sqe.opcode,
			.tag = sqe.tag,
			.addr = sqe.addr,
			.start_ps = chip->now_ps,
			.lost = lost || status,
		};
		return true;
	}
	return false;
}

bool rill_queue_fetch(struct rill_chip *chip, struct rill_job *job)
{
	unsigned int queues = chip->config.queues - 1, refusals = 0, i;

	for (i = 0; i < queues; i++) {
		unsigned int turn = (chip->regs->turn + i) % queues;
		struct rill_queue *queue = chip->queues[turn + 1];

		if (!queue || !take_job(chip, queue, job, &refusals))
			continue;
		chip->regs->turn = (turn + 1) % queues;
		return true;
	}
	if (refusals == REFUSALS)
		chip->regs->again = true;
	return false;
}

/* --- abort --- */

/*
 * Completes those of the fetched jobs that are meant, and closes the gaps. A single job
 * of a pass stays, lost, so that its pass learns of it in due order.
 */
static void abort_fetched(struct rill_chip *chip, struct rill_queue *queue, uint32_t tag)
{
	uint32_t count = queue->fetched_count, i;

	for (i = 0; i < count; i++) {
		struct rill_hw_sqe sqe = *fetched_first(queue);
		bool lost = queue->lost[queue->fetched_first];
		uint32_t end;

		fetched_pop(queue);
		if (!lost && (tag == UINT32_MAX || sqe.tag == tag)) {
			count_fetched(queue);
			rill_queue_complete(chip, queue->id, sqe.tag, RILL_ABORTED, 0,
					    chip->now_ps, chip->now_ps);
			lost = true;
		}
		if (lost && (tag == UINT32_MAX || !belongs_to_pass(&sqe)))
			continue;
		end = (queue->fetched_first + queue->fetched_count) % queue->fetched_max;
		queue->fetched[end] = sqe;
		queue->lost[end] = lost;
		queue->fetched_count++;
	}
}

/*
 * All that is in the ring is fetched, so that a job that ends out of order
 * leaves no hole in it. Should it not all fit, software has more jobs under way
 * than the ring has slots, and single ones at the end are not found.
 */
void rill_queue_abort(struct rill_chip *chip, unsigned int id, uint32_t tag)
{
	struct rill_queue *queue = chip->queues[id];

	rill_engine_abort(chip, id, tag, false);
	do {
		while (fetch(chip, queue, queue->params.depth))
			;
		abort_fetched(chip, queue, tag);
	} while (tag == UINT32_MAX && queue->sq_head != queue->sq_tail &&
		 !rill_regs_is_fatal(chip));
}
