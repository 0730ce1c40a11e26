/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fleet-sleep SECONDS: on the fleet's time, since a program that uses libusb lives on it. */
#include <stdlib.h>
#include <time.h>

#include <libusb.h>

int main(int argc, char **argv)
{
	struct timespec wait = {.tv_sec = argc == 2 ? atol(argv[1]) : 0};

	(void)libusb_get_version();
	return argc == 2 && wait.tv_sec > 0 && clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL) == 0
		       ? 0
		       : 2;
}
