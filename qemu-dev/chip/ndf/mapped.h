/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program on an array of chiplets, in device time. The engine computes, this schedules it. */
#ifndef RILL_CHIP_NDF_MAPPED_H
#define RILL_CHIP_NDF_MAPPED_H

#include "ndf.h"

struct rill_ndf_array {
	uint32_t rows, cols;		/* rows * cols: 1..RILL_NDF_MAX_CHIPLETS */
	uint64_t op_ps, when_ps, where_ps, memory_ps;	/* of a firing; SOURCE and SINK as where */
	uint64_t hop_ps;		/* latency of a link */
	uint64_t token_ps;		/* that a token or credit occupies a link */
	uint64_t firing_limit;		/* of all chiplets together; 0: none */
	/*
	 * How the end is found. Without waves it is the moment when nothing is on its way, which no chiplet can
	 * see. With them it is when chiplet 0 has learned of it (waves.h); until then chiplets go on with what they
	 * have to do.
	 */
	bool waves;
	uint64_t wave_gap_ps;		/* after a wave in vain; at least op_ps, and 1 */
	uint64_t jitter_ps;		/* crossing a link takes up to so much longer, at random of this seed */
	uint64_t jitter_seed;
};

#define RILL_NDF_MAX_PS		1000000000000ULL	/* of each of the times above */

struct rill_ndf_mapped;

enum rill_ndf_mapped_code {
	RILL_NDF_MAPPED_OK,
	RILL_NDF_MAPPED_NO_MEMORY,
	RILL_NDF_MAPPED_HOOKS,		/* options->hooks is not NULL */
	RILL_NDF_MAPPED_ARRAY,		/* a field of the array is out of range */
	RILL_NDF_MAPPED_CHIPLET,	/* a node is on a chiplet that the array does not have */
};

struct rill_ndf_mapped_error {
	enum rill_ndf_mapped_code code;
	const char *field;		/* "rows", "hop_ps", "chiplet", ...; NULL if there is none */
	uint32_t node;			/* CHIPLET: whose */
	uint64_t value, least, most;	/* ARRAY, CHIPLET: what it is, and what it may be */
};

/*
 * Takes the placement from the nodes of `binary`, from which `program` was loaded. options->hooks
 * must be NULL. NULL: out of memory, array out of range, or a node on a chiplet outside of it; see _create().
 */
struct rill_ndf_mapped *rill_ndf_mapped_new(const struct rill_ndf_program *program, const void *binary,
					    const struct rill_ndf_options *options,
					    const struct rill_ndf_array *array);
/* The same; if it is NULL, *error says why. */
struct rill_ndf_mapped *rill_ndf_mapped_create(const struct rill_ndf_program *program, const void *binary,
					       const struct rill_ndf_options *options,
					       const struct rill_ndf_array *array,
					       struct rill_ndf_mapped_error *error);
/* As a sentence; what snprintf() returns */
int rill_ndf_mapped_error_text(const struct rill_ndf_mapped_error *error, char *text, size_t size);
void rill_ndf_mapped_free(struct rill_ndf_mapped *mapped);
struct rill_ndf_engine *rill_ndf_mapped_engine(struct rill_ndf_mapped *mapped);
/* Instead of array.firing_limit; has no effect on one that is spent */
void rill_ndf_mapped_limit(struct rill_ndf_mapped *mapped, uint64_t firings);
/*
 * At most `events` events more, and fewer where they cause very many others; LIMIT: call again, unless _spent().
 * Also after BUSY.
 */
enum rill_ndf_end rill_ndf_mapped_step(struct rill_ndf_mapped *mapped, uint64_t events);
/* A firing beyond the limit was due: every step ends with LIMIT from here on. */
bool rill_ndf_mapped_spent(const struct rill_ndf_mapped *mapped);
uint64_t rill_ndf_mapped_time(const struct rill_ndf_mapped *mapped);	/* ps */
uint64_t rill_ndf_mapped_firings(const struct rill_ndf_mapped *mapped, uint32_t chiplet);
uint64_t rill_ndf_mapped_busy(const struct rill_ndf_mapped *mapped, uint32_t chiplet);	/* ps */
/* Tokens and credits over the link that leaves a chiplet; direction 0..3: east, west, south, north */
uint64_t rill_ndf_mapped_link(const struct rill_ndf_mapped *mapped, uint32_t chiplet, uint32_t direction);

struct rill_ndf_detection {
	uint64_t waves, messages;	/* begun; of all waves, each over one link */
	uint64_t pending;		/* firings, tokens and credits on their way now */
	uint64_t settled_ps;		/* when the end came to be, UINT64_MAX: not yet; _time() is when it was known */
};

/* What finding the end cost. Without waves it costs nothing. */
void rill_ndf_mapped_detection(const struct rill_ndf_mapped *mapped, struct rill_ndf_detection *detection);

#endif
