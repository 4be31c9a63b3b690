/* SPDX-License-Identifier: MIT */
/* A scheduler for the dataflow engine in which everything takes a random time. */
#ifndef RILL_NDF_TIMED_H
#define RILL_NDF_TIMED_H

#include "ndf/ndf.h"

/*
 * Replaces *engine by one with hooks and runs it until nothing is left to do or `events` events have happened.
 * NULL afterwards: out of memory.
 */
enum rill_ndf_end timed_run(struct rill_ndf_engine **engine, const struct rill_ndf_program *program,
			    const struct rill_ndf_options *options, uint64_t seed, unsigned int events);

#endif
