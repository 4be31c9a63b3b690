// SPDX-License-Identifier: MIT
#include "plot/verdict.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#define MOST_LISTED 6

int verdict_begin(struct verdict *verdict)
{
	*verdict = (struct verdict){ 0 };
	verdict->stream = open_memstream(&verdict->exceptions, &verdict->length);
	return verdict->stream ? 0 : -ENOMEM;
}

void verdict_point(struct verdict *verdict, const struct cell *cell, bool holds, const char *format, ...)
{
	va_list args;

	verdict->points++;
	verdict->hold += holds;
	if (holds || verdict->listed == MOST_LISTED)
		return;
	fprintf(verdict->stream, "%s%s, %u tokens: ", verdict->listed++ ? "; " : "", cell->any->model,
		cell->any->tokens);
	va_start(args, format);
	vfprintf(verdict->stream, format, args);
	va_end(args);
}

void verdict_end(struct verdict *verdict, FILE *out, const char *claim)
{
	unsigned int broken = verdict->points - verdict->hold;

	fclose(verdict->stream);
	fprintf(out, "* %s: ", claim);
	if (!verdict->points)
		fputs("**not tried**, there is no such point.\n", out);
	else if (!broken)
		fprintf(out, "**holds** in all of %u points.\n", verdict->points);
	else
		fprintf(out, "**does not hold** in %u of %u points. %s", broken, verdict->points,
			verdict->exceptions);
	if (broken > verdict->listed)
		fprintf(out, "; and %u more", broken - verdict->listed);
	if (broken)
		fputs(".\n", out);
	free(verdict->exceptions);
}
