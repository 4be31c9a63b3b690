/* SPDX-License-Identifier: MIT */
/* One run of rill sim in a process of its own, so that nothing that befalls it befalls the sweep. */
#ifndef RILL_BENCH_ATTEMPT_H
#define RILL_BENCH_ATTEMPT_H

#include <jansson.h>

struct attempt {
	json_t *json;			/* what --json wrote; NULL if it failed */
	char error[512];		/* its last line on standard error, or how it ended; "" if well */
	bool verify_failed;		/* outputs differ from the reference */
	double seconds;			/* all of it */
};

/*
 * args, then extra (each NULL-terminated), then --json. It is ended after `timeout` seconds. 0, or a
 * negative errno if it could not even be tried.
 */
int attempt_run(char *const *args, char *const *extra, unsigned int timeout, struct attempt *attempt);
void attempt_free(struct attempt *attempt);

#endif
