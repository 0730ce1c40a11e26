/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/report/export.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/audit/text.h"
#include "h7gang/base/durable.h"
#include "h7gang/base/text.h"

#ifdef H7GANG_XLSX
#include <xlsxwriter.h>

#define XLSX_MODE 0644
#define TEXT_SIZE (3 * AUDIT_ROW_MAX) /* a byte that is not UTF-8 becomes three */
#define EXACT_MAX 9007199254740992.0  /* 2^53: a spreadsheet's numbers are doubles */
#define DAY_MS 86400000.0
/* A ZIP archive without the 64-bit extension, which not every spreadsheet reads, ends at 4 GiB: for
 * each sheet before it is compressed, and for the whole of it. */
#define SHEET_BYTES_MAX 0xE0000000u
#define BOOK_BYTES_MAX 0xFFFFFFFFu
#define CELL_BYTES 64      /* the XML around a value */
#define UNIX_EPOCH 25569.0 /* 1970-01-01 in days since 1899-12-30, as spreadsheets count */

struct xlsx {
	char *path, *part;
	lxw_workbook *book;
	lxw_worksheet *sheet;
	lxw_format *head, *text, *number, *time;
	struct export_column column[EXPORT_COLUMNS_MAX];
	size_t columns, sheets;
	lxw_row_t row;  /* the next one of the sheet */
	uint64_t bytes; /* of the sheet's XML, at most */
	lxw_row_t source_row;
	bool in_source;
	lxw_error error;
};

bool xlsx_built(void)
{
	return true;
}

static void note(struct xlsx *xlsx, lxw_error error)
{
	if (xlsx->error == LXW_NO_ERROR)
		xlsx->error = error;
}

/* The filter over all rows of a sheet that is full, or the last one. */
static void end_sheet(struct xlsx *xlsx)
{
	if (xlsx->sheet && !xlsx->in_source)
		note(xlsx, worksheet_autofilter(xlsx->sheet, 0, 0, xlsx->row - 1,
						(lxw_col_t)(xlsx->columns - 1)));
}

static void begin_sheet(struct xlsx *xlsx)
{
	char name[32];

	end_sheet(xlsx);
	snprintf(name, sizeof(name), "rows %zu", ++xlsx->sheets);
	xlsx->sheet = workbook_add_worksheet(xlsx->book, name);
	if (!xlsx->sheet) {
		note(xlsx, LXW_ERROR_MEMORY_MALLOC_FAILED);
		return;
	}
	for (size_t i = 0; i < xlsx->columns; i++) {
		lxw_col_t at = (lxw_col_t)i;
		lxw_format *format = xlsx->column[i].kind == EXPORT_TEXT     ? xlsx->text
				     : xlsx->column[i].kind == EXPORT_NUMBER ? xlsx->number
									     : xlsx->time;

		worksheet_set_column(xlsx->sheet, at, at,
				     xlsx->column[i].kind == EXPORT_TIME ? 23 : 14, format);
		note(xlsx,
		     worksheet_write_string(xlsx->sheet, 0, at, xlsx->column[i].name, xlsx->head));
	}
	worksheet_freeze_panes(xlsx->sheet, 1, 0);
	xlsx->row = 1;
	xlsx->bytes = 0;
}

/* "PATH.XXXXXX", created so that a link of that name is never followed. */
static bool make_part(struct xlsx *xlsx)
{
	int fd;

	if (asprintf(&xlsx->part, "%s.XXXXXX", xlsx->path) < 0) {
		xlsx->part = NULL;
		return false;
	}
	fd = mkstemp(xlsx->part);
	if (fd < 0)
		return false;
	fchmod(fd, XLSX_MODE);
	close(fd);
	return true;
}

struct xlsx *xlsx_open(const char *path, const struct export_column *columns, size_t count,
		       char *why, size_t why_size)
{
	struct xlsx *xlsx = calloc(1, sizeof(*xlsx));
	lxw_workbook_options options = {.constant_memory = LXW_TRUE};
	char *folder = NULL;

	errno = ENOMEM;
	if (!xlsx || count > EXPORT_COLUMNS_MAX || !(xlsx->path = strdup(path)) ||
	    !(folder = strdup(path)) || !make_part(xlsx))
		goto err;
	/* The rows wait in a file without a name, on the same disk as the workbook. */
	if (strrchr(folder, '/'))
		*strrchr(folder, '/') = '\0';
	else
		strcpy(folder, ".");
	options.tmpdir = *folder ? folder : "/";
	xlsx->book = workbook_new_opt(xlsx->part, &options);
	if (!xlsx->book)
		goto err;
	memcpy(xlsx->column, columns, count * sizeof(*columns));
	xlsx->columns = count;
	xlsx->head = workbook_add_format(xlsx->book);
	xlsx->text = workbook_add_format(xlsx->book);
	xlsx->number = workbook_add_format(xlsx->book);
	xlsx->time = workbook_add_format(xlsx->book);
	if (!xlsx->head || !xlsx->text || !xlsx->number || !xlsx->time)
		goto err;
	format_set_bold(xlsx->head);
	format_set_num_format(xlsx->text, "@");
	format_set_num_format(xlsx->number, "0");
	format_set_num_format(xlsx->time, "yyyy\\-mm\\-dd hh:mm:ss.000");
	begin_sheet(xlsx);
	free(folder);
	return xlsx;
err:
	snprintf(why, why_size, "%s: %s", path, strerror(errno));
	free(folder);
	xlsx_close(xlsx, false, NULL, 0);
	return NULL;
}

/* Whether a text begins as the escape of a character does in a workbook: "_x001B_". */
static bool is_escape(const char *text, size_t left)
{
	return left >= 7 && text[0] == '_' && text[1] == 'x' && text[6] == '_' &&
	       isxdigit((unsigned char)text[2]) && isxdigit((unsigned char)text[3]) &&
	       isxdigit((unsigned char)text[4]) && isxdigit((unsigned char)text[5]);
}

/* The text as it stands in a workbook: NUL, which would end it, is U+FFFD, and the first character
 * of a seeming escape is escaped. */
static void prepare(const struct export_cell *cell, char *plain, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < cell->length && used + 8 < size; i++) {
		const char *instead = !cell->text[i]                                ? "\xef\xbf\xbd"
				      : is_escape(cell->text + i, cell->length - i) ? "_x005F_"
										    : NULL;

		if (!instead) {
			plain[used++] = cell->text[i];
			continue;
		}
		memcpy(plain + used, instead, strlen(instead));
		used += strlen(instead);
	}
	plain[used] = '\0';
}

/* The bytes of a text in XML: "&amp;" for "&", "_x001B_" for a control character. */
static uint64_t xml_length(const char *text)
{
	uint64_t length = 0;

	for (; *text; text++)
		length += (unsigned char)*text < ' ' ? 7 : strchr("&<>\"", *text) ? 6 : 1;
	return length;
}

static void put_text(struct xlsx *xlsx, lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column,
		     const struct export_cell *cell)
{
	char plain[AUDIT_ROW_MAX * 3 + 1], shown[TEXT_SIZE + 1];

	prepare(cell, plain, sizeof(plain));
	text_well_formed(plain, shown, sizeof(shown));
	xlsx->bytes += xml_length(shown);
	note(xlsx, worksheet_write_string(sheet, row, column, shown, xlsx->text));
}

static bool put_number(struct xlsx *xlsx, lxw_col_t column, const char *text)
{
	char *end;
	double number = strtod(text, &end);

	if (*end || end == text || number > EXACT_MAX)
		return false;
	note(xlsx, worksheet_write_number(xlsx->sheet, xlsx->row, column, number, xlsx->number));
	return true;
}

static bool put_time(struct xlsx *xlsx, lxw_col_t column, const char *text)
{
	int64_t ms = audit_time_ms(text);

	if (ms <= 0)
		return false;
	note(xlsx, worksheet_write_number(xlsx->sheet, xlsx->row, column,
					  UNIX_EPOCH + (double)ms / DAY_MS, xlsx->time));
	return true;
}

void xlsx_row(struct xlsx *xlsx, const struct export_cell *cells)
{
	if (xlsx->row > XLSX_ROWS_MAX || xlsx->bytes > SHEET_BYTES_MAX)
		begin_sheet(xlsx);
	xlsx->bytes += CELL_BYTES * xlsx->columns;
	for (size_t i = 0; xlsx->sheet && i < xlsx->columns; i++) {
		enum export_kind kind = xlsx->column[i].kind;
		lxw_col_t at = (lxw_col_t)i;

		if (!cells[i].text || cells[i].length == 0 ||
		    (kind == EXPORT_NUMBER && put_number(xlsx, at, cells[i].text)) ||
		    (kind == EXPORT_TIME && put_time(xlsx, at, cells[i].text)))
			continue;
		put_text(xlsx, xlsx->sheet, xlsx->row, at, &cells[i]);
	}
	xlsx->row++;
}

void xlsx_source(struct xlsx *xlsx, const char *const *texts, size_t count)
{
	if (!xlsx->in_source) {
		end_sheet(xlsx);
		xlsx->in_source = true;
		xlsx->sheet = workbook_add_worksheet(xlsx->book, "source");
		if (xlsx->sheet)
			worksheet_set_column(xlsx->sheet, 0, 6, 24, xlsx->text);
	}
	for (size_t i = 0; xlsx->sheet && i < count; i++) {
		const struct export_cell cell = {texts[i], strlen(texts[i])};

		if (cell.length)
			put_text(xlsx, xlsx->sheet, xlsx->source_row, (lxw_col_t)i, &cell);
	}
	xlsx->source_row++;
}

static int put_in_place(const struct xlsx *xlsx)
{
	const char *name;
	struct stat stat;
	int fd = open(xlsx->part, O_RDONLY | O_CLOEXEC), folder, rc;

	if (fd < 0)
		return -errno;
	rc = fstat(fd, &stat) < 0 || fsync(fd) < 0 ? -errno : 0;
	if (rc == 0 && stat.st_size > (off_t)BOOK_BYTES_MAX)
		rc = -EFBIG;
	close(fd);
	if (rc < 0)
		return rc;
	if (rename(xlsx->part, xlsx->path) < 0)
		return -errno;
	folder = durable_folder(xlsx->path, false, &name);
	if (folder < 0)
		return folder;
	rc = durable_sync_folder(folder);
	close(folder);
	return rc;
}

bool xlsx_close(struct xlsx *xlsx, bool keep, char *why, size_t why_size)
{
	int rc = 0;

	if (!xlsx)
		return false;
	if (xlsx->book) {
		end_sheet(xlsx);
		note(xlsx, workbook_close(xlsx->book));
	}
	if (keep && xlsx->error != LXW_NO_ERROR)
		snprintf(why, why_size, "%s: %s", xlsx->path, lxw_strerror(xlsx->error));
	else if (keep && (rc = put_in_place(xlsx)) < 0)
		snprintf(why, why_size, "%s: %s", xlsx->path,
			 rc == -EFBIG ? "more than 4 GiB, which spreadsheets refuse; export fewer "
					"rows (--since, --until)"
				      : strerror(-rc));
	keep = keep && xlsx->error == LXW_NO_ERROR && rc == 0;
	if (!keep && xlsx->part)
		unlink(xlsx->part);
	free(xlsx->path);
	free(xlsx->part);
	free(xlsx);
	return keep;
}

#else /* without the library */

struct xlsx {
	int nothing;
};

bool xlsx_built(void)
{
	return false;
}

struct xlsx *xlsx_open(const char *path, const struct export_column *columns, size_t count,
		       char *why, size_t why_size)
{
	(void)columns;
	(void)count;
	snprintf(why, why_size,
		 "%s: this h7gang was built without libxlsxwriter; use export --csv --for "
		 "spreadsheet",
		 path);
	return NULL;
}

void xlsx_row(struct xlsx *xlsx, const struct export_cell *cells)
{
	(void)xlsx;
	(void)cells;
}

void xlsx_source(struct xlsx *xlsx, const char *const *texts, size_t count)
{
	(void)xlsx;
	(void)texts;
	(void)count;
}

bool xlsx_close(struct xlsx *xlsx, bool keep, char *why, size_t why_size)
{
	(void)xlsx;
	(void)keep;
	(void)why;
	(void)why_size;
	return false;
}

#endif
