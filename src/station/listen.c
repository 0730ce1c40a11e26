/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "h7gang/station/outbox.h"

#define WAITING_MAX 16
#define GROUP_BYTES 65536 /* for an entry of the group database */

static bool address_of(const char *path, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address->sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(address->sun_path, path, strlen(path) + 1);
	return true;
}

static int close_with_errno(int fd)
{
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

int station_connect(const char *path)
{
	struct sockaddr_un address;
	int fd = -1;

	if (address_of(path, &address))
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		return close_with_errno(fd);
	return fd;
}

/* A socket without a listener was left by a run that was killed. */
static bool left_behind(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return false;
	fd = station_connect(path);
	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == ECONNREFUSED;
}

static bool group_id(const char *name, gid_t *id, char *why, size_t why_size)
{
	char *bytes = malloc(GROUP_BYTES);
	struct group entry, *found = NULL;
	int error = bytes ? getgrnam_r(name, &entry, bytes, GROUP_BYTES, &found) : ENOMEM;

	if (found)
		*id = found->gr_gid;
	else
		snprintf(why, why_size, "group %s: %s", name,
			 error ? strerrordesc_np(error) : "there is no such group");
	free(bytes);
	return found != NULL;
}

/* No client is accepted before the group is set. */
static int bind_socket(const struct sockaddr_un *address, const gid_t *group)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error;

	if (fd < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0)
		return close_with_errno(fd);
	if ((!group || chown(address->sun_path, (uid_t)-1, *group) == 0) &&
	    chmod(address->sun_path, 0660) == 0 && listen(fd, WAITING_MAX) == 0)
		return fd;
	error = errno;
	unlink(address->sun_path);
	errno = error;
	return close_with_errno(fd);
}

int station_listen(const char *path, const char *group, char *why, size_t why_size)
{
	struct sockaddr_un address;
	gid_t id = 0;
	int fd = -1;

	if (group && !group_id(group, &id, why, why_size))
		return -1;
	if (address_of(path, &address)) {
		if (left_behind(path))
			unlink(path);
		fd = bind_socket(&address, group ? &id : NULL);
	}
	if (fd < 0)
		snprintf(why, why_size, "%s: %s%s", path, strerrordesc_np(errno),
			 errno == ENOENT ? ". Make its folder first, writable for this user" : "");
	return fd;
}
