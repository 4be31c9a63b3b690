/* SPDX-License-Identifier: MIT */
/* rill ndf on an array of chiplets in this process. */
#ifndef RILL_TOOLS_NDF_ARRAY_H
#define RILL_TOOLS_NDF_ARRAY_H

#include "ndf.h"
#include "rill_dataflow_map.h"
#include "rill_device.h"

/* RxC */
void ndf_array_parse(struct argp_state *state, const char *text, uint32_t *rows, uint32_t *cols);
/* tried, never or untried */
enum rill_map_lanes ndf_array_lanes(struct argp_state *state, const char *text);
/*
 * A run on an array with the chip's figures, rows, columns and chiplets as the device's. What comes from a text
 * is mapped first; a binary that has been placed stays as it is. NULL: error says why.
 */
struct rill_run *ndf_array_start(const struct ndf_file *file, struct rill_graph *graph,
				 const struct rill_device_options *device, char *error);
/* Device time, firings by chiplet, tokens by link, waves; nothing if it was no run on an array. */
void ndf_array_print(const struct rill_run *run);
uint64_t ndf_array_ps(const struct rill_run *run);	/* 0: it was none */

#endif
