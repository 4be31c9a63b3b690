/* SPDX-License-Identifier: MIT */
/* A claim, checked over points: how many hold, and which do not and why. */
#ifndef RILL_PLOT_VERDICT_H
#define RILL_PLOT_VERDICT_H

#include "plot/cells.h"

#include <stdio.h>

struct verdict {
	unsigned int points, hold;
	char *exceptions;		/* "; "-separated, of those that do not */
	size_t length;
	FILE *stream;			/* into exceptions */
	unsigned int listed;
};

int verdict_begin(struct verdict *verdict);
/* One more point. Where it does not hold, format tells why; the first of them are kept. */
void verdict_point(struct verdict *verdict, const struct cell *cell, bool holds, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* "* claim: holds in N of N points" or "... does not hold in ...", with the exceptions; frees. */
void verdict_end(struct verdict *verdict, FILE *out, const char *claim);

#endif
