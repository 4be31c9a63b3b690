// SPDX-License-Identifier: GPL-2.0-or-later
/* Chiplets fire one node at a time; tokens and credits travel over shared links, XY routed. */
#include <stdlib.h>
#include <string.h>

#include "../clock.h"
#include "internal.h"
#include "mapped.h"

enum { FIRED, ARRIVED, CREDITED };

#define NONE 0xffffffffu

struct chiplet {
	uint32_t first, last;		/* nodes that wait, or NONE */
	bool busy;
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
	bool spent;
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

static void start(struct rill_ndf_mapped *m, struct chiplet *chiplet)
{
	uint32_t node = chiplet->first;

	if (chiplet->busy || node == NONE)
		return;
	chiplet->first = m->next[node];
	chiplet->busy = true;
	chiplet->busy_ps += cost(m, node);
	rill_clock_push(&m->clock, m->now + cost(m, node), FIRED, node);
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

/* Links are reserved in the order of departure, so nothing overtakes within an arc. */
static uint64_t travel(struct rill_ndf_mapped *m, uint32_t at, uint32_t to)
{
	uint32_t cols = m->array.cols;
	uint64_t time = m->now;

	while (at != to) {
		struct chiplet *here = &m->chiplets[at];
		int way = at % cols < to % cols ? 0 : at % cols > to % cols ? 1 : at < to ? 2 : 3;

		if (time < here->free_at[way])
			time = here->free_at[way];
		time += m->array.token_ps;
		here->free_at[way] = time;
		here->moved[way]++;
		time += m->array.hop_ps;
		at = way == 0 ? at + 1 : way == 1 ? at - 1 : way == 2 ? at + cols : at - cols;
	}
	return time;
}

static void sent(void *opaque, uint32_t arc)
{
	struct rill_ndf_mapped *m = opaque;
	const struct ndf_arc_desc *a = &m->program->arcs[arc];

	rill_clock_push(&m->clock, travel(m, m->place[a->src], m->place[a->dst]), ARRIVED, arc);
}

static void taken(void *opaque, uint32_t arc)
{
	struct rill_ndf_mapped *m = opaque;
	const struct ndf_arc_desc *a = &m->program->arcs[arc];

	rill_clock_push(&m->clock, travel(m, m->place[a->dst], m->place[a->src]), CREDITED, arc);
}

static bool place(struct rill_ndf_mapped *m, const uint8_t *binary)
{
	struct rill_ndf_header header;
	struct rill_ndf_node node;
	uint32_t i;

	memcpy(&header, binary, sizeof(header));
	for (i = 0; i < m->program->node_count; i++) {
		memcpy(&node, binary + header.nodes + i * sizeof(node), sizeof(node));
		if (node.chiplet >= m->array.rows * m->array.cols)
			return false;
		m->place[i] = node.chiplet;
	}
	return true;
}

struct rill_ndf_mapped *rill_ndf_mapped_new(const struct rill_ndf_program *program, const void *binary,
					    const struct rill_ndf_options *options,
					    const struct rill_ndf_array *array)
{
	struct rill_ndf_options own = *options;
	struct rill_ndf_mapped *m;
	int i;

	if (!array->rows || !array->cols || array->rows > RILL_NDF_MAX_CHIPLETS ||
	    array->cols > RILL_NDF_MAX_CHIPLETS / array->rows)
		return NULL;
	m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->program = program;
	m->array = *array;
	for (i = 0; i < (int)RILL_NDF_MAX_CHIPLETS; i++)
		m->chiplets[i].first = NONE;
	m->next = calloc(program->node_count, sizeof(*m->next));
	m->place = calloc(program->node_count, sizeof(*m->place));
	m->hooks = (struct rill_ndf_hooks){ m, ready, sent, taken };
	own.hooks = &m->hooks;
	if (m->next && m->place && place(m, binary))
		m->engine = rill_ndf_engine_new(program, &own);
	if (m->engine)
		return m;
	rill_ndf_mapped_free(m);
	return NULL;
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

static void handle(struct rill_ndf_mapped *m, const struct rill_event *event)
{
	struct chiplet *chiplet;

	m->now = event->at_ps;
	if (event->kind == ARRIVED) {
		rill_ndf_deliver(m->engine, event->index);
	} else if (event->kind == CREDITED) {
		rill_ndf_credit(m->engine, event->index);
	} else {
		chiplet = &m->chiplets[m->place[event->index]];
		chiplet->firings++;
		m->firings++;
		rill_ndf_fire(m->engine, event->index);
		chiplet->busy = false;
		start(m, chiplet);
	}
}

enum rill_ndf_end rill_ndf_mapped_step(struct rill_ndf_mapped *m, uint64_t events)
{
	enum rill_ndf_end end = RILL_NDF_LIMIT;
	struct rill_event event;

	if (m->spent)
		return RILL_NDF_LIMIT;
	rill_ndf_wake(m->engine);
	while (events-- && end == RILL_NDF_LIMIT) {
		if (!rill_clock_pop(&m->clock, &event))
			return rill_ndf_end(m->engine, true);
		m->spent = beyond_limit(m, &event);
		if (m->spent)
			return RILL_NDF_LIMIT;
		handle(m, &event);
		end = m->clock.out_of_memory ? RILL_NDF_FAULT : rill_ndf_end(m->engine, false);
	}
	return end;
}

struct rill_ndf_engine *rill_ndf_mapped_engine(struct rill_ndf_mapped *m)
{
	return m->engine;
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
