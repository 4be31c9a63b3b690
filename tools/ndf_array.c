// SPDX-License-Identifier: MIT
#include "ndf_array.h"

#include <inttypes.h>
#include <string.h>

void ndf_array_parse(struct argp_state *state, const char *text, uint32_t *rows, uint32_t *cols)
{
	char end;

	if (sscanf(text, "%3ux%3u%c", rows, cols, &end) != 2 || !*rows || !*cols || *rows > RILL_NDF_MAX_CHIPLETS ||
	    *cols > RILL_NDF_MAX_CHIPLETS / *rows)
		argp_error(state, "array: '%s' is not RxC with 1..%u chiplets", text, RILL_NDF_MAX_CHIPLETS);
}

enum rill_map_lanes ndf_array_lanes(struct argp_state *state, const char *text)
{
	static const char *const names[] = { "tried", "never", "untried" };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		if (!strcmp(text, names[i]))
			return i;
	}
	argp_error(state, "lanes: '%s' is not tried, never or untried", text);
	return 0;
}

static bool is_placed(const struct rill_graph *graph)
{
	struct rill_graph_counts counts;
	uint32_t i;

	rill_graph_count(graph, &counts);
	for (i = 0; i < counts.nodes; i++) {
		if (rill_graph_placed(graph, i))
			return true;
	}
	return false;
}

struct rill_run *ndf_array_start(const struct ndf_file *file, struct rill_graph *graph,
				 const struct rill_device_options *device, char *error)
{
	struct rill_map_options options = { .chiplets = device->chiplet_mask ? device->chiplet_mask : RILL_MAP_ALL };

	rill_array_default(&options.array, device->chip.rows, device->chip.cols);
	if ((!file->is_binary || !is_placed(graph)) && rill_graph_map(graph, &options, NULL, error))
		return NULL;
	return rill_run_new_on_array(graph, &options.array, error);
}

static void print_links(const uint64_t *link)
{
	static const char *const ways[] = { "east", "west", "south", "north" };
	const char *comma = "; tokens and credits ";
	int way;

	for (way = 0; way < 4; way++) {
		if (!link[way])
			continue;
		printf("%s%s %" PRIu64, comma, ways[way], link[way]);
		comma = ", ";
	}
}

uint64_t ndf_array_ps(const struct rill_run *run)
{
	struct rill_array_counts counts;

	return rill_run_array_counts(run, &counts) ? counts.time_ps : 0;
}

void ndf_array_print(const struct rill_run *run)
{
	struct rill_array_counts counts;
	uint32_t i;

	if (!rill_run_array_counts(run, &counts))
		return;
	printf("device time %" PRIu64 " ps", counts.time_ps);
	if (counts.settled_ps != UINT64_MAX)
		printf(", of it %" PRIu64 " ps until the end was known", counts.time_ps - counts.settled_ps);
	printf("; %" PRIu64 " waves, %" PRIu64 " messages\n", counts.waves, counts.messages);
	for (i = 0; i < RILL_NDF_MAX_CHIPLETS; i++) {
		const uint64_t *link = counts.chiplet[i].link;

		if (!counts.chiplet[i].firings && !(link[0] | link[1] | link[2] | link[3]))
			continue;
		printf("chiplet %u: %" PRIu64 " firings, busy %" PRIu64 " ps", i, counts.chiplet[i].firings,
		       counts.chiplet[i].busy_ps);
		print_links(link);
		printf("\n");
	}
}
