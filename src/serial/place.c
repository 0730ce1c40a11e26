/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/base/durable.h"

#define SYSTEM_MODE 0755

const char *place_source_name(enum place_source source)
{
	static const char *const names[] = {
		[PLACE_PROFILE] = "station.state_dir of the profile",
		[PLACE_ENVIRONMENT] = "$STATE_DIRECTORY",
		[PLACE_SYSTEM] = "the system's folder",
		[PLACE_USER] = "the user's own folder",
	};

	return names[source];
}

/* --- choosing --- */

/* $STATE_DIRECTORY may name several folders; one that is not absolute is no folder of systemd's. */
static char *from_environment(void)
{
	const char *list = getenv("STATE_DIRECTORY");

	return list && list[0] == '/' ? strndup(list, strcspn(list, ":")) : NULL;
}

/* XDG Base Directory Specification: a path that is not absolute is ignored. */
char *place_user_folder(uid_t uid)
{
	bool own = uid == geteuid();
	const char *state = own ? getenv("XDG_STATE_HOME") : NULL;
	const char *home = own ? getenv("HOME") : NULL;
	char *path = NULL;

	if (state && state[0] == '/') {
		if (asprintf(&path, "%s/h7gang", state) < 0)
			return NULL;
		return path;
	}
	if (!home || home[0] != '/') {
		const struct passwd *user = getpwuid(uid);

		home = user ? user->pw_dir : NULL;
	}
	if (!home || home[0] != '/' || asprintf(&path, "%s/.local/state/h7gang", home) < 0)
		return NULL;
	return path;
}

/* A folder that is only looked for may be missing. */
static char *absolute(const char *path)
{
	char *real = realpath(path, NULL), *here, *whole = NULL;

	if (real || errno != ENOENT)
		return real;
	if (path[0] == '/')
		return strdup(path);
	here = getcwd(NULL, 0);
	if (here && asprintf(&whole, "%s/%s", here, path) < 0)
		whole = NULL;
	free(here);
	return whole;
}

static char *candidate(enum place_source source, const char *configured)
{
	switch (source) {
	case PLACE_PROFILE:
		return configured ? absolute(configured) : NULL;
	case PLACE_ENVIRONMENT:
		return from_environment();
	case PLACE_SYSTEM:
		return strdup(PLACE_SYSTEM_FOLDER);
	case PLACE_USER:
		break;
	}
	return place_user_folder(geteuid());
}

/* Makes a folder, with `mode` (unless 0) regardless of the umask. */
static int make_folder(const char *path, mode_t mode)
{
	const char *name;
	char *inside;
	int fd;

	if (asprintf(&inside, "%s/.", path) < 0)
		return -ENOMEM;
	inside[strlen(inside) - 1] = 'x';
	fd = durable_folder(inside, true, &name);
	free(inside);
	if (fd < 0)
		return fd;
	if (mode && fchmod(fd, mode) < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	close(fd);
	return 0;
}

static int may_write(const char *path)
{
	return faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0 ? 0 : -errno;
}

/* Whether a missing folder could be made. */
static int may_make(const char *path)
{
	char *parent = strdup(path), *slash;
	int rc = parent ? -ENOENT : -ENOMEM;

	while (rc == -ENOENT && (slash = strrchr(parent, '/')) != NULL) {
		slash[slash == parent] = '\0';
		rc = may_write(parent);
		if (slash == parent)
			break;
	}
	free(parent);
	return rc;
}

/* Whether the folder can hold second places; with `make`, it is there afterwards. */
static int try_folder(const char *path, bool make, mode_t mode)
{
	struct stat st;
	char *inner;
	int rc = 0;

	if (stat(path, &st) < 0) {
		if (errno != ENOENT)
			return -errno;
		if (!make)
			return may_make(path);
		rc = make_folder(path, mode);
	} else if (!S_ISDIR(st.st_mode)) {
		rc = -ENOTDIR;
	}
	if (rc < 0)
		return rc;
	if (asprintf(&inner, "%s/" PLACE_SUBFOLDER, path) < 0)
		return -ENOMEM;
	/* A user who may use the folder may use this one. */
	if (stat(inner, &st) == 0)
		rc = may_write(inner);
	else if (!make)
		rc = may_write(path);
	else if (stat(path, &st) == 0 && may_write(path) == 0)
		rc = make_folder(inner, st.st_mode & 07777);
	else
		rc = -EACCES;
	free(inner);
	return rc;
}

bool place_folder_choose(const char *configured, bool shared, bool make,
			 struct place_folder *folder, char *why, size_t why_size)
{
	char *wanted = NULL;
	int rc;

	*folder = (struct place_folder){.path = NULL};
	if (configured) {
		rc = try_folder(configured, make, SYSTEM_MODE);
		if (rc == 0)
			folder->path = candidate(PLACE_PROFILE, configured);
		if (folder->path)
			return true;
		snprintf(why, why_size, "station.state_dir %s: %s", configured,
			 strerror(rc ? -rc : ENOMEM));
		return false;
	}
	for (int source = PLACE_ENVIRONMENT; source <= PLACE_USER; source++) {
		if (source == PLACE_USER && shared)
			continue;
		free(wanted);
		wanted = candidate((enum place_source)source, NULL);
		if (!wanted ||
		    try_folder(wanted, make, source == PLACE_USER ? 0 : SYSTEM_MODE) != 0)
			continue;
		*folder =
			(struct place_folder){.path = wanted, .source = (enum place_source)source};
		return true;
	}
	free(wanted);
	snprintf(why, why_size, "neither $STATE_DIRECTORY nor %s%s can be written to",
		 PLACE_SYSTEM_FOLDER,
		 shared ? " (and several users can write the number file)"
			: " nor the user's state folder");
	return false;
}

void place_folder_free(struct place_folder *folder)
{
	free(folder->path);
	folder->path = NULL;
}

bool place_folder_of(const char *path, struct place_folder *folder)
{
	const char *end = strrchr(path, '/');

	*folder = (struct place_folder){.path = NULL};
	while (end && end > path && end[-1] == '/')
		end--;
	while (end && end > path && end[-1] != '/')
		end--;
	if (!end || end <= path + 1)
		return false;
	folder->path = strndup(path, (size_t)(end - path) - 1);
	return folder->path != NULL;
}

/* --- one second place --- */

char *place_path(const struct place_folder *folder, const char *id)
{
	char *path;

	return asprintf(&path, "%s/" PLACE_SUBFOLDER "/%s", folder->path, id) < 0 ? NULL : path;
}

void place_follow(int place, int like)
{
	struct stat st, now;

	if (fstat(like, &st) < 0 || fstat(place, &now) < 0)
		return;
	if (now.st_uid != geteuid() && geteuid() != 0)
		return;
	if ((now.st_uid != st.st_uid || now.st_gid != st.st_gid) &&
	    fchown(place, st.st_uid, st.st_gid) < 0 && now.st_gid != st.st_gid &&
	    fchown(place, (uid_t)-1, st.st_gid) < 0)
		return; /* another group must not get the rights of this file's group */
	if ((now.st_mode & 07777) != (st.st_mode & 0666))
		(void)fchmod(place, st.st_mode & 0666);
}

int place_make(const char *path, int like)
{
	const char *name;
	int folder = durable_folder(path, false, &name), fd, rc;

	if (folder < 0)
		return folder;
	fd = durable_open(folder, name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0) {
		close(folder);
		return fd;
	}
	rc = durable_write_all(fd, state_place, strlen(state_place));
	if (rc == 0) {
		place_follow(fd, like);
		rc = durable_sync(fd);
	}
	if (rc == 0)
		rc = durable_sync_folder(folder);
	if (rc < 0)
		durable_remove(folder, name);
	close(fd);
	close(folder);
	return rc;
}
