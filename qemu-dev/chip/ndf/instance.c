// SPDX-License-Identifier: GPL-2.0-or-later
/* An engine: the state of one run of a program. */
#include <stdlib.h>
#include <string.h>

#include "fire.h"

#define DEFAULT_SINK_TOKENS	(1u << 20)
#define LINE_BYTES		64u
#define LARGE_BYTES		(1u << 18)

/* calloc(0) may give NULL, which must not look like a failure. */
#define NEW(p, count) ((p) = calloc((size_t)(count) + 1, sizeof(*(p))))

/*
 * Tokens beyond the two at hand that an arc may hold. A firing may put a token into an arc
 * to the node itself before it takes one.
 */
static uint32_t far_words(const struct ndf_arc_desc *arc, uint32_t capacity)
{
	uint32_t words = 1;

	if (arc->src == arc->dst)
		capacity++;
	if (capacity <= NDF_NEAR)
		return 0;
	while (words < capacity)
		words *= 2;
	return words;
}

static uint32_t end_of(const struct rill_ndf_program *program, uint32_t node, uint32_t bit)
{
	return node << NDF_END_BITS | (ndf_is_narrow(program, node) ? bit : NDF_MAX_BITS);
}

static void init_arc(struct rill_ndf_engine *engine, uint32_t i, uint32_t capacity, uint16_t initial)
{
	const struct rill_ndf_program *program = engine->program;
	const struct ndf_arc_desc *desc = &program->arcs[i];
	uint32_t wanted = capacity ? capacity : desc->capacity;

	if (wanted > RILL_NDF_MAX_CAPACITY)
		wanted = RILL_NDF_MAX_CAPACITY;
	if (wanted < initial)
		wanted = initial;
	engine->arcs[i] = (struct ndf_arc){
		.capacity = (uint16_t)wanted, .pushed = initial, .count = initial,
		.src = end_of(program, desc->src, program->nodes[desc->src].inputs + i -
			      ndf_first_out(program, desc->src)),
		.dst = end_of(program, desc->dst, desc->dst_port),
	};
	if (engine->hooked)
		engine->transit[i].arrived = initial;
}

/* Places the rings. */
static bool init_rings(struct rill_ndf_engine *engine)
{
	const struct rill_ndf_program *program = engine->program;
	uint64_t at = 0;
	uint32_t i;

	for (i = 0; i < program->arc_count; i++) {
		uint32_t words = far_words(&program->arcs[i], engine->arcs[i].capacity);

		engine->rings[i] = (struct ndf_ring){ .at = (uint32_t)at, .mask = words - 1 };
		at += words;
	}
	return at <= UINT32_MAX && NEW(engine->far, at);
}

static void init_tokens(struct rill_ndf_engine *engine)
{
	const struct rill_ndf_program *program = engine->program;
	uint32_t i, k = 0, last = UINT32_MAX;

	for (i = 0; i < program->token_count; i++) {
		uint32_t number = program->token_arcs[i];
		const struct ndf_ring *ring = &engine->rings[number];

		k = number == last ? k + 1 : 0;
		last = number;
		if (k < NDF_NEAR)
			engine->arcs[number].words[k] = program->token_words[i];
		else
			engine->far[ring->at + (k & ring->mask)] = program->token_words[i];
	}
}

static bool init_arcs(struct rill_ndf_engine *engine, uint32_t capacity)
{
	const struct rill_ndf_program *program = engine->program;
	size_t bytes = program->arc_count * sizeof(*engine->arcs);
	uint16_t *initial;
	uint32_t i;

	engine->arc_memory = calloc(1, bytes + LINE_BYTES);
	if (!engine->arc_memory || !NEW(initial, program->arc_count))
		return false;
	engine->arcs = (struct ndf_arc *)(((uintptr_t)engine->arc_memory + LINE_BYTES - 1) &
					  ~(uintptr_t)(LINE_BYTES - 1));
	engine->large = bytes > LARGE_BYTES;
	for (i = 0; i < program->token_count; i++)
		initial[program->token_arcs[i]]++;
	for (i = 0; i < program->arc_count; i++)
		init_arc(engine, i, capacity, initial[i]);
	free(initial);
	if (!init_rings(engine))
		return false;
	init_tokens(engine);
	return true;
}

static uint8_t simple_code(unsigned int op, unsigned int imm)
{
	static const uint8_t codes[][3] = {
		[NDF_INTEGER] = { NDF_CODE_INTEGER_AB, NDF_CODE_INTEGER_IB, NDF_CODE_INTEGER_AI },
		[NDF_COMPARE] = { NDF_CODE_COMPARE_AB, NDF_CODE_COMPARE_IB, NDF_CODE_COMPARE_AI },
		[NDF_FLOAT] = { NDF_CODE_FLOAT_AB, NDF_CODE_FLOAT_IB, NDF_CODE_FLOAT_AI },
	};

	return op < RILL_NDF_THEN ? NDF_CODE_UNARY : codes[ndf_class_of(op)][imm];
}

static void init_op(struct rill_ndf_engine *engine, uint32_t i)
{
	const struct rill_ndf_program *program = engine->program;
	const struct ndf_node_desc *desc = &program->nodes[i];
	const uint32_t *in = engine->in_arcs + program->first_in[i];
	struct ndf_node *n = &engine->nodes[i];

	n->op = desc->mode;
	n->imm = desc->imm;
	if (ndf_is_memory_op(desc->mode)) {
		ndf_set_code(n, NDF_CODE_MEMORY);
	} else if (desc->mode == RILL_NDF_STREAM) {
		ndf_set_code(n, NDF_CODE_STREAM);
	} else if (desc->mode == RILL_NDF_SELECT) {
		ndf_set_code(n, NDF_CODE_SELECT);
	} else {
		ndf_set_code(n, simple_code(desc->mode, desc->flags & RILL_NDF_OP_IMM_MASK));
		n->in = in[0];
		n->in2 = in[desc->inputs - 1];
	}
}

static void init_wide(struct rill_ndf_engine *engine, uint32_t i, struct ndf_wide *wide)
{
	const struct rill_ndf_program *program = engine->program;
	const struct ndf_node_desc *desc = &program->nodes[i];
	const uint32_t *in = engine->in_arcs + program->first_in[i];
	unsigned int port, inputs = desc->inputs;
	uint32_t a;

	wide->full_arcs = engine->full_arcs + program->first_port[i];
	wide->extra_port = UINT32_MAX;
	if (ndf_has_switch(desc) || (desc->kind == RILL_NDF_WHEN && desc->flags & RILL_NDF_WHEN_TEACHER))
		wide->extra_port = --inputs;
	wide->switched = ndf_has_switch(desc);
	for (port = 0; port < inputs; port++) {
		if (engine->arcs[in[port]].count)
			wide->have |= 1ULL << port;
	}
	if (wide->extra_port != UINT32_MAX)
		wide->have_extra = engine->arcs[in[inputs]].count;
	for (a = ndf_first_out(program, i); a < ndf_first_out(program, i + 1); a++) {
		const struct ndf_arc *arc = &engine->arcs[a];

		if (arc->count == arc->capacity)
			ndf_wide_lose(engine, i, arc, true);
	}
	wide->want = ndf_low_bits(inputs);
	wide->want_out = ndf_low_bits(desc->outputs);
}

static uint32_t have_bits(const struct rill_ndf_engine *engine, uint32_t i)
{
	const struct rill_ndf_program *program = engine->program;
	unsigned int inputs = program->nodes[i].inputs, port;
	uint32_t have = 0, first = ndf_first_out(program, i), a;

	for (port = 0; port < inputs; port++) {
		if (engine->arcs[engine->in_arcs[program->first_in[i] + port]].count)
			have |= 1u << port;
	}
	for (a = first; a < ndf_first_out(program, i + 1); a++) {
		const struct ndf_arc *arc = &engine->arcs[a];

		if (arc->count < arc->capacity)
			have |= 1u << (inputs + a - first);
	}
	return have;
}

static void init_where(struct rill_ndf_engine *engine, uint32_t i, struct ndf_wide *wide)
{
	const struct ndf_where *where = &engine->program->wheres[engine->program->aux[i]];
	const struct ndf_pattern *pattern = &engine->program->patterns[where->first];
	struct ndf_node *n = &engine->nodes[i];

	ndf_set_code(n, where->mode == RILL_NDF_STATIC ? NDF_CODE_WHERE : NDF_CODE_SWITCH);
	if (where->mode == RILL_NDF_STATIC) {
		n->imm = where->first;
		if (!wide) {
			n->want = pattern->want;
		} else {
			wide->want = pattern->need;
			wide->want_out = pattern->use;
			wide->want_own = ndf_own_inputs(engine->program, i, pattern->use) & ~pattern->cons;
		}
		return;
	}
	if (wide)
		ndf_wide_want_switch(wide);
	else
		n->want = 1u << where->inputs;
}

static void init_source(struct rill_ndf_engine *engine, uint32_t i, struct ndf_wide *wide)
{
	struct ndf_source_run *source = &engine->sources[engine->nodes[i].in2];

	ndf_set_code(&engine->nodes[i], NDF_CODE_SOURCE);
	source->count = engine->program->sources[engine->nodes[i].in2].count;
	if (source->count)
		return;
	if (wide)
		wide->want_extra = true;
	else
		engine->nodes[i].want = NDF_NEVER;
}

static void init_sink(struct rill_ndf_engine *engine, uint32_t i)
{
	const struct ndf_node_desc *desc = &engine->program->nodes[i];
	struct ndf_sink_run *sink = &engine->sinks[engine->nodes[i].in2];

	engine->nodes[i].code = NDF_CODE_SINK;
	sink->mode = desc->mode;
	sink->expected = desc->imm;
	if (desc->mode == RILL_NDF_SINK_QUIET)
		engine->quiet_sinks++;
	if (desc->mode == RILL_NDF_SINK_COUNT || desc->mode == RILL_NDF_SINK_UNTIL) {
		engine->open_sinks++;
		engine->counted_sinks++;
		ndf_sink_check(engine, engine->nodes[i].in2);
	}
}

static void init_node(struct rill_ndf_engine *engine, uint32_t i, struct ndf_wide *wide)
{
	const struct rill_ndf_program *program = engine->program;
	const struct ndf_node_desc *desc = &program->nodes[i];
	struct ndf_node *n = &engine->nodes[i];

	*n = (struct ndf_node){ .in = program->first_in[i], .in2 = program->aux[i],
				.out = ndf_first_out(program, i) };
	if (wide) {
		n->code = NDF_CODE_WIDE;
		n->want = NDF_WIDE_BIT;
		init_wide(engine, i, wide);
	} else {
		n->fan = (uint8_t)ndf_fan(program, i);
		n->inner = desc->inputs;
		n->want = (uint32_t)ndf_low_bits(desc->inputs) |
			  ndf_port_bits(program, i, ndf_low_bits(desc->outputs), ndf_low_bits(desc->inputs));
		n->have = have_bits(engine, i);
	}
	switch (desc->kind) {
	case RILL_NDF_OP:
		init_op(engine, i);
		break;
	case RILL_NDF_WHEN:
		ndf_set_code(n, desc->mode == RILL_NDF_EVENT ? NDF_CODE_EVENT : NDF_CODE_WHEN);
		n->op = ndf_when_of(engine, i)->state;
		if (desc->mode == RILL_NDF_PRED) {
			uint32_t want = ndf_when_want(engine, i);

			n->want = wide ? n->want : want;
		}
		break;
	case RILL_NDF_WHERE:
		init_where(engine, i, wide);
		break;
	case RILL_NDF_SOURCE:
		init_source(engine, i, wide);
		break;
	default:
		init_sink(engine, i);
		break;
	}
}

static bool init_nodes(struct rill_ndf_engine *engine)
{
	const struct rill_ndf_program *program = engine->program;
	uint32_t i, wide = 0;

	for (i = 0; i < program->node_count; i++)
		wide += !ndf_is_narrow(program, i);
	if (wide && (!NEW(engine->wide_at, program->node_count) || !NEW(engine->wide, wide) ||
		     !NEW(engine->full_arcs, program->port_count)))
		return false;
	for (i = 0, wide = 0; i < program->node_count; i++) {
		if (ndf_is_narrow(program, i)) {
			init_node(engine, i, NULL);
			continue;
		}
		engine->wide_at[i] = wide;
		init_node(engine, i, &engine->wide[wide++]);
	}
	return true;
}

/* ---- state of WHENs: v, and what learning changes ---- */

static size_t when_words(const struct ndf_when *when)
{
	size_t words = when->dims;

	if (when->plastic)
		words += 2u * when->dims + (when->inputs * when->dims + 1u) / 2 + when->inputs +
			 (when->dims + 1u) / 2 + when->plastic->history * ndf_history_words(when);
	return words;
}

static uint64_t *take(uint64_t **at, size_t words)
{
	uint64_t *p = *at;

	*at += words;
	return p;
}

static void init_when(const struct ndf_when *when, struct ndf_when_run *run, uint64_t *at)
{
	size_t weights = (size_t)when->inputs * when->dims;

	run->bias = (int64_t *)when->bias;
	run->theta = (int64_t *)when->theta;
	run->weights = (int32_t *)when->weights;
	run->v = (int64_t *)take(&at, when->dims);
	if (!when->plastic)
		return;
	run->bias = memcpy(take(&at, when->dims), when->bias, 8u * when->dims);
	run->theta = memcpy(take(&at, when->dims), when->theta, 8u * when->dims);
	run->weights = memcpy(take(&at, (weights + 1) / 2), when->weights, 4 * weights);
	run->trace = (int64_t *)take(&at, when->inputs);
	run->rate = (int32_t *)take(&at, (when->dims + 1u) / 2);
	run->history_words = (uint32_t)ndf_history_words(when);
	run->history = at;
}

static bool has_state(const struct rill_ndf_program *program, uint32_t i)
{
	return program->nodes[i].kind == RILL_NDF_WHEN && !program->whens[program->aux[i]].plain;
}

static bool init_whens(struct rill_ndf_engine *engine)
{
	const struct rill_ndf_program *program = engine->program;
	uint32_t i, state = 0;
	size_t words = 0;

	for (i = 0; i < program->node_count; i++) {
		if (has_state(program, i))
			words += when_words(&program->whens[program->aux[i]]);
	}
	if (!NEW(engine->when_data, words) || !NEW(engine->states, program->stateful))
		return false;
	for (i = 0, words = 0; i < program->node_count; i++) {
		const struct ndf_when *when = &program->whens[program->aux[i]];

		if (!has_state(program, i))
			continue;
		engine->nodes[i].imm = state;
		init_when(when, &engine->states[state++], engine->when_data + words);
		words += when_words(when);
	}
	return true;
}

static bool allocate(struct rill_ndf_engine *engine)
{
	const struct rill_ndf_program *program = engine->program;

	if (engine->hooked && !NEW(engine->transit, program->arc_count))
		return false;
	return NEW(engine->nodes, program->node_count) && NEW(engine->rings, program->arc_count) &&
	       NEW(engine->carries, program->arc_count) && NEW(engine->next, program->node_count) &&
	       NEW(engine->ready, program->node_count) && NEW(engine->events, program->when_count) &&
	       NEW(engine->parked, program->node_count) &&
	       NEW(engine->sources, program->source_count) && NEW(engine->sinks, program->sink_count);
}

struct rill_ndf_engine *rill_ndf_engine_new(const struct rill_ndf_program *program,
					    const struct rill_ndf_options *options)
{
	struct rill_ndf_engine *engine = calloc(1, sizeof(*engine));

	if (!engine)
		return NULL;
	engine->program = program;
	engine->host = options->host;
	engine->hooked = options->hooks;
	if (options->hooks)
		engine->hooks = *options->hooks;
	engine->sink_limit = options->sink_tokens ? options->sink_tokens : DEFAULT_SINK_TOKENS;
	engine->order = options->order_seed;
	engine->random = options->order_seed;
	engine->wheres = program->wheres;
	engine->patterns = program->patterns;
	engine->from = program->from;
	engine->moves = program->moves;
	engine->whens = program->whens;
	engine->in_arcs = program->in_arcs;
	if (!allocate(engine) || !init_arcs(engine, options->capacity) || !init_nodes(engine) ||
	    !init_whens(engine)) {
		rill_ndf_engine_free(engine);
		return NULL;
	}
	return engine;
}

void rill_ndf_engine_free(struct rill_ndf_engine *engine)
{
	uint32_t i;

	if (!engine)
		return;
	for (i = 0; engine->sources && i < engine->program->source_count; i++)
		free(engine->sources[i].own);
	for (i = 0; engine->sinks && i < engine->program->sink_count; i++)
		free(engine->sinks[i].words);
	free(engine->nodes);
	free(engine->arc_memory);
	free(engine->rings);
	free(engine->far);
	free(engine->carries);
	free(engine->transit);
	free(engine->next);
	free(engine->ready);
	free(engine->events);
	free(engine->parked);
	free(engine->states);
	free(engine->wide);
	free(engine->wide_at);
	free(engine->full_arcs);
	free(engine->sources);
	free(engine->sinks);
	free(engine->when_data);
	free(engine);
}

void ndf_start(struct rill_ndf_engine *engine)
{
	uint32_t i;

	engine->started = true;
	for (i = 0; i < engine->program->node_count; i++) {
		const struct ndf_node *n = &engine->nodes[i];

		if (n->code == NDF_CODE_WIDE)
			ndf_wide_try(engine, i);
		else if (n->want & ~n->have)
			continue;
		else if (n->code == NDF_CODE_SWITCH)
			ndf_select(engine, i, engine->hooked);
		else
			ndf_enqueue(engine, i, engine->hooked);
	}
}

void ndf_unpark(struct rill_ndf_engine *engine)
{
	uint32_t i, count = engine->parked_count;

	engine->parked_count = 0;
	for (i = 0; i < count; i++)
		ndf_enqueue(engine, engine->parked[i], engine->hooked);
}
