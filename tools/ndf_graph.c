// SPDX-License-Identifier: MIT
/* rill ndf graph */
#include "ndf.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct graph_options {
	struct ndf_options common;
	const char *output;
};

static const struct argp_option table[] = {
	{ "output", 'o', "FILE", 0, "FILE.svg is drawn by graphviz; else, and on standard output, DOT", 0 },
	{ 0 },
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct graph_options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->common;
		return 0;
	case 'o':
		options->output = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static bool ends_with(const char *text, const char *tail)
{
	size_t n = strlen(text), t = strlen(tail);

	return n > t && !strcmp(text + n - t, tail);
}

static const char doc[] =
	"Draw a program's graph: diamonds decide (when), blue boxes route (where), dashed arcs carry switches.";

extern char **environ;

/* `dot -Tsvg -o path`, which reads DOT from a temporary file. */
static int draw(FILE *dot, const char *path)
{
	const char *const argv[] = { "dot", "-Tsvg", "-o", path, NULL };
	posix_spawn_file_actions_t actions;
	int error, status = 0;
	pid_t pid;

	if (fflush(dot) || fseek(dot, 0, SEEK_SET)) {
		fprintf(stderr, "rill: temporary file: %s\n", strerror(errno));
		return 1;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fileno(dot), 0);
	error = posix_spawnp(&pid, "dot", &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error == ENOENT)
		fputs("rill: an SVG needs graphviz, but there is no program 'dot': install graphviz, or write DOT\n",
		      stderr);
	else if (error)
		fprintf(stderr, "rill: dot: %s\n", strerror(error));
	if (error)
		return 1;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	fprintf(stderr, "rill: dot failed on %s\n", path);
	return 1;
}

static int write_svg(struct rill_graph *graph, const char *path)
{
	FILE *dot = tmpfile();
	int ret;

	if (!dot) {
		fprintf(stderr, "rill: temporary file: %s\n", strerror(errno));
		return 1;
	}
	ret = rill_graph_dot(graph, dot) ? 1 : draw(dot, path);
	fclose(dot);
	return ret;
}

static int write_dot(struct rill_graph *graph, const char *path)
{
	FILE *to = ndf_tool_create(path);

	if (!to)
		return 1;
	rill_graph_dot(graph, to);
	return ndf_tool_finish(to, path);
}

int cmd_ndf_graph(int argc, char **argv)
{
	static const struct argp_child children[] = { { &ndf_tool_build_argp, 0, NULL, 0 }, { 0 } };
	const struct argp argp = { .options = table, .parser = parse, .children = children, .args_doc = "FILE",
				   .doc = doc };
	struct graph_options options = { 0 };
	struct rill_graph *graph = NULL;
	struct ndf_file file;
	int ret = 1;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!ndf_tool_open(options.common.file, &file)) {
		graph = ndf_tool_build(&file, &options.common.build, NULL);
		ndf_tool_close(&file);
	}
	if (graph)
		ret = options.output && ends_with(options.output, ".svg") ? write_svg(graph, options.output) :
									    write_dot(graph, options.output);
	rill_graph_free(graph);
	rill_weights_free(options.common.weights);
	return ret;
}
