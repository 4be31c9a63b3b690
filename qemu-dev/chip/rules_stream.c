// SPDX-License-Identifier: GPL-2.0-or-later
/* What a program of rules can ask while it decides: enum rill_rules_function. */
#include "rules_ndf.h"

#include <string.h>

#define NO_LIMIT (1ULL << 31)

/* The link that operand i names: the chiplet's i-th that can be used, or -1. */
static int link_of(const struct rill_rules_program *program, const struct rill_ndf_stream_op *op)
{
	const struct rill_pass_state *pass = program->pass;
	unsigned int from = program->ask.chiplet;

	if (op->operand_count < 2 || op->operands[1] >= pass->out_count[from])
		return -1;
	return pass->out_links[from][op->operands[1]];
}

static bool slots(const struct rill_rules_program *program, struct rill_ndf_stream_op *op)
{
	const struct rill_rules_ask *ask = &program->ask;
	const struct rill_pass_state *pass = program->pass;
	unsigned int chiplet = ask->chiplet;
	const struct rill_chiplet_run *run;
	uint32_t share = pass->slots / pass->chip->config.channels;
	int link = link_of(program, op);

	if (!ask->slice)
		return false;
	if (ask->question != RILL_RULES_ADMIT) {
		if (link < 0)
			return true;
		chiplet = pass->chip->links[link].dst;
	}
	run = &pass->chiplets[chiplet];
	op->results[0] = pass->slots - run->slots_used;
	op->results[1] = NO_LIMIT;
	if (pass->block.flags & RILL_PASS_OWNED_SLOTS)
		op->results[1] = (uint64_t)(share ? share : 1) - run->owned[ask->slice->channel];
	op->results[2] = ask->slice->escaping && !run->escape_used;
	op->results[3] = (ask->slice->need & ~ask->slice->visited & ~rill_bit(chiplet)) != 0;
	return true;
}

static bool slice(const struct rill_rules_program *program, struct rill_ndf_stream_op *op)
{
	const struct rill_rules_ask *ask = &program->ask;
	const struct rill_pass_state *pass = program->pass;

	if (!ask->slice)
		return false;
	op->results[0] = pass->slots > 1 && !pass->barrier && !(pass->block.flags & RILL_PASS_NO_BUBBLE);
	op->results[1] = ask->slice->escaping;
	op->results[2] = !!(pass->streams[ask->slice->stream].block.flags & RILL_STREAM_PINNED);
	return true;
}

static bool load(const struct rill_rules_program *program, struct rill_ndf_stream_op *op)
{
	const struct rill_rules_ask *ask = &program->ask;
	const struct rill_pass_state *pass = program->pass;

	if (ask->question != RILL_RULES_ADMIT)
		return false;
	op->results[0] = NO_LIMIT;
	if (pass->window != UINT32_MAX)
		op->results[0] = (uint64_t)pass->oldest + pass->window - ask->slice->stream;
	op->results[1] = rill_channel_lag(pass, ask->slice->channel);
	return true;
}

static bool turn(const struct rill_rules_program *program, struct rill_ndf_stream_op *op)
{
	const struct rill_rules_ask *ask = &program->ask;

	if (ask->question != RILL_RULES_ARRIVED)
		return false;
	op->results[0] = ask->resident->compute_here;
	op->results[1] = (ask->slice->need & ~ask->slice->visited) != 0;
	return true;
}

/* Hops beyond the shortest way to a target, if the slice leaves by this link */
static uint64_t detour(const struct rill_pass_state *pass, unsigned int link, uint64_t to)
{
	const uint8_t *src = pass->distance[pass->chip->links[link].src];
	const uint8_t *dst = pass->distance[pass->chip->links[link].dst];
	uint64_t least = UINT8_MAX;

	for (; to; to &= to - 1) {
		unsigned int c = rill_lowest(to);
		uint64_t more = (uint64_t)dst[c] + 1 - src[c];

		if (more < least)
			least = more;
	}
	return least;
}

static bool link(const struct rill_rules_program *program, struct rill_ndf_stream_op *op)
{
	const struct rill_rules_ask *ask = &program->ask;
	const struct rill_pass_state *pass = program->pass;
	int at = link_of(program, op);
	unsigned int dst;

	if (ask->question != RILL_RULES_FORWARD)
		return false;
	if (at < 0)
		return true;
	dst = pass->chip->links[at].dst;
	op->results[0] = !pass->links[at].busy;
	op->results[1] = detour(pass, at, rill_slice_targets(pass, ask->slice, ask->chiplet));
	op->results[2] = pass->chiplets[dst].backlog_ps;
	op->results[3] = (ask->slice->need & ~ask->slice->visited & rill_bit(dst)) != 0;
	return true;
}

static bool chiplet(const struct rill_rules_program *program, struct rill_ndf_stream_op *op)
{
	const struct rill_chiplet_run *run = &program->pass->chiplets[program->ask.chiplet];
	struct rill_pass_state *pass = program->pass;
	uint32_t head = run->ready.head;
	bool ready = head != RILL_NONE;

	op->results[0] = ready;
	op->results[1] = !run->mac_busy;
	op->results[2] = ready && !rill_stream_group(pass, &pass->slices[pass->residents[head].slice],
						     program->ask.chiplet)->missing;
	return true;
}

/* A handle is a resident's number + 1. One that is not ready gives nothing away but is of no use. */
static bool ready(const struct rill_rules_program *program, struct rill_ndf_stream_op *op)
{
	const struct rill_pass_state *pass = program->pass;
	uint64_t r = op->operands[0] ? op->operands[0] - 1 : pass->chiplets[program->ask.chiplet].ready.head;
	uint32_t next;

	if (program->ask.question != RILL_RULES_COMPUTE || r >= pass->resident_count)
		return false;
	next = pass->residents[r].next;
	op->results[0] = pass->residents[r].compute_ps;
	op->results[1] = r + 1;
	op->results[2] = next == RILL_NONE ? 0 : next + 1;
	op->results[3] = next != RILL_NONE;
	return true;
}

static bool resident(const struct rill_rules_program *program, struct rill_ndf_stream_op *op)
{
	const struct rill_rules_ask *ask = &program->ask;

	if (!ask->resident)
		return false;
	op->results[0] = ask->resident->computed;
	op->results[1] = ask->resident->forwarded;
	op->results[2] = program->pass->block.flags & RILL_PASS_LATE_RELEASE && !ask->slice->escaping;
	op->results[3] = ask->slice->computes_left;
	return true;
}

static bool stall(const struct rill_rules_program *program, struct rill_ndf_stream_op *op)
{
	if (program->ask.question != RILL_RULES_FORWARD)
		return false;
	op->results[0] = program->pass->now - program->ask.resident->ready_ps;
	return true;
}

static bool outcome(const struct rill_rules_program *program, struct rill_ndf_stream_op *op)
{
	const struct rill_rules_log *log = &program->logs[program->ask.chiplet];
	uint64_t back = op->operand_count > 1 ? op->operands[1] : 0;
	const struct rill_rules_hop *hop;

	if (program->ask.question != RILL_RULES_FORWARD || !back || back >= RILL_RULES_OUTCOMES)
		return false;
	if (back > log->count)
		return true;
	hop = &log->hops[(log->count - back) % RILL_RULES_OUTCOMES];
	op->results[0] = hop->sent;
	if (hop->sent)
		op->results[1] = (hop->used ? hop->used_ps : program->pass->now) - hop->ready_ps;
	return true;
}

/* Several answers are those of an ARRIVED; others have one. */
static bool answer(struct rill_rules_program *program, struct rill_ndf_stream_op *op)
{
	struct rill_rules_ask *ask = &program->ask;

	if (ask->answered && ask->question != RILL_RULES_ARRIVED)
		return false;
	ask->answer = ask->answered ? ask->answer | op->operands[0] : op->operands[0];
	ask->answered = true;
	return true;
}

enum rill_ndf_stream_answer rill_rules_stream(void *opaque, struct rill_ndf_stream_op *op)
{
	static bool (*const functions[])(const struct rill_rules_program *program,
					 struct rill_ndf_stream_op *op) = {
		[RILL_RULES_SLOTS] = slots, [RILL_RULES_SLICE] = slice, [RILL_RULES_LOAD] = load,
		[RILL_RULES_TURN] = turn, [RILL_RULES_LINK] = link, [RILL_RULES_CHIPLET] = chiplet,
		[RILL_RULES_READY] = ready, [RILL_RULES_RESIDENT] = resident,
		[RILL_RULES_STALL] = stall, [RILL_RULES_OUTCOME] = outcome,
	};
	struct rill_rules_program *program = opaque;
	bool done = false;

	memset(op->results, 0, sizeof(op->results));
	if (op->function == RILL_RULES_ANSWER)
		done = answer(program, op);
	else if (op->function < sizeof(functions) / sizeof(functions[0]) && functions[op->function])
		done = functions[op->function](program, op);
	op->results[0] = done ? op->results[0] : op->function;
	return done ? RILL_NDF_STREAM_DONE : RILL_NDF_STREAM_REFUSED;
}
