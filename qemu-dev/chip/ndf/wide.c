// SPDX-License-Identifier: GPL-2.0-or-later
/* Nodes with more arcs than struct ndf_node has bits for, and EVENT nodes. */
#include "fifo.h"

static bool event_enabled(const struct rill_ndf_engine *engine, uint32_t node, const struct ndf_wide *wide)
{
	if (wide->have_extra && ndf_state_of(engine, node)->waiting)
		return true;
	/* Of its own arcs, one without room must give a token, which may be on its way still. */
	return (wide->have || wide->ripe) && !wide->full && !(wide->full_own & ~wide->have);
}

static bool enabled(const struct ndf_wide *wide)
{
	return !(wide->want & ~wide->have) && (!wide->want_extra || wide->have_extra) &&
	       !(wide->want_out & wide->full) && !(wide->want_own & wide->full_own);
}

void ndf_wide_try(struct rill_ndf_engine *engine, uint32_t node)
{
	struct ndf_wide *wide = &engine->wide[engine->wide_at[node]];
	struct ndf_node *n = &engine->nodes[node];
	bool event = n->inner == NDF_CODE_EVENT;

	if (wide->queued || !(event ? event_enabled(engine, node, wide) : enabled(wide)))
		return;
	if (n->inner == NDF_CODE_SWITCH) {
		ndf_where_select(engine, node);
		if (!enabled(wide))
			return;
	}
	wide->queued = true;
	if (event && !engine->hooked)
		engine->events[engine->event_count++] = node;
	ndf_enqueue(engine, node, engine->hooked);
}

uint64_t ndf_own_inputs(const struct rill_ndf_program *program, uint32_t node, uint64_t ports)
{
	const uint32_t *arcs = program->port_arcs + program->first_port[node];
	uint64_t own = 0;
	uint32_t a;

	for (; ports; ports &= ports - 1) {
		unsigned int o = (unsigned int)__builtin_ctzll(ports);

		for (a = arcs[o]; a < arcs[o + 1]; a++) {
			if (program->arcs[a].dst == node && program->arcs[a].dst_port < RILL_NDF_MAX_PORTS)
				own |= 1ULL << program->arcs[a].dst_port;
		}
	}
	return own;
}

static void set(uint64_t *mask, unsigned int bit, bool value)
{
	*mask = value ? *mask | 1ULL << bit : *mask & ~(1ULL << bit);
}

static void set_full(struct ndf_wide *wide, const struct ndf_arc_desc *arc, bool full)
{
	bool own = arc->src == arc->dst, extra = arc->dst_port == wide->extra_port;

	if (own && !extra)
		set(&wide->full_own, arc->dst_port, full);
	else if (own && wide->switched)
		return;
	else if (full && !wide->full_arcs[arc->src_port]++)
		set(&wide->full, arc->src_port, true);
	else if (!full && !--wide->full_arcs[arc->src_port])
		set(&wide->full, arc->src_port, false);
}

static const struct ndf_arc_desc *desc_of(const struct rill_ndf_engine *engine, const struct ndf_arc *arc)
{
	return &engine->program->arcs[ndf_arc_number(engine, arc)];
}

static void set_end(struct ndf_wide *wide, const struct ndf_arc_desc *arc, bool output, bool value)
{
	if (output)
		set_full(wide, arc, !value);
	else if (arc->dst_port == wide->extra_port)
		wide->have_extra = value;
	else
		set(&wide->have, arc->dst_port, value);
}

void ndf_wide_gain(struct rill_ndf_engine *engine, uint32_t node, const struct ndf_arc *arc, bool output)
{
	set_end(&engine->wide[engine->wide_at[node]], desc_of(engine, arc), output, true);
	ndf_wide_try(engine, node);
}

void ndf_wide_lose(struct rill_ndf_engine *engine, uint32_t node, const struct ndf_arc *arc, bool output)
{
	set_end(&engine->wide[engine->wide_at[node]], desc_of(engine, arc), output, false);
}
