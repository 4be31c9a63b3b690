/* SPDX-License-Identifier: MIT */
/* A claim, checked over points: how many hold, which is the worst, and which do not hold and why. */
#ifndef RILL_PLOT_VERDICT_H
#define RILL_PLOT_VERDICT_H

#include "plot/cells.h"

#include <stdio.h>

struct verdict {
	char claim[200];
	unsigned int points, hold;
	double least;			/* score of the worst point */
	char worst[80], worst_why[200];	/* which point that is, and what it has */
	char *exceptions;		/* lines of a list, of those that do not hold */
	size_t length;
	FILE *stream;			/* into exceptions */
	unsigned int listed;
};

/* -ENOMEM; then *verdict is nothing to free. */
int verdict_begin(struct verdict *verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One more point; the higher its score, the better it holds. format: what it has. Some that do not hold are kept. */
void verdict_point(struct verdict *verdict, const struct cell *cell, bool holds, double score,
		   const char *format, ...) __attribute__((format(printf, 5, 6)));
/* After the last point, before any writing */
void verdict_end(struct verdict *verdict);
void verdict_free(struct verdict *verdict);

const char *verdict_word(const struct verdict *verdict);	/* "holds", "does not hold", "not tried" */
/* "| claim | verdict | holds in | worst point | what it has |" */
void verdict_row(const struct verdict *verdict, FILE *out);
/* The claim, and under it the points where it does not hold; nothing where it does in all. */
void verdict_details(const struct verdict *verdict, FILE *out);

#endif
