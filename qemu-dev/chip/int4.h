/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RILL_CHIP_INT4_H
#define RILL_CHIP_INT4_H

#include <stddef.h>
#include <stdint.h>

/* A record of RILL_STREAM_INT4 as the MAC array takes it: 3 * hidden signed bytes. */
void rill_int4_expand(const uint8_t *record, size_t hidden, int8_t *to);

#endif
