// SPDX-License-Identifier: MIT
/* rill info: what the chip is and what it has done. */
#include "commands.h"
#include "report.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct info {
	const struct drm_rill_chip_info *chip;
	struct drm_rill_counters counters;
	struct drm_rill_link_info links[RILL_MAX_LINKS];
	struct drm_rill_channel_info channels[RILL_MAX_CHANNELS];
	struct drm_rill_chiplet_info chiplets[RILL_MAX_CHIPLETS];
};

static int gather(struct rill_device *device, struct info *info)
{
	int ret = rill_device_counters(device, &info->counters);

	info->chip = rill_device_chip(device);
	if (!ret)
		ret = rill_device_links(device, info->links);
	if (!ret)
		ret = rill_device_channels(device, info->channels);
	if (!ret)
		ret = rill_device_chiplets(device, info->chiplets);
	if (ret)
		fprintf(stderr, "rill: %s\n", rill_device_error(device));
	return ret;
}

static void print_chip(const struct drm_rill_chip_info *chip)
{
	printf("Rill %u.%u: %ux%u chiplets, %u DDR channels\n", chip->hw_version >> 16,
	       chip->hw_version & 0xffff, chip->rows, chip->cols, chip->channels);
	printf("  MAC array    %u MAC/cycle at %.1f MHz, %u cycles to start a slice\n",
	       chip->mac_per_cycle, chip->mac_khz / 1e3, chip->mac_startup);
	printf("  SRAM         %.1f MiB per chiplet\n", chip->sram_bytes / 1048576.0);
	printf("  DDR          %.1f GB/s and %.0f MiB per channel, %.0f ns\n",
	       chip->ddr_mbps / 1e3, chip->channel_bytes / 1048576.0, chip->ddr_latency_ps / 1e3);
	printf("  D2D links    %u, %.1f GB/s each, %.0f ns per hop\n", chip->links,
	       chip->link_mbps / 1e3, chip->link_hop_ps / 1e3);
	printf("  queues       %u of up to %u jobs; %u contexts\n", chip->max_queues,
	       chip->max_queue_depth - 1, chip->max_contexts);
}

static void print_units(const struct info *info)
{
	const struct drm_rill_chip_info *chip = info->chip;
	unsigned int i;

	for (i = 0; i < chip->rows * chip->cols; i++)
		printf("chiplet %-2u  %12.3f ms busy  %10llu slices  %8.2f MB SRAM peak\n", i,
		       info->chiplets[i].mac_busy_ps / 1e9, info->chiplets[i].slices,
		       info->chiplets[i].sram_peak / 1e6);
	for (i = 0; i < chip->channels; i++)
		printf("channel %-2u  at chiplet %-2u  %12.3f ms busy  %10.1f MB moved  %8.1f MB free\n",
		       i, info->channels[i].chiplet, info->channels[i].busy_ps / 1e9,
		       info->channels[i].bytes / 1e6, info->channels[i].free_bytes / 1e6);
	for (i = 0; i < chip->links; i++)
		printf("link %-3u %2u -> %-2u  %-4s %4u/1000  %12.3f ms busy  %12.3f ms stalled  %10.1f MB\n",
		       i, info->links[i].src, info->links[i].dst, info->links[i].up ? "up" : "down",
		       info->links[i].rate_permille, info->links[i].busy_ps / 1e9,
		       info->links[i].stall_ps / 1e9, info->links[i].bytes / 1e6);
}

static void print_counters(const struct drm_rill_counters *c)
{
	printf("jobs: %llu submitted, %llu completed, %llu failed\n", c->jobs_submitted,
	       c->jobs_completed, c->jobs_failed);
	printf("%llu doorbells, %llu interrupts; device time %.3f ms\n", c->doorbells,
	       c->interrupts, c->hw_time_ps / 1e9);
}

static json_t *link_json(const struct drm_rill_link_info *link)
{
	return json_pack("{s:i s:i s:b s:i s:I s:I s:I}", "src", link->src, "dst", link->dst,
			 "up", link->up, "rate_permille", link->rate_permille,
			 "bytes", (json_int_t)link->bytes, "busy_ps", (json_int_t)link->busy_ps,
			 "stall_ps", (json_int_t)link->stall_ps);
}

static int print_json(const char *path, const struct info *info)
{
	json_t *root = json_object(), *links = json_array();
	unsigned int i;
	int ret;

	for (i = 0; i < info->chip->links; i++)
		json_array_append_new(links, link_json(&info->links[i]));
	json_object_set_new(root, "chip", report_chip(info->chip));
	json_object_set_new(root, "links", links);
	ret = json_dump_file(root, path, JSON_INDENT(2));
	json_decref(root);
	if (ret)
		fprintf(stderr, "rill: json: cannot write %s: %m\n", path);
	return ret;
}

int cmd_info(int argc, char **argv)
{
	static const char *const only[] = { "node", "json", NULL };
	static const struct options_of command = {
		"info", "Tell what the chip is and what it has done.", RILL_TRANSPORT_KERNEL, only,
	};
	struct rill_device *device;
	struct options options;
	const char *error;
	struct info info;
	int ret;

	options_parse(argc, argv, &command, &options);
	ret = rill_device_open(&options.device, &device, &error);
	if (ret) {
		fprintf(stderr, "rill: %s\n", error);
		return 1;
	}
	ret = gather(device, &info);
	if (!ret) {
		print_chip(info.chip);
		print_units(&info);
		print_counters(&info.counters);
		if (options.json)
			ret = print_json(options.json, &info);
	}
	rill_device_close(device);
	return ret ? 1 : 0;
}
