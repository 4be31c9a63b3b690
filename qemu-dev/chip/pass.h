/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pass: what its jobs said (loaded by pass_load.c) and where everything is
 * while it runs (stream.c moves it, rules.c decides, packet.c carries tokens and
 * accumulators, mac.c computes).
 */
#ifndef RILL_CHIP_PASS_H
#define RILL_CHIP_PASS_H

#include "clock.h"
#include "internal.h"

#define RILL_MAX_PASS_ROUTES	(1u << 22)
#define RILL_MAX_PASS_SLICES	(1u << 20)
#define RILL_MAX_OPEN_ROUTES	(2 * RILL_MAX_PASS_ROUTES)	/* of all passes of the chip */
#define RILL_MAX_OPEN_SLICES	(2 * RILL_MAX_PASS_SLICES)
#define RILL_MAX_SLOTS		65535u
#define RILL_ACCUMULATOR_BYTES	6	/* 48 bits, see rill_stream.h */
#define RILL_NONE		UINT32_MAX

struct rill_rules;
struct rill_rules_program;

/* Bytes or cycles times picoseconds do not fit 64 bits. */
typedef __uint128_t rill_wide;

/* A micro-slice. Its trail is one path: only the copy at its head moves on. */
struct rill_slice_state {
	uint8_t *weights;
	uint64_t va;
	uint64_t need;			/* chiplets that must compute it */
	uint64_t visited;		/* of these, reached or being sent to */
	uint64_t bytes;
	uint32_t stream;
	uint32_t first;
	uint16_t records;
	uint16_t index;			/* in its stream */
	uint16_t channel;
	uint16_t computes_left;
	uint16_t ring_from;		/* FIXED_RING: its last chiplet in ring order, not on the way there */
	bool escaping;			/* may use escape slots */
	int32_t *products;		/* [RILL_TILE_TOKENS][hidden], or NULL: mac.c */
	uint32_t held;			/* LATE_RELEASE: residents that wait for its end */
};

/* The routes of a stream on one chiplet. */
struct rill_group {
	uint32_t stream;
	uint32_t route_first, route_count;
	uint32_t missing;		/* token copies that have not arrived */
	uint32_t slices_here, arrived, left;
	uint32_t waiting;		/* list of residents that are not ready to compute */
	int32_t **sums;			/* blocks of [RILL_TILE_TOKENS][hidden], or NULL: mac.c */
	uint16_t chiplet;
	bool holds_accumulators;
};

struct rill_route_state {
	uint32_t copy;
	int32_t weight;
};

struct rill_stream_state {
	struct rill_stream block;
	uint64_t need;
	uint64_t start_ps;
	uint32_t tag;
	uint32_t slice_first, route_first, group_first;
	uint32_t slices_left;
	bool started, done;
};

/* A token on a chiplet: its activations, and an accumulator there. */
struct rill_copy_state {
	int64_t *acc;			/* [hidden], allocated at the first compute; NULL if timing only */
	uint32_t uses_left;		/* groups that have yet to compute with it */
	uint32_t use_first, use_count;	/* in pass->uses */
	uint16_t token, chiplet;
	bool remote, reserved_acc;
};

/* A slice in a slot of a chiplet, or on its way into it. */
struct rill_resident {
	uint32_t slice;
	uint32_t next;			/* waiting to compute, or free */
	uint32_t next_moving;		/* waiting to move on: it may wait for both */
	uint16_t chiplet;
	bool escape_slot;
	bool computed, forwarded;	/* or nothing to compute, nowhere to go */
	bool compute_here;
	uint64_t compute_ps;		/* time on the MAC array here */
	uint64_t ready_ps;		/* since when it could move on */
	uint64_t age;			/* order of arrival on the chip */
};

struct rill_list {
	uint32_t head, tail;
};

enum rill_packet_kind { RILL_PACKET_SCATTER, RILL_PACKET_REDUCE };

struct rill_packet {
	uint32_t copy;
	uint32_t next;
	uint16_t at, dst;
	uint8_t kind;
	uint64_t ready_ps;
};

struct rill_link_run {
	uint64_t ps_numerator, mbps;	/* transfer time = ceil(bytes * ps_numerator / mbps) */
	struct rill_list packets;
	uint32_t resident;		/* being sent from src, or RILL_NONE */
	bool busy;
};

#define RILL_TAIL_PEAKS 3

/* Slots were last so full until then; what SRAM held at most since the step before. See tail.c. */
struct rill_tail_step {
	uint64_t until_ps;
	uint64_t peak[RILL_TAIL_PEAKS];
	uint64_t ahead;			/* bytes loaded ahead from this step on */
	uint32_t used;
};

struct rill_tail_run {
	bool on;
	struct rill_tail_step *steps;
	size_t count, capacity;
	uint64_t peak[RILL_TAIL_PEAKS];	/* since the last step */
	uint32_t taken;			/* slots, by the next pass's slices */
};

struct rill_chiplet_run {
	uint32_t slots_used;
	uint32_t owned[RILL_MAX_CHANNELS];	/* of these, by channel */
	bool escape_used;
	bool mac_busy;
	uint32_t computing;		/* resident */
	struct rill_list ready;		/* residents to compute, by age */
	uint32_t ready_count;
	struct rill_list moving;	/* residents that wait to move on, by age */
	uint64_t backlog_ps;		/* compute time of what is here or on its way here */
	uint64_t held[3], peak[3];	/* bytes, by enum rill_sram_kind */
	uint64_t peak_all, peak_weights_tokens;
	uint64_t mac_busy_ps, macs;
	struct rill_tail_run tail;
};

struct rill_channel_run {
	uint32_t next;			/* in pass->loads */
	uint32_t end;
	uint64_t free_ps, request_ps;
	bool requested;			/* RILL_EVENT_CHANNEL is pending */
	uint64_t bytes, busy_ps;
};

enum rill_sram_kind { RILL_SRAM_WEIGHTS, RILL_SRAM_TOKENS, RILL_SRAM_ACCUMULATORS };

enum rill_pass_phase {
	RILL_PASS_COLLECTING,
	RILL_PASS_LOCATING,		/* the weights of a STREAM */
	RILL_PASS_RUNNING,		/* or on the way to it, before it has `begun` */
	RILL_PASS_SWALLOWING,		/* failed: its remaining jobs fail as they come */
};

/* A STREAM whose weights are being located */
struct rill_adding {
	struct rill_stream block;
	struct rill_route *routes;	/* NULL: there is none */
	uint32_t tag;
};

struct rill_pass_state {
	struct rill_chip *chip;
	struct rill_context *ctx;
	const struct rill_rules *rules;
	struct rill_rules_program *program;	/* that makes the rules, or NULL: built in */
	enum rill_pass_phase phase;
	struct rill_pass block;
	unsigned int queue;
	uint32_t end_tag, failed_tag;
	uint32_t epoch;			/* of the context, since when slices are located */
	struct rill_adding adding;
	size_t located;			/* slices, and bytes of the next one, that begins at `locating` */
	uint64_t located_bytes;
	uint8_t *locating;
	unsigned int prepared;		/* stages of pass_start.c, and how far the next one is */
	size_t at;
	size_t x_loaded;		/* bytes */
	uint32_t scattered;		/* copies */
	bool begun;
	uint64_t start_ps;

	uint16_t *homes;
	uint32_t *copy_of;		/* [token][chiplet] */
	uint64_t *token_bound;		/* for the overflow check */
	uint32_t *stamp;		/* [token][chiplet], stream number + 1: routes seen */

	struct rill_stream_state *streams;
	struct rill_slice_state *slices;
	struct rill_route_state *routes;
	struct rill_group *groups;
	struct rill_copy_state *copies;
	uint32_t *uses;			/* groups, by copy */
	uint32_t *order;		/* slices, in load order */
	uint32_t *loads;		/* the same by channel */
	size_t stream_count, stream_capacity, slice_count, slice_capacity;
	size_t route_count, route_capacity, group_count, group_capacity;
	size_t copy_count, copy_capacity;

	/* While it runs */
	struct rill_clock clock;	/* times are relative to start_ps */
	uint64_t now;
	struct rill_resident *residents;
	size_t resident_count, resident_capacity;
	uint32_t free_residents;
	struct rill_packet *packets;
	size_t packet_count, packet_capacity;
	uint32_t free_packets;
	struct rill_link_run links[RILL_MAX_LINKS];
	struct rill_link_report link_reports[RILL_MAX_LINKS];
	struct rill_chiplet_run chiplets[RILL_MAX_CHIPLETS];
	struct rill_channel_run channels[RILL_MAX_CHANNELS];
	uint8_t distance[RILL_MAX_CHIPLETS][RILL_MAX_CHIPLETS];	/* hops, UINT8_MAX: none */
	uint16_t out_links[RILL_MAX_CHIPLETS][4];	/* usable links, by source */
	uint8_t out_count[RILL_MAX_CHIPLETS];
	uint32_t slots;			/* ordinary ones, per chiplet */
	uint32_t escape_slots;		/* 0 or 1 */
	uint64_t slot_bytes, smallest_sram;
	uint32_t window, oldest;	/* streams that may be in flight, first unfinished one */
	bool barrier;			/* the window gives every slice behind a barrier its slot */
	uint32_t escaping;		/* slice that may use escape slots, or RILL_NONE */
	uint32_t streams_left, reduces_left;
	uint64_t ages;
	uint64_t slices_loaded, slices_computed, scatters, reduces, escapes, events;
	uint64_t prefetched_bytes;
	bool broken;			/* a rule was violated: RILL_INTERNAL */
	bool stuck;			/* nothing moves any more: broken, too */
	uint64_t effort;		/* host time of this step, some 10 ns each */

	struct rill_interval *intervals;	/* not yet written */
	uint32_t interval_count;
	uint64_t interval_total, intervals_written;

	int8_t *x;			/* [tokens][hidden]; NULL if timing only */
	int8_t silu[256];
	struct rill_mac_work *work;	/* arithmetic under way, mac.c */
	uint32_t tokens_out;		/* outputs written */
};

/* pass_load.c */
enum rill_status rill_pass_begin(struct rill_chip *chip, struct rill_pass_state *pass,
				 const struct rill_job *job, uint64_t *detail);
/* A STREAM begins: pass->adding. Once its slices are located it ends. */
enum rill_status rill_pass_add(struct rill_pass_state *pass, const struct rill_job *job,
			       uint64_t *detail);
enum rill_status rill_pass_add_end(struct rill_pass_state *pass, uint64_t *detail);
enum rill_status rill_pass_load_order(struct rill_pass_state *pass, uint64_t *detail);
/*
 * Where the weights of further slices lie, as pass->located says; a bounded piece. `located` 0 begins anew, when
 * the context's address space has changed.
 */
enum rill_status rill_pass_locate(struct rill_pass_state *pass, uint64_t *detail);
bool rill_pass_is_located(const struct rill_pass_state *pass);
void rill_pass_clear(struct rill_pass_state *pass);
uint64_t rill_pass_record_bytes(const struct rill_pass_state *pass, const struct rill_stream *b);
/* The copy of a token on a chiplet, made if there is none; RILL_NONE if out of memory. */
uint32_t rill_pass_copy(struct rill_pass_state *pass, unsigned int token, unsigned int chiplet);

/* pass_start.c: tables that need all streams, checks of size and reach */
/* A bounded piece; *done with the last one. */
enum rill_status rill_pass_prepare(struct rill_pass_state *pass, bool *done, uint64_t *detail);

/* stream.c */
void rill_stream_begin(struct rill_pass_state *pass);
/* Handle the next event. False when there is none: the pass is over, or `broken`. */
bool rill_stream_event(struct rill_pass_state *pass);
/* Start a transfer on an idle link; it has waited since ready_ps. Returns when the link is idle again. */
uint64_t rill_link_occupy(struct rill_pass_state *pass, unsigned int link, uint64_t bytes,
			  uint64_t ready_ps);
/* Time that a channel takes to deliver so many bytes. */
uint64_t rill_channel_ps(const struct rill_pass_state *pass, uint64_t bytes);
/* The channel's next slice: its data come from begin to end, and the next request may from request on. */
void rill_stream_load(struct rill_pass_state *pass, unsigned int channel, uint64_t begin,
		      uint64_t end, uint64_t request);
void rill_stream_token_arrived(struct rill_pass_state *pass, uint32_t group);
void rill_stream_finish(struct rill_pass_state *pass);
struct rill_group *rill_stream_group(struct rill_pass_state *pass,
				     const struct rill_slice_state *slice, unsigned int chiplet);

/* tail.c: recording. begin: no more loads from a channel here; step: before a slot comes free. */
void rill_tail_begin(struct rill_chiplet_run *run);
void rill_tail_held(struct rill_chiplet_run *run);
void rill_tail_step(struct rill_pass_state *pass, struct rill_chiplet_run *run);

/* packet.c */
/* A bounded piece; true when all are on their way. */
bool rill_packet_scatter(struct rill_pass_state *pass);
void rill_packet_reduce(struct rill_pass_state *pass, uint32_t copy);
void rill_packet_arrive(struct rill_pass_state *pass, uint32_t packet);
/* Start the next packet that waits for the link. False if none does. */
bool rill_packet_send(struct rill_pass_state *pass, unsigned int link);

/* sram.c */
void rill_sram_hold(struct rill_pass_state *pass, unsigned int chiplet, enum rill_sram_kind kind,
		    uint64_t bytes);
void rill_sram_drop(struct rill_pass_state *pass, unsigned int chiplet, enum rill_sram_kind kind,
		    uint64_t bytes);

/* timeline.c */
void rill_timeline_add(struct rill_pass_state *pass, enum rill_interval_kind kind,
		       unsigned int unit, uint64_t start, uint64_t end, uint32_t expert,
		       unsigned int slice, uint64_t bytes);
bool rill_timeline_flush(struct rill_pass_state *pass, struct rill_fault *fault);

/* mac.c: arithmetic. Nothing happens in a pass that is timing only. */
/* A bounded piece; *done with the last one. */
enum rill_status rill_mac_load(struct rill_pass_state *pass, bool *done, uint64_t *detail);
/* A slice passes a group's tokens; the work is done by rill_mac_step(). */
void rill_mac_begin(struct rill_pass_state *pass, uint32_t group, uint32_t slice);
/* A bounded piece of the arithmetic under way; false when there is none left. */
bool rill_mac_step(struct rill_pass_state *pass);
/* Add a copy's partial accumulator to the one at home. */
void rill_mac_reduce(struct rill_pass_state *pass, struct rill_copy_state *from);
/* Write the output of one token; false on a fault. */
bool rill_mac_output(struct rill_pass_state *pass, uint32_t token, struct rill_fault *fault);
void rill_mac_clear(struct rill_pass_state *pass);

enum rill_stream_event_kind {
	RILL_EVENT_CHANNEL,		/* index: channel that may take a request */
	RILL_EVENT_ARRIVE,		/* index: resident */
	RILL_EVENT_LINK_IDLE,		/* index: link */
	RILL_EVENT_MAC,			/* index: chiplet */
	RILL_EVENT_PACKET,		/* index: packet */
};

/* Lists of residents or packets, threaded through one of their members. */
#define rill_list_add(list, items, item, member) do {		\
	(items)[item].member = RILL_NONE;			\
	if ((list)->head == RILL_NONE)				\
		(list)->head = (item);				\
	else							\
		(items)[(list)->tail].member = (item);		\
	(list)->tail = (item);					\
} while (0)

static inline unsigned int rill_lowest(uint64_t mask)
{
	return __builtin_ctzll(mask);
}

#define rill_bit(n) (1ULL << (n))

/* Make room for one more; false if out of memory. */
bool rill_array_grow(void **array, size_t *capacity, size_t wanted, size_t element);

#endif
