/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note OR MIT */
/*
 * Rill chip, neuromorphic dataflow (NDF): the binary form of a program.
 *
 * Source of the model: "General-purpose Dataflow Model with Neuromorphic
 * Primitives", arXiv 2408.01090 (`where` and `when` as the two primitives of
 * control). Encodings and exact semantics are ours; docs/ndf.rst tells them.
 *
 * All fields are little-endian; reserved fields, padding and unused fields are
 * zero. The sections follow the header in this order, each 8-byte aligned, without gaps other
 * than padding to 8 bytes:
 *
 *   header	struct rill_ndf_header
 *   nodes	struct rill_ndf_node[node_count]
 *   arcs	struct rill_ndf_arc[arc_count], sorted by (src, src_port)
 *   tokens	struct rill_ndf_token[token_count], sorted by arc, oldest first
 *   params	one block for each node that has one, in the order of the nodes
 *   data	initial content of the program's memory
 *   names	NUL-terminated strings; the chip does not read them
 *
 * So a program has exactly one binary form but for the order of a port's arcs
 * and of its names, and everything can be checked in one go from front to back.
 *
 * A token is a 64-bit word. "Integer" is two's complement and wraps; "double" is
 * IEEE 754 binary64, and every NaN that an operation makes is RILL_NDF_NAN.
 */
#ifndef RILL_NDF_H
#define RILL_NDF_H

#include <linux/types.h>

#define RILL_NDF_MAGIC			0x46444e52u	/* "RNDF" */
#define RILL_NDF_VERSION		1

#define RILL_NDF_MAX_BYTES		(1u << 25)	/* of a binary */
#define RILL_NDF_MAX_NODES		131072u
#define RILL_NDF_MAX_ARCS		(1u << 19)
#define RILL_NDF_MAX_TOKENS		(1u << 20)	/* initial ones */
#define RILL_NDF_MAX_CAPACITY		4096u		/* of an arc */
#define RILL_NDF_MAX_SLOTS		(1u << 22)	/* capacity of all arcs */
#define RILL_NDF_MAX_PORTS		64u		/* data inputs, outputs */
#define RILL_NDF_MAX_PATTERNS		65536u		/* of a WHERE */
#define RILL_NDF_MAX_DIMS		64u		/* of a WHEN's membrane */
#define RILL_NDF_MAX_STATES		64u		/* of a WHEN */
#define RILL_NDF_MAX_ENTRIES		65536u		/* of a WHEN's table: states << dims */
#define RILL_NDF_MAX_HISTORY		16u		/* samples that wait for their lesson */
#define RILL_NDF_MAX_SINK_TOKENS	(1u << 24)	/* that a SINK can expect */
#define RILL_NDF_MAX_MEMORY		(1ULL << 32)	/* bytes */
#define RILL_NDF_MAX_CHIPLETS		64u
#define RILL_NDF_NONE			0xffffffffu	/* no name */
#define RILL_NDF_NAN			0x7ff8000000000000ULL

struct rill_ndf_header {
	__le32 magic;
	__le16 version;
	__le16 header_bytes;		/* of this structure */
	__le32 bytes;			/* of the whole binary */
	__le32 crc;			/* CRC-32 (IEEE 802.3), this field taken as zero */
	__le32 flags;			/* both must tell the truth */
#define RILL_NDF_HAS_EVENT		(1u << 0)	/* some node is an EVENT WHEN: not Kahn */
#define RILL_NDF_HAS_PLASTIC		(1u << 1)	/* some WHEN has a plastic block */
	__le32 node_count;		/* 1.. */
	__le32 arc_count;
	__le32 token_count;
	__le32 nodes;			/* byte offsets from the start of the header */
	__le32 arcs;
	__le32 tokens;
	__le32 params;
	__le32 params_bytes;
	__le32 data;
	__le32 data_bytes;		/* at most memory_bytes */
	__le32 names;
	__le32 names_bytes;		/* the last one is a NUL */
	__le32 name;			/* the program's, an offset into names, or RILL_NDF_NONE */
	__le64 memory_bytes;		/* that LOAD, STORE and ATOMIC_ADD may use: addresses 0.. */
	__le64 reserved[2];
};

enum rill_ndf_kind {
	RILL_NDF_OP = 1,		/* mode: enum rill_ndf_op */
	RILL_NDF_WHEN = 2,		/* mode: enum rill_ndf_when_mode */
	RILL_NDF_WHERE = 3,		/* mode: enum rill_ndf_where_mode */
	RILL_NDF_SOURCE = 4,		/* mode 0 */
	RILL_NDF_SINK = 5,		/* mode: enum rill_ndf_sink_mode */
};

struct rill_ndf_node {
	__u8 kind;			/* enum rill_ndf_kind */
	__u8 mode;
	__u8 inputs;			/* ports, with switch or teacher: the last one */
	__u8 outputs;
	__le16 flags;			/* as the kind says */
	__le16 chiplet;			/* placement; a flat run ignores it */
	__le32 param;			/* byte offset of its block in params; an OP's number */
	__le32 name;			/* offset into names, or RILL_NDF_NONE */
	__le64 imm;			/* an OP's immediate operand, what a SINK expects */
};

/*
 * An input port has exactly one arc, an output port one or more: a firing puts
 * one token on each of them, for which there must be room. A firing that also takes a
 * token from an arc (of the node to itself) needs no room in it.
 */
struct rill_ndf_arc {
	__le32 src;			/* node */
	__le32 dst;
	__u8 src_port;
	__u8 dst_port;
	__le16 capacity;		/* 1..RILL_NDF_MAX_CAPACITY */
	__le32 reserved;
};

/* Initial token. An arc holds no more of them than its capacity. */
struct rill_ndf_token {
	__le32 arc;
	__le32 reserved;
	__le64 word;
};

/*
 * SOURCE: no input, one output; fires as long as it has words to give. With a
 * block, those are its words unless the run supplies others.
 */
struct rill_ndf_source {		/* needs RILL_NDF_SOURCE_WORDS in flags */
#define RILL_NDF_SOURCE_WORDS		(1u << 0)
	__le32 count;
	__le32 reserved;
	/* __le64 words[count] */
};

/* SINK: one input, no output. */
enum rill_ndf_sink_mode {
	RILL_NDF_SINK_COUNT = 0,	/* satisfied by imm tokens, and takes no more */
	RILL_NDF_SINK_UNTIL = 1,	/* satisfied by a token equal to imm, and takes no more */
	RILL_NDF_SINK_QUIET = 2,	/* takes all; satisfied when the program is quiescent */
	RILL_NDF_SINK_IGNORE = 3,	/* takes and drops all; always satisfied */
};

/*
 * OP: operands a, b, c are the input ports in order; an immediate takes the
 * place of one of them. Booleans are 0 and 1. All operations are total:
 * x / 0 = -1 (all ones if unsigned), x % 0 = x, INT64_MIN / -1 = INT64_MIN, INT64_MIN % -1 = 0;
 * a shift by 64 or more (b unsigned) gives what shifting 64 times by one would; F2I rounds toward
 * zero and saturates, NaN becomes 0; ABS and NEG of INT64_MIN give INT64_MIN; CLZ and CTZ
 * of 0 give 64. FMIN and FMAX give RILL_NDF_NAN if either is a NaN, and b if they are
 * equal.
 */
#define RILL_NDF_OP_IMM_MASK		0x3u		/* flags: operand n - 1; 0: none */
#define RILL_NDF_OP_IMM(operand)	((operand) + 1u)

enum rill_ndf_op {
	/* a */
	RILL_NDF_COPY = 1,
	RILL_NDF_NOT = 2,
	RILL_NDF_NEG = 3,
	RILL_NDF_ABS = 4,
	RILL_NDF_POPCNT = 5,
	RILL_NDF_CLZ = 6,
	RILL_NDF_CTZ = 7,
	RILL_NDF_FNEG = 8,
	RILL_NDF_FABS = 9,
	RILL_NDF_FSQRT = 10,
	RILL_NDF_I2F = 11,
	RILL_NDF_U2F = 12,
	RILL_NDF_F2I = 13,
	/* a, b */
	RILL_NDF_THEN = 16,		/* b, when both are there; with an immediate b a constant */
	RILL_NDF_ADD = 17,
	RILL_NDF_SUB = 18,
	RILL_NDF_MUL = 19,
	RILL_NDF_DIV = 20,
	RILL_NDF_REM = 21,
	RILL_NDF_DIVU = 22,
	RILL_NDF_REMU = 23,
	RILL_NDF_AND = 24,
	RILL_NDF_OR = 25,
	RILL_NDF_XOR = 26,
	RILL_NDF_SHL = 27,
	RILL_NDF_SHR = 28,		/* zeroes come in */
	RILL_NDF_SAR = 29,		/* the sign comes in */
	RILL_NDF_MIN = 30,
	RILL_NDF_MAX = 31,
	RILL_NDF_MINU = 32,
	RILL_NDF_MAXU = 33,
	RILL_NDF_MULH = 34,		/* upper half of the signed 128-bit product */
	RILL_NDF_EQ = 40,
	RILL_NDF_NE = 41,
	RILL_NDF_LT = 42,
	RILL_NDF_LE = 43,
	RILL_NDF_GT = 44,
	RILL_NDF_GE = 45,
	RILL_NDF_LTU = 46,
	RILL_NDF_LEU = 47,
	RILL_NDF_GTU = 48,
	RILL_NDF_GEU = 49,
	RILL_NDF_FADD = 56,
	RILL_NDF_FSUB = 57,
	RILL_NDF_FMUL = 58,
	RILL_NDF_FDIV = 59,
	RILL_NDF_FMIN = 60,
	RILL_NDF_FMAX = 61,
	RILL_NDF_FEQ = 62,
	RILL_NDF_FNE = 63,
	RILL_NDF_FLT = 64,
	RILL_NDF_FLE = 65,
	RILL_NDF_FGT = 66,
	RILL_NDF_FGE = 67,
	/* a, b, c */
	RILL_NDF_SELECT = 72,		/* a ? b : c; waits for all three */
	/*
	 * Memory. The address is param (signed) + a, or param + a * size if SCALED; it must be a
	 * multiple of the size. The last input may be a memory token, whose word goes
	 * out unchanged as the last output once the access is done (0 without such an input).
	 */
	RILL_NDF_LOAD = 80,		/* a [, memory] -> value [, memory] */
	RILL_NDF_STORE = 81,		/* a, value b [, memory] -> [memory] */
	RILL_NDF_ATOMIC_ADD = 82,	/* a, addend b [, memory] -> [old value [, memory]] */
	/* The chip's stream engine: param is the function's number, all inputs are operands. */
	RILL_NDF_STREAM = 88,		/* 1..8 operands -> 0..4 results */
};

#define RILL_NDF_MEM_SIZE_SHIFT		4		/* flags: log2 of the size, 0..3 */
#define RILL_NDF_MEM_SIZE_MASK		(3u << RILL_NDF_MEM_SIZE_SHIFT)
#define RILL_NDF_MEM_SIGNED		(1u << 6)	/* what is loaded, if below 8 bytes */
#define RILL_NDF_MEM_SCALED		(1u << 7)

#define RILL_NDF_STREAM_OPERANDS	8u
#define RILL_NDF_STREAM_RESULTS		4u

/*
 * WHERE. Data inputs are ports 0..m-1; but for STATIC, port m is the switch, and
 * a firing consumes one of its tokens. Masks are bitmaps of data inputs.
 * What a pattern says about an input:
 *   need 0  cons 0  not copied	leave it in its FIFO
 *   need 1  cons 1  copied	move it, or broadcast it to several outputs
 *   need 1  cons 1  not copied	discard it
 *   need 1  cons 0  copied	peek: copy it and leave it
 * and nothing else. A switch token that names no pattern is a fault.
 */
enum rill_ndf_where_mode {
	RILL_NDF_STATIC = 0,		/* one pattern, which consumes something; no switch */
	RILL_NDF_TABLE = 1,		/* the switch token is the pattern's number */
	RILL_NDF_INDEX = 2,		/* ... the row's: moves that row's input */
	RILL_NDF_MASK = 3,		/* ... a bitmap of rows */
};

/* MASK: the i-th chosen row goes to output i; exactly as many as outputs must be chosen */
#define RILL_NDF_WHERE_PACKED		(1u << 0)

#define RILL_NDF_NO_INPUT		0xffu

struct rill_ndf_pattern {
	__le64 need;
	__le64 cons;
	/* __u8 from[outputs], padded to 8: the input to copy, or RILL_NDF_NO_INPUT */
};

struct rill_ndf_where {
	__le32 count;			/* patterns; or rows: one for each output unless PACKED */
	__le32 reserved;
	/* STATIC, TABLE: struct rill_ndf_pattern[count], each with its from[] */
	/* INDEX, MASK: __u8 from[count], padded to 8: the row's input */
};

/*
 * WHEN, a spiking neuron with p inputs (ports 0..p-1) and d membrane dimensions, one
 * output. v, W, b and theta have `frac` fraction bits, inputs have `x_frac`. A firing,
 * for the inputs x that it takes (others are 0):
 *   v = sat(v - (v >> leak) + ((x^T W) >> x_frac) + b)	exact up to sat(), no leak if 0
 *   s_k = v_k >= theta_k
 *   (q, id, emit) = decode(q, s, v)
 * and, if it emits, a token `id` and the reset of the dimensions that fired. PRED waits
 * for the inputs need[q], consumes one token of each and always emits. EVENT takes one
 * token of each input that has any, and emits when decode says so; after an emission with
 * a reset it fires again without input as long as some s_k is 1 and decode(q, s, v)
 * would emit.
 */
enum rill_ndf_when_mode {
	RILL_NDF_PRED = 0,
	RILL_NDF_EVENT = 1,
};

#define RILL_NDF_WHEN_PLASTIC		(1u << 0)	/* node flags: has a plastic block */
#define RILL_NDF_WHEN_TEACHER		(1u << 1)	/* last input: its rule's teacher */

enum rill_ndf_decode {
	/* entry q << d | s of the table; what fired is s */
	RILL_NDF_DECODE_TABLE = 0,
	/* k of the greatest v_k - theta_k, the lowest of equals; EVENT emits if s_k; k fired */
	RILL_NDF_DECODE_WTA = 1,
	/* bitmap of the `top` greatest; EVENT: those of them with s_k, emits if any; they fired */
	RILL_NDF_DECODE_TOPK = 2,
};

enum rill_ndf_reset {
	RILL_NDF_RESET_ALL = 0,		/* v = 0 */
	RILL_NDF_RESET_HARD = 1,	/* v_k = 0 where k fired */
	RILL_NDF_RESET_SUBTRACT = 2,	/* v_k = sat(v_k - theta_k) where k fired */
	RILL_NDF_RESET_NONE = 3,
};

struct rill_ndf_when {
	__u8 decode;			/* enum rill_ndf_decode */
	__u8 reset;			/* enum rill_ndf_reset */
	__u8 dims;			/* 1..RILL_NDF_MAX_DIMS: d */
	__u8 top;			/* TOPK: 1..d; else 0 */
	__u8 states;			/* 1..RILL_NDF_MAX_STATES; 1 unless TABLE */
	__u8 state;			/* the first q */
	__u8 frac;			/* 0..30 */
	__u8 x_frac;			/* 0..30 */
	__u8 leak;			/* 0..63 */
	__u8 width;			/* 2..64: v saturates to so many bits */
	__u8 reserved[6];
	/* __le64 need[states]: PRED not 0, EVENT 0 */
	/* __le64 bias[d], theta[d] */
	/* __le32 weight[p][d], signed, padded to 8 */
	/* TABLE: struct rill_ndf_entry[states << d] */
	/* struct rill_ndf_plastic */
};

struct rill_ndf_entry {
	__le32 id;			/* 0 if not emitted */
	__u8 next;			/* q */
	__u8 emit;			/* 0 or 1; PRED 1 */
	__le16 reserved;
};

/*
 * Plasticity. A rule other than NONE adds an input port p, the teacher: a lesson
 * for the oldest sample (x, v, s) that waits for one. PRED: from the `history`-th
 * prediction on, each is followed by one lesson, a firing of its own. EVENT: a lesson is
 * taken when one is there and a sample waits; where `history` samples wait, the next one
 * displaces the oldest. All products are exact and then rounded to nearest, half up.
 */
enum rill_ndf_rule {
	RILL_NDF_RULE_NONE = 0,		/* homeostasis alone */
	/*
	 * Lesson: bit k is y_k, d is at most 63. psi = max(psi_min, 1 - |v_k - theta_k|),
	 * delta = (y_k - s_k) psi, W_ik += eta delta x_i, b_k += eta delta
	 */
	RILL_NDF_RULE_SURROGATE = 1,
	/*
	 * Lesson: reward r with `frac` fraction bits, saturated to 32 bits. At the prediction
	 * trace_i = sat(trace_i - (trace_i >> trace) + x_i); g = eta r (s_k ? 1 : miss),
	 * W_ik += g trace_i, b_k += g
	 */
	RILL_NDF_RULE_RSTDP = 2,
};

#define RILL_NDF_NO_LESSON		0x8000000000000000ULL	/* the sample is forgotten */

struct rill_ndf_plastic {
	__u8 rule;			/* enum rill_ndf_rule */
	__u8 history;			/* 1..RILL_NDF_MAX_HISTORY; 0 if rule NONE */
	__u8 trace;			/* RSTDP: 0..63; else 0 */
	__u8 rate;			/* homeostasis: 0..16, rate_k += (s_k - rate_k) >> rate */
	__le32 eta;			/* 0..2^31-1, `frac` fraction bits, as the next two */
	__le32 psi_min;			/* SURROGATE: 0..2^31-1; else 0 */
	__le32 miss;			/* RSTDP: signed; else 0 */
	__le32 weight_min;		/* signed; weights stay within */
	__le32 weight_max;
	__le64 bias_min;		/* signed */
	__le64 bias_max;
	__le64 theta_min;		/* signed */
	__le64 theta_max;
	__le32 theta_eta;		/* 0..2^31-1: theta_k += theta_eta (rate_k - target) */
	__le32 target;			/* 0..65536: rate in 1/65536 */
	/*
	 * Learning windows, in samples: [first + n period, first + n period + length). Outside
	 * of them nothing changes. length 0: without end; period 0: one window.
	 */
	__le64 first;
	__le64 length;
	__le64 period;
};

/* What is wrong with a binary, and where: enum rill_ndf_unit tells what a position counts. */
enum rill_ndf_unit {
	RILL_NDF_AT_BYTE = 0,
	RILL_NDF_AT_NODE = 1,
	RILL_NDF_AT_ARC = 2,
	RILL_NDF_AT_TOKEN = 3,
};

enum rill_ndf_code {
	RILL_NDF_VALID = 0,
	/* the header; position: byte */
	RILL_NDF_TRUNCATED = 1,		/* shorter than its header, or than `bytes` says */
	RILL_NDF_BAD_MAGIC = 2,
	RILL_NDF_BAD_VERSION = 3,
	RILL_NDF_BAD_BYTES = 4,		/* longer than `bytes` says, or than the limit */
	RILL_NDF_BAD_CRC = 5,
	RILL_NDF_BAD_FLAGS = 6,		/* unknown, or not the truth; or of a node */
	RILL_NDF_BAD_COUNT = 7,		/* out of range */
	RILL_NDF_BAD_SECTION = 8,	/* not where the sections before it end, or out of bounds */
	RILL_NDF_BAD_RESERVED = 9,	/* not zero */
	RILL_NDF_BAD_NAMES = 10,	/* the last byte is not a NUL; a name out of bounds */
	RILL_NDF_BAD_MEMORY = 11,	/* memory_bytes over the limit or below data_bytes */
	/* position: node */
	RILL_NDF_BAD_KIND = 16,
	RILL_NDF_BAD_MODE = 17,
	RILL_NDF_BAD_PORTS = 18,	/* inputs or outputs that its kind cannot have */
	RILL_NDF_BAD_CHIPLET = 19,
	RILL_NDF_BAD_IMM = 20,		/* where there is none, or a SINK that expects too much */
	RILL_NDF_BAD_PARAM = 21,	/* not where its block must be, or without one not 0 */
	RILL_NDF_BAD_BLOCK = 22,	/* its block is cut off by the end of params */
	RILL_NDF_BAD_NODE_NAME = 23,
	RILL_NDF_UNCONNECTED = 24,	/* a port without an arc */
	RILL_NDF_NO_INPUTS = 25,	/* an OP without input, which would fire for ever */
	/* position: byte, in the node's block */
	RILL_NDF_BAD_PATTERNS = 32,	/* number of patterns, rows or words */
	RILL_NDF_BAD_NEED = 33,		/* a missing input, or nothing where it must */
	RILL_NDF_BAD_CONS = 34,		/* consumes what it does not need; STATIC: nothing */
	RILL_NDF_BAD_FROM = 35,		/* copies an input that it does not need */
	RILL_NDF_BAD_WAIT = 36,		/* needs an input, neither to consume nor to copy it */
	RILL_NDF_BAD_FIELD = 37,	/* of a WHEN or plastic block, out of range */
	RILL_NDF_BAD_ENTRY = 38,	/* of a WHEN's table: next, emit or id */
	/* position: arc */
	RILL_NDF_BAD_ARC_NODE = 48,	/* no such node */
	RILL_NDF_BAD_ARC_PORT = 49,	/* no such port */
	RILL_NDF_BAD_ARC_ORDER = 50,	/* not sorted by (src, src_port) */
	RILL_NDF_TWO_PRODUCERS = 51,	/* another arc ends at this input port */
	RILL_NDF_BAD_CAPACITY = 52,	/* of this arc, or of all arcs up to it */
	RILL_NDF_BAD_ID = 53,		/* a WHEN's or token's id without a pattern */
	RILL_NDF_DEAD_CYCLE = 54,	/* on a cycle without token that always waits for itself */
	/* position: token */
	RILL_NDF_BAD_TOKEN_ARC = 64,	/* no such arc, or not sorted */
	RILL_NDF_TOO_MANY_TOKENS = 65,	/* for the arc's capacity */
};

struct rill_ndf_verdict {
	__le32 code;			/* enum rill_ndf_code */
	__le32 unit;			/* enum rill_ndf_unit */
	__le64 position;
};

/* How a run ended. */
enum rill_ndf_end {
	RILL_NDF_FINISHED = 0,		/* every SINK is satisfied */
	RILL_NDF_QUIESCENT = 1,		/* nothing to do, and no SINK that was to be satisfied */
	RILL_NDF_DEADLOCK = 2,		/* nothing to do, but some SINK is not satisfied */
	RILL_NDF_LIMIT = 3,		/* firings or steps */
	RILL_NDF_FAULT = 4,		/* see enum rill_ndf_fault */
	RILL_NDF_BUSY = 5,		/* nothing to do until the stream engine has answered */
};

enum rill_ndf_fault {
	RILL_NDF_NO_FAULT = 0,
	RILL_NDF_FAULT_SWITCH = 1,	/* no pattern for a switch token; word: the token */
	RILL_NDF_FAULT_ALIGN = 2,	/* word: the address */
	RILL_NDF_FAULT_ADDRESS = 3,	/* word: the address */
	RILL_NDF_FAULT_STREAM = 4,	/* the stream engine refused; word: what it says */
	RILL_NDF_FAULT_SINKS = 5,	/* more tokens in sinks than allowed; word: the limit */
	RILL_NDF_FAULT_NO_MEMORY = 6,	/* of the host */
};

/*
 * NDF: the job that runs a program on the chip; its addr is that of a struct rill_ndf_job. All
 * addresses are virtual ones of the job's context, multiples of 8, and 0 where nothing is given.
 * Nodes fire on the chiplet that their placement names, which must be of the context.
 *
 * The chip copies the block, the binary, inputs and outputs (the structures) when the job starts.
 * Then come, in this order, the words of the inputs, the run, the words that came to the sinks,
 * each output's `count`, the weights, the report. All that is also written when a run ends with
 * RILL_DEADLOCK, RILL_FIRING_LIMIT, RILL_PROGRAM_FAULT, or a fault of the program's memory.
 */
#define RILL_NDF_MAX_FIRINGS		(1ULL << 32)	/* of a job */
#define RILL_NDF_MAX_JOB_TOKENS		(1u << 22)	/* in all inputs; that all sinks keep */
#define RILL_NDF_MAX_WAITS		64u

struct rill_ndf_job {
	__le32 flags;
/* begin with the weights at `weights`, not with the program's */
#define RILL_NDF_JOB_LOAD_WEIGHTS	(1u << 0)
/*
 * The chiplets find out by themselves that the program has ended, by waves over a tree of all
 * chiplets and links of the chip, which they therefore need; until then they go on with what there
 * is to do. Without the flag, the run ends as soon as it is at its end.
 */
#define RILL_NDF_JOB_WAVES		(1u << 1)
	__le32 capacity;		/* of all arcs, 1..RILL_NDF_MAX_CAPACITY; 0: their own */
	__le64 firing_limit;		/* 1..RILL_NDF_MAX_FIRINGS */
	__le64 program;			/* the binary; its header says how long it is */
	__le64 memory;			/* header.memory_bytes, all of it as the program finds it */
	__le64 inputs;			/* struct rill_ndf_input[input_count], or 0 */
	__le64 outputs;			/* struct rill_ndf_output[output_count], or 0 */
	__le32 input_count;		/* as many as there are SOURCEs; 0 without `inputs` */
	__le32 output_count;		/* as many as there are SINKs; 0 without `outputs` */
	__le64 weights;			/* see below, or 0 */
	__le64 weights_bytes;		/* exactly what they take; 0 without `weights` */
	__le64 report;			/* struct rill_ndf_report, or 0 */
	__le64 reserved;
};

/*
 * Weights: for each plastic WHEN, in the order of the nodes, as in its block:
 *   __le64 bias[d], theta[d]; __le32 weight[p][d], padded to 8 bytes with zeroes
 * Read with LOAD_WEIGHTS; what they have become is written when the run has ended.
 */

/* For each SOURCE, in the order of the nodes. */
struct rill_ndf_input {
	__le64 words;			/* __le64[count]; 0: the program's own */
	__le64 count;			/* 0 for its own */
};

/* For each SINK, in the order of the nodes. */
struct rill_ndf_output {
	__le64 words;			/* __le64[room], or 0 */
	__le32 room;			/* further words are only counted; 0 without `words` */
	__le32 expected;		/* of a COUNT sink, in place of its node's; 0: as it says */
	__le64 count;			/* written: words that it took; 0 if IGNORE */
};

struct rill_ndf_chiplet_report {
	__le64 firings;
	__le64 busy_ps;
};

/* An arc that blocks, see docs/ndf.rst. */
struct rill_ndf_wait {
	__le32 arc;
	__le32 node;			/* who waits */
	__le32 full;			/* 1: for room in the arc; 0: for a token */
	__le32 reserved;
};

struct rill_ndf_report {
	__le32 end;			/* enum rill_ndf_end */
	__le32 fault;			/* enum rill_ndf_fault, and where: */
	__le32 fault_node;
	__le32 wait_count;		/* DEADLOCK: arcs that block, in `wait` or not */
	__le64 fault_word;
	__le64 start_ps;
	__le64 end_ps;
	__le64 firings;			/* these are all of them */
	__le64 op;
	__le64 when;			/* without lessons */
	__le64 where;
	__le64 source;
	__le64 sink;
	__le64 lessons;
	__le64 tokens_left;		/* in arcs */
	__le64 link_transfers;		/* of tokens and credits, over each link on their way */
	__le64 memory_accesses;
	__le64 settled_ps;		/* WAVES: when the end came to be; else end_ps */
	__le64 waves;			/* WAVES: begun, */
	__le64 wave_messages;		/* and each over one link; not in link_transfers */
	struct rill_ndf_wait wait[RILL_NDF_MAX_WAITS];	/* those next to the sinks first */
	struct rill_ndf_chiplet_report chiplet[RILL_NDF_MAX_CHIPLETS];
};

#endif
