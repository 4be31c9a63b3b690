// SPDX-License-Identifier: MIT
#include "timeline_svg.h"

#include "expert_tokens.h"
#include "palette.h"
#include "svg.h"
#include "timeline_marks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH		1400
#define LEFT		150.0		/* of the plot */
#define PLOT		1180.0		/* its width */
#define HEADER		112.0
#define PANEL_TITLE	34.0
#define PANEL_GAP	26.0
#define FOOTER		44.0

static const char *const style[] = {
	"text{font-family:'DejaVu Sans',Helvetica,Arial,sans-serif;fill:#222}",
	".title{font-size:20px;font-weight:bold}.sub{font-size:12.5px;fill:#555}",
	".panel{font-size:15px;font-weight:bold}.fact{font-size:12.5px;fill:#444}",
	".group{font-size:11.5px;font-weight:bold;fill:#444}.row{font-size:9px;fill:#666}",
	".tick{font-size:11px;fill:#444}.idle{fill:#efefef}",
	".grid{stroke:#fff;stroke-width:1;fill:none}.axis{stroke:#444;stroke-width:1;fill:none}",
	".bound{stroke:#111;stroke-width:1.5;stroke-dasharray:5 3;fill:none}",
	".end{stroke:#111;stroke-width:1.5;fill:none}.mark{font-size:11px;fill:#111}",
	NULL
};

struct picture {
	FILE *file;
	const struct drm_rill_chip_info *chip;
	const struct rill_layer *layer;
	struct rows rows;
	uint32_t *tokens, *rank, used;
	uint64_t span_ps;		/* of the axis */
	double tick_ms;
};

static double x_of(const struct picture *p, uint64_t ps)
{
	return LEFT + PLOT * ps / p->span_ps;
}

/* 1, 2 or 5 times a power of ten, some ten of them on the axis */
static double choose_tick(double span_ms)
{
	double tick = pow(10, floor(log10(span_ms / 10)));
	static const double steps[] = { 1, 2, 5, 10 };
	unsigned int i;

	for (i = 0; i < 3 && span_ms / (tick * steps[i]) > 12; i++)
		;
	return tick * steps[i];
}

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void header(const struct picture *p)
{
	const struct rill_model *model = p->layer->model;
	char shared[32] = "";

	if (model->shared)
		snprintf(shared, sizeof(shared), " + %u shared", model->shared);
	svg_text(p->file, 20, 32, SVG_START, "title", "%s, layer %u: %u tokens through the chip",
		 model->name, p->layer->layer, p->layer->tokens);
	svg_text(p->file, 20, 53, SVG_START, "sub",
		 "%u routed experts (top %u)%s, %u of them with tokens; routing: %s", model->experts,
		 model->top_k, shared, p->used, file_name(p->layer->routing.source));
	svg_text(p->file, 20, 71, SVG_START, "sub",
		 "%ux%u chiplets; %u DDR channels of %.1f GB/s; links of %.0f GB/s each way; %.2f TMAC/s and %.0f MiB of SRAM per chiplet",
		 p->chip->rows, p->chip->cols, p->chip->channels, p->chip->ddr_mbps / 1e3,
		 p->chip->link_mbps / 1e3, p->chip->mac_per_cycle * (p->chip->mac_khz / 1e9),
		 p->chip->sram_bytes / 1048576.0);
}

static void legend(const struct picture *p)
{
	uint32_t hottest = 0, coldest = UINT32_MAX, e;
	double x = 20, y = 84, wide = 240;
	char colour[8];
	unsigned int i;

	for (e = 0; e < p->layer->model->experts; e++) {
		hottest = p->tokens[e] > hottest ? p->tokens[e] : hottest;
		coldest = p->tokens[e] && p->tokens[e] < coldest ? p->tokens[e] : coldest;
	}
	svg_text(p->file, x, y + 11, SVG_START, "fact", "hottest expert (%u tokens)", hottest);
	x += 180;
	for (i = 0; i < 60; i++) {
		palette_heat((i + 0.5) / 60, colour);
		svg_rect(p->file, x + i * wide / 60, y, wide / 60 + 0.3, 13, "", colour);
	}
	x += wide + 10;
	svg_text(p->file, x, y + 11, SVG_START, "fact", "coldest (%u)", coldest);
	x += 110;
	if (p->layer->model->shared) {
		svg_rect(p->file, x, y, 22, 13, "", PALETTE_SHARED);
		svg_text(p->file, x + 29, y + 11, SVG_START, "fact", "shared experts (all tokens)");
		x += 215;
	}
	svg_rect(p->file, x, y, 22, 13, "", PALETTE_TOKENS);
	svg_text(p->file, x + 29, y + 11, SVG_START, "fact", "activations or results of a token");
	x += 255;
	svg_line(p->file, x, y + 6.5, x + 26, y + 6.5, "bound");
	svg_text(p->file, x + 33, y + 11, SVG_START, "fact", "the bound");
}

static void colour_of(const struct picture *p, uint32_t expert, char *text)
{
	if (expert == MARK_TOKENS)
		snprintf(text, 8, PALETTE_TOKENS);
	else if (expert >= p->layer->model->experts)
		snprintf(text, 8, PALETTE_SHARED);
	else
		palette_heat(p->used > 1 ? (double)p->rank[expert] / (p->used - 1) : 0, text);
}

static void background(const struct picture *p, double top)
{
	unsigned int i;
	double ms;

	for (i = 0; i < p->rows.count; i++) {
		const struct row *row = &p->rows.row[i];

		svg_rect(p->file, LEFT, top + row->y, PLOT,
			 row->height - (row->height > 4 ? 1 : 0), "idle", NULL);
	}
	for (ms = p->tick_ms; ms * 1e9 < p->span_ps; ms += p->tick_ms)
		svg_line(p->file, x_of(p, ms * 1e9), top, x_of(p, ms * 1e9), top + p->rows.height,
			 "grid");
}

static void axis(const struct picture *p, double y)
{
	double ms;

	svg_line(p->file, LEFT, y, LEFT + PLOT, y, "axis");
	for (ms = 0; ms * 1e9 <= p->span_ps; ms += p->tick_ms) {
		svg_line(p->file, x_of(p, ms * 1e9), y, x_of(p, ms * 1e9), y + 4, "axis");
		svg_text(p->file, x_of(p, ms * 1e9), y + 16, SVG_MIDDLE, "tick", "%g", ms);
	}
	svg_text(p->file, LEFT + PLOT + 12, y + 16, SVG_START, "tick", "ms");
}

static void label_rows(const struct picture *p, const struct pass_result *r,
		       const struct marks *marks, double top)
{
	static const char *const groups[] = { "DDR", "D2D links", "MAC arrays" };
	unsigned int i, kind;

	for (kind = 0; kind < ROW_KINDS; kind++)
		if (p->rows.first[kind] < p->rows.first[kind + 1])
			svg_text(p->file, 20, top + p->rows.row[p->rows.first[kind]].y + 11,
				 SVG_START, "group", "%s", groups[kind]);
	for (i = 0; i < p->rows.count; i++) {
		const struct row *row = &p->rows.row[i];
		double y = top + row->y + row->height / 2 + 3;

		if (row->height < 8)
			continue;
		svg_text(p->file, LEFT - 6, y, SVG_END, "row", "%s", row->label);
		svg_text(p->file, LEFT + PLOT + 6, y, SVG_START, "row", "%.1f %%",
			 r->finish_ps ? 100.0 * marks->busy_ps[i] / r->finish_ps : 0);
	}
}

static const char *bound_names(enum rill_bound by)
{
	static const char *const names[] = {
		[RILL_BOUND_DDR] = "DDR", [RILL_BOUND_MAC] = "MAC", [RILL_BOUND_LINK] = "link",
	};

	return names[by];
}

static void panel_title(const struct picture *p, const struct pass_result *r, double top)
{
	svg_text(p->file, 20, top + 18, SVG_START, "panel", "%s", r->strategy);
	svg_text(p->file, LEFT, top + 18, SVG_START, "fact",
		 "%.3f ms, %.3f times the %s bound of %.3f ms; peak SRAM %.2f MB (%.2f with accumulators); %.1f MB from DDR, %.1f MB over links",
		 r->finish_ps / 1e9, r->bound.ps ? (double)r->finish_ps / r->bound.ps : 0,
		 bound_names(r->bound.by), r->bound.ps / 1e9, r->peak_sram_weights_tokens / 1e6,
		 r->peak_sram / 1e6, r->ddr_bytes / 1e6, r->d2d_bytes / 1e6);
	svg_text(p->file, LEFT + PLOT + 6, top + 28, SVG_START, "row", "busy");
}

static int panel(const struct picture *p, const struct pass_result *r, double top)
{
	double plot = top + PANEL_TITLE, bottom = plot + p->rows.height;
	struct marks marks;
	char colour[8];
	uint32_t at;
	int ret = marks_make(r, &p->rows, p->span_ps / PLOT / 4, &marks);

	if (ret)
		return ret;
	panel_title(p, r, top);
	background(p, plot);
	for (at = 0; at < marks.count;) {
		colour_of(p, marks.mark[at].colour, colour);
		at = marks_draw(p->file, &marks, at, &p->rows, LEFT, plot, colour);
	}
	label_rows(p, r, &marks, plot);
	svg_line(p->file, x_of(p, r->bound.ps), plot - 5, x_of(p, r->bound.ps), bottom + 5, "bound");
	svg_line(p->file, x_of(p, r->finish_ps), plot - 5, x_of(p, r->finish_ps), bottom + 5, "end");
	marks_free(&marks);
	return 0;
}

static int draw(const struct picture *p, const struct pass_result *results, unsigned int count)
{
	double pitch = PANEL_TITLE + p->rows.height + PANEL_GAP;
	unsigned int i;
	int ret = 0;

	svg_open(p->file, WIDTH, HEADER + count * pitch - PANEL_GAP + FOOTER, style);
	header(p);
	legend(p);
	for (i = 0; i < count && !ret; i++)
		ret = panel(p, &results[i], HEADER + i * pitch);
	axis(p, HEADER + count * pitch - PANEL_GAP + 8);
	svg_close(p->file);
	return ret;
}

static int prepare(struct picture *p, struct rill_device *device, const struct pass_result *results,
		   unsigned int count)
{
	unsigned int i;
	int ret = rows_make(device, &p->rows);

	if (ret)
		return ret;
	p->tokens = expert_tokens(p->layer);
	p->rank = p->tokens ? palette_ranks(p->layer, p->tokens, &p->used) : NULL;
	if (!p->rank)
		return -ENOMEM;
	p->span_ps = 1;
	for (i = 0; i < count; i++) {
		if (results[i].finish_ps > p->span_ps)
			p->span_ps = results[i].finish_ps;
		if (results[i].interval_total > results[i].interval_count)
			fprintf(stderr, "rill: svg: %s has more intervals than the %u that were kept\n",
				results[i].strategy, results[i].interval_count);
	}
	p->span_ps += p->span_ps / 200;
	p->tick_ms = choose_tick(p->span_ps / 1e9);
	return 0;
}

int timeline_svg(const char *path, struct rill_device *device, const struct rill_layer *layer,
		 const struct pass_result *results, unsigned int count)
{
	struct picture p = { .chip = rill_device_chip(device), .layer = layer };
	int ret = prepare(&p, device, results, count);

	if (!ret) {
		p.file = fopen(path, "w");
		if (!p.file)
			ret = -errno;
	}
	if (!ret) {
		ret = draw(&p, results, count);
		if (fclose(p.file) && !ret)
			ret = -errno;
	}
	if (ret)
		fprintf(stderr, "rill: svg: cannot draw %s: %s\n", path, strerror(-ret));
	free(p.tokens);
	free(p.rank);
	return ret;
}
