/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Neuromorphic dataflow: the validator of binaries (uapi/rill_ndf.h) and the
 * flat engine, which runs a whole program in one place. Plain C11, no global state, no
 * thread, no lock. The chip and librill use the same code.
 */
#ifndef RILL_CHIP_NDF_H
#define RILL_CHIP_NDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rill_ndf.h"

/*
 * Validate. `binary` needs no alignment, but nobody may write to it meanwhile: copy what comes
 * from a guest first. Time and memory are linear in the size. False with code VALID: the host is out of memory.
 */
bool rill_ndf_validate(const void *binary, size_t size, struct rill_ndf_verdict *verdict);
uint32_t rill_ndf_crc32(const void *binary, size_t size);	/* what header.crc must be */

const char *rill_ndf_code_text(uint32_t code);		/* enum rill_ndf_code */
const char *rill_ndf_unit_text(uint32_t unit);		/* "byte", "node", "arc", "token" */
const char *rill_ndf_end_text(uint32_t end);		/* enum rill_ndf_end */
const char *rill_ndf_fault_text(uint32_t fault);	/* enum rill_ndf_fault */

/* A loaded program: immutable, any number of engines may share it. It keeps no pointer to `binary`. */
struct rill_ndf_program;

/* Validates, too. NULL: see verdict; if that is VALID, the host is out of memory. */
struct rill_ndf_program *rill_ndf_program_new(const void *binary, size_t size,
					      struct rill_ndf_verdict *verdict);
void rill_ndf_program_free(struct rill_ndf_program *program);

uint32_t rill_ndf_program_nodes(const struct rill_ndf_program *program);
uint32_t rill_ndf_program_arcs(const struct rill_ndf_program *program);
uint64_t rill_ndf_program_memory(const struct rill_ndf_program *program);
/* SOURCEs and SINKs are numbered in the order of their nodes, from 0. */
uint32_t rill_ndf_program_sources(const struct rill_ndf_program *program);
uint32_t rill_ndf_program_sinks(const struct rill_ndf_program *program);
uint32_t rill_ndf_program_source_node(const struct rill_ndf_program *program, uint32_t source);
uint32_t rill_ndf_program_sink_node(const struct rill_ndf_program *program, uint32_t sink);

enum rill_ndf_stream_answer {
	RILL_NDF_STREAM_DONE,
	RILL_NDF_STREAM_BUSY,		/* not now: asked again at the next rill_ndf_run() or _wake() */
	RILL_NDF_STREAM_REFUSED,	/* a fault; results[0]: why */
};

struct rill_ndf_stream_op {
	uint32_t node;
	uint32_t function;		/* the node's param */
	uint32_t operand_count, result_count;
	uint64_t operands[RILL_NDF_STREAM_OPERANDS];
	uint64_t results[RILL_NDF_STREAM_RESULTS];
};

/*
 * What a program can reach. Memory is either `memory`, program.memory() bytes, or
 * the callbacks; addresses have been checked against its size and are multiples of `bytes`, which is
 * 1, 2, 4 or 8. False: an address fault. Words are zero-extended.
 */
struct rill_ndf_host {
	void *opaque;
	uint8_t *memory;
	bool (*load)(void *opaque, uint64_t addr, unsigned int bytes, uint64_t *word);
	bool (*store)(void *opaque, uint64_t addr, unsigned int bytes, uint64_t word);
	bool (*atomic_add)(void *opaque, uint64_t addr, unsigned int bytes, uint64_t addend,
			   uint64_t *old);
	enum rill_ndf_stream_answer (*stream)(void *opaque, struct rill_ndf_stream_op *op);
};

/*
 * For a scheduler of one's own, which gives time to what the flat engine does at once
 * (a program mapped to chiplets). With hooks there is no rill_ndf_run(); instead
 *   ready()	a node can fire: call rill_ndf_fire() for it some time, once
 *   sent()	a token was put into an arc: call rill_ndf_deliver() when it has arrived
 *   taken()	a token was taken from an arc: call rill_ndf_credit() when its producer may know
 * An arc's capacity counts from sent() to rill_ndf_credit(). Hooks must not call the engine. The
 * sinks of programs without EVENT nodes do not depend on the order of any of these calls.
 */
struct rill_ndf_hooks {
	void *opaque;
	void (*ready)(void *opaque, uint32_t node);
	void (*sent)(void *opaque, uint32_t arc);
	void (*taken)(void *opaque, uint32_t arc);
};

struct rill_ndf_options {
	struct rill_ndf_host host;
	const struct rill_ndf_hooks *hooks;	/* NULL: run() schedules */
	uint32_t capacity;		/* of all arcs, but never below their initial tokens; 0: their own */
	uint64_t sink_tokens;		/* that all sinks together may keep; 0: 2^20 */
	uint64_t order_seed;		/* not 0: one firing at a time, in a random order of this seed */
};

struct rill_ndf_engine;

/* NULL: out of memory. The program must outlive the engine; options are copied. */
struct rill_ndf_engine *rill_ndf_engine_new(const struct rill_ndf_program *program,
					    const struct rill_ndf_options *options);
void rill_ndf_engine_free(struct rill_ndf_engine *engine);

/*
 * Append words to what a SOURCE gives, at any time; false: out of memory. The first call before the first run
 * drops the program's own words.
 */
bool rill_ndf_source_push(struct rill_ndf_engine *engine, uint32_t source, const uint64_t *words,
			  size_t count);

/* What a COUNT sink expects, instead of its node's number; before the first run. */
void rill_ndf_sink_expect(struct rill_ndf_engine *engine, uint32_t sink, uint64_t count);
const uint64_t *rill_ndf_sink_words(const struct rill_ndf_engine *engine, uint32_t sink, size_t *count);
bool rill_ndf_sink_satisfied(const struct rill_ndf_engine *engine, uint32_t sink);

/*
 * Run on until an end, at most `firings` firings and `steps` steps more. In a step
 * every node that was enabled when it began fires once. With order_seed, steps are not
 * counted. After LIMIT it can be called again, as after QUIESCENT or DEADLOCK with more in a SOURCE. FINISHED comes
 * at the end of the step in which the last COUNT or UNTIL sink was satisfied, if there
 * is no QUIET sink; else when nothing is left to do.
 */
enum rill_ndf_end rill_ndf_run(struct rill_ndf_engine *engine, uint64_t firings, uint64_t steps);

/* With hooks only. */
void rill_ndf_fire(struct rill_ndf_engine *engine, uint32_t node);
void rill_ndf_deliver(struct rill_ndf_engine *engine, uint32_t arc);
void rill_ndf_credit(struct rill_ndf_engine *engine, uint32_t arc);
/* Start: ready() for all that can fire. Also after a STREAM that was busy. */
void rill_ndf_wake(struct rill_ndf_engine *engine);
/* What the end is if nothing is ready or on its way, or LIMIT if the run should go on. */
enum rill_ndf_end rill_ndf_end(const struct rill_ndf_engine *engine, bool idle);

struct rill_ndf_stats {
	uint64_t firings;		/* all of them */
	uint64_t op, when, where, source, sink;	/* of these; control firings are when + where */
	uint64_t lessons;		/* of plastic nodes; counted in `firings`, not in `when` */
	uint64_t steps;
	uint64_t tokens;		/* in FIFOs now */
};

void rill_ndf_stats(const struct rill_ndf_engine *engine, struct rill_ndf_stats *stats);
uint64_t rill_ndf_firings(const struct rill_ndf_engine *engine);
/* Words that a SOURCE has yet to give */
uint64_t rill_ndf_source_left(const struct rill_ndf_engine *engine, uint32_t source);
/* Tokens that were ever in it, initial ones too */
uint64_t rill_ndf_arc_tokens(const struct rill_ndf_engine *engine, uint32_t arc);
uint32_t rill_ndf_arc_held(const struct rill_ndf_engine *engine, uint32_t arc);	/* tokens in it now */
uint64_t rill_ndf_arc_word(const struct rill_ndf_engine *engine, uint32_t arc, uint32_t i);	/* 0: oldest */

struct rill_ndf_fault_report {
	uint32_t fault;			/* enum rill_ndf_fault */
	uint32_t node;
	uint64_t word;
};

void rill_ndf_fault(const struct rill_ndf_engine *engine, struct rill_ndf_fault_report *report);

/*
 * Why it stands still: the arcs over which unsatisfied sinks wait, found by going
 * from each waiting node to what it waits for. Returns how many there are; fills
 * in at most `max`, those next to the sinks first.
 */
struct rill_ndf_block {
	uint32_t arc;
	uint32_t node;			/* who waits */
	bool full;			/* for room in the arc; else for a token */
};

size_t rill_ndf_blocks(const struct rill_ndf_engine *engine, struct rill_ndf_block *blocks, size_t max);

/* State of a WHEN, valid until the next call that may fire. False: the node is none. */
struct rill_ndf_when_state {
	uint32_t inputs, dims;		/* without the teacher's */
	const int32_t *weights;		/* [inputs][dims] */
	const int64_t *bias, *theta, *v;	/* [dims] */
	uint32_t q;
	uint64_t samples, lessons;	/* of a plastic one */
};

bool rill_ndf_when_state(const struct rill_ndf_engine *engine, uint32_t node,
			 struct rill_ndf_when_state *state);

#endif
