/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/audit/published.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/base/durable.h"
#include "lock.h"

#define FORM "h7gang-published-1 "
#define MIDDLE ".published."
#define FILE_MODE 0644 /* the station may run as another user */
#define LOCK_MODE 0600 /* another user could hold a lock on a file that it may read */
#define ENTRIES_MAX 100000u

bool audit_published_name_ok(const char *name)
{
	size_t length = strnlen(name, AUDIT_PUBLISHED_NAME_SIZE);

	if (length == 0 || length == AUDIT_PUBLISHED_NAME_SIZE || !isalnum((unsigned char)name[0]))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isascii((unsigned char)name[i]) ||
		    (!isalnum((unsigned char)name[i]) && name[i] != '_' && name[i] != '-'))
			return false;
	return true;
}

static const char *name_of(const char *log)
{
	const char *slash = strrchr(log, '/');

	return slash ? slash + 1 : log;
}

char *audit_published_path(const char *log, const char *folder, const char *name)
{
	const char *file = name_of(log);
	char *path;
	int length = folder ? asprintf(&path, "%s/%s" MIDDLE "%s", folder, file, name)
			    : asprintf(&path, "%s" MIDDLE "%s", log, name);

	return length < 0 ? NULL : path;
}

static size_t write_line(const struct audit_published *at, char line[AUDIT_PUBLISHED_LINE_MAX])
{
	int used = snprintf(line, AUDIT_PUBLISHED_LINE_MAX, FORM "%" PRIu64 " %s\n", at->seq,
			    at->row_hash);

	return (size_t)used;
}

/* Takes a line only if write_line would write the same bytes. */
bool audit_published_parse(const char *text, size_t length, struct audit_published *at)
{
	char line[AUDIT_PUBLISHED_LINE_MAX], again[AUDIT_PUBLISHED_LINE_MAX];
	uint64_t seq = 0;

	if (length >= sizeof(line) || memchr(text, 0, length))
		return false;
	memcpy(line, text, length);
	line[length] = 0;
	errno = 0;
	if (sscanf(line, FORM "%" SCNu64 " %64[0-9a-f]", &seq, at->row_hash) != 2 || errno ||
	    strlen(at->row_hash) != SHA256_HEX_SIZE - 1 || seq == 0)
		return false;
	at->seq = seq;
	return write_line(at, again) == length && memcmp(again, line, length) == 0;
}

int audit_published_read(const char *path, struct audit_published *at)
{
	char text[AUDIT_PUBLISHED_LINE_MAX];
	const char *name;
	int folder = durable_folder(path, false, &name), fd;
	ssize_t got;

	if (folder < 0)
		return folder;
	fd = durable_open(folder, name, O_RDONLY, 0);
	close(folder);
	if (fd < 0)
		return fd;
	got = pread(fd, text, sizeof(text), 0);
	if (got < 0)
		got = -errno;
	close(fd);
	if (got < 0)
		return (int)got;
	return audit_published_parse(text, (size_t)got, at) ? 0 : -EBADMSG;
}

int audit_published_write(const char *path, const struct audit_published *at)
{
	char text[AUDIT_PUBLISHED_LINE_MAX];
	const char *name;
	int folder = durable_folder(path, false, &name), rc = folder;
	size_t length = write_line(at, text);

	if (folder < 0)
		return rc;
	rc = durable_replace(folder, name, text, length, FILE_MODE);
	close(folder);
	return rc;
}

int audit_published_lock(const char *path)
{
	char *lock;
	const char *name;
	int folder, fd, rc;

	if (asprintf(&lock, "%s.lock", path) < 0)
		return -ENOMEM;
	folder = durable_folder(lock, false, &name);
	fd = folder < 0 ? folder : durable_open(folder, name, O_RDWR | O_CREAT, LOCK_MODE);
	if (folder >= 0)
		close(folder);
	free(lock);
	if (fd < 0)
		return fd;
	rc = lock_take(fd);
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

static int open_names(const char *log, const char *folder)
{
	const char *name;
	int fd;

	if (!folder)
		return durable_folder(log, false, &name);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int audit_published_names(const char *log, const char *folder,
			  char names[][AUDIT_PUBLISHED_NAME_SIZE])
{
	const char *file = name_of(log);
	size_t length = strlen(file);
	int fd = open_names(log, folder);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	unsigned count = 0, seen = 0;

	if (!entries) {
		int rc = fd < 0 ? fd : -errno;

		if (fd >= 0)
			close(fd);
		return rc;
	}
	while (count < AUDIT_PUBLISHED_NAMES_MAX && seen++ < ENTRIES_MAX &&
	       (entry = readdir(entries))) {
		const char *rest = entry->d_name + length;

		if (strncmp(entry->d_name, file, length) != 0 ||
		    strncmp(rest, MIDDLE, strlen(MIDDLE)) != 0 ||
		    !audit_published_name_ok(rest + strlen(MIDDLE)))
			continue;
		snprintf(names[count++], AUDIT_PUBLISHED_NAME_SIZE, "%s", rest + strlen(MIDDLE));
	}
	closedir(entries);
	return (int)count;
}
