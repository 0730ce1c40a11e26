/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/base/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_MODE 0750

static int open_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Syncs the folder in which `path` (no trailing slash) was just made. */
static int sync_parent(char *path)
{
	char *slash = strrchr(path, '/');
	int fd, rc;

	if (!slash) {
		fd = open_folder(".");
	} else if (slash == path) {
		fd = open_folder("/");
	} else {
		*slash = '\0';
		fd = open_folder(path);
		*slash = '/';
	}
	if (fd < 0)
		return fd;
	rc = durable_sync_folder(fd);
	close(fd);
	return rc;
}

static int make_one(char *path)
{
	if (mkdir(path, FOLDER_MODE) == 0)
		return sync_parent(path);
	/* EROFS and EACCES may also be the answer for one that is there; opening it will tell. */
	return errno == EEXIST || errno == EROFS || errno == EACCES ? 0 : -errno;
}

static int make_folders(char *path)
{
	int rc;

	for (char *p = path + 1; *p; p++) {
		if (*p != '/' || p[-1] == '/')
			continue;
		*p = '\0';
		rc = make_one(path);
		*p = '/';
		if (rc < 0)
			return rc;
	}
	return make_one(path);
}

int durable_folder(const char *path, bool make, const char **name)
{
	const char *slash = strrchr(path, '/');
	char *folder;
	int fd;

	*name = slash ? slash + 1 : path;
	if (!**name || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0)
		return -EISDIR;
	if (!slash)
		return open_folder(".");
	while (slash > path && slash[-1] == '/')
		slash--;
	if (slash == path)
		return open_folder("/");
	folder = strndup(path, (size_t)(slash - path));
	if (!folder)
		return -ENOMEM;
	fd = open_folder(folder);
	if (fd == -ENOENT && make) {
		fd = make_folders(folder);
		if (fd == 0)
			fd = open_folder(folder);
	}
	free(folder);
	return fd;
}

char *durable_place(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) + 1 : 0;
	char *here, *place = NULL;

	if (path[0] == '/')
		return strndup(path, length);
	here = getcwd(NULL, 0);
	if (here && asprintf(&place, "%s/%.*s", here, (int)length, path) < 0)
		place = NULL;
	free(here);
	return place;
}

int durable_still_at(const char *place, int folder)
{
	struct stat mine, there;

	if (fstat(folder, &mine) < 0)
		return -errno;
	if (stat(place, &there) < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? -ESTALE : 0;
	return mine.st_dev == there.st_dev && mine.st_ino == there.st_ino ? 0 : -ESTALE;
}

int durable_open(int folder, const char *name, int flags, mode_t mode)
{
	struct stat st;
	int fd = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0) {
		int rc = -errno;

		close(fd);
		if (flags & O_EXCL)
			unlinkat(folder, name,
				 0); /* this call created it, and no other code knows about it */
		return rc;
	}
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	}
	return fd;
}

int durable_write_all(int fd, const void *data, size_t length)
{
	const char *p = data;

	while (length > 0) {
		ssize_t n = write(fd, p, length);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (n == 0)
			return -EIO;
		p += n;
		length -= (size_t)n;
	}
	return 0;
}

int durable_end_line(int fd)
{
	struct stat st;
	ssize_t n;
	char last;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size == 0)
		return 0;
	do {
		n = pread(fd, &last, 1, st.st_size - 1);
	} while (n < 0 && errno == EINTR);
	if (n != 1)
		return n < 0 ? -errno : -EIO;
	return last == '\n' ? 0 : durable_write_all(fd, "\n", 1);
}

int durable_sync(int fd)
{
	while (fdatasync(fd) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

int durable_sync_folder(int folder)
{
	while (fsync(folder) < 0) {
		if (errno == EINTR)
			continue;
		/* Some file systems (FUSE, network) cannot sync a folder and say so. */
		return errno == EINVAL || errno == ENOTSUP ? 0 : -errno;
	}
	return 0;
}

int durable_replace(int folder, const char *name, const void *data, size_t length, mode_t mode)
{
	return durable_replace_for(folder, name, data, length, mode, NULL);
}

int durable_replace_for(int folder, const char *name, const void *data, size_t length, mode_t mode,
			const struct stat *before)
{
	char *fresh;
	int fd, rc;

	if (asprintf(&fresh, "%s.new", name) < 0)
		return -ENOMEM;
	rc = durable_remove(folder, fresh);
	if (rc < 0)
		goto out;
	fd = durable_open(folder, fresh, O_WRONLY | O_CREAT | O_EXCL, mode);
	if (fd < 0) {
		rc = fd;
		goto out;
	}
	if (before && before->st_uid != geteuid() && fchown(fd, before->st_uid, before->st_gid) < 0)
		rc = -errno;
	if (rc == 0)
		rc = durable_write_all(fd, data, length);
	if (rc == 0)
		rc = durable_sync(fd);
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc == 0 && renameat(folder, fresh, folder, name) < 0)
		rc = -errno;
	if (rc == 0)
		rc = durable_sync_folder(folder);
	else
		durable_remove(folder, fresh);
out:
	free(fresh);
	return rc;
}

int durable_remove(int folder, const char *name)
{
	if (unlinkat(folder, name, 0) < 0 && errno != ENOENT)
		return -errno;
	return 0;
}

int durable_still_named(int folder, const char *name, int fd, off_t size)
{
	struct stat mine, named;

	if (fstat(fd, &mine) < 0)
		return -errno;
	if (fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? -ESTALE : -errno;
	if (mine.st_dev != named.st_dev || mine.st_ino != named.st_ino)
		return -ESTALE;
	return size >= 0 && mine.st_size != size ? -ESTALE : 0;
}

int durable_read_at(int fd, void *data, size_t length, off_t at)
{
	char *to = data;

	while (length > 0) {
		ssize_t n = pread(fd, to, length, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		to += n;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}
