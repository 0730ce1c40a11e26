/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "h7gang/audit/key.h"
#include "h7gang/base/durable.h"

#define FILE_MODE 0640 /* a board's flash may be confidential */

static enum h7_exit refuse(const char *path, int error)
{
	cli_say("%s: %s", path, strerror(error));
	return H7_EXIT_USAGE;
}

enum h7_exit file_check_new(const char *path)
{
	struct stat status;
	const char *name;
	int folder = durable_folder(path, false, &name);
	bool there;

	if (folder < 0)
		return refuse(path, -folder);
	there = fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
	close(folder);
	if (!there)
		return H7_EXIT_OK;
	cli_say("%s: exists and is not replaced", path);
	return H7_EXIT_USAGE;
}

/* 0: it may be replaced; else an errno value, EEXIST if it is something else. */
static int begins_with(int folder, const char *name, const char *head)
{
	char text[32];
	size_t length = strlen(head);
	ssize_t n;
	int fd = durable_open(folder, name, O_RDONLY, 0), error = 0;

	if (fd < 0)
		return fd == -ENOENT || fd == -ELOOP ? 0 : fd == -EINVAL ? EEXIST : -fd;
	n = pread(fd, text, length < sizeof(text) ? length : sizeof(text), 0);
	if (n < 0)
		error = errno;
	else if (n > 0 && memcmp(text, head, (size_t)n) != 0)
		error = EEXIST;
	close(fd);
	return error;
}

enum h7_exit file_check_replace(const char *path, const char *head)
{
	const char *name;
	int folder = durable_folder(path, false, &name);
	int error;

	if (folder < 0)
		return refuse(path, -folder);
	error = begins_with(folder, name, head);
	close(folder);
	if (error == EEXIST)
		cli_say("%s: exists and is no older page; it is not replaced", path);
	else if (error != 0)
		return refuse(path, error);
	return error == 0 ? H7_EXIT_OK : H7_EXIT_USAGE;
}

/* A signature is random bytes; a text of its size is something else. */
static bool is_signature(const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] < '\t' || bytes[i] > '~')
			return true;
	}
	return false;
}

/* As begins_with. */
static int holds_signature(int folder, const char *name)
{
	unsigned char bytes[AUDIT_SIGNATURE_SIZE + 1];
	ssize_t n;
	int fd = durable_open(folder, name, O_RDONLY, 0), error = 0;

	if (fd < 0)
		return fd == -ENOENT || fd == -ELOOP ? 0 : fd == -EINVAL ? EEXIST : -fd;
	n = pread(fd, bytes, sizeof(bytes), 0);
	if (n < 0)
		error = errno;
	else if (n != 0 &&
		 (n != AUDIT_SIGNATURE_SIZE || !is_signature(bytes, AUDIT_SIGNATURE_SIZE)))
		error = EEXIST;
	close(fd);
	return error;
}

enum h7_exit file_check_replace_signature(const char *path)
{
	const char *name;
	int folder = durable_folder(path, false, &name);
	int error;

	if (folder < 0)
		return refuse(path, -folder);
	error = holds_signature(folder, name);
	close(folder);
	if (error == EEXIST)
		cli_say("%s: exists and is no older signature; it is not replaced: move it away, "
			"or name another page",
			path);
	else if (error != 0)
		return refuse(path, error);
	return error == 0 ? H7_EXIT_OK : H7_EXIT_USAGE;
}

enum h7_exit file_write_new(const char *path, const void *data, size_t length)
{
	const char *name;
	int folder = durable_folder(path, false, &name);
	int fd, error;

	if (folder < 0)
		return refuse(path, -folder);
	fd = durable_open(folder, name, O_WRONLY | O_CREAT | O_EXCL, FILE_MODE);
	if (fd < 0) {
		close(folder);
		return refuse(path, -fd);
	}
	error = durable_write_all(fd, data, length);
	if (error == 0)
		error = durable_sync(fd);
	close(fd);
	if (error != 0)
		durable_remove(folder, name);
	close(folder);
	return error == 0 ? H7_EXIT_OK : refuse(path, error < 0 ? -error : error);
}
