// SPDX-License-Identifier: GPL-2.0-or-later
/* The engine under a scheduler of another's: it fires when told to, and tokens arrive when told to. */
#include "fire.h"

void rill_ndf_wake(struct rill_ndf_engine *engine)
{
	if (!engine->started)
		ndf_start(engine);
	else
		ndf_unpark(engine);
}

void rill_ndf_fire(struct rill_ndf_engine *engine, uint32_t node)
{
	if (engine->fault.fault)
		return;
	if (ndf_code_of(&engine->nodes[node]) == NDF_CODE_EVENT)
		ndf_event_snapshot(engine, node);
	if (ndf_fire(engine, node, true))
		engine->firings++;
}

void rill_ndf_deliver(struct rill_ndf_engine *engine, uint32_t number)
{
	struct ndf_arc *arc = &engine->arcs[number];

	if (!engine->transit[number].arrived++)
		ndf_gain(engine, arc, false, true);
}

void rill_ndf_credit(struct rill_ndf_engine *engine, uint32_t number)
{
	struct ndf_arc *arc = &engine->arcs[number];

	if (arc->count + engine->transit[number].owed-- == arc->capacity)
		ndf_gain(engine, arc, true, true);
}
