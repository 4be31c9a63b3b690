// SPDX-License-Identifier: MIT
#include "rules_programs.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ndf/ndf.h"
#include "ndf/weights.h"
#include "rill_dataflow.h"
#include "rill_stream.h"

void *rules_program_built_in(size_t *bytes)
{
	char error[RILL_GRAPH_ERROR_BYTES];
	void *binary = NULL;

	if (rill_fse_dp_rules(false, &binary, bytes, error))
		fprintf(stderr, "%s\n", error);
	return binary;
}

static void *assemble(const char *text, size_t size, size_t *bytes)
{
	struct rill_build_options options = { .form = RILL_FUSED };
	char error[RILL_GRAPH_ERROR_BYTES] = "";
	struct rill_program *program = rill_program_parse("test", text, size, error);
	struct rill_graph *graph = program ? rill_program_build(program, &options, NULL, error) : NULL;
	void *binary = NULL;

	if (!graph || rill_graph_encode(graph, &binary, bytes))
		fprintf(stderr, "%s\n", graph ? rill_graph_error(graph) : error);
	rill_graph_free(graph);
	rill_program_free(program);
	return binary;
}

/* The text of the learned choice with what follows `from` up to the line's end in place of what is there */
static void *learned_with(const char *from, const char *to, size_t *bytes)
{
	size_t size, out_size;
	char *learned = rill_fse_dp_learned_text(&size), *text = NULL, *line = strstr(learned, from);
	FILE *out = open_memstream(&text, &out_size);
	void *binary;

	line += strlen(from);
	fwrite(learned, 1, (size_t)(line - learned), out);
	fputs(to, out);
	fputs(strchr(line, '\n'), out);
	fclose(out);
	binary = assemble(text, out_size, bytes);
	free(learned);
	free(text);
	return binary;
}

void *rules_program_learned(unsigned int eta, size_t *bytes)
{
	char rate[16];

	snprintf(rate, sizeof(rate), "%u", eta);
	return learned_with("\t\teta ", rate, bytes);
}

void *rules_program_padded(size_t *bytes)
{
	return learned_with("when warm pred 1 {", "\n\tplastic {\n\t\trule none\n\t}", bytes);
}

/* Is this line an operation that answers the question? Then its name. */
static const char *answers(const char *line, unsigned int question)
{
	static const char *const names[][6] = {
		{ "admit" }, { "retire", "here", "onward" }, { "send0", "send1", "send2", "send3", "stay" },
		{ "compute" }, { "leave" },
	};
	char start[32];
	unsigned int i;

	for (i = 0; names[question][i]; i++) {
		snprintf(start, sizeof(start), "op %s stream", names[question][i]);
		if (!strncmp(line, start, strlen(start)))
			return names[question][i];
	}
	return NULL;
}

void *rules_program_constant(unsigned int question, uint64_t answer, size_t *bytes)
{
	size_t size, out_size;
	const char *at = rill_fse_dp_text(&size), *end = at + size, *next, *name;
	char *text = NULL;
	void *binary;
	FILE *out = open_memstream(&text, &out_size);

	for (; at < end; at = next) {
		next = memchr(at, '\n', (size_t)(end - at));
		next = next ? next + 1 : end;
		name = answers(at, question);
		if (name)
			fprintf(out, "op %s stream 1 -> 0 imm a %" PRIu64 " param 16\n", name, answer);
		else
			fwrite(at, 1, (size_t)(next - at), out);
	}
	fclose(out);
	binary = assemble(text, out_size, bytes);
	free(text);
	return binary;
}

void *rules_program_weights(const void *binary, size_t bytes, unsigned int chiplets, size_t *weights_bytes)
{
	struct rill_ndf_options options = { .capacity = RILL_RULES_CAPACITY };
	struct rill_ndf_verdict verdict;
	struct rill_ndf_program *program = rill_ndf_program_new(binary, bytes, &verdict);
	struct rill_ndf_engine *engine = program ? rill_ndf_engine_new(program, &options) : NULL;
	uint8_t *weights = NULL;
	unsigned int c;
	size_t each;

	if (engine) {
		each = rill_ndf_weights_bytes(program);
		*weights_bytes = chiplets * each;
		weights = malloc(*weights_bytes + 1);
		for (c = 0; weights && c < chiplets; c++)
			rill_ndf_weights_get(program, engine, weights + c * each);
	}
	rill_ndf_engine_free(engine);
	rill_ndf_program_free(program);
	return weights;
}

void rules_program_seal(void *binary, size_t bytes)
{
	struct rill_ndf_header header;

	memcpy(&header, binary, sizeof(header));
	header.crc = 0;
	memcpy(binary, &header, sizeof(header));
	header.crc = rill_ndf_crc32(binary, bytes);
	memcpy(binary, &header, sizeof(header));
}
