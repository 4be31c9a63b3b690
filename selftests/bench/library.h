/* SPDX-License-Identifier: MIT */
/*
 * What oneDNN takes for products of int8: the fastest of its routines that are exact on this
 * processor, on one thread, with the weights in the form that it likes best.
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include <stddef.h>

struct library;

/* NULL: out of memory, or no routine is exact. */
struct library *library_open(void);
void library_close(struct library *library);
/* Version, and the routines that are exact */
const char *library_name(const struct library *library);

/*
 * Processor seconds of a product [m][k] . [k][n]. Weights come from memory, as they do in a pass:
 * each call takes others.
 */
double library_seconds(struct library *library, size_t m, size_t n, size_t k);

/* Processor time of this thread */
double processor_seconds(void);

#endif
