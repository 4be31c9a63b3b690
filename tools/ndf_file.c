// SPDX-License-Identifier: MIT
/* rill ndf: files. */
#include "ndf.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILE (64u << 20)

enum key { KEY_FORM = 0x200, KEY_CAPACITY, KEY_LEARNING, KEY_WEIGHTS, KEY_SEED };

static const struct argp_option build_table[] = {
	{ "form", KEY_FORM, "FORM", 0, "fused, unfused or classic [fused]", 0 },
	{ "capacity", KEY_CAPACITY, "N", 0, "tokens that an arc can hold [as the file says, else 4]", 0 },
	{ "learning", KEY_LEARNING, "HOW", 0, "of plastic whens: learn, frozen or exact [learn]", 0 },
	{ "weights", KEY_WEIGHTS, "FILE", 0, "of plastic whens, from --save-weights", 0 },
	{ "seed", KEY_SEED, "N", 0, "of random streams [0]", 0 },
	{ 0 },
};

static void read_weights(struct argp_state *state, const char *path, struct ndf_options *options)
{
	char error[RILL_GRAPH_ERROR_BYTES], *text;
	size_t bytes;

	if (ndf_tool_read(path, &text, &bytes))
		argp_failure(state, 1, errno, "weights: %s", path);
	rill_weights_free(options->weights);
	options->weights = rill_weights_parse(path, text, bytes, error);
	options->build.weights = options->weights;
	free(text);
	if (!options->weights)
		argp_failure(state, 1, 0, "weights: %s", error);
}

static int parse_build(int key, char *arg, struct argp_state *state)
{
	static const char *const forms[] = { "fused", "unfused", "classic", NULL };
	static const char *const learnings[] = { "learn", "frozen", "exact", NULL };
	struct ndf_options *options = state->input;

	switch (key) {
	case KEY_FORM:
		options->build.form = option_choice(state, "form", arg, forms);
		options->form_given = true;
		return 0;
	case KEY_CAPACITY:
		options->build.capacity = (uint32_t)option_number(state, "capacity", arg, 1, RILL_NDF_MAX_CAPACITY);
		return 0;
	case KEY_LEARNING:
		options->build.learning = option_choice(state, "learning", arg, learnings);
		options->learning_given = true;
		return 0;
	case KEY_WEIGHTS:
		read_weights(state, arg, options);
		return 0;
	case KEY_SEED:
		options->build.seed = option_number(state, "seed", arg, 0, UINT64_MAX);
		return 0;
	case ARGP_KEY_ARG:
		if (options->file)
			argp_error(state, "'%s': one file is enough", arg);
		options->file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!options->file)
			argp_error(state, "a file is missing: FILE, or the name of a program that comes with rill");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp ndf_tool_build_argp = { .options = build_table, .parser = parse_build };

/* ---- reading ---- */

int ndf_tool_read(const char *path, char **data, size_t *bytes)
{
	FILE *file = fopen(path, "re");
	size_t room = 0, n;

	*data = NULL;
	*bytes = 0;
	if (!file)
		return -errno;
	do {
		if (*bytes == room) {
			char *grown = room < MAX_FILE ? realloc(*data, room ? room * 2 : 65536) : NULL;

			if (!grown) {
				errno = room < MAX_FILE ? ENOMEM : EFBIG;
				break;
			}
			*data = grown;
			room = room ? room * 2 : 65536;
		}
		n = fread(*data + *bytes, 1, room - *bytes, file);
		*bytes += n;
	} while (n);
	if (ferror(file) || !feof(file)) {
		int error = errno;

		fclose(file);
		free(*data);
		*data = NULL;
		errno = error;
		return error ? -error : -EIO;
	}
	fclose(file);
	return 0;
}

static bool is_folder_of(const char *base, const char *tail, char *folder)
{
	snprintf(folder, PATH_MAX, "%.2000s/%.100s", base, tail);
	return !access(folder, R_OK | X_OK);
}

const char *ndf_tool_program_folder(void)
{
	static char folder[PATH_MAX];
	char self[2048], *slash;
	ssize_t n;

	if (*folder)
		return folder;
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n > 0) {
		self[n] = '\0';
		slash = strrchr(self, '/');
		*slash = '\0';
		/* build/rill in the source tree; PREFIX/bin/rill; beside the program */
		if (is_folder_of(self, "../runtime/ndf/programs", folder) ||
		    is_folder_of(self, "../share/rill/programs", folder) || is_folder_of(self, "programs", folder))
			return folder;
	}
	if (is_folder_of("/usr/share/rill", "programs", folder))
		return folder;
	*folder = '\0';
	return folder;
}

static int find(const char *name, struct ndf_file *file)
{
	int ret;

	snprintf(file->path, sizeof(file->path), "%.4000s", name);
	ret = ndf_tool_read(name, &file->data, &file->bytes);
	if (ret != -ENOENT || strchr(name, '/'))
		return ret;
	snprintf(file->path, sizeof(file->path), "%.3000s/%.900s.ndf", ndf_tool_program_folder(), name);
	if (!*ndf_tool_program_folder() || ndf_tool_read(file->path, &file->data, &file->bytes)) {
		snprintf(file->path, sizeof(file->path), "%.4000s", name);
		return -ENOENT;
	}
	return 0;
}

int ndf_tool_open(const char *name, struct ndf_file *file)
{
	static const unsigned char magic[4] = { RILL_NDF_MAGIC & 0xff, RILL_NDF_MAGIC >> 8 & 0xff,
						RILL_NDF_MAGIC >> 16 & 0xff, RILL_NDF_MAGIC >> 24 };
	char error[RILL_GRAPH_ERROR_BYTES];
	int ret;

	memset(file, 0, sizeof(*file));
	ret = find(name, file);
	if (ret) {
		fprintf(stderr, "rill: %s: %s\n", file->path, strerror(-ret));
		return 1;
	}
	file->is_binary = file->bytes >= sizeof(magic) && !memcmp(file->data, magic, sizeof(magic));
	if (file->is_binary)
		return 0;
	file->program = rill_program_parse(file->path, file->data, file->bytes, error);
	if (file->program)
		return 0;
	fprintf(stderr, "rill: %s\n", error);
	ndf_tool_close(file);
	return 1;
}

void ndf_tool_close(struct ndf_file *file)
{
	rill_program_free(file->program);
	free(file->data);
	memset(file, 0, sizeof(*file));
}

struct rill_graph *ndf_tool_build(const struct ndf_file *file, const struct rill_build_options *build,
				  uint32_t *control_nodes)
{
	char error[RILL_GRAPH_ERROR_BYTES], why[RILL_GRAPH_ERROR_BYTES];
	struct rill_graph_counts counts;
	struct rill_graph *graph;

	if (file->is_binary) {
		graph = rill_graph_decode(file->data, file->bytes, why);
		if (!graph)
			snprintf(error, sizeof(error), "%.200s: %.300s", file->path, why);
		else if (build->capacity)
			rill_graph_capacity(graph, build->capacity);
		if (graph && rill_graph_load_weights(graph, build->weights)) {
			snprintf(error, sizeof(error), "%.200s: %.300s", file->path, rill_graph_error(graph));
			rill_graph_free(graph);
			graph = NULL;
		}
		if (graph && control_nodes) {
			rill_graph_count(graph, &counts);
			*control_nodes = counts.whens + counts.wheres;
		}
	} else {
		graph = rill_program_build(file->program, build, control_nodes, error);
	}
	if (!graph)
		fprintf(stderr, "rill: %s\n", error);
	return graph;
}

/* ---- writing ---- */

FILE *ndf_tool_create(const char *path)
{
	FILE *file = !path || !strcmp(path, "-") ? stdout : fopen(path, "we");

	if (!file)
		fprintf(stderr, "rill: %s: %s\n", path, strerror(errno));
	return file;
}

int ndf_tool_finish(FILE *file, const char *path)
{
	bool failed = ferror(file) || (file == stdout ? fflush(file) : fclose(file));

	if (failed)
		fprintf(stderr, "rill: %s: %s\n", path ? path : "standard output", strerror(errno));
	return failed;
}
