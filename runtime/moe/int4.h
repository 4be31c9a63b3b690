/* SPDX-License-Identifier: MIT */
#ifndef RILL_INT4_H
#define RILL_INT4_H

#include <stdint.h>

/*
 * Record `index` of an expert as 3 * hidden int8 weights: gate, up, down. words: room for the
 * record's rill_int4_record_bytes().
 */
void rill_int4_record(uint64_t seed, uint64_t index, uint32_t hidden, uint64_t *words, int8_t *to);

#endif
