// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"

int rill_moe_error(char *error, int code, const char *format, ...)
{
	va_list args;

	if (!error)
		return code;
	va_start(args, format);
	vsnprintf(error, RILL_ERROR_BYTES, format, args);
	va_end(args);
	return code;
}
