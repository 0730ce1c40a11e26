/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device behind a scanner, open or not. */
#ifndef SCANNER_DEVICE_H
#define SCANNER_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "keymap.h"
#include "scan_text.h"

struct libevdev;

struct device {
	int fd;                 /* -1: not open */
	struct libevdev *evdev; /* NULL: a serial port */
	struct keymap keymap;
	struct termios port; /* the settings of the serial port */
	bool set;            /* `port` is valid: a port that comes back has its driver's defaults */
};

/* Opens and grabs it. A serial port gets the settings of its first open. False: `why`. */
bool device_open(struct device *device, const char *path, enum profile_scan_layout layout,
		 char *why, size_t why_size);
void device_close(struct device *device);

enum device_read {
	DEVICE_MORE, /* `character` is the next one */
	DEVICE_END,  /* the scan ends here */
	DEVICE_LOST, /* something was not read */
	DEVICE_IDLE, /* nothing more is there now */
	DEVICE_GONE
};

enum device_read device_read(struct device *device, uint32_t *character);

#endif
