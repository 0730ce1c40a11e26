/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "columns.h"
#include "lock.h"
#include "rules.h"

static bool begins_with(const char *text, size_t length, const char *start)
{
	return length >= strlen(start) && memcmp(text, start, strlen(start)) == 0;
}

static bool header_known(const char *text, size_t length)
{
	for (size_t i = 0; i < known_header_count; i++) {
		if (length == strlen(known_headers[i].text) &&
		    memcmp(text, known_headers[i].text, length) == 0)
			return true;
	}
	return false;
}

/* Every version keeps the columns to detail, and the hashes at the end. */
static bool header_later(const struct csv_row *names)
{
	if (names->count <= COLUMN_COUNT)
		return false;
	for (size_t i = 0; i < BODY_END; i++) {
		if (strcmp(names->field[i], audit_columns[i].name) != 0)
			return false;
	}
	for (size_t i = BODY_END; i < names->count; i++) {
		if (strspn(names->field[i], "abcdefghijklmnopqrstuvwxyz0123456789_") !=
			    names->length[i] ||
		    names->length[i] == 0)
			return false;
	}
	return strcmp(names->field[names->count - 2], audit_columns[COL_prev_hash].name) == 0 &&
	       strcmp(names->field[names->count - 1], audit_columns[COL_row_hash].name) == 0;
}

static const char *header_problem(struct audit_reader *reader, bool any)
{
	const char *text = reader->lines.text;
	size_t length = reader->lines.length;

	if (!csv_split(&reader->names, text, length) &&
	    (header_known(text, length) || (any && header_later(&reader->names)))) {
		reader->columns = reader->names.count;
		reader->current = length == strlen(audit_header()) &&
				  memcmp(text, audit_header(), length) == 0;
		return NULL;
	}
	if (begins_with(text, length, "\xef\xbb\xbf"))
		return "the header is changed: it starts with a byte-order mark";
	if (length > 0 && text[length - 1] == '\r')
		return "the header is changed: its line ends in CR LF";
	return "the first line is not the header of a known version";
}

/* A header cut off by a kill is the beginning of one; anything else was never a log. */
static bool begins_header(const char *text, size_t length)
{
	for (size_t i = 0; i < known_header_count; i++) {
		const char *header = known_headers[i].text;

		if (length <= strlen(header) && memcmp(text, header, length) == 0)
			return true;
	}
	return false;
}

static enum audit_status take_header(struct audit_reader *reader, bool any, char *why,
				     size_t why_size)
{
	const char *problem;

	csv_split(&reader->names, audit_header(), strlen(audit_header()));
	reader->columns = reader->names.count;
	reader->current = true;
	switch (lines_next(&reader->lines)) {
	case LINE_END:
		return AUDIT_OK;
	case LINE_WHOLE:
		problem = header_problem(reader, any);
		if (!problem)
			return AUDIT_OK;
		break;
	case LINE_PARTIAL:
		if (begins_header(reader->lines.text, reader->lines.length))
			return AUDIT_OK;
		problem = "the first line is not the header of a known version";
		break;
	case LINE_LONG:
		problem = "the first line is longer than a row can be";
		break;
	case LINE_ERROR:
	default:
		snprintf(why, why_size, "%s", strerror(errno));
		return AUDIT_IO;
	}
	snprintf(why, why_size, "%s", problem);
	return AUDIT_HEADER;
}

static enum audit_status open_fd(int fd, bool any, struct audit_reader **out, char *why,
				 size_t why_size)
{
	struct audit_reader *reader = calloc(1, sizeof(*reader));
	enum audit_status status = AUDIT_MEMORY;

	*out = NULL;
	if (!reader || lines_open(&reader->lines, fd, AUDIT_ROW_MAX) < 0) {
		snprintf(why, why_size, "%s", audit_status_text(status));
		free(reader);
		return status;
	}
	reader->fd = fd;
	status = take_header(reader, any, why, why_size);
	if (status != AUDIT_OK) {
		audit_reader_close(reader);
		return status;
	}
	*out = reader;
	return AUDIT_OK;
}

enum audit_status reader_open_fd(int fd, struct audit_reader **reader, char *why, size_t why_size)
{
	return open_fd(fd, false, reader, why, why_size);
}

static enum audit_status open_path(const char *path, bool any, struct audit_reader **reader,
				   char *why, size_t why_size)
{
	struct stat st;
	enum audit_status status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	*reader = NULL;
	if (fd < 0 || fstat(fd, &st) < 0) {
		snprintf(why, why_size, "%s", strerror(errno));
		status = AUDIT_IO;
	} else if (!S_ISREG(st.st_mode)) {
		snprintf(why, why_size, "not a regular file");
		status = AUDIT_IO;
	} else {
		status = open_fd(fd, any, reader, why, why_size);
	}
	if (status == AUDIT_OK)
		(*reader)->owns_fd = true;
	else if (fd >= 0)
		close(fd);
	return status;
}

enum audit_status audit_reader_open(const char *path, struct audit_reader **reader, char *why,
				    size_t why_size)
{
	return open_path(path, false, reader, why, why_size);
}

enum audit_status audit_reader_open_any(const char *path, struct audit_reader **reader, char *why,
					size_t why_size)
{
	return open_path(path, true, reader, why, why_size);
}

void audit_reader_close(struct audit_reader *reader)
{
	if (!reader)
		return;
	lines_close(&reader->lines);
	if (reader->owns_fd)
		close(reader->fd);
	free(reader);
}

static const char *row_line_problem(struct audit_reader *reader, const char *text, size_t length)
{
	struct csv_row *csv = &reader->csv;
	const char *problem;

	csv->count = 0;
	if (length == 0)
		return "an empty line";
	if (text[length - 1] == '\r')
		return "the line ends in CR LF";
	if (header_known(text, length))
		return "a second header: another log was appended to this one";
	problem = csv_split(csv, text, length);
	return problem ? problem : rules_check(csv, reader->columns);
}

static enum audit_read give(struct audit_reader *reader, enum audit_read kind)
{
	struct audit_record *record = &reader->record;
	bool row = kind == AUDIT_READ_ROW;

	record->line = reader->lines.number + (kind == AUDIT_READ_PARTIAL ? 1 : 0);
	record->text = reader->lines.text;
	record->length = reader->lines.length;
	record->count = row ? reader->csv.count : 0;
	record->field = row ? reader->csv.field : NULL;
	record->field_length = row ? reader->csv.length : NULL;
	return kind;
}

enum audit_read audit_reader_next(struct audit_reader *reader, const struct audit_record **record)
{
	const char *problem;

	*record = &reader->record;
	switch (lines_next(&reader->lines)) {
	case LINE_WHOLE:
		problem = row_line_problem(reader, reader->lines.text, reader->lines.length);
		if (!problem)
			return give(reader, AUDIT_READ_ROW);
		snprintf(reader->why, sizeof(reader->why), "%s", problem);
		return give(reader, AUDIT_READ_BAD);
	case LINE_PARTIAL:
		return give(reader, AUDIT_READ_PARTIAL);
	case LINE_END:
		return AUDIT_READ_END;
	case LINE_LONG:
		if (lines_torn(&reader->lines, AUDIT_TORN_MAX))
			return give(reader, AUDIT_READ_PARTIAL);
		reader->record = (struct audit_record){.line = reader->lines.number + 1};
		snprintf(reader->why, sizeof(reader->why), "a line longer than a row can be");
		return AUDIT_READ_ERROR;
	case LINE_ERROR:
	default:
		reader->record = (struct audit_record){.line = reader->lines.number + 1};
		reader->failed = true;
		snprintf(reader->why, sizeof(reader->why), "%s", strerror(errno));
		return AUDIT_READ_ERROR;
	}
}

uint64_t audit_reader_offset(const struct audit_reader *reader)
{
	return (uint64_t)reader->lines.offset;
}

void audit_reader_seek(struct audit_reader *reader, uint64_t offset, uint64_t line)
{
	reader->lines.start = reader->lines.fill = 0;
	reader->lines.offset = (off_t)offset;
	reader->lines.number = line - 1;
}

const char *audit_reader_why(const struct audit_reader *reader)
{
	return reader->why;
}

size_t audit_reader_columns(const struct audit_reader *reader)
{
	return reader->columns;
}

int audit_reader_column(const struct audit_reader *reader, const char *name)
{
	for (size_t i = 0; i < reader->columns; i++) {
		if (strcmp(reader->names.field[i], name) == 0)
			return (int)i;
	}
	return -1;
}

const char *audit_reader_column_name(const struct audit_reader *reader, size_t column)
{
	return column < reader->columns ? reader->names.field[column] : "";
}

bool audit_reader_column_is_number(const struct audit_reader *reader, size_t column)
{
	return column < BODY_END && column < reader->columns &&
	       audit_columns[column].kind == KIND_NUMBER;
}

bool audit_reader_being_written(const struct audit_reader *reader)
{
	return lock_held(reader->fd);
}
