// SPDX-License-Identifier: MIT
/* Dataflow: the validator. Each code is reached, at the right position. */
#include <stdlib.h>
#include <string.h>

#include "ndf_rig.h"

/* A valid binary and its parts */
struct subject {
	uint8_t *binary;
	size_t size;
	struct rill_ndf_header *header;
	struct rill_ndf_node *nodes;
	struct rill_ndf_arc *arcs;
	struct rill_ndf_token *tokens;
	uint8_t *params;
};

/* nodes, see make() */
enum { WHEN, TABLE, OP, SOURCE, SINK, INDEX, EVENT, STATIC, WORDS, NODES };

static const struct rill_ndf_entry table[4] = {
	{ .id = 0, .next = 1, .emit = 1 }, { .id = 1, .next = 0, .emit = 1 },
	{ .id = 0, .next = 1, .emit = 1 }, { .id = 1, .next = 0, .emit = 1 },
};

static const struct rill_ndf_plastic surrogate = {
	.rule = RILL_NDF_RULE_SURROGATE, .history = 2, .eta = 1, .weight_max = 1, .bias_max = 1, .theta_max = 1,
};

static void add_nodes(struct build *b)
{
	static const struct pattern moves[2] = { { 1, 1, { 0, NO } }, { 3, 2, { 0, 1 } } };
	static const uint8_t rows[2] = { 0, 0 };
	static const int32_t weights[3] = { 1, 1, 1 };
	static const uint64_t need[2] = { 1, 2 };

	build_when(b, &(struct neuron){
		.head = { .dims = 1, .states = 2, .width = 64 },
		.inputs = 2, .need = need, .weights = weights, .table = table,
	});
	build_where(b, RILL_NDF_TABLE, 2, 2, moves, 2);
	build_op_imm(b, RILL_NDF_ADD, 1, 1);
	build_source(b, NULL, 0);
	build_sink(b, RILL_NDF_SINK_COUNT, 1);
	build_rows(b, RILL_NDF_INDEX, false, 1, 2, rows, 2);
	build_when(b, &(struct neuron){
		.head = { .dims = 1, .states = 1, .width = 16, .decode = RILL_NDF_DECODE_WTA, .frac = 8 },
		.mode = RILL_NDF_EVENT, .inputs = 1, .weights = weights, .plastic = &surrogate,
	});
	build_where(b, RILL_NDF_STATIC, 1, 1, moves, 1);
	build_source(b, (const uint64_t[]){ 1, 2 }, 2);
}

/* A sink each for what is left over */
static void add_arcs(struct build *b)
{
	build_arc(b, SOURCE, 0, WHEN, 0);
	build_arc(b, SOURCE, 0, TABLE, 0);
	build_arc(b, WHEN, 0, TABLE, 2);
	build_arc(b, TABLE, 0, OP, 0);
	build_arc(b, TABLE, 1, INDEX, 0);
	build_token(b, build_arc(b, OP, 0, TABLE, 1), 7);
	build_arc(b, OP, 0, WHEN, 1);
	build_token(b, build_arc(b, EVENT, 0, INDEX, 1), 1);
	build_arc(b, INDEX, 0, EVENT, 0);
	build_arc(b, INDEX, 1, STATIC, 0);
	build_arc(b, STATIC, 0, SINK, 0);
	build_arc(b, WORDS, 0, EVENT, 1);
}

static void make(struct subject *s)
{
	struct build b;

	build_begin(&b);
	add_nodes(&b);
	add_arcs(&b);
	b.names = calloc(1, 64);
	memcpy(b.names, "when\0table", 11);
	b.names_bytes = 11;
	b.nodes[WHEN].name = 0;
	b.nodes[TABLE].name = 5;
	b.memory_bytes = 64;
	s->binary = build_binary(&b, &s->size);
	s->header = (struct rill_ndf_header *)s->binary;
	s->nodes = (struct rill_ndf_node *)(s->binary + s->header->nodes);
	s->arcs = (struct rill_ndf_arc *)(s->binary + s->header->arcs);
	s->tokens = (struct rill_ndf_token *)(s->binary + s->header->tokens);
	s->params = s->binary + s->header->params;
	build_end(&b);
}

static bool seen[256];

static void expect(const struct subject *s, enum rill_ndf_code code, enum rill_ndf_unit unit, uint64_t position)
{
	struct rill_ndf_verdict verdict;

	seen[code] = true;
	assert_int_equal(rill_ndf_validate(s->binary, s->size, &verdict), code == RILL_NDF_VALID);
	if (verdict.code != code || verdict.unit != unit || verdict.position != position)
		fail_msg("%s (%u), %s %u instead of %s (%u), %s %u", rill_ndf_code_text(verdict.code), verdict.code,
			 rill_ndf_unit_text(verdict.unit), (unsigned int)verdict.position,
			 rill_ndf_code_text(code), code, rill_ndf_unit_text(unit), (unsigned int)position);
	if (code)
		assert_null(rill_ndf_program_new(s->binary, s->size, &verdict));
}

/* One change to a fresh subject, then what it must give */
#define TRY(code, unit, position, ...) \
	do { \
		struct subject s; \
		make(&s); \
		__VA_ARGS__; \
		build_crc(s.binary, s.size); \
		expect(&s, code, unit, position); \
		free(s.binary); \
	} while (0)

#define HEADER(code, field, ...) \
	TRY(code, RILL_NDF_AT_BYTE, offsetof(struct rill_ndf_header, field), __VA_ARGS__)
#define NODE(code, node, ...)	TRY(code, RILL_NDF_AT_NODE, node, __VA_ARGS__)
#define ARC(code, arc, ...)	TRY(code, RILL_NDF_AT_ARC, arc, __VA_ARGS__)
#define TOKEN(code, token, ...)	TRY(code, RILL_NDF_AT_TOKEN, token, __VA_ARGS__)

static void test_valid(void **state)
{
	TRY(RILL_NDF_VALID, 0, 0, (void)0);
}

static void test_header(void **state)
{
	HEADER(RILL_NDF_BAD_MAGIC, magic, s.header->magic++);
	HEADER(RILL_NDF_BAD_VERSION, version, s.header->version++);
	HEADER(RILL_NDF_BAD_VERSION, header_bytes, s.header->header_bytes += 8);
	HEADER(RILL_NDF_BAD_BYTES, bytes, s.header->bytes -= 8);
	HEADER(RILL_NDF_BAD_BYTES, bytes, s.header->bytes = RILL_NDF_MAX_BYTES + 8);
	HEADER(RILL_NDF_BAD_BYTES, bytes, s.header->bytes = 0);
	HEADER(RILL_NDF_BAD_FLAGS, flags, s.header->flags |= 4);
	HEADER(RILL_NDF_BAD_FLAGS, flags, s.header->flags &= ~RILL_NDF_HAS_EVENT);
	HEADER(RILL_NDF_BAD_FLAGS, flags, s.header->flags &= ~RILL_NDF_HAS_PLASTIC);
	HEADER(RILL_NDF_BAD_COUNT, node_count, s.header->node_count = 0);
	HEADER(RILL_NDF_BAD_COUNT, node_count, s.header->node_count = RILL_NDF_MAX_NODES + 1);
	HEADER(RILL_NDF_BAD_COUNT, arc_count, s.header->arc_count = RILL_NDF_MAX_ARCS + 1);
	HEADER(RILL_NDF_BAD_COUNT, token_count, s.header->token_count = RILL_NDF_MAX_TOKENS + 1);
	HEADER(RILL_NDF_BAD_SECTION, nodes, s.header->nodes += 8);
	HEADER(RILL_NDF_BAD_SECTION, arcs, s.header->arcs += 8);
	HEADER(RILL_NDF_BAD_SECTION, arcs, s.header->node_count++);
	HEADER(RILL_NDF_BAD_SECTION, tokens, s.header->tokens -= 8);
	HEADER(RILL_NDF_BAD_SECTION, params, s.header->params = UINT32_MAX);
	HEADER(RILL_NDF_BAD_SECTION, params_bytes, s.header->params_bytes += 4);
	HEADER(RILL_NDF_BAD_SECTION, data, s.header->params_bytes -= 8);
	HEADER(RILL_NDF_BAD_SECTION, names, s.header->data_bytes = 8);
	HEADER(RILL_NDF_BAD_SECTION, bytes, s.header->names_bytes = UINT32_MAX);
	HEADER(RILL_NDF_BAD_RESERVED, reserved, s.header->reserved[0] = 1);
	HEADER(RILL_NDF_BAD_NAMES, name, s.header->name = 11);
	TRY(RILL_NDF_BAD_NAMES, RILL_NDF_AT_BYTE, s.header->names + 10, s.binary[s.header->names + 10] = 'x');
	HEADER(RILL_NDF_BAD_MEMORY, memory_bytes, s.header->memory_bytes = RILL_NDF_MAX_MEMORY + 1);
	HEADER(RILL_NDF_BAD_MEMORY, memory_bytes, s.header->data_bytes = 65);
	TRY(RILL_NDF_BAD_RESERVED, RILL_NDF_AT_BYTE, s.size - 1, s.binary[s.size - 1] = 1);
}

static void test_bytes(void **state)
{
	struct subject s;
	size_t size, i;

	make(&s);
	s.binary[s.size - 9] ^= 1;
	expect(&s, RILL_NDF_BAD_CRC, RILL_NDF_AT_BYTE, offsetof(struct rill_ndf_header, crc));
	s.binary[s.size - 9] ^= 1;
	for (i = 0; i < s.size; i++) {
		struct rill_ndf_verdict verdict;

		s.binary[i] ^= 0x10;
		assert_false(rill_ndf_validate(s.binary, s.size, &verdict));
		s.binary[i] ^= 0x10;
	}
	size = s.size;
	for (s.size = 0; s.size < size; s.size++) {
		uint8_t *cut = malloc(s.size + 1);
		struct subject part = { .binary = cut, .size = s.size };

		memcpy(cut, s.binary, s.size);
		expect(&part, RILL_NDF_TRUNCATED, RILL_NDF_AT_BYTE, s.size);
		free(cut);
	}
	free(s.binary);
}

static void test_nodes(void **state)
{
	NODE(RILL_NDF_BAD_KIND, OP, s.nodes[OP].kind = 0);
	NODE(RILL_NDF_BAD_KIND, SINK, s.nodes[SINK].kind = 6);
	NODE(RILL_NDF_BAD_MODE, OP, s.nodes[OP].mode = 14);
	NODE(RILL_NDF_BAD_MODE, OP, s.nodes[OP].mode = 255);
	NODE(RILL_NDF_BAD_MODE, WHEN, s.nodes[WHEN].mode = 2);
	NODE(RILL_NDF_BAD_MODE, TABLE, s.nodes[TABLE].mode = 4);
	NODE(RILL_NDF_BAD_MODE, SOURCE, s.nodes[SOURCE].mode = 1);
	NODE(RILL_NDF_BAD_MODE, SINK, s.nodes[SINK].mode = 4);
	NODE(RILL_NDF_BAD_PORTS, OP, s.nodes[OP].inputs = 2);
	NODE(RILL_NDF_BAD_PORTS, OP, s.nodes[OP].outputs = 2);
	NODE(RILL_NDF_BAD_PORTS, OP, s.nodes[OP].outputs = 0);
	NODE(RILL_NDF_BAD_PORTS, WHEN, s.nodes[WHEN].outputs = 2);
	NODE(RILL_NDF_BAD_PORTS, WHEN, s.nodes[WHEN].inputs = 65);
	NODE(RILL_NDF_BAD_PORTS, TABLE, s.nodes[TABLE].inputs = 1);
	NODE(RILL_NDF_BAD_PORTS, TABLE, s.nodes[TABLE].inputs = 66);
	NODE(RILL_NDF_BAD_PORTS, TABLE, s.nodes[TABLE].outputs = 65);
	NODE(RILL_NDF_BAD_PORTS, SOURCE, s.nodes[SOURCE].inputs = 1);
	NODE(RILL_NDF_BAD_PORTS, SINK, s.nodes[SINK].outputs = 1);
	NODE(RILL_NDF_NO_INPUTS, OP, s.nodes[OP].inputs = 0);
	NODE(RILL_NDF_BAD_FLAGS, OP, s.nodes[OP].flags |= 4);
	NODE(RILL_NDF_BAD_FLAGS, OP, s.nodes[OP].flags = RILL_NDF_OP_IMM(2));
	NODE(RILL_NDF_BAD_FLAGS, OP, s.nodes[OP].flags |= RILL_NDF_MEM_SCALED);
	NODE(RILL_NDF_BAD_FLAGS, WHEN, s.nodes[WHEN].flags = RILL_NDF_WHEN_TEACHER);
	NODE(RILL_NDF_BAD_FLAGS, TABLE, s.nodes[TABLE].flags = RILL_NDF_WHERE_PACKED);
	NODE(RILL_NDF_BAD_FLAGS, SOURCE, s.nodes[SOURCE].flags = 2);
	NODE(RILL_NDF_BAD_FLAGS, SINK, s.nodes[SINK].flags = 1);
	NODE(RILL_NDF_BAD_CHIPLET, SOURCE, s.nodes[SOURCE].chiplet = 64);
	NODE(RILL_NDF_BAD_IMM, OP, s.nodes[OP].flags = 0);
	NODE(RILL_NDF_BAD_IMM, WHEN, s.nodes[WHEN].imm = 1);
	NODE(RILL_NDF_BAD_IMM, SOURCE, s.nodes[SOURCE].imm = 1);
	NODE(RILL_NDF_BAD_IMM, SINK, s.nodes[SINK].imm = RILL_NDF_MAX_SINK_TOKENS + 1);
	NODE(RILL_NDF_BAD_IMM, SINK, s.nodes[SINK].mode = RILL_NDF_SINK_QUIET);
	NODE(RILL_NDF_BAD_PARAM, OP, s.nodes[OP].param = 8);
	NODE(RILL_NDF_BAD_PARAM, TABLE, s.nodes[TABLE].param = 0);
	NODE(RILL_NDF_BAD_PARAM, SOURCE, s.nodes[SOURCE].param = 8);
	NODE(RILL_NDF_BAD_PARAM, WORDS, s.nodes[WORDS].param -= 8);
	NODE(RILL_NDF_BAD_PARAM, SINK, s.nodes[SINK].param = 8);
	NODE(RILL_NDF_BAD_NODE_NAME, TABLE, s.nodes[TABLE].name = 11);
	NODE(RILL_NDF_BAD_BLOCK, WORDS, s.params[s.nodes[WORDS].param] = 3);
	NODE(RILL_NDF_BAD_BLOCK, TABLE, s.params[s.nodes[TABLE].param + 1] = 1);
	HEADER(RILL_NDF_BAD_SECTION, params_bytes, s.params[s.nodes[WORDS].param] = 1);
}

#define BLOCK(node)	(s.header->params + s.nodes[node].param)
#define IN_BLOCK(code, node, offset, ...) \
	TRY(code, RILL_NDF_AT_BYTE, BLOCK(node) + (offset), __VA_ARGS__)
#define AT(type, node, offset)	(*(type *)(s.binary + BLOCK(node) + (offset)))

static void test_where(void **state)
{
	/* TABLE: head 8, then patterns of need, cons, from[2] */
	IN_BLOCK(RILL_NDF_BAD_PATTERNS, TABLE, 0, AT(uint32_t, TABLE, 0) = 0);
	IN_BLOCK(RILL_NDF_BAD_PATTERNS, TABLE, 0, AT(uint32_t, TABLE, 0) = RILL_NDF_MAX_PATTERNS + 1);
	IN_BLOCK(RILL_NDF_BAD_PATTERNS, STATIC, 0, AT(uint32_t, STATIC, 0) = 2);
	IN_BLOCK(RILL_NDF_BAD_PATTERNS, INDEX, 0, AT(uint32_t, INDEX, 0) = 3);
	IN_BLOCK(RILL_NDF_BAD_PATTERNS, INDEX, 0, AT(uint32_t, INDEX, 0) = 65);
	IN_BLOCK(RILL_NDF_BAD_PATTERNS, WORDS, 0, AT(uint32_t, WORDS, 0) = 0);
	IN_BLOCK(RILL_NDF_BAD_RESERVED, TABLE, 4, AT(uint32_t, TABLE, 4) = 1);
	IN_BLOCK(RILL_NDF_BAD_NEED, TABLE, 8, AT(uint64_t, TABLE, 8) = 5);
	IN_BLOCK(RILL_NDF_BAD_CONS, TABLE, 16, AT(uint64_t, TABLE, 16) = 2);
	IN_BLOCK(RILL_NDF_BAD_CONS, STATIC, 16, AT(uint64_t, STATIC, 16) = 0);
	IN_BLOCK(RILL_NDF_BAD_FROM, TABLE, 24, AT(uint8_t, TABLE, 24) = 1);
	IN_BLOCK(RILL_NDF_BAD_FROM, TABLE, 24, AT(uint8_t, TABLE, 24) = 64);
	IN_BLOCK(RILL_NDF_BAD_FROM, INDEX, 9, AT(uint8_t, INDEX, 9) = 1);
	IN_BLOCK(RILL_NDF_BAD_FROM, INDEX, 9, AT(uint8_t, INDEX, 9) = NO);
	IN_BLOCK(RILL_NDF_BAD_RESERVED, TABLE, 26, AT(uint8_t, TABLE, 26) = 1);
	/* The second pattern peeks at input 0; without its copy it would only wait. */
	IN_BLOCK(RILL_NDF_BAD_WAIT, TABLE, 32, AT(uint8_t, TABLE, 48) = NO);
}

#define WHEN_FIELD(node, field, value) \
	IN_BLOCK(RILL_NDF_BAD_FIELD, node, offsetof(struct rill_ndf_when, field), \
		 AT(uint8_t, node, offsetof(struct rill_ndf_when, field)) = (value))
/* The EVENT's plastic block follows head 16, need 8, bias 8, theta 8, weight 8. */
#define PLASTIC_AT(field)	(48 + offsetof(struct rill_ndf_plastic, field))
#define PLASTIC_FIELD(type, field, value) \
	IN_BLOCK(RILL_NDF_BAD_FIELD, EVENT, PLASTIC_AT(field), AT(type, EVENT, PLASTIC_AT(field)) = (value))

static void test_when(void **state)
{
	/* Head 16, need 2 x 8, bias 8, theta 8, weights 8, table 4 x 8 */
	WHEN_FIELD(WHEN, decode, 3);
	WHEN_FIELD(WHEN, reset, 4);
	WHEN_FIELD(WHEN, dims, 0);
	WHEN_FIELD(WHEN, dims, 65);
	WHEN_FIELD(WHEN, dims, 17);
	WHEN_FIELD(WHEN, top, 1);
	WHEN_FIELD(WHEN, states, 0);
	WHEN_FIELD(WHEN, states, 65);
	WHEN_FIELD(EVENT, states, 2);
	WHEN_FIELD(WHEN, state, 2);
	WHEN_FIELD(WHEN, frac, 31);
	WHEN_FIELD(WHEN, x_frac, 31);
	WHEN_FIELD(WHEN, leak, 64);
	WHEN_FIELD(WHEN, width, 1);
	WHEN_FIELD(WHEN, width, 65);
	IN_BLOCK(RILL_NDF_BAD_RESERVED, WHEN, 10, AT(uint8_t, WHEN, 10) = 1);
	IN_BLOCK(RILL_NDF_BAD_NEED, WHEN, 24, AT(uint64_t, WHEN, 24) = 4);
	IN_BLOCK(RILL_NDF_BAD_NEED, WHEN, 24, AT(uint64_t, WHEN, 24) = 0);
	IN_BLOCK(RILL_NDF_BAD_NEED, EVENT, 16, AT(uint64_t, EVENT, 16) = 1);
	IN_BLOCK(RILL_NDF_BAD_RESERVED, EVENT, 44, AT(uint32_t, EVENT, 44) = 1);
	IN_BLOCK(RILL_NDF_BAD_ENTRY, WHEN, 56, AT(uint8_t, WHEN, 56 + 4) = 2);
	IN_BLOCK(RILL_NDF_BAD_ENTRY, WHEN, 64, AT(uint8_t, WHEN, 64 + 5) = 2);
	IN_BLOCK(RILL_NDF_BAD_ENTRY, WHEN, 64, AT(uint8_t, WHEN, 64 + 5) = 0);
	IN_BLOCK(RILL_NDF_BAD_ENTRY, WHEN, 80, AT(uint8_t, WHEN, 80 + 6) = 1);
	/* So many dimensions that its block is longer than params */
	NODE(RILL_NDF_BAD_BLOCK, WHEN, AT(uint8_t, WHEN, offsetof(struct rill_ndf_when, dims)) = 15);
}

static void test_plastic(void **state)
{
	PLASTIC_FIELD(uint8_t, rule, 3);
	PLASTIC_FIELD(uint8_t, rule, RILL_NDF_RULE_NONE);
	PLASTIC_FIELD(uint8_t, history, 0);
	PLASTIC_FIELD(uint8_t, history, 17);
	PLASTIC_FIELD(uint8_t, trace, 1);
	PLASTIC_FIELD(uint8_t, rate, 17);
	PLASTIC_FIELD(uint32_t, eta, 1u << 31);
	PLASTIC_FIELD(uint32_t, psi_min, 1u << 31);
	PLASTIC_FIELD(uint32_t, miss, 1);
	PLASTIC_FIELD(int32_t, weight_min, 2);
	PLASTIC_FIELD(int64_t, bias_min, 2);
	PLASTIC_FIELD(int64_t, theta_min, 2);
	PLASTIC_FIELD(uint32_t, theta_eta, 1u << 31);
	PLASTIC_FIELD(uint32_t, target, 65537);
	IN_BLOCK(RILL_NDF_BAD_FIELD, EVENT, PLASTIC_AT(length), AT(uint64_t, EVENT, PLASTIC_AT(length)) = 2,
		 AT(uint64_t, EVENT, PLASTIC_AT(period)) = 1);
}

/* Arcs sorted: 0 WHEN-TABLE, 1 TABLE.0-OP, 2 TABLE.1-INDEX, 3 OP-TABLE, 4 OP-WHEN, 5 SOURCE-WHEN, ... */
static void test_arcs(void **state)
{
	ARC(RILL_NDF_BAD_ARC_NODE, 1, s.arcs[1].dst = NODES);
	ARC(RILL_NDF_BAD_ARC_NODE, 1, s.arcs[1].src = UINT32_MAX);
	ARC(RILL_NDF_BAD_ARC_PORT, 1, s.arcs[1].src_port = 2);
	ARC(RILL_NDF_BAD_ARC_PORT, 1, s.arcs[1].dst_port = 1);
	ARC(RILL_NDF_BAD_ARC_ORDER, 2, s.arcs[1].src_port = 1, s.arcs[2].src_port = 0);
	ARC(RILL_NDF_BAD_ARC_ORDER, 1, s.arcs[0].src = OP);
	ARC(RILL_NDF_TWO_PRODUCERS, 4, s.arcs[4] = s.arcs[3]);
	ARC(RILL_NDF_BAD_CAPACITY, 3, s.arcs[3].capacity = 0);
	ARC(RILL_NDF_BAD_CAPACITY, 3, s.arcs[3].capacity = RILL_NDF_MAX_CAPACITY + 1);
	ARC(RILL_NDF_BAD_RESERVED, 3, s.arcs[3].reserved = 1);
	NODE(RILL_NDF_UNCONNECTED, TABLE, s.arcs[2].src_port = 0);
	TOKEN(RILL_NDF_BAD_TOKEN_ARC, 0, s.tokens[0].arc = s.header->arc_count);
	TOKEN(RILL_NDF_BAD_TOKEN_ARC, 1, s.tokens[0].arc = s.header->arc_count - 1);
	TOKEN(RILL_NDF_BAD_RESERVED, 1, s.tokens[1].reserved = 1);
	TOKEN(RILL_NDF_TOO_MANY_TOKENS, 1, s.tokens[1].arc = s.tokens[0].arc, s.arcs[s.tokens[0].arc].capacity = 1);
	/* Switch tokens: an initial one, a table's, a winner's */
	ARC(RILL_NDF_BAD_ID, s.tokens[1].arc, s.tokens[1].word = 2);
	ARC(RILL_NDF_BAD_ID, 0, AT(uint32_t, WHEN, 64) = 2);
}

static void expect_built(struct rig *rig, enum rill_ndf_code code, enum rill_ndf_unit unit, uint64_t position)
{
	const struct rill_ndf_verdict verdict = rig_verdict(rig);

	seen[code] = true;
	assert_int_equal(verdict.code, code);
	assert_int_equal(verdict.unit, unit);
	assert_int_equal(verdict.position, position);
	rig_end(rig);
}

static void test_slots(void **state)
{
	struct rig rig;
	uint32_t i, node, last = 0;

	rig_begin(&rig);
	rig.b.capacity = RILL_NDF_MAX_CAPACITY;
	build_source(&rig.b, NULL, 0);
	for (i = 0; i < RILL_NDF_MAX_SLOTS / RILL_NDF_MAX_CAPACITY; i++) {
		node = build_op(&rig.b, RILL_NDF_NEG);
		build_arc(&rig.b, last, 0, node, 0);
		last = node;
	}
	build_arc(&rig.b, last, 0, build_sink(&rig.b, RILL_NDF_SINK_QUIET, 0), 0);
	expect_built(&rig, RILL_NDF_BAD_CAPACITY, RILL_NDF_AT_ARC, i);
}

static void test_ids(void **state)
{
	static const uint8_t rows[3] = { 0, 0, 0 };
	static const int32_t weights[3] = { 1, 1, 1 };
	unsigned int decode, rowcount;

	/* Three dimensions: WTA names 0..2, TOPK masks up to 7. */
	for (decode = RILL_NDF_DECODE_WTA; decode <= RILL_NDF_DECODE_TOPK; decode++) {
		for (rowcount = 2; rowcount <= 3; rowcount++) {
			unsigned int mode = decode == RILL_NDF_DECODE_WTA ? RILL_NDF_INDEX : RILL_NDF_MASK;
			struct rig rig;
			uint32_t when, where, port;

			rig_begin(&rig);
			when = build_when(&rig.b, &(struct neuron){
				.head = { .decode = (uint8_t)decode, .dims = 3, .states = 1, .width = 64,
					  .top = decode == RILL_NDF_DECODE_TOPK ? 2 : 0 },
				.inputs = 1, .weights = weights,
			});
			where = build_rows(&rig.b, mode, false, 1, rowcount, rows, rowcount);
			FEED(&rig, when, 0, 1);
			FEED(&rig, where, 0, 1);
			build_arc(&rig.b, when, 0, where, 1);
			for (port = 0; port < rowcount; port++)
				rig_drain(&rig, where, port);
			expect_built(&rig, rowcount == 2 ? RILL_NDF_BAD_ID : RILL_NDF_VALID,
				     rowcount == 2 ? RILL_NDF_AT_ARC : 0, 0);
		}
	}
}

/* A ring of three adders, each with a source and a sink; arc 2 * i goes from i to the next one. */
static void ring(struct rig *rig, bool token)
{
	uint32_t i;

	rig_begin(rig);
	for (i = 0; i < 3; i++)
		build_op(&rig->b, RILL_NDF_ADD);
	for (i = 0; i < 3; i++) {
		uint32_t arc = build_arc(&rig->b, i, 0, (i + 1) % 3, 0);

		if (token && i == 1)
			build_token(&rig->b, arc, 0);
		rig_drain(rig, i, 0);
		FEED(rig, i, 1, 1);
	}
}

/* A loop through a WHERE whose patterns need the back edge always, or not in one of them */
static void loop(struct rig *rig, bool fused)
{
	const struct pattern patterns[2] = {
		fused ? (struct pattern){ 1, 1, { 0, NO } } : (struct pattern){ 3, 3, { 0, 1 } },
		{ 2, 2, { 1, 1 } },
	};
	const struct pattern always[2] = { patterns[0], { 3, 3, { 0, 1 } } };
	uint32_t where, neg;

	rig_begin(rig);
	where = build_where(&rig->b, RILL_NDF_TABLE, 2, 2, fused ? patterns : always, 2);
	neg = build_op(&rig->b, RILL_NDF_NEG);
	build_arc(&rig->b, where, 0, neg, 0);
	build_arc(&rig->b, neg, 0, where, 1);
	rig_drain(rig, where, 1);
	FEED(rig, where, 0, 1);
	FEED(rig, where, 2, 0, 1);
}

static void test_cycles(void **state)
{
	struct rill_ndf_verdict verdict;
	struct rig rig;
	uint32_t node;

	ring(&rig, false);
	verdict = rig_verdict(&rig);
	seen[RILL_NDF_DEAD_CYCLE] = true;
	assert_int_equal(verdict.code, RILL_NDF_DEAD_CYCLE);
	assert_int_equal(verdict.unit, RILL_NDF_AT_ARC);
	/* Sorted, arcs 0, 2 and 4 are those of the ring. */
	assert_in_range(verdict.position, 0, 4);
	assert_int_equal(verdict.position % 2, 0);
	rig_end(&rig);
	ring(&rig, true);
	expect_built(&rig, RILL_NDF_VALID, 0, 0);
	loop(&rig, true);
	expect_built(&rig, RILL_NDF_VALID, 0, 0);
	loop(&rig, false);
	verdict = rig_verdict(&rig);
	assert_int_equal(verdict.code, RILL_NDF_DEAD_CYCLE);
	rig_end(&rig);
	/* A switch is always needed. */
	rig_begin(&rig);
	node = build_where(&rig.b, RILL_NDF_TABLE, 1, 1, &(struct pattern){ 1, 1, { 0 } }, 1);
	build_arc(&rig.b, node, 0, node, 1);
	FEED(&rig, node, 0, 0);
	expect_built(&rig, RILL_NDF_DEAD_CYCLE, RILL_NDF_AT_ARC, 0);
}

/* A packed MASK that must take all of its rows always waits, one that may leave some out does not. */
static void test_packed_cycle(void **state)
{
	static const uint8_t rows[3] = { 0, 1, 2 };
	unsigned int outputs;

	for (outputs = 2; outputs <= 3; outputs++) {
		struct rig rig;
		uint32_t where, port;

		rig_begin(&rig);
		where = build_rows(&rig.b, RILL_NDF_MASK, true, 3, outputs, rows, 3);
		build_arc(&rig.b, where, 0, where, 2);
		for (port = 1; port < outputs; port++)
			rig_drain(&rig, where, port);
		FEED(&rig, where, 0, 0);
		FEED(&rig, where, 1, 0);
		FEED(&rig, where, 3, 0);
		expect_built(&rig, outputs == 3 ? RILL_NDF_DEAD_CYCLE : RILL_NDF_VALID,
			     outputs == 3 ? RILL_NDF_AT_ARC : 0, 0);
	}
}

/* Every code has a text, and has been reached by the tests above. */
static void test_all_reached(void **state)
{
	unsigned int code, codes = 0;

	for (code = 0; code < COUNT(seen); code++) {
		bool known = strcmp(rill_ndf_code_text(code), "unknown");

		assert_int_equal(known, seen[code]);
		codes += known;
	}
	assert_int_equal(codes, 38);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_when),
		cmocka_unit_test(test_plastic),
		cmocka_unit_test(test_arcs),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_packed_cycle),
		cmocka_unit_test(test_all_reached),
	};

	return cmocka_run_group_tests_name("ndf validate", tests, NULL, NULL);
}
