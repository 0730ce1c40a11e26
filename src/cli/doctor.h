/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A station's requirements of its system, checked one by one. Each check looks below a root folder
 * ("" for this system's own) and tells the problem and the command that repairs it. */
#ifndef H7GANG_SRC_CLI_DOCTOR_H
#define H7GANG_SRC_CLI_DOCTOR_H

#include <stdbool.h>

#include "h7gang/profile/profile.h"
#include "h7gang/usb/bus.h"
#include "h7gang/usb/power.h"

enum doctor_grade { DOCTOR_OK, DOCTOR_NOTE, DOCTOR_WRONG };

struct doctor_finding {
	enum doctor_grade grade;
	char what[256];
	char mend[320]; /* a command; "" none */
};

/* Whether the kernel lets the board be used. False: it does, without a finding. */
bool doctor_usable(const char *root, const struct usb_seen *seen, struct doctor_finding *finding);

/* A slot of the profile without a board, a board without a slot, two slots that are one port. */
void doctor_empty_slot(const char *slot, const char *port, const char *what,
		       struct doctor_finding *finding);
void doctor_astray(const char *path, struct doctor_finding *finding);
void doctor_twins(const struct profile_slot *first, const struct profile_slot *second,
		  struct doctor_finding *finding);

void doctor_udev_rule(const char *root, bool is_root, struct doctor_finding *finding);
void doctor_device_folder(const char *root, unsigned boards, struct doctor_finding *finding);
/* Whether this user may open that board. */
void doctor_access(const char *root, const struct usb_seen *seen, struct doctor_finding *finding);
void doctor_autosuspend(const char *root, const struct usb_seen *seen,
			struct doctor_finding *finding);
/* Whether the computer may be suspended while it programs boards. */
void doctor_suspend(const char *root, struct doctor_finding *finding);
void doctor_usbfs_memory(const char *root, unsigned boards, struct doctor_finding *finding);
void doctor_disk(const char *folder, struct doctor_finding *finding);
/* `path`: the folder for second places of number files, NULL: there is none, and `why`. */
void doctor_state_folder(const char *path, const char *source, const char *why,
			 struct doctor_finding *finding);
/* The second place of a number file is missing; `why` and the profile's path. */
void doctor_second_place(const char *why, const char *profile, struct doctor_finding *finding);
/* `now`: as in the log; `synchronized`: the kernel says so. */
void doctor_clock(const char *now, bool synchronized, struct doctor_finding *finding);

/* The power switching of a hub; `slot`: one whose port shall be switched, NULL: none. */
void doctor_power(const char *path, const char *slot, const struct usb_power *power,
		  struct doctor_finding *finding);

#endif
