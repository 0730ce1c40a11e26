/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows for spreadsheets: as a workbook, or as CSV that a spreadsheet takes without changing a text.
 * Texts stay texts, numbers are numbers, times are times (UTC). Memory does not grow with the rows.
 */
#ifndef H7GANG_REPORT_EXPORT_H
#define H7GANG_REPORT_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define EXPORT_COLUMNS_MAX 96

enum export_kind { EXPORT_TEXT, EXPORT_NUMBER, EXPORT_TIME };

struct export_column {
	const char *name; /* borrowed */
	enum export_kind kind;
};

/* One cell: the original text; NULL or length 0 is an empty cell. */
struct export_cell {
	const char *text;
	size_t length;
};

/* --- a workbook (xlsx.c) --- */

/* Rows of one sheet, besides its header: spreadsheets hold 2^20 lines in all. */
#define XLSX_ROWS_MAX 1048575

struct xlsx;

/* Whether this program was built with libxlsxwriter. */
bool xlsx_built(void);

/* Writes to a file beside `path` until it is closed. NULL: `why`. */
struct xlsx *xlsx_open(const char *path, const struct export_column *columns, size_t count,
		       char *why, size_t why_size);

/* A row of as many cells as there are columns; goes on in a new sheet where one is full. */
void xlsx_row(struct xlsx *xlsx, const struct export_cell *cells);

/* A line of the last sheet, which names the source. After the rows. */
void xlsx_source(struct xlsx *xlsx, const char *const *texts, size_t count);

/* Puts the workbook in the place of `path`, whole or not at all, synced; or drops it. False: `why`
 * gets the reason, also of an earlier failure. Frees in any case. */
bool xlsx_close(struct xlsx *xlsx, bool keep, char *why, size_t why_size);

/* --- CSV for spreadsheets (spreadsheet_csv.c) --- */

/* The header with a byte-order mark, then rows; lines end in CR LF. A text that a spreadsheet would
 * run or convert is written ="text" or ="te"&"xt", which is that text there. Failures show in
 * ferror(). */
void spreadsheet_csv_header(FILE *to, const struct export_column *columns, size_t count);
void spreadsheet_csv_row(FILE *to, const struct export_column *columns,
			 const struct export_cell *cells, size_t count);

#endif
