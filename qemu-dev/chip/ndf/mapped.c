// SPDX-License-Identifier: GPL-2.0-or-later
/* Chiplets fire one node at a time; tokens and credits travel over shared links, XY routed. */
#include <stdlib.h>
#include <string.h>

#include "../clock.h"
#include "internal.h"
#include "mapped_check.h"
#include "waves.h"

/* What happens: work, and waves that look for its end */
enum { FIRED, ARRIVED, CREDITED, WAVE, ASKED, ANSWERED };

#define NONE	0xffffffffu
#define CAUSED	64u			/* events that one of a step may cause, on average */

struct chiplet {
	uint32_t first, last;		/* nodes that wait, or NONE */
	bool busy;
	bool parked;			/* a STREAM was told to wait */
	uint32_t local;			/* tokens and credits to itself on their way */
	uint64_t firings, busy_ps;
	uint64_t free_at[4], moved[4];
};

struct rill_ndf_mapped {
	const struct rill_ndf_program *program;
	struct rill_ndf_engine *engine;
	struct rill_ndf_array array;
	struct rill_ndf_hooks hooks;
	struct rill_clock clock;
	uint64_t now, firings;
	uint64_t work, known;		/* events of work to come; of them known at the end of a step */
	uint64_t settled;		/* when the end came to be, UINT64_MAX: not yet */
	uint64_t random;		/* jitter's state */
	bool spent, begun;
	bool due;			/* a wave is to begin */
	struct ndf_waves waves;
	uint32_t *next;
	uint16_t *place;
	struct chiplet chiplets[RILL_NDF_MAX_CHIPLETS];
};

static uint64_t cost(const struct rill_ndf_mapped *m, uint32_t node)
{
	const struct ndf_node_desc *desc = &m->program->nodes[node];

	if (desc->kind == RILL_NDF_WHEN)
		return m->array.when_ps;
	if (desc->kind != RILL_NDF_OP)
		return m->array.where_ps;
	return desc->mode >= RILL_NDF_LOAD ? m->array.memory_ps : m->array.op_ps;
}

static void work(struct rill_ndf_mapped *m, uint64_t at_ps, uint32_t kind, uint32_t index)
{
	m->work++;
	rill_clock_push(&m->clock, at_ps, kind, index);
}

static void start(struct rill_ndf_mapped *m, struct chiplet *chiplet)
{
	uint32_t node = chiplet->first;

	if (chiplet->busy || node == NONE)
		return;
	chiplet->first = m->next[node];
	chiplet->busy = true;
	chiplet->busy_ps += cost(m, node);
	work(m, m->now + cost(m, node), FIRED, node);
}

static void ready(void *opaque, uint32_t node)
{
	struct rill_ndf_mapped *m = opaque;
	struct chiplet *chiplet = &m->chiplets[m->place[node]];

	m->next[node] = NONE;
	if (chiplet->first == NONE)
		chiplet->first = node;
	else
		m->next[chiplet->last] = node;
	chiplet->last = node;
	start(m, chiplet);
}

/* xorshift64* */
static uint64_t jitter(struct rill_ndf_mapped *m)
{
	if (!m->array.jitter_ps)
		return 0;
	m->random ^= m->random >> 12;
	m->random ^= m->random << 25;
	m->random ^= m->random >> 27;
	return (m->random * 0x2545f4914f6cdd1dULL >> 16) % (m->array.jitter_ps + 1);
}

/* When what leaves a chiplet at `time` is at its neighbour. Links are reserved in the order of departure. */
static uint64_t cross(struct rill_ndf_mapped *m, uint32_t at, int way, uint64_t time)
{
	struct chiplet *here = &m->chiplets[at];

	if (time < here->free_at[way])
		time = here->free_at[way];
	time += m->array.token_ps;
	here->free_at[way] = time;
	return time + m->array.hop_ps + jitter(m);
}

static int way_to(const struct rill_ndf_mapped *m, uint32_t at, uint32_t to)
{
	uint32_t cols = m->array.cols;

	return at % cols < to % cols ? 0 : at % cols > to % cols ? 1 : at < to ? 2 : 3;
}

static uint64_t travel(struct rill_ndf_mapped *m, uint32_t at, uint32_t to)
{
	uint32_t cols = m->array.cols;
	uint64_t time = m->now;

	while (at != to) {
		int way = way_to(m, at, to);

		time = cross(m, at, way, time);
		m->chiplets[at].moved[way]++;
		at = way == 0 ? at + 1 : way == 1 ? at - 1 : way == 2 ? at + cols : at - cols;
	}
	return time;
}

static void dispatch(struct rill_ndf_mapped *m, uint32_t from, uint32_t to, uint32_t kind, uint32_t arc)
{
	if (from == to)
		m->chiplets[from].local++;
	else
		m->waves.chiplets[from].sent++;
	work(m, travel(m, from, to), kind, arc);
}

static void sent(void *opaque, uint32_t arc)
{
	struct rill_ndf_mapped *m = opaque;
	const struct ndf_arc_desc *a = &m->program->arcs[arc];

	dispatch(m, m->place[a->src], m->place[a->dst], ARRIVED, arc);
}

static void taken(void *opaque, uint32_t arc)
{
	struct rill_ndf_mapped *m = opaque;
	const struct ndf_arc_desc *a = &m->program->arcs[arc];

	dispatch(m, m->place[a->dst], m->place[a->src], CREDITED, arc);
}

static void tell(void *opaque, uint32_t from, uint32_t to, bool answer)
{
	struct rill_ndf_mapped *m = opaque;
	uint64_t at = cross(m, from, way_to(m, from, to), m->now);

	rill_clock_push(&m->clock, at, answer ? ANSWERED : ASKED, answer ? from : to);
}

static void set_up(struct rill_ndf_mapped *m, const struct rill_ndf_program *program,
		   const struct rill_ndf_array *array)
{
	uint32_t i;

	m->program = program;
	m->array = *array;
	m->hooks = (struct rill_ndf_hooks){ m, ready, sent, taken };
	m->random = array->jitter_seed * 2 + 1;
	m->settled = UINT64_MAX;
	m->waves = (struct ndf_waves){ .rows = array->rows, .cols = array->cols, .send = tell, .opaque = m };
	for (i = 0; i < RILL_NDF_MAX_CHIPLETS; i++) {
		m->chiplets[i].first = NONE;
		m->waves.chiplets[i].idle = true;
	}
}

static bool build(struct rill_ndf_mapped *m, const void *binary, const struct rill_ndf_options *options,
		  struct rill_ndf_mapped_error *error)
{
	struct rill_ndf_options own = *options;

	m->next = calloc(m->program->node_count, sizeof(*m->next));
	m->place = calloc(m->program->node_count, sizeof(*m->place));
	if (!m->next || !m->place)
		return false;
	if (!ndf_check_places(m->program, binary, m->array.rows * m->array.cols, m->place, error))
		return false;
	own.hooks = &m->hooks;
	m->engine = rill_ndf_engine_new(m->program, &own);
	return m->engine;
}

struct rill_ndf_mapped *rill_ndf_mapped_create(const struct rill_ndf_program *program, const void *binary,
					       const struct rill_ndf_options *options,
					       const struct rill_ndf_array *array,
					       struct rill_ndf_mapped_error *error)
{
	struct rill_ndf_mapped *m;

	*error = (struct rill_ndf_mapped_error){ .code = RILL_NDF_MAPPED_HOOKS, .field = "hooks" };
	if (options->hooks || !ndf_check_array(array, error))
		return NULL;
	*error = (struct rill_ndf_mapped_error){ .code = RILL_NDF_MAPPED_NO_MEMORY };
	m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	set_up(m, program, array);
	if (build(m, binary, options, error)) {
		error->code = RILL_NDF_MAPPED_OK;
		return m;
	}
	rill_ndf_mapped_free(m);
	return NULL;
}

struct rill_ndf_mapped *rill_ndf_mapped_new(const struct rill_ndf_program *program, const void *binary,
					    const struct rill_ndf_options *options,
					    const struct rill_ndf_array *array)
{
	struct rill_ndf_mapped_error error;

	return rill_ndf_mapped_create(program, binary, options, array, &error);
}

void rill_ndf_mapped_free(struct rill_ndf_mapped *m)
{
	if (!m)
		return;
	if (m->engine)
		rill_ndf_engine_free(m->engine);
	rill_clock_free(&m->clock);
	free(m->next);
	free(m->place);
	free(m);
}

static bool beyond_limit(const struct rill_ndf_mapped *m, const struct rill_event *event)
{
	return event->kind == FIRED && m->array.firing_limit && m->firings >= m->array.firing_limit;
}

/* Chiplet `from` hears from `to`, or the other way round for a credit; returns the one that hears. */
static uint32_t arrive(struct rill_ndf_mapped *m, uint32_t from, uint32_t to)
{
	if (from == to)
		m->chiplets[to].local--;
	else
		m->waves.chiplets[to].received++;
	return to;
}

static uint32_t fire(struct rill_ndf_mapped *m, uint32_t node)
{
	uint32_t place = m->place[node], parked = m->engine->parked_count;
	struct chiplet *chiplet = &m->chiplets[place];
	uint32_t open = m->engine->open_sinks;

	chiplet->firings++;
	m->firings++;
	rill_ndf_fire(m->engine, node);
	m->waves.chiplets[place].open -= open - m->engine->open_sinks;
	chiplet->parked |= m->engine->parked_count > parked;
	chiplet->busy = false;
	start(m, chiplet);
	return place;
}

/* Returns the chiplet where it happened. */
static uint32_t do_work(struct rill_ndf_mapped *m, const struct rill_event *event)
{
	const struct ndf_arc_desc *arc = &m->program->arcs[event->index];
	uint32_t at;

	m->work--;
	if (event->kind == FIRED)
		return fire(m, event->index);
	if (event->kind == ARRIVED) {
		at = arrive(m, m->place[arc->src], m->place[arc->dst]);
		rill_ndf_deliver(m->engine, event->index);
	} else {
		at = arrive(m, m->place[arc->dst], m->place[arc->src]);
		rill_ndf_credit(m->engine, event->index);
	}
	return at;
}

static void look(struct rill_ndf_mapped *m, uint32_t place)
{
	const struct chiplet *chiplet = &m->chiplets[place];

	m->waves.chiplets[place].idle = !chiplet->busy && !chiplet->parked && !chiplet->local &&
					chiplet->first == NONE;
	ndf_waves_calm(&m->waves, place);
}

static void settle(struct rill_ndf_mapped *m)
{
	if (m->settled == UINT64_MAX && (!m->work || rill_ndf_end(m->engine, false) == RILL_NDF_FINISHED))
		m->settled = m->now;
}

/* The pause after a wave in vain is never nothing: links may be without delay. */
static void next_wave(struct rill_ndf_mapped *m)
{
	uint64_t pause = m->array.wave_gap_ps > m->array.op_ps ? m->array.wave_gap_ps : m->array.op_ps;

	if (!m->array.waves || m->due || m->waves.running || m->waves.ended)
		return;
	m->due = true;
	if (!ndf_waves_in_vain(&m->waves))
		pause = 0;
	else if (!pause)
		pause = 1;
	rill_clock_push(&m->clock, m->now + pause, WAVE, 0);
}

static void handle(struct rill_ndf_mapped *m, const struct rill_event *event)
{
	m->now = event->at_ps;
	switch (event->kind) {
	case WAVE:
		m->due = false;
		ndf_waves_begin(&m->waves);
		break;
	case ASKED:
		ndf_waves_asked(&m->waves, event->index);
		break;
	case ANSWERED:
		ndf_waves_answered(&m->waves, event->index);
		break;
	default:
		look(m, do_work(m, event));
		settle(m);
	}
	next_wave(m);
}

static void count_open_sinks(struct rill_ndf_mapped *m)
{
	const struct ndf_sink_run *sink = m->engine->sinks;
	uint32_t i;

	for (i = 0; i < m->program->sink_count; i++, sink++) {
		if (!sink->satisfied && (sink->mode == RILL_NDF_SINK_COUNT || sink->mode == RILL_NDF_SINK_UNTIL))
			m->waves.chiplets[m->place[m->program->sink_nodes[i]]].open++;
	}
	m->waves.early = m->engine->counted_sinks && !m->engine->quiet_sinks;
}

/*
 * What waited can go on, and there may be more work since the last step. That comes from outside, so no wave has
 * counted it.
 */
static void resume(struct rill_ndf_mapped *m)
{
	bool more;
	uint32_t i;

	rill_ndf_wake(m->engine);
	if (!m->begun)
		count_open_sinks(m);
	m->begun = true;
	for (i = 0; i < m->array.rows * m->array.cols; i++) {
		m->chiplets[i].parked = false;
		look(m, i);
	}
	more = m->work != m->known;
	if (more && rill_ndf_end(m->engine, false) == RILL_NDF_LIMIT)
		m->settled = UINT64_MAX;
	settle(m);
	if (more)
		ndf_waves_forget(&m->waves);
	next_wave(m);
}

/* LIMIT: go on. A fault is known at once, as is that only the stream engine can go on. */
static enum rill_ndf_end end_now(const struct rill_ndf_mapped *m)
{
	enum rill_ndf_end end = rill_ndf_end(m->engine, false);

	if (m->clock.out_of_memory)
		return RILL_NDF_FAULT;
	if (!m->array.waves)
		return rill_ndf_end(m->engine, !m->work);
	if (end == RILL_NDF_FAULT || m->waves.ended)
		return rill_ndf_end(m->engine, true);
	if (end == RILL_NDF_LIMIT && !m->work && m->engine->parked_count)
		return RILL_NDF_BUSY;
	return RILL_NDF_LIMIT;
}

enum rill_ndf_end rill_ndf_mapped_step(struct rill_ndf_mapped *m, uint64_t events)
{
	uint64_t most = events < UINT64_MAX / CAUSED ? m->clock.sequence + events * CAUSED : UINT64_MAX;
	struct rill_event event;

	if (m->spent)
		return RILL_NDF_LIMIT;
	resume(m);
	while (events-- && m->clock.sequence <= most && end_now(m) == RILL_NDF_LIMIT &&
	       rill_clock_pop(&m->clock, &event)) {
		m->spent = beyond_limit(m, &event);
		if (m->spent)
			return RILL_NDF_LIMIT;
		handle(m, &event);
	}
	m->known = m->work;
	return end_now(m);
}

struct rill_ndf_engine *rill_ndf_mapped_engine(struct rill_ndf_mapped *m)
{
	return m->engine;
}

void rill_ndf_mapped_limit(struct rill_ndf_mapped *m, uint64_t firings)
{
	m->array.firing_limit = firings;
}

bool rill_ndf_mapped_spent(const struct rill_ndf_mapped *m)
{
	return m->spent;
}

uint64_t rill_ndf_mapped_time(const struct rill_ndf_mapped *m)
{
	return m->now;
}

uint64_t rill_ndf_mapped_firings(const struct rill_ndf_mapped *m, uint32_t chiplet)
{
	return m->chiplets[chiplet].firings;
}

uint64_t rill_ndf_mapped_busy(const struct rill_ndf_mapped *m, uint32_t chiplet)
{
	return m->chiplets[chiplet].busy_ps;
}

uint64_t rill_ndf_mapped_link(const struct rill_ndf_mapped *m, uint32_t chiplet, uint32_t direction)
{
	return m->chiplets[chiplet].moved[direction & 3];
}

void rill_ndf_mapped_detection(const struct rill_ndf_mapped *m, struct rill_ndf_detection *detection)
{
	*detection = (struct rill_ndf_detection){
		.waves = m->waves.count, .messages = m->waves.messages, .pending = m->work,
		.settled_ps = m->settled,
	};
}
