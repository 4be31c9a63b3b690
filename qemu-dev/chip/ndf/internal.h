/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Program and engine from within. */
#ifndef RILL_CHIP_NDF_INTERNAL_H
#define RILL_CHIP_NDF_INTERNAL_H

#include "layout.h"

#define NDF_LIKELY(x)		__builtin_expect(!!(x), 1)
#define NDF_UNLIKELY(x)		__builtin_expect(!!(x), 0)
/*
 * What must be inlined to be fast: its boolean parameters are constants. With a sanitizer that
 * would only take long to compile.
 */
#ifdef __SANITIZE_ADDRESS__
#define NDF_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NDF_SANITIZED
#endif
#endif
#ifdef NDF_SANITIZED
#define NDF_INLINE		static inline
#else
#define NDF_INLINE		static inline __attribute__((always_inline))
#endif
#define NDF_COLD		__attribute__((cold, noinline))

/* ---- program: immutable ---- */

struct ndf_pattern {
	uint64_t need, cons;		/* data inputs */
	uint64_t use;			/* output ports */
	uint32_t want;			/* of a narrow node */
	uint32_t from;			/* offset into program.from */
	/* What a firing of a narrow node does: into program.moves; input and output arc each, then inputs taken */
	uint32_t first;
	uint8_t puts, takes;
};

struct ndf_where {
	uint8_t mode, inputs, outputs;
	bool packed;
	uint32_t count;			/* patterns or rows */
	uint32_t first;			/* of them: into program.patterns, or rows into program.from */
};

struct ndf_entry {
	uint32_t id;
	uint8_t next, emit;
};

struct ndf_plastic {
	uint8_t rule, history, trace, rate;
	int64_t eta, psi_min, miss;
	int32_t weight_min, weight_max;
	int64_t bias_min, bias_max, theta_min, theta_max;
	int64_t theta_eta, target;
	uint64_t first, length, period;
};

/* What a WHEN does not change; arrays point into program.when_data. */
struct ndf_when {
	const uint64_t *need;
	const uint32_t *wants;		/* of a narrow node, by state */
	const int64_t *bias, *theta;
	const int32_t *weights;
	const struct ndf_entry *table;
	uint8_t dims, inputs;
	bool plain;			/* v is never kept */
	bool quick;			/* plain, narrow, a table, 64 bits without scaling */
	uint8_t decode, reset, top, states, state, frac, x_frac, leak, width;
	bool event;
	const struct ndf_plastic *plastic;	/* or NULL */
};

struct ndf_words {
	const uint64_t *words;
	uint64_t count;
};

struct rill_ndf_program {
	uint32_t node_count, arc_count, token_count;
	uint32_t source_count, sink_count, where_count, when_count, input_count, port_count;
	uint64_t memory_bytes;
	struct ndf_node_desc *nodes;
	struct ndf_arc_desc *arcs;	/* sorted by (src, src_port) */
	uint32_t *first_in;		/* [nodes + 1] into in_arcs */
	uint32_t *in_arcs;		/* arc of each input port */
	uint32_t *first_port;		/* [nodes + 1] into port_arcs */
	uint32_t *port_arcs;		/* [output ports + 1]: first arc of each */
	/* Per node: its number among its kind. WHENs and WHEREs that are alike have the same. */
	uint32_t *aux;
	uint32_t stateful;		/* WHENs that are not plain */
	uint32_t *token_arcs;
	uint64_t *token_words;
	uint32_t *source_nodes, *sink_nodes;
	struct ndf_words *sources;
	uint64_t *source_words;
	struct ndf_where *wheres;
	struct ndf_pattern *patterns;
	uint8_t *from;
	uint8_t *moves;
	struct ndf_when *whens;
	void *when_data;
};

static inline uint32_t ndf_first_out(const struct rill_ndf_program *program, uint32_t node)
{
	return program->port_arcs[program->first_port[node]];
}

static inline uint32_t ndf_fan(const struct rill_ndf_program *program, uint32_t node)
{
	return ndf_first_out(program, node + 1) - ndf_first_out(program, node);
}

static inline bool ndf_is_event(const struct ndf_node_desc *node)
{
	return node->kind == RILL_NDF_WHEN && node->mode == RILL_NDF_EVENT;
}

#define NDF_MAX_BITS		31u		/* arc ends of a narrow node */
#define NDF_NEAR		2u		/* tokens that an arc has at hand */

/* Its ends fit into `want`, see struct ndf_node. */
static inline bool ndf_is_narrow(const struct rill_ndf_program *program, uint32_t node)
{
	return program->nodes[node].inputs + ndf_fan(program, node) <= NDF_MAX_BITS &&
	       !ndf_is_event(&program->nodes[node]);
}

/*
 * Bits in `want` of the output arcs of ports. A firing needs no room in an arc from
 * the node to itself from which it takes a token; `cons` are the data inputs where it takes one.
 */
static inline uint32_t ndf_port_bits(const struct rill_ndf_program *program, uint32_t node, uint64_t ports,
				     uint64_t cons)
{
	const uint32_t *arcs = program->port_arcs + program->first_port[node];
	unsigned int inputs = program->nodes[node].inputs;
	uint32_t bits = 0, a;

	if (ndf_has_switch(&program->nodes[node]))
		cons |= 1ULL << (inputs - 1);
	for (; ports; ports &= ports - 1) {
		unsigned int o = (unsigned int)__builtin_ctzll(ports);

		for (a = arcs[o]; a < arcs[o + 1]; a++) {
			if (program->arcs[a].dst != node || !(cons >> program->arcs[a].dst_port & 1))
				bits |= 1u << (inputs + a - arcs[0]);
		}
	}
	return bits;
}

/* ---- engine ---- */

/*
 * A FIFO. Token number n is in words[n % 2] while it is one of the two oldest, and else in the arc's
 * ring, so that few firings touch more than half a cache line an arc. Arcs are in the file's order.
 */
struct ndf_arc {
	uint32_t pushed;		/* tokens ever put in, see also engine.carries */
	uint16_t count;			/* put in and not taken */
	uint16_t capacity;
	uint32_t src, dst;		/* ends: node and bit in its `have` */
	uint64_t words[NDF_NEAR];
};

/* Of an arc that may hold more than NDF_NEAR tokens */
struct ndf_ring {
	uint32_t at;			/* into engine.far */
	uint32_t mask;
};

/* An arc's end in one word: the node, and the bit's number in the low bits */
#define NDF_END_BITS		5u

static inline uint32_t ndf_end_node(uint32_t end)
{
	return end >> NDF_END_BITS;
}

static inline uint32_t ndf_end_bit(uint32_t end)
{
	return 1u << (end & ((1u << NDF_END_BITS) - 1));
}

/* With hooks: what is on its way */
struct ndf_transit {
	uint16_t arrived;		/* tokens delivered and not taken */
	uint16_t owed;			/* room made and not credited */
};

enum ndf_code {
	/* OPs of one or two operands and one output port: A from arc `in`, B from arc `in2`, I from imm */
	NDF_CODE_UNARY,
	NDF_CODE_INTEGER_AB,
	NDF_CODE_INTEGER_AI,
	NDF_CODE_INTEGER_IB,
	NDF_CODE_COMPARE_AB,
	NDF_CODE_COMPARE_AI,
	NDF_CODE_COMPARE_IB,
	NDF_CODE_FLOAT_AB,
	NDF_CODE_FLOAT_AI,
	NDF_CODE_FLOAT_IB,
	NDF_CODE_SELECT,
	NDF_CODE_MEMORY,
	NDF_CODE_STREAM,
	NDF_CODE_WHERE,			/* a pattern is chosen */
	NDF_CODE_BAD_SWITCH,		/* WHERE without a pattern for its switch */
	NDF_CODE_WHEN,
	NDF_CODE_LESSON,		/* plastic PRED whose next firing is a lesson */
	NDF_CODE_EVENT,			/* always wide */
	NDF_CODE_SOURCE,
	NDF_CODE_SINK,
	NDF_CODE_SWITCH,		/* WHERE that waits for its switch */
	NDF_CODE_WIDE,			/* see struct ndf_wide */
};

/*
 * A node fires when all of `want` is in `have`. A bit stands for an arc's end: input arcs first (there is
 * a token), then output arcs (there is room). EVENT nodes, and nodes with more than NDF_MAX_BITS ends, are wide.
 */
struct ndf_node {
	uint32_t want, have;
	uint64_t imm;			/* WHERE: the chosen pattern or switch token; WHEN: its state's number */
	uint32_t in;			/* simple OP: arc; else into in_arcs */
	uint32_t in2;			/* simple OP: arc; else number among its kind */
	uint32_t out;			/* its first output arc */
	uint8_t code;			/* enum ndf_code */
	uint8_t op;			/* WHEN: q */
	uint8_t fan;			/* narrow: output arcs */
	uint8_t inner;			/* wide: what `code` would be; narrow: input ports */
};

#define NDF_NEVER		(1u << 31)	/* in `want`: a bit that is never in `have` */
#define NDF_WIDE_BIT		(1u << 31)	/* all that a wide node wants, and each of its ends */

/* What stands for want and have in a wide node. Its own `want` sends everything here. */
struct ndf_wide {
	uint64_t want, have;		/* data inputs */
	uint64_t want_out, full;	/* output ports; arcs to data inputs of its own do not count */
	uint64_t want_own, full_own;	/* but here, by input */
	uint32_t *full_arcs;		/* per output port */
	uint64_t taken;			/* EVENT: inputs that had a token when the step began */
	bool want_extra, have_extra;	/* switch or teacher */
	bool queued, ripe;
	uint32_t extra_port;		/* or UINT32_MAX */
	bool switched;			/* extra is a switch, from which every firing takes */
};

/* A sample waiting for its lesson */
struct ndf_sample {
	uint64_t number, spikes;
	/* int64_t x[inputs] (RSTDP: traces); int32_t psi[dims] */
};

/* What a WHEN that is not plain keeps */
struct ndf_when_run {
	int64_t *v, *bias, *theta;	/* bias, theta, weights: own only if plastic */
	int32_t *weights;
	uint8_t waiting, oldest;	/* samples in history */
	uint64_t samples, lessons;
	int64_t *trace;
	int32_t *rate;
	uint64_t *history;		/* `history` samples of history_words */
	uint32_t history_words;
};

struct ndf_source_run {
	uint64_t *own;			/* pushed words, or NULL */
	uint64_t count, next, room;
	bool supplied;
};

struct ndf_sink_run {
	uint64_t *words;
	uint64_t count, room, expected;
	uint8_t mode;
	bool satisfied;
};

struct rill_ndf_engine {
	/* what every firing needs */
	struct ndf_node *nodes;
	struct ndf_arc *arcs;		/* on a cache line */
	struct ndf_ring *rings;		/* by arc */
	uint64_t *far;			/* all rings */
	uint32_t *carries;		/* by arc: the upper half of `pushed` */
	struct ndf_transit *transit;	/* by arc; with hooks */
	uint32_t *next;			/* nodes enabled in the next step */
	uint32_t next_count;
	/* and the rest */
	uint32_t ready_count, ready_at;
	uint32_t *ready;
	const uint32_t *in_arcs;	/* by number of input port */
	const struct ndf_where *wheres;
	const struct ndf_pattern *patterns;
	const uint8_t *from, *moves;
	const struct ndf_when *whens;
	const struct rill_ndf_program *program;
	struct ndf_when_run *states;	/* of WHENs that are not plain */
	struct ndf_wide *wide;		/* by wide_at[node] */
	uint32_t *wide_at;
	uint32_t *full_arcs;
	struct ndf_source_run *sources;
	struct ndf_sink_run *sinks;
	uint32_t *events;		/* enabled EVENT nodes of the next step */
	uint32_t *parked;		/* STREAM nodes that were told to wait */
	uint32_t event_count, parked_count;
	uint32_t open_sinks, quiet_sinks, counted_sinks;
	bool hooked, random, started;
	bool large;			/* does not fit into the nearest caches */
	uint64_t order;			/* state of the random order */
	uint64_t sink_tokens, sink_limit;
	uint64_t firings, when, where, source, sink, lessons, steps;
	struct rill_ndf_fault_report fault;
	struct rill_ndf_host host;
	struct rill_ndf_hooks hooks;
	void *arc_memory;
	uint64_t *when_data;
};

NDF_INLINE uint8_t ndf_code_of(const struct ndf_node *n)
{
	return n->code == NDF_CODE_WIDE ? n->inner : n->code;
}

NDF_INLINE void ndf_set_code(struct ndf_node *n, uint8_t code)
{
	if (n->code == NDF_CODE_WIDE)
		n->inner = code;
	else
		n->code = code;
}

NDF_INLINE const struct ndf_when *ndf_when_of(const struct rill_ndf_engine *engine, uint32_t node)
{
	return &engine->whens[engine->nodes[node].in2];
}

/* Only of a WHEN that is not plain */
NDF_INLINE struct ndf_when_run *ndf_state_of(const struct rill_ndf_engine *engine, uint32_t node)
{
	return &engine->states[engine->nodes[node].imm];
}

NDF_INLINE uint32_t ndf_arc_number(const struct rill_ndf_engine *engine, const struct ndf_arc *arc)
{
	return (uint32_t)(arc - engine->arcs);
}

#endif
