/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The proof that the application runs: its USB device at the board's port. */
#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "h7gang/usb/port.h"
#include "steps.h"

#define LOOK_MS 50
#define SERIAL_MARK "{serial}"

/* `pattern` with the unit's serial number in the place of {serial}. */
static void expand(const char *pattern, const char *serial, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	while (*pattern && used < size) {
		bool mark = strncmp(pattern, SERIAL_MARK, strlen(SERIAL_MARK)) == 0;
		int n = mark ? snprintf(text + used, size - used, "%s", serial)
			     : snprintf(text + used, size - used, "%c", *pattern);

		if (n < 0)
			return;
		used += (size_t)n;
		pattern += mark ? strlen(SERIAL_MARK) : 1;
	}
}

/* The difference from the profile; "" none. */
static void compare(const struct job *job, const struct usb_occupant *seen, char *text, size_t size)
{
	const struct profile_boot *boot = &job->profile->boot;
	char serial[USB_TEXT_SIZE];

	text[0] = '\0';
	if (seen->vid != boot->usb.vid || seen->pid != boot->usb.pid) {
		snprintf(text, size, "expected %04x:%04x", boot->usb.vid, boot->usb.pid);
		return;
	}
	if (boot->product && strcmp(boot->product, seen->product) != 0) {
		snprintf(text, size, "expected product \"%s\"", boot->product);
		return;
	}
	if (!boot->serial)
		return;
	expand(boot->serial, job->unit_serial ? job->unit_serial : "", serial, sizeof(serial));
	if (strcmp(serial, seen->serial) != 0)
		snprintf(text, size, "expected serial \"%s\"", serial);
}

static void keep(struct job *job, const struct usb_occupant *seen)
{
	snprintf(job->boot, sizeof(job->boot), "%04x:%04x%s%.60s%s%s%.60s", seen->vid, seen->pid,
		 seen->product[0] ? " \"" : "", seen->product, seen->product[0] ? "\"" : "",
		 seen->serial[0] ? " " : "", seen->serial);
}

static bool is_bootloader(const struct job *job, const struct usb_occupant *seen)
{
	return seen->vid == job->profile->usb.vid && seen->pid == job->profile->usb.pid;
}

void step_boot(struct job *job)
{
	const struct profile_boot *boot = &job->profile->boot;
	int64_t deadline;
	struct usb_occupant seen;
	char differs[2 * USB_TEXT_SIZE] = "";
	bool there;

	if (!boot->given || job->error != H7_OK || job->link.leaked)
		return;
	deadline =
		clock_earlier(clock_after_ms((int64_t)boot->within_s * 1000), job->link.deadline);
	for (;;) {
		there = usb_port_look(job->link.path, true, &seen);
		if (there)
			compare(job, &seen, differs, sizeof(differs));
		if ((there && !differs[0]) || clock_now() >= deadline ||
		    job->watch.stop(job->watch.user))
			break;
		clock_sleep_until(clock_earlier(deadline, clock_after_ms(LOOK_MS)));
	}
	if (there)
		keep(job, &seen);
	if (!there)
		job_fail(job, H7_NO_BOOT, "nothing appeared at the port within %u s",
			 boot->within_s);
	else if (is_bootloader(job, &seen))
		job_fail(job, H7_NO_BOOT,
			 "its ROM bootloader was at the port after %u s, not its application: "
			 "BOOT0 must be low when it starts",
			 boot->within_s);
	else if (differs[0])
		job_fail(job, H7_WRONG_PRODUCT, "%s, %s", differs, job->boot);
}
