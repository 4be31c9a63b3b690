// SPDX-License-Identifier: MIT
/* rill ndf graph */
#include "ndf_output.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
	struct ndf_output output = { 0 };
	struct rill_graph *graph;
	int ret = 1;

	graph = ndf_output_build(argc, argv, "FILE.svg is drawn by graphviz; else, and on standard output, DOT", doc,
				 &output);
	if (graph)
		ret = output.path && ends_with(output.path, ".svg") ? write_svg(graph, output.path) :
								      write_dot(graph, output.path);
	ndf_output_free(&output, graph);
	return ret;
}
