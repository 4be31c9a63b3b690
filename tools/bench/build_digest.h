/* SPDX-License-Identifier: MIT */
#ifndef RILL_BENCH_BUILD_DIGEST_H
#define RILL_BENCH_BUILD_DIGEST_H

#define BUILD_DIGEST_BYTES 17

/* Of this program's file, so that results tell which planners and chip made them. 0 or a negative errno. */
int build_digest(char *text);

#endif
