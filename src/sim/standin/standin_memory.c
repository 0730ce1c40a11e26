/* SPDX-License-Identifier: GPL-2.0-or-later */
/* usbfs charges each transfer that is in flight against one budget for all programs
 * (drivers/usb/core/devio.c). This process counts its own; the fleet tells the use by others. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "standin.h"

#define URB_BYTES 400 /* struct async and struct urb of Linux 6.1 on amd64, rounded up */

static const struct proto_host *shared;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Atomic uint64_t used;

static void map_host(void)
{
	const char *folder = getenv(PROTO_ENV_SYSFS);
	char path[PATH_MAX];
	void *mapped;
	int fd;

	if (!folder || snprintf(path, sizeof(path), "%s/" PROTO_HOST_FILE, folder) >= PATH_MAX)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	mapped = mmap(NULL, sizeof(*shared), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (mapped != MAP_FAILED)
		shared = mapped;
}

static uint64_t taken(uint64_t now)
{
	now -= shared->base;
	if (shared->every_ns && now % shared->every_ns >= shared->for_ns)
		return 0;
	return atomic_load(&shared->taken_bytes);
}

bool standin_charge(size_t bytes, uint64_t now)
{
	uint64_t cost = bytes + URB_BYTES, before;

	pthread_once(&once, map_host);
	before = atomic_fetch_add(&used, cost);
	if (!shared || !shared->usbfs_bytes || before + cost + taken(now) <= shared->usbfs_bytes)
		return true;
	atomic_fetch_sub(&used, cost);
	return false;
}

void standin_discharge(size_t bytes)
{
	atomic_fetch_sub(&used, bytes + URB_BYTES);
}
