// SPDX-License-Identifier: MIT
#include "timeline_marks.h"

#include <errno.h>
#include <stdlib.h>

#define GAP 1.0		/* between rows, pixels */

static uint32_t colour_of(const struct rill_interval *interval)
{
	if (interval->kind == RILL_INTERVAL_SCATTER || interval->kind == RILL_INTERVAL_REDUCE)
		return MARK_TOKENS;
	return interval->expert;
}

/* Starts where the row's last mark ends, in the same colour, or is too narrow to be seen beside it. */
static bool joins(const struct mark *last, uint32_t colour, int32_t x, int32_t end)
{
	return (last->colour == colour && x <= last->end + 1) || end <= last->end;
}

static void add(struct marks *marks, int64_t *last, unsigned int row, uint32_t colour, int32_t x,
		int32_t end)
{
	struct mark *before = last[row] < 0 ? NULL : &marks->mark[last[row]];

	if (end <= x)
		end = x + 1;
	if (before && joins(before, colour, x, end)) {
		if (end > before->end)
			before->end = end;
		return;
	}
	last[row] = marks->count;
	marks->mark[marks->count++] = (struct mark){ colour, row, x, end };
}

static int by_colour(const void *pa, const void *pb)
{
	const struct mark *a = pa, *b = pb;

	if (a->colour != b->colour)
		return a->colour < b->colour ? -1 : 1;
	if (a->row != b->row)
		return a->row - b->row;
	return (a->x > b->x) - (a->x < b->x);
}

static int by_start(const void *pa, const void *pb)
{
	const struct rill_interval *a = *(const struct rill_interval *const *)pa;
	const struct rill_interval *b = *(const struct rill_interval *const *)pb;

	if (a->start_ps != b->start_ps)
		return a->start_ps < b->start_ps ? -1 : 1;
	return (a > b) - (a < b);
}

int marks_make(const struct pass_result *result, const struct rows *rows, double ps_per_unit,
	       struct marks *marks)
{
	const struct rill_interval **order = calloc(result->interval_count + 1, sizeof(*order));
	int64_t last[MAX_ROWS];
	uint32_t i;

	*marks = (struct marks){ .mark = calloc(result->interval_count + 1, sizeof(struct mark)) };
	if (!order || !marks->mark) {
		free(order);
		free(marks->mark);
		return -ENOMEM;
	}
	for (i = 0; i < MAX_ROWS; i++)
		last[i] = -1;
	for (i = 0; i < result->interval_count; i++)
		order[i] = &result->intervals[i];
	qsort(order, result->interval_count, sizeof(*order), by_start);
	for (i = 0; i < result->interval_count; i++) {
		unsigned int row = rows_find(rows, order[i]);

		if (row == MAX_ROWS)
			continue;
		marks->busy_ps[row] += order[i]->end_ps - order[i]->start_ps;
		add(marks, last, row, colour_of(order[i]), order[i]->start_ps / ps_per_unit + 0.5,
		    order[i]->end_ps / ps_per_unit + 0.5);
	}
	qsort(marks->mark, marks->count, sizeof(*marks->mark), by_colour);
	free(order);
	return 0;
}

void marks_free(struct marks *marks)
{
	free(marks->mark);
	*marks = (struct marks){ 0 };
}

/* Strokes as thick as the row, in quarters of a pixel: a third of the bytes that rectangles take */
uint32_t marks_draw(FILE *file, const struct marks *marks, uint32_t at, const struct rows *rows,
		    double left, double top, const char *colour)
{
	const struct mark *first = &marks->mark[at];
	double height = rows->row[first->row].height - (rows->row[first->row].height > 4 ? GAP : 0);

	fprintf(file, "<path stroke=\"%s\" stroke-width=\"%g\" transform=\"scale(.25)\" d=\"", colour, 4 * height);
	for (; at < marks->count; at++) {
		const struct mark *m = &marks->mark[at];
		const struct row *row = &rows->row[m->row];

		if (m->colour != first->colour || row->kind != rows->row[first->row].kind)
			break;
		fprintf(file, "M%.0f %.0fh%d", 4 * left + m->x, 4 * (top + row->y + height / 2), m->end - m->x);
	}
	fputs("\"/>\n", file);
	return at;
}
