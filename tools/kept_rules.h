/* SPDX-License-Identifier: MIT */
/* --keep-weights: what rules have learned goes on from pass to pass, and by a file from run to run. */
#ifndef RILL_TOOLS_KEPT_RULES_H
#define RILL_TOOLS_KEPT_RULES_H

#include "options.h"

#include <stdio.h>

/* The rules' binary and weights in the device's memory, for passes to share */
struct kept_rules {
	struct rill_device *device;
	struct rill_buffer *buffer;
	const char *path;
	char new_path[4096];
	FILE *file;			/* new_path, until it is path */
	uint32_t program;		/* CRC of the binary */
	size_t at, bytes;		/* of the weights, in the buffer */
	uint64_t va;			/* of the binary */
	bool went_on;			/* there was a file */
};

/* Print what is wrong and return a negative errno. */
int kept_rules_open(struct rill_device *device, const struct options *options, struct kept_rules *kept);
/* What the file had is replaced. */
int kept_rules_write(struct kept_rules *kept);
/* Without kept_rules_write() it stays as it was. */
void kept_rules_close(struct kept_rules *kept);

#endif
