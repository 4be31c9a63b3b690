/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What plastic WHENs have learned, as one piece of memory: see uapi/rill_ndf.h, "Weights". */
#ifndef RILL_CHIP_NDF_WEIGHTS_H
#define RILL_CHIP_NDF_WEIGHTS_H

#include "ndf.h"

uint64_t rill_ndf_weights_bytes(const struct rill_ndf_program *program);

/* What they are now, rill_ndf_weights_bytes() of it. */
void rill_ndf_weights_get(const struct rill_ndf_program *program, const struct rill_ndf_engine *engine,
			  uint8_t *to);

/*
 * Into the binary that `program` was loaded from, whose CRC is made right; a program loaded from it then begins with
 * them. False: padding is not zero.
 */
bool rill_ndf_weights_put(const struct rill_ndf_program *program, uint8_t *binary, const uint8_t *from);

#endif
