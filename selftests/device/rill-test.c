// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The device without a guest: qtest plays the driver, well-behaved and not.
 * QEMU must answer whatever is done to the device.
 */
#include "qemu/osdep.h"
#include "libqtest.h"
#include "libqos/pci.h"
#include "libqos/pci-pc.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"

#include "rill_hw.h"
#include "rill_stream.h"

#define DEVICE	      "-device rill,id=rill0,addr=4,channel-bytes=4M"
#define ADMIN_DEPTH   16
#define DEPTH	      8
#define CHANNEL_BYTES (4 << 20)
#define TIMEOUT_US    (20 * G_USEC_PER_SEC)

#define QOM_SET	      "{ 'execute': 'qom-set', 'arguments': { 'path': '/machine/peripheral/rill0', "

/* Guest memory, by purpose. */
#define ADMIN_SQ	0x100000
#define ADMIN_CQ	0x101000
#define SQ		0x102000
#define CQ		0x103000
#define TABLES		0x110000 /* one for each level, and the root first */
#define BLOCK		0x120000
#define RANGES		0x121000
#define MESSAGE(vector) (0x130000 + (vector) * 4)

/* The context's addresses: one system page, and the DDR from its beginning. */
#define VA_PAGE 0x40000000ULL
#define VA_DDR	0x40200000ULL

#define BIOS 0xfffe0000 /* ROM */

typedef struct {
	QTestState *qts;
	QPCIBus *bus;
	QPCIDevice *dev;
	QPCIBar regs, ddr;
	unsigned int tail, head; /* of the admin queue */
} Chip;

/* --- the machine --- */

static void found(QPCIDevice *dev, int devfn, void *data)
{
	*(QPCIDevice **)data = dev;
}

static Chip *chip_start(const char *more)
{
	Chip *c = g_new0(Chip, 1);

	c->qts = qtest_initf("-machine q35 -m 64 -nodefaults %s%s", DEVICE, more);
	c->bus = qpci_new_pc(c->qts, NULL);
	qpci_device_foreach(c->bus, RILL_PCI_VENDOR_ID, RILL_PCI_DEVICE_ID, found, &c->dev);
	g_assert_nonnull(c->dev);
	qpci_device_enable(c->dev);
	c->regs = qpci_iomap(c->dev, RILL_BAR_REGS, NULL);
	c->ddr = qpci_iomap(c->dev, RILL_BAR_DDR, NULL);
	qpci_msix_enable(c->dev);
	return c;
}

static void chip_stop(Chip *c)
{
	g_free(c->dev);
	qpci_free_pc(c->bus);
	qtest_quit(c->qts);
	g_free(c);
}

static uint32_t get(Chip *c, unsigned int reg)
{
	return qpci_io_readl(c->dev, c->regs, reg);
}

static void put(Chip *c, unsigned int reg, uint32_t value)
{
	qpci_io_writel(c->dev, c->regs, reg, value);
}

static void put64(Chip *c, unsigned int reg, uint64_t value)
{
	qpci_io_writeq(c->dev, c->regs, reg, value);
}

/* A vector's message is a write of 1 to MESSAGE(vector). */
static void unmask(Chip *c, unsigned int vector)
{
	uint64_t entry = c->dev->msix_table_off + vector * PCI_MSIX_ENTRY_SIZE;

	qpci_io_writel(c->dev, c->dev->msix_table_bar, entry + PCI_MSIX_ENTRY_LOWER_ADDR,
		       MESSAGE(vector));
	qpci_io_writel(c->dev, c->dev->msix_table_bar, entry + PCI_MSIX_ENTRY_UPPER_ADDR, 0);
	qpci_io_writel(c->dev, c->dev->msix_table_bar, entry + PCI_MSIX_ENTRY_DATA, 1);
	qpci_io_writel(c->dev, c->dev->msix_table_bar, entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
	qtest_writel(c->qts, MESSAGE(vector), 0);
}

/* Waits for a word in memory, as the chip works on its own. */
static bool becomes(Chip *c, uint64_t addr, uint32_t mask, uint32_t value)
{
	int64_t end = g_get_monotonic_time() + TIMEOUT_US;

	while ((qtest_readl(c->qts, addr) & mask) != value) {
		if (g_get_monotonic_time() > end)
			return false;
		g_usleep(100);
	}
	return true;
}

static void is_fatal(Chip *c, uint32_t error)
{
	int64_t end = g_get_monotonic_time() + TIMEOUT_US;

	while (!(get(c, RILL_REG_STATUS) & RILL_STATUS_FATAL)) {
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		g_usleep(100);
	}
	g_assert_cmpuint(get(c, RILL_REG_ERROR), ==, error);
}

/* --- queues --- */

static void enable_at(Chip *c, uint64_t sq, uint64_t cq)
{
	put(c, RILL_REG_CTRL, RILL_CTRL_RESET);
	c->tail = 0;
	c->head = 0;
	qtest_memset(c->qts, ADMIN_CQ, 0, ADMIN_DEPTH * sizeof(struct rill_hw_cqe));
	put(c, RILL_REG_ADMIN_DEPTH, ADMIN_DEPTH);
	put64(c, RILL_REG_ADMIN_SQ, sq);
	put64(c, RILL_REG_ADMIN_CQ, cq);
	put(c, RILL_REG_EVENT_MASK, RILL_EVENT_FATAL | RILL_EVENT_LINK);
	put(c, RILL_REG_CTRL, RILL_CTRL_ENABLE);
	g_assert_cmpuint(get(c, RILL_REG_STATUS), ==, RILL_STATUS_READY);
}

static void enable(Chip *c)
{
	enable_at(c, ADMIN_SQ, ADMIN_CQ);
}

static void push(Chip *c, const struct rill_hw_sqe *sqe)
{
	qtest_memwrite(c->qts, ADMIN_SQ + c->tail * sizeof(*sqe), sqe, sizeof(*sqe));
	c->tail++;
	put(c, RILL_DOORBELL_BASE, c->tail);
}

/* Few enough commands are sent that the ring never wraps around. */
static enum rill_status result(Chip *c)
{
	struct rill_hw_cqe cqe;
	uint64_t at = ADMIN_CQ + c->head * sizeof(cqe);

	g_assert_cmpuint(c->head, <, ADMIN_DEPTH);
	g_assert_true(becomes(c, at + 28, RILL_CQE_PHASE << 16, RILL_CQE_PHASE << 16));
	qtest_memread(c->qts, at, &cqe, sizeof(cqe));
	c->head++;
	put(c, RILL_DOORBELL_BASE + RILL_DOORBELL_CQ_HEAD, c->head);
	return RILL_CQE_STATUS(cqe.status_phase);
}

static enum rill_status command(Chip *c, uint16_t opcode, const uint64_t arg[6])
{
	struct rill_hw_sqe sqe = { .opcode = opcode, .tag = c->tail };

	memcpy(sqe.arg, arg, sizeof(sqe.arg));
	push(c, &sqe);
	return result(c);
}

#define COMMAND(c, opcode, ...) command(c, opcode, (const uint64_t[6]) { __VA_ARGS__ })

static void put_pte(Chip *c, unsigned int table, uint64_t va, unsigned int level, uint64_t pte)
{
	unsigned int index = va >> (RILL_PAGE_SHIFT + level * RILL_PT_BITS) & 511;

	qtest_writeq(c->qts, TABLES + table * 0x1000 + index * 8, pte);
}

/* Context 0 and queue 1 on vector 1. */
static void make_queue(Chip *c, uint64_t sq, uint64_t cq)
{
	qtest_memset(c->qts, TABLES, 0, 4 * 0x1000);
	put_pte(c, 0, VA_PAGE, 3, (TABLES + 0x1000) | RILL_PTE_VALID);
	put_pte(c, 1, VA_PAGE, 2, (TABLES + 0x2000) | RILL_PTE_VALID);
	put_pte(c, 2, VA_PAGE, 1, (TABLES + 0x3000) | RILL_PTE_VALID);
	put_pte(c, 3, VA_PAGE, 0, BLOCK | RILL_PTE_VALID | RILL_PTE_LEAF);
	put_pte(c, 3, VA_PAGE + 0x1000, 0, RANGES | RILL_PTE_VALID | RILL_PTE_LEAF);
	put_pte(c, 2, VA_DDR, 1, RILL_PTE_VALID | RILL_PTE_LEAF | RILL_PTE_DDR | RILL_PTE_WRITE);
	qtest_memset(c->qts, CQ, 0, DEPTH * sizeof(struct rill_hw_cqe));
	g_assert_cmpuint(COMMAND(c, RILL_ADMIN_CONTEXT_CREATE, 0, TABLES, 1), ==, RILL_OK);
	g_assert_cmpuint(COMMAND(c, RILL_ADMIN_QUEUE_CREATE, 1, sq, cq, DEPTH, 0, 1), ==, RILL_OK);
}

static void push_job(Chip *c, unsigned int slot, uint16_t opcode, uint64_t addr)
{
	const struct rill_hw_sqe sqe = { .opcode = opcode, .tag = slot, .addr = addr };

	qtest_memwrite(c->qts, SQ + slot * sizeof(sqe), &sqe, sizeof(sqe));
	put(c, RILL_DOORBELL_BASE + RILL_DOORBELL_STRIDE, slot + 1);
}

static bool job_ends(Chip *c, unsigned int slot, struct rill_hw_cqe *cqe)
{
	uint64_t at = CQ + slot * sizeof(*cqe);

	if (!becomes(c, at + 28, RILL_CQE_PHASE << 16, RILL_CQE_PHASE << 16))
		return false;
	qtest_memread(c->qts, at, cqe, sizeof(*cqe));
	return true;
}

static void push_fill(Chip *c, unsigned int slot, uint64_t bytes)
{
	const struct rill_fill fill = { .count = 1, .ranges = VA_PAGE + 0x1000 };
	const struct rill_fill_range range = {
		.dst = VA_DDR + 64,
		.bytes = bytes,
		.seed = 42,
		.counter = 7,
	};

	qtest_memwrite(c->qts, BLOCK, &fill, sizeof(fill));
	qtest_memwrite(c->qts, RANGES, &range, sizeof(range));
	push_job(c, slot, RILL_OP_FILL, VA_PAGE);
}

static void ends_well(Chip *c, unsigned int slot)
{
	struct rill_hw_cqe cqe;

	g_assert_true(job_ends(c, slot, &cqe));
	g_assert_cmpuint(RILL_CQE_STATUS(cqe.status_phase), ==, RILL_OK);
	g_assert_cmpuint(cqe.tag, ==, slot);
}

static void works(Chip *c)
{
	enable(c);
	g_assert_cmpuint(COMMAND(c, RILL_ADMIN_NOP), ==, RILL_OK);
}

/* --- tests --- */

static void test_identity(void)
{
	Chip *c = chip_start("");

	g_assert_cmphex(get(c, RILL_REG_ID), ==, RILL_ID_MAGIC);
	g_assert_cmphex(get(c, RILL_REG_VERSION), ==, RILL_HW_VERSION);
	g_assert_cmphex(qpci_io_readq(c->dev, c->regs, RILL_REG_CHANNEL_BYTES), ==, CHANNEL_BYTES);
	g_assert_cmphex(qpci_config_readw(c->dev, PCI_CLASS_DEVICE), ==, RILL_PCI_CLASS);
	g_assert_cmphex(qpci_find_capability(c->dev, PCI_CAP_ID_EXP, 0), !=, 0);
	g_assert_cmpuint(qpci_msix_table_size(c->dev), ==, get(c, RILL_REG_QUEUES));
	g_assert_cmphex(get(c, RILL_BAR_REGS_BYTES - 4), ==, 0);
	chip_stop(c);
}

static void test_ddr(void)
{
	Chip *c = chip_start("");
	const uint64_t last = 4 * CHANNEL_BYTES - 8;

	g_assert_cmphex(qpci_io_readq(c->dev, c->ddr, last), ==, 0);
	qpci_io_writeq(c->dev, c->ddr, last, 0x0123456789abcdefULL);
	g_assert_cmphex(qpci_io_readq(c->dev, c->ddr, last), ==, 0x0123456789abcdefULL);
	enable(c);
	g_assert_cmpuint(COMMAND(c, RILL_ADMIN_DDR_CLEAR, 0, 4 * CHANNEL_BYTES), ==, RILL_OK);
	g_assert_cmphex(qpci_io_readq(c->dev, c->ddr, last), ==, 0);
	chip_stop(c);
}

static void test_admin(void)
{
	Chip *c = chip_start("");

	unmask(c, 0);
	works(c);
	g_assert_true(becomes(c, MESSAGE(0), UINT32_MAX, 1));
	g_assert_cmpuint(COMMAND(c, 99), ==, RILL_BAD_OPCODE);
	chip_stop(c);
}

static void test_fill(void)
{
	Chip *c = chip_start("");
	unsigned int i;

	unmask(c, 1);
	enable(c);
	make_queue(c, SQ, CQ);
	push_fill(c, 0, 4096);
	ends_well(c, 0);
	g_assert_true(becomes(c, MESSAGE(1), UINT32_MAX, 1));
	for (i = 0; i < 4096 / 8; i++) {
		g_assert_cmphex(qpci_io_readq(c->dev, c->ddr, 64 + i * 8), ==,
				rill_pattern(42, 7 + i));
	}
	g_assert_cmphex(qpci_io_readq(c->dev, c->ddr, 64 + 4096), ==, 0);
	chip_stop(c);
}

static void test_faults(void)
{
	Chip *c = chip_start("");
	struct rill_hw_cqe cqe;

	enable(c);
	make_queue(c, SQ, CQ);
	/* A page table in the chip's own registers. */
	put_pte(c, 0, 1ULL << 39, 3, c->regs.addr | RILL_PTE_VALID);
	push_job(c, 0, RILL_OP_FILL, 1ULL << 39);
	g_assert_true(job_ends(c, 0, &cqe));
	g_assert_cmpuint(RILL_CQE_STATUS(cqe.status_phase), ==, RILL_DMA_ERROR);
	g_assert_cmphex(cqe.detail, ==, c->regs.addr);
	/* Nothing is mapped. */
	push_job(c, 1, RILL_OP_FILL, 0x1000);
	g_assert_true(job_ends(c, 1, &cqe));
	g_assert_cmpuint(RILL_CQE_STATUS(cqe.status_phase), ==, RILL_FAULT_READ);
	g_assert_cmphex(cqe.detail, ==, 0x1000);
	/* The others go on. */
	push_fill(c, 2, 8);
	ends_well(c, 2);
	chip_stop(c);
}

static void test_doorbells(void)
{
	Chip *c = chip_start("");

	unmask(c, 0);
	enable(c);
	put(c, RILL_DOORBELL_BASE, ADMIN_DEPTH);
	is_fatal(c, RILL_HW_ERR_DOORBELL);
	g_assert_true(becomes(c, MESSAGE(0), UINT32_MAX, 1));
	g_assert_cmpuint(get(c, RILL_REG_EVENT), ==, RILL_EVENT_FATAL);
	enable(c);
	put(c, RILL_DOORBELL_BASE + 5 * RILL_DOORBELL_STRIDE, 0);
	is_fatal(c, RILL_HW_ERR_DOORBELL);
	works(c);
	chip_stop(c);
}

static void ring_is_refused(Chip *c, uint64_t sq, uint64_t cq)
{
	enable_at(c, sq, cq);
	put(c, RILL_DOORBELL_BASE, 1);
	is_fatal(c, RILL_HW_ERR_RING_DMA);
	enable(c);
	make_queue(c, sq, cq);
	put(c, RILL_DOORBELL_BASE + RILL_DOORBELL_STRIDE, 1);
	is_fatal(c, RILL_HW_ERR_RING_DMA);
	works(c);
}

/* Registers, of this device and others, ROM, nothing at all. */
static void test_rings_elsewhere(void)
{
	Chip *c = chip_start("");
	const uint64_t places[] = {
		c->regs.addr + RILL_DOORBELL_BASE,
		c->dev->msix_table_bar.addr,
		0xfec00000,
		0xfed00000,
		0xfee00000,
		0x80000000,
		1ULL << 40,
		0xffffffff00000000ULL,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		ring_is_refused(c, places[i], ADMIN_CQ);
		ring_is_refused(c, ADMIN_SQ, places[i]);
	}
	ring_is_refused(c, ADMIN_SQ, BIOS);
	chip_stop(c);
}

/* The other memory there is: the chip's own. */
static void test_ring_in_ddr(void)
{
	Chip *c = chip_start("");

	enable(c);
	make_queue(c, c->ddr.addr, CQ);
	put(c, RILL_DOORBELL_BASE + RILL_DOORBELL_STRIDE, 1);
	ends_well(c, 0);
	chip_stop(c);
}

static void test_bus_master(void)
{
	Chip *c = chip_start("");
	uint16_t cmd = qpci_config_readw(c->dev, PCI_COMMAND);

	enable(c);
	qpci_config_writew(c->dev, PCI_COMMAND, cmd & ~PCI_COMMAND_MASTER);
	put(c, RILL_DOORBELL_BASE, 1);
	is_fatal(c, RILL_HW_ERR_RING_DMA);
	qpci_config_writew(c->dev, PCI_COMMAND, cmd);
	works(c);
	chip_stop(c);
}

static void test_reset(void)
{
	Chip *c = chip_start("");
	uint8_t express = qpci_find_capability(c->dev, PCI_CAP_ID_EXP, 0);

	enable(c);
	make_queue(c, SQ, CQ);
	push_fill(c, 0, 1 << 20);
	put(c, RILL_LINK_BASE + RILL_LINK_RATE, 10);
	g_assert_cmphex(qpci_config_readl(c->dev, express + PCI_EXP_DEVCAP) & PCI_EXP_DEVCAP_FLR,
			!=, 0);
	qpci_config_writew(c->dev, express + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_BCR_FLR);
	qpci_device_enable(c->dev);
	qpci_config_writel(c->dev, PCI_BASE_ADDRESS_0, c->regs.addr);
	g_assert_cmpuint(get(c, RILL_REG_STATUS), ==, 0);
	g_assert_cmpuint(get(c, RILL_LINK_BASE + RILL_LINK_RATE), ==, 1000);
	works(c);
	make_queue(c, SQ, CQ);
	push_fill(c, 0, 1 << 20);
	qtest_system_reset(c->qts);
	qpci_device_enable(c->dev);
	qpci_config_writel(c->dev, PCI_BASE_ADDRESS_0, c->regs.addr);
	g_assert_cmpuint(get(c, RILL_REG_STATUS), ==, 0);
	works(c);
	chip_stop(c);
}

static void test_vm_stop(void)
{
	Chip *c = chip_start("");
	struct rill_hw_sqe nop = { .opcode = RILL_ADMIN_NOP };

	enable(c);
	qtest_qmp_assert_success(c->qts, "{ 'execute': 'stop' }");
	push(c, &nop);
	g_usleep(50000);
	g_assert_cmphex(qtest_readl(c->qts, ADMIN_CQ + 28), ==, 0);
	qtest_qmp_assert_success(c->qts, "{ 'execute': 'cont' }");
	g_assert_cmpuint(result(c), ==, RILL_OK);
	chip_stop(c);
}

/* Device time is the guest's: a job ends when that gets there. */
static void test_virtual_pace(void)
{
	Chip *c = chip_start(",pace=virtual,ddr-mbps=1");
	struct rill_hw_cqe cqe;
	int64_t now;

	enable(c);
	make_queue(c, SQ, CQ);
	now = qtest_clock_step(c->qts, 1000000);
	push_fill(c, 0, 4096);
	g_usleep(100000);
	g_assert_cmphex(qtest_readl(c->qts, CQ + 28), ==, 0);
	/* 4096 bytes at 1 MB/s: 4.096 ms. */
	qtest_clock_step(c->qts, 4000000);
	g_usleep(100000);
	g_assert_cmphex(qtest_readl(c->qts, CQ + 28), ==, 0);
	qtest_clock_step(c->qts, 200000);
	g_assert_true(job_ends(c, 0, &cqe));
	g_assert_cmpuint(RILL_CQE_STATUS(cqe.status_phase), ==, RILL_OK);
	g_assert_cmpuint(cqe.start_ps, ==, now * 1000);
	g_assert_cmpuint(cqe.end_ps, >=, cqe.start_ps + 4096000000ULL);
	chip_stop(c);
}

/* Behind an IOMMU, first one that lets all through and then one that lets nothing. */
static void test_iommu(void)
{
	const uint64_t vtd = 0xfed90000;
	Chip *c = chip_start(" -device intel-iommu");

	works(c);
	make_queue(c, SQ, CQ);
	push_fill(c, 0, 4096);
	ends_well(c, 0);
	ring_is_refused(c, c->regs.addr, ADMIN_CQ);
	ring_is_refused(c, ADMIN_SQ, c->regs.addr);
	ring_is_refused(c, ADMIN_SQ, BIOS);
	/* An empty root table: it records faults, and sends an interrupt. */
	enable(c);
	qtest_writel(c->qts, vtd + 0x3c, 0x41);
	qtest_writel(c->qts, vtd + 0x40, 0xfee00000);
	qtest_writel(c->qts, vtd + 0x38, 0);
	qtest_writeq(c->qts, vtd + 0x20, 0x200000);
	qtest_writel(c->qts, vtd + 0x18, 1U << 30);
	qtest_writel(c->qts, vtd + 0x18, 1U << 31);
	put(c, RILL_DOORBELL_BASE, 1);
	is_fatal(c, RILL_HW_ERR_RING_DMA);
	g_assert_cmphex(qtest_readl(c->qts, vtd + 0x34) & 2, ==, 2);
	chip_stop(c);
}

static void inject(Chip *c, const char *fault, unsigned int value)
{
	qtest_qmp_assert_success(c->qts, QOM_SET "'property': %s, 'value': %u }}", fault, value);
}

static void test_faults_on_purpose(void)
{
	Chip *c = chip_start("");
	QDict *response;

	unmask(c, 0);
	enable(c);
	make_queue(c, SQ, CQ);
	inject(c, "fault-hung-jobs", 1);
	push_job(c, 0, RILL_OP_NOP, 0);
	g_usleep(50000);
	g_assert_cmphex(qtest_readl(c->qts, CQ + 28), ==, 0);
	inject(c, "fault-hung-jobs", 0);
	ends_well(c, 0);
	qtest_writel(c->qts, MESSAGE(0), 0);
	qtest_qmp_assert_success(c->qts, QOM_SET "'property': 'fault-link', 'value': '3=0' }}");
	g_assert_true(becomes(c, MESSAGE(0), UINT32_MAX, 1));
	g_assert_cmpuint(get(c, RILL_REG_EVENT), ==, RILL_EVENT_LINK);
	g_assert_cmpuint(get(c, RILL_LINK_BASE + 3 * RILL_LINK_STRIDE + RILL_LINK_CTRL), ==, 0);
	response = qtest_qmp(c->qts, QOM_SET "'property': 'fault-link', 'value': '8=0' }}");
	g_assert_true(qdict_haskey(response, "error"));
	qobject_unref(response);
	inject(c, "fault-hung-chip", 1);
	put(c, RILL_DOORBELL_BASE, c->tail + 1);
	g_usleep(50000);
	g_assert_cmphex(qtest_readl(c->qts, ADMIN_CQ + c->head * 32 + 28), ==, 0);
	works(c);
	chip_stop(c);
}

static void property_is_refused(Chip *c, const char *name, uint64_t value, const char *text)
{
	QDict *response = qtest_qmp(c->qts,
				    "{ 'execute': 'device_add', 'arguments': {"
				    "'driver': 'rill', 'bus': 'root-port', 'id': 'x', %s: %" PRIu64
				    " }}",
				    name, value);

	g_assert_true(qdict_haskey(response, "error"));
	g_assert_nonnull(strstr(qdict_get_str(qdict_get_qdict(response, "error"), "desc"), text));
	qobject_unref(response);
}

static void test_properties(void)
{
	Chip *c = chip_start(" -device pcie-root-port,id=root-port,chassis=1");
	QDict *response;

	property_is_refused(c, "rows", 9, "rows: 1 to 8");
	property_is_refused(c, "cols", 0, "cols: 1 to 8");
	property_is_refused(c, "channels", 5, "channels: ");
	property_is_refused(c, "channel-bytes", 3 << 20, "channel_bytes: ");
	property_is_refused(c, "queues", 65, "queues: ");
	response = qtest_qmp(c->qts,
			     "{ 'execute': 'device_add', 'arguments': {"
			     "'driver': 'rill', 'bus': 'root-port', 'id': 'x', 'pace': 'slow' }}");
	g_assert_true(qdict_haskey(response, "error"));
	qobject_unref(response);
	works(c);
	chip_stop(c);
}

static void test_migration(void)
{
	Chip *c = chip_start("");
	QDict *response = qtest_qmp(c->qts, "{ 'execute': 'migrate', 'arguments': {"
					    "'uri': 'exec:cat >/dev/null' }}");

	g_assert_true(qdict_haskey(response, "error"));
	g_assert_nonnull(strstr(qdict_get_str(qdict_get_qdict(response, "error"), "desc"), "rill"));
	qobject_unref(response);
	works(c);
	chip_stop(c);
}

/* Values and offsets at random, while the chip runs. */
static void test_random(void)
{
	Chip *c = chip_start("");
	GRand *rand = g_rand_new_with_seed(3);
	unsigned int i;

	for (i = 0; i < 5000; i++) {
		unsigned int reg = g_rand_int_range(rand, 0, RILL_BAR_REGS_BYTES / 4) * 4;

		if (g_rand_boolean(rand))
			reg &= 0xff;
		if (i % 50 == 0)
			enable(c);
		put(c, reg, g_rand_boolean(rand) ? g_rand_int(rand) : g_rand_int_range(rand, 0, 8));
		get(c, reg);
	}
	works(c);
	g_rand_free(rand);
	chip_stop(c);
}

/* As ACPI does it for a guest: slot 0 below the root port. */
static void test_unplug(void)
{
	const unsigned int eject = 0xcc0 + 8, select = 0xcc0 + 16;
	Chip *c = chip_start(" -device pcie-root-port,id=root-port,chassis=1 -device rill,bus=root-port,id=extra");

	qtest_qmp_device_del_send(c->qts, "extra");
	qtest_outl(c->qts, select, 0);
	qtest_outl(c->qts, eject, 1);
	qtest_qmp_eventwait(c->qts, "DEVICE_DELETED");
	works(c);
	chip_stop(c);
}

/* Ends QEMU while a long job runs. */
static void test_quit(void)
{
	Chip *c = chip_start("");

	enable(c);
	make_queue(c, SQ, CQ);
	push_fill(c, 0, 1 << 20);
	push_fill(c, 1, 1 << 20);
	chip_stop(c);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	qtest_add_func("rill/identity", test_identity);
	qtest_add_func("rill/ddr", test_ddr);
	qtest_add_func("rill/admin", test_admin);
	qtest_add_func("rill/fill", test_fill);
	qtest_add_func("rill/faults", test_faults);
	qtest_add_func("rill/doorbells", test_doorbells);
	qtest_add_func("rill/rings-elsewhere", test_rings_elsewhere);
	qtest_add_func("rill/ring-in-ddr", test_ring_in_ddr);
	qtest_add_func("rill/bus-master", test_bus_master);
	qtest_add_func("rill/reset", test_reset);
	qtest_add_func("rill/vm-stop", test_vm_stop);
	qtest_add_func("rill/virtual-pace", test_virtual_pace);
	qtest_add_func("rill/iommu", test_iommu);
	qtest_add_func("rill/faults-on-purpose", test_faults_on_purpose);
	qtest_add_func("rill/properties", test_properties);
	qtest_add_func("rill/migration", test_migration);
	qtest_add_func("rill/random", test_random);
	qtest_add_func("rill/unplug", test_unplug);
	qtest_add_func("rill/quit", test_quit);
	return g_test_run();
}
