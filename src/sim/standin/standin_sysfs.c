/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /sys/bus/usb/devices of the virtual bus. A program that links libusb finds these functions before
 * the C library's. Calls with a path below that folder are redirected to the fleet's own (sysfs.h
 * of the server), so that this machine's real devices are not visible. */
/* The checked variants are defined here, too: the C library's headers must not redirect to them. */
#undef _FORTIFY_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "standin.h"

#define KERNELS "/sys/bus/usb/devices"
#define BUDGET "/sys/module/usbcore/parameters/usbfs_memory_mb"
/* A real computer's, for a fleet that asks for it: bus 1 is that of 0000:00:14.0. */
#define CONTROLLERS "/sys/devices/pci0000:00/"
#define PCI_BUS "../../../bus/pci"
#define SEEN __attribute__((visibility("default")))

/* The redirected path; NULL with ENAMETOOLONG. */
static const char *lead(const char *path, char room[PATH_MAX])
{
	const char *folder = getenv(PROTO_ENV_SYSFS);
	size_t length = sizeof(KERNELS) - 1;

	if (path && folder && strcmp(path, BUDGET) == 0) {
		snprintf(room, PATH_MAX, "%s/" PROTO_BUDGET_FILE, folder);
		return room;
	}
	if (!path || !folder || strncmp(path, KERNELS, length) != 0 ||
	    (path[length] && path[length] != '/'))
		return path;
	if (snprintf(room, PATH_MAX, "%s%s", folder, path + length) < PATH_MAX)
		return room;
	errno = ENAMETOOLONG;
	return NULL;
}

/* The C library's function of that name. */
static void *next(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (!found)
		abort(); /* no program runs without them */
	return found;
}

/* Declares `real`, the C library's function of that name, and `meant`, the path to hand to it. */
#define NEXT(NAME)                                                                                 \
	__typeof__(&(NAME)) real;                                                                  \
	void *found = next(#NAME);                                                                 \
	char room[PATH_MAX];                                                                       \
	const char *meant = lead(path, room);                                                      \
	memcpy(&real, &found, sizeof(real))

SEEN DIR *opendir(const char *path)
{
	NEXT(opendir);

	return meant ? real(meant) : NULL;
}

SEEN FILE *fopen(const char *path, const char *mode)
{
	NEXT(fopen);

	return meant ? real(meant, mode) : NULL;
}

SEEN FILE *fopen64(const char *path, const char *mode)
{
	NEXT(fopen64);

	return meant ? real(meant, mode) : NULL;
}

SEEN ssize_t readlink(const char *path, char *buffer, size_t size)
{
	NEXT(readlink);

	if (strncmp(path, CONTROLLERS, sizeof(CONTROLLERS) - 1) == 0 &&
	    strstr(path, ".0/subsystem")) {
		size_t length = size < sizeof(PCI_BUS) - 1 ? size : sizeof(PCI_BUS) - 1;

		memcpy(buffer, PCI_BUS, length);
		return (ssize_t)length;
	}

	return meant ? real(meant, buffer, size) : -1;
}

static bool shows_controllers(void)
{
	const char *folder = getenv(PROTO_ENV_SYSFS);
	char file[PATH_MAX];

	return folder &&
	       snprintf(file, sizeof(file), "%s/" PROTO_PCI_FILE, folder) < (int)sizeof(file) &&
	       access(file, F_OK) == 0;
}

SEEN char *realpath(const char *path, char *resolved)
{
	unsigned bus;
	NEXT(realpath);

	if (resolved && meant && sscanf(path, KERNELS "/usb%u", &bus) == 1 && shows_controllers() &&
	    access(path, F_OK) == 0) {
		snprintf(resolved, PATH_MAX, CONTROLLERS "0000:00:%02x.0/usb%u", 0x13 + bus, bus);
		return resolved;
	}

	return meant ? real(meant, resolved) : NULL;
}

SEEN int access(const char *path, int mode)
{
	NEXT(access);

	return meant ? real(meant, mode) : -1;
}

static mode_t mode_of(int flags, va_list arguments)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

SEEN int open(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;
	NEXT(open);

	va_start(arguments, flags);
	mode = mode_of(flags, arguments);
	va_end(arguments);
	return meant ? real(meant, flags, mode) : -1;
}

SEEN int open64(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;
	NEXT(open64);

	va_start(arguments, flags);
	mode = mode_of(flags, arguments);
	va_end(arguments);
	return meant ? real(meant, flags, mode) : -1;
}

/* Programs built with _FORTIFY_SOURCE call these instead. */

SEEN ssize_t __readlink_chk(const char *path, char *buffer, size_t size, size_t room_for);
SEEN ssize_t __readlink_chk(const char *path, char *buffer, size_t size, size_t room_for)
{
	if (size > room_for)
		abort();
	return readlink(path, buffer, size);
}

SEEN char *__realpath_chk(const char *path, char *resolved, size_t room_for);
SEEN char *__realpath_chk(const char *path, char *resolved, size_t room_for)
{
	if (room_for < PATH_MAX)
		abort();
	return realpath(path, resolved);
}

SEEN int __open_2(const char *path, int flags);
SEEN int __open_2(const char *path, int flags)
{
	return open(path, flags);
}

SEEN int __open64_2(const char *path, int flags);
SEEN int __open64_2(const char *path, int flags)
{
	return open64(path, flags);
}
