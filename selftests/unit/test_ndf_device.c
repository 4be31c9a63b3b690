// SPDX-License-Identifier: MIT
/* librill's runs on a chip: as the flat engine's, through the model or (RILL_TEST_PATH) the driver. */
#include "ndf_chip_rig.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "gate_rig.h"

static const char *const learned[] = { "learned_threshold", "learned_branch", "learned_route" };

/* ---- programs ---- */

static void on_both(struct chip_rig *chip, struct rig *rig, uint32_t capacity, uint32_t chiplets)
{
	struct rill_run *run;

	rig_build(rig, RILL_FUSED, capacity, 0);
	rig_finish(rig);
	chip_rig_place(rig->graph, chiplets);
	run = chip_rig_run(chip, rig->graph);
	chip_rig_go(run, RILL_NDF_FINISHED);
	chip_rig_same(run, rig->run, true);
	/* What the text expects, of the chip */
	rill_run_free(rig->run);
	rig->run = run;
	rig_expected(rig);
	rig_unbuild(rig);
}

static void thirteen_programs(void **state)
{
	static const uint32_t capacities[] = { 1, 2, 4 };
	struct rig rig;
	int i, k;

	for (i = 0; i < RIG_PROGRAMS; i++) {
		rig_parse_file(&rig, rig_programs[i]);
		for (k = 0; k < 3; k++) {
			on_both(*state, &rig, capacities[k], 1);
			on_both(*state, &rig, capacities[k], 4);
		}
		rig_free(&rig);
	}
}

static void learned_programs(void **state)
{
	struct rill_run *run;
	const char *name;
	struct rig rig;
	uint32_t i, k, frac;

	for (i = 0; i < 3; i++) {
		rig_parse_file(&rig, learned[i]);
		rig_build(&rig, RILL_FUSED, 0, 0);
		rig_finish(&rig);
		run = chip_rig_run(*state, rig.graph);
		chip_rig_go(run, RILL_NDF_FINISHED);
		chip_rig_same(run, rig.run, true);
		for (k = 0; (name = rill_program_plastic(rig.program, k, &frac)); k++)
			chip_rig_same_weights(run, rig.run, name);
		assert_true(k > 0);
		rill_run_free(run);
		rig_free(&rig);
	}
}

/* Gates of one `when` and of several; the thresholds of these are in memory. */
static void balanced_gates(void **state)
{
	static const uint32_t sizes[] = { 64, 65, 128 };
	static int64_t logits[20 * 128];
	struct gate_draw draw = { 0 };
	struct plain_gate plain;
	struct gate_rig rig;
	struct rill_run *run;
	uint32_t i;

	for (i = 0; i < 3; i++) {
		const struct rill_gate gate = {
			.experts = sizes[i], .top_k = 4, .balance = 1 << 14, .most = 1 << 18, .rate = 2,
		};

		plain = (struct plain_gate){ 0 };
		gate_draw_many(&draw, logits, 20 * sizes[i], 1 << 16);
		gate_rig_build(&rig, &gate, logits, 20, i ? 1 : 4);
		chip_rig_place(rig.graph, 4);
		gate_rig_run(&rig, 0);
		gate_rig_expect(&rig, &gate, &plain, logits);
		run = chip_rig_run(*state, rig.graph);
		chip_rig_go(run, RILL_NDF_FINISHED);
		chip_rig_same(run, rig.run, true);
		if (rig.ports.words == 1)
			chip_rig_same_weights(run, rig.run, "gate");
		rill_run_free(run);
		gate_rig_free(&rig);
	}
}

static void the_report(void **state)
{
	const struct rill_ndf_report *report;
	uint64_t sum = 0, parts;
	struct rill_run *run;
	struct rig rig;
	uint32_t i;

	rig_parse_file(&rig, "sieve");
	rig_build(&rig, RILL_FUSED, 0, 0);
	assert_null(rill_run_report(rig.run));
	chip_rig_place(rig.graph, 4);
	run = chip_rig_run(*state, rig.graph);
	assert_null(rill_run_report(run));
	chip_rig_go(run, RILL_NDF_FINISHED);
	report = rill_run_report(run);
	assert_non_null(report);
	assert_int_equal(report->end, RILL_NDF_FINISHED);
	assert_true(report->end_ps > report->start_ps);
	for (i = 0; i < RILL_NDF_MAX_CHIPLETS; i++) {
		assert_true(!report->chiplet[i].firings == (i >= 4));
		sum += report->chiplet[i].firings;
	}
	assert_int_equal(sum, report->firings);
	parts = report->op + report->when + report->where + report->source + report->sink + report->lessons;
	assert_int_equal(parts, report->firings);
	assert_true(report->memory_accesses > 60);
	assert_true(report->link_transfers > 0);
	rill_run_free(run);
	rig_free(&rig);
}

/* The array finds the end by itself, later than it is. */
static void waves(void **state)
{
	static const struct rill_chip_run_options options[] = { { .waves = false }, { .waves = true } };
	const struct rill_ndf_report *report;
	struct chip_rig *chip = *state;
	struct rill_run *run;
	uint64_t end[2];
	struct rig rig;
	uint32_t i;

	rig_parse_file(&rig, "mod3");
	rig_build(&rig, RILL_FUSED, 0, 0);
	rig_finish(&rig);
	chip_rig_place(rig.graph, 4);
	for (i = 0; i < 2; i++) {
		run = rill_run_new_on_chip(rig.graph, chip->queue, &options[i], rig.error);
		assert_non_null(run);
		chip_rig_go(run, RILL_NDF_FINISHED);
		chip_rig_same(run, rig.run, true);
		report = rill_run_report(run);
		end[i] = report->end_ps - report->start_ps;
		assert_true(!report->waves == !i);
		assert_true(!report->wave_messages == !i);
		assert_true((report->settled_ps < report->end_ps) == i);
		rill_run_free(run);
	}
	assert_true(end[0] < end[1]);
	rig_free(&rig);
}

/* ---- what a run is given ---- */

/* y = 2 x + 1, for each word */
static const char doubling[] =
	"graph doubling\n"
	"source x { 1, 2, 3 }\n"
	"op two mul 1 -> 1 imm b 2\n"
	"op one add 1 -> 1 imm b 1\n"
	"sink y count 3\n"
	"arc x:0 -> two:0\n"
	"arc two:0 -> one:0\n"
	"arc one:0 -> y:0\n";

static void parse_graph(struct rig *rig, const char *text)
{
	if (!rig_parse(rig, text))
		fail_msg("%s", rig->error);
	rig_build(rig, RILL_FUSED, 0, 0);
}

static void expect_doubled(struct rill_run *run, const uint64_t *words, uint32_t count)
{
	const uint64_t *got;
	const char *name;
	uint32_t i, mode;
	size_t n;

	chip_rig_go(run, RILL_NDF_FINISHED);
	got = rill_run_sink(run, 0, &name, &mode, &n);
	assert_string_equal(name, "y");
	assert_int_equal(n, count);
	for (i = 0; i < count; i++)
		assert_int_equal(got[i], 2 * words[i] + 1);
}

static void inputs(void **state)
{
	static const uint64_t own[] = { 1, 2, 3 }, other[] = { 10, -7ULL, 0, 1ULL << 40, 5 };
	struct rill_run *run;
	struct rig rig;

	parse_graph(&rig, doubling);
	run = chip_rig_run(*state, rig.graph);
	expect_doubled(run, own, 3);
	assert_int_equal(rill_run_input(run, "x", other, 5), 0);
	expect_doubled(run, other, 5);
	/* The same again, then others in two pieces */
	expect_doubled(run, other, 5);
	assert_int_equal(rill_run_input(run, "x", other, 1), 0);
	assert_int_equal(rill_run_input(run, "x", other + 1, 2), 0);
	rill_run_free(run);
	run = chip_rig_run(*state, rig.graph);
	assert_int_equal(rill_run_input(run, "y", own, 1), -ENOENT);
	assert_int_equal(rill_run_input(run, "z", own, 1), -ENOENT);
	assert_int_equal(rill_run_input(run, "x", own, 0), -EINVAL);
	assert_int_equal(rill_run_input(run, "x", own, 3), 0);
	expect_doubled(run, own, 3);
	rill_run_free(run);
	rig_free(&rig);
}

static void too_many_words(void **state)
{
	uint64_t *words = calloc(RILL_NDF_MAX_JOB_TOKENS + 1, sizeof(*words));
	struct rill_run *run;
	struct rig rig;

	assert_non_null(words);
	parse_graph(&rig, doubling);
	run = chip_rig_run(*state, rig.graph);
	assert_int_equal(rill_run_input(run, "x", words, RILL_NDF_MAX_JOB_TOKENS + 1), -E2BIG);
	assert_int_equal(rill_run_input(run, "x", words, 1), 0);
	assert_int_equal(rill_run_input(run, "x", words, RILL_NDF_MAX_JOB_TOKENS), -E2BIG);
	rill_run_free(run);
	free(words);
	rig_free(&rig);
}

/* Memory is kept from one job to the next, wherever it is. */
static void memory(void **state)
{
	static const struct rill_chip_run_options places[] = {
		{ .placement = DRM_RILL_SYSTEM }, { .placement = DRM_RILL_DDR, .channel = 2 },
	};
	struct chip_rig *chip = *state;
	struct rill_run *run;
	uint64_t bytes, *words;
	struct rig rig;
	uint32_t i, k;

	parse_graph(&rig, "graph counter\nmemory 64 { 5, 100 }\nsource a { 0 }\n"
		    "op bump atomic_add 1 -> 1 imm b 7 size 8\nsink old count 1\narc a:0 -> bump:0\narc bump:0 -> old:0\n");
	for (i = 0; i < 2; i++) {
		run = rill_run_new_on_chip(rig.graph, chip->queue, &places[i], rig.error);
		if (!run)
			fail_msg("%s", rig.error);
		words = (uint64_t *)rill_run_memory(run, &bytes);
		assert_int_equal(bytes, 64);
		for (k = 0; k < 3; k++) {
			assert_int_equal(words[0], 5 + 7 * k);
			assert_int_equal(words[1], 100);
			chip_rig_go(run, RILL_NDF_FINISHED);
		}
		words[0] = 1000;
		chip_rig_go(run, RILL_NDF_FINISHED);
		assert_int_equal(words[0], 1007);
		rill_run_free(run);
	}
	rig_free(&rig);
}

/* ---- weights ---- */

static struct rill_weights *through_a_file(struct rill_weights *weights)
{
	char error[RILL_GRAPH_ERROR_BYTES], *text = NULL;
	struct rill_weights *read;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_int_equal(rill_weights_write(weights, file), 0);
	fclose(file);
	read = rill_weights_parse("w", text, size, error);
	if (!read)
		fail_msg("%s", error);
	free(text);
	rill_weights_free(weights);
	return read;
}

/* Two jobs teach as much as a host's two runs, the second of which begins with what the first one saved. */
static void weights_go_on(void **state)
{
	struct rill_weights *weights;
	struct rill_run *run;
	struct rig rig;

	rig_parse_file(&rig, "learned_branch");
	rig_build(&rig, RILL_FUSED, 0, 0);
	run = chip_rig_run(*state, rig.graph);
	chip_rig_go(run, RILL_NDF_FINISHED);
	weights = through_a_file(rill_run_weights(run, rill_graph_plastic(rig.graph, 0)));
	chip_rig_go(run, RILL_NDF_FINISHED);
	assert_int_equal(rill_graph_load_weights(rig.graph, weights), 0);
	rill_run_free(rig.run);
	rig.run = rill_run_new(rig.graph, 0, rig.error);
	assert_non_null(rig.run);
	rig_finish(&rig);
	chip_rig_same(run, rig.run, true);
	chip_rig_same_weights(run, rig.run, rill_graph_plastic(rig.graph, 0));
	rill_weights_free(weights);
	rill_run_free(run);
	rig_free(&rig);
}

static void weights_into_a_binary(void **state)
{
	const char *name;
	struct rill_weights *weights;
	struct rill_graph *graph;
	struct rill_run *run;
	struct rig rig;
	void *binary;
	size_t bytes;

	rig_parse_file(&rig, "learned_threshold");
	rig_build(&rig, RILL_FUSED, 0, 0);
	rig_finish(&rig);
	name = rill_graph_plastic(rig.graph, 0);
	weights = rill_run_weights(rig.run, name);
	assert_int_equal(rill_graph_load_weights(rig.graph, weights), 0);
	assert_int_equal(rill_graph_encode(rig.graph, &binary, &bytes), 0);
	graph = rill_graph_decode(binary, bytes, rig.error);
	assert_non_null(graph);
	/* Not run yet: they are what the binary begins with. */
	run = chip_rig_run(*state, graph);
	chip_rig_same_weights(run, rig.run, name);
	rill_run_free(run);
	rill_graph_free(graph);
	free(binary);
	rill_weights_free(weights);
	rig_free(&rig);
}

static void weights_that_do_not_fit(void **state)
{
	struct rill_weights *weights;
	struct rig rig;

	rig_parse_file(&rig, "learned_threshold");
	rig_build(&rig, RILL_FUSED, 0, 0);
	weights = rill_run_weights(rig.run, "large");
	assert_non_null(weights);
	weights->frac++;
	assert_int_equal(rill_graph_load_weights(rig.graph, weights), -EINVAL);
	assert_string_equal(rill_graph_error(rig.graph),
			    "weights of 'large': 1 inputs, 1 dimensions, frac 9, x_frac 6; it has 1, 1, 8, 6");
	rig_unbuild(&rig);
	rig_build(&rig, RILL_FUSED, 0, 0);
	free(weights->name);
	weights->name = strdup("small");
	assert_int_equal(rill_graph_load_weights(rig.graph, weights), -EINVAL);
	assert_string_equal(rill_graph_error(rig.graph),
			    "weights of 'small': there is no plastic when of that name");
	rill_weights_free(weights);
	rig_free(&rig);
}

/* ---- ends that are no good ones ---- */

/* The same end, told in the same words. */
static void ends_alike(struct chip_rig *chip, const char *text, int end, const char *says)
{
	struct rill_run *run;
	char *ours, *theirs;
	struct rig rig;

	parse_graph(&rig, text);
	run = chip_rig_run(chip, rig.graph);
	chip_rig_go(run, end);
	assert_int_equal(rill_run_go(rig.run, RIG_FIRINGS, UINT64_MAX), end);
	if (end == RILL_NDF_DEADLOCK)
		chip_rig_same(run, rig.run, false);
	ours = chip_rig_explain(run, end);
	theirs = chip_rig_explain(rig.run, end);
	assert_string_equal(ours, theirs);
	assert_string_equal(ours, says);
	free(ours);
	free(theirs);
	rill_run_free(run);
	rig_free(&rig);
}

static void deadlock(void **state)
{
	ends_alike(*state,
		   "graph short\nsource x { 1, 2, 3 }\nsource z { 4 }\nop sum add 2 -> 1\nsink y count 3\n"
		   "arc x:0 -> sum:0\narc z:0 -> sum:1\narc sum:0 -> y:0\n", RILL_NDF_DEADLOCK,
		   "'y' waits for a token: arc sum:0 -> y:0 holds 0 of 4\n"
		   "'sum' waits for a token: arc z:0 -> sum:1 holds 0 of 4\n");
}

static void no_room(void **state)
{
	ends_alike(*state,
		   "graph full\nsource x { 1, 2, 3 }\nsource z { 4 }\nop two copy 1 -> 1\nop sum add 2 -> 1\n"
		   "sink y count 1\nsink never count 4\narc x:0 -> two:0\narc two:0 -> sum:0 capacity 1\narc two:0 -> never:0\n"
		   "arc z:0 -> sum:1\narc sum:0 -> y:0\n", RILL_NDF_DEADLOCK,
		   "'never' waits for a token: arc two:0 -> never:0 holds 0 of 4\n"
		   "'two' waits for room: arc two:0 -> sum:0 holds 1 of 1\n"
		   "'sum' waits for a token: arc z:0 -> sum:1 holds 0 of 4\n");
}

static void faults(void **state)
{
	ends_alike(*state,
		   "graph wild\nmemory 16\nsource x { 0, 8, 16 }\nop get load 1 -> 1 size 8\nsink y count 3\n"
		   "arc x:0 -> get:0\narc get:0 -> y:0\n", RILL_NDF_FAULT,
		   "address out of bounds at 'get': 16 (0x10)\n");
}

static void firing_limit(void **state)
{
	struct rill_run_counts counts;
	struct rill_run *run;
	struct rig rig;

	rig_parse_file(&rig, "collatz");
	rig_build(&rig, RILL_FUSED, 0, 0);
	run = chip_rig_run(*state, rig.graph);
	assert_int_equal(rill_run_go(run, 100, UINT64_MAX), RILL_NDF_LIMIT);
	rill_run_count(run, &counts);
	assert_int_equal(counts.firings, 100);
	/* From the start again */
	chip_rig_go(run, RILL_NDF_FINISHED);
	rig_finish(&rig);
	chip_rig_same(run, rig.run, true);
	rill_run_free(run);
	rig_free(&rig);
}

static void expect_failure(struct rill_run *run, int error, const char *says)
{
	assert_int_equal(rill_run_go(run, RIG_FIRINGS, UINT64_MAX), error);
	assert_string_equal(rill_run_failure(run), says);
}

static void chiplets_that_are_not_there(void **state)
{
	struct chip_rig confined;
	struct rill_run *run;
	struct rig rig;

	parse_graph(&rig, doubling);
	rill_graph_place(rig.graph, 2, 4);
	run = chip_rig_run(*state, rig.graph);
	expect_failure(run, -EINVAL, "node 2 'one' is on chiplet 4, which the context lacks");
	assert_null(rill_run_report(run));
	rill_run_free(run);
	/* One that the chip has, but not this context */
	chip_rig_open(&confined, 0x3);
	rill_graph_place(rig.graph, 2, 2);
	run = chip_rig_run(&confined, rig.graph);
	expect_failure(run, -EINVAL, "node 2 'one' is on chiplet 2, which the context lacks");
	rill_run_free(run);
	rill_graph_place(rig.graph, 2, 1);
	run = chip_rig_run(&confined, rig.graph);
	chip_rig_go(run, RILL_NDF_FINISHED);
	rill_run_free(run);
	chip_rig_close(&confined);
	/* No way but through chiplets of others */
	chip_rig_open(&confined, 0x9);
	rill_graph_place(rig.graph, 2, 3);
	run = chip_rig_run(&confined, rig.graph);
	expect_failure(run, -ENETUNREACH, "NDF: links are down or not the context's: no way from chiplet 0 to 3");
	rill_run_free(run);
	chip_rig_close(&confined);
	rig_free(&rig);
}

static void room_for_a_sink(void **state)
{
	static const char text[] = "graph g\nsource x { 1, 2, 3, 4, 5 }\nsink y quiet\narc x:0 -> y:0\n";
	struct rill_chip_run_options options = { .room = 4 };
	struct chip_rig *chip = *state;
	struct rill_run *run;
	const char *name;
	struct rig rig;
	uint32_t mode;
	size_t count;

	parse_graph(&rig, text);
	run = rill_run_new_on_chip(rig.graph, chip->queue, &options, rig.error);
	assert_non_null(run);
	expect_failure(run, -ENOBUFS, "sink 'y' took 5 words; there was room for 4");
	assert_non_null(rill_run_sink(run, 0, &name, &mode, &count));
	assert_int_equal(count, 4);
	rill_run_free(run);
	options.room = 5;
	run = rill_run_new_on_chip(rig.graph, chip->queue, &options, rig.error);
	assert_non_null(run);
	chip_rig_go(run, RILL_NDF_FINISHED);
	rill_run_free(run);
	rig_free(&rig);
}

static void what_cannot_be_asked_for(void **state)
{
	struct rill_chip_run_options options = { .placement = DRM_RILL_DDR, .channel = 99 };
	struct chip_rig *chip = *state;
	struct rill_run *run;
	struct rig rig;

	parse_graph(&rig, doubling);
	run = chip_rig_run(chip, rig.graph);
	assert_int_equal(rill_run_go(run, RIG_FIRINGS, 7), -EINVAL);
	assert_string_equal(rill_run_failure(run), "steps: a chip does not count them");
	assert_int_equal(rill_run_go(run, 0, UINT64_MAX), -EINVAL);
	assert_string_equal(rill_run_failure(run), "NDF: firing_limit: field out of range (1 to 2^32)");
	rill_run_free(run);
	rig_free(&rig);
	parse_graph(&rig, "graph m\nmemory 64\nsource x { 1 }\nsink y count 1\narc x:0 -> y:0\n");
	assert_null(rill_run_new_on_chip(rig.graph, chip->queue, &options, rig.error));
	assert_non_null(strstr(rig.error, "the program's memory: "));
	assert_non_null(strstr(rig.error, "channel 99"));
	rig_free(&rig);
}

#define CHIP_TEST(test)	cmocka_unit_test_setup_teardown(test, chip_rig_setup, chip_rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHIP_TEST(thirteen_programs),
		CHIP_TEST(learned_programs),
		CHIP_TEST(balanced_gates),
		CHIP_TEST(the_report),
		CHIP_TEST(waves),
		CHIP_TEST(inputs),
		CHIP_TEST(too_many_words),
		CHIP_TEST(memory),
		CHIP_TEST(weights_go_on),
		CHIP_TEST(weights_into_a_binary),
		CHIP_TEST(weights_that_do_not_fit),
		CHIP_TEST(deadlock),
		CHIP_TEST(no_room),
		CHIP_TEST(faults),
		CHIP_TEST(firing_limit),
		CHIP_TEST(chiplets_that_are_not_there),
		CHIP_TEST(room_for_a_sink),
		CHIP_TEST(what_cannot_be_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
