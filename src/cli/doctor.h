/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a station needs of its system, asked one by one. Each check looks below a root folder ("" for this
 * system's own) and tells what is wrong and the command that mends it. */
#ifndef H7GANG_SRC_CLI_DOCTOR_H
#define H7GANG_SRC_CLI_DOCTOR_H

#include <stdbool.h>

#include "h7gang/usb/bus.h"

enum doctor_grade { DOCTOR_OK, DOCTOR_NOTE, DOCTOR_WRONG };

struct doctor_finding {
	enum doctor_grade grade;
	char what[256];
	char mend[320]; /* a command; "" none */
};

void doctor_udev_rule(const char *root, bool is_root, struct doctor_finding *finding);
void doctor_device_folder(const char *root, struct doctor_finding *finding);
/* Whether this user may open that board. */
void doctor_access(const char *root, const struct usb_seen *seen, struct doctor_finding *finding);
void doctor_autosuspend(const char *root, const struct usb_seen *seen,
			struct doctor_finding *finding);
void doctor_usbfs_memory(const char *root, unsigned boards, struct doctor_finding *finding);
void doctor_disk(const char *folder, struct doctor_finding *finding);
/* `now`: as in the log; `synchronized`: the kernel says so. */
void doctor_clock(const char *now, bool synchronized, struct doctor_finding *finding);

#endif
