// SPDX-License-Identifier: MIT
#include <stdbool.h>

#include "bench/attempt.h"
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_ARGS	64
#define TEXT_BYTES	8192		/* of standard error that is looked at */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void add_args(char **argv, int *argc, char *const *args)
{
	for (; args && *args && *argc < MAX_ARGS - 2; args++)
		argv[(*argc)++] = *args;
}

/* In the child: never returns. */
static void child(char *const *args, char *const *extra, unsigned int timeout, int out, int err)
{
	char name[] = "sim";
	int null = open("/dev/null", O_RDWR), argc = 0;
	char *argv[MAX_ARGS], json[48];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	alarm(timeout);
	snprintf(json, sizeof(json), "--json=/dev/fd/%d", out);
	argv[argc++] = name;
	add_args(argv, &argc, args);
	add_args(argv, &argc, extra);
	argv[argc++] = json;
	argv[argc] = NULL;
	exit(cmd_sim(argc, argv));
}

static void chop(char *line)
{
	line[strcspn(line, "\n")] = '\0';
}

/* The last line that is not a hint; where outputs differ, the first that tells of it. */
static void read_error(int fd, struct attempt *attempt)
{
	char text[TEXT_BYTES], *line, *rest, *last = NULL;
	ssize_t length = pread(fd, text, sizeof(text) - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (strstr(line, ": got ") && strstr(line, ", want ")) {
			attempt->verify_failed = true;
			last = line;
			break;
		}
		if (strncmp(line, "Try `", 5))
			last = line;
	}
	if (!last)
		return;
	if (!strncmp(last, "rill: ", 6))
		last += 6;
	snprintf(attempt->error, sizeof(attempt->error), "%.500s", last);
	chop(attempt->error);
}

static void explain(int status, unsigned int timeout, struct attempt *attempt)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(attempt->error, sizeof(attempt->error), "stopped after %u s", timeout);
	else if (WIFSIGNALED(status))
		snprintf(attempt->error, sizeof(attempt->error), "ended by signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (!attempt->error[0])
		snprintf(attempt->error, sizeof(attempt->error), "exit status %d without a word",
			 WEXITSTATUS(status));
}

static void collect(int out, int err, int status, unsigned int timeout, struct attempt *attempt)
{
	json_error_t error;

	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		read_error(err, attempt);
		explain(status, timeout, attempt);
		return;
	}
	lseek(out, 0, SEEK_SET);
	attempt->json = json_loadfd(out, JSON_DISABLE_EOF_CHECK, &error);
	if (!attempt->json)
		snprintf(attempt->error, sizeof(attempt->error), "its JSON: %.200s", error.text);
}

int attempt_run(char *const *args, char *const *extra, unsigned int timeout, struct attempt *attempt)
{
	int out = memfd_create("json", 0), err = memfd_create("stderr", 0), status = 0, ret = 0;
	double start = now();
	pid_t pid = -1;

	*attempt = (struct attempt){ 0 };
	if (out >= 0 && err >= 0)
		pid = fork();
	if (!pid)
		child(args, extra, timeout, out, err);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		ret = -errno;
	else
		collect(out, err, status, timeout, attempt);
	attempt->seconds = now() - start;
	if (out >= 0)
		close(out);
	if (err >= 0)
		close(err);
	return ret;
}

void attempt_free(struct attempt *attempt)
{
	json_decref(attempt->json);
	*attempt = (struct attempt){ 0 };
}
