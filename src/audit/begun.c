/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "begun.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "columns.h"
#include "h7gang/base/durable.h"
#include "h7gang/base/sha256.h"
#include "lines.h"

#define CHECK_HEX (SHA256_HEX_SIZE - 1)
#define MARK_LINE_MAX (ROW_BODY_MAX + CHECK_HEX + 1)
#define BEGUN_MODE 0640

/* --- one line --- */

/* Body, check, LF. Returns the length, or 0 when SHA-256 fails. */
static size_t format_line(char line[MARK_LINE_MAX], const char *body, size_t length)
{
	char check[SHA256_HEX_SIZE];

	if (sha256_hex(body, length, check) < 0)
		return 0;
	memcpy(line, body, length);
	memcpy(line + length, check, CHECK_HEX);
	line[length + CHECK_HEX] = '\n';
	return length + CHECK_HEX + 1;
}

/* Only attempts that program a board leave marks. A row with another command would be skipped by
 * readers. */
static bool begins_attempt(const struct row_body *body)
{
	static const char *const commands[] = {"run", "rework"};
	struct csv_row csv;

	if (csv_split(&csv, body->text, body->length))
		return false;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(csv.field[COL_command - BODY_FIRST], commands[i]) == 0)
			return strlen(commands[i]) == csv.length[COL_command - BODY_FIRST];
	}
	return false;
}

/* 1: a valid mark whose body could stand in the log. 0: no mark. Or a negative errno: it cannot be
 * read. */
static int parse_line(const char *text, size_t length, struct row_body *body)
{
	char check[SHA256_HEX_SIZE];

	if (length <= CHECK_HEX || length - CHECK_HEX > sizeof(body->text))
		return 0;
	body->length = length - CHECK_HEX;
	memcpy(body->text, text, body->length);
	if (sha256_hex(body->text, body->length, check) < 0)
		return -EIO;
	return memcmp(check, text + body->length, CHECK_HEX) == 0 && !row_problem(body) &&
	       begins_attempt(body);
}

/* --- reading --- */

struct load {
	struct marks *marks;
	int (*bad)(void *user, uint64_t line, const char *text, size_t length);
	void *user;
};

static int take_line(const struct load *load, const struct lines *lines, bool whole)
{
	struct row_body body;
	int mark = whole ? parse_line(lines->text, lines->length, &body) : 0;

	if (mark != 0)
		return mark < 0 ? mark : marks_add(load->marks, body.text, body.length);
	if (!load->bad)
		return 0;
	return load->bad(load->user, lines->number + (whole ? 0 : 1), lines->text,
			 lines->length + (whole ? 1 : 0));
}

/* A line without end is handed out piece by piece until its LF or the end of the file. */
static int skip_long(const struct load *load, struct lines *lines)
{
	size_t have = lines->fill - lines->start;
	char *end = memchr(lines->buffer + lines->start, '\n', have);
	size_t n = end ? (size_t)(end - (lines->buffer + lines->start)) + 1 : have;
	int rc = load->bad
			 ? load->bad(load->user, lines->number + 1, lines->buffer + lines->start, n)
			 : 0;

	lines->start += n;
	lines->offset += (off_t)n;
	if (end)
		lines->number++;
	return rc;
}

static int load_lines(const struct load *load, int fd)
{
	struct lines lines;
	int rc = lines_open(&lines, fd, MARK_LINE_MAX);
	bool more = rc == 0;

	while (more && rc == 0) {
		switch (lines_next(&lines)) {
		case LINE_WHOLE:
			rc = take_line(load, &lines, true);
			break;
		case LINE_PARTIAL:
			rc = take_line(load, &lines, false);
			more = false;
			break;
		case LINE_END:
			more = false;
			break;
		case LINE_LONG:
			rc = skip_long(load, &lines);
			break;
		case LINE_ERROR:
			rc = -errno;
			break;
		}
	}
	lines_close(&lines);
	return rc;
}

int begun_load(int folder, const char *name, struct marks *marks,
	       int (*bad)(void *user, uint64_t line, const char *text, size_t length), void *user)
{
	const struct load load = {marks, bad, user};
	int fd = durable_open(folder, name, O_RDONLY, 0);
	struct stat st;
	int rc;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		rc = -errno;
	else
		rc = st.st_size > BEGUN_FILE_MAX ? -EFBIG : load_lines(&load, fd);
	close(fd);
	return rc;
}

/* --- writing --- */

/* Writes the file anew with the open marks alone. */
static int compact(struct begun *begun)
{
	char *all = malloc(begun->open.count * MARK_LINE_MAX + 1);
	size_t used = 0, n;
	int fd, rc = -EIO;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < begun->open.count; i++) {
		n = format_line(all + used, begun->open.mark[i].body, begun->open.mark[i].length);
		if (n == 0)
			goto out;
		used += n;
	}
	rc = durable_replace(begun->folder, begun->name, all, used, BEGUN_MODE);
	/* Also after a failure the name may stand for the new file: marks must go where they will
	 * be looked for. If it cannot be opened, no further mark is taken: create refuses. */
	begun->folder_unsynced = begun->folder_unsynced || rc < 0;
	fd = durable_open(begun->folder, begun->name, O_WRONLY | O_APPEND, 0);
	close(begun->fd);
	begun->fd = fd < 0 ? -1 : fd;
	if (fd < 0 && rc == 0)
		rc = fd;
	if (rc == 0)
		begun->size = (off_t)used;
out:
	free(all);
	return rc;
}

static bool worth_compacting(const struct begun *begun)
{
	size_t live = 0;

	if (begun->size < BEGUN_COMPACT_AT)
		return false;
	for (size_t i = 0; i < begun->open.count; i++)
		live += begun->open.mark[i].length + CHECK_HEX + 1;
	return begun->size > 2 * (off_t)live;
}

static int create(struct begun *begun)
{
	/* Exclusive: the file from before the log was opened is gone; one that is there now is not
	 * ours. */
	int fd = durable_open(begun->folder, begun->name, O_WRONLY | O_APPEND | O_CREAT | O_EXCL,
			      BEGUN_MODE);
	int rc;

	if (fd < 0)
		return fd;
	begun->fd = fd;
	begun->size = 0;
	rc = durable_sync_folder(begun->folder);
	return rc;
}

static bool holds_open_marks(const struct begun *begun)
{
	struct marks found = {0};
	bool holds = begun_load(begun->folder, begun->name, &found, NULL, NULL) == 0 &&
		     marks_include(&found, &begun->open);

	marks_free(&found);
	return holds;
}

int begun_guard(struct begun *begun, bool thorough)
{
	int rc;

	if (begun->fd < 0)
		return 0;
	rc = durable_still_named(begun->folder, begun->name, begun->fd, begun->size);
	if (rc == 0 && thorough && !holds_open_marks(begun))
		rc = -ESTALE;
	if (rc == -ESTALE)
		compact(begun); /* best effort: the caller takes no further mark */
	return rc;
}

int begun_add(struct begun *begun, const char *body, size_t length)
{
	char line[MARK_LINE_MAX];
	size_t n = format_line(line, body, length);
	int rc = 0;

	if (n == 0)
		return -EIO;
	if (begun->open.count >= BEGUN_OPEN_MAX)
		return -E2BIG;
	if (begun->fd < 0)
		rc = create(begun);
	else
		rc = begun_guard(begun, false);
	if (rc == 0 && worth_compacting(begun))
		rc = compact(begun);
	if (rc == 0)
		rc = durable_write_all(begun->fd, line, n);
	if (rc < 0)
		return rc;
	begun->size += (off_t)n;
	return marks_add(&begun->open, body, length);
}

int begun_compact(struct begun *begun)
{
	return begun->fd < 0 ? durable_sync_folder(begun->folder) : compact(begun);
}

int begun_sync(struct begun *begun)
{
	int rc = 0;

	if (begun->folder_unsynced)
		rc = durable_sync_folder(begun->folder);
	if (rc < 0)
		return rc;
	begun->folder_unsynced = false;
	return begun->fd < 0 ? 0 : durable_sync(begun->fd);
}

void begun_lift(struct begun *begun, const char *body, size_t length)
{
	if (!marks_remove(&begun->open, body, length) || begun->open.count > 0)
		return;
	/* Not synced: marks that come back with a power cut have their rows. A file that cannot be
	 * removed stays in use. */
	if (durable_remove(begun->folder, begun->name) == 0) {
		close(begun->fd);
		begun->fd = -1;
	}
}

void begun_close(struct begun *begun)
{
	if (begun->fd >= 0)
		close(begun->fd);
	begun->fd = -1;
	marks_free(&begun->open);
}
