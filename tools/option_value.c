// SPDX-License-Identifier: MIT
#include "option_value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

uint64_t option_number(struct argp_state *state, const char *field, const char *text, uint64_t least, uint64_t most)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-' || value < least || value > most)
		argp_error(state, "%s: '%s' is not a number in %" PRIu64 "..%" PRIu64, field, text, least, most);
	return value;
}

unsigned int option_choice(struct argp_state *state, const char *field, const char *text, const char *const *names)
{
	unsigned int i;

	for (i = 0; names[i]; i++) {
		if (!strcmp(text, names[i]))
			return i;
	}
	argp_error(state, "%s: '%s' is not one of its values, see --help", field, text);
	return 0;
}
