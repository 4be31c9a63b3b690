/* SPDX-License-Identifier: MIT */
/* Builds NDF binaries for tests, from nothing but uapi/rill_ndf.h. Running out of memory aborts. */
#ifndef RILL_NDF_BUILD_H
#define RILL_NDF_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rill_ndf.h"

struct build {
	struct rill_ndf_node *nodes;
	struct rill_ndf_arc *arcs;
	uint32_t *arc_at;		/* where each arc came to stand when they were sorted */
	struct rill_ndf_token *tokens;
	uint32_t nodes_count, arcs_count, tokens_count;
	uint8_t *params;
	uint32_t params_bytes, blocks;
	uint8_t *names;
	uint32_t names_bytes;
	uint32_t flags;
	uint64_t memory_bytes;
	uint16_t capacity;		/* of arcs made from here on */
};

void build_begin(struct build *b);
void build_end(struct build *b);	/* frees */

uint32_t build_node(struct build *b, const struct rill_ndf_node *node);
/* Bytes for the next node's block; gives what its param must be */
uint32_t build_block(struct build *b, const void *bytes, size_t size);

uint32_t build_op(struct build *b, unsigned int op);			/* no immediate */
uint32_t build_op_imm(struct build *b, unsigned int op, unsigned int operand, uint64_t imm);
uint32_t build_source(struct build *b, const uint64_t *words, uint32_t count);
uint32_t build_sink(struct build *b, unsigned int mode, uint64_t expected);

struct pattern {
	uint64_t need, cons;
	uint8_t from[8];		/* an input, or NO */
};

#define NO RILL_NDF_NO_INPUT

uint32_t build_where(struct build *b, unsigned int mode, unsigned int inputs, unsigned int outputs,
		     const struct pattern *patterns, uint32_t count);
uint32_t build_rows(struct build *b, unsigned int mode, bool packed, unsigned int inputs, unsigned int outputs,
		    const uint8_t *from, uint32_t count);

struct neuron {
	struct rill_ndf_when head;
	unsigned int mode, inputs;	/* without the teacher's */
	const uint64_t *need;		/* NULL: all inputs in every state */
	const int64_t *bias, *theta;	/* NULL: 0 */
	const int32_t *weights;
	const struct rill_ndf_entry *table;
	const struct rill_ndf_plastic *plastic;
};

uint32_t build_when(struct build *b, const struct neuron *neuron);
/* PRED of one input: id 1 if x >= theta, else 0 */
uint32_t build_threshold(struct build *b, int64_t theta);

/* Gives the arc's number, see arc_at */
uint32_t build_arc(struct build *b, uint32_t src, unsigned int src_port, uint32_t dst, unsigned int dst_port);
void build_token(struct build *b, uint32_t arc, uint64_t word);

/* The binary, to be freed */
uint8_t *build_binary(struct build *b, size_t *size);
/* Make header.crc right again */
void build_crc(uint8_t *binary, size_t size);

#endif
