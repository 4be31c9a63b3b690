/* SPDX-License-Identifier: MIT */
/* The rows of a drawn timeline: a channel, a directed link or a MAC array each. */
#ifndef RILL_TOOLS_TIMELINE_ROWS_H
#define RILL_TOOLS_TIMELINE_ROWS_H

#include "pass_run.h"

#define MAX_ROWS (RILL_MAX_CHANNELS + RILL_MAX_LINKS + RILL_MAX_CHIPLETS)

enum row_kind { ROW_DDR, ROW_LINK, ROW_MAC, ROW_KINDS };

struct row {
	enum row_kind kind;
	double y, height;		/* y from the top of the panel */
	char label[24];
};

struct rows {
	unsigned int count, first[ROW_KINDS + 1];	/* where a kind begins; then count */
	double height;			/* of all */
	struct row row[MAX_ROWS];
};

/* 0, or a negative errno of the device. */
int rows_make(struct rill_device *device, struct rows *rows);
/* The row of an interval, or MAX_ROWS if it has none. */
unsigned int rows_find(const struct rows *rows, const struct rill_interval *interval);

#endif
