// SPDX-License-Identifier: MIT
/*
 * Mutated dataflow binaries: validate, and run what is accepted. Built with ASan and UBSan.
 * ndf_fuzz COUNT [SEED]: fails if an invariant does not hold, if nothing was accepted, or
 * if the mutations reach too few of the validator's codes to be worth anything.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ndf/ndf.h"
#include "ndf_corpus.h"
#include "ndf_timed.h"

#define FIRINGS		400u
#define MEMORY		4096u
#define MIN_CODES	34u
#define CODES		128u
#define ENDS		6u

/* What is freed need not be remembered for long: nothing here is used much later. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "quarantine_size_mb=8";
}

struct fuzz {
	uint64_t random, number;
	uint8_t memory[MEMORY];
	uint64_t codes[CODES], ends[ENDS];
	uint64_t accepted, firings, compared;
};

#define REQUIRE(fuzz, what) \
	do { \
		if (!(what)) { \
			fprintf(stderr, "number %" PRIu64 ": %s\n", (fuzz)->number, #what); \
			abort(); \
		} \
	} while (0)

/* Memory that is small, whatever the program says */
static bool host_load(void *opaque, uint64_t addr, unsigned int bytes, uint64_t *word)
{
	struct fuzz *fuzz = opaque;

	REQUIRE(fuzz, addr % bytes == 0);
	if (addr >= MEMORY)
		return addr & 8;
	*word = 0;
	memcpy(word, fuzz->memory + addr, bytes);
	return true;
}

static bool host_store(void *opaque, uint64_t addr, unsigned int bytes, uint64_t word)
{
	struct fuzz *fuzz = opaque;

	REQUIRE(fuzz, addr % bytes == 0);
	if (addr >= MEMORY)
		return addr & 8;
	memcpy(fuzz->memory + addr, &word, bytes);
	return true;
}

static bool host_add(void *opaque, uint64_t addr, unsigned int bytes, uint64_t addend, uint64_t *old)
{
	return host_load(opaque, addr, bytes, old) && host_store(opaque, addr, bytes, *old + addend);
}

static enum rill_ndf_stream_answer host_stream(void *opaque, struct rill_ndf_stream_op *op)
{
	op->results[0] = op->operands[0];
	op->results[RILL_NDF_STREAM_RESULTS - 1] = op->operands[op->operand_count - 1];
	switch (op->operands[0] % 16) {
	case 0:
		return RILL_NDF_STREAM_BUSY;
	case 1:
		return RILL_NDF_STREAM_REFUSED;
	default:
		return RILL_NDF_STREAM_DONE;
	}
}

static uint64_t hash(uint64_t h, uint64_t word)
{
	return (h ^ word) * 0x9e3779b97f4a7c15ULL + 1;
}

/* Asks everything that can be asked. */
static uint64_t inspect(struct fuzz *fuzz, struct rill_ndf_engine *engine, const struct rill_ndf_program *program,
			bool in_time)
{
	struct rill_ndf_when_state state;
	struct rill_ndf_fault_report report;
	struct rill_ndf_block blocks[8];
	struct rill_ndf_stats stats;
	uint64_t h = 0, held = 0;
	uint32_t i;

	for (i = 0; i < rill_ndf_program_sinks(program); i++) {
		size_t count, k;
		const uint64_t *words = rill_ndf_sink_words(engine, i, &count);

		h = hash(h, count + rill_ndf_sink_satisfied(engine, i));
		for (k = 0; k < count; k++)
			h = hash(h, words[k]);
	}
	for (i = 0; i < rill_ndf_program_arcs(program); i++) {
		h = hash(h, rill_ndf_arc_tokens(engine, i));
		h = hash(h, rill_ndf_arc_word(engine, i, 0));
		REQUIRE(fuzz, rill_ndf_arc_held(engine, i) <= rill_ndf_arc_tokens(engine, i));
		held += rill_ndf_arc_held(engine, i);
	}
	for (i = 0; i < rill_ndf_program_nodes(program); i++) {
		if (rill_ndf_when_state(engine, i, &state))
			h = hash(h, (uint64_t)state.v[state.dims - 1] + state.q +
				 (uint64_t)state.weights[state.inputs * state.dims - 1]);
	}
	rill_ndf_stats(engine, &stats);
	REQUIRE(fuzz, stats.tokens == held);
	REQUIRE(fuzz, in_time || stats.firings <= 2 * FIRINGS);
	REQUIRE(fuzz, stats.firings >= stats.when + stats.where + stats.source + stats.sink + stats.lessons);
	fuzz->firings += stats.firings;
	rill_ndf_fault(engine, &report);
	rill_ndf_blocks(engine, blocks, 8);
	return h;
}

static struct rill_ndf_options random_options(struct fuzz *fuzz)
{
	static const uint32_t capacities[] = { 0, 0, 1, 2, 4, 5 };

	return (struct rill_ndf_options){
		.host = { .opaque = fuzz, .load = host_load, .store = host_store, .atomic_add = host_add,
			  .stream = host_stream },
		.capacity = capacities[corpus_random(&fuzz->random) % 6],
		.sink_tokens = 1000,
	};
}

/* The same in another order, or under another scheduler; where it came to rest, it must be the same. */
static void compare(struct fuzz *fuzz, struct rill_ndf_engine **engine, const struct rill_ndf_program *program,
		    struct rill_ndf_options *options, enum rill_ndf_end end, uint64_t outcome, bool rests)
{
	bool in_time = corpus_random(&fuzz->random) % 2;
	enum rill_ndf_end other;

	memset(fuzz->memory, 0, sizeof(fuzz->memory));
	if (in_time) {
		other = timed_run(engine, program, options, corpus_random(&fuzz->random), 4 * FIRINGS);
		REQUIRE(fuzz, *engine);
	} else {
		options->order_seed = corpus_random(&fuzz->random) | 1;
		rill_ndf_engine_free(*engine);
		*engine = rill_ndf_engine_new(program, options);
		REQUIRE(fuzz, *engine);
		other = rill_ndf_run(*engine, 2 * FIRINGS, UINT64_MAX);
	}
	if (rests && other != RILL_NDF_LIMIT) {
		REQUIRE(fuzz, other == end);
		REQUIRE(fuzz, inspect(fuzz, *engine, program, in_time) == outcome);
		fuzz->compared++;
	} else {
		inspect(fuzz, *engine, program, in_time);
	}
}

static void run(struct fuzz *fuzz, const struct sample *s)
{
	static const uint64_t more[3] = { 1, 2, UINT64_MAX };
	struct rill_ndf_options options = random_options(fuzz);
	struct rill_ndf_verdict verdict;
	struct rill_ndf_program *program = rill_ndf_program_new(s->bytes, s->size, &verdict);
	struct rill_ndf_engine *engine;
	enum rill_ndf_end end;
	uint64_t outcome;
	bool rests;

	REQUIRE(fuzz, program);
	engine = rill_ndf_engine_new(program, &options);
	REQUIRE(fuzz, engine);
	memset(fuzz->memory, 0, sizeof(fuzz->memory));
	end = rill_ndf_run(engine, FIRINGS, UINT64_MAX);
	fuzz->ends[end]++;
	outcome = inspect(fuzz, engine, program, false);
	rests = corpus_is_kahn(s) && (end == RILL_NDF_FINISHED || end == RILL_NDF_QUIESCENT);
	if (rill_ndf_program_sources(program)) {
		REQUIRE(fuzz, rill_ndf_source_push(engine, 0, more, 3));
		rill_ndf_run(engine, FIRINGS, UINT64_MAX);
		inspect(fuzz, engine, program, false);
	}
	compare(fuzz, &engine, program, &options, end, outcome, rests);
	rill_ndf_engine_free(engine);
	rill_ndf_program_free(program);
}

static void one(struct fuzz *fuzz, const struct sample *corpus)
{
	struct rill_ndf_verdict verdict;
	struct sample s;
	bool valid;

	/* Any number can be repeated alone. */
	fuzz->random = fuzz->number * 0x2545f4914f6cdd1dULL;
	s = corpus_mutate(&corpus[corpus_random(&fuzz->random) % CORPUS], &fuzz->random);
	valid = rill_ndf_validate(s.bytes, s.size, &verdict);
	REQUIRE(fuzz, verdict.code < CODES && valid == (verdict.code == RILL_NDF_VALID));
	REQUIRE(fuzz, strcmp(rill_ndf_code_text(verdict.code), "unknown"));
	fuzz->codes[verdict.code]++;
	if (valid) {
		fuzz->accepted++;
		run(fuzz, &s);
	}
	free(s.bytes);
}

static int report(const struct fuzz *fuzz, uint64_t count)
{
	unsigned int i, codes = 0;

	for (i = 0; i < CODES; i++)
		codes += fuzz->codes[i] != 0;
	printf("%" PRIu64 " binaries, %" PRIu64 " accepted, %u codes, %" PRIu64 " firings, %" PRIu64
	       " compared in another order\n", count, fuzz->accepted, codes, fuzz->firings, fuzz->compared);
	for (i = 0; i < ENDS; i++)
		printf("%s %" PRIu64 "%s", rill_ndf_end_text(i), fuzz->ends[i], i + 1 < ENDS ? ", " : "\n");
	if (!fuzz->accepted || !fuzz->compared || (count >= 10000 && codes < MIN_CODES)) {
		printf("0 passed, 1 failed\n");
		return 1;
	}
	printf("1 passed, 0 failed\n");
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 0) : 10000;
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	static struct sample corpus[CORPUS];
	static struct fuzz fuzz;
	int rc;

	corpus_make(corpus);
	for (fuzz.number = first; fuzz.number < first + count; fuzz.number++)
		one(&fuzz, corpus);
	rc = report(&fuzz, count);
	corpus_free(corpus);
	return rc;
}
