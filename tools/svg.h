/* SPDX-License-Identifier: MIT */
/* A few shapes of SVG. Text is ASCII and is escaped; classes are those of svg_open()'s style sheet. */
#ifndef RILL_TOOLS_SVG_H
#define RILL_TOOLS_SVG_H

#include <stdio.h>

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };

/* style: lines of a style sheet, then NULL */
void svg_open(FILE *file, double width, double height, const char *const *style);
void svg_close(FILE *file);
void svg_text(FILE *file, double x, double y, enum svg_anchor anchor, const char *class,
	      const char *format, ...) __attribute__((format(printf, 6, 7)));
/* fill: "#rrggbb", or NULL where the class says it */
void svg_rect(FILE *file, double x, double y, double width, double height, const char *class,
	      const char *fill);
void svg_line(FILE *file, double x1, double y1, double x2, double y2, const char *class);

#endif
