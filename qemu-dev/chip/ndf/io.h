/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firings that reach out of the graph. False: it did not fire, for a fault or because it was told to wait. */
#ifndef RILL_CHIP_NDF_IO_H
#define RILL_CHIP_NDF_IO_H

#include "fifo.h"

bool ndf_fault(struct rill_ndf_engine *engine, enum rill_ndf_fault fault, uint32_t node, uint64_t word);
bool ndf_fire_memory(struct rill_ndf_engine *engine, uint32_t node);
bool ndf_fire_stream(struct rill_ndf_engine *engine, uint32_t node);
bool ndf_fire_source(struct rill_ndf_engine *engine, uint32_t node);
bool ndf_fire_sink(struct rill_ndf_engine *engine, uint32_t node);

/* A SINK that expects nothing (more) is satisfied. */
void ndf_sink_check(struct rill_ndf_engine *engine, uint32_t sink);

#endif
