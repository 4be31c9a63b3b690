// SPDX-License-Identifier: MIT
#include "timeline_rows.h"

#include <stdio.h>

#define GROUP_GAP 10

/* Heights of a row, by the number of chiplets: all must fit a page. */
static double height_of(enum row_kind kind, unsigned int chiplets)
{
	static const double few[] = { 17, 11, 17 }, some[] = { 13, 8, 12 }, many[] = { 11, 3, 5 };

	return chiplets <= 6 ? few[kind] : chiplets <= 16 ? some[kind] : many[kind];
}

static struct row *add(struct rows *rows, enum row_kind kind, unsigned int chiplets)
{
	struct row *row = &rows->row[rows->count++];

	row->kind = kind;
	row->y = rows->height;
	row->height = height_of(kind, chiplets);
	rows->height += row->height;
	return row;
}

static void begin(struct rows *rows, enum row_kind kind)
{
	if (kind)
		rows->height += GROUP_GAP;
	rows->first[kind] = rows->count;
}

int rows_make(struct rill_device *device, struct rows *rows)
{
	const struct drm_rill_chip_info *chip = rill_device_chip(device);
	struct drm_rill_channel_info channels[RILL_MAX_CHANNELS];
	struct drm_rill_link_info links[RILL_MAX_LINKS];
	unsigned int chiplets = chip->rows * chip->cols, i;
	int ret = rill_device_links(device, links);

	if (!ret)
		ret = rill_device_channels(device, channels);
	if (ret)
		return ret;
	*rows = (struct rows){ 0 };
	begin(rows, ROW_DDR);
	for (i = 0; i < chip->channels; i++)
		snprintf(add(rows, ROW_DDR, chiplets)->label, sizeof(rows->row[0].label),
			 "%u at chiplet %u", i, channels[i].chiplet);
	begin(rows, ROW_LINK);
	for (i = 0; i < chip->links; i++)
		snprintf(add(rows, ROW_LINK, chiplets)->label, sizeof(rows->row[0].label),
			 "%u to %u", links[i].src, links[i].dst);
	begin(rows, ROW_MAC);
	for (i = 0; i < chiplets; i++)
		snprintf(add(rows, ROW_MAC, chiplets)->label, sizeof(rows->row[0].label),
			 "chiplet %u", i);
	rows->first[ROW_KINDS] = rows->count;
	return 0;
}

unsigned int rows_find(const struct rows *rows, const struct rill_interval *interval)
{
	enum row_kind kind;

	switch (interval->kind) {
	case RILL_INTERVAL_DDR:
		kind = ROW_DDR;
		break;
	case RILL_INTERVAL_LINK:
	case RILL_INTERVAL_SCATTER:
	case RILL_INTERVAL_REDUCE:
		kind = ROW_LINK;
		break;
	case RILL_INTERVAL_MAC:
		kind = ROW_MAC;
		break;
	default:
		return MAX_ROWS;
	}
	if (interval->unit >= rows->first[kind + 1] - rows->first[kind])
		return MAX_ROWS;
	return rows->first[kind] + interval->unit;
}
