/* SPDX-License-Identifier: MIT */
/* A program under test: built, loaded, run. */
#ifndef RILL_NDF_RIG_H
#define RILL_NDF_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ndf/ndf.h"
#include "ndf_build.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct rig {
	struct build b;
	struct rill_ndf_options options;	/* set before rig_load() */
	uint8_t *binary;
	size_t size;
	struct rill_ndf_program *program;
	struct rill_ndf_engine *engine;
	uint8_t memory[4096];
};

void rig_begin(struct rig *rig);
void rig_load(struct rig *rig);			/* the binary must be valid */
void rig_again(struct rig *rig);		/* a new engine, with the options as they are now */
void rig_end(struct rig *rig);
enum rill_ndf_end rig_run(struct rig *rig);	/* loads if need be; a million firings at most */

/* What validation says of what has been built */
struct rill_ndf_verdict rig_verdict(struct rig *rig);

void rig_expect(struct rig *rig, uint32_t sink, const uint64_t *words, size_t count);
#define EXPECT(rig, sink, ...) \
	rig_expect(rig, sink, (const uint64_t[]){ __VA_ARGS__ }, COUNT(((const uint64_t[]){ __VA_ARGS__ })))

/* SOURCE of these words -> port; a QUIET sink on an output port. Gives the arc */
uint32_t rig_feed(struct rig *rig, uint32_t node, unsigned int port, const uint64_t *words, uint32_t count);
#define FEED(rig, node, port, ...) \
	rig_feed(rig, node, port, (const uint64_t[]){ __VA_ARGS__ }, COUNT(((const uint64_t[]){ __VA_ARGS__ })))
uint32_t rig_drain(struct rig *rig, uint32_t node, unsigned int port);

/* splitmix64 */
uint64_t rig_random(uint64_t *state);

#endif
