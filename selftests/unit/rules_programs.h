/* SPDX-License-Identifier: MIT */
/* Programs of rules for tests. */
#ifndef RILL_RULES_PROGRAMS_H
#define RILL_RULES_PROGRAMS_H

#include <stddef.h>
#include <stdint.h>

/* From malloc(); NULL and a line on standard error: it does not assemble. */
void *rules_program_built_in(size_t *bytes);
/* With a learning rate of eta; 0: it never learns */
void *rules_program_learned(unsigned int eta, size_t *bytes);
/* It learns, and of its plastic WHENs the second has one weight, so that padding follows. */
void *rules_program_padded(size_t *bytes);
/* The built-in rules, but this question (enum rill_rules_question) always has this answer. */
void *rules_program_constant(unsigned int question, uint64_t answer, size_t *bytes);
/* Its weights, for each of so many chiplets */
void *rules_program_weights(const void *binary, size_t bytes, unsigned int chiplets, size_t *weights_bytes);
/* The binary with its header's CRC made right again */
void rules_program_seal(void *binary, size_t bytes);

#endif
