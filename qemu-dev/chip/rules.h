/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtualization rules of FSE-DP as the questions that the stream engine
 * asks. The engine moves; the rules decide, and change nothing.
 */
#ifndef RILL_CHIP_RULES_H
#define RILL_CHIP_RULES_H

#include "pass.h"

struct rill_rules {
	/* Admission: may this slice be loaded into its entry chiplet now? */
	bool (*admit)(const struct rill_pass_state *pass, const struct rill_slice_state *slice);
	/* A resident has come: RILL_RULES_HERE and RILL_RULES_ON, as it is to be computed here and goes on. */
	unsigned int (*arrived)(const struct rill_pass_state *pass, const struct rill_resident *resident);
	/* Compute on arrival: which of the chiplet's ready residents is next; there is one. RILL_NONE: wait. */
	uint32_t (*next_compute)(const struct rill_pass_state *pass, unsigned int chiplet);
	/* Trajectory: link by which a resident moves on now, or -1 to wait. */
	int (*next_link)(const struct rill_pass_state *pass, const struct rill_resident *resident);
	/* Asked when a resident was computed, or has moved on, or came and need not do either. */
	enum rill_rules_release (*release)(const struct rill_pass_state *pass,
					   const struct rill_resident *resident);
};

extern const struct rill_rules rill_rules_builtin;

/* What decisions are made from, for rules of either kind. */
unsigned int rill_slice_entry(const struct rill_pass_state *pass, const struct rill_slice_state *slice);
/* Is its expert among those that may be in flight? */
bool rill_slice_in_window(const struct rill_pass_state *pass, const struct rill_slice_state *slice);
/*
 * Slices that the channel furthest behind has more to load than this one. One that the window holds back
 * is not behind: it would wait for this channel, and this one for it.
 */
uint32_t rill_channel_lag(const struct rill_pass_state *pass, unsigned int channel);
/* Chiplets worth heading for: the nearest ones that still need the slice. */
uint64_t rill_slice_targets(const struct rill_pass_state *pass, const struct rill_slice_state *slice,
			    unsigned int from);

/* --- rules_ndf.c: a program of rill_ndf.h decides. Its state changes though the pass does not. --- */

extern const struct rill_rules rill_rules_ndf;

struct rill_rules_program;

/* Read and check the program at pass->block.rules. */
enum rill_status rill_rules_load(struct rill_pass_state *pass, uint64_t *detail);
/* With RULES_WEIGHTS: write what the pass has learned. */
bool rill_rules_keep(struct rill_pass_state *pass, struct rill_fault *fault);
void rill_rules_free(struct rill_rules_program *program);
/* Nothing moves any more, and the pass is not over. */
void rill_rules_stuck(struct rill_rules_program *program);
/* Has the program made the pass fail? Then why. */
bool rill_rules_failed(const struct rill_rules_program *program, uint64_t *detail);
void rill_rules_count(const struct rill_rules_program *program, uint64_t *decisions, uint64_t *firings);

#endif
