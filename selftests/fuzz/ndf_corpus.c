// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "ndf_corpus.h"
#include "ndf_graphs.h"
#include "ndf_programs.h"

uint64_t corpus_random(uint64_t *random)
{
	return rig_random(random);
}

static unsigned int below(uint64_t *random, size_t n)
{
	return (unsigned int)(rig_random(random) % (n ? n : 1));
}

/* ---- what is mutated ---- */

static void ranked(struct rig *rig, unsigned int decode, unsigned int mode)
{
	static const uint8_t rows[4] = { 0, 1, 2, 3 }, same[4] = { 0, 0, 0, 0 };
	int32_t identity[16] = { [0] = 1, [5] = 1, [10] = 1, [15] = 1 };
	uint32_t when, where, i;
	bool packed = mode == RILL_NDF_MASK;

	when = build_when(&rig->b, &(struct neuron){
		.head = { .decode = (uint8_t)decode, .dims = 4, .states = 1, .width = 32, .leak = 3,
			  .top = decode == RILL_NDF_DECODE_TOPK ? 2 : 0, .reset = RILL_NDF_RESET_SUBTRACT },
		.inputs = 4, .weights = identity,
	});
	where = build_rows(&rig->b, mode, packed, packed ? 4 : 1, packed ? 2 : 4, packed ? rows : same, 4);
	for (i = 0; i < 4; i++)
		FEED(rig, when, i, 5 * i, 7 - i, 3);
	for (i = 0; i < (packed ? 4u : 1u); i++)
		FEED(rig, where, i, 10 + i, 20 + i, 30 + i);
	build_arc(&rig->b, when, 0, where, packed ? 4 : 1);
	for (i = 0; i < (packed ? 2u : 4u); i++)
		rig_drain(rig, where, i);
}

static void learner(struct rig *rig, unsigned int rule, unsigned int mode)
{
	static const struct rill_ndf_entry table[2] = { { .emit = 0 }, { .id = 1, .emit = 1 } };
	static const struct rill_ndf_entry always[2] = { { .emit = 1 }, { .id = 1, .emit = 1 } };
	static const int32_t weights[2] = { 100, -50 };
	static const int64_t theta = 200;
	struct rill_ndf_plastic p = {
		.rule = (uint8_t)rule, .history = rule ? 3 : 0, .eta = 64,
		.trace = rule == RILL_NDF_RULE_RSTDP ? 2 : 0,
		.psi_min = rule == RILL_NDF_RULE_SURROGATE ? 64 : 0,
		.weight_min = (uint32_t)INT32_MIN, .weight_max = INT32_MAX, .bias_min = (uint64_t)INT64_MIN,
		.bias_max = INT64_MAX, .theta_min = (uint64_t)-1000, .theta_max = 1000, .theta_eta = 30,
		.target = 20000, .rate = 3, .first = 1, .length = 6, .period = 8,
	};
	uint32_t when;

	when = build_when(&rig->b, &(struct neuron){
		.head = { .dims = 1, .states = 1, .width = 24, .frac = 8, .x_frac = 2, .leak = 1,
			  .reset = RILL_NDF_RESET_HARD },
		.mode = mode, .inputs = 2, .theta = &theta, .weights = weights,
		.table = mode == RILL_NDF_EVENT ? table : always, .plastic = &p,
	});
	FEED(rig, when, 0, 1, 2, 30, 4, 5, 60, 7, 8, 90);
	FEED(rig, when, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8);
	if (rule)
		FEED(rig, when, 2, 1, 0, RILL_NDF_NO_LESSON, 256, (uint64_t)-256, 1, 1, 0, 0);
	rig_drain(rig, when, 0);
}

/* Nodes with more arcs than fit a node record, one of them to itself */
static void wide(struct rig *rig)
{
	uint8_t rows[40];
	uint32_t where, add, i;

	for (i = 0; i < 40; i++)
		rows[i] = (uint8_t)(39 - i);
	where = build_rows(&rig->b, RILL_NDF_MASK, false, 40, 40, rows, 40);
	for (i = 0; i < 40; i++) {
		FEED(rig, where, i, i, 2 * i);
		rig_drain(rig, where, i);
	}
	FEED(rig, where, 40, 0xffffffffffULL, 5, 0);
	add = build_op(&rig->b, RILL_NDF_ADD);
	FEED(rig, add, 0, 1, 2, 3);
	build_token(&rig->b, build_arc(&rig->b, add, 0, add, 1), 9);
	for (i = 0; i < 35; i++)
		build_arc(&rig->b, add, 0, build_sink(&rig->b, RILL_NDF_SINK_COUNT, 3), 0);
}

static void streams(struct rig *rig)
{
	uint32_t node = build_node(&rig->b, &(struct rill_ndf_node){
		.kind = RILL_NDF_OP, .mode = RILL_NDF_STREAM, .inputs = 2, .outputs = 2, .param = 1,
		.flags = RILL_NDF_OP_IMM(1), .imm = 5, .name = RILL_NDF_NONE,
	});

	FEED(rig, node, 0, 1, 2, 3, 4);
	FEED(rig, node, 1, 5, 6, 7, 8);
	rig_drain(rig, node, 0);
	build_arc(&rig->b, node, 1, build_sink(&rig->b, RILL_NDF_SINK_UNTIL, 8), 0);
}

static void make_one(struct rig *rig, unsigned int i)
{
	static const uint64_t a[] = { 252, 30 }, b[] = { 105, 12 };

	switch (i) {
	case 0:
		program_gcd(rig, a, b, 2);
		break;
	case 1:
		program_sum_memory(rig, 8);
		break;
	case 2:
		ranked(rig, RILL_NDF_DECODE_WTA, RILL_NDF_INDEX);
		break;
	case 3:
		ranked(rig, RILL_NDF_DECODE_TOPK, RILL_NDF_MASK);
		break;
	case 4 ... 9:
		learner(rig, (i - 4) % 3, i >= 7 ? RILL_NDF_EVENT : RILL_NDF_PRED);
		break;
	case 10:
		wide(rig);
		break;
	case 11:
		streams(rig);
		break;
	case 12:
		graph_fibonacci(&rig->b, 12);
		break;
	default:
		program_random(rig, i, i % 2);
		break;
	}
}

void corpus_make(struct sample *corpus)
{
	unsigned int i;

	for (i = 0; i < CORPUS; i++) {
		struct rig rig;

		rig_begin(&rig);
		make_one(&rig, i);
		corpus[i].bytes = build_binary(&rig.b, &corpus[i].size);
		rig_end(&rig);
	}
}

void corpus_free(struct sample *corpus)
{
	unsigned int i;

	for (i = 0; i < CORPUS; i++)
		free(corpus[i].bytes);
}

/* ---- how ---- */

static uint64_t interesting(uint64_t *random)
{
	static const uint64_t values[] = {
		0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64, 65, 127, 128, 255, 256, 4096, 65535, 65536, 131072,
		INT32_MAX, 1ULL << 31, UINT32_MAX, INT64_MAX, 1ULL << 63, UINT64_MAX,
	};

	switch (below(random, 4)) {
	case 0:
		return rig_random(random);
	case 1:
		return below(random, 8);
	default:
		return values[below(random, sizeof(values) / sizeof(*values))];
	}
}

static void put(uint8_t *at, unsigned int bytes, uint64_t value)
{
	unsigned int i;

	for (i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void flip_bits(struct sample *s, uint64_t *random)
{
	unsigned int n = 1 + below(random, 4);

	while (n--)
		s->bytes[below(random, s->size)] ^= (uint8_t)(1u << below(random, 8));
}

/* One field of n bytes in an array of records, or another record's field in its place */
static void change_field(struct sample *s, uint64_t *random, uint32_t section, uint32_t count, size_t record,
			 const uint8_t *fields)
{
	size_t at = section, field, bytes;
	unsigned int pick = below(random, fields[0]);

	if (!count)
		return;
	for (field = 0; pick--; field++)
		at += fields[1 + field];
	bytes = fields[1 + field];
	at += (size_t)below(random, count) * record;
	if (at + bytes > s->size)
		return;
	if (below(random, 4)) {
		put(s->bytes + at, (unsigned int)bytes, interesting(random));
	} else {
		size_t other = section + (at - section) % record + (size_t)below(random, count) * record;

		if (other + bytes <= s->size)
			memmove(s->bytes + at, s->bytes + other, bytes);
	}
}

/* Header fields that place sections follow from the counts; wanted when a count was changed. */
static void repair_sections(struct sample *s)
{
	struct rill_ndf_header h;

	memcpy(&h, s->bytes, sizeof(h));
	h.nodes = sizeof(h);
	h.arcs = h.nodes + h.node_count * (uint32_t)sizeof(struct rill_ndf_node);
	h.tokens = h.arcs + h.arc_count * (uint32_t)sizeof(struct rill_ndf_arc);
	h.params = h.tokens + h.token_count * (uint32_t)sizeof(struct rill_ndf_token);
	h.data = h.params + h.params_bytes;
	h.names = h.data + (h.data_bytes + 7) / 8 * 8;
	h.bytes = (uint32_t)s->size;
	if (h.names <= s->size)
		h.names_bytes = h.bytes - h.names;
	memcpy(s->bytes, &h, sizeof(h));
}

static void change_count(struct sample *s, uint64_t *random)
{
	static const size_t at[] = {
		offsetof(struct rill_ndf_header, node_count), offsetof(struct rill_ndf_header, arc_count),
		offsetof(struct rill_ndf_header, token_count), offsetof(struct rill_ndf_header, params_bytes),
	};
	uint8_t *field = s->bytes + at[below(random, 4)];
	int step = (int)below(random, 5) - 2;
	uint32_t value;

	memcpy(&value, field, 4);
	value += (uint32_t)(field == s->bytes + at[3] ? 8 * step : step);
	memcpy(field, &value, 4);
	repair_sections(s);
}

static void swap_arcs(struct sample *s, uint64_t *random, const struct rill_ndf_header *h)
{
	struct rill_ndf_arc *arcs = (struct rill_ndf_arc *)(s->bytes + h->arcs), *a, *b;
	uint32_t dst;
	uint8_t port;

	if (h->arc_count < 2)
		return;
	a = &arcs[below(random, h->arc_count)];
	b = &arcs[below(random, h->arc_count)];
	dst = a->dst;
	port = a->dst_port;
	a->dst = b->dst;
	a->dst_port = b->dst_port;
	b->dst = dst;
	b->dst_port = port;
}

static void cut(struct sample *s, uint64_t *random)
{
	s->size = below(random, s->size + 1);
	if (s->size >= sizeof(struct rill_ndf_header) && below(random, 2))
		put(s->bytes + offsetof(struct rill_ndf_header, bytes), 4, s->size);
}

/* `h` is the header before any mutation, so that records are found whatever happened to it. */
static void mutate_once(struct sample *s, uint64_t *random, const struct rill_ndf_header *h)
{
	static const uint8_t nodes[] = { 9, 1, 1, 1, 1, 2, 2, 4, 4, 8 };
	static const uint8_t arcs[] = { 6, 4, 4, 1, 1, 2, 4 };
	static const uint8_t tokens[] = { 3, 4, 4, 8 };
	static const uint8_t bytes[] = { 8, 1, 1, 1, 1, 1, 1, 1, 1 }, word[] = { 1, 8 }, half[] = { 2, 4, 4 };
	static const uint8_t header[] = { 19, 4, 2, 2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4 };

	switch (below(random, 16)) {
	case 0:
		change_field(s, random, h->arcs, h->arc_count, sizeof(struct rill_ndf_arc), arcs);
		break;
	case 1:
		change_field(s, random, 0, 1, sizeof(*h), header);
		break;
	case 2 ... 4:
		change_field(s, random, h->nodes, h->node_count, sizeof(struct rill_ndf_node), nodes);
		break;
	case 5:
		change_field(s, random, h->arcs, h->arc_count, sizeof(struct rill_ndf_arc), arcs);
		break;
	case 6 ... 7:
		swap_arcs(s, random, h);
		break;
	case 8:
		change_field(s, random, h->tokens, h->token_count, sizeof(struct rill_ndf_token), tokens);
		break;
	case 9 ... 11:
		change_field(s, random, h->params, h->params_bytes / 8, 8, bytes);
		break;
	case 12:
		change_field(s, random, h->params, h->params_bytes / 8, 8, half);
		break;
	case 13:
		change_field(s, random, h->params, h->params_bytes / 8, 8, word);
		break;
	case 14:
		change_count(s, random);
		break;
	default:
		flip_bits(s, random);
		break;
	}
}

struct sample corpus_mutate(const struct sample *from, uint64_t *random)
{
	struct sample s = { malloc(from->size), from->size };
	struct rill_ndf_header h;
	unsigned int n = 1 + below(random, 4);
	uint8_t *exact;

	if (!s.bytes)
		abort();
	memcpy(&h, from->bytes, sizeof(h));
	memcpy(s.bytes, from->bytes, s.size);
	while (n--)
		mutate_once(&s, random, &h);
	if (!below(random, 64))
		cut(&s, random);
	if (s.size >= sizeof(h) && below(random, 64))
		put(s.bytes + offsetof(struct rill_ndf_header, crc), 4, rill_ndf_crc32(s.bytes, s.size));
	exact = malloc(s.size ? s.size : 1);
	if (!exact)
		abort();
	memcpy(exact, s.bytes, s.size);
	free(s.bytes);
	s.bytes = exact;
	return s;
}

bool corpus_is_kahn(const struct sample *s)
{
	struct rill_ndf_header h;
	struct rill_ndf_node node;
	uint32_t i;

	memcpy(&h, s->bytes, sizeof(h));
	for (i = 0; i < h.node_count; i++) {
		memcpy(&node, s->bytes + h.nodes + i * sizeof(node), sizeof(node));
		if (node.kind == RILL_NDF_SINK && node.mode < RILL_NDF_SINK_QUIET)
			return false;
		if (node.kind == RILL_NDF_OP && node.mode >= RILL_NDF_LOAD)
			return false;
	}
	return !(h.flags & RILL_NDF_HAS_EVENT);
}
