// SPDX-License-Identifier: MIT
#include "bench/pool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_JOBS 256

struct worker {
	pid_t pid;			/* 0: idle */
	int out;
	const struct point *point;
};

struct pool {
	const struct points *points;
	const struct point_options *options;
	struct results *results;
	struct pool_totals *totals;
	struct progress progress;
	unsigned int jobs, busy;
	size_t next;
	struct worker worker[MAX_JOBS];
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	stopped = number;
}

static int write_line(int fd, json_t *line)
{
	char *text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(9));
	int ret = text ? dprintf(fd, "%s\n", text) : -1;

	free(text);
	return ret;
}

static void work(const struct pool *pool, const struct worker *worker)
{
	json_t *line;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(pool->results->fd);	/* its lock is to end with the parent */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	line = point_run(worker->point, pool->options);
	_exit(line && write_line(worker->out, line) > 0 ? 0 : 1);
}

static int start(struct pool *pool, struct worker *worker, const struct point *point)
{
	worker->point = point;
	worker->out = memfd_create("line", MFD_CLOEXEC);
	if (worker->out < 0)
		return -errno;
	fflush(NULL);
	worker->pid = fork();
	if (!worker->pid)
		work(pool, worker);
	if (worker->pid > 0) {
		pool->busy++;
		return 0;
	}
	worker->pid = 0;
	close(worker->out);
	return -errno;
}

static const struct point *next_point(struct pool *pool)
{
	while (pool->next < pool->points->count) {
		const struct point *point = &pool->points->point[pool->next++];

		if (!string_set_find(&pool->results->keys, point->key, NULL))
			return point;
	}
	return NULL;
}

static bool is_text(json_t *object, const char *key, const char *text)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value && !strcmp(value, text);
}

/* Returns whether it has an error. */
static bool count(struct pool *pool, const char *text, size_t length)
{
	json_t *line = json_loadb(text, length, 0, NULL), *result = json_object_get(line, "result");
	bool error = json_object_get(line, "error"), enlarged = json_object_get(line, "sram_enlarged");

	pool->totals->run++;
	pool->totals->errors += error && !enlarged;
	pool->totals->enlarged += enlarged;
	pool->totals->verified += json_integer_value(json_object_get(result, "verified")) > 0;
	if (is_text(line, "verify", "failed")) {
		pool->totals->verify_failed++;
		fprintf(stderr, "%srill bench: %s: %s\n", pool->progress.terminal ? "\r\033[K" : "",
			json_string_value(json_object_get(line, "key")),
			json_string_value(json_object_get(line, "error")));
	}
	json_decref(line);
	return error && !enlarged;
}

static int finish(struct pool *pool, struct worker *worker, int status)
{
	off_t length = lseek(worker->out, 0, SEEK_END);
	char *text = malloc(length > 0 ? length : 1);
	int ret = -ENOMEM;

	worker->pid = 0;
	pool->busy--;
	if (text && WIFEXITED(status) && !WEXITSTATUS(status) &&
	    pread(worker->out, text, length, 0) == length) {
		ret = results_append(pool->results, text, length);
		if (!ret)
			progress_step(&pool->progress, count(pool, text, length));
	} else if (!stopped) {
		fprintf(stderr, "rill bench: %s: out of memory or processes\n", worker->point->key);
	}
	free(text);
	close(worker->out);
	return ret;
}

static int wait_one(struct pool *pool)
{
	unsigned int i;
	int status;
	pid_t pid = wait(&status);

	if (pid < 0)
		return errno == EINTR ? 0 : -errno;
	for (i = 0; i < pool->jobs; i++)
		if (pool->worker[i].pid == pid)
			return finish(pool, &pool->worker[i], status);
	return 0;
}

static void end_workers(struct pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->jobs; i++) {
		if (!pool->worker[i].pid)
			continue;
		kill(pool->worker[i].pid, SIGKILL);
		waitpid(pool->worker[i].pid, NULL, 0);
		close(pool->worker[i].out);
	}
}

static int run(struct pool *pool)
{
	const struct point *point = next_point(pool);
	unsigned int i;
	int ret = 0;

	while (!ret && !stopped && (point || pool->busy)) {
		for (i = 0; !ret && point && i < pool->jobs; i++) {
			if (pool->worker[i].pid)
				continue;
			ret = start(pool, &pool->worker[i], point);
			point = next_point(pool);
		}
		if (!ret)
			ret = wait_one(pool);
	}
	end_workers(pool);
	return stopped ? -EINTR : ret;
}

int pool_run(const struct points *points, const struct point_options *options, unsigned int jobs,
	     struct results *results, struct pool_totals *totals)
{
	struct sigaction action = { .sa_handler = stop }, old_int, old_term;
	struct pool *pool = calloc(1, sizeof(*pool));
	size_t i, todo = 0;
	int ret;

	if (!pool)
		return -ENOMEM;
	*pool = (struct pool){ .points = points, .options = options, .results = results,
			       .totals = totals, .jobs = jobs < MAX_JOBS ? jobs : MAX_JOBS };
	*totals = (struct pool_totals){ 0 };
	for (i = 0; i < points->count; i++)
		todo += !string_set_find(&results->keys, points->point[i].key, NULL);
	sigaction(SIGINT, &action, &old_int);
	sigaction(SIGTERM, &action, &old_term);
	progress_begin(&pool->progress, todo);
	ret = run(pool);
	progress_end(&pool->progress);
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGTERM, &old_term, NULL);
	free(pool);
	return ret;
}
