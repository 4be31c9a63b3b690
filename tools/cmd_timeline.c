// SPDX-License-Identifier: MIT
/* rill timeline: rill sim whose product is a picture. */
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The options are those of rill sim, with defaults that come first so that a user's own win. */
int cmd_timeline(int argc, char **argv)
{
	char timing[] = "--timing-only", svg[] = "--svg=timeline.svg";
	char **all = calloc(argc + 3, sizeof(*all));
	int ret;

	if (!all)
		return 1;
	all[0] = argv[0];
	all[1] = timing;
	all[2] = svg;
	memcpy(all + 3, argv + 1, (argc - 1) * sizeof(*all));
	ret = cmd_sim(argc + 2, all);
	free(all);
	return ret;
}
