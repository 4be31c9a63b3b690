// SPDX-License-Identifier: MIT
/* Rings and doorbells of the chip in this process, used as the driver uses them. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define ADMIN_DEPTH	16
#define COALESCE	16	/* as the driver has it */

struct model_queue {
	struct rill_queue_handle base;
	struct model_ring ring;
	bool interrupted;
	uint32_t pending;
	struct drm_rill_job_result *results;	/* by tag */
};

static struct model_queue *to_queue(struct rill_queue_handle *queue)
{
	return container_of(queue, struct model_queue, base);
}

/* --- rings --- */

static int ring_init(struct model_device *model, struct model_ring *ring, uint32_t id,
		     uint32_t entries)
{
	uint64_t sq_bytes = entries * sizeof(struct rill_hw_sqe);
	uint64_t cq_bytes = entries * sizeof(struct rill_hw_cqe);
	int err;

	*ring = (struct model_ring){ .id = id, .entries = entries, .phase = RILL_CQE_PHASE };
	err = model_dma_alloc(model, sq_bytes, RILL_PAGE_BYTES, &ring->sq);
	if (err)
		return err;
	err = model_dma_alloc(model, cq_bytes, RILL_PAGE_BYTES, &ring->cq);
	if (err)
		model_dma_free(model, ring->sq, sq_bytes);
	return err;
}

static void ring_fini(struct model_device *model, struct model_ring *ring)
{
	model_dma_free(model, ring->sq, ring->entries * sizeof(struct rill_hw_sqe));
	model_dma_free(model, ring->cq, ring->entries * sizeof(struct rill_hw_cqe));
}

static void ring_push(struct model_device *model, struct model_ring *ring,
		      const struct rill_hw_sqe *sqe)
{
	memcpy(model->arena + ring->sq + ring->tail * sizeof(*sqe), sqe, sizeof(*sqe));
	ring->tail = (ring->tail + 1) % ring->entries;
}

static uint64_t doorbell(const struct model_ring *ring, uint64_t which)
{
	return RILL_DOORBELL_BASE + ring->id * RILL_DOORBELL_STRIDE + which;
}

static void ring_doorbell(struct model_device *model, const struct model_ring *ring)
{
	model_write32(model, doorbell(ring, RILL_DOORBELL_SQ_TAIL), ring->tail);
}

/* The next completion, if there is one */
static bool ring_pop(struct model_device *model, struct model_ring *ring, struct rill_hw_cqe *cqe)
{
	memcpy(cqe, model->arena + ring->cq + ring->head * sizeof(*cqe), sizeof(*cqe));
	if ((le16toh(cqe->status_phase) & RILL_CQE_PHASE) != ring->phase)
		return false;
	ring->head = (ring->head + 1) % ring->entries;
	if (!ring->head)
		ring->phase ^= RILL_CQE_PHASE;
	return true;
}

static void ring_popped(struct model_device *model, const struct model_ring *ring)
{
	model_write32(model, doorbell(ring, RILL_DOORBELL_CQ_HEAD), ring->head);
}

/* The chip has nothing to do, and yet something is missing. */
static int explain_stuck(struct model_device *model, const char *what)
{
	uint32_t error = model_read32(model, RILL_REG_ERROR);

	if (error)
		return rill_error(&model->base, -EIO, "%s: the chip stopped with error %u: %s",
				  what, error, model->log);
	return rill_error(&model->base, -EIO, "%s: the chip has nothing to do and did not end it: %s",
			  what, model->log);
}

/* --- the admin queue --- */

int model_admin_start(struct model_device *model)
{
	int err = ring_init(model, &model->admin, 0, ADMIN_DEPTH);

	if (err)
		return rill_error(&model->base, err, "no memory for the admin queue");
	model_write32(model, RILL_REG_ADMIN_DEPTH, ADMIN_DEPTH);
	model_write(model, RILL_REG_ADMIN_SQ, model->admin.sq);
	model_write(model, RILL_REG_ADMIN_CQ, model->admin.cq);
	model_write32(model, RILL_REG_CTRL, RILL_CTRL_ENABLE);
	if (model_read32(model, RILL_REG_STATUS) & RILL_STATUS_READY)
		return 0;
	return rill_error(&model->base, -EIO, "the chip does not start: %s", model->log);
}

int model_admin(struct model_device *model, enum rill_admin_opcode opcode, const uint64_t *args,
		unsigned int count)
{
	struct rill_hw_sqe sqe = { .opcode = htole16(opcode) };
	struct rill_hw_cqe cqe;
	uint32_t status;

	for (unsigned int i = 0; i < count; i++)
		sqe.arg[i] = htole64(args[i]);
	ring_push(model, &model->admin, &sqe);
	ring_doorbell(model, &model->admin);
	while (!ring_pop(model, &model->admin, &cqe))
		if (!rill_chip_step(model->chip, UINT64_MAX) &&
		    !ring_pop(model, &model->admin, &cqe))
			return explain_stuck(model, "an admin command");
	ring_popped(model, &model->admin);
	status = RILL_CQE_STATUS(le16toh(cqe.status_phase));
	if (!status)
		return 0;
	return rill_error(&model->base, rill_status_errno(status), "admin command %u: status %u: %s",
			  opcode, status, model->log);
}

/* --- I/O queues --- */

/* Vector i is queue i's, as the driver has it. */
void model_interrupt(struct model_device *model, unsigned int vector)
{
	if (!vector || vector >= RILL_MAX_QUEUES || !model->queues[vector])
		return;
	model->stats.interrupts++;
	model->queues[vector]->interrupted = true;
}

static uint32_t entries_for(uint32_t depth)
{
	uint32_t entries = RILL_MIN_QUEUE_DEPTH;

	while (entries < depth + 1)
		entries *= 2;
	return entries;
}

static uint32_t free_id(const struct model_device *model)
{
	for (uint32_t id = 1; id <= model->base.chip.max_queues; id++)
		if (!model->queues[id])
			return id;
	return 0;
}

static int start_queue(struct model_device *model, struct model_queue *queue, uint32_t id,
		       uint32_t depth)
{
	uint32_t entries = entries_for(depth);
	uint64_t args[] = { id, 0, 0, entries, 0, id | COALESCE << 16 };
	int err = ring_init(model, &queue->ring, id, entries);

	if (err)
		return rill_error(&model->base, err, "no memory for a queue of %u jobs", depth);
	args[1] = queue->ring.sq;
	args[2] = queue->ring.cq;
	err = model_admin(model, RILL_ADMIN_QUEUE_CREATE, args, 6);
	if (err)
		ring_fini(model, &queue->ring);
	return err;
}

int model_queue_create(struct rill_device *device, uint32_t depth, struct rill_queue_handle **queue)
{
	struct model_device *model = to_model(device);
	uint32_t id = free_id(model);
	struct model_queue *made;
	int err;

	if (!id)
		return rill_error(device, -ENOSPC, "all of the chip's %u queues are in use",
				  device->chip.max_queues);
	made = calloc(1, sizeof(*made));
	if (!made)
		return rill_error(device, -ENOMEM, "out of memory");
	err = start_queue(model, made, id, depth);
	if (err) {
		free(made);
		return err;
	}
	model->queues[id] = made;
	*queue = &made->base;
	return 0;
}

void model_queue_destroy(struct rill_queue_handle *queue)
{
	struct model_device *model = to_model(queue->device);
	struct model_queue *own = to_queue(queue);
	uint64_t id = own->ring.id;

	/* Rings that the chip may still write are not given to others. */
	if (!model_admin(model, RILL_ADMIN_QUEUE_DELETE, &id, 1))
		ring_fini(model, &own->ring);
	model->queues[id] = NULL;
	free(own);
}

static void complete(struct model_device *model, struct model_queue *queue,
		     const struct rill_hw_cqe *cqe)
{
	uint32_t status = RILL_CQE_STATUS(le16toh(cqe->status_phase));
	struct drm_rill_job_result *result = &queue->results[le32toh(cqe->tag)];

	*result = (struct drm_rill_job_result){
		.start_ps = le64toh(cqe->start_ps),
		.end_ps = le64toh(cqe->end_ps),
		.detail = le64toh(cqe->detail),
		.status = status,
		.error = rill_status_errno(status),
	};
	queue->pending--;
	model->stats.jobs_completed++;
	if (result->error)
		model->stats.jobs_failed++;
}

/* What the driver does in its interrupt handler */
static void harvest(struct model_device *model, struct model_queue *queue)
{
	struct rill_hw_cqe cqe;

	queue->interrupted = false;
	while (queue->pending && ring_pop(model, &queue->ring, &cqe))
		complete(model, queue, &cqe);
	ring_popped(model, &queue->ring);
}

static int wait_for_all(struct model_device *model, struct model_queue *queue)
{
	bool more = true;

	while (queue->pending) {
		if (!more)
			return explain_stuck(model, "a job");
		more = rill_chip_step(model->chip, UINT64_MAX);
		if (queue->interrupted)
			harvest(model, queue);
	}
	return 0;
}

int model_run(struct rill_queue_handle *queue, const struct drm_rill_job *jobs, uint32_t count,
	      struct drm_rill_job_result *results)
{
	struct model_device *model = to_model(queue->device);
	struct model_queue *own = to_queue(queue);

	for (uint32_t i = 0; i < count; i++) {
		const struct rill_hw_sqe sqe = {
			.opcode = htole16(jobs[i].opcode),
			.flags = htole16(jobs[i].flags),
			.tag = htole32(i),
			.addr = htole64(jobs[i].addr),
		};

		ring_push(model, &own->ring, &sqe);
	}
	own->results = results;
	own->pending = count;
	model->stats.jobs_submitted += count;
	model->stats.doorbells++;
	ring_doorbell(model, &own->ring);
	return wait_for_all(model, own);
}
