/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/profile/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define FIRMWARE 100 /* `file: 100` in a profile is this descriptor, beside the profile's own */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	int file = memfd_create("firmware", MFD_CLOEXEC);

	(void)argc;
	(void)argv;
	if (file < 0 || write(file, "\0\0\2\x20\5\0\0\x8", 8) != 8 ||
	    dup2(file, FIRMWARE) != FIRMWARE)
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int file = memfd_create("profile", MFD_CLOEXEC);
	struct profile_problems problems;
	struct profile *profile;
	char path[64];

	if (file < 0 || write(file, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	profile = profile_load(path, &problems);
	/* Refused with a reason, or whole. */
	if ((profile == NULL) != (problems.count > 0))
		abort();
	if (profile != NULL && (profile->part == NULL || profile->files == 0 ||
				!profile_name_ok(profile->name) || profile->flash.used == 0))
		abort();
	profile_free(profile);
	profile_problems_free(&problems);
	close(file);
	return 0;
}
