// SPDX-License-Identifier: GPL-2.0
#include <linux/dma-mapping.h>
#include <linux/iopoll.h>
#include <linux/log2.h>

#include "drv.h"
#include "job.h"
#include "queue.h"
#include "reset.h"
#include "trace.h"

#define RILL_HW_POLL_US		100
#define RILL_HW_TIMEOUT_US	(5 * USEC_PER_SEC)
#define RILL_ADMIN_TIMEOUT	(10 * HZ)
#define RILL_ADMIN_POLL		(HZ / 4)	/* in case an interrupt got lost */
#define RILL_ADMIN_TAG_STEP	0x100

u32 rill_hw_read(struct rill_device *rdev, u32 reg)
{
	return readl(rdev->regs + reg);
}

u64 rill_hw_read64(struct rill_device *rdev, u32 reg)
{
	return readq(rdev->regs + reg);
}

void rill_hw_write(struct rill_device *rdev, u32 reg, u32 value)
{
	writel(value, rdev->regs + reg);
}

void rill_hw_write64(struct rill_device *rdev, u32 reg, u64 value)
{
	writeq(value, rdev->regs + reg);
}

/* A device that was pulled out reads as all ones. */
bool rill_hw_gone(struct rill_device *rdev)
{
	return rill_hw_read(rdev, RILL_REG_ID) != RILL_ID_MAGIC;
}

static int rill_hw_identify(struct rill_device *rdev)
{
	u32 id = rill_hw_read(rdev, RILL_REG_ID);
	u32 version = rill_hw_read(rdev, RILL_REG_VERSION);

	if (id != RILL_ID_MAGIC) {
		drm_err(&rdev->drm, "not a Rill chip, or it does not respond: id %#x\n", id);
		return -ENODEV;
	}
	if (version >> 16 != RILL_HW_VERSION >> 16) {
		drm_err(&rdev->drm, "chip interface %u.%u is not known, only %u.x\n",
			version >> 16, version & 0xffff, RILL_HW_VERSION >> 16);
		return -ENODEV;
	}
	rdev->info.hw_version = version;
	return 0;
}

static void rill_hw_read_info(struct rill_device *rdev)
{
	struct drm_rill_chip_info *info = &rdev->info;

	info->features = rill_hw_read64(rdev, RILL_REG_FEATURES);
	info->rows = rill_hw_read(rdev, RILL_REG_ROWS);
	info->cols = rill_hw_read(rdev, RILL_REG_COLS);
	info->channels = rill_hw_read(rdev, RILL_REG_CHANNELS);
	info->max_queues = rill_hw_read(rdev, RILL_REG_QUEUES) - 1;
	info->channel_bytes = rill_hw_read64(rdev, RILL_REG_CHANNEL_BYTES);
	info->sram_bytes = rill_hw_read64(rdev, RILL_REG_SRAM_BYTES);
	info->mac_per_cycle = rill_hw_read(rdev, RILL_REG_MAC_PER_CYCLE);
	info->mac_khz = rill_hw_read(rdev, RILL_REG_MAC_KHZ);
	info->mac_startup = rill_hw_read(rdev, RILL_REG_MAC_STARTUP);
	info->ddr_mbps = rill_hw_read(rdev, RILL_REG_DDR_MBPS);
	info->ddr_latency_ps = rill_hw_read(rdev, RILL_REG_DDR_LATENCY_PS);
	info->link_mbps = rill_hw_read(rdev, RILL_REG_LINK_MBPS);
	info->link_hop_ps = rill_hw_read(rdev, RILL_REG_LINK_HOP_PS);
	info->links = rill_hw_read(rdev, RILL_REG_LINKS);
	info->max_contexts = rill_hw_read(rdev, RILL_REG_CONTEXTS);
	info->max_queue_depth = rill_hw_read(rdev, RILL_REG_QUEUE_DEPTH);
}

/* Returns what is wrong with the chip's description of itself, or NULL. */
static const char *rill_hw_check_info(struct rill_device *rdev)
{
	const struct drm_rill_chip_info *info = &rdev->info;
	u64 ddr_bytes;

	if (!info->rows || info->rows > 8 || !info->cols || info->cols > 8)
		return "mesh size";
	if (!info->channels || info->channels > RILL_MAX_CHANNELS)
		return "number of DDR channels";
	if (!info->max_queues || info->max_queues >= RILL_MAX_QUEUES)
		return "number of queues";
	if (!info->max_contexts || info->max_contexts > RILL_MAX_CONTEXTS)
		return "number of contexts";
	if (info->links > RILL_MAX_LINKS)
		return "number of links";
	if (!is_power_of_2(info->max_queue_depth) ||
	    info->max_queue_depth < RILL_MIN_QUEUE_DEPTH ||
	    info->max_queue_depth > RILL_MAX_QUEUE_DEPTH)
		return "queue depth";
	if (!info->channel_bytes || !IS_ALIGNED(info->channel_bytes, PAGE_SIZE) ||
	    check_mul_overflow(info->channel_bytes, (u64)info->channels, &ddr_bytes) ||
	    ddr_bytes > pci_resource_len(to_rill_pdev(rdev), RILL_BAR_DDR))
		return "DDR size, or the DDR BAR is too small for it,";
	return NULL;
}

static int rill_hw_map(struct rill_device *rdev)
{
	struct pci_dev *pdev = to_rill_pdev(rdev);
	int ret;

	if (pci_resource_len(pdev, RILL_BAR_REGS) < RILL_BAR_REGS_BYTES ||
	    !pci_resource_len(pdev, RILL_BAR_DDR)) {
		drm_err(&rdev->drm, "a BAR was not assigned: registers %pR, DDR %pR\n",
			&pdev->resource[RILL_BAR_REGS], &pdev->resource[RILL_BAR_DDR]);
		return -ENODEV;
	}

	ret = pcim_iomap_regions(pdev, BIT(RILL_BAR_REGS), RILL_DRIVER_NAME);
	if (!ret)
		ret = pcim_request_region(pdev, RILL_BAR_DDR, RILL_DRIVER_NAME);
	if (ret) {
		drm_err(&rdev->drm, "the BARs are in use: %d\n", ret);
		return ret;
	}
	rdev->regs = pcim_iomap_table(pdev)[RILL_BAR_REGS];
	rdev->ddr_base = pci_resource_start(pdev, RILL_BAR_DDR);
	return 0;
}

int rill_hw_init(struct rill_device *rdev)
{
	struct pci_dev *pdev = to_rill_pdev(rdev);
	const char *wrong;
	int ret;

	ret = pcim_enable_device(pdev);
	if (ret) {
		drm_err(&rdev->drm, "cannot enable the PCI device: %d\n", ret);
		return ret;
	}
	ret = rill_hw_map(rdev);
	if (ret)
		return ret;
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(RILL_DMA_BITS));
	if (ret) {
		drm_err(&rdev->drm, "no DMA with %d bits of address: %d\n", RILL_DMA_BITS, ret);
		return ret;
	}
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);

	ret = rill_hw_identify(rdev);
	if (ret)
		return ret;
	rill_hw_read_info(rdev);
	wrong = rill_hw_check_info(rdev);
	if (wrong) {
		drm_err(&rdev->drm, "the chip's %s is out of range\n", wrong);
		return -ENODEV;
	}
	return 0;
}

int rill_hw_reset(struct rill_device *rdev)
{
	u32 ctrl;
	int ret;

	rill_hw_write(rdev, RILL_REG_CTRL, RILL_CTRL_RESET);
	ret = readl_poll_timeout(rdev->regs + RILL_REG_CTRL, ctrl, !(ctrl & RILL_CTRL_RESET),
				 RILL_HW_POLL_US, RILL_HW_TIMEOUT_US);
	if (ret)
		drm_err(&rdev->drm, "the chip does not come out of reset: control %#x\n", ctrl);
	return ret;
}

static void rill_admin_rewind(struct rill_admin *admin)
{
	unsigned long flags;

	spin_lock_irqsave(&admin->lock, flags);
	memset(admin->cq, 0, RILL_ADMIN_DEPTH * sizeof(*admin->cq));
	admin->tail = 0;
	admin->head = 0;
	admin->phase = RILL_CQE_PHASE;
	spin_unlock_irqrestore(&admin->lock, flags);
}

/* Not before the chip runs: a doorbell that it does not know yet is fatal to it. */
static void rill_admin_up(struct rill_admin *admin)
{
	unsigned long flags;

	spin_lock_irqsave(&admin->lock, flags);
	admin->up = true;
	spin_unlock_irqrestore(&admin->lock, flags);
}

/* Brings a chip up that has just been reset. */
int rill_hw_start(struct rill_device *rdev)
{
	u32 status;
	int ret;

	rill_admin_rewind(&rdev->admin);
	rill_hw_write(rdev, RILL_REG_ADMIN_DEPTH, RILL_ADMIN_DEPTH);
	rill_hw_write64(rdev, RILL_REG_ADMIN_SQ, rdev->admin.sq_dma);
	rill_hw_write64(rdev, RILL_REG_ADMIN_CQ, rdev->admin.cq_dma);
	rill_hw_write(rdev, RILL_REG_CTRL, RILL_CTRL_ENABLE);
	ret = readl_poll_timeout(rdev->regs + RILL_REG_STATUS, status,
				 status & (RILL_STATUS_READY | RILL_STATUS_FATAL),
				 RILL_HW_POLL_US, RILL_HW_TIMEOUT_US);
	if (ret || status & RILL_STATUS_FATAL) {
		drm_err(&rdev->drm, "the chip does not start: status %#x, code %u\n", status,
			rill_hw_read(rdev, RILL_REG_ERROR));
		return -EIO;
	}
	rill_admin_up(&rdev->admin);
	rill_hw_write(rdev, RILL_REG_EVENT_MASK, RILL_EVENT_FATAL | RILL_EVENT_LINK);
	return 0;
}

static void rill_admin_end(struct rill_admin *admin, u32 tag, int error)
{
	unsigned int i = tag % RILL_ADMIN_TAG_STEP;
	struct rill_admin_slot *slot;

	if (i >= RILL_ADMIN_SLOTS)
		return;
	slot = &admin->slots[i];
	if (!slot->pending || slot->tag != tag)
		return;
	slot->pending = false;
	slot->error = error;
	complete(&slot->done);
}

static void rill_admin_harvest_locked(struct rill_device *rdev)
{
	struct rill_admin *admin = &rdev->admin;
	u16 head = admin->head, status_phase;

	for (unsigned int n = 0; n < RILL_ADMIN_DEPTH; n++) {
		struct rill_hw_cqe *cqe = &admin->cq[admin->head];

		status_phase = le16_to_cpu(READ_ONCE(cqe->status_phase));
		if ((status_phase & RILL_CQE_PHASE) != admin->phase)
			break;
		dma_rmb(); /* the phase before the rest of the entry */
		rill_admin_end(admin, le32_to_cpu(READ_ONCE(cqe->tag)),
			       rill_job_errno(RILL_CQE_STATUS(status_phase)));
		admin->head = (admin->head + 1) % RILL_ADMIN_DEPTH;
		if (!admin->head)
			admin->phase ^= RILL_CQE_PHASE;
	}
	if (admin->head != head)
		rill_hw_write(rdev, RILL_DOORBELL_BASE + RILL_DOORBELL_CQ_HEAD, admin->head);
}

static void rill_admin_harvest(struct rill_device *rdev)
{
	struct rill_admin *admin = &rdev->admin;
	unsigned long flags;

	spin_lock_irqsave(&admin->lock, flags);
	if (admin->up)
		rill_admin_harvest_locked(rdev);
	spin_unlock_irqrestore(&admin->lock, flags);
}

static void rill_hw_events(struct rill_device *rdev)
{
	u32 events = rill_hw_read(rdev, RILL_REG_EVENT);

	if (!events || events == U32_MAX)
		return;
	rill_hw_write(rdev, RILL_REG_EVENT, events);
	if (events & RILL_EVENT_FATAL)
		rill_reset_schedule(rdev, "the chip reports a fatal condition");
	if (events & RILL_EVENT_LINK)
		schedule_work(&rdev->d2d.work);
}

static irqreturn_t rill_hw_irq(int irq, void *arg)
{
	struct rill_device *rdev = arg;

	rill_admin_harvest(rdev);
	rill_hw_events(rdev);
	if (rdev->vectors == 1)
		rill_queue_irq(rdev, 0);
	return IRQ_HANDLED;
}

static irqreturn_t rill_hw_queue_irq(int irq, void *arg)
{
	struct rill_vector *vector = arg;

	rill_queue_irq(vector->rdev, vector->index);
	return IRQ_HANDLED;
}

static int rill_hw_irq_request(struct rill_device *rdev, struct rill_vector *vector)
{
	struct pci_dev *pdev = to_rill_pdev(rdev);
	int irq = pci_irq_vector(pdev, vector->index);

	if (!vector->index)
		return devm_request_irq(&pdev->dev, irq, rill_hw_irq, 0, RILL_DRIVER_NAME, rdev);
	return devm_request_irq(&pdev->dev, irq, rill_hw_queue_irq, 0, RILL_DRIVER_NAME, vector);
}

int rill_hw_irq_init(struct rill_device *rdev)
{
	struct pci_dev *pdev = to_rill_pdev(rdev);
	struct rill_vector *vectors;
	int ret;

	ret = pci_alloc_irq_vectors(pdev, 1, rdev->info.max_queues + 1, PCI_IRQ_MSIX);
	if (ret < 0) {
		drm_err(&rdev->drm, "no MSI-X vector to be had: %d\n", ret);
		return ret;
	}
	rdev->vectors = ret;
	vectors = devm_kcalloc(&pdev->dev, rdev->vectors, sizeof(*vectors), GFP_KERNEL);
	if (!vectors)
		return -ENOMEM;
	for (unsigned int i = 0; i < rdev->vectors; i++) {
		vectors[i].rdev = rdev;
		vectors[i].index = i;
		ret = rill_hw_irq_request(rdev, &vectors[i]);
		if (ret) {
			drm_err(&rdev->drm, "cannot take interrupt vector %u: %d\n", i, ret);
			return ret;
		}
	}
	return 0;
}

/* When it returns, no handler of the vector runs that began before. */
void rill_hw_irq_sync(struct rill_device *rdev, unsigned int vector)
{
	synchronize_irq(pci_irq_vector(to_rill_pdev(rdev), vector));
}

static struct rill_admin_slot *rill_admin_slot_get(struct rill_admin *admin)
{
	struct rill_admin_slot *slot = NULL;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&admin->lock, flags);
	i = find_first_zero_bit(admin->busy, RILL_ADMIN_SLOTS);
	if (i < RILL_ADMIN_SLOTS) {
		__set_bit(i, admin->busy);
		slot = &admin->slots[i];
		reinit_completion(&slot->done);
	}
	spin_unlock_irqrestore(&admin->lock, flags);
	return slot;
}

static void rill_admin_slot_put(struct rill_admin *admin, struct rill_admin_slot *slot)
{
	unsigned long flags;

	spin_lock_irqsave(&admin->lock, flags);
	slot->pending = false;
	slot->tag += RILL_ADMIN_TAG_STEP;
	__clear_bit(slot - admin->slots, admin->busy);
	spin_unlock_irqrestore(&admin->lock, flags);
	wake_up(&admin->wait);
}

static void rill_admin_submit_locked(struct rill_device *rdev, struct rill_admin_slot *slot,
				     enum rill_admin_opcode opcode,
				     const struct rill_admin_args *args)
{
	struct rill_admin *admin = &rdev->admin;
	struct rill_hw_sqe *sqe = &admin->sq[admin->tail];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = cpu_to_le16(opcode);
	sqe->tag = cpu_to_le32(slot->tag);
	for (unsigned int i = 0; i < ARRAY_SIZE(sqe->arg); i++)
		sqe->arg[i] = cpu_to_le64(args->arg[i]);
	slot->pending = true;
	admin->tail = (admin->tail + 1) % RILL_ADMIN_DEPTH;
	rill_hw_write(rdev, RILL_DOORBELL_BASE + RILL_DOORBELL_SQ_TAIL, admin->tail);
}

static int rill_admin_submit(struct rill_device *rdev, struct rill_admin_slot *slot,
			     enum rill_admin_opcode opcode,
			     const struct rill_admin_args *args)
{
	struct rill_admin *admin = &rdev->admin;
	unsigned long flags;
	bool up;

	spin_lock_irqsave(&admin->lock, flags);
	up = admin->up;
	if (up)
		rill_admin_submit_locked(rdev, slot, opcode, args);
	spin_unlock_irqrestore(&admin->lock, flags);
	return up ? 0 : -EIO;
}

static int rill_admin_wait(struct rill_device *rdev, struct rill_admin_slot *slot,
			   enum rill_admin_opcode opcode)
{
	unsigned long end = jiffies + RILL_ADMIN_TIMEOUT;

	while (!wait_for_completion_timeout(&slot->done, RILL_ADMIN_POLL)) {
		rill_admin_harvest(rdev);
		if (!completion_done(&slot->done) && time_after(jiffies, end)) {
			drm_warn(&rdev->drm, "admin command %u timed out\n", opcode);
			rill_reset_schedule(rdev, "it does not answer");
			return -EIO;
		}
	}
	return slot->error;
}

int rill_admin_exec(struct rill_device *rdev, enum rill_admin_opcode opcode,
		    const struct rill_admin_args *args)
{
	struct rill_admin *admin = &rdev->admin;
	struct rill_admin_slot *slot;
	int ret;

	might_sleep();
	wait_event(admin->wait, (slot = rill_admin_slot_get(admin)));
	ret = rill_admin_submit(rdev, slot, opcode, args);
	if (!ret)
		ret = rill_admin_wait(rdev, slot, opcode);
	rill_admin_slot_put(admin, slot);
	if (ret)
		drm_dbg(&rdev->drm, "admin command %u: %d\n", opcode, ret);
	return ret;
}

/* Fails commands at once, those under way too, until rill_hw_start(). */
void rill_admin_down(struct rill_device *rdev)
{
	struct rill_admin *admin = &rdev->admin;
	unsigned long flags;

	spin_lock_irqsave(&admin->lock, flags);
	admin->up = false;
	for (unsigned int i = 0; i < RILL_ADMIN_SLOTS; i++)
		if (admin->slots[i].pending)
			rill_admin_end(admin, admin->slots[i].tag, -EIO);
	spin_unlock_irqrestore(&admin->lock, flags);
}

int rill_admin_init(struct rill_device *rdev)
{
	struct rill_admin *admin = &rdev->admin;

	spin_lock_init(&admin->lock);
	init_waitqueue_head(&admin->wait);
	for (unsigned int i = 0; i < RILL_ADMIN_SLOTS; i++) {
		admin->slots[i].tag = i;
		init_completion(&admin->slots[i].done);
	}
	admin->sq = dma_alloc_coherent(rdev->drm.dev, RILL_ADMIN_DEPTH * sizeof(*admin->sq),
				       &admin->sq_dma, GFP_KERNEL);
	if (!admin->sq)
		return -ENOMEM;
	admin->cq = dma_alloc_coherent(rdev->drm.dev, RILL_ADMIN_DEPTH * sizeof(*admin->cq),
				       &admin->cq_dma, GFP_KERNEL);
	if (!admin->cq) {
		dma_free_coherent(rdev->drm.dev, RILL_ADMIN_DEPTH * sizeof(*admin->sq),
				  admin->sq, admin->sq_dma);
		return -ENOMEM;
	}
	return 0;
}

void rill_admin_fini(struct rill_device *rdev)
{
	struct rill_admin *admin = &rdev->admin;

	dma_free_coherent(rdev->drm.dev, RILL_ADMIN_DEPTH * sizeof(*admin->cq),
			  admin->cq, admin->cq_dma);
	dma_free_coherent(rdev->drm.dev, RILL_ADMIN_DEPTH * sizeof(*admin->sq),
			  admin->sq, admin->sq_dma);
}
