// SPDX-License-Identifier: MIT
/*
 * Wrong text must end in a sentence. The programs of the tree, and their graphs as text, with pieces of one another
 * put in, left out, doubled and changed, are assembled in all forms; what assembles is run a little, and
 * must print as text that assembles to the same binary. Usage: text_fuzz COUNT [SEED]
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rill_dataflow.h"

#define MAX_TEXTS	64
#define MAX_BYTES	32768
#define FIRINGS		2000

static char *texts[MAX_TEXTS];
static size_t sizes[MAX_TEXTS], text_count;
static uint64_t seed;
static unsigned long assembled, built, ran;

static uint64_t random_word(void)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static size_t below(size_t n)
{
	return n ? random_word() % n : 0;
}

static void die(const char *what, const char *text, size_t size)
{
	fprintf(stderr, "text_fuzz: %s:\n%.*s\n", what, (int)size, text);
	exit(1);
}

static void keep(const char *text, size_t size)
{
	if (text_count == MAX_TEXTS || size > MAX_BYTES / 2)
		return;
	texts[text_count] = malloc(size);
	memcpy(texts[text_count], text, size);
	sizes[text_count++] = size;
}

static void *encode(struct rill_graph *graph, size_t *bytes)
{
	void *binary;

	return rill_graph_encode(graph, &binary, bytes) ? NULL : binary;
}

static char *print(struct rill_graph *graph, size_t *size)
{
	char *text;
	FILE *file = open_memstream(&text, size);

	rill_graph_print(graph, file);
	fclose(file);
	return text;
}

static void load(const char *path)
{
	const struct rill_build_options options = { .form = RILL_FUSED };
	char *text = malloc(MAX_BYTES), error[RILL_GRAPH_ERROR_BYTES], *printed;
	struct rill_program *program;
	struct rill_graph *graph;
	FILE *file = fopen(path, "re");
	size_t size = file ? fread(text, 1, MAX_BYTES, file) : 0;

	if (file)
		fclose(file);
	program = rill_program_parse(path, text, size, error);
	if (!program)
		die(error, text, size);
	keep(text, size);
	graph = rill_program_build(program, &options, NULL, error);
	printed = print(graph, &size);
	keep(printed, size);
	free(printed);
	rill_graph_free(graph);
	rill_program_free(program);
	free(text);
}

/* A place between two words, more often than not */
static size_t place(const char *text, size_t size)
{
	size_t at = below(size);

	while (at < size && below(8) && text[at] != ' ' && text[at] != '\n')
		at++;
	return at;
}

static size_t mutate(char *to, const char *text, size_t size)
{
	static const char *const spice[] = {
		"{", "}", "(", ")", "while 1 {", "if x {", "0", "-1", "9223372036854775807", "1e308", "\"", "@", "#",
		" and ", " = ", "case a { 0: {", "func f(a) -> (b) {", "switch", "99999", ":", "->", "\\x00",
		"unfused ",
	};
	size_t from = below(text_count), at, length, start;

	memcpy(to, text, size);
	at = place(to, size);
	switch (below(5)) {
	case 0:		/* a piece of another text */
		start = place(texts[from], sizes[from]);
		length = below(sizes[from] - start);
		length = length > 80 && below(4) ? 80 : length;
		length = length > MAX_BYTES - size ? MAX_BYTES - size : length;
		memmove(to + at + length, to + at, size - at);
		memcpy(to + at, texts[from] + start, length);
		return size + length;
	case 1:		/* a piece less */
		length = below(size - at);
		length = length > 20 && below(4) ? 20 : length;
		memmove(to + at, to + at + length, size - at - length);
		return size - length;
	case 2:		/* another character */
		if (at < size)
			to[at] = (char)random_word();
		return size;
	default:	/* a word of the language */
		start = below(sizeof(spice) / sizeof(spice[0]));
		length = strlen(spice[start]);
		if (length > MAX_BYTES - size)
			return size;
		memmove(to + at + length, to + at, size - at);
		memcpy(to + at, spice[start], length);
		return size + length;
	}
}

static void run(struct rill_graph *graph, const char *text, size_t size)
{
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_run *run = rill_run_new(graph, 0, error);
	FILE *nowhere = fopen("/dev/null", "we");
	enum rill_ndf_end end;

	if (!run) {
		if (!strstr(error, "out of memory"))
			die(error, text, size);
		fclose(nowhere);
		return;
	}
	end = rill_run_go(run, FIRINGS, FIRINGS);
	rill_run_explain(run, end, nowhere);
	fclose(nowhere);
	rill_run_free(run);
	ran++;
}

static void round_trip(struct rill_graph *graph, const char *text, size_t size)
{
	const struct rill_build_options as_is = { 0 };
	size_t bytes = 0, again = 0, length;
	char error[RILL_GRAPH_ERROR_BYTES], *printed = print(graph, &length);
	struct rill_program *program = rill_program_parse("printed", printed, length, error);
	struct rill_graph *other = program ? rill_program_build(program, &as_is, NULL, error) : NULL;
	void *a = encode(graph, &bytes), *b = other ? encode(other, &again) : NULL;

	if (!a || !b || bytes != again || memcmp(a, b, bytes)) {
		fprintf(stderr, "%s\n", error);
		die("does not print as what it is", text, size);
	}
	free(a);
	free(b);
	free(printed);
	rill_graph_free(other);
	rill_program_free(program);
}

static void try(const char *text, size_t size)
{
	struct rill_build_options options = { .capacity = (uint32_t)below(4) };
	char error[RILL_GRAPH_ERROR_BYTES] = "";
	struct rill_program *program = rill_program_parse("text", text, size, error);
	struct rill_graph *graph;
	int form;

	if (!program) {
		if (!*error)
			die("no error", text, size);
		return;
	}
	assembled++;
	for (form = 0; form < 3; form++) {
		options.form = form;
		options.learning = (enum rill_learning)below(3);
		*error = '\0';
		graph = rill_program_build(program, &options, NULL, error);
		if (!graph && !*error)
			die("no error", text, size);
		if (!graph)
			continue;
		built++;
		round_trip(graph, text, size);
		run(graph, text, size);
		rill_graph_free(graph);
	}
	rill_program_free(program);
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 0, i;
	char *text = malloc(2 * MAX_BYTES), *other = malloc(2 * MAX_BYTES), *swap;
	size_t size, n, k;
	glob_t paths;

	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	if (!count || glob("runtime/ndf/programs/*.ndf", 0, NULL, &paths)) {
		fprintf(stderr, "usage: text_fuzz COUNT [SEED], from the top of the tree\n");
		return 2;
	}
	for (k = 0; k < paths.gl_pathc; k++)
		load(paths.gl_pathv[k]);
	globfree(&paths);
	for (i = 0; i < count; i++) {
		k = below(text_count);
		size = sizes[k];
		memcpy(text, texts[k], size);
		for (n = 1 + below(4); n--;) {
			size = mutate(other, text, size);
			swap = text;
			text = other;
			other = swap;
		}
		try(text, size);
	}
	printf("text_fuzz: %lu texts: %lu were right, %lu graphs, %lu runs\n", count, assembled, built, ran);
	for (k = 0; k < text_count; k++)
		free(texts[k]);
	free(text);
	free(other);
	/* A fuzzer that never gets through tests the lexer alone. */
	return assembled * 50 > count && built ? 0 : 1;
}
