/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/base/durable.h"

#define FILE_MAX (1 << 20)

/* The file, made if it is missing, locked under its name: another program may have replaced it
 * while this one waited for the lock. */
static int open_locked(int folder, const char *name)
{
	for (;;) {
		int fd = durable_open(folder, name, O_RDWR | O_CREAT | O_APPEND, 0600), rc = 0;

		if (fd < 0)
			return fd;
		while (rc == 0 && flock(fd, LOCK_EX) < 0)
			rc = errno == EINTR ? 0 : -errno;
		if (rc == 0)
			rc = durable_still_named(folder, name, fd, -1);
		if (rc == 0)
			return fd;
		close(fd);
		if (rc != -ESTALE)
			return rc;
	}
}

/* All of it with an LF at its end, so that a line can follow; to be freed. */
static char *read_all(int fd, off_t size)
{
	char *text = size <= FILE_MAX ? malloc((size_t)size + 2) : NULL;

	if (!text) {
		errno = size <= FILE_MAX ? ENOMEM : EFBIG;
		return NULL;
	}
	errno = -durable_read_at(fd, text, (size_t)size, 0);
	if (!errno && memchr(text, '\0', (size_t)size))
		errno = EBADMSG; /* no users file */
	if (errno) {
		free(text);
		return NULL;
	}
	if (size > 0 && text[size - 1] != '\n')
		text[size++] = '\n';
	text[size] = '\0';
	return text;
}

static bool is_of(const char *line, const char *user)
{
	char kind[8], name[80];

	return sscanf(line, "%7s %79s", kind, name) == 2 && strcmp(kind, "user") == 0 &&
	       strcmp(name, user) == 0;
}

/* Takes the lines of a user out of the text. */
static bool leave_out(char *text, const char *user)
{
	char *to = text;
	bool found = false;

	for (char *line = text, *next; *line; line = next) {
		char first[128];
		size_t length;

		next = strchr(line, '\n') + 1;
		length = (size_t)(next - line);
		snprintf(first, sizeof(first), "%.*s", (int)length, line);
		if (is_of(first, user)) {
			found = true;
			continue;
		}
		memmove(to, line, length);
		to += length;
	}
	*to = '\0';
	return found;
}

/* Root may change a user in a file that the user h7gang-web must be able to read: the owner
 * stays. */
static int replace(int folder, const char *name, const struct stat *st, const char *text,
		   const char *line)
{
	char *all;
	int rc;

	if (asprintf(&all, "%s%s", text, line) < 0)
		return -ENOMEM;
	rc = durable_replace_for(folder, name, all, strlen(all), 0600, st);
	free(all);
	return rc;
}

/* A new name is appended, which also works in a folder that this user cannot write. */
static int append(int folder, int fd, const char *line)
{
	int rc = durable_end_line(fd);

	if (rc == 0)
		rc = durable_write_all(fd, line, strlen(line));
	if (rc == 0)
		rc = durable_sync(fd);
	return rc == 0 ? durable_sync_folder(folder) : rc;
}

int users_put(const char *path, const char *user, const char *line, bool *replaced)
{
	const char *name;
	struct stat st;
	char *text = NULL;
	int folder = durable_folder(path, false, &name), fd, rc;

	*replaced = false;
	if (folder < 0)
		return folder;
	rc = fd = open_locked(folder, name);
	if (fd >= 0)
		rc = fstat(fd, &st) == 0 && (text = read_all(fd, st.st_size)) ? 0 : -errno;
	if (rc == 0) {
		*replaced = user && leave_out(text, user);
		rc = *replaced ? replace(folder, name, &st, text, line) : append(folder, fd, line);
	}
	free(text);
	if (fd >= 0)
		close(fd);
	close(folder);
	return rc;
}
