/* SPDX-License-Identifier: MIT */
/*
 * A description of sweeps, as text:
 *
 *	# a comment
 *	sweep NAME
 *	AXIS VALUE...
 *
 * Each `sweep` line begins a block, whose points are the cross product of its axes; blocks may
 * share a name. An axis is an option of `rill sim` without its dashes (a value of `-` leaves it
 * out, `on` gives it without an argument), or one of
 *
 *	model NAME... | all		all: every model of this build
 *	strategy NAME... | all		what this build does not have is left out
 *	routing trace | synthetic | auto	auto: a trace where there is one for the model
 *	sample N...			synthetic: the seed; trace: the batch, spread over layers and file
 *
 * Points run without arithmetic; one with the option `verify` computes and is compared with the dense reference.
 * Whole numbers may be given as a range, 1..5. Values after a `|` are left out of quick runs.
 */
#ifndef RILL_BENCH_SWEEP_H
#define RILL_BENCH_SWEEP_H

#include <stdbool.h>
#include <stddef.h>

#define SWEEP_MAX_AXES		24
#define SWEEP_MAX_VALUES	256
#define SWEEP_NAME_BYTES	32

struct sweep_axis {
	char name[SWEEP_NAME_BYTES];
	unsigned int count;
	char **values;
};

struct sweep_block {
	char name[SWEEP_NAME_BYTES];
	unsigned int line;		/* where it begins */
	unsigned int axis_count;
	struct sweep_axis axes[SWEEP_MAX_AXES];
};

struct sweep {
	unsigned int count;
	struct sweep_block *blocks;
};

/* error: room for SWEEP_ERROR_BYTES. Returns 0 or a negative errno; *sweep is then empty. */
#define SWEEP_ERROR_BYTES 256
int sweep_parse(const char *text, bool quick, struct sweep *sweep, char *error);
void sweep_free(struct sweep *sweep);
const struct sweep_axis *sweep_axis(const struct sweep_block *block, const char *name);

/* The sweeps that come with the command */
extern const char *const sweep_builtin[];	/* lines, then NULL */
char *sweep_builtin_text(void);			/* all lines; the caller frees */

#endif
