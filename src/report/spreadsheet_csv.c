/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "h7gang/audit/text.h"
#include "h7gang/report/export.h"
#include "h7gang/base/text.h"

#define TEXT_SIZE (3 * AUDIT_ROW_MAX)

/* How the months' names begin in languages of Latin letters, and the words that some spreadsheets
 * take for truth values. */
static const char *const months[] = {"jan", "feb", "fev", "mar", "apr", "avr", "abr", "may",
				     "mai", "mag", "jun", "jui", "giu", "jul", "lug", "aug",
				     "aou", "ago", "sep", "set", "oct", "okt", "ott", "out",
				     "nov", "dec", "dez", "dic", "ene", "gen"};
static const char *const truths[] = {"true", "false",     "wahr",  "falsch", "vrai",
				     "faux", "verdadero", "falso", "vero"};

static bool is_word(const char *text, const char *const *words, size_t count, size_t length)
{
	for (size_t i = 0; i < count; i++) {
		if (strncasecmp(text, words[i], length ? length : strlen(words[i]) + 1) == 0)
			return true;
	}
	return false;
}

/* Whether a spreadsheet might run or convert a text: formulas, numbers, times, dates such as MAR1,
 * truth values. */
static bool is_at_risk(const char *text)
{
	if (strchr("=+-@'\t ", text[0]) || isdigit((unsigned char)text[0]) ||
	    (strchr(".,$(", text[0]) && strpbrk(text, "0123456789")))
		return true;
	if (is_word(text, truths, sizeof(truths) / sizeof(truths[0]), 0))
		return true;
	return strpbrk(text, "0123456789") &&
	       is_word(text, months, sizeof(months) / sizeof(months[0]), 3);
}

/* Whether a cell would begin here with a formula where `separator` is the list separator, as the
 * semicolon is in many countries: quotes do not help there, as the cell does not begin with one. */
static bool splits_into_formula(const char *separator)
{
	if (*separator != ';' && *separator != '\t')
		return false;
	separator++;
	separator += strspn(separator, " \"'");
	return *separator && strchr("=+-@", *separator);
}

static bool hides_formula(const char *text)
{
	while (*text && !splits_into_formula(text))
		text++;
	return *text;
}

/* A text as the formula ="text". It is parted, ="te"&"xt", where a cell would begin with a formula:
 * that cell then begins with "&". */
static void put_guarded(FILE *to, const char *text)
{
	fputs("\"=\"\"", to);
	for (; *text; text++) {
		for (int i = 0; *text == '"' && i < 3; i++)
			putc('"', to);
		putc(*text, to);
		if (splits_into_formula(text))
			fputs("\"\"&\"\"", to);
	}
	fputs("\"\"\"", to);
}

/* A text with each of its quotes doubled. */
static void put_quoted(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '"')
			putc('"', to);
		putc(*text, to);
	}
}

static void put_text(FILE *to, const struct export_cell *cell)
{
	char plain[AUDIT_ROW_MAX + 1], shown[TEXT_SIZE + 1];
	size_t length = cell->length < AUDIT_ROW_MAX ? cell->length : AUDIT_ROW_MAX;

	memcpy(plain, cell->text, length);
	plain[length] = '\0';
	/* A line end within a cell breaks rows in some programs: it is escaped, as in the log. */
	if (strpbrk(plain, "\r\n"))
		text_terminal(plain, shown, sizeof(shown));
	else
		text_well_formed(plain, shown, sizeof(shown));
	if (is_at_risk(shown) || hides_formula(shown)) {
		put_guarded(to, shown);
	} else if (strpbrk(shown, ",\"")) {
		putc('"', to);
		put_quoted(to, shown);
		putc('"', to);
	} else {
		fputs(shown, to);
	}
}

/* "2026-11-22 14:03:12.345", which every spreadsheet takes for a time. */
static void put_time(FILE *to, const struct export_cell *cell)
{
	if (audit_time_ms(cell->text) > 0)
		fprintf(to, "%.10s %.12s", cell->text, cell->text + 11);
	else
		put_text(to, cell);
}

void spreadsheet_csv_header(FILE *to, const struct export_column *columns, size_t count)
{
	fputs("\xef\xbb\xbf", to);
	for (size_t i = 0; i < count; i++)
		fprintf(to, "%s%s", columns[i].name, i + 1 < count ? "," : "\r\n");
}

void spreadsheet_csv_row(FILE *to, const struct export_column *columns,
			 const struct export_cell *cells, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!cells[i].text || cells[i].length == 0)
			;
		else if (columns[i].kind == EXPORT_TIME)
			put_time(to, &cells[i]);
		else if (columns[i].kind == EXPORT_NUMBER && cells[i].length <= 15)
			fputs(cells[i].text, to);
		else
			put_text(to, &cells[i]);
		fputs(i + 1 < count ? "," : "\r\n", to);
	}
}
