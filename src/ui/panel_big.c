/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "panel_big.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define LETTER 5 /* dots, and one of space */
#define NARROW 3

/* Five lines of five dots each, the left one in bit 4; and of three dots, where there is less room.
 */
static const struct {
	char letter;
	unsigned char line[BIG_LINES], narrow[BIG_LINES];
} letters[] = {
	{'A', {14, 17, 31, 17, 17}, {2, 5, 7, 5, 5}}, {'B', {30, 17, 30, 17, 30}, {6, 5, 6, 5, 6}},
	{'C', {15, 16, 16, 16, 15}, {7, 4, 4, 4, 7}}, {'D', {30, 17, 17, 17, 30}, {6, 5, 5, 5, 6}},
	{'E', {31, 16, 30, 16, 31}, {7, 4, 6, 4, 7}}, {'F', {31, 16, 30, 16, 16}, {7, 4, 6, 4, 4}},
	{'G', {15, 16, 19, 17, 15}, {7, 4, 5, 5, 7}}, {'H', {17, 17, 31, 17, 17}, {5, 5, 7, 5, 5}},
	{'I', {14, 4, 4, 4, 14}, {7, 2, 2, 2, 7}},    {'J', {7, 2, 2, 18, 12}, {1, 1, 1, 5, 7}},
	{'K', {17, 18, 28, 18, 17}, {5, 5, 6, 5, 5}}, {'L', {16, 16, 16, 16, 31}, {4, 4, 4, 4, 7}},
	{'M', {17, 27, 21, 17, 17}, {5, 7, 7, 5, 5}}, {'N', {17, 25, 21, 19, 17}, {7, 5, 5, 5, 5}},
	{'O', {14, 17, 17, 17, 14}, {7, 5, 5, 5, 7}}, {'P', {30, 17, 30, 16, 16}, {7, 5, 7, 4, 4}},
	{'Q', {14, 17, 21, 18, 13}, {7, 5, 5, 7, 1}}, {'R', {30, 17, 30, 18, 17}, {7, 5, 6, 5, 5}},
	{'S', {15, 16, 14, 1, 30}, {7, 4, 7, 1, 7}},  {'T', {31, 4, 4, 4, 4}, {7, 2, 2, 2, 2}},
	{'U', {17, 17, 17, 17, 14}, {5, 5, 5, 5, 7}}, {'V', {17, 17, 17, 10, 4}, {5, 5, 5, 5, 2}},
	{'W', {17, 17, 21, 27, 17}, {5, 5, 7, 7, 5}}, {'X', {17, 10, 4, 10, 17}, {5, 5, 2, 5, 5}},
	{'Y', {17, 10, 4, 4, 4}, {5, 5, 2, 2, 2}},    {'Z', {31, 2, 4, 8, 31}, {7, 1, 2, 4, 7}},
	{'0', {14, 19, 21, 25, 14}, {7, 5, 5, 5, 7}}, {'1', {4, 12, 4, 4, 14}, {2, 6, 2, 2, 7}},
	{'2', {30, 1, 14, 16, 31}, {7, 1, 7, 4, 7}},  {'3', {30, 1, 14, 1, 30}, {7, 1, 7, 1, 7}},
	{'4', {18, 18, 31, 2, 2}, {5, 5, 7, 1, 1}},   {'5', {31, 16, 30, 1, 30}, {7, 4, 7, 1, 7}},
	{'6', {14, 16, 30, 17, 14}, {7, 4, 7, 5, 7}}, {'7', {31, 1, 2, 4, 4}, {7, 1, 2, 2, 2}},
	{'8', {14, 17, 14, 17, 14}, {7, 5, 7, 5, 7}}, {'9', {14, 17, 15, 1, 14}, {7, 5, 7, 1, 7}},
	{'.', {0, 0, 0, 0, 4}, {0, 0, 0, 0, 2}},      {'-', {0, 0, 31, 0, 0}, {0, 0, 7, 0, 0}},
	{'_', {0, 0, 0, 0, 31}, {0, 0, 0, 0, 7}},     {' ', {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}},
};

static const unsigned char *lines_of(char letter, int dots)
{
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (letters[i].letter == toupper((unsigned char)letter))
			return dots == NARROW ? letters[i].narrow : letters[i].line;
	return NULL;
}

int big_columns(const char *text, const struct big_size *size)
{
	return ((int)strlen(text) * (size->dots + 1) - 1) * size->wide;
}

bool big_fits(const char *text, int lines, int columns, struct big_size *size)
{
	for (const char *at = text; *at; at++)
		if (!lines_of(*at, LETTER))
			return false;
	/* A character is about twice as high as wide. */
	for (int high = lines / BIG_LINES; high > 0; high--) {
		for (int wide = 2 * high; wide >= high; wide--) {
			for (int dots = LETTER; dots >= NARROW; dots -= LETTER - NARROW) {
				*size = (struct big_size){high, wide, dots};
				if (text[0] && big_columns(text, size) <= columns)
					return true;
			}
		}
	}
	return false;
}

bool big_dot(const char *text, const struct big_size *size, int line, int column)
{
	int dot = column / size->wide, at = dot % (size->dots + 1);
	const unsigned char *letter = lines_of(text[dot / (size->dots + 1)], size->dots);

	return at < size->dots && letter && letter[line / size->high] >> (size->dots - 1 - at) & 1;
}
