// SPDX-License-Identifier: GPL-2.0-or-later
/* The mesh: chiplet = row * cols + column; DDR channels hang off the corners. */
#include "internal.h"

static bool neighbours(const struct rill_chip *chip, unsigned int a, unsigned int b)
{
	int cols = chip->config.cols;
	int rows_apart = (int)a / cols - (int)b / cols;
	int cols_apart = (int)a % cols - (int)b % cols;

	return rows_apart * rows_apart + cols_apart * cols_apart == 1;
}

static void init_links(struct rill_chip *chip)
{
	unsigned int src, dst;

	chip->link_count = 0;
	for (src = 0; src < chip->chiplet_count; src++) {
		for (dst = 0; dst < chip->chiplet_count; dst++) {
			if (!neighbours(chip, src, dst))
				continue;
			chip->links[chip->link_count++] = (struct rill_link_state){
				.src = src, .dst = dst, .up = true, .rate_permille = 1000,
			};
		}
	}
}

/*
 * The corners in the order top left, bottom right, top right, bottom left, so
 * that two channels sit as far apart as they can. A mesh of one row has two, a single chiplet one.
 */
static unsigned int corners(const struct rill_chip *chip, uint16_t *corner)
{
	unsigned int last = chip->chiplet_count - 1, right = chip->config.cols - 1, n = 0, i, j;
	const unsigned int all[] = { 0, last, right, last - right };

	for (i = 0; i < 4; i++) {
		for (j = 0; j < n && corner[j] != all[i]; j++)
			;
		if (j == n)
			corner[n++] = all[i];
	}
	return n;
}

/* On a chip with all four, channel d hangs off corner d in reading order. */
static void init_channels(struct rill_chip *chip)
{
	uint16_t corner[4], swap;
	unsigned int n = corners(chip, corner), i, j;

	if (n > chip->config.channels)
		n = chip->config.channels;
	for (i = 0; i < n; i++) {
		for (j = i + 1; j < n; j++) {
			if (corner[j] >= corner[i])
				continue;
			swap = corner[i];
			corner[i] = corner[j];
			corner[j] = swap;
		}
		chip->channels[i].chiplet = corner[i];
	}
}

void rill_topology_init(struct rill_chip *chip)
{
	chip->chiplet_count = chip->config.rows * chip->config.cols;
	init_links(chip);
	init_channels(chip);
}
