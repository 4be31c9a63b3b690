// SPDX-License-Identifier: MIT
#include "ndf_array.h"
#include "ndf_device.h"

#include <inttypes.h>
#include <string.h>

enum key { KEY_DEVICE = 0x400, KEY_MODEL, KEY_PATH, KEY_ARRAY, KEY_CHIPLETS, KEY_COMPARE, KEY_WAVES };

static const struct argp_option table[] = {
	{ 0, 0, NULL, 0, "On a chip, nodes on the chiplets where the program places them:", 1 },
	{ "device", KEY_DEVICE, "NODE", OPTION_ARG_OPTIONAL, "the device, through the kernel [the first Rill]", 1 },
	{ "path", KEY_PATH, "WAY", 0, "to the device: auto, uring or ioctl [auto]", 1 },
	{ "model", KEY_MODEL, NULL, 0, "the chip's model in this process", 1 },
	{ "array", KEY_ARRAY, "RxC", 0, "chiplets of the model [2x2]; without --model, map the program to these", 1 },
	{ "chiplets", KEY_CHIPLETS, "MASK", 0, "confine the program to these chiplets [all]", 1 },
	{ "waves", KEY_WAVES, NULL, 0, "of --device and --model: the chiplets find the end by themselves", 1 },
	{ "compare", KEY_COMPARE, NULL, 0, "run it on the host, too: the results must be equal", 1 },
	{ 0 },
};

static void parse_path(struct argp_state *state, const char *text, struct ndf_device *device)
{
	static const char *const paths[] = { "auto", "uring", "ioctl" };
	unsigned int i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]) && strcmp(text, paths[i]); i++)
		;
	if (i == sizeof(paths) / sizeof(paths[0]))
		argp_error(state, "path: '%s' is not auto, uring or ioctl", text);
	device->options.path = i;
	device->path_given = true;
}

static void parse_array(struct argp_state *state, const char *text, struct ndf_device *device)
{
	struct rill_model_chip *chip = &device->options.chip;
	char end;

	if (sscanf(text, "%3ux%3u%c", &chip->rows, &chip->cols, &end) != 2 || !chip->rows || chip->rows > 8 ||
	    !chip->cols || chip->cols > 8)
		argp_error(state, "array: '%s' is not RxC with 1..8 each", text);
	device->array_given = true;
}

static void take_transport(struct argp_state *state, struct ndf_device *device, enum rill_transport_kind kind)
{
	if (device->given && device->options.transport != kind)
		argp_error(state, "device, model: one of them is enough");
	device->given = true;
	device->options.transport = kind;
}

/* What a chip is asked for must be asked of one. */
static void check(struct argp_state *state, const struct ndf_device *device)
{
	bool model = device->given && device->options.transport == RILL_TRANSPORT_MODEL;

	if (device->array_given && device->given && !model)
		argp_error(state, "array: not of --device, which has its own");
	if (device->path_given && (model || !device->given))
		argp_error(state, "path: of --device only");
	if (device->options.chiplet_mask && !device->given && !device->array_given)
		argp_error(state, "chiplets: of --device, --model and --array only");
	if (device->waves && !device->given)
		argp_error(state, "waves: of --device and --model only");
	if (device->compare && !device->given && !device->array_given)
		argp_error(state, "compare: what --device, --model or --array gives");
}

static int parse(int key, char *arg, struct argp_state *state)
{
	struct ndf_device *device = state->input;

	switch (key) {
	case KEY_DEVICE:
		take_transport(state, device, RILL_TRANSPORT_KERNEL);
		device->options.node = arg;
		return 0;
	case KEY_MODEL:
		take_transport(state, device, RILL_TRANSPORT_MODEL);
		return 0;
	case KEY_PATH:
		parse_path(state, arg, device);
		return 0;
	case KEY_ARRAY:
		parse_array(state, arg, device);
		return 0;
	case KEY_CHIPLETS:
		device->options.chiplet_mask = option_number(state, "chiplets", arg, 1, UINT64_MAX);
		return 0;
	case KEY_WAVES:
		device->waves = true;
		return 0;
	case KEY_COMPARE:
		device->compare = true;
		return 0;
	case ARGP_KEY_END:
		check(state, device);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp ndf_device_argp = { .options = table, .parser = parse };

int ndf_device_open(struct ndf_device *device)
{
	const char *error;

	if (!device->given)
		return 0;
	if (rill_device_open(&device->options, &device->device, &error)) {
		fprintf(stderr, "rill: %s\n", error);
		return 1;
	}
	if (!rill_queue_create(device->device, 1, &device->queue))
		return 0;
	fprintf(stderr, "rill: queue: %s\n", rill_device_error(device->device));
	rill_device_close(device->device);
	return 1;
}

void ndf_device_close(struct ndf_device *device)
{
	if (!device->queue)
		return;
	rill_queue_destroy(device->queue);
	rill_device_close(device->device);
}

/* ---- what is printed ---- */

uint64_t ndf_device_ps(const struct rill_run *run)
{
	const struct rill_ndf_report *report = rill_run_report(run);

	return report ? report->end_ps - report->start_ps : ndf_array_ps(run);
}

void ndf_device_print(const struct rill_run *run)
{
	const struct rill_ndf_report *report = rill_run_report(run);
	uint64_t ps = ndf_device_ps(run);
	uint32_t i;

	if (!report)
		return;
	printf("device time %" PRIu64 " ps; %" PRIu64 " link transfers, %" PRIu64 " memory accesses\n", ps,
	       (uint64_t)report->link_transfers, (uint64_t)report->memory_accesses);
	if (report->waves)
		printf("end found by %" PRIu64 " waves, %" PRIu64 " messages, %" PRIu64 " ps after it came\n",
		       (uint64_t)report->waves, (uint64_t)report->wave_messages,
		       (uint64_t)(report->end_ps - report->settled_ps));
	for (i = 0; i < RILL_NDF_MAX_CHIPLETS; i++) {
		const struct rill_ndf_chiplet_report *chiplet = &report->chiplet[i];

		if (chiplet->firings)
			printf("chiplet %u: %" PRIu64 " firings, busy %" PRIu64 " ps\n", i,
			       (uint64_t)chiplet->firings, (uint64_t)chiplet->busy_ps);
	}
}
