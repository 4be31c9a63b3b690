/* SPDX-License-Identifier: MIT */
/* Valid dataflow binaries to mutate, and mutations that know where fields are. */
#ifndef RILL_NDF_CORPUS_H
#define RILL_NDF_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CORPUS		96u

struct sample {
	uint8_t *bytes;
	size_t size;
};

void corpus_make(struct sample *corpus);
void corpus_free(struct sample *corpus);

/*
 * A mutated copy in exactly as many bytes as it has, so that the sanitizer sees a step outside. Most often
 * with a good CRC.
 */
struct sample corpus_mutate(const struct sample *from, uint64_t *random);

/*
 * A program that was accepted and whose outcome does not depend on the order: no EVENT, no memory, no STREAM,
 * no sink that ends it early
 */
bool corpus_is_kahn(const struct sample *s);

uint64_t corpus_random(uint64_t *random);

#endif
