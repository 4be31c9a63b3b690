// SPDX-License-Identifier: GPL-2.0
/* Dataflow programs as jobs (RILL_OP_NDF), by ioctl and by io_uring: what they do, how they fail, what ends them. */
#include "rill_moe.h"
#include "rill_ndf_prog.h"
#include "rill_uring.h"

#include <signal.h>
#include <sys/wait.h>

#define DEPTH		15
#define ROOM		16
#define NOWHERE		(1ULL << 45)
#define FIELD(member)	offsetof(struct rill_ndf_job, member)
#define PROGRAM(code, at) ((__u64)(code) << 48 | (at))
#define NODE(node, what) ((__u64)(node) << 32 | (what))
#define TIMEOUT_MS	"/sys/module/rill/parameters/timeout_ms"

/* All that a job needs, in one buffer */
struct layout {
	struct rill_ndf_job block;
	__u8 program[PROG_BYTES];
	struct rill_ndf_input inputs[1];
	struct rill_ndf_output outputs[2];
	__u64 in_words[ROOM], out_words[2][ROOM], memory[ROOM];
	struct rill_ndf_report report;
};

struct ndf {
	struct rill r;
	struct rill_buf buf;
	struct layout *at;		/* in buf */
	bool uring;
	struct io_uring ring;
};

#define VA(n, member)	((n)->buf.va + offsetof(struct layout, member))

FIXTURE(ndf)
{
	int watch;			/* stays open, sees the counters */
	struct ndf n;
	struct drm_rill_counters before;
};

FIXTURE_VARIANT(ndf)
{
	bool uring;
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(ndf, ioctl) { 0 };
FIXTURE_VARIANT_ADD(ndf, uring) {
	true, IORING_SETUP_CQE32 | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN
};
FIXTURE_VARIANT_ADD(ndf, sqpoll) { true, IORING_SETUP_CQE32 | IORING_SETUP_SQPOLL };

static int setup(struct ndf *n, bool uring, unsigned int flags)
{
	struct io_uring_params params = { .flags = flags, .sq_thread_idle = 50 };
	int err;

	memset(n, 0, sizeof(*n));
	err = rill_setup(&n->r, DEPTH);
	if (!err)
		err = rill_buf_new(&n->r, DRM_RILL_SYSTEM, 0, sizeof(*n->at), &n->buf);
	if (!err && uring)
		err = io_uring_queue_init_params(DEPTH + 1, &n->ring, &params);
	n->at = n->buf.map;
	n->uring = uring;
	return err;
}

static void drop_ring(struct ndf *n)
{
	if (n->uring)
		io_uring_queue_exit(&n->ring);
	n->uring = false;
}

static void drop(struct ndf *n)
{
	drop_ring(n);
	munmap(n->buf.map, n->buf.size);
	rill_teardown(&n->r);
}

/* The job of a program, with room for all that its sinks take and for a report; nothing of former ones is left. */
static void put(struct ndf *n, const struct prog *p)
{
	unsigned int i, sinks = 0;

	memset(n->at, 0, sizeof(*n->at));
	prog_write(p, n->at->program);
	for (i = 0; i < p->node_count; i++) {
		if (p->nodes[i].kind != RILL_NDF_SINK)
			continue;
		n->at->outputs[sinks].words = VA(n, out_words) + sinks * sizeof(n->at->out_words[0]);
		n->at->outputs[sinks++].room = ROOM;
	}
	n->at->block = (struct rill_ndf_job){
		.firing_limit = 1 << 20, .program = VA(n, program), .report = VA(n, report),
		.memory = p->memory_bytes ? VA(n, memory) : 0,
		.outputs = VA(n, outputs), .output_count = sinks,
	};
}

static void give(struct ndf *n, const __u64 *words, unsigned int count)
{
	memcpy(n->at->in_words, words, count * sizeof(*words));
	n->at->inputs[0] = (struct rill_ndf_input){ .words = VA(n, in_words), .count = count };
	n->at->block.inputs = VA(n, inputs);
	n->at->block.input_count = 1;
}

static struct drm_rill_job job_of(const struct ndf *n)
{
	return rill_job(RILL_OP_NDF, VA(n, block));
}

/* To its end, whichever way the fixture goes */
static struct drm_rill_job_result run(struct ndf *n)
{
	struct drm_rill_job_result result = { .error = 1 };
	struct drm_rill_job job = job_of(n);
	struct rill_end end;

	if (!n->uring) {
		rill_run(&n->r, &job, 1, &result);
	} else if (!rill_uring_run(&n->ring, n->r.fd, n->r.queue, &job, 1, &end)) {
		result = (struct drm_rill_job_result){ .error = end.res };
		if (end.res) {
			result.status = end.extra1;
			result.detail = end.extra2;
		} else {
			result.start_ps = end.extra1;
			result.end_ps = end.extra2;
		}
	}
	return result;
}

static int start(struct ndf *n, __u64 *seqno)
{
	struct drm_rill_job job = job_of(n);

	if (!n->uring)
		return rill_submit(n->r.fd, n->r.queue, &job, 1, seqno);
	rill_sqe_job(&n->ring, n->r.fd, n->r.queue, job, 0);
	return rill_uring_submit(&n->ring, 1);
}

#define EXPECT_END(wanted_error, wanted_status, wanted_detail) do {	\
	struct drm_rill_job_result _r = run(&self->n);			\
	EXPECT_EQ(wanted_error, _r.error);				\
	EXPECT_EQ(wanted_status, _r.status);				\
	EXPECT_EQ(wanted_detail, _r.detail);				\
} while (0)

FIXTURE_SETUP(ndf)
{
	self->watch = rill_open();
	ASSERT_LE(0, self->watch);
	ASSERT_EQ(0, setup(&self->n, variant->uring, variant->flags));
	ASSERT_EQ(0, rill_counters(self->watch, &self->before));
}

/* Nothing is lost, and the next program runs. */
FIXTURE_TEARDOWN(ndf)
{
	struct prog p = prog_double();
	struct ndf next;

	EXPECT_TRUE(rill_balanced(self->watch));
	ASSERT_EQ(0, setup(&next, false, 0));
	put(&next, &p);
	EXPECT_EQ(0, run(&next).error);
	EXPECT_EQ(7, next.at->out_words[0][2]);
	drop(&next);
	drop(&self->n);
	close(self->watch);
}

/* --- programs that end well --- */

TEST_F(ndf, words)
{
	static const __u64 others[] = { 10, 1ULL << 62, -1ULL }, none[8] = { 0 };
	struct rill_ndf_report *report = &self->n.at->report;
	struct prog p = prog_double();
	struct drm_rill_job_result result;
	unsigned int i;

	put(&self->n, &p);
	result = run(&self->n);
	EXPECT_EQ(0, result.error);
	EXPECT_EQ(3, self->n.at->outputs[0].count);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(2 * i + 3, self->n.at->out_words[0][i]);
	EXPECT_EQ(0, self->n.at->out_words[0][3]);
	EXPECT_EQ(RILL_NDF_FINISHED, report->end);
	EXPECT_EQ(12, report->firings);
	EXPECT_EQ(6, report->op);
	EXPECT_EQ(12, report->chiplet[0].firings);
	EXPECT_EQ(0, report->tokens_left);
	EXPECT_LT(result.start_ps, result.end_ps);
	EXPECT_EQ(result.start_ps, report->start_ps);
	EXPECT_EQ(result.end_ps, report->end_ps);

	put(&self->n, &p);
	give(&self->n, others, 3);
	EXPECT_END(0, RILL_OK, 0);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(2 * others[i] + 1, self->n.at->out_words[0][i]);
	/* More are expected, and come; two too many for the room are counted */
	put(&self->n, &p);
	give(&self->n, none, 8);
	self->n.at->outputs[0].expected = 8;
	self->n.at->outputs[0].room = 6;
	EXPECT_END(0, RILL_OK, 0);
	EXPECT_EQ(8, self->n.at->outputs[0].count);
	EXPECT_EQ(1, self->n.at->out_words[0][5]);
	EXPECT_EQ(0, self->n.at->out_words[0][6]);
}

/* Over the links, to the same end; and with an end that the chiplets find by themselves */
TEST_F(ndf, chiplets)
{
	struct prog p = prog_double();
	unsigned int i, flags;

	if (rill_chiplets(&self->n.r) < 4)
		SKIP(return, "a chip of less than four chiplets");
	for (i = 0; i < 4; i++)
		p.nodes[i].chiplet = i;
	for (flags = 0; flags <= RILL_NDF_JOB_WAVES; flags += RILL_NDF_JOB_WAVES) {
		put(&self->n, &p);
		self->n.at->block.flags = flags;
		EXPECT_END(0, RILL_OK, 0);
		EXPECT_EQ(7, self->n.at->out_words[0][2]);
		EXPECT_LE(9, self->n.at->report.link_transfers);
		for (i = 0; i < 4; i++)
			EXPECT_EQ(3, self->n.at->report.chiplet[i].firings);
		EXPECT_EQ(!flags, !self->n.at->report.waves);
	}
}

TEST_F(ndf, memory)
{
	struct prog p = prog_bump(2 * RILL_LARGE_PAGE);
	struct rill_buf system, ddr, *bufs[] = { &system, &ddr };
	const __u64 last = 2 * RILL_LARGE_PAGE - 8;
	unsigned int i, k;

	ASSERT_EQ(0, rill_buf_new(&self->n.r, DRM_RILL_SYSTEM, 0, 2 * RILL_LARGE_PAGE, &system));
	ASSERT_EQ(0, rill_buf_new(&self->n.r, DRM_RILL_DDR, 0, 2 * RILL_LARGE_PAGE, &ddr));
	for (i = 0; i < 2; i++) {
		volatile __u64 *word = (__u64 *)((char *)bufs[i]->map + last);

		for (k = 0; k < 3; k++) {
			put(&self->n, &p);
			give(&self->n, &last, 1);
			self->n.at->block.memory = bufs[i]->va;
			EXPECT_END(0, RILL_OK, 0);
			EXPECT_EQ(7 * k, self->n.at->out_words[0][0]);
			EXPECT_EQ(7 * (k + 1), *word);
			EXPECT_EQ(1, self->n.at->report.memory_accesses);
		}
		EXPECT_EQ(last, rill_same_bytes(bufs[i]->map, last, 0));
		ASSERT_EQ(0, rill_buf_free(&self->n.r, bufs[i]));
	}
}

/* On other queues, passes and programs take turns; neither sees the other. */
TEST_F(ndf, beside_passes)
{
	struct drm_rill_job_result results[MOE_JOBS];
	struct prog p = prog_double();
	struct moe *m = calloc(1, sizeof(*m));
	struct rill other = self->n.r;
	unsigned int round;
	__u64 seqno;

	ASSERT_NE(NULL, m);
	ASSERT_EQ(0, rill_queue_create(other.fd, other.ctx, DEPTH, &other.queue));
	ASSERT_EQ(0, moe_init(m, &other));
	m->slices = 4;
	for (round = 0; round < 20; round++) {
		moe_build(m, &other);
		put(&self->n, &p);
		ASSERT_EQ(0, rill_submit(other.fd, other.queue, m->jobs, MOE_JOBS, &seqno));
		EXPECT_END(0, RILL_OK, 0);
		EXPECT_EQ(7, self->n.at->out_words[0][2]);
		ASSERT_EQ(0, rill_wait(other.fd, other.queue, seqno, MOE_JOBS, RILL_PATIENCE, results));
		EXPECT_EQ(0, results[MOE_END].error);
		EXPECT_TRUE(moe_correct(m));
	}
	free(m);
}

/* Not inside a pass, which it does not disturb */
TEST_F(ndf, in_a_pass)
{
	struct drm_rill_job_result results[MOE_JOBS];
	struct prog p = prog_double();
	struct moe *m = calloc(1, sizeof(*m));
	struct rill *r = &self->n.r;

	ASSERT_NE(NULL, m);
	ASSERT_EQ(0, moe_init(m, r));
	m->slices = 4;
	moe_build(m, r);
	put(&self->n, &p);
	ASSERT_EQ(0, rill_run(r, m->jobs, 1, results));
	EXPECT_EQ(0, results[0].error);
	EXPECT_END(-EINVAL, RILL_PASS_OPEN, 0);
	EXPECT_EQ(0, self->n.at->outputs[0].count);
	ASSERT_EQ(0, rill_run(r, m->jobs + 1, MOE_JOBS - 1, results + 1));
	EXPECT_EQ(0, results[MOE_END].error);
	EXPECT_TRUE(moe_correct(m));
	free(m);
}

/* --- what is refused --- */

TEST_F(ndf, bad_fields)
{
	static const struct {
		__u64 offset, bytes, value, field;
	} bad[] = {
#define BAD(member, value)	{ FIELD(member), sizeof(((struct rill_ndf_job *)0)->member), value, FIELD(member) }
		BAD(flags, 4), BAD(flags, 1u << 31), BAD(capacity, RILL_NDF_MAX_CAPACITY + 1),
		BAD(firing_limit, 0), BAD(firing_limit, RILL_NDF_MAX_FIRINGS + 1), BAD(firing_limit, ~0ULL),
		BAD(program, 0), BAD(program, NOWHERE + 4), BAD(memory, 0), BAD(memory, NOWHERE + 1),
		BAD(memory, ~7ULL), BAD(inputs, NOWHERE + 4), BAD(outputs, NOWHERE + 2),
		BAD(input_count, 0), BAD(input_count, 2), BAD(input_count, ~0u),
		BAD(output_count, 0), BAD(output_count, 2), BAD(output_count, ~0u),
		BAD(weights, NOWHERE + 4), BAD(weights_bytes, 8), BAD(report, NOWHERE + 4),
		{ FIELD(inputs), 8, 0, FIELD(input_count) }, { FIELD(outputs), 8, 0, FIELD(output_count) },
		{ FIELD(flags), 4, RILL_NDF_JOB_LOAD_WEIGHTS, FIELD(weights) },
#undef BAD
	};
	struct prog p = prog_bump(64);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		put(&self->n, &p);
		give(&self->n, p.words, 1);
		memcpy((char *)&self->n.at->block + bad[i].offset, &bad[i].value, bad[i].bytes);
		EXPECT_END(-EINVAL, RILL_BAD_FIELD, bad[i].field);
		EXPECT_EQ(0, self->n.at->outputs[0].count);
	}
	put(&self->n, &p);
	self->n.at->block.reserved = 1;
	EXPECT_END(-EINVAL, RILL_BAD_RESERVED, FIELD(reserved));
}

TEST_F(ndf, bad_elements)
{
	struct prog p = prog_double();
	struct layout *at = self->n.at;

	put(&self->n, &p);
	give(&self->n, p.words, 3);
	at->inputs[0].words += 4;
	EXPECT_END(-EINVAL, RILL_BAD_FIELD, FIELD(inputs));
	at->inputs[0] = (struct rill_ndf_input){ .words = VA(&self->n, in_words), .count = 1ULL << 61 };
	EXPECT_END(-EINVAL, RILL_BAD_FIELD, FIELD(inputs));
	put(&self->n, &p);
	at->outputs[0].words++;
	EXPECT_END(-EINVAL, RILL_BAD_FIELD, FIELD(outputs));
	put(&self->n, &p);
	at->outputs[0].words = 0;
	EXPECT_END(-EINVAL, RILL_BAD_FIELD, FIELD(outputs));
	put(&self->n, &p);
	at->outputs[0].expected = RILL_NDF_MAX_SINK_TOKENS + 1;
	EXPECT_END(-EINVAL, RILL_BAD_FIELD, FIELD(outputs));
}

TEST_F(ndf, unmapped)
{
	static const struct {
		__u64 offset;
		__u32 status;
	} pointers[] = {
		{ FIELD(program), RILL_FAULT_READ }, { FIELD(memory), RILL_FAULT_WRITE },
		{ FIELD(inputs), RILL_FAULT_READ }, { FIELD(outputs), RILL_FAULT_READ },
		{ FIELD(report), RILL_FAULT_WRITE },
	};
	struct prog p = prog_bump(64);
	const __u64 nowhere = NOWHERE;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pointers); i++) {
		put(&self->n, &p);
		give(&self->n, p.words, 1);
		memcpy((char *)&self->n.at->block + pointers[i].offset, &nowhere, sizeof(nowhere));
		EXPECT_END(-EFAULT, pointers[i].status, NOWHERE);
	}
	put(&self->n, &p);
	give(&self->n, p.words, 1);
	self->n.at->inputs[0].words = NOWHERE + 8;
	EXPECT_END(-EFAULT, RILL_FAULT_READ, NOWHERE + 8);
	put(&self->n, &p);
	self->n.at->outputs[0].words = NOWHERE + 8;
	EXPECT_END(-EFAULT, RILL_FAULT_WRITE, NOWHERE + 8);
}

/* Memory that may only be read; where the program was, the report tells. */
TEST_F(ndf, read_only_memory)
{
	struct prog p = prog_bump(64);
	struct rill_buf buf;

	ASSERT_EQ(0, rill_buf_new(&self->n.r, DRM_RILL_SYSTEM, 0, RILL_PAGE, &buf));
	ASSERT_EQ(0, rill_unmap(self->n.r.fd, self->n.r.ctx, buf.va, buf.size));
	ASSERT_EQ(0, rill_map(self->n.r.fd, self->n.r.ctx, buf.handle, DRM_RILL_BIND_READONLY, buf.va, 0, buf.size));
	put(&self->n, &p);
	self->n.at->block.memory = buf.va;
	EXPECT_END(-EFAULT, RILL_FAULT_WRITE, buf.va);
	EXPECT_EQ(RILL_NDF_FAULT, self->n.at->report.end);
	EXPECT_EQ(RILL_NDF_FAULT_ADDRESS, self->n.at->report.fault);
	EXPECT_EQ(1, self->n.at->report.fault_node);
	EXPECT_EQ(RILL_PAGE, rill_same_bytes(buf.map, RILL_PAGE, 0));
}

TEST_F(ndf, bad_programs)
{
	struct prog p = prog_double();
	struct layout *at = self->n.at;
	struct rill_ndf_header *header = (void *)at->program;
	struct rill_ndf_node *nodes = (void *)(at->program + sizeof(*header));
	struct rill_ndf_arc *arcs = (void *)(nodes + p.node_count);

	put(&self->n, &p);
	header->crc++;
	EXPECT_END(-EINVAL, RILL_BAD_PROGRAM,
		   PROGRAM(RILL_NDF_BAD_CRC, offsetof(struct rill_ndf_header, crc)));
	put(&self->n, &p);
	header->bytes = RILL_NDF_MAX_BYTES + 1;
	EXPECT_END(-EINVAL, RILL_BAD_PROGRAM,
		   PROGRAM(RILL_NDF_BAD_BYTES, offsetof(struct rill_ndf_header, bytes)));
	put(&self->n, &p);
	nodes[2].mode = 255;
	prog_seal(header);
	EXPECT_END(-EINVAL, RILL_BAD_PROGRAM, PROGRAM(RILL_NDF_BAD_MODE, 2));
	put(&self->n, &p);
	arcs[1].dst = p.node_count;
	prog_seal(header);
	EXPECT_END(-EINVAL, RILL_BAD_PROGRAM, PROGRAM(RILL_NDF_BAD_ARC_NODE, 1));
	EXPECT_EQ(0, at->outputs[0].count);
	EXPECT_EQ(0, at->report.end_ps);
}

/* Nodes on chiplets that are not there, or not of the context */
TEST_F(ndf, placement)
{
	struct prog p = prog_double();
	struct rill *r = &self->n.r;

	p.nodes[1].chiplet = rill_chiplets(r);
	put(&self->n, &p);
	EXPECT_END(-EINVAL, RILL_BAD_PROGRAM, PROGRAM(RILL_NDF_BAD_CHIPLET, 1));
	if (rill_chiplets(r) < 2)
		return;
	p.nodes[1].chiplet = 0;
	p.nodes[3].chiplet = 1;
	ASSERT_EQ(0, rill_queue_destroy(r->fd, r->queue));
	ASSERT_EQ(0, rill_ctx_create(r->fd, 1, &r->ctx));
	ASSERT_EQ(0, rill_queue_create(r->fd, r->ctx, DEPTH, &r->queue));
	ASSERT_EQ(0, rill_map(r->fd, r->ctx, self->n.buf.handle, 0, self->n.buf.va, 0, self->n.buf.size));
	put(&self->n, &p);
	EXPECT_END(-EINVAL, RILL_BAD_PROGRAM, PROGRAM(RILL_NDF_BAD_CHIPLET, 3));
	p.nodes[3].chiplet = 0;
	put(&self->n, &p);
	EXPECT_END(0, RILL_OK, 0);
}

/* --- programs that end badly --- */

TEST_F(ndf, firing_limit)
{
	static const __u64 limits[] = { 1, 2, 1000, 100001 };
	struct prog p = prog_endless(0);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		put(&self->n, &p);
		self->n.at->block.firing_limit = limits[i];
		EXPECT_END(-EDQUOT, RILL_FIRING_LIMIT, limits[i]);
		EXPECT_EQ(RILL_NDF_LIMIT, self->n.at->report.end);
		EXPECT_EQ(limits[i], self->n.at->report.firings);
	}
}

TEST_F(ndf, deadlock)
{
	const __u64 word = 77;
	struct prog p = prog_waits();

	put(&self->n, &p);
	EXPECT_END(-EDEADLK, RILL_DEADLOCK, NODE(1, 0));
	EXPECT_EQ(RILL_NDF_DEADLOCK, self->n.at->report.end);
	EXPECT_EQ(1, self->n.at->report.wait_count);
	EXPECT_EQ(0, self->n.at->report.wait[0].arc);
	EXPECT_EQ(1, self->n.at->report.wait[0].node);
	EXPECT_EQ(0, self->n.at->report.wait[0].full);
	/* All that it waits for is a word. */
	put(&self->n, &p);
	give(&self->n, &word, 1);
	EXPECT_END(0, RILL_OK, 0);
	EXPECT_EQ(word, self->n.at->out_words[0][0]);
}

TEST_F(ndf, faults)
{
	static const __u64 outside[] = { 64, 1ULL << 40, 4 };
	struct prog p = prog_bump(64);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(outside); i++) {
		__u32 fault = outside[i] % 8 ? RILL_NDF_FAULT_ALIGN : RILL_NDF_FAULT_ADDRESS;

		put(&self->n, &p);
		give(&self->n, &outside[i], 1);
		EXPECT_END(-EPROTO, RILL_PROGRAM_FAULT, NODE(1, fault));
		EXPECT_EQ(fault, self->n.at->report.fault);
		EXPECT_EQ(outside[i], self->n.at->report.fault_word);
	}
	/* The stream engine answers inside a pass only: nobody waits for it. */
	p = prog_stream();
	put(&self->n, &p);
	EXPECT_END(-EPROTO, RILL_PROGRAM_FAULT, NODE(1, RILL_NDF_FAULT_STREAM));
}

/* --- time --- */

static int set_timeout(unsigned int ms, unsigned int *was)
{
	FILE *file = fopen(TIMEOUT_MS, "r+");
	int n;

	if (!file)
		return -errno;
	n = fscanf(file, "%u", was);
	rewind(file);
	fprintf(file, "%u", ms);
	return fclose(file) || n != 1 ? -EIO : 0;
}

/*
 * A program that goes on is left alone however long it takes, and ends by its limit. That is raised until the job
 * has taken several times the timeout.
 */
TEST_F_TIMEOUT(ndf, progress_is_no_timeout, 120)
{
	struct prog p = prog_endless(0);
	struct drm_rill_counters after;
	unsigned int was, ms = 250;
	__u64 limit = 1 << 20;
	__s64 began, took = 0;

	ASSERT_EQ(0, set_timeout(ms, &was));
	while (took < 4 * ms * (RILL_SECOND / 1000) && limit < RILL_NDF_MAX_FIRINGS) {
		put(&self->n, &p);
		self->n.at->block.firing_limit = limit;
		began = rill_now();
		EXPECT_END(-EDQUOT, RILL_FIRING_LIMIT, limit);
		took = rill_now() - began;
		limit *= 2;
	}
	ASSERT_EQ(0, set_timeout(was, &ms));
	EXPECT_LE(limit, RILL_NDF_MAX_FIRINGS);
	EXPECT_EQ(0, rill_counters(self->watch, &after));
	EXPECT_EQ(self->before.timeouts, after.timeouts);
}

/* --- programs that are taken away --- */

/* So long that nobody waits for it: hours on the emulated chip */
static void put_long(struct ndf *n, __u64 memory)
{
	struct prog p = prog_endless(memory);

	put(n, &p);
	n->at->block.firing_limit = RILL_NDF_MAX_FIRINGS;
}

/* True once so many jobs have been submitted and not completed */
static bool in_flight(int fd, unsigned int count)
{
	__s64 end = rill_now() + RILL_PATIENCE;
	struct drm_rill_counters c;

	do {
		if (!rill_counters(fd, &c) && c.jobs_submitted - c.jobs_completed == count)
			return true;
		rill_sleep_ms(5);
	} while (rill_now() < end);
	return false;
}

/* It runs, as its memory shows. */
static bool counts(struct ndf *n)
{
	volatile __u64 *word = &n->at->memory[0];
	__s64 end = rill_now() + RILL_PATIENCE;
	__u64 first = *word;

	while (*word == first && rill_now() < end)
		rill_sleep_ms(1);
	return *word != first;
}

TEST_F(ndf, ring_exit)
{
	if (!variant->uring)
		SKIP(return, "there is no ring");
	put_long(&self->n, 64);
	ASSERT_EQ(0, start(&self->n, NULL));
	EXPECT_TRUE(counts(&self->n));
	drop_ring(&self->n);
	EXPECT_TRUE(in_flight(self->watch, 0));
	EXPECT_FALSE(self->n.at->report.end_ps);
}

TEST_F(ndf, queue_destroy)
{
	struct rill_end end;
	__u64 seqno;

	put_long(&self->n, 64);
	ASSERT_EQ(0, start(&self->n, &seqno));
	EXPECT_TRUE(counts(&self->n));
	ASSERT_EQ(0, rill_queue_destroy(self->n.r.fd, self->n.r.queue));
	if (variant->uring) {
		ASSERT_EQ(0, rill_reap(&self->n.ring, &end, 1));
		EXPECT_EQ(-ECANCELED, end.res);
		EXPECT_EQ(RILL_ABORTED, end.extra1);
	}
	EXPECT_TRUE(in_flight(self->watch, 0));
}

static void child_runs(bool uring, unsigned int flags, bool leave)
{
	struct ndf *n = calloc(1, sizeof(*n));
	__u64 seqno;

	if (!n || setup(n, uring, flags))
		_exit(1);
	put_long(n, 64);
	if (start(n, &seqno) || !counts(n))
		_exit(1);
	if (leave)
		_exit(0);
	for (;;)
		pause();
}

TEST_F(ndf, process_exits)
{
	int status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		child_runs(variant->uring, variant->flags, true);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(in_flight(self->watch, 0));
}

TEST_F(ndf, process_killed)
{
	int status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		child_runs(variant->uring, variant->flags, false);
	EXPECT_TRUE(in_flight(self->watch, 1));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	EXPECT_TRUE(in_flight(self->watch, 0));
}

/* Its memory is unbound under it: the next access faults, with the address. */
TEST_F(ndf, memory_unmapped)
{
	struct drm_rill_job_result result = { .error = 1 };
	struct rill_end end = { .res = 1 };
	struct rill_buf buf;
	__u64 seqno;

	ASSERT_EQ(0, rill_buf_new(&self->n.r, DRM_RILL_SYSTEM, 0, RILL_PAGE, &buf));
	put_long(&self->n, 64);
	self->n.at->block.memory = buf.va;
	ASSERT_EQ(0, start(&self->n, &seqno));
	while (!*(volatile __u64 *)buf.map)
		rill_sleep_ms(1);
	ASSERT_EQ(0, rill_unmap(self->n.r.fd, self->n.r.ctx, buf.va, buf.size));
	if (variant->uring) {
		ASSERT_EQ(0, rill_reap(&self->n.ring, &end, 1));
		result = (struct drm_rill_job_result){ .error = end.res, .status = end.extra1, .detail = end.extra2 };
	} else {
		ASSERT_EQ(0, rill_wait(self->n.r.fd, self->n.r.queue, seqno, 1, RILL_PATIENCE, &result));
	}
	EXPECT_EQ(-EFAULT, result.error);
	EXPECT_EQ(RILL_FAULT_WRITE, result.status);
	EXPECT_EQ(buf.va, result.detail);
	EXPECT_EQ(RILL_NDF_FAULT, self->n.at->report.end);
	EXPECT_EQ(*(__u64 *)buf.map + 1, self->n.at->report.memory_accesses);
}

/* --- other contexts --- */

/* The same addresses are other memory, or none. */
TEST_F(ndf, contexts)
{
	struct prog p = prog_bump(64);
	struct rill_buf mine, theirs;
	struct ndf other;

	ASSERT_EQ(0, setup(&other, variant->uring, variant->flags));
	ASSERT_EQ(other.buf.va, self->n.buf.va);
	ASSERT_EQ(other.r.next_va, self->n.r.next_va);
	put(&self->n, &p);
	put(&other, &p);
	self->n.at->memory[0] = 100;
	other.at->memory[0] = 200;
	EXPECT_EQ(0, run(&other).error);
	EXPECT_EQ(200, other.at->out_words[0][0]);
	EXPECT_EQ(207, other.at->memory[0]);
	EXPECT_EQ(100, self->n.at->memory[0]);
	/* Bound in one of them only */
	ASSERT_EQ(0, rill_buf_new(&self->n.r, DRM_RILL_DDR, 0, RILL_PAGE, &mine));
	other.at->block.memory = mine.va;
	EXPECT_EQ(-EFAULT, run(&other).error);
	EXPECT_EQ(RILL_PAGE, rill_same_bytes(mine.map, RILL_PAGE, 0));
	ASSERT_EQ(0, rill_buf_new(&other.r, DRM_RILL_DDR, 0, RILL_PAGE, &theirs));
	ASSERT_EQ(theirs.va, mine.va);
	EXPECT_EQ(0, run(&other).error);
	EXPECT_EQ(RILL_PAGE, rill_same_bytes(mine.map, RILL_PAGE, 0));
	EXPECT_EQ(7, *(__u64 *)theirs.map);
	drop(&other);
}

/* A program that will not end leaves others' queues what is theirs once it is gone. */
TEST_F(ndf, others_wait)
{
	struct prog p = prog_double();
	struct drm_rill_job job;
	struct ndf other;
	struct drm_rill_job_result result = { .error = 1 };
	__u64 seqno, theirs;

	ASSERT_EQ(0, setup(&other, false, 0));
	put_long(&self->n, 64);
	put(&other, &p);
	ASSERT_EQ(0, start(&self->n, &seqno));
	EXPECT_TRUE(counts(&self->n));
	job = job_of(&other);
	ASSERT_EQ(0, rill_submit(other.r.fd, other.r.queue, &job, 1, &theirs));
	ASSERT_EQ(0, rill_queue_destroy(self->n.r.fd, self->n.r.queue));
	ASSERT_EQ(0, rill_wait(other.r.fd, other.r.queue, theirs, 1, RILL_PATIENCE, &result));
	EXPECT_EQ(0, result.error);
	EXPECT_EQ(7, other.at->out_words[0][2]);
	drop(&other);
}

TEST_HARNESS_MAIN
