// SPDX-License-Identifier: GPL-2.0-or-later
/* A program in memory: the binary's tables in native form, made once it is validated. */
#include <stdlib.h>
#include <string.h>

#include "share.h"
#include "validate.h"

struct loader {
	struct rill_ndf_program *program;
	const struct ndf_view *view;
	struct ndf_sharing sharing;
	/* How much room; then how much of it is used */
	size_t patterns, from, when_bytes, source_words;
	size_t moves, moves_room;
	uint32_t wheres, whens;
};

static void count_where(struct loader *l, const struct ndf_node_desc *node)
{
	uint32_t count = NDF_LE32(ndf_view_block(l->view, node), rill_ndf_where, count);

	l->program->where_count++;
	if (node->mode <= RILL_NDF_TABLE) {
		l->patterns += count;
		l->from += (size_t)count * node->outputs;
	} else {
		l->from += count;
	}
}

static void count_when(struct loader *l, const struct ndf_node_desc *node)
{
	const struct ndf_when_layout at = ndf_when_layout(ndf_view_block(l->view, node), node);

	l->program->when_count++;
	l->when_bytes += at.plastic - at.need + (at.bias - at.need);
	if (at.end != at.plastic)
		l->when_bytes += sizeof(struct ndf_plastic);
}

static void count_nodes(struct loader *l)
{
	struct rill_ndf_program *program = l->program;
	uint32_t i;

	for (i = 0; i < program->node_count; i++) {
		const struct ndf_node_desc node = ndf_view_node(l->view, i);

		program->input_count += node.inputs;
		program->port_count += node.outputs;
		if (node.kind == RILL_NDF_WHERE)
			count_where(l, &node);
		else if (node.kind == RILL_NDF_WHEN)
			count_when(l, &node);
		else if (node.kind == RILL_NDF_SINK)
			program->sink_count++;
		else if (node.kind == RILL_NDF_SOURCE)
			program->source_count++;
		if (node.kind == RILL_NDF_SOURCE && node.flags & RILL_NDF_SOURCE_WORDS)
			l->source_words += NDF_LE32(ndf_view_block(l->view, &node), rill_ndf_source, count);
	}
}

/* calloc(0) may give NULL, which must not look like a failure. */
#define NEW(p, count) ((p) = calloc((size_t)(count) + 1, sizeof(*(p))))

static bool allocate(struct loader *l)
{
	struct rill_ndf_program *p = l->program;

	return NEW(p->nodes, p->node_count) && NEW(p->arcs, p->arc_count) &&
	       NEW(p->first_in, p->node_count) && NEW(p->in_arcs, p->input_count) &&
	       NEW(p->first_port, p->node_count) && NEW(p->port_arcs, p->port_count) &&
	       NEW(p->aux, p->node_count) && NEW(p->token_arcs, p->token_count) &&
	       NEW(p->token_words, p->token_count) && NEW(p->source_nodes, p->source_count) &&
	       NEW(p->sink_nodes, p->sink_count) && NEW(p->sources, p->source_count) &&
	       NEW(p->source_words, l->source_words) && NEW(p->wheres, p->where_count) &&
	       NEW(p->patterns, l->patterns) && NEW(p->from, l->from) && NEW(p->whens, p->when_count) &&
	       (p->when_data = calloc(1, l->when_bytes + 8));
}

static void load_source(struct loader *l, uint32_t i, const struct ndf_node_desc *node)
{
	struct rill_ndf_program *program = l->program;
	struct ndf_words *source = &program->sources[program->aux[i]];
	const uint8_t *block;
	uint32_t k;

	program->source_nodes[program->aux[i]] = i;
	if (!(node->flags & RILL_NDF_SOURCE_WORDS))
		return;
	block = ndf_view_block(l->view, node);
	source->count = NDF_LE32(block, rill_ndf_source, count);
	source->words = program->source_words + l->source_words;
	for (k = 0; k < source->count; k++)
		program->source_words[l->source_words++] =
			ndf_le64(block + sizeof(struct rill_ndf_source) + 8ULL * k);
}

static void load_nodes(struct loader *l)
{
	struct rill_ndf_program *program = l->program;
	uint32_t i, inputs = 0, ports = 0, aux[RILL_NDF_SINK + 1] = { 0 };

	for (i = 0; i < program->node_count; i++) {
		const struct ndf_node_desc node = ndf_view_node(l->view, i);

		program->nodes[i] = node;
		program->first_in[i] = inputs;
		program->first_port[i] = ports;
		program->aux[i] = aux[node.kind]++;
		inputs += node.inputs;
		ports += node.outputs;
		if (node.kind == RILL_NDF_SOURCE)
			load_source(l, i, &node);
		else if (node.kind == RILL_NDF_SINK)
			program->sink_nodes[program->aux[i]] = i;
	}
	program->first_in[i] = inputs;
	program->first_port[i] = ports;
}

static void load_arcs(struct loader *l)
{
	struct rill_ndf_program *program = l->program;
	uint32_t i, port = 0;

	for (i = 0; i < program->arc_count; i++) {
		const struct ndf_arc_desc arc = ndf_view_arc(l->view, i);

		program->arcs[i] = arc;
		program->in_arcs[program->first_in[arc.dst] + arc.dst_port] = i;
		/* Every port has an arc and arcs are sorted: ports come one by one. */
		if (program->first_port[arc.src] + arc.src_port == port)
			program->port_arcs[port++] = i;
	}
	program->port_arcs[port] = i;
	for (i = 0; i < program->token_count; i++) {
		program->token_arcs[i] = NDF_LE32(ndf_view_token(l->view, i), rill_ndf_token, arc);
		program->token_words[i] = NDF_LE64(ndf_view_token(l->view, i), rill_ndf_token, word);
	}
}

/* Room for the moves of one more pattern of a narrow node */
static bool more_moves(struct loader *l)
{
	size_t most = 3 * (NDF_MAX_BITS + 1), room = l->moves_room;
	uint8_t *moves;

	if (l->moves + most <= room)
		return true;
	room = 2 * room + most;
	moves = room < UINT32_MAX ? realloc(l->program->moves, room) : NULL;
	if (!moves)
		return false;
	l->program->moves = moves;
	l->moves_room = room;
	return true;
}

static bool list_moves(struct loader *l, uint32_t node, struct ndf_pattern *pattern, const uint8_t *from)
{
	const struct rill_ndf_program *program = l->program;
	const uint32_t *arcs = program->port_arcs + program->first_port[node];
	const struct ndf_node_desc *desc = &program->nodes[node];
	uint64_t takes = pattern->cons;
	uint8_t *move;
	uint32_t o, a;

	if (!more_moves(l))
		return false;
	pattern->first = (uint32_t)l->moves;
	move = program->moves + l->moves;
	for (o = 0; o < desc->outputs; o++) {
		for (a = arcs[o]; from[o] != RILL_NDF_NO_INPUT && a < arcs[o + 1]; a++) {
			*move++ = from[o];
			*move++ = (uint8_t)(a - arcs[0]);
			pattern->puts++;
		}
	}
	if (ndf_has_switch(desc))
		takes |= 1ULL << (desc->inputs - 1);
	for (; takes; takes &= takes - 1) {
		*move++ = (uint8_t)__builtin_ctzll(takes);
		pattern->takes++;
	}
	l->moves = (size_t)(move - program->moves);
	return true;
}

static bool load_pattern(struct loader *l, uint32_t node, struct ndf_pattern *pattern, const uint8_t *p)
{
	struct rill_ndf_program *program = l->program;
	const uint8_t *from = p + sizeof(struct rill_ndf_pattern);
	unsigned int outputs = program->nodes[node].outputs, o;

	*pattern = (struct ndf_pattern){
		.need = NDF_LE64(p, rill_ndf_pattern, need),
		.cons = NDF_LE64(p, rill_ndf_pattern, cons),
		.from = (uint32_t)l->from,
	};
	for (o = 0; o < outputs; o++) {
		if (from[o] != RILL_NDF_NO_INPUT)
			pattern->use |= 1ULL << o;
		program->from[l->from++] = from[o];
	}
	if (!ndf_is_narrow(program, node))
		return true;
	pattern->want = (uint32_t)pattern->need | ndf_port_bits(program, node, pattern->use, pattern->cons);
	return list_moves(l, node, pattern, from);
}

static bool load_where(struct loader *l, uint32_t i)
{
	struct rill_ndf_program *program = l->program;
	const struct ndf_node_desc *node = &program->nodes[i];
	struct ndf_where *where = &program->wheres[program->aux[i] = l->wheres++];
	const uint8_t *p = ndf_view_block(l->view, node);
	uint32_t k;

	*where = (struct ndf_where){
		.mode = node->mode,
		.inputs = (uint8_t)(node->inputs - (ndf_has_switch(node) ? 1 : 0)),
		.outputs = node->outputs,
		.packed = node->flags & RILL_NDF_WHERE_PACKED,
		.count = NDF_LE32(p, rill_ndf_where, count),
	};
	p += sizeof(struct rill_ndf_where);
	if (node->mode > RILL_NDF_TABLE) {
		where->first = (uint32_t)l->from;
		memcpy(program->from + l->from, p, where->count);
		l->from += where->count;
		return true;
	}
	where->first = (uint32_t)l->patterns;
	for (k = 0; k < where->count; k++) {
		if (!load_pattern(l, i, &program->patterns[l->patterns++], p))
			return false;
		p += sizeof(struct rill_ndf_pattern) + ndf_pad8(node->outputs);
	}
	return true;
}

static void *take(struct loader *l, size_t bytes)
{
	void *p = (char *)l->program->when_data + l->when_bytes;

	l->when_bytes += ndf_pad8(bytes);
	return p;
}

static const uint64_t *take_words(struct loader *l, const uint8_t *p, size_t count)
{
	uint64_t *words = take(l, 8 * count);
	size_t k;

	for (k = 0; k < count; k++)
		words[k] = ndf_le64(p + 8 * k);
	return words;
}

static const int32_t *take_weights(struct loader *l, const uint8_t *p, size_t count)
{
	int32_t *weights = take(l, 4 * count);
	size_t k;

	for (k = 0; k < count; k++)
		weights[k] = (int32_t)ndf_le32(p + 4 * k);
	return weights;
}

static const struct ndf_entry *take_table(struct loader *l, const uint8_t *p, const uint8_t *end)
{
	size_t count = (size_t)(end - p) / sizeof(struct rill_ndf_entry), k;
	struct ndf_entry *table = take(l, count * sizeof(*table));

	for (k = 0; k < count; k++, p += sizeof(struct rill_ndf_entry)) {
		table[k].id = NDF_LE32(p, rill_ndf_entry, id);
		table[k].next = p[offsetof(struct rill_ndf_entry, next)];
		table[k].emit = p[offsetof(struct rill_ndf_entry, emit)];
	}
	return table;
}

static const struct ndf_plastic *take_plastic(struct loader *l, const uint8_t *p)
{
	struct ndf_plastic *plastic = take(l, sizeof(*plastic));

	*plastic = (struct ndf_plastic){
		.rule = p[offsetof(struct rill_ndf_plastic, rule)],
		.history = p[offsetof(struct rill_ndf_plastic, history)],
		.trace = p[offsetof(struct rill_ndf_plastic, trace)],
		.rate = p[offsetof(struct rill_ndf_plastic, rate)],
		.eta = NDF_LE32(p, rill_ndf_plastic, eta),
		.psi_min = NDF_LE32(p, rill_ndf_plastic, psi_min),
		.miss = (int32_t)NDF_LE32(p, rill_ndf_plastic, miss),
		.weight_min = (int32_t)NDF_LE32(p, rill_ndf_plastic, weight_min),
		.weight_max = (int32_t)NDF_LE32(p, rill_ndf_plastic, weight_max),
		.bias_min = (int64_t)NDF_LE64(p, rill_ndf_plastic, bias_min),
		.bias_max = (int64_t)NDF_LE64(p, rill_ndf_plastic, bias_max),
		.theta_min = (int64_t)NDF_LE64(p, rill_ndf_plastic, theta_min),
		.theta_max = (int64_t)NDF_LE64(p, rill_ndf_plastic, theta_max),
		.theta_eta = NDF_LE32(p, rill_ndf_plastic, theta_eta),
		.target = NDF_LE32(p, rill_ndf_plastic, target),
		.first = NDF_LE64(p, rill_ndf_plastic, first),
		.length = NDF_LE64(p, rill_ndf_plastic, length),
		.period = NDF_LE64(p, rill_ndf_plastic, period),
	};
	return plastic;
}

static const uint32_t *take_wants(struct loader *l, uint32_t node, const struct ndf_when *when)
{
	uint32_t *wants = take(l, 4u * when->states), q;

	if (!ndf_is_narrow(l->program, node))
		return NULL;
	for (q = 0; q < when->states; q++)
		wants[q] = (uint32_t)when->need[q] | ndf_port_bits(l->program, node, 1, when->need[q]);
	return wants;
}

static void load_when(struct loader *l, uint32_t i)
{
	struct rill_ndf_program *program = l->program;
	const struct ndf_node_desc *node = &program->nodes[i];
	struct ndf_when *when = &program->whens[program->aux[i] = l->whens++];
	const uint8_t *p = ndf_view_block(l->view, node);
	const struct ndf_when_layout at = ndf_when_layout(p, node);
	const struct rill_ndf_when *bytes = (const void *)p;	/* of bytes only */

	*when = (struct ndf_when){
		.decode = bytes->decode, .reset = bytes->reset, .dims = bytes->dims, .top = bytes->top,
		.states = bytes->states, .state = bytes->state, .frac = bytes->frac,
		.x_frac = bytes->x_frac, .leak = bytes->leak, .width = bytes->width,
		.inputs = (uint8_t)at.inputs, .event = node->mode == RILL_NDF_EVENT,
	};
	when->need = take_words(l, p + at.need, when->states);
	when->wants = take_wants(l, i, when);
	when->bias = (const int64_t *)take_words(l, p + at.bias, when->dims);
	when->theta = (const int64_t *)take_words(l, p + at.theta, when->dims);
	when->weights = take_weights(l, p + at.weight, (size_t)when->inputs * when->dims);
	when->table = take_table(l, p + at.table, p + at.plastic);
	if (at.end != at.plastic)
		when->plastic = take_plastic(l, p + at.plastic);
	when->plain = !when->event && !when->plastic && when->reset == RILL_NDF_RESET_ALL;
	when->quick = when->plain && when->wants && when->decode == RILL_NDF_DECODE_TABLE &&
		      when->width == 64 && !when->x_frac;
}

static bool load_control(struct loader *l)
{
	struct rill_ndf_program *program = l->program;
	uint32_t i, same;
	bool ok = true;

	if (!ndf_sharing_init(&l->sharing, program->when_count + program->where_count))
		return false;
	for (i = 0; ok && i < program->node_count; i++) {
		unsigned int kind = program->nodes[i].kind;

		if (kind != RILL_NDF_WHEN && kind != RILL_NDF_WHERE)
			continue;
		same = ndf_share(&l->sharing, program, l->view, i);
		if (same != i)
			program->aux[i] = program->aux[same];
		else if (kind == RILL_NDF_WHERE)
			ok = load_where(l, i);
		else
			load_when(l, i);
		if (kind == RILL_NDF_WHEN)
			program->stateful += !program->whens[program->aux[i]].plain;
	}
	ndf_sharing_fini(&l->sharing);
	return ok;
}

struct rill_ndf_program *rill_ndf_program_new(const void *binary, size_t size,
					      struct rill_ndf_verdict *verdict)
{
	struct rill_ndf_program *program;
	struct ndf_check check;
	struct loader l;

	if (!ndf_check_binary(&check, binary, size, verdict))
		return NULL;
	program = calloc(1, sizeof(*program));
	if (!program)
		return NULL;
	program->node_count = check.view.node_count;
	program->arc_count = check.view.arc_count;
	program->token_count = check.view.token_count;
	program->memory_bytes = check.view.memory_bytes;
	l = (struct loader){ .program = program, .view = &check.view };
	count_nodes(&l);
	if (!allocate(&l)) {
		rill_ndf_program_free(program);
		return NULL;
	}
	l = (struct loader){ .program = program, .view = &check.view };
	load_nodes(&l);
	load_arcs(&l);
	if (!load_control(&l)) {
		rill_ndf_program_free(program);
		return NULL;
	}
	return program;
}

void rill_ndf_program_free(struct rill_ndf_program *program)
{
	if (!program)
		return;
	free(program->nodes);
	free(program->arcs);
	free(program->first_in);
	free(program->in_arcs);
	free(program->first_port);
	free(program->port_arcs);
	free(program->aux);
	free(program->token_arcs);
	free(program->token_words);
	free(program->source_nodes);
	free(program->sink_nodes);
	free(program->sources);
	free(program->source_words);
	free(program->wheres);
	free(program->patterns);
	free(program->from);
	free(program->moves);
	free(program->whens);
	free(program->when_data);
	free(program);
}

uint32_t rill_ndf_program_nodes(const struct rill_ndf_program *program)
{
	return program->node_count;
}

uint32_t rill_ndf_program_arcs(const struct rill_ndf_program *program)
{
	return program->arc_count;
}

uint64_t rill_ndf_program_memory(const struct rill_ndf_program *program)
{
	return program->memory_bytes;
}

uint32_t rill_ndf_program_sources(const struct rill_ndf_program *program)
{
	return program->source_count;
}

uint32_t rill_ndf_program_sinks(const struct rill_ndf_program *program)
{
	return program->sink_count;
}

uint32_t rill_ndf_program_source_node(const struct rill_ndf_program *program, uint32_t source)
{
	return program->source_nodes[source];
}

uint32_t rill_ndf_program_sink_node(const struct rill_ndf_program *program, uint32_t sink)
{
	return program->sink_nodes[sink];
}
