// SPDX-License-Identifier: GPL-2.0-or-later
/* Nodes with more arcs than struct ndf_node has bits for, and EVENT nodes. */
#include "fifo.h"

static bool event_enabled(const struct rill_ndf_engine *engine, uint32_t node, const struct ndf_wide *wide)
{
	if (wide->have_extra && engine->whens[engine->nodes[node].in2].waiting)
		return true;
	return (wide->have || wide->ripe) && !wide->full;
}

static bool enabled(const struct ndf_wide *wide)
{
	return !(wide->want & ~wide->have) && (!wide->want_extra || wide->have_extra) &&
	       !(wide->want_out & wide->full);
}

void ndf_wide_try(struct rill_ndf_engine *engine, uint32_t node)
{
	struct ndf_wide *wide = &engine->wide[engine->wide_at[node]];
	struct ndf_node *n = &engine->nodes[node];
	bool event = n->code == NDF_CODE_EVENT;

	if (wide->queued || !(event ? event_enabled(engine, node, wide) : enabled(wide)))
		return;
	if (n->code == NDF_CODE_SWITCH) {
		ndf_where_select(engine, node);
		if (!enabled(wide))
			return;
	}
	wide->queued = true;
	if (event && !engine->hooked)
		engine->events[engine->event_count++] = node;
	ndf_enqueue(engine, node, engine->hooked);
}

static uint32_t arc_port(const struct rill_ndf_engine *engine, const struct ndf_arc *arc, bool output)
{
	const struct ndf_arc_desc *desc = &engine->program->arcs[arc->id];

	return output ? desc->src_port : desc->dst_port;
}

void ndf_wide_gain(struct rill_ndf_engine *engine, const struct ndf_arc *arc, bool output)
{
	uint32_t node = output ? arc->src : arc->dst, port = arc_port(engine, arc, output);
	struct ndf_wide *wide = &engine->wide[engine->wide_at[node]];

	if (!output && port == wide->extra_port)
		wide->have_extra = true;
	else if (!output)
		wide->have |= 1ULL << port;
	else if (!--wide->full_arcs[port])
		wide->full &= ~(1ULL << port);
	ndf_wide_try(engine, node);
}

void ndf_wide_lose(struct rill_ndf_engine *engine, const struct ndf_arc *arc, bool output)
{
	uint32_t node = output ? arc->src : arc->dst, port = arc_port(engine, arc, output);
	struct ndf_wide *wide = &engine->wide[engine->wide_at[node]];

	if (!output && port == wide->extra_port)
		wide->have_extra = false;
	else if (!output)
		wide->have &= ~(1ULL << port);
	else if (!wide->full_arcs[port]++)
		wide->full |= 1ULL << port;
}
