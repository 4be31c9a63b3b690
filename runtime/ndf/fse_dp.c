// SPDX-License-Identifier: MIT
/* The rules of FSE-DP that come with librill: fse_dp.ndf as it is, or with the choice of fse_dp_learned.ndf. */
#include "rill_dataflow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(name)								\
	__asm__(".section .rodata\n"						\
		".global rill_" #name "_begin\n"				\
		".global rill_" #name "_end\n"					\
		"rill_" #name "_begin:\n"					\
		".incbin \"runtime/ndf/" #name ".ndf\"\n"			\
		"rill_" #name "_end:\n"						\
		".byte 0\n"							\
		".previous\n");							\
	extern const char rill_##name##_begin[], rill_##name##_end[]

TEXT(fse_dp);
TEXT(fse_dp_learned);

#define CHOICE		"# --- the choice ---\n"
#define AFTER_CHOICE	"# --- compute ---\n"

const char *rill_fse_dp_text(size_t *size)
{
	*size = (size_t)(rill_fse_dp_end - rill_fse_dp_begin);
	return rill_fse_dp_begin;
}

char *rill_fse_dp_learned_text(size_t *size)
{
	const char *choice = strstr(rill_fse_dp_begin, CHOICE), *after = strstr(rill_fse_dp_begin, AFTER_CHOICE);
	char *text = NULL;
	FILE *file = open_memstream(&text, size);

	if (!file)
		return NULL;
	fwrite(rill_fse_dp_begin, 1, (size_t)(choice - rill_fse_dp_begin), file);
	fwrite(rill_fse_dp_learned_begin, 1, (size_t)(rill_fse_dp_learned_end - rill_fse_dp_learned_begin), file);
	fputs(after, file);
	if (!fclose(file))
		return text;
	free(text);
	return NULL;
}

static int assemble(const char *name, const char *text, size_t size, void **binary, size_t *bytes, char *error)
{
	struct rill_build_options options = { .form = RILL_FUSED };
	struct rill_program *program = rill_program_parse(name, text, size, error);
	struct rill_graph *graph;
	int ret = -EINVAL;

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

int rill_fse_dp_rules(bool learned, void **binary, size_t *bytes, char *error)
{
	char *own = NULL;
	const char *text;
	size_t size;
	int ret;

	if (!learned) {
		text = rill_fse_dp_text(&size);
		return assemble("fse_dp.ndf", text, size, binary, bytes, error);
	}
	own = rill_fse_dp_learned_text(&size);
	if (!own) {
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "out of memory");
		return -ENOMEM;
	}
	ret = assemble("fse_dp.ndf with fse_dp_learned.ndf", own, size, binary, bytes, error);
	free(own);
	return ret;
}
