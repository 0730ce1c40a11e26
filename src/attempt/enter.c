/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A board that runs its application is brought into its bootloader first. */
#include <stdio.h>

#include "h7gang/base/clock.h"
#include "h7gang/usb/enter.h"
#include "h7gang/usb/port.h"
#include "power_cycle.h"
#include "steps.h"

#define TEXT_SIZE 200

static bool runs_application(const struct job *job)
{
	const struct usb_filter *application = &job->profile->enter.usb;
	struct usb_occupant occupant;

	return usb_port_look(job->link.path, false, &occupant) &&
	       occupant.vid == application->vid && occupant.pid == application->pid;
}

static bool ask(struct job *job, char *why, size_t why_size)
{
	const struct profile_enter *enter = &job->profile->enter;

	switch (enter->by) {
	case PROFILE_ENTER_DETACH:
		return usb_detach(job->link.bus, job->link.path, &enter->usb, why, why_size);
	case PROFILE_ENTER_TOUCH:
		return usb_touch(job->link.bus, job->link.path, &enter->usb, why, why_size);
	case PROFILE_ENTER_COMMAND:
		return job->watch.enter(job->watch.user, why, why_size);
	case PROFILE_ENTER_NOT:
		break;
	}
	return false;
}

bool step_enter(struct job *job)
{
	const struct profile_enter *enter = &job->profile->enter;
	char why[TEXT_SIZE] = "", there[TEXT_SIZE];

	if (enter->by == PROFILE_ENTER_NOT || !runs_application(job))
		return true;
	if (!ask(job, why, sizeof(why)))
		return job_fail(job, H7_NO_DEVICE,
				"its application (%04x:%04x) was not brought into the ROM "
				"bootloader: %s",
				enter->usb.vid, enter->usb.pid, why);
	if (power_wait(job, enter->within_s * 1000u, true) == POWER_CAME_BOOTLOADER) {
		job_note(job, "entered from %04x:%04x", enter->usb.vid, enter->usb.pid);
		return true;
	}
	usb_port_describe(job->link.path, there, sizeof(there));
	return job_fail(job, H7_NO_DEVICE,
			"its ROM bootloader did not appear within %u s after the application was "
			"asked to enter it; at the port: %s",
			enter->within_s, there);
}
