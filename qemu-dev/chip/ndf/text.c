// SPDX-License-Identifier: GPL-2.0-or-later
/* Codes in words. */
#include "ndf.h"

static const char *text(const char *const *table, size_t size, uint32_t i)
{
	return i < size && table[i] ? table[i] : "unknown";
}

#define TEXT(table, i) text(table, sizeof(table) / sizeof(*(table)), i)

const char *rill_ndf_code_text(uint32_t code)
{
	static const char *const table[] = {
		[RILL_NDF_VALID] = "valid",
		[RILL_NDF_TRUNCATED] = "truncated",
		[RILL_NDF_BAD_MAGIC] = "not an NDF binary",
		[RILL_NDF_BAD_VERSION] = "another version of the format",
		[RILL_NDF_BAD_BYTES] = "not as long as its header says, or over the limit",
		[RILL_NDF_BAD_CRC] = "wrong CRC",
		[RILL_NDF_BAD_FLAGS] = "flags unknown or untrue",
		[RILL_NDF_BAD_COUNT] = "count out of range",
		[RILL_NDF_BAD_SECTION] = "section not where it must be",
		[RILL_NDF_BAD_RESERVED] = "reserved or padding not zero",
		[RILL_NDF_BAD_NAMES] = "names not terminated, or the program's out of bounds",
		[RILL_NDF_BAD_MEMORY] = "memory over the limit or smaller than its data",
		[RILL_NDF_BAD_KIND] = "no such kind of node",
		[RILL_NDF_BAD_MODE] = "no such mode or operation",
		[RILL_NDF_BAD_PORTS] = "number of inputs or outputs impossible for its kind",
		[RILL_NDF_BAD_CHIPLET] = "chiplet out of range",
		[RILL_NDF_BAD_IMM] = "immediate where there is none, or out of range",
		[RILL_NDF_BAD_PARAM] = "param not where its block must be",
		[RILL_NDF_BAD_BLOCK] = "block cut off by the end of params",
		[RILL_NDF_BAD_NODE_NAME] = "name out of bounds",
		[RILL_NDF_UNCONNECTED] = "port without an arc",
		[RILL_NDF_NO_INPUTS] = "an OP without input",
		[RILL_NDF_BAD_PATTERNS] = "number of patterns, rows or words out of range",
		[RILL_NDF_BAD_NEED] = "needs an input that there is not, or none where it must",
		[RILL_NDF_BAD_CONS] = "consumes what it does not need, or nothing where it must",
		[RILL_NDF_BAD_FROM] = "copies an input that it does not need",
		[RILL_NDF_BAD_WAIT] = "needs an input that it neither consumes nor copies",
		[RILL_NDF_BAD_FIELD] = "field of a WHEN out of range",
		[RILL_NDF_BAD_ENTRY] = "entry of a WHEN's table out of range",
		[RILL_NDF_BAD_ARC_NODE] = "no such node",
		[RILL_NDF_BAD_ARC_PORT] = "no such port",
		[RILL_NDF_BAD_ARC_ORDER] = "arcs not sorted by producer",
		[RILL_NDF_TWO_PRODUCERS] = "a second arc ends at this input",
		[RILL_NDF_BAD_CAPACITY] = "capacity out of range, or too much in all",
		[RILL_NDF_BAD_ID] = "a switch token without a pattern",
		[RILL_NDF_DEAD_CYCLE] = "on a cycle that waits for itself",
		[RILL_NDF_BAD_TOKEN_ARC] = "no such arc, or not sorted",
		[RILL_NDF_TOO_MANY_TOKENS] = "more initial tokens than the arc's capacity",
	};

	return TEXT(table, code);
}

const char *rill_ndf_unit_text(uint32_t unit)
{
	static const char *const table[] = { "byte", "node", "arc", "token" };

	return TEXT(table, unit);
}

const char *rill_ndf_end_text(uint32_t end)
{
	static const char *const table[] = { "finished", "quiescent", "deadlock", "limit", "fault", "busy" };

	return TEXT(table, end);
}

const char *rill_ndf_fault_text(uint32_t fault)
{
	static const char *const table[] = {
		[RILL_NDF_NO_FAULT] = "none",
		[RILL_NDF_FAULT_SWITCH] = "no pattern for a switch token",
		[RILL_NDF_FAULT_ALIGN] = "address not aligned",
		[RILL_NDF_FAULT_ADDRESS] = "address out of bounds",
		[RILL_NDF_FAULT_STREAM] = "refused by the stream engine",
		[RILL_NDF_FAULT_SINKS] = "too many tokens in sinks",
		[RILL_NDF_FAULT_NO_MEMORY] = "out of host memory",
	};

	return TEXT(table, fault);
}
