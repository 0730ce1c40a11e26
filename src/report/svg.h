/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Charts as SVG: a frame with scales, and lines and points in it. Tooltips are <title> elements,
 * which need no script. */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include <stddef.h>
#include <stdio.h>

#define SVG_WIDTH 760 /* of the plot, in user units; the frame is wider */
#define SVG_LEFT 56
#define SVG_RIGHT 16

struct svg {
	FILE *to;
	double low, high; /* of the vertical scale */
	double height;
	size_t count; /* places on the horizontal scale */
};

/* Begins a figure. `unit` follows the numbers of the vertical scale, which is `low` to `high` with
 * `digits` after the point; `below` is room for labels under the plot. */
void svg_begin(struct svg *svg, const char *title, const char *unit, int digits, double below);
void svg_end(struct svg *svg, const char *caption);

double svg_x(const struct svg *svg, size_t place); /* the middle of a place */
double svg_y(const struct svg *svg, double value); /* cut at the ends of the scale */

/* A label under a place, turned. Shown for one place in `every`. */
void svg_label(struct svg *svg, size_t place, const char *text);
size_t svg_label_every(const struct svg *svg);

/* A line over all places from `value`: at each place its own value, as steps; a value that is not a
 * number breaks it. */
void svg_steps(struct svg *svg, const char *style, const double *value);
void svg_line(struct svg *svg, const char *style, const double *value);

#endif
