// SPDX-License-Identifier: MIT
#include "trace_info.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The layer of a line of CSV, or of JSON lines; -1: the line is not a token. */
static long layer_of(const char *line)
{
	const char *at = strstr(line, "\"layer\"");
	char *end;
	long layer;

	if (at)
		line = at + strlen("\"layer\"") + strspn(at + strlen("\"layer\""), ": \t");
	else if (strchr(line, '{'))
		return -1;
	layer = strtol(line, &end, 10);
	return end == line || layer < 0 ? -1 : layer;
}

static void count_line(struct trace_info *info, const struct rill_model *model, const char *line)
{
	long layer = layer_of(line);
	unsigned int i;

	if (layer < model->first_layer || layer - model->first_layer >= model->layers)
		return;
	for (i = 0; i < info->count && info->layers[i].layer != layer; i++)
		;
	if (i == TRACE_MAX_LAYERS)
		return;
	if (i == info->count)
		info->layers[info->count++] = (struct trace_layer){ .layer = layer };
	info->layers[i].tokens++;
}

static void set_name(struct trace_info *info, const char *path, uint64_t digest)
{
	const char *slash = strrchr(path, '/');

	snprintf(info->name, sizeof(info->name), "%.70s#%016" PRIx64, slash ? slash + 1 : path,
		 digest);
}

int trace_info_read(const char *path, const struct rill_model *model, struct trace_info *info)
{
	FILE *file = fopen(path, "r");
	uint64_t digest = 0xcbf29ce484222325ULL;
	char *line = NULL;
	size_t room = 0;
	ssize_t length, i;

	*info = (struct trace_info){ 0 };
	if (!file)
		return -errno;
	while ((length = getline(&line, &room, file)) > 0) {
		for (i = 0; i < length; i++)
			digest = (digest ^ (unsigned char)line[i]) * 0x100000001b3ULL;
		count_line(info, model, line);
	}
	i = ferror(file) ? -EIO : info->count ? 0 : -ENODATA;
	free(line);
	fclose(file);
	set_name(info, path, digest);
	return i;
}

bool trace_info_batch(const struct trace_info *info, uint32_t sample, uint32_t tokens,
		      uint32_t *layer, uint32_t *first)
{
	const struct trace_layer *fit[TRACE_MAX_LAYERS];
	uint32_t count = 0, blocks, step, turn, i;

	for (i = 0; i < info->count; i++)
		if (info->layers[i].tokens >= tokens)
			fit[count++] = &info->layers[i];
	if (!count || !sample || !tokens)
		return false;
	turn = (sample - 1) / count;
	*layer = fit[(sample - 1) % count]->layer;
	blocks = fit[(sample - 1) % count]->tokens / tokens;
	step = blocks / count ? blocks / count : 1;
	*first = (((uint64_t)(sample - 1) + turn) * step % blocks) * tokens;
	return true;
}
