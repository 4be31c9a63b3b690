// SPDX-License-Identifier: MIT
#include "plot/verdict.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LISTED 50

int verdict_begin(struct verdict *verdict, const char *format, ...)
{
	va_list args;

	*verdict = (struct verdict){ 0 };
	va_start(args, format);
	vsnprintf(verdict->claim, sizeof(verdict->claim), format, args);
	va_end(args);
	verdict->stream = open_memstream(&verdict->exceptions, &verdict->length);
	return verdict->stream ? 0 : -ENOMEM;
}

void verdict_point(struct verdict *verdict, const struct cell *cell, bool holds, double score,
		   const char *format, ...)
{
	char point[sizeof(verdict->worst)], why[sizeof(verdict->worst_why)];
	va_list args;

	snprintf(point, sizeof(point), "%.40s, %u token%s", cell->any->model, cell->any->tokens,
		 cell->any->tokens == 1 ? "" : "s");
	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	if (!verdict->points || score < verdict->least) {
		verdict->least = score;
		memcpy(verdict->worst, point, sizeof(point));
		memcpy(verdict->worst_why, why, sizeof(why));
	}
	verdict->points++;
	verdict->hold += holds;
	if (holds || verdict->listed == MOST_LISTED)
		return;
	verdict->listed++;
	fprintf(verdict->stream, "  * %s: %s\n", point, why);
}

void verdict_end(struct verdict *verdict)
{
	fclose(verdict->stream);
	verdict->stream = NULL;
}

void verdict_free(struct verdict *verdict)
{
	if (verdict->stream)
		fclose(verdict->stream);
	free(verdict->exceptions);
	*verdict = (struct verdict){ 0 };
}

const char *verdict_word(const struct verdict *verdict)
{
	if (!verdict->points)
		return "not tried";
	return verdict->hold == verdict->points ? "holds" : "does not hold";
}

void verdict_row(const struct verdict *verdict, FILE *out)
{
	fprintf(out, "| %s | **%s** | ", verdict->claim, verdict_word(verdict));
	if (verdict->points)
		fprintf(out, "%u of %u | %s | %s |\n", verdict->hold, verdict->points, verdict->worst,
			verdict->worst_why);
	else
		fputs("there is no such point | - | - |\n", out);
}

void verdict_details(const struct verdict *verdict, FILE *out)
{
	unsigned int broken = verdict->points - verdict->hold;

	if (!broken)
		return;
	fprintf(out, "* %s: not in %u of %u points\n%s", verdict->claim, broken, verdict->points,
		verdict->exceptions);
	if (broken > verdict->listed)
		fprintf(out, "  * and %u more\n", broken - verdict->listed);
}
