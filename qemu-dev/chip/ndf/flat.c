// SPDX-License-Identifier: GPL-2.0-or-later
/* The flat engine's schedule: step by step, or one firing at a time in a random order. */
#include "fire.h"

/* A run may stop early, between steps, when only COUNT and UNTIL sinks were to be satisfied. */
static bool satisfied(const struct rill_ndf_engine *engine)
{
	return !engine->open_sinks && engine->counted_sinks && !engine->quiet_sinks;
}

static enum rill_ndf_end idle_end(const struct rill_ndf_engine *engine)
{
	if (engine->parked_count)
		return RILL_NDF_BUSY;
	if (engine->open_sinks)
		return RILL_NDF_DEADLOCK;
	return engine->counted_sinks || engine->quiet_sinks ? RILL_NDF_FINISHED : RILL_NDF_QUIESCENT;
}

enum rill_ndf_end rill_ndf_end(const struct rill_ndf_engine *engine, bool idle)
{
	if (engine->fault.fault)
		return RILL_NDF_FAULT;
	if (satisfied(engine))
		return RILL_NDF_FINISHED;
	return idle ? idle_end(engine) : RILL_NDF_LIMIT;
}

/* What became enabled in the step before is the new list. */
static void begin_step(struct rill_ndf_engine *engine)
{
	uint32_t *list = engine->ready, i;

	engine->ready = engine->next;
	engine->ready_count = engine->next_count;
	engine->ready_at = 0;
	engine->next = list;
	engine->next_count = 0;
	for (i = 0; i < engine->event_count; i++)
		ndf_event_snapshot(engine, engine->events[i]);
	engine->event_count = 0;
}

/*
 * In a large program most of what a firing touches is not in the caches near by, so it is asked for while
 * others fire: first the node, then the numbers of its arcs, then the arcs.
 */
#define NODES_AHEAD	24u
#define NUMBERS_AHEAD	16u
#define ARCS_AHEAD	8u
#define LINE_ARCS	2u

NDF_INLINE void fetch_arcs(const struct rill_ndf_engine *engine, const struct ndf_node *n)
{
	uint32_t inputs = n->want & n->have & ((1u << n->inner) - 1), fan;

	for (; inputs; inputs &= inputs - 1)
		__builtin_prefetch(&engine->arcs[engine->in_arcs[n->in + (uint32_t)__builtin_ctz(inputs)]], 1);
	for (fan = 0; fan < n->fan; fan += LINE_ARCS)
		__builtin_prefetch(&engine->arcs[n->out + fan], 1);
}

NDF_INLINE void fetch_ahead(const struct rill_ndf_engine *engine, const uint32_t *ready, uint32_t left)
{
	const struct ndf_node *n;

	if (left <= NODES_AHEAD)
		return;
	__builtin_prefetch(&engine->nodes[ready[NODES_AHEAD]], 1);
	n = &engine->nodes[ready[NUMBERS_AHEAD]];
	if (n->code >= NDF_CODE_SELECT)
		__builtin_prefetch(engine->in_arcs + n->in);
	n = &engine->nodes[ready[ARCS_AHEAD]];
	if (n->code < NDF_CODE_SELECT) {
		__builtin_prefetch(engine->arcs + n->in, 1);
		__builtin_prefetch(engine->arcs + n->in2, 1);
		__builtin_prefetch(engine->arcs + n->out, 1);
	} else if (n->code != NDF_CODE_WIDE) {
		fetch_arcs(engine, n);
	}
}

static uint32_t fire_list(struct rill_ndf_engine *engine, uint32_t i, uint32_t end)
{
	const uint32_t *ready = engine->ready;
	bool large = engine->large;

	for (; i < end; i++) {
		if (large)
			fetch_ahead(engine, ready + i, end - i);
		if (NDF_UNLIKELY(!ndf_fire(engine, ready[i], false)) && engine->fault.fault)
			break;
	}
	return i;
}

/* Fires on in the list, at most `left` times; false: fault. */
static bool run_list(struct rill_ndf_engine *engine, uint64_t *left)
{
	uint32_t first = engine->ready_at, end = engine->ready_count, parked = engine->parked_count, fired;

	if (end - first > *left)
		end = first + (uint32_t)*left;
	engine->ready_at = fire_list(engine, first, end);
	fired = engine->ready_at - first - (engine->parked_count - parked);
	engine->firings += fired;
	*left -= fired;
	return engine->ready_at == end;
}

static enum rill_ndf_end run_steps(struct rill_ndf_engine *engine, uint64_t left, uint64_t steps)
{
	for (;;) {
		if (engine->ready_at < engine->ready_count) {
			if (!left)
				return RILL_NDF_LIMIT;
			if (!run_list(engine, &left))
				return RILL_NDF_FAULT;
			continue;
		}
		if (satisfied(engine))
			return RILL_NDF_FINISHED;
		if (!engine->next_count)
			return idle_end(engine);
		if (!left || !steps)
			return RILL_NDF_LIMIT;
		steps--;
		engine->steps++;
		begin_step(engine);
	}
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* The list of what is enabled is a bag. */
static enum rill_ndf_end run_random(struct rill_ndf_engine *engine, uint64_t left)
{
	for (; left; left--) {
		uint32_t i, node;

		if (satisfied(engine) || !engine->next_count)
			return rill_ndf_end(engine, true);
		i = (uint32_t)(next_random(&engine->order) % engine->next_count);
		node = engine->next[i];
		engine->next[i] = engine->next[--engine->next_count];
		engine->event_count = 0;
		if (ndf_code_of(&engine->nodes[node]) == NDF_CODE_EVENT)
			ndf_event_snapshot(engine, node);
		if (ndf_fire(engine, node, false))
			engine->firings++;
		else if (engine->fault.fault)
			return RILL_NDF_FAULT;
	}
	return satisfied(engine) ? RILL_NDF_FINISHED : RILL_NDF_LIMIT;
}

enum rill_ndf_end rill_ndf_run(struct rill_ndf_engine *engine, uint64_t firings, uint64_t steps)
{
	if (engine->fault.fault)
		return RILL_NDF_FAULT;
	if (!engine->started)
		ndf_start(engine);
	else
		ndf_unpark(engine);
	if (engine->random)
		return run_random(engine, firings);
	return run_steps(engine, firings, steps);
}
