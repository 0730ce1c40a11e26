/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that the kernel never returns from: open, SET_INTERFACE and reset have no deadline of their
 * own in libusb, and a look at sysfs can block. HANGS_AT: which claim of an interface;
 * LOOK_HANGS_AT: which look at the bus. HANGS_MARK: a file that is made when it hangs. LD_PRELOAD.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void hang_at(atomic_int *calls, const char *name)
{
	const char *at = getenv(name), *mark = getenv("HANGS_MARK");

	if (at && atomic_fetch_add(calls, 1) + 1 == atoi(at)) {
		if (mark)
			close(creat(mark, 0600));
		for (;;)
			clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_sec = 1000000},
					NULL);
	}
}

int libusb_claim_interface(void *handle, int number)
{
	static atomic_int calls;
	int (*real)(void *, int) = (int (*)(void *, int))dlsym(RTLD_NEXT, "libusb_claim_interface");

	hang_at(&calls, "HANGS_AT");
	return real(handle, number);
}

DIR *opendir(const char *path)
{
	static atomic_int calls;
	DIR *(*real)(const char *) = (DIR * (*)(const char *)) dlsym(RTLD_NEXT, "opendir");

	if (strcmp(path, "/sys/bus/usb/devices") == 0)
		hang_at(&calls, "LOOK_HANGS_AT");
	return real(path);
}
