// SPDX-License-Identifier: GPL-2.0-or-later
/* What may be wrong with an array, and with a placement on it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "layout.h"
#include "mapped_check.h"

static bool in_range(struct rill_ndf_mapped_error *error, const char *field, uint64_t value, uint64_t least,
		     uint64_t most)
{
	if (value >= least && value <= most)
		return true;
	*error = (struct rill_ndf_mapped_error){
		.code = RILL_NDF_MAPPED_ARRAY, .field = field, .value = value, .least = least, .most = most,
	};
	return false;
}

bool ndf_check_array(const struct rill_ndf_array *array, struct rill_ndf_mapped_error *error)
{
	const struct {
		const char *field;
		uint64_t ps;
	} times[] = {
		{ "op_ps", array->op_ps }, { "when_ps", array->when_ps }, { "where_ps", array->where_ps },
		{ "memory_ps", array->memory_ps }, { "hop_ps", array->hop_ps }, { "token_ps", array->token_ps },
		{ "wave_gap_ps", array->wave_gap_ps }, { "jitter_ps", array->jitter_ps },
	};
	size_t i;

	if (!in_range(error, "rows", array->rows, 1, RILL_NDF_MAX_CHIPLETS) ||
	    !in_range(error, "cols", array->cols, 1, RILL_NDF_MAX_CHIPLETS / array->rows))
		return false;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		if (!in_range(error, times[i].field, times[i].ps, 0, RILL_NDF_MAX_PS))
			return false;
	}
	return true;
}

bool ndf_check_places(const struct rill_ndf_program *program, const uint8_t *binary, uint32_t chiplets,
		      uint16_t *places, struct rill_ndf_mapped_error *error)
{
	const uint8_t *node = binary + NDF_LE32(binary, rill_ndf_header, nodes);
	uint32_t i;

	for (i = 0; i < rill_ndf_program_nodes(program); i++, node += sizeof(struct rill_ndf_node)) {
		places[i] = NDF_LE16(node, rill_ndf_node, chiplet);
		if (places[i] < chiplets)
			continue;
		*error = (struct rill_ndf_mapped_error){
			.code = RILL_NDF_MAPPED_CHIPLET, .field = "chiplet", .node = i,
			.value = places[i], .most = chiplets - 1,
		};
		return false;
	}
	return true;
}

int rill_ndf_mapped_error_text(const struct rill_ndf_mapped_error *error, char *text, size_t size)
{
	switch (error->code) {
	case RILL_NDF_MAPPED_OK:
		return snprintf(text, size, "no error");
	case RILL_NDF_MAPPED_NO_MEMORY:
		return snprintf(text, size, "out of memory");
	case RILL_NDF_MAPPED_HOOKS:
		return snprintf(text, size, "hooks: the array has its own, so there must be none");
	case RILL_NDF_MAPPED_ARRAY:
		return snprintf(text, size, "%s: %" PRIu64 " is not in %" PRIu64 "..%" PRIu64, error->field,
				error->value, error->least, error->most);
	default:
		return snprintf(text, size,
				"chiplet: node %" PRIu32 " is on %" PRIu64 ", and the array has 0..%" PRIu64,
				error->node, error->value, error->most);
	}
}
