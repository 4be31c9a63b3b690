/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note OR MIT */
/*
 * Rill chip, jobs: what the runtime puts into a context's memory for the chip.
 *
 * A job is (opcode, flags, addr); addr is the virtual address of the block
 * below that belongs to the opcode, 8-byte aligned. Every address in a block is
 * a virtual address of the same context. All fields are little-endian; reserved
 * fields are zero. The chip reads a block once, when it fetches the job.
 *
 * Source of the dataflow: FSE-DP, arXiv 2603.27624 (expert weights stream as
 * micro-slices past tokens that stay at home). The encodings are ours.
 */
#ifndef RILL_STREAM_H
#define RILL_STREAM_H

#include <linux/types.h>

#include "rill_hw.h"

enum rill_opcode {
	RILL_OP_NOP = 0,		/* addr 0 */
	RILL_OP_FILL = 1,		/* struct rill_fill */
	RILL_OP_COPY = 2,		/* struct rill_copy */
	RILL_OP_PASS_BEGIN = 3,		/* struct rill_pass */
	RILL_OP_STREAM = 4,		/* struct rill_stream */
	RILL_OP_PASS_END = 5,		/* addr 0 */
	RILL_OP_NDF = 6,		/* rill_ndf.h */
};

/* No flag of a job is defined yet. */

#define RILL_MAX_FILL_RANGES		4096
#define RILL_MAX_TOKENS			4096
#define RILL_MAX_HIDDEN			8192	/* a multiple of 8 */
#define RILL_MAX_WIDTH			16384	/* intermediate columns of an expert */
#define RILL_MAX_SLICES			1024	/* per expert */
#define RILL_MAX_STREAMS		1024	/* per pass */
#define RILL_MAX_ROUTES			262144	/* per expert */
#define RILL_MAX_TIMELINE		(1u << 22)
#define RILL_INT4_GROUP			64	/* weights of a vector that have one scale */

/*
 * FILL: a counter-based pattern. The 64-bit word at dst + 8 * i becomes
 * rill_pattern(seed, counter + i); with RILL_FILL_ZERO it becomes 0. So the same
 * (seed, counter) gives the same bytes wherever they lie.
 */
struct rill_fill_range {
	__le64 dst;			/* 8-byte aligned */
	__le64 bytes;			/* a multiple of 8, at most 4 GiB */
	__le64 seed;
	__le64 counter;			/* of the first word */
};

struct rill_fill {
	__le32 flags;
#define RILL_FILL_ZERO			(1u << 0)
	__le32 count;			/* 1..RILL_MAX_FILL_RANGES */
	__le64 ranges;			/* struct rill_fill_range[count] */
};

/* splitmix64's output function over a Weyl sequence */
static inline __u64 rill_pattern(__u64 seed, __u64 counter)
{
	__u64 z = seed + (counter + 1) * 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* COPY: the ranges must not overlap. Byte granular. */
struct rill_copy {
	__le64 dst;
	__le64 src;
	__le64 bytes;			/* 1..4 GiB */
	__le64 reserved;
};

/*
 * PASS_BEGIN opens a pass on its queue; the STREAM jobs that follow belong to
 * it, in the order in which a DDR channel is to load them; PASS_END closes it
 * and starts it. Device time in a pass does not depend on when the jobs arrived.
 *
 * Tokens are resident at home when the pass starts and outputs are left there;
 * moving them in and out of the chip is not part of a pass, whatever the strategy.
 */
struct rill_pass {
	__le32 flags;
#define RILL_PASS_TIMING_ONLY		(1u << 0)	/* no arithmetic */
/*
 * Ablations: each switches one rule of the streaming engine off. In their order: a slot serves one
 * channel's slices only; a load needs one free slot, as a transit does; a slice moves on only after
 * it was computed here; it keeps its slots until it has been everywhere; the next stream loads when
 * the last is complete.
 */
#define RILL_PASS_OWNED_SLOTS		(1u << 1)
#define RILL_PASS_NO_BUBBLE		(1u << 2)
#define RILL_PASS_FORWARD_COMPUTED	(1u << 3)
#define RILL_PASS_LATE_RELEASE		(1u << 4)
#define RILL_PASS_ONE_EXPERT		(1u << 5)
#define RILL_PASS_ABLATIONS		(RILL_PASS_OWNED_SLOTS | RILL_PASS_NO_BUBBLE | \
					 RILL_PASS_FORWARD_COMPUTED | RILL_PASS_LATE_RELEASE | \
					 RILL_PASS_ONE_EXPERT)
#define RILL_PASS_RULES_WEIGHTS		(1u << 6)	/* weights behind `rules`, see RULES */
	__le32 tokens;			/* 1..RILL_MAX_TOKENS */
	__le32 hidden;			/* 8..RILL_MAX_HIDDEN, a multiple of 8 */
	__le32 slots;			/* slots per chiplet; 0: as many as fit */
	__le64 homes;			/* __le16[tokens]: home chiplet */
	__le64 x;			/* __s8[tokens][hidden]; 0 if timing only */
	__le64 silu;			/* __s8[256], index g + 128; 0 if timing only */
	__le64 out;			/* __le64[tokens][hidden], signed; 0 if timing only */
	__le64 report;			/* struct rill_pass_report, or 0 */
	__le64 timeline;		/* struct rill_interval[timeline_entries], or 0 */
	__le32 timeline_entries;	/* further intervals are counted, not written */
	__le32 out_shift;		/* 0..47: out = acc >> out_shift, rounded half to even */
	__le64 loads;			/* __le32[slices of the pass]; 0: as the streams come */
	__le64 rules;			/* an NDF program, 8-byte aligned; 0: built in */
};

/*
 * `loads` is the order in which slices are loaded: every slice of the pass once, numbered through
 * the streams in order. A channel takes its own slices in this order. Not with BARRIER streams
 * or ONE_EXPERT, which go by the order of the streams.
 */

/*
 * RULES: a pass may bring the rules by which its slices move: a program of rill_ndf.h without
 * memory, of at most RILL_RULES_MAX_BYTES; its header says how long it is. Each chiplet runs it
 * on its own from the start of the pass, with room for RILL_RULES_CAPACITY tokens in every arc.
 *
 * When the stream engine has something to decide, it gives the question, enum
 * rill_rules_question, as one word to the first SOURCE of the chiplet's program and runs it
 * until it rests: at most RILL_RULES_FIRINGS firings, for COMPUTE 8 more for each slice that is
 * ready. All decisions of one event of the engine may have RILL_RULES_EVENT_FIRINGS together, and
 * RILL_RULES_WAITING questions may wait in the SOURCE. The program learns what it has to know, and
 * answers, by STREAM operations. No answer means 0, for FORWARD RILL_RULES_WAIT.
 *
 * A slice is never moved where it cannot go, whatever the program says: the pass fails with
 * RILL_BAD_RULES. It fails with RILL_BAD_PROGRAM if the binary is refused.
 *
 * With RULES_WEIGHTS, weights as of an NDF job (rill_ndf.h) for each chiplet of the chip follow
 * the binary, from the next multiple of 8: the chiplet's program begins with them. They are read
 * at PASS_BEGIN, and what they have become is written when the pass has ended with RILL_OK, so
 * that the next pass can go on from there. Padding that is not zero makes the pass fail with
 * RILL_BAD_RESERVED.
 */
#define RILL_RULES_MAX_BYTES		65536u
#define RILL_RULES_CAPACITY		4u
#define RILL_RULES_FIRINGS		256u
#define RILL_RULES_EVENT_FIRINGS	(1u << 21)
#define RILL_RULES_WAITING		1024u
#define RILL_RULES_LINKS		4u	/* candidates of a FORWARD */
#define RILL_RULES_OUTCOMES		16u	/* n of OUTCOME is less */

enum rill_rules_question {
	/* May the next slice of a DDR channel be loaded? 0 or 1. Asked of its entry chiplet */
	RILL_RULES_ADMIT = 0,
	/* A slice has come: RILL_RULES_HERE, _ON, both or neither. Answers are ORed */
	RILL_RULES_ARRIVED = 1,
	/* By which link does it move on now? Its number among the chiplet's, or _WAIT */
	RILL_RULES_FORWARD = 2,
	/* Which of the slices that are ready is computed next? Its handle, or 0: none */
	RILL_RULES_COMPUTE = 3,
	/* Does the slice leave its slot? enum rill_rules_release */
	RILL_RULES_RELEASE = 4,
};

#define RILL_RULES_HERE			1u	/* compute here */
#define RILL_RULES_ON			2u	/* and it has to go further */
#define RILL_RULES_WAIT			4u

enum rill_rules_release {
	RILL_RULES_KEEP = 0,	/* asked again once it is computed or has moved on */
	RILL_RULES_FREE = 1,
	RILL_RULES_HOLD = 2,	/* until the slice has been computed everywhere */
};

/*
 * Functions of STREAM: operands -> results, of which fewer may be taken. Operand a starts it;
 * its word does not matter unless it is named. i is a link's number, below RILL_RULES_LINKS.
 * Flags are 0 or 1.
 */
enum rill_rules_function {
	/* a: the answer */
	RILL_RULES_ANSWER = 16,
	/*
	 * a, i -> free slots, slots left of its channel's share, 1 if it may take the escape slot
	 * and that is free, 1 if it goes further. At the far end of link i; for ADMIT at the entry
	 */
	RILL_RULES_SLOTS = 17,
	/* a -> 1 if a slot is kept free (bubble), 1 if it escapes, 1 if it is pinned */
	RILL_RULES_SLICE = 18,
	/*
	 * a -> experts left in the window, slices that the channel furthest behind has more to
	 * load than its own; one whose next slice is not in the window does not count
	 */
	RILL_RULES_LOAD = 19,
	/* a -> 1 if it is to be computed here, 1 if it has further to go */
	RILL_RULES_TURN = 20,
	/*
	 * a, i -> 1 if idle, hops more than the shortest way, ps of computing that waits there, 1
	 * if the slice is needed there
	 */
	RILL_RULES_LINK = 21,
	/* a -> 1 if a slice is ready, 1 if the array is idle, 1 if its tokens are here */
	RILL_RULES_CHIPLET = 22,
	/*
	 * a: handle, 0: the oldest that is ready -> ps of computing, its handle, the next younger
	 * one's, 1 if there is one
	 */
	RILL_RULES_READY = 23,
	/* a -> 1 if computed, 1 if moved on, 1 if slots are kept late, visits left */
	RILL_RULES_RESIDENT = 24,
	/* a -> ps that the slice has waited to move on, so far. FORWARD only */
	RILL_RULES_STALL = 25,
	/*
	 * a, n -> 1 if the n-th FORWARD before this one, on this chiplet, moved its slice; ps from
	 * when that could have moved until it was put to use (computed or sent on) where it
	 * went, or until now. n: 1..15
	 */
	RILL_RULES_OUTCOME = 26,
};

/* Why RILL_BAD_RULES; detail: this | question << 8 | chiplet << 16 | word << 32 */
enum rill_rules_fault {
	RILL_RULES_LIMIT = 1,		/* too many firings for a decision; word: the limit */
	RILL_RULES_FAULTED = 2,		/* word: enum rill_ndf_fault */
	RILL_RULES_BAD_ANSWER = 3,	/* none of the question's; word: the answer */
	RILL_RULES_REFUSED = 4,		/* link busy, no slot, not ready, ...; word: the answer */
	RILL_RULES_LOST = 5,		/* a slice gets nowhere; word: how often it moved */
	RILL_RULES_STUCK = 6,		/* nothing moves any more */
};

/*
 * STREAM: one expert of width f on hidden size d. Its weights are f records of
 * 3 * d signed bytes, one for each intermediate column j, in order:
 * W_gate[0..d)[j], W_up[0..d)[j], W_down[j][0..d). A slice is a run of records,
 * so whatever the slice count, the bytes are the same.
 *
 * With INT4 a record has, one after the other and low nibble first, and d is a multiple of 64:
 *   three vectors of d signed 4-bit weights: W_gate, W_up, W_down as above;
 *   3 * d / 64 unsigned 4-bit scales, of each vector's groups of 64 weights in turn;
 *   padding up to a multiple of 8 bytes, which is not looked at.
 * A weight's value is weight * scale, -120..105; a scale of 0 is one like the others. From there on
 * all is as with int8, and takes as long.
 *
 * Arithmetic, all integer. requant(v, mult, shift) = v * mult >> shift, rounded
 * half to even, saturated to [-128, 127]; the product is 64 bits wide.
 *   g = requant(x . W_gate, gate_mult, gate_shift)
 *   u = requant(x . W_up, up_mult, up_shift)
 *   h = requant(silu[g + 128] * u, act_mult, act_shift)
 *   acc[token] += (int64)(h . W_down) * weight
 * Accumulators are 48 bits wide. The chip refuses a pass in which a token's sum,
 * over its routes, of |weight| * records computed there * 2^14 reaches 2^47, so
 * they never overflow; the int32 dot products cannot either, as hidden and width
 * are at most 2^14.
 */
struct rill_stream {
	__le32 flags;
#define RILL_STREAM_PINNED		(1u << 0)	/* a slice goes to slice.pin only */
#define RILL_STREAM_FIXED_RING		(1u << 1)	/* next in ring order, not nearest */
/* compute on a chiplet when all of the expert's slices that go there are present */
#define RILL_STREAM_BARRIER		(1u << 2)
#define RILL_STREAM_INT4		(1u << 3)	/* of 4-bit weights with scales */
/* known before the pass's tokens are: see KNOWN below */
#define RILL_STREAM_KNOWN		(1u << 4)
	__le32 expert;			/* a name for timelines and reports */
	__le32 width;			/* 1..RILL_MAX_WIDTH: f */
	__le32 slice_count;		/* 1..RILL_MAX_SLICES */
	__le32 route_count;		/* 1..RILL_MAX_ROUTES */
	__le32 reserved0;
	__le64 slices;			/* struct rill_slice[slice_count] */
	__le64 routes;			/* struct rill_route[route_count] */
	__le32 gate_mult;		/* requantisers: mult 0..2^31-1 */
	__le32 up_mult;
	__le32 act_mult;
	__u8 gate_shift;		/* shift 0..62 */
	__u8 up_shift;
	__u8 act_shift;
	__u8 reserved1;
	__le64 reserved2;
};

/* Bytes of a record with INT4 */
static inline __u64 rill_int4_record_bytes(__u64 hidden)
{
	__u64 nibbles = 3 * hidden + 3 * (hidden / RILL_INT4_GROUP);

	return (nibbles + 15) / 16 * 8;
}

/* A slice's records must be contiguous in one DDR channel. Slices cover 0..width once. */
struct rill_slice {
	__le64 weights;			/* virtual address of its first record */
	__le32 first;			/* first record */
	__le16 records;			/* 1.. */
	__le16 pin;			/* PINNED: the chiplet; else RILL_NO_PIN */
};

#define RILL_NO_PIN			0xffff

/*
 * KNOWN: what is sure to be needed may come early. Where the pass is the next on the chip after
 * another of its queue, slices of KNOWN streams at the head of its load order are loaded in that
 * one's time, by channels that have no more to load and into slots that it does not need any more;
 * it is not delayed. Between the two there may be no FILL, COPY or NDF and no failed job. The
 * weights must be in place when the first of the two starts. How late the second one's jobs
 * arrive makes no difference.
 */

/*
 * Token `token` is computed for this expert on chiplet `chiplet`. Where that is
 * not its home, the chip scatters a copy of its activations there once a pass and reduces the
 * accumulator back to the home. In a UNION stream a token stands once; in a PINNED
 * stream, once on each chiplet that slices are pinned to.
 */
struct rill_route {
	__le16 token;
	__le16 chiplet;
	__le32 weight;			/* signed: gate weight times the expert's scale */
};

/* One line of the timeline: a unit was busy from start to end. */
struct rill_interval {
	__le64 start_ps;		/* since the start of the pass */
	__le64 end_ps;
	__le32 expert;			/* or the token, for SCATTER and REDUCE */
	__le16 slice;
	__u8 kind;			/* enum rill_interval_kind */
	__u8 reserved;
	__le16 unit;			/* channel, link or chiplet, as the kind says */
	__le16 reserved1;
	__le32 bytes;			/* moved, or held in SRAM; MACs / 1024 for MAC */
};

enum rill_interval_kind {
	RILL_INTERVAL_DDR = 1,		/* unit: channel */
	RILL_INTERVAL_LINK = 2,		/* unit: link; a slice */
	RILL_INTERVAL_MAC = 3,		/* unit: chiplet */
	RILL_INTERVAL_SCATTER = 4,	/* unit: link; a token's activations */
	RILL_INTERVAL_REDUCE = 5,	/* unit: link; a token's accumulator */
};

/* Written by the chip when a pass ends well. Arrays are as long as the limits. */
struct rill_chiplet_report {
	__le64 mac_busy_ps;
	__le64 macs;
	__le64 sram_peak;		/* bytes: slices, tokens and accumulators together */
	__le64 sram_peak_weights_tokens;	/* without accumulators */
	__le64 sram_peak_weights;
	__le64 sram_peak_tokens;
	__le64 sram_peak_accumulators;
	__le64 reserved;
};

struct rill_link_report {
	__le64 bytes;
	__le64 busy_ps;
	__le64 stall_ps;
	__le64 transfers;
};

struct rill_channel_report {
	__le64 bytes;
	__le64 busy_ps;
};

struct rill_pass_report {
	__le64 start_ps;
	__le64 end_ps;
	__le64 slices_loaded;
	__le64 slices_computed;		/* visits */
	__le64 scatters;
	__le64 reduces;
	__le64 escapes;			/* slices that needed the escape slot */
	__le64 timeline_total;		/* intervals, written or not */
	__le64 slot_bytes;
	__le64 slots;			/* per chiplet, as used */
	__le64 events;			/* of the event clock */
	__le64 smallest_sram;		/* bytes per chiplet, legal for this pass */
	__le64 prefetched_bytes;	/* of KNOWN streams: requested in the pass before */
	__le64 rule_decisions;		/* of a program, see RULES; built-in rules: 0 */
	__le64 rule_firings;
	__le64 reserved[1];
	struct rill_channel_report channel[RILL_MAX_CHANNELS];
	struct rill_chiplet_report chiplet[RILL_MAX_CHIPLETS];
	struct rill_link_report link[RILL_MAX_LINKS];
};

#endif
