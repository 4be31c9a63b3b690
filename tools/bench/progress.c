// SPDX-License-Identifier: MIT
#include "bench/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR		30
#define BAR_SECONDS	0.1		/* between two pictures of the bar */
#define LINE_SECONDS	15.0		/* between two lines */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void show(const struct progress *p)
{
	double taken = now() - p->start;
	unsigned int left = p->done ? taken * (p->total - p->done) / p->done + 0.5 : 0;
	unsigned int full = p->total ? BAR * p->done / p->total : BAR;
	char failed[40] = "", bar[BAR + 1];

	if (p->failed)
		snprintf(failed, sizeof(failed), ", %zu with errors", p->failed);
	if (!p->terminal) {
		fprintf(stderr, "rill bench: %zu of %zu points%s, %u:%02u left\n", p->done,
			p->total, failed, left / 60, left % 60);
		return;
	}
	memset(bar, '.', BAR);
	memset(bar, '#', full);
	bar[BAR] = '\0';
	fprintf(stderr, "\r[%s] %zu/%zu%s, %u:%02u left \033[K", bar, p->done, p->total, failed,
		left / 60, left % 60);
}

void progress_begin(struct progress *progress, size_t total)
{
	*progress = (struct progress){
		.total = total, .terminal = isatty(STDERR_FILENO), .start = now(), .shown = now(),
	};
	if (progress->terminal)
		show(progress);
}

void progress_step(struct progress *progress, bool failed)
{
	double time = now();

	progress->done++;
	progress->failed += failed;
	if (time - progress->shown < (progress->terminal ? BAR_SECONDS : LINE_SECONDS))
		return;
	progress->shown = time;
	show(progress);
}

void progress_end(struct progress *progress)
{
	if (progress->terminal)
		fputs("\r\033[K", stderr);
}
