/* SPDX-License-Identifier: MIT */
/* Small whole programs for tests. Sinks are numbered in order. */
#ifndef RILL_NDF_PROGRAMS_H
#define RILL_NDF_PROGRAMS_H

#include "ndf_rig.h"

/* gcd by subtraction of each pair, fused: COUNT sink */
void program_gcd(struct rig *rig, const uint64_t *a, const uint64_t *b, uint32_t count);
/* words[0..n) sorted by bubble in memory: loops within loops, memory threaded; QUIET sink: when done */
void program_sum_memory(struct rig *rig, uint32_t n);
/*
 * Anything goes: sources, OPs, WHENs and WHEREs connected at random, without EVENT nodes, QUIET sinks.
 * `events` of the WHENs are EVENT nodes.
 */
void program_random(struct rig *rig, uint64_t seed, bool events);

#endif
