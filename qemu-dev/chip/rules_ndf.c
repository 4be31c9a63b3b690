// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rules of a pass as an NDF program, one engine a chiplet. It decides, and what it decides is
 * checked against what can be done: the binary and its answers are the guest's.
 */
#include "rules_ndf.h"

#include <stdlib.h>

#define SINK_TOKENS	(1u << 16)
#define READY_FIRINGS	8
#define FIRING_EFFORT	8		/* see struct rill_pass_state */

/* --- the binary --- */

static enum rill_status read_binary(struct rill_pass_state *pass, void **binary, uint32_t *bytes,
				    uint64_t *detail)
{
	struct rill_ndf_header header;
	struct rill_fault fault = { 0 };

	if (!rill_mmu_read(pass->chip, pass->ctx, pass->block.rules, &header, sizeof(header), &fault)) {
		*detail = fault.detail;
		return fault.status;
	}
	*detail = (uint64_t)RILL_NDF_BAD_BYTES << 48 | offsetof(struct rill_ndf_header, bytes);
	if (header.bytes < sizeof(header) || header.bytes > RILL_RULES_MAX_BYTES)
		return RILL_BAD_PROGRAM;
	*bytes = header.bytes;
	*binary = malloc(header.bytes);
	if (!*binary)
		return RILL_INTERNAL;
	if (rill_mmu_read(pass->chip, pass->ctx, pass->block.rules, *binary, header.bytes, &fault))
		return RILL_OK;
	*detail = fault.detail;
	return fault.status;
}

static enum rill_status check(const struct rill_ndf_program *code, const struct rill_ndf_verdict *verdict,
			      uint64_t *detail)
{
	*detail = (uint64_t)verdict->code << 48 | verdict->position;
	if (!code)
		return verdict->code == RILL_NDF_VALID ? RILL_INTERNAL : RILL_BAD_PROGRAM;
	*detail = (uint64_t)RILL_NDF_BAD_MEMORY << 48 | offsetof(struct rill_ndf_header, memory_bytes);
	if (rill_ndf_program_memory(code))
		return RILL_BAD_PROGRAM;
	*detail = (uint64_t)RILL_NDF_BAD_COUNT << 48 | offsetof(struct rill_ndf_header, node_count);
	return rill_ndf_program_sources(code) ? RILL_OK : RILL_BAD_PROGRAM;
}

enum rill_status rill_rules_load(struct rill_pass_state *pass, uint64_t *detail)
{
	struct rill_rules_program *program = calloc(1, sizeof(*program));
	struct rill_ndf_verdict verdict;
	enum rill_status status;
	void *binary = NULL;
	uint32_t bytes = 0;

	if (!program)
		return RILL_INTERNAL;
	program->pass = pass;
	pass->program = program;
	pass->rules = &rill_rules_ndf;
	status = read_binary(pass, &binary, &bytes, detail);
	if (!status) {
		program->code = rill_ndf_program_new(binary, bytes, &verdict);
		status = check(program->code, &verdict, detail);
	}
	if (!status && pass->block.flags & RILL_PASS_RULES_WEIGHTS)
		status = rill_rules_weights_load(pass, binary, bytes, detail);
	free(binary);
	return status;
}

void rill_rules_free(struct rill_rules_program *program)
{
	unsigned int i;

	if (!program)
		return;
	for (i = 0; i < RILL_MAX_CHIPLETS; i++)
		rill_ndf_engine_free(program->engines[i]);
	for (i = 0; i < RILL_MAX_CHIPLETS; i++)
		rill_ndf_program_free(program->own[i]);
	rill_ndf_program_free(program->code);
	free(program->paths);
	free(program);
}

/* --- faults --- */

static void fail(struct rill_rules_program *program, enum rill_rules_fault fault, uint64_t word)
{
	program->pass->broken = true;
	if (program->fault)
		return;
	program->fault = fault | (uint64_t)program->ask.question << 8 |
			 (uint64_t)program->ask.chiplet << 16 | (word & UINT32_MAX) << 32;
}

void rill_rules_stuck(struct rill_rules_program *program)
{
	fail(program, RILL_RULES_STUCK, 0);
}

bool rill_rules_failed(const struct rill_rules_program *program, uint64_t *detail)
{
	if (!program || !program->fault)
		return false;
	*detail = program->fault;
	return true;
}

void rill_rules_count(const struct rill_rules_program *program, uint64_t *decisions, uint64_t *firings)
{
	struct rill_ndf_stats stats;
	unsigned int i;

	*decisions = *firings = 0;
	for (i = 0; program && i < RILL_MAX_CHIPLETS; i++) {
		if (!program->engines[i])
			continue;
		rill_ndf_stats(program->engines[i], &stats);
		*firings += stats.firings;
	}
	if (program)
		*decisions = program->decisions;
}

/* --- asking --- */

static struct rill_ndf_engine *engine_of(struct rill_rules_program *program, unsigned int chiplet)
{
	struct rill_ndf_options options = {
		.host = { .opaque = program, .stream = rill_rules_stream },
		.capacity = RILL_RULES_CAPACITY, .sink_tokens = SINK_TOKENS,
	};

	if (!program->engines[chiplet])
		program->engines[chiplet] = rill_ndf_engine_new(program->own[chiplet] ? program->own[chiplet] :
								program->code, &options);
	return program->engines[chiplet];
}

static uint64_t firing_limit(const struct rill_rules_program *program)
{
	const struct rill_pass_state *pass = program->pass;

	if (program->ask.question != RILL_RULES_COMPUTE)
		return RILL_RULES_FIRINGS;
	return RILL_RULES_FIRINGS + (uint64_t)READY_FIRINGS * pass->chiplets[program->ask.chiplet].ready_count;
}

static void run(struct rill_rules_program *program, struct rill_ndf_engine *engine)
{
	uint64_t limit = firing_limit(program);
	struct rill_ndf_fault_report fault;

	switch (rill_ndf_run(engine, limit, limit)) {
	case RILL_NDF_FINISHED:
	case RILL_NDF_QUIESCENT:
	case RILL_NDF_DEADLOCK:
		return;
	case RILL_NDF_FAULT:
		rill_ndf_fault(engine, &fault);
		fail(program, RILL_RULES_FAULTED, fault.fault);
		return;
	default:
		fail(program, RILL_RULES_LIMIT, limit);
	}
}

/* An event may have many decisions. */
static void count_firings(struct rill_rules_program *program, uint64_t firings)
{
	program->pass->effort += FIRING_EFFORT * firings;
	if (program->event != program->pass->events)
		program->event_firings = 0;
	program->event = program->pass->events;
	program->event_firings += firings;
	if (program->event_firings > RILL_RULES_EVENT_FIRINGS)
		fail(program, RILL_RULES_LIMIT, RILL_RULES_EVENT_FIRINGS);
}

/* Puts the question; returns what is answered, `none` without answer, after a fault too. */
static uint64_t put(const struct rill_pass_state *pass, struct rill_rules_ask ask, uint64_t none)
{
	struct rill_rules_program *program = pass->program;
	uint64_t word = ask.question;
	struct rill_ndf_engine *engine;
	uint64_t before;

	if (pass->broken)
		return none;
	program->ask = ask;
	program->decisions++;
	engine = engine_of(program, ask.chiplet);
	if (engine && rill_ndf_source_left(engine, 0) >= RILL_RULES_WAITING) {
		fail(program, RILL_RULES_LIMIT, RILL_RULES_WAITING);
		return none;
	}
	if (!engine || !rill_ndf_source_push(engine, 0, &word, 1)) {
		program->pass->broken = true;
		return none;
	}
	before = rill_ndf_firings(engine);
	run(program, engine);
	count_firings(program, rill_ndf_firings(engine) - before);
	return program->ask.answered && !program->fault ? program->ask.answer : none;
}

/* False: the pass has failed for the answer. */
static bool allow(const struct rill_pass_state *pass, bool known, bool possible, uint64_t answer)
{
	if (known && possible)
		return true;
	fail(pass->program, known ? RILL_RULES_REFUSED : RILL_RULES_BAD_ANSWER, answer);
	return false;
}

/* --- questions --- */

static bool admit(const struct rill_pass_state *pass, const struct rill_slice_state *slice)
{
	unsigned int entry = rill_slice_entry(pass, slice);
	struct rill_rules_ask ask = { .question = RILL_RULES_ADMIT, .chiplet = entry, .slice = slice };
	uint64_t answer = put(pass, ask, 0);

	return answer && allow(pass, answer == 1, pass->chiplets[entry].slots_used < pass->slots, answer);
}

static struct rill_rules_ask ask_for(const struct rill_pass_state *pass, const struct rill_resident *resident,
				     enum rill_rules_question question)
{
	return (struct rill_rules_ask){
		.question = question, .chiplet = resident->chiplet, .resident = resident,
		.slice = &pass->slices[resident->slice],
	};
}

/* All that a slice has to do must be done, so this answer can be checked only. */
static unsigned int arrived(const struct rill_pass_state *pass, const struct rill_resident *resident)
{
	unsigned int want = rill_rules_builtin.arrived(pass, resident);
	uint64_t answer = put(pass, ask_for(pass, resident, RILL_RULES_ARRIVED), 0);

	if (!pass->broken)
		allow(pass, answer <= (RILL_RULES_HERE | RILL_RULES_ON), answer == want, answer);
	return want;
}

/* No walk needs more moves: to each chiplet at most through all others. */
static bool moves_on(const struct rill_pass_state *pass, uint32_t s)
{
	struct rill_rules_program *program = pass->program;
	uint32_t most = pass->chip->chiplet_count * pass->chip->chiplet_count;

	if (!program->paths)
		program->paths = calloc(pass->slice_count + 1, sizeof(*program->paths));
	if (!program->paths) {
		program->pass->broken = true;
		return false;
	}
	if (++program->paths[s].moves <= most)
		return true;
	fail(program, RILL_RULES_LOST, program->paths[s].moves);
	return false;
}

/* The slice is computed on this chiplet, or leaves it: the hop that brought it has paid off. */
static void put_to_use(struct rill_rules_program *program, uint32_t s, unsigned int chiplet)
{
	const struct rill_rules_path *path = program->paths ? &program->paths[s] : NULL;
	struct rill_rules_hop *hop;

	if (!path || !path->moves || path->to != chiplet)
		return;
	hop = &program->logs[path->chiplet].hops[path->hop];
	if (!hop->sent || hop->used || hop->slice != s || hop->move != path->moves)
		return;
	hop->used = true;
	hop->used_ps = program->pass->now;
}

/* link -1: it stays. False: the pass has failed. */
static bool log_hop(const struct rill_pass_state *pass, const struct rill_resident *resident, int link)
{
	struct rill_rules_log *log = &pass->program->logs[resident->chiplet];
	unsigned int at = log->count++ % RILL_RULES_OUTCOMES;
	struct rill_rules_path *path;

	log->hops[at] = (struct rill_rules_hop){ .slice = resident->slice, .ready_ps = resident->ready_ps };
	if (link < 0)
		return true;
	put_to_use(pass->program, resident->slice, resident->chiplet);
	if (!moves_on(pass, resident->slice))
		return false;
	path = &pass->program->paths[resident->slice];
	path->chiplet = resident->chiplet;
	path->to = pass->chip->links[link].dst;
	path->hop = at;
	log->hops[at].sent = true;
	log->hops[at].move = path->moves;
	return true;
}

/* The link that is the answer, or -1. */
static int chosen_link(const struct rill_pass_state *pass, const struct rill_resident *resident,
		       uint64_t answer)
{
	const struct rill_slice_state *slice = &pass->slices[resident->slice];
	const struct rill_chiplet_run *run;
	unsigned int link;

	if (answer == RILL_RULES_WAIT || !allow(pass, answer < RILL_RULES_WAIT,
						answer < pass->out_count[resident->chiplet], answer))
		return -1;
	link = pass->out_links[resident->chiplet][answer];
	run = &pass->chiplets[pass->chip->links[link].dst];
	return allow(pass, true, !pass->links[link].busy &&
		     (run->slots_used < pass->slots || (slice->escaping && !run->escape_used)), answer) ?
	       (int)link : -1;
}

static int next_link(const struct rill_pass_state *pass, const struct rill_resident *resident)
{
	uint64_t answer = put(pass, ask_for(pass, resident, RILL_RULES_FORWARD), RILL_RULES_WAIT);
	int link = chosen_link(pass, resident, answer);

	return log_hop(pass, resident, link) ? link : -1;
}

static uint32_t next_compute(const struct rill_pass_state *pass, unsigned int chiplet)
{
	struct rill_rules_ask ask = { .question = RILL_RULES_COMPUTE, .chiplet = chiplet };
	uint64_t answer = put(pass, ask, 0);
	uint32_t r = pass->chiplets[chiplet].ready.head;

	if (!answer)
		return RILL_NONE;
	while (r != RILL_NONE && r + 1ULL != answer)
		r = pass->residents[r].next;
	if (!allow(pass, answer <= pass->resident_count, r != RILL_NONE, answer))
		return RILL_NONE;
	put_to_use(pass->program, pass->residents[r].slice, chiplet);
	return r;
}

static enum rill_rules_release release(const struct rill_pass_state *pass,
				       const struct rill_resident *resident)
{
	uint64_t answer = put(pass, ask_for(pass, resident, RILL_RULES_RELEASE), RILL_RULES_KEEP);
	bool through = resident->computed && resident->forwarded;
	bool possible = through && (answer != RILL_RULES_HOLD || pass->slices[resident->slice].computes_left);

	if (answer == RILL_RULES_KEEP || !allow(pass, answer <= RILL_RULES_HOLD, possible, answer))
		return RILL_RULES_KEEP;
	return (enum rill_rules_release)answer;
}

const struct rill_rules rill_rules_ndf = {
	.admit = admit,
	.arrived = arrived,
	.next_compute = next_compute,
	.next_link = next_link,
	.release = release,
};
