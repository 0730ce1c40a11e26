/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HANGS_AT-th claim of an interface does not return: open, SET_INTERFACE and reset have no deadline of their own
 * in libusb either. LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

int libusb_claim_interface(void *handle, int number)
{
	static atomic_int calls;
	int (*real)(void *, int) = (int (*)(void *, int))dlsym(RTLD_NEXT, "libusb_claim_interface");
	const char *at = getenv("HANGS_AT");

	if (at && atomic_fetch_add(&calls, 1) + 1 == atoi(at))
		for (;;)
			clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_sec = 1000000}, NULL);
	return real(handle, number);
}
