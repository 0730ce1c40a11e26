/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svg.h"

#include <math.h>

#include "html.h"

#define TICKS 4
#define LABELS_MAX 40

/* 1, 2 or 5 times a power of ten, so that about TICKS of them fill the range. */
static double tick_of(double range)
{
	double rough = range / TICKS, power = pow(10, floor(log10(rough)));
	double factor = rough / power;

	return (factor > 5 ? 10 : factor > 2 ? 5 : factor > 1 ? 2 : 1) * power;
}

static void put_scale(struct svg *svg, const char *unit, int digits)
{
	double tick = tick_of(svg->high - svg->low);

	for (double at = ceil(svg->low / tick - 1e-6) * tick; at <= svg->high + tick * 1e-6;
	     at += tick) {
		double y = svg_y(svg, at);
		double shown = fabs(at) < tick / 2 ? 0 : at; /* not -0 */

		fprintf(svg->to,
			"<line class=\"grid\" x1=\"0\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/><text "
			"class=\"end\" x=\"-6\" y=\"%.1f\">%.*f%s</text>\n",
			y, SVG_WIDTH, y, y + 4, digits, shown, unit);
	}
}

void svg_begin(struct svg *svg, const char *title, const char *unit, int digits, double below)
{
	if (!(svg->high > svg->low))
		svg->high = svg->low + 1;
	fprintf(svg->to, "<svg viewBox=\"-%d -12 %d %.0f\" width=\"%d\" role=\"img\" aria-label=\"",
		SVG_LEFT, SVG_LEFT + SVG_WIDTH + SVG_RIGHT, svg->height + below + 18,
		SVG_LEFT + SVG_WIDTH + SVG_RIGHT);
	html_text(svg->to, title);
	fputs("\">\n", svg->to);
	put_scale(svg, unit, digits);
	fprintf(svg->to, "<line class=\"axis\" x1=\"0\" y1=\"%.0f\" x2=\"%d\" y2=\"%.0f\"/>\n",
		svg->height, SVG_WIDTH, svg->height);
}

void svg_end(struct svg *svg, const char *caption)
{
	fputs("</svg>\n", svg->to);
	if (caption)
		fprintf(svg->to, "<p class=\"note\">%s</p>\n", caption);
}

double svg_x(const struct svg *svg, size_t place)
{
	return SVG_WIDTH * ((double)place + 0.5) / (double)(svg->count ? svg->count : 1);
}

double svg_y(const struct svg *svg, double value)
{
	double share = (value - svg->low) / (svg->high - svg->low);

	return svg->height * (1 - fmin(1, fmax(0, share)));
}

size_t svg_label_every(const struct svg *svg)
{
	return svg->count / LABELS_MAX + 1;
}

void svg_label(struct svg *svg, size_t place, const char *text)
{
	if (place % svg_label_every(svg) != 0)
		return;
	fprintf(svg->to, "<text class=\"end\" transform=\"translate(%.1f %.0f) rotate(-60)\">",
		svg_x(svg, place) + 4, svg->height + 12);
	html_text(svg->to, text);
	fputs("</text>\n", svg->to);
}

static void put_path(struct svg *svg, const char *style, const double *value, int steps)
{
	double half = SVG_WIDTH / 2.0 / (double)(svg->count ? svg->count : 1);
	int drawn = 0;

	fprintf(svg->to, "<path class=\"%s\" d=\"", style);
	for (size_t i = 0; i < svg->count; i++) {
		double x = svg_x(svg, i), y = svg_y(svg, value[i]);

		if (isnan(value[i])) {
			drawn = 0;
			continue;
		}
		if (steps)
			fprintf(svg->to, "%c%.1f %.1fH%.1f", drawn ? 'L' : 'M', x - half, y,
				x + half);
		else
			fprintf(svg->to, "%c%.1f %.1f", drawn ? 'L' : 'M', x, y);
		drawn = 1;
	}
	fputs("\"/>\n", svg->to);
}

void svg_steps(struct svg *svg, const char *style, const double *value)
{
	put_path(svg, style, value, 1);
}

void svg_line(struct svg *svg, const char *style, const double *value)
{
	put_path(svg, style, value, 0);
}
