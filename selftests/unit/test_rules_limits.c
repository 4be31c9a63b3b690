// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules of a pass that take the host's time or memory: what bounds them for all slices together. */
#include "ndf_job_rig.h"
#include "ndf_rig.h"

#define PASS		JOB_BLOCK
#define HOMES		(JOB_SYSTEM + 4 * JOB_KIB)
#define ROUTE		(JOB_SYSTEM + 8 * JOB_KIB)
#define STREAM		(JOB_SYSTEM + 12 * JOB_KIB)
#define LIST		(JOB_SYSTEM + 16 * JOB_KIB)
#define SLICES_EACH	550u

/* By question: let it in, it has further to go, it waits, nothing is computed, it keeps its slot */
#define ANSWERS		(1ULL | RILL_RULES_ON << 8 | RILL_RULES_WAIT << 16)

static uint32_t after(struct rig *rig, uint32_t from, uint32_t node)
{
	build_arc(&rig->b, from, 0, node, 0);
	return node;
}

/* Answers by a table, after so many firings more than it takes; with fuel, only as often as there is some. */
static void build_rules(struct rig *rig, uint32_t detour, uint32_t fuel)
{
	uint64_t *words = calloc(fuel + 1, sizeof(*words));
	uint32_t at = build_source(&rig->b, NULL, 0), then;

	assert_non_null(words);
	if (fuel) {
		then = build_op(&rig->b, RILL_NDF_THEN);
		build_arc(&rig->b, at, 0, then, 1);
		at = after(rig, build_source(&rig->b, words, fuel), then);
	}
	at = after(rig, at, build_op_imm(&rig->b, RILL_NDF_SHL, 1, 3));
	at = after(rig, at, build_op_imm(&rig->b, RILL_NDF_SHR, 0, ANSWERS));
	at = after(rig, at, build_op_imm(&rig->b, RILL_NDF_AND, 1, 0xff));
	while (detour--)
		at = after(rig, at, build_op_imm(&rig->b, RILL_NDF_ADD, 1, 0));
	at = after(rig, at, build_node(&rig->b, &(struct rill_ndf_node){
		.kind = RILL_NDF_OP, .mode = RILL_NDF_STREAM, .inputs = 1, .outputs = 1,
		.param = RILL_RULES_ANSWER, .name = RILL_NDF_NONE,
	}));
	after(rig, at, build_sink(&rig->b, RILL_NDF_SINK_IGNORE, 0));
	free(words);
}

/* Slices of the first channel for a token on the last chiplet: they wait where they enter. */
static void put_pass(struct job_rig *rig, const struct rig *rules)
{
	struct rill_slice *list = job_at(rig, LIST);
	uint32_t i;

	assert_true(rules->size <= RILL_RULES_MAX_BYTES);
	memcpy(job_at(rig, JOB_PROGRAM), rules->binary, rules->size);
	*(struct rill_pass *)job_at(rig, PASS) = (struct rill_pass){
		.flags = RILL_PASS_TIMING_ONLY, .tokens = 1, .hidden = 8, .homes = HOMES, .rules = JOB_PROGRAM,
	};
	*(uint16_t *)job_at(rig, HOMES) = 3;
	*(struct rill_route *)job_at(rig, ROUTE) = (struct rill_route){ .chiplet = 3, .weight = 1 };
	for (i = 0; i < SLICES_EACH; i++)
		list[i] = (struct rill_slice){
			.weights = JOB_DDR, .first = i, .records = 1, .pin = RILL_NO_PIN,
		};
	*(struct rill_stream *)job_at(rig, STREAM) = (struct rill_stream){
		.width = SLICES_EACH, .slice_count = SLICES_EACH, .route_count = 1, .slices = LIST, .routes = ROUTE,
	};
}

static void submit(struct job_rig *rig, uint16_t opcode, uint64_t addr)
{
	const struct rill_hw_sqe sqe = { .opcode = opcode, .addr = addr };

	bench_push(rig->b, &rig->queues[0], &sqe);
	bench_ring(rig->b, &rig->queues[0]);
	bench_run(rig->b);
}

/* A pass of so many streams must fail so, while FORWARD is asked of the first chiplet. */
static void expect_limit(struct job_rig *rig, uint32_t streams, uint64_t limit)
{
	uint64_t detail = RILL_RULES_LIMIT | RILL_RULES_FORWARD << 8 | limit << 32;
	struct rill_hw_cqe cqe;
	uint32_t i;

	submit(rig, RILL_OP_PASS_BEGIN, PASS);
	bench_expect(rig->b, &rig->queues[0], 0, RILL_OK, 0);
	bench_ack(rig->b, &rig->queues[0]);
	for (i = 0; i < streams; i++)
		submit(rig, RILL_OP_STREAM, STREAM);
	submit(rig, RILL_OP_PASS_END, 0);
	for (i = 0; i < streams; i++) {
		assert_true(bench_take(rig->b, &rig->queues[0], &cqe));
		assert_int_equal(RILL_CQE_STATUS(cqe.status_phase), RILL_PASS_FAILED);
		bench_ack(rig->b, &rig->queues[0]);
		bench_run(rig->b);
	}
	bench_expect(rig->b, &rig->queues[0], 0, RILL_BAD_RULES, detail);
}

/* When nothing moves any more, all slices are asked for again, at once. */
static void firings_of_an_event(void **state)
{
	enum { DETOUR = 240, FIRINGS = DETOUR + 6, STREAMS = RILL_RULES_EVENT_FIRINGS / FIRINGS / SLICES_EACH + 1 };
	struct rig rules;

	rig_begin(&rules);
	build_rules(&rules, DETOUR, 0);
	rig_load(&rules);
	put_pass(*state, &rules);
	expect_limit(*state, STREAMS, RILL_RULES_EVENT_FIRINGS);
	rig_end(&rules);
}

/* From then on the program takes no question any more: it has answered all four for each slice. */
static void questions_that_wait(void **state)
{
	enum { STREAMS = RILL_RULES_WAITING / SLICES_EACH + 1, QUESTIONS = 4 * STREAMS * SLICES_EACH };
	struct rig rules;

	rig_begin(&rules);
	build_rules(&rules, 0, QUESTIONS);
	rig_load(&rules);
	put_pass(*state, &rules);
	expect_limit(*state, STREAMS, RILL_RULES_WAITING);
	rig_end(&rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(firings_of_an_event, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(questions_that_wait, job_setup, job_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
