// SPDX-License-Identifier: MIT
#include "bench/results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int complain(const char *path, int ret)
{
	fprintf(stderr, "rill bench: %s: %s\n", path,
		ret == -EBUSY ? "another rill bench is writing it" : strerror(-ret));
	return ret;
}

static char *read_all(int fd, size_t *length)
{
	struct stat stat;
	char *text;
	ssize_t piece;

	*length = 0;
	if (fstat(fd, &stat))
		return NULL;
	text = malloc(stat.st_size + 1);
	while (text && *length < (size_t)stat.st_size) {
		piece = pread(fd, text + *length, stat.st_size - *length, *length);
		if (piece < 0) {
			free(text);
			return NULL;
		}
		if (!piece)
			break;
		*length += piece;
	}
	if (text)
		text[*length] = '\0';
	return text;
}

static int take_line(struct results *results, const char *line, size_t length, const char *build)
{
	json_t *object = json_loadb(line, length, 0, NULL);
	const char *key = json_string_value(json_object_get(object, "key"));
	const char *made_by = json_string_value(json_object_get(object, "build"));
	int ret = 0;

	if (!key)
		results->broken++;
	else if (build && (!made_by || strcmp(build, made_by)))
		results->other_build++;
	else
		ret = string_set_put(&results->keys, key, 0);
	json_decref(object);
	return ret;
}

/* A line without its end was being written when its writer was stopped. */
static int read_keys(struct results *results, const char *build)
{
	size_t length, at = 0;
	char *text = read_all(results->fd, &length), *end;
	int ret = text ? 0 : -ENOMEM;

	while (!ret && at < length && (end = memchr(text + at, '\n', length - at))) {
		ret = take_line(results, text + at, end - text - at, build);
		at = end - text + 1;
	}
	if (!ret && at < length) {
		results->repaired = length - at;
		if (ftruncate(results->fd, at))
			ret = -errno;
	}
	free(text);
	return ret;
}

int results_open(const char *path, const char *build, struct results *results)
{
	int ret = 0;

	*results = (struct results){ .path = path };
	results->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (results->fd < 0)
		return complain(path, -errno);
	if (flock(results->fd, LOCK_EX | LOCK_NB))
		ret = errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (!ret)
		ret = read_keys(results, build);
	if (ret) {
		results_close(results);
		return complain(path, ret);
	}
	if (results->repaired)
		fprintf(stderr, "rill bench: %s: cut off a torn last line of %zu bytes\n", path,
			results->repaired);
	if (results->broken)
		fprintf(stderr, "rill bench: %s: %zu lines are no results, passed over\n", path,
			results->broken);
	return 0;
}

int results_append(struct results *results, const char *line, size_t length)
{
	while (length) {
		ssize_t written = write(results->fd, line, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return complain(results->path, -errno);
		line += written;
		length -= written;
	}
	return 0;
}

void results_close(struct results *results)
{
	string_set_free(&results->keys);
	if (results->fd >= 0)
		close(results->fd);
	results->fd = -1;
}
