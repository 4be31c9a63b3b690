/* SPDX-License-Identifier: MIT */
/* Intervals as coloured marks on rows: merged where the eye could not tell, then one path for each colour. */
#ifndef RILL_TOOLS_TIMELINE_MARKS_H
#define RILL_TOOLS_TIMELINE_MARKS_H

#include <stdio.h>

#include "timeline_rows.h"

struct mark {
	uint32_t colour;
	uint16_t row;
	int32_t x, end;			/* quarters of a pixel from the left of the plot */
};

struct marks {
	struct mark *mark;		/* by colour, row, x */
	uint32_t count;
	uint64_t busy_ps[MAX_ROWS];
};

/* A mark's colour is its expert's number, or this. */
#define MARK_TOKENS UINT32_MAX

/* ps_per_unit: of a quarter pixel. -ENOMEM; marks_free() after success. */
int marks_make(const struct pass_result *result, const struct rows *rows, double ps_per_unit,
	       struct marks *marks);
void marks_free(struct marks *marks);

/* One <path> for a run of marks of one colour on rows of one kind; returns the index after it. top: of the panel. */
uint32_t marks_draw(FILE *file, const struct marks *marks, uint32_t at, const struct rows *rows,
		    double left, double top, const char *colour);

#endif
