/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A signal ends the sending thread, also while it waits. */
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>

#include "h7gang/base/clock.h"
#include "publish.h"

static atomic_bool ending;
static int wake = -1; /* readable once `ending` is set */

bool publish_ending_init(void)
{
	wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return wake >= 0;
}

void publish_end(void)
{
	atomic_store(&ending, true);
	(void)!eventfd_write(wake, 1);
}

bool publish_ending(void)
{
	return atomic_load(&ending);
}

void publish_wait(int64_t ms)
{
	if (!publish_ending())
		clock_wait_other(wake, POLLIN, ms);
}
