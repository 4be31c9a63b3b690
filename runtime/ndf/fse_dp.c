// SPDX-License-Identifier: MIT
/* The rules of FSE-DP that come with librill: fse_dp.ndf, as it is. */
#include "rill_dataflow.h"

#include <errno.h>

__asm__(".section .rodata\n"
	".global rill_fse_dp_begin\n"
	".global rill_fse_dp_end\n"
	"rill_fse_dp_begin:\n"
	".incbin \"runtime/ndf/fse_dp.ndf\"\n"
	"rill_fse_dp_end:\n"
	".byte 0\n"
	".previous\n");

extern const char rill_fse_dp_begin[], rill_fse_dp_end[];

const char *rill_fse_dp_text(size_t *size)
{
	*size = (size_t)(rill_fse_dp_end - rill_fse_dp_begin);
	return rill_fse_dp_begin;
}

int rill_fse_dp_rules(void **binary, size_t *bytes, char *error)
{
	struct rill_build_options options = { .form = RILL_FUSED };
	struct rill_program *program;
	struct rill_graph *graph;
	size_t size;
	const char *text = rill_fse_dp_text(&size);
	int ret = -EINVAL;

	program = rill_program_parse("fse_dp.ndf", text, size, error);
	if (!program)
		return ret;
	graph = rill_program_build(program, &options, NULL, error);
	if (graph) {
		ret = rill_graph_encode(graph, binary, bytes);
		if (ret)
			snprintf(error, RILL_GRAPH_ERROR_BYTES, "%s", rill_graph_error(graph));
	}
	rill_graph_free(graph);
	rill_program_free(program);
	return ret;
}
