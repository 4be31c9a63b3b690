// SPDX-License-Identifier: MIT
#include "kept_rules.h"
#include "ndf.h"
#include "submit.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "rillruw1"

/* Weights of each chiplet follow. */
struct kept_header {
	char magic[8];
	__le32 program;
	__le32 rows, cols;
	__le32 reserved;
};

static int complain(const struct kept_rules *kept, int ret, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int complain(const struct kept_rules *kept, int ret, const char *format, ...)
{
	va_list list;

	fprintf(stderr, "rill: keep-weights: %s: ", kept->path);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	return ret;
}

/* --- the file --- */

static struct kept_header header_of(const struct kept_rules *kept)
{
	const struct drm_rill_chip_info *chip = rill_device_chip(kept->device);
	struct kept_header header = {
		.program = htole32(kept->program), .rows = htole32(chip->rows), .cols = htole32(chip->cols),
	};

	memcpy(header.magic, MAGIC, sizeof(header.magic));
	return header;
}

static int check(const struct kept_rules *kept, const void *data, size_t bytes)
{
	const struct kept_header want = header_of(kept);
	struct kept_header is = { 0 };

	memcpy(&is, data, bytes < sizeof(is) ? bytes : sizeof(is));
	if (memcmp(is.magic, want.magic, sizeof(is.magic)))
		return complain(kept, -EINVAL, "magic: it is no file of weights of rules");
	if (bytes < sizeof(is))
		return complain(kept, -EINVAL, "bytes: %zu are less than the %zu of a header", bytes, sizeof(is));
	if (is.program != want.program)
		return complain(kept, -EINVAL, "program: weights of rules with CRC %08x, not %08x", le32toh(is.program),
				le32toh(want.program));
	if (is.rows != want.rows || is.cols != want.cols)
		return complain(kept, -EINVAL, "array: weights of %ux%u chiplets, not %ux%u", le32toh(is.rows),
				le32toh(is.cols), le32toh(want.rows), le32toh(want.cols));
	if (is.reserved)
		return complain(kept, -EINVAL, "reserved: %u is not 0", le32toh(is.reserved));
	if (bytes != sizeof(is) + kept->bytes)
		return complain(kept, -EINVAL, "bytes: %zu of weights, not %zu", bytes - sizeof(is), kept->bytes);
	return 0;
}

/* No file is no fault. */
static int read_file(struct kept_rules *kept, uint8_t *weights)
{
	size_t bytes;
	char *data;
	int ret = ndf_tool_read(kept->path, &data, &bytes);

	if (ret == -ENOENT)
		return 0;
	if (ret)
		return complain(kept, ret, "%s", strerror(-ret));
	ret = check(kept, data, bytes);
	if (!ret)
		memcpy(weights, data + sizeof(struct kept_header), kept->bytes);
	kept->went_on = !ret;
	free(data);
	return ret;
}

/*
 * What has been learned is written by another name, so that what was learned before is not lost if that fails; and
 * before the passes run it is known that it can be.
 */
static int create_file(struct kept_rules *kept)
{
	if (snprintf(kept->new_path, sizeof(kept->new_path), "%s.new", kept->path) >= (int)sizeof(kept->new_path))
		return complain(kept, -ENAMETOOLONG, "%s", strerror(ENAMETOOLONG));
	kept->file = fopen(kept->new_path, "we");
	return kept->file ? 0 : complain(kept, -errno, "%s", strerror(errno));
}

int kept_rules_write(struct kept_rules *kept)
{
	const struct kept_header header = header_of(kept);
	const uint8_t *weights = (const uint8_t *)rill_buffer_map(kept->buffer) + kept->at;
	bool ok = fwrite(&header, sizeof(header), 1, kept->file) == 1 &&
		  fwrite(weights, 1, kept->bytes, kept->file) == kept->bytes && !fflush(kept->file);

	if (!ok || rename(kept->new_path, kept->path))
		return complain(kept, -errno, "%s", strerror(errno));
	fclose(kept->file);
	kept->file = NULL;
	return 0;
}

/* --- memory --- */

static void begin(const struct rill_graph *graph, unsigned int chiplets, uint8_t *weights)
{
	size_t each = rill_graph_weights(graph, NULL);
	unsigned int c;

	for (c = 0; c < chiplets; c++)
		rill_graph_weights(graph, weights + c * each);
}

static int place(struct kept_rules *kept, const struct options *options, const struct rill_graph *graph)
{
	unsigned int chiplets = rill_device_chip(kept->device)->rows * rill_device_chip(kept->device)->cols;
	struct rill_ndf_header header;
	uint8_t *map;
	int ret;

	memcpy(&header, options->rules, sizeof(header));
	kept->program = le32toh(header.crc);
	kept->at = (options->rules_bytes + 7) / 8 * 8;
	kept->bytes = chiplets * rill_graph_weights(graph, NULL);
	if (!kept->bytes)
		return complain(kept, -EINVAL, "rules: '%s' has nothing that learns", rill_graph_name(graph));
	ret = rill_buffer_create(kept->device, kept->at + kept->bytes, DRM_RILL_SYSTEM, 0, &kept->buffer);
	if (ret)
		return device_complain(kept->device, "keep-weights", ret);
	map = rill_buffer_map(kept->buffer);
	if (!map)
		return device_complain(kept->device, "keep-weights", -ENOMEM);
	kept->va = rill_buffer_va(kept->buffer);
	memcpy(map, options->rules, options->rules_bytes);
	begin(graph, chiplets, map + kept->at);
	ret = read_file(kept, map + kept->at);
	return ret ? ret : create_file(kept);
}

int kept_rules_open(struct rill_device *device, const struct options *options, struct kept_rules *kept)
{
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_graph *graph = rill_graph_decode(options->rules, options->rules_bytes, error);
	int ret;

	*kept = (struct kept_rules){ .device = device, .path = options->keep_weights };
	if (!graph)
		return complain(kept, -EINVAL, "rules: %s", error);
	ret = place(kept, options, graph);
	rill_graph_free(graph);
	return ret;
}

void kept_rules_close(struct kept_rules *kept)
{
	if (kept->file) {
		fclose(kept->file);
		remove(kept->new_path);
	}
	if (kept->buffer)
		rill_buffer_destroy(kept->buffer);
	*kept = (struct kept_rules){ 0 };
}
