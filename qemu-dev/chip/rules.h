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
	/* Compute on arrival: which of the chiplet's ready residents is next; there is one. */
	uint32_t (*next_compute)(const struct rill_pass_state *pass, unsigned int chiplet);
	/* Trajectory: link by which a resident moves on now, or -1 to wait. */
	int (*next_link)(const struct rill_pass_state *pass, const struct rill_resident *resident);
};

extern const struct rill_rules rill_rules_builtin;

#endif
