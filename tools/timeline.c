// SPDX-License-Identifier: MIT
/*
 * Chrome trace JSON, which Perfetto opens: a process for each chiplet of each
 * strategy, a thread for each of its units. Times are in microseconds.
 */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

struct timeline {
	FILE *file;
	const struct drm_rill_chip_info *chip;
	struct drm_rill_link_info links[RILL_MAX_LINKS];
	struct drm_rill_channel_info channels[RILL_MAX_CHANNELS];
	bool comma;
};

static void next(struct timeline *t)
{
	fputs(t->comma ? ",\n" : "\n", t->file);
	t->comma = true;
}

static void name(struct timeline *t, unsigned int pid, unsigned int tid, const char *text)
{
	next(t);
	fprintf(t->file, "{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":%u,\"tid\":%u,", pid, tid);
	fprintf(t->file, "\"args\":{\"name\":\"%s\"}}", text);
}

static void name_units(struct timeline *t, unsigned int base, const char *strategy)
{
	unsigned int chiplets = t->chip->rows * t->chip->cols, i;
	char text[64];

	for (i = 0; i < chiplets; i++) {
		next(t);
		fprintf(t->file, "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%u,", base + i);
		fprintf(t->file, "\"args\":{\"name\":\"%s chiplet %u\"}}", strategy, i);
		name(t, base + i, 1, "MAC");
	}
	for (i = 0; i < t->chip->channels; i++) {
		snprintf(text, sizeof(text), "DDR channel %u", i);
		name(t, base + t->channels[i].chiplet, 2 + i, text);
	}
	for (i = 0; i < t->chip->links; i++) {
		snprintf(text, sizeof(text), "link to %u", t->links[i].dst);
		name(t, base + t->links[i].src, 100 + i, text);
	}
}

static void place(const struct timeline *t, const struct rill_interval *interval,
		  unsigned int *chiplet, unsigned int *tid)
{
	switch (interval->kind) {
	case RILL_INTERVAL_MAC:
		*chiplet = interval->unit;
		*tid = 1;
		break;
	case RILL_INTERVAL_DDR:
		*chiplet = t->channels[interval->unit].chiplet;
		*tid = 2 + interval->unit;
		break;
	default:
		*chiplet = t->links[interval->unit].src;
		*tid = 100 + interval->unit;
	}
}

static void write_interval(struct timeline *t, unsigned int base,
			   const struct rill_interval *interval)
{
	bool token = interval->kind == RILL_INTERVAL_SCATTER ||
		     interval->kind == RILL_INTERVAL_REDUCE;
	unsigned int chiplet, tid;

	place(t, interval, &chiplet, &tid);
	next(t);
	fprintf(t->file, "{\"ph\":\"X\",\"name\":\"%s%u\",\"pid\":%u,\"tid\":%u,\"ts\":%.6f,\"dur\":%.6f",
		interval->kind == RILL_INTERVAL_SCATTER ? "scatter " :
		interval->kind == RILL_INTERVAL_REDUCE ? "reduce " : "expert ",
		interval->expert, base + chiplet, tid, interval->start_ps / 1e6,
		(interval->end_ps - interval->start_ps) / 1e6);
	if (token)
		fprintf(t->file, ",\"args\":{\"bytes\":%u}}", interval->bytes);
	else
		fprintf(t->file, ",\"args\":{\"slice\":%u,\"%s\":%u}}", interval->slice,
			interval->kind == RILL_INTERVAL_MAC ? "kilo_macs" : "bytes",
			interval->bytes);
}

static void write_result(struct timeline *t, unsigned int index, const struct pass_result *result)
{
	unsigned int base = 1 + index * RILL_MAX_CHIPLETS;
	uint32_t i;

	name_units(t, base, result->strategy);
	for (i = 0; i < result->interval_count; i++)
		write_interval(t, base, &result->intervals[i]);
	if (result->interval_total > result->interval_count)
		fprintf(stderr, "rill: timeline: %s has %" PRIu64 " intervals, the first %u were kept\n",
			result->strategy, result->interval_total, result->interval_count);
}

int timeline_write(const char *path, struct rill_device *device,
		   const struct pass_result *results, unsigned int count)
{
	struct timeline t = { .chip = rill_device_chip(device) };
	unsigned int i;
	int ret = rill_device_links(device, t.links);

	if (!ret)
		ret = rill_device_channels(device, t.channels);
	if (ret)
		return ret;
	t.file = fopen(path, "w");
	if (!t.file) {
		fprintf(stderr, "rill: timeline: cannot write %s: %m\n", path);
		return -errno;
	}
	fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", t.file);
	for (i = 0; i < count; i++)
		write_result(&t, i, &results[i]);
	fputs("\n]}\n", t.file);
	if (!fclose(t.file))
		return 0;
	fprintf(stderr, "rill: timeline: cannot write %s: %m\n", path);
	return -EIO;
}
