/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rotate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/audit/walk.h"
#include "h7gang/base/durable.h"
#include "lock.h"
#include "rules.h"

#define NUMBER_MAX 9999
#define LOG_MODE 0640

/* --- names --- */

/* The number in "NAME.0007", 0 if it is no such name. */
static unsigned number_of(const char *entry, const char *name)
{
	size_t length = strlen(name);
	unsigned number = 0;

	if (strncmp(entry, name, length) != 0 || entry[length] != '.' ||
	    strlen(entry + length + 1) != 4)
		return 0;
	for (const char *p = entry + length + 1; *p; p++) {
		if (*p < '0' || *p > '9')
			return 0;
		number = number * 10 + (unsigned)(*p - '0');
	}
	return number;
}

/* The highest number there is, 0: none; or a negative errno. */
static int newest(int folder, const char *name)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	unsigned most = 0;

	if (!entries) {
		int rc = -errno;

		if (fd >= 0)
			close(fd);
		return rc;
	}
	errno = 0;
	while ((entry = readdir(entries))) {
		unsigned number = number_of(entry->d_name, name);

		most = number > most ? number : most;
	}
	closedir(entries);
	return (int)most;
}

static char *numbered(const char *name, unsigned number)
{
	char *text;

	return asprintf(&text, "%s.%04u", name, number) < 0 ? NULL : text;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The numbered files beside `path`, sorted; false: no memory. */
static bool older_files(DIR *entries, const char *path, char ***files, size_t *count)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const struct dirent *entry;

	while ((entry = readdir(entries))) {
		unsigned number = number_of(entry->d_name, name);
		char **grown;

		if (number == 0)
			continue;
		grown = realloc(*files, (*count + 2) * sizeof(*grown));
		if (!grown)
			return false;
		*files = grown;
		grown[*count] = numbered(path, number);
		if (!grown[*count])
			return false;
		(*count)++;
	}
	qsort(*files, *count, sizeof(**files), by_name);
	return true;
}

int audit_files(const char *path, char ***files, size_t *count)
{
	const char *name;
	int folder = durable_folder(path, false, &name);
	DIR *entries = folder < 0 ? NULL : fdopendir(folder);
	int rc = 0;

	*count = 0;
	*files = calloc(1, sizeof(**files));
	if (!entries) {
		rc = folder < 0 ? folder : -errno;
		if (folder >= 0)
			close(folder);
	} else {
		if (!*files || !older_files(entries, path, files, count))
			rc = -ENOMEM;
		closedir(entries);
	}
	if (rc == 0) {
		(*files)[*count] = strdup(path);
		rc = (*files)[(*count)++] ? 0 : -ENOMEM;
	}
	if (rc < 0) {
		audit_files_free(*files, *count);
		*files = NULL;
		*count = 0;
	}
	return rc;
}

void audit_files_free(char **files, size_t count)
{
	for (size_t i = 0; files && i < count; i++)
		free(files[i]);
	free(files);
}

bool rotate_is_second_name(const char *old, const char *path)
{
	struct stat a, b;

	return number_of(old, path) > 0 && stat(old, &a) == 0 && stat(path, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* --- where a log comes from --- */

/* AUDIT_OK: the file, if it is there, is intact; *rows is its number of rows. */
static enum audit_status scan_one(const struct audit_log *log, const char *name, struct scan *scan,
				  char *why, size_t why_size)
{
	int fd = durable_open(log->file.folder, name, O_RDONLY, 0);
	struct audit_reader *reader = NULL;
	enum audit_status status;
	enum scan_end end;
	char text[300];

	if (fd == -ENOENT)
		return AUDIT_OK;
	if (fd < 0) {
		snprintf(why, why_size, "%s: %s", name, strerror(-fd));
		return AUDIT_IO;
	}
	/* Between the two renames of another process's rotation. */
	if (lock_held(fd)) {
		snprintf(why, why_size, "%s: another process is writing it", name);
		status = AUDIT_LOCKED;
		goto out;
	}
	status = reader_open_fd(fd, &reader, text, sizeof(text));
	if (status == AUDIT_OK) {
		end = scan_file(scan, reader, log->file.sha);
		scan_describe(scan, end, text, sizeof(text));
		if (end != SCAN_WHOLE)
			status = end == SCAN_IO ? AUDIT_IO : AUDIT_DAMAGED;
	}
	if (status != AUDIT_OK)
		snprintf(why, why_size, "%s:%" PRIu64 ": %s", name, scan->line, text);
out:
	audit_reader_close(reader);
	close(fd);
	return status;
}

enum audit_status rotate_origin(const struct audit_log *log, struct scan *scan, char *why,
				size_t why_size)
{
	int number = newest(log->file.folder, log->file.name);
	enum audit_status status = AUDIT_OK;

	chain_start(&scan->chain);
	if (number < 0) {
		snprintf(why, why_size, "its folder: %s", strerror(-number));
		return AUDIT_IO;
	}
	/* A file without rows does not show it; the file before it does. */
	for (; number > 0 && scan->rows == 0 && status == AUDIT_OK; number--) {
		char *name = numbered(log->file.name, (unsigned)number);

		scan->first_is_any = true;
		if (!name)
			return AUDIT_MEMORY;
		status = scan_one(log, name, scan, why, why_size);
		free(name);
	}
	scan->first_is_any = false;
	return status;
}

/* The marks that the rows of one older file answer. */
static void lift_answered(const struct audit_log *log, const char *name, struct marks *marks)
{
	int fd = durable_open(log->file.folder, name, O_RDONLY, 0);
	struct audit_reader *reader = NULL;
	const struct audit_record *record;
	enum audit_read read = AUDIT_READ_ROW;
	char why[200];

	if (fd < 0)
		return;
	if (reader_open_fd(fd, &reader, why, sizeof(why)) == AUDIT_OK) {
		while (read == AUDIT_READ_ROW || read == AUDIT_READ_BAD) {
			read = audit_reader_next(reader, &record);
			if (read == AUDIT_READ_ROW)
				marks_remove_row(marks, record->text, record->length);
		}
	}
	audit_reader_close(reader);
	close(fd);
}

int rotate_lift_answered(const struct audit_log *log, struct marks *marks)
{
	int number = newest(log->file.folder, log->file.name);

	for (; number > 0 && marks->count > 0; number--) {
		char *name = numbered(log->file.name, (unsigned)number);

		if (!name)
			return -ENOMEM;
		lift_answered(log, name, marks);
		free(name);
	}
	return number < 0 ? number : 0;
}

/* --- going on in a new file --- */

bool rotate_due(const struct audit_log *log)
{
	/* Not one that has no row yet. */
	return log->rotate_bytes > 0 && log->file.size > (off_t)strlen(audit_header()) + 1 &&
	       (uint64_t)log->file.size >= log->rotate_bytes;
}

static int rename_to_new(int folder, const char *from, const char *to)
{
	if (renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	/* File systems that cannot promise it. */
	if (faccessat(folder, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST;
	return renameat(folder, from, folder, to) < 0 ? -errno : 0;
}

/* The new file, complete with header and lock, under a name of its own. */
static int prepare(const struct audit_log *log, const char *name, struct logfile *fresh)
{
	int rc = durable_remove(log->file.folder, name);

	if (rc < 0)
		return rc;
	*fresh = log->file;
	fresh->name = name;
	fresh->size = fresh->end = 0;
	fresh->written = fresh->chain;
	fresh->fd = durable_open(fresh->folder, name, O_RDWR | O_CREAT | O_EXCL, LOG_MODE);
	if (fresh->fd < 0)
		return fresh->fd;
	rc = lock_take(fresh->fd);
	if (rc == 0)
		rc = logfile_put_header(fresh);
	if (rc == 0)
		return 0;
	durable_remove(fresh->folder, name);
	close(fresh->fd);
	return rc;
}

/* Gives the file its number beside its name: a second program that opens the log finds it, locked,
 * at every moment. -EPERM and the like: this file system has no hard links. */
static int add_number(const struct audit_log *log, const char *old)
{
	int folder = log->file.folder, rc;

	if (linkat(folder, log->file.name, folder, old, 0) < 0)
		return -errno;
	rc = durable_sync_folder(folder);
	if (rc < 0)
		durable_remove(folder, old);
	return rc;
}

/* Without hard links: between the two renames the log is under its number alone. A second program
 * that looks then may have made an empty file under the name, which it leaves when it finds the
 * number locked. */
static int exchange_by_renames(struct audit_log *log, const char *old, const struct logfile *fresh)
{
	int folder = log->file.folder;
	struct stat st;
	int rc = rename_to_new(folder, log->file.name, old);

	if (rc < 0)
		return rc;
	rc = rename_to_new(folder, fresh->name, log->file.name);
	if (rc == -EEXIST && fstatat(folder, log->file.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) && st.st_size == 0)
		rc = renameat(folder, fresh->name, folder, log->file.name) < 0 ? -errno : 0;
	if (rc < 0)
		return rename_to_new(folder, old, log->file.name) < 0 ? ROTATE_LOST : rc;
	return 0;
}

/* Descriptors that the log takes over no longer belong to `fresh`. */
static int exchange(struct audit_log *log, const char *old, struct logfile *fresh)
{
	int folder = log->file.folder;
	int rc = logfile_check(&log->file);

	if (rc < 0)
		return rc == -ESTALE ? ROTATE_LOST : rc;
	rc = add_number(log, old);
	if (rc == 0) {
		rc = renameat(folder, fresh->name, folder, log->file.name) < 0 ? -errno : 0;
		if (rc < 0)
			durable_remove(folder, old);
	} else if (rc == -EPERM || rc == -EOPNOTSUPP || rc == -ENOSYS || rc == -EMLINK) {
		rc = exchange_by_renames(log, old, fresh);
	}
	if (rc != 0)
		return rc;
	fresh->name = log->file.name;
	close(log->file.fd);
	log->file = *fresh;
	fresh->fd = -1;
	return durable_sync_folder(folder) < 0 ? ROTATE_LOST : 0;
}

int rotate_undo_number(const struct audit_log *log)
{
	int number = newest(log->file.folder, log->file.name);
	struct stat mine, old;
	char *name;
	int rc = 0;

	if (number <= 0)
		return number;
	name = numbered(log->file.name, (unsigned)number);
	if (!name)
		return -ENOMEM;
	if (fstat(log->file.fd, &mine) < 0)
		rc = -errno;
	else if (fstatat(log->file.folder, name, &old, AT_SYMLINK_NOFOLLOW) == 0 &&
		 old.st_dev == mine.st_dev && old.st_ino == mine.st_ino)
		rc = durable_remove(log->file.folder, name);
	free(name);
	return rc;
}

int rotate(struct audit_log *log)
{
	int rc = rotate_undo_number(log);
	int number = rc < 0 ? rc : newest(log->file.folder, log->file.name);
	struct logfile fresh = {.fd = -1};
	char *old = NULL, *name = NULL;

	rc = -ENOMEM;
	if (number < 0 || number >= NUMBER_MAX)
		return number < 0 ? number : ROTATE_FULL;
	old = numbered(log->file.name, (unsigned)number + 1);
	if (asprintf(&name, "%s.new", log->file.name) < 0)
		name = NULL;
	if (!old || !name)
		goto out;
	/* The rows that answer these marks are in files that no later start reads. */
	rc = begun_compact(&log->begun);
	if (rc == 0)
		rc = prepare(log, name, &fresh);
	if (rc < 0)
		goto out;
	rc = exchange(log, old, &fresh);
	if (fresh.fd >= 0) {
		durable_remove(fresh.folder, name);
		close(fresh.fd);
	}
out:
	free(name);
	free(old);
	return rc;
}
