/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RILL_CHIP_NDF_MAPPED_CHECK_H
#define RILL_CHIP_NDF_MAPPED_CHECK_H

#include "mapped.h"

bool ndf_check_array(const struct rill_ndf_array *array, struct rill_ndf_mapped_error *error);
/* places[nodes] of the binary */
bool ndf_check_places(const struct rill_ndf_program *program, const uint8_t *binary, uint32_t chiplets,
		      uint16_t *places, struct rill_ndf_mapped_error *error);

#endif
