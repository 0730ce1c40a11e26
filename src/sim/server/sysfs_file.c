/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of the fleet's sysfs, and the names of its folders. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sysfs_private.h"

void sysfs_put(int folder, const char *name, const char *format, ...)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	va_list arguments;

	if (fd < 0)
		return;
	va_start(arguments, format);
	vdprintf(fd, format, arguments);
	va_end(arguments);
	close(fd);
}

void sysfs_interface(const char *device, const char *number, char name[SYSFS_NAME_SIZE])
{
	bool root = strncmp(device, "usb", 3) == 0;

	snprintf(name, SYSFS_NAME_SIZE, "%.31s%s:%s", root ? device + 3 : device, root ? "-0" : "",
		 number ? number : "");
}
