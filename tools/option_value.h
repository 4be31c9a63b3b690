/* SPDX-License-Identifier: MIT */
/* Values of options; what is wrong with one is said and ends the program. */
#ifndef RILL_TOOLS_OPTION_VALUE_H
#define RILL_TOOLS_OPTION_VALUE_H

#include <argp.h>
#include <stdint.h>

uint64_t option_number(struct argp_state *state, const char *field, const char *text, uint64_t least, uint64_t most);
/* Which of `names`; NULL ends them. */
unsigned int option_choice(struct argp_state *state, const char *field, const char *text, const char *const *names);

#endif
