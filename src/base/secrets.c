/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/base/secrets.h"

#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int secrets_keep_in(void)
{
	const struct rlimit none = {0, 0};

	if (prctl(PR_SET_DUMPABLE, 0) == 0 && setrlimit(RLIMIT_CORE, &none) == 0)
		return 0;
	return -errno;
}
