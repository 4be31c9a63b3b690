// SPDX-License-Identifier: GPL-2.0-or-later
/* Dataflow programs as jobs: what comes of them is what the flat engine gives. */
#include "ndf_job_rig.h"
#include "ndf_programs.h"

#include "ndf/weights.h"

static const uint32_t capacities[] = { 0, 1, 2, 4 };

/* Node i on chiplet i modulo `chiplets` */
static void place(struct rig *flat, uint32_t chiplets)
{
	uint32_t i;

	for (i = 0; i < flat->b.nodes_count; i++)
		flat->b.nodes[i].chiplet = (uint16_t)(i % chiplets);
}

static void same_outputs(struct job_rig *rig, const struct rig *flat)
{
	const struct rill_ndf_job *job = job_at(rig, JOB_BLOCK);
	const uint64_t *words;
	size_t count;
	uint32_t i;

	assert_int_equal(job->output_count, rill_ndf_program_sinks(flat->program));
	for (i = 0; i < job->output_count; i++) {
		words = rill_ndf_sink_words(flat->engine, i, &count);
		assert_int_equal(job_output(rig, i)->count, count);
		assert_in_range(count, 0, JOB_ROOM);
		if (count)
			assert_memory_equal(job_at(rig, JOB_OUT_WORDS + 8 * JOB_ROOM * i), words, 8 * count);
	}
}

static void same_figures(struct job_rig *rig, const struct rig *flat)
{
	const struct rill_ndf_report *report = job_report(rig);
	struct rill_ndf_stats stats;

	rill_ndf_stats(flat->engine, &stats);
	assert_int_equal(report->firings, stats.firings);
	assert_int_equal(report->op, stats.op);
	assert_int_equal(report->when, stats.when);
	assert_int_equal(report->where, stats.where);
	assert_int_equal(report->source, stats.source);
	assert_int_equal(report->sink, stats.sink);
	assert_int_equal(report->lessons, stats.lessons);
	assert_int_equal(report->tokens_left, stats.tokens);
}

static enum rill_status status_of(enum rill_ndf_end end)
{
	switch (end) {
	case RILL_NDF_FINISHED:
	case RILL_NDF_QUIESCENT:
		return RILL_OK;
	case RILL_NDF_DEADLOCK:
		return RILL_DEADLOCK;
	case RILL_NDF_LIMIT:
		return RILL_FIRING_LIMIT;
	default:
		return RILL_PROGRAM_FAULT;
	}
}

/* Both ways, with the same initial memory */
static enum rill_ndf_end compare(struct job_rig *rig, struct rig *flat, uint32_t capacity)
{
	struct rill_ndf_job *job = job_put(rig, flat->binary, flat->size);
	enum rill_ndf_end end;
	struct rill_hw_cqe cqe;

	job->capacity = capacity;
	if (job->memory)
		memcpy(job_at(rig, JOB_MEMORY), flat->memory, sizeof(flat->memory));
	flat->options.capacity = capacity;
	rig_again(flat);
	end = rill_ndf_run(flat->engine, JOB_FIRINGS, UINT64_MAX);
	cqe = job_run(rig);
	assert_int_equal(RILL_CQE_STATUS(cqe.status_phase), status_of(end));
	assert_int_equal(job_report(rig)->end, end);
	assert_int_equal(job_report(rig)->start_ps, cqe.start_ps);
	assert_int_equal(job_report(rig)->end_ps, cqe.end_ps);
	if (end == RILL_NDF_FAULT || end == RILL_NDF_LIMIT)
		return end;
	same_outputs(rig, flat);
	if (end == RILL_NDF_FINISHED || end == RILL_NDF_QUIESCENT)
		same_figures(rig, flat);
	if (job->memory)
		assert_memory_equal(job_at(rig, JOB_MEMORY), flat->memory, sizeof(flat->memory));
	return end;
}

/* --- results --- */

static void test_gcd(void **state)
{
	static const uint64_t a[] = { 252, 1071, 17, 9 }, b[] = { 105, 462, 5, 9 };
	struct rig flat;
	uint32_t c, chiplets;

	for (chiplets = 1; chiplets <= 4; chiplets *= 2) {
		rig_begin(&flat);
		program_gcd(&flat, a, b, COUNT(a));
		place(&flat, chiplets);
		rig_load(&flat);
		for (c = 0; c < COUNT(capacities); c++)
			assert_int_equal(compare(*state, &flat, capacities[c]), RILL_NDF_FINISHED);
		rig_expect(&flat, 0, (const uint64_t[]){ 21, 21, 1, 9 }, 4);
		rig_end(&flat);
	}
}

static void test_memory(void **state)
{
	struct job_rig *rig = *state;
	struct rig flat;
	uint32_t c, i;
	uint64_t at;

	rig_begin(&flat);
	program_sum_memory(&flat, 50);
	place(&flat, 4);
	rig_load(&flat);
	for (c = 0; c < COUNT(capacities); c++) {
		for (i = 0; i < sizeof(flat.memory); i++)
			flat.memory[i] = (uint8_t)(i * 7 + c);
		at = bench_read64(rig->b, RILL_CHANNEL_BASE + RILL_CHANNEL_BYTES_DONE);
		assert_int_equal(compare(rig, &flat, capacities[c]), RILL_NDF_FINISHED);
		assert_int_equal(job_report(rig)->memory_accesses, 2 * 49 + 1);
		assert_int_equal(bench_read64(rig->b, RILL_CHANNEL_BASE + RILL_CHANNEL_BYTES_DONE) - at,
				 8 * job_report(rig)->memory_accesses);
	}
	rig_end(&flat);
}

static void test_random(void **state)
{
	unsigned int ends[RILL_NDF_BUSY + 1] = { 0 };
	struct rig flat;
	uint64_t seed;
	uint32_t c;

	for (seed = 0; seed < 200; seed++) {
		rig_begin(&flat);
		program_random(&flat, seed, false);
		place(&flat, 1 + seed % 4);
		rig_load(&flat);
		for (c = 0; c < COUNT(capacities); c++)
			ends[compare(*state, &flat, capacities[c])]++;
		rig_end(&flat);
	}
	assert_in_range(ends[RILL_NDF_FINISHED], 700, 799);
	assert_int_equal(ends[RILL_NDF_FINISHED] + ends[RILL_NDF_LIMIT], 800);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_gcd, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_memory, job_setup, job_teardown),
		cmocka_unit_test_setup_teardown(test_random, job_setup, job_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
