// SPDX-License-Identifier: GPL-2.0-or-later
/* RULES_WEIGHTS: what the rules of a pass have learned, from pass to pass. It lies behind their binary. */
#include "rules_ndf.h"

#include <stdlib.h>

#include "ndf/weights.h"

static enum rill_status load_own(struct rill_rules_program *program, unsigned int chiplet, void *binary,
				 uint32_t bytes, const uint8_t *weights, uint64_t *detail)
{
	struct rill_ndf_verdict verdict;

	*detail = offsetof(struct rill_pass, rules);
	if (!rill_ndf_weights_put(program->code, binary, weights))
		return RILL_BAD_RESERVED;
	program->own[chiplet] = rill_ndf_program_new(binary, bytes, &verdict);
	*detail = (uint64_t)verdict.code << 48 | verdict.position;
	if (program->own[chiplet])
		return RILL_OK;
	return verdict.code == RILL_NDF_VALID ? RILL_INTERNAL : RILL_BAD_PROGRAM;
}

static uint64_t place_of(const struct rill_rules_program *program, unsigned int chiplet)
{
	return program->weights + chiplet * program->weights_bytes;
}

enum rill_status rill_rules_weights_load(struct rill_pass_state *pass, void *binary, uint32_t bytes,
					 uint64_t *detail)
{
	struct rill_rules_program *program = pass->program;
	enum rill_status status = RILL_OK;
	struct rill_fault fault = { 0 };
	unsigned int c;
	uint8_t *from;

	program->weights = pass->block.rules + (bytes + 7ULL) / 8 * 8;
	program->weights_bytes = rill_ndf_weights_bytes(program->code);
	if (!program->weights_bytes)
		return RILL_OK;
	from = malloc(program->weights_bytes);
	if (!from)
		return RILL_INTERNAL;
	for (c = 0; !status && c < pass->chip->chiplet_count; c++) {
		if (rill_mmu_read(pass->chip, pass->ctx, place_of(program, c), from, program->weights_bytes,
				  &fault)) {
			status = load_own(program, c, binary, bytes, from, detail);
			continue;
		}
		*detail = fault.detail;
		status = fault.status;
	}
	free(from);
	return status;
}

bool rill_rules_keep(struct rill_pass_state *pass, struct rill_fault *fault)
{
	const struct rill_rules_program *program = pass->program;
	bool written = true;
	unsigned int c;
	uint8_t *to;

	if (!program || !program->weights_bytes)
		return true;
	to = malloc(program->weights_bytes);
	if (!to) {
		*fault = (struct rill_fault){ .status = RILL_INTERNAL };
		return false;
	}
	for (c = 0; written && c < pass->chip->chiplet_count; c++) {
		if (!program->engines[c])
			continue;
		rill_ndf_weights_get(program->own[c], program->engines[c], to);
		written = rill_mmu_write(pass->chip, pass->ctx, place_of(program, c), to,
					 program->weights_bytes, fault);
	}
	free(to);
	return written;
}
