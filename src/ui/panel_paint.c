/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "panel_paint.h"

#include <ncurses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "panel_big.h"

#define LINE_SIZE 1024
#define FULL_BLOCK "\xe2\x96\x88"
#define LIGHT_BLOCK "\xe2\x96\x91"
#define ELLIPSIS "\xe2\x80\xa6"

/* Bytes and columns of the character at `text`. */
static int character(const char *text, int *columns)
{
	wchar_t wide = 0;
	mbstate_t state = {0};
	size_t length = mbrtowc(&wide, text, strlen(text), &state);
	int width;

	*columns = 1;
	if (length == 0 || length > 6)
		return 1;
	width = wcwidth(wide);
	*columns = width < 0 ? 1 : width;
	return (int)length;
}

int paint_width(const char *text)
{
	int used = 0, columns;

	while (*text) {
		text += character(text, &columns);
		used += columns;
	}
	return used;
}

/* Bytes of `text` that fit into `wide` columns. */
static int cut(const char *text, int wide)
{
	int at = 0, used = 0, columns;

	while (text[at]) {
		int length = character(text + at, &columns);

		if (used + columns > wide)
			break;
		used += columns;
		at += length;
	}
	return at;
}

void paint_put(const struct panel_look *look, int line, int column, int wide, const char *text)
{
	const char *dots = look->utf8 ? ELLIPSIS : "...";
	char shown[LINE_SIZE];
	int fits = cut(text, wide), end;

	if (wide <= 0)
		return;
	if (!text[fits]) {
		snprintf(shown, sizeof(shown), "%s", text);
	} else {
		end = fits = cut(text, wide - (look->utf8 ? 1 : 3));
		while (end > fits / 2 && text[end] != ' ')
			end--;
		if (end <= fits / 2)
			end = fits; /* one long word */
		snprintf(shown, sizeof(shown), "%.*s%s", end, text, wide > 3 ? dots : "");
	}
	for (char *at = shown; !look->utf8 && *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	mvaddnstr(line, column, shown, cut(shown, wide));
}

void paint_format(const struct panel_look *look, int line, int column, int wide, const char *format,
		  ...)
{
	char text[LINE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	paint_put(look, line, column, wide, text);
}

void paint_add(const struct panel_look *look, struct box *box, const char *text)
{
	if (box->used < box->lines)
		paint_put(look, box->top + box->used++, box->left, box->wide, text);
}

void paint_wrapped(const struct panel_look *look, struct box *box, const char *text)
{
	char line[LINE_SIZE];

	while (*text && box->used < box->lines) {
		int fits = cut(text, box->wide), end = fits;

		if (text[fits] && box->used + 1 == box->lines) {
			paint_add(look, box, text); /* the rest is cut */
			return;
		}
		while (text[fits] && end > 0 && text[end] != ' ')
			end--;
		if (end == 0)
			end = fits;
		if (end == 0)
			return;
		snprintf(line, sizeof(line), "%.*s", end, text);
		paint_add(look, box, line);
		text += end;
		text += strspn(text, " ");
	}
}

void paint_use(const struct panel_look *look, enum palette_use use)
{
	if (look->colour)
		attrset((int)COLOR_PAIR(use));
	else
		attrset(use == PALETTE_PASS ? A_BOLD : A_REVERSE);
}

void paint_plain(void)
{
	attrset(A_NORMAL);
}

void paint_fill(const struct box *box)
{
	for (int i = 0; i < box->lines; i++)
		mvprintw(box->top + i, box->left, "%*s", box->wide, "");
}

void paint_banner(const struct panel_look *look, struct box *box, const char *text,
		  enum palette_use use)
{
	int wide = paint_width(text);

	if (box->used >= box->lines)
		return;
	if (wide > box->wide)
		wide = box->wide;
	paint_use(look, use);
	mvprintw(box->top + box->used, box->left, "%*s", box->wide, "");
	paint_put(look, box->top + box->used, box->left + (box->wide - wide) / 2, wide, text);
	paint_plain();
	box->used++;
}

bool paint_big(const struct panel_look *look, struct box *box, const char *word, int lines)
{
	struct big_size size;
	int left, columns, high;

	if (!big_fits(word, lines, box->wide, &size))
		return false;
	columns = big_columns(word, &size);
	high = BIG_LINES * size.high;
	left = box->left + (box->wide - columns) / 2;
	for (int line = 0; line < high; line++) {
		for (int column = 0; column < columns; column++) {
			if (!big_dot(word, &size, line, column))
				continue;
			mvaddstr(box->top + box->used + line, left + column,
				 look->utf8 ? FULL_BLOCK : "#");
		}
	}
	box->used += high;
	return true;
}

void paint_bar(const struct panel_look *look, struct box *box, unsigned permille)
{
	int full = box->wide * (int)permille / 1000;

	if (box->used >= box->lines)
		return;
	move(box->top + box->used++, box->left);
	for (int i = 0; i < box->wide; i++) {
		if (look->utf8)
			addstr(i < full ? FULL_BLOCK : LIGHT_BLOCK);
		else
			addch(i < full ? '#' : '.');
	}
}

void paint_clock(int64_t ms, char *to, size_t size)
{
	int64_t s = ms > 0 ? ms / 1000 : 0;

	if (s >= 3600)
		snprintf(to, size, "%lld:%02d:%02d", (long long)(s / 3600), (int)(s / 60 % 60),
			 (int)(s % 60));
	else
		snprintf(to, size, "%d:%02d", (int)(s / 60), (int)(s % 60));
}
