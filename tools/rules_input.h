/* SPDX-License-Identifier: MIT */
/* --rules: by which program slices move. */
#ifndef RILL_TOOLS_RULES_INPUT_H
#define RILL_TOOLS_RULES_INPUT_H

#include <stddef.h>

/* builtin (*binary is NULL then), ndf, learned, or a FILE: text or binary. Prints what is wrong. 0 if all is well. */
int rules_input(const char *name, void **binary, size_t *bytes);
/* A line about the program's size */
void rules_describe(const void *binary, size_t bytes);

#endif
