/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules as an NDF program: what its parts share. */
#ifndef RILL_CHIP_RULES_NDF_H
#define RILL_CHIP_RULES_NDF_H

#include "rules.h"

#include "ndf/ndf.h"

/* What is being decided, and for whom */
struct rill_rules_ask {
	enum rill_rules_question question;
	unsigned int chiplet;
	const struct rill_slice_state *slice;	/* NULL: COMPUTE */
	const struct rill_resident *resident;	/* NULL: ADMIT, COMPUTE */
	bool answered;
	uint64_t answer;
};

/* What became of a FORWARD */
struct rill_rules_hop {
	bool sent, used;
	uint32_t slice;
	uint16_t move;				/* the slice's so manieth */
	uint64_t ready_ps, used_ps;
};

struct rill_rules_log {
	uint64_t count;				/* FORWARDs answered so far */
	struct rill_rules_hop hops[RILL_RULES_OUTCOMES];
};

/* Where a slice is: how often it has moved, and the record of its last hop. */
struct rill_rules_path {
	uint16_t moves, chiplet, to;
	uint8_t hop;
};

struct rill_rules_program {
	struct rill_ndf_program *code;
	struct rill_pass_state *pass;
	/* RULES_WEIGHTS: where they are, how many each chiplet has, and the program with them */
	uint64_t weights, weights_bytes;
	struct rill_ndf_program *own[RILL_MAX_CHIPLETS];
	struct rill_ndf_engine *engines[RILL_MAX_CHIPLETS];
	struct rill_rules_path *paths;		/* of each slice, once one has moved */
	struct rill_rules_log logs[RILL_MAX_CHIPLETS];
	struct rill_rules_ask ask;
	uint64_t decisions;
	uint64_t event, event_firings;		/* of the pass, and for its decisions so far */
	uint64_t fault;				/* detail of RILL_BAD_RULES, or 0 */
};

/* rules_stream.c: a STREAM operation of the program */
enum rill_ndf_stream_answer rill_rules_stream(void *opaque, struct rill_ndf_stream_op *op);

/* rules_weights.c: each chiplet's program begins with the weights behind the binary, which is changed. */
enum rill_status rill_rules_weights_load(struct rill_pass_state *pass, void *binary, uint32_t bytes,
					 uint64_t *detail);

#endif
