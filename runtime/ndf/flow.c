// SPDX-License-Identifier: MIT
/* Flows: regions, variables, and how a value gets to where it is used. */
#include "flow.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool rill_flow_failed(const struct rill_flow *flow)
{
	return flow->graph->failed;
}

bool rill_flow_fail(struct rill_flow *flow, const char *format, ...)
{
	char text[RILL_GRAPH_ERROR_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return rill_graph_fail(flow->graph, "%s", text);
}

bool rill_flow_room(struct rill_flow *flow, void *array, uint32_t *room, uint32_t count, size_t size)
{
	void *p;
	bool ok;

	if (flow->graph->failed)
		return false;
	memcpy(&p, array, sizeof(p));
	ok = rill_graph_grow(&p, room, count, size);
	memcpy(array, &p, sizeof(p));
	return ok || rill_graph_no_memory(flow->graph);
}

struct rill_value rill_value_port(uint32_t region, uint32_t node, uint32_t port)
{
	if (node == RILL_NDF_NONE || port == RILL_NDF_NONE)
		return RILL_NO_VALUE;
	return (struct rill_value){ .kind = VALUE_PORT, .region = region, .index = node, .slot = port };
}

bool rill_value_same(const struct rill_value *a, const struct rill_value *b)
{
	return a->kind == b->kind && a->region == b->region && a->index == b->index && a->slot == b->slot &&
	       a->word == b->word;
}

struct rill_value rill_flow_const(uint64_t word)
{
	return (struct rill_value){ .kind = VALUE_CONST, .word = word };
}

/* ---- regions and variables ---- */

uint32_t rill_flow_region(struct rill_flow *flow, enum region_kind kind, uint32_t parent, uint32_t owner,
			  uint32_t arm)
{
	if (!rill_flow_room(flow, &flow->regions, &flow->region_room, flow->region_count + 1,
			    sizeof(*flow->regions)))
		return FLOW_TOP;
	flow->regions[flow->region_count] = (struct flow_region){
		.kind = kind, .parent = parent, .owner = owner, .arm = arm,
	};
	return flow->region_count++;
}

uint32_t rill_flow_var(struct rill_flow *flow, const char *name)
{
	char *copy;

	if (!rill_flow_room(flow, &flow->vars, &flow->var_room, flow->var_count + 1, sizeof(*flow->vars)))
		return RILL_FLOW_MEMORY;
	copy = strdup(name);
	if (!copy) {
		rill_graph_no_memory(flow->graph);
		return RILL_FLOW_MEMORY;
	}
	flow->vars[flow->var_count] = copy;
	return flow->var_count++;
}

static uint32_t *index_slot(const struct flow_region *r, uint32_t var)
{
	uint32_t i = var * 2654435761u & (r->env_index_size - 1);

	while (r->env_index[i] && r->env[r->env_index[i] - 1].var != var)
		i = (i + 1) & (r->env_index_size - 1);
	return &r->env_index[i];
}

struct rill_value rill_flow_binding(const struct flow_region *r, uint32_t var)
{
	uint32_t slot = r->env_count ? *index_slot(r, var) : 0;

	return slot ? r->env[slot - 1].value : RILL_NO_VALUE;
}

struct rill_value rill_flow_lookup(const struct rill_flow *flow, uint32_t region, uint32_t var)
{
	struct rill_value value;

	for (; region != FLOW_NONE; region = flow->regions[region].parent) {
		value = rill_flow_binding(&flow->regions[region], var);
		if (value.kind != VALUE_NONE)
			return value;
	}
	return RILL_NO_VALUE;
}

static bool index_room(struct rill_flow *flow, struct flow_region *r)
{
	uint32_t i, size = r->env_index_size ? r->env_index_size * 2 : 8, *index;

	if (2 * (r->env_count + 1) <= r->env_index_size)
		return true;
	index = calloc(size, sizeof(*index));
	if (!index)
		return rill_graph_no_memory(flow->graph);
	free(r->env_index);
	r->env_index = index;
	r->env_index_size = size;
	for (i = 0; i < r->env_count; i++)
		*index_slot(r, r->env[i].var) = i + 1;
	return true;
}

void rill_flow_assign(struct rill_flow *flow, uint32_t region, uint32_t var, struct rill_value value)
{
	struct flow_region *r;
	uint32_t *slot;

	if (flow->graph->failed)
		return;
	r = &flow->regions[region];
	if (!index_room(flow, r) ||
	    !rill_flow_room(flow, &r->env, &r->env_room, r->env_count + 1, sizeof(*r->env)))
		return;
	slot = index_slot(r, var);
	if (!*slot) {
		r->env[r->env_count].var = var;
		*slot = ++r->env_count;
	}
	r->env[*slot - 1].value = value;
}

void rill_flow_set(struct rill_flow *flow, uint32_t var, struct rill_value value)
{
	if (value.kind == VALUE_OP && !flow->graph->failed && flow->ops[value.index].name == FLOW_NONE)
		flow->ops[value.index].name = var;
	if (value.depth > FLOW_DEEP)
		value = rill_flow_use(flow, flow->current, value);
	rill_flow_assign(flow, flow->current, var, value);
}

struct rill_value rill_flow_get(struct rill_flow *flow, uint32_t var)
{
	struct rill_value value = { 0 };

	if (flow->graph->failed)
		return value;
	value = rill_flow_lookup(flow, flow->current, var);
	if (value.kind == VALUE_NONE && var == RILL_FLOW_MEMORY)
		value = (struct rill_value){ .kind = VALUE_MEMORY, .region = FLOW_TOP };
	if (value.kind == VALUE_NONE)
		rill_flow_fail(flow, "'%s' has no value here", flow->vars[var]);
	return value;
}

/* ---- use ---- */

/* What is made at first use */
static struct rill_value make(struct rill_flow *flow, struct rill_value value)
{
	switch (value.kind) {
	case VALUE_OP:
		return rill_flow_build_op(flow, value.index);
	case VALUE_HEAD:
		return rill_loop_head(flow, value.index, value.slot);
	case VALUE_EXIT:
		return rill_loop_exit(flow, value.index, value.slot);
	case VALUE_JOIN:
		return rill_branch_join(flow, value.index, value.slot);
	case VALUE_PARAM:
		return rill_call_param(flow, value.index, value.slot);
	case VALUE_RESULT:
		return rill_call_result(flow, value.index, value.slot);
	case VALUE_MEMORY:
		return rill_flow_start_memory(flow);
	default:
		return value;
	}
}

static bool known_import(const struct flow_region *r, const struct rill_value *from, struct rill_value *to)
{
	uint32_t i;

	for (i = 0; i < r->import_count; i++) {
		if (rill_value_same(&r->imports[i].from, from)) {
			*to = r->imports[i].to;
			return true;
		}
	}
	return false;
}

static struct rill_value import(struct rill_flow *flow, uint32_t region, struct rill_value from)
{
	struct rill_value to = RILL_NO_VALUE;
	struct flow_region *r = &flow->regions[region];

	if (from.kind != VALUE_PORT || known_import(r, &from, &to))
		return from.kind == VALUE_PORT ? to : from;
	if (r->kind == REGION_ARM)
		to = rill_branch_import(flow, region, from);
	else if (r->kind == REGION_BODY || r->kind == REGION_HEADER)
		to = rill_loop_import(flow, region, from);
	else
		rill_flow_fail(flow, "a function can use its parameters only");
	r = &flow->regions[region];
	if (!rill_flow_room(flow, &r->imports, &r->import_room, r->import_count + 1, sizeof(*r->imports)))
		return RILL_NO_VALUE;
	r->imports[r->import_count++] = (struct flow_import){ from, to };
	return to;
}

/*
 * The region just outside. A body that is not fused lies in its header, but an invariant that
 * the header does not know goes straight in.
 */
static struct rill_value use_outside(struct rill_flow *flow, uint32_t region, struct rill_value value)
{
	const struct flow_region *r = &flow->regions[region];
	uint32_t parent = r->parent;
	struct rill_value from, to;

	if (parent == FLOW_NONE) {
		rill_flow_fail(flow, "a value from elsewhere in '%s'",
			       r->kind == REGION_FUNCTION ? flow->functions[r->owner]->name : "the program");
		return RILL_NO_VALUE;
	}
	if (r->kind == REGION_BODY && flow->form == RILL_UNFUSED && flow->regions[parent].kind == REGION_HEADER &&
	    value.region != parent) {
		from = rill_flow_use(flow, flow->regions[parent].parent, value);
		if (!known_import(&flow->regions[parent], &from, &to))
			return from;
	}
	return rill_flow_use(flow, parent, value);
}

struct rill_value rill_flow_use(struct rill_flow *flow, uint32_t region, struct rill_value value)
{
	struct rill_value outside;

	if (flow->graph->failed || value.kind == VALUE_NONE || value.kind == VALUE_CONST)
		return value;
	if (value.region == region)
		return make(flow, value);
	outside = use_outside(flow, region, value);
	return flow->graph->failed ? RILL_NO_VALUE : import(flow, region, outside);
}

void rill_flow_connect(struct rill_flow *flow, struct rill_value from, uint32_t node, uint32_t port)
{
	if (!flow->graph->failed)
		rill_graph_arc(flow->graph, from.index, from.slot, node, port, 0);
}
