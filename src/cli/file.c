/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "h7gang/base/durable.h"

#define FILE_MODE 0640 /* what was read from a board may be nobody else's business */

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
	cli_say("%s: is there already, and is left alone", path);
	return H7_EXIT_USAGE;
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
