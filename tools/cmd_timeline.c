// SPDX-License-Identifier: MIT
/* rill timeline: rill sim whose product is a picture. */
#include "cmd_run.h"
#include "commands.h"

#include <stdlib.h>
#include <string.h>

/* The options are those of rill sim, with defaults that come first so that a user's own win. */
int cmd_timeline(int argc, char **argv)
{
	static const struct options_of command = {
		"timeline", "rill sim, drawn: with --timing-only and --svg=timeline.svg if not told otherwise.",
		RILL_TRANSPORT_MODEL, NULL,
	};
	char timing[] = "--timing-only", svg[] = "--svg=timeline.svg";
	char **all = calloc(argc + 3, sizeof(*all));
	int ret;

	if (!all)
		return 1;
	all[0] = argv[0];
	all[1] = timing;
	all[2] = svg;
	memcpy(all + 3, argv + 1, (argc - 1) * sizeof(*all));
	ret = cmd_run_layers(argc + 2, all, &command);
	free(all);
	return ret;
}
