/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of parts, in profiles and as ST's ordering codes (datasheets, "Ordering information"). */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "h7gang/stm32/part.h"

enum {
	FAMILY = 7,  /* "stm32h7" */
	SERIES = 8,  /* "stm32h74" */
	LINE = 9,    /* "stm32h743" */
	PINS = 9,    /* where the pin count stands */
	FLASH = 10,  /* where the flash size stands */
	TAIL = 11,   /* package, temperature range, options */
	OPTIONS = 4, /* letters and digits of options, such as QTR */
};

/* "", "T", "T6", "Tx", "T6TR" and the like. */
static bool code_tail_ok(const char *tail)
{
	if (tail[0] == '\0')
		return true;
	if (!isalpha((unsigned char)tail[0]))
		return false;
	if (tail[1] == '\0')
		return true;
	if (!isdigit((unsigned char)tail[1]) && tolower((unsigned char)tail[1]) != 'x')
		return false;
	for (tail += 2; *tail != '\0'; tail++)
		if (!isalnum((unsigned char)*tail))
			return false;
	return true;
}

/* The letters behind "stm32h7" that stand for a series; which part numbers belong to which is in
 * AN2606's table of devices. */
static bool series_of(char digit, enum stm32_series *series)
{
	switch (tolower((unsigned char)digit)) {
	case '2':
	case '3':
		*series = STM32_H72X;
		return true;
	case '4':
	case '5':
		*series = STM32_H74X;
		return true;
	case 'a':
	case 'b':
		*series = STM32_H7AX;
		return true;
	default:
		return false;
	}
}

bool stm32_code_of_line(const char *text, const struct stm32_part *part)
{
	return strncasecmp(text, part->name, LINE) == 0;
}

bool stm32_code_of_series(const char *text, const struct stm32_part *part)
{
	enum stm32_series series;

	return strncasecmp(text, part->name, FAMILY) == 0 && series_of(text[FAMILY], &series) &&
	       series == part->series;
}

enum stm32_code stm32_code_read(const char *text, const struct stm32_part **part)
{
	const struct stm32_part *row;
	bool line = false;

	if (strncasecmp(text, "stm32h7", FAMILY) != 0)
		return STM32_CODE_FOREIGN;
	if (strchr("rRsS", text[FAMILY]) != NULL && text[FAMILY] != '\0')
		return STM32_CODE_NOT_YET;
	for (unsigned i = 0; (row = stm32_part_at(i)) != NULL; i++) {
		if (!stm32_code_of_line(text, row))
			continue;
		line = true;
		if (!isalpha((unsigned char)text[PINS]) ||
		    tolower((unsigned char)text[FLASH]) != row->name[FLASH])
			continue;
		if (strlen(text) > TAIL + 2 + OPTIONS || !code_tail_ok(text + TAIL))
			return STM32_CODE_TAIL;
		*part = row;
		return STM32_CODE_PART;
	}
	return line ? STM32_CODE_NO_SIZE : STM32_CODE_NO_LINE;
}

const struct stm32_part *stm32_part_find(const char *name)
{
	const struct stm32_part *part = NULL;

	return stm32_code_read(name, &part) == STM32_CODE_PART ? part : NULL;
}
