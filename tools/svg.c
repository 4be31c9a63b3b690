// SPDX-License-Identifier: MIT
#include "svg.h"

#include <stdarg.h>

void svg_open(FILE *file, double width, double height, const char *const *style)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", file);
	fprintf(file, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" ", width,
		height);
	fprintf(file, "viewBox=\"0 0 %g %g\">\n<style>\n", width, height);
	for (; *style; style++)
		fprintf(file, "%s\n", *style);
	fputs("</style>\n", file);
	fprintf(file, "<rect width=\"%g\" height=\"%g\" fill=\"#ffffff\"/>\n", width, height);
}

void svg_close(FILE *file)
{
	fputs("</svg>\n", file);
}

/* XML 1.0 has no control characters, and file names need not be UTF-8. */
static void escape(FILE *file, const char *text)
{
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '<')
			fputs("&lt;", file);
		else if (c == '>')
			fputs("&gt;", file);
		else if (c == '&')
			fputs("&amp;", file);
		else if (c < ' ' || c > '~')
			fputc('?', file);
		else
			fputc(c, file);
	}
}

void svg_text(FILE *file, double x, double y, enum svg_anchor anchor, const char *class,
	      const char *format, ...)
{
	static const char *const anchors[] = { "start", "middle", "end" };
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">", x, y,
		anchors[anchor], class);
	escape(file, text);
	fputs("</text>\n", file);
}

void svg_rect(FILE *file, double x, double y, double width, double height, const char *class,
	      const char *fill)
{
	fprintf(file, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" class=\"%s\"", x, y,
		width, height, class);
	if (fill)
		fprintf(file, " fill=\"%s\"", fill);
	fputs("/>\n", file);
}

void svg_line(FILE *file, double x1, double y1, double x2, double y2, const char *class)
{
	fprintf(file, "<path d=\"M%.2f %.2fL%.2f %.2f\" class=\"%s\"/>\n", x1, y1, x2, y2, class);
}
