/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "list_text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "h7gang/profile/serial.h"

#define HIDDEN "has a no-break space or a space without width in it; remove it"

/* Writes a code point as UTF-8 and returns its length. */
static size_t put_utf8(uint8_t *to, uint32_t code)
{
	if (code < 0x80) {
		to[0] = (uint8_t)code;
		return 1;
	}
	if (code < 0x800) {
		to[0] = (uint8_t)(0xC0 | code >> 6);
		to[1] = (uint8_t)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		to[0] = (uint8_t)(0xE0 | code >> 12);
		to[1] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
		to[2] = (uint8_t)(0x80 | (code & 0x3F));
		return 3;
	}
	to[0] = (uint8_t)(0xF0 | code >> 18);
	to[1] = (uint8_t)(0x80 | (code >> 12 & 0x3F));
	to[2] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
	to[3] = (uint8_t)(0x80 | (code & 0x3F));
	return 4;
}

/* Workbooks: zip archives with sheets in XML, and the older OLE2 files. */
static bool is_workbook(const uint8_t *bytes, size_t length)
{
	return length >= 4 &&
	       (memcmp(bytes, "PK\3\4", 4) == 0 || memcmp(bytes, "\xD0\xCF\x11\xE0", 4) == 0);
}

static uint32_t unit(const uint8_t *at, bool little)
{
	return little ? (uint32_t)(at[0] | at[1] << 8) : (uint32_t)(at[1] | at[0] << 8);
}

/* Two bytes become at most three. False: a broken pair of surrogates, or an odd length. */
static bool from_utf16(const uint8_t *from, size_t length, bool little, uint8_t *to, size_t *made)
{
	*made = 0;
	for (size_t i = 0; i < length; i += 2) {
		uint32_t code, low;

		if (length - i < 2)
			return false;
		code = unit(from + i, little);
		if (code >= 0xD800 && code < 0xE000) {
			if (code >= 0xDC00 || length - i < 4)
				return false;
			low = unit(from + i + 2, little);
			if (low < 0xDC00 || low >= 0xE000)
				return false;
			code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
			i += 2;
		}
		*made += put_utf8(to + *made, code);
	}
	return true;
}

bool list_text_decode(uint8_t **bytes, size_t *length, const char **why)
{
	bool little = *length >= 2 && memcmp(*bytes, "\xFF\xFE", 2) == 0;
	bool big = *length >= 2 && memcmp(*bytes, "\xFE\xFF", 2) == 0;
	size_t mark = little || big ? 2 : 0, made = 0;
	bool good = true;
	uint8_t *text;

	if (is_workbook(*bytes, *length)) {
		*why = "is a workbook, not a list; save it as \"CSV UTF-8\"";
		return false;
	}
	if (*length >= 3 && memcmp(*bytes, "\xEF\xBB\xBF", 3) == 0)
		mark = 3;
	text = malloc((*length / 2 + 1) * 3 + 1);
	if (text == NULL) {
		*why = "not enough memory";
		return false;
	}
	if (little || big) {
		good = from_utf16(*bytes + mark, *length - mark, little, text, &made);
	} else {
		made = *length - mark;
		memcpy(text, *bytes + mark, made);
	}
	text[made] = '\0';
	if (good) {
		explicit_bzero(*bytes, *length);
		free(*bytes);
		*bytes = text;
		*length = made;
		return true;
	}
	explicit_bzero(text, made);
	free(text);
	*why = "is not UTF-16, though its byte-order mark says so";
	return false;
}

static size_t line_length(const char *text)
{
	return strcspn(text, "\r\n");
}

char list_text_separator(const char *text, const char **head)
{
	static const char separators[] = "\t;,";
	size_t length = line_length(text), most = 0;
	char best = ',';

	*head = text;
	if (length == 5 && strncasecmp(text, "sep=", 4) == 0) {
		*head = text + length;
		*head += **head == '\r';
		*head += **head == '\n';
		return text[4];
	}
	for (const char *s = separators; *s != '\0'; s++) {
		size_t count = 0;
		bool quoted = false;

		for (size_t i = 0; i < length; i++) {
			quoted = quoted != (text[i] == '"');
			count += !quoted && text[i] == *s;
		}
		if (count > most) {
			most = count;
			best = *s;
		}
	}
	return best;
}

/* "1.23E+12" of a number with many digits, or of hexadecimal digits with one E among them. */
static bool is_scientific(const char *cell)
{
	size_t digits = strspn(cell += *cell == '-', "0123456789");

	if (digits != 1)
		return false;
	cell += digits;
	if (*cell == '.' || *cell == ',')
		cell += 1 + strspn(cell + 1, "0123456789");
	if ((*cell != 'E' && *cell != 'e') || cell[1] != '+')
		return false;
	digits = strspn(cell + 2, "0123456789");
	return digits >= 2 && cell[2 + digits] == '\0';
}

static bool is_error_value(const char *cell)
{
	static const char *const values[] = {"#N/A",  "#REF!",   "#NAME?", "#VALUE!",
					     "#NUM!", "#DIV/0!", "#NULL!", "#SPILL!"};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strcmp(cell, values[i]) == 0)
			return true;
	return strspn(cell, "#") >= 3 && cell[strspn(cell, "#")] == '\0';
}

/* An invisible character, or one that looks like another: no-break and ideographic spaces,
 * spaces without width, soft hyphens, marks of direction. Its length at `at`, 0 if there is none.
 */
static size_t hidden_blank(const char *at)
{
	const unsigned char *byte = (const unsigned char *)at;

	if (byte[0] == 0xC2)
		return byte[1] == 0xA0 || byte[1] == 0xAD ? 2 : 0;
	if (byte[0] == 0xE2 && byte[1] == 0x80)
		return (byte[2] >= 0x80 && byte[2] <= 0x8F) || (byte[2] >= 0xA8 && byte[2] <= 0xAF)
			       ? 3
			       : 0;
	if (byte[0] == 0xE2 && byte[1] == 0x81)
		return byte[2] >= 0x9F && byte[2] <= 0xAF ? 3 : 0;
	return strncmp(at, "\xEF\xBB\xBF", 3) == 0 || strncmp(at, "\xE3\x80\x80", 3) == 0 ? 3 : 0;
}

static bool hides_blank(const char *cell, bool anywhere)
{
	for (const char *at = cell; *at != '\0'; at++) {
		size_t length = hidden_blank(at);

		if (length > 0 && (anywhere || at == cell || at[length] == '\0'))
			return true;
	}
	return false;
}

const char *list_text_damage(const char *cell, bool number)
{
	size_t length = strlen(cell);

	if (is_scientific(cell))
		return "is in scientific notation, so a spreadsheet has rounded it; format the "
		       "column as text and enter the value again";
	if (is_error_value(cell))
		return "is an error of a spreadsheet, not a value; correct it there";
	if (number)
		return length > 0 ? profile_number_hides(cell) : NULL;
	return hides_blank(cell, false) ? HIDDEN : NULL;
}

const char *profile_name_hides(const char *text)
{
	size_t length = strlen(text);

	if (hides_blank(text, false))
		return HIDDEN;
	if (length == 0 || strchr(" \t", text[0]) || strchr(" \t", text[length - 1]))
		return "begins or ends with a space; remove it";
	return NULL;
}

const char *profile_number_hides(const char *text)
{
	return hides_blank(text, true) ? HIDDEN : profile_name_hides(text);
}
