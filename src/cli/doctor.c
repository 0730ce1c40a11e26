/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang doctor [--audit FILE] [--count N]\n"
	"\n"
	"Looks at what a station needs of its system: access to the boards, the udev rule, power\n"
	"saving, memory for N boards (32), hubs, room and rights where the log is to be (here), the\n"
	"clock. Says what is wrong and the command that mends it. Changes nothing.\n"
	"\n"
	"Exit status: 0 nothing is wrong; 1 something is; 2 usage; 5 internal error.\n";

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#include "cli.h"
#include "doctor.h"
#include "h7gang/base/clock.h"
#include "h7gang/usb/topology.h"

#define BOARDS_DEFAULT 32
#define SEEN_MAX 1024
#define CROWD 8 /* boards on one full-speed domain from which on a second hub is worth it */

struct visit {
	bool wrong;
	struct usb_seen *seen;
	unsigned count;
};

static void show(struct visit *visit, const struct doctor_finding *finding)
{
	static const char *const words[] = {
		[DOCTOR_OK] = "ok", [DOCTOR_NOTE] = "note", [DOCTOR_WRONG] = "WRONG"};

	visit->wrong |= finding->grade == DOCTOR_WRONG;
	printf("%-6s %s\n", words[finding->grade], finding->what);
	if (finding->mend[0])
		printf("       %s\n", finding->mend);
}

static void ignore(void *user, enum usb_change change, const struct usb_seen *seen)
{
	(void)user;
	(void)change;
	(void)seen;
}

static void find_boards(struct visit *visit)
{
	const struct usb_filter rom = {.vid = 0x0483, .pid = 0xdf11}; /* AN2606 */
	struct doctor_finding finding = {.grade = DOCTOR_WRONG};
	struct usb_bus *bus;
	char why[160];

	bus = usb_bus_open(&rom, ignore, NULL, why, sizeof(why));
	if (!bus) {
		snprintf(finding.what, sizeof(finding.what), "no USB: %s", why);
		show(visit, &finding);
		return;
	}
	usb_bus_rescan(bus);
	visit->count = usb_bus_list(bus, visit->seen, SEEN_MAX);
	usb_bus_close(bus);
	finding.grade = DOCTOR_NOTE;
	snprintf(finding.what, sizeof(finding.what), "%u board%s in ROM DFU", visit->count,
		 visit->count == 1 ? " is" : "s are");
	show(visit, &finding);
}

/* Boards that share the 12 Mbit/s of one transaction translator, told once for each. */
static void show_sharing(struct visit *visit)
{
	char domain[USB_PATH_SIZE], other[USB_PATH_SIZE];

	for (unsigned i = 0; i < visit->count; i++) {
		struct doctor_finding finding = {.grade = DOCTOR_NOTE};
		unsigned before = 0, all = 0;

		usb_full_speed_domain(visit->seen[i].path, domain, sizeof(domain));
		for (unsigned k = 0; k < visit->count && domain[0]; k++) {
			usb_full_speed_domain(visit->seen[k].path, other, sizeof(other));
			all += strcmp(domain, other) == 0;
			before += k < i && strcmp(domain, other) == 0;
		}
		if (before || all < CROWD)
			continue;
		snprintf(finding.what, sizeof(finding.what),
			 "%u boards share 12 Mbit/s at %s: a hub with one transaction translator "
			 "a port, or a second hub, makes them faster",
			 all, domain);
		show(visit, &finding);
	}
}

static void look_at_boards(struct visit *visit)
{
	struct doctor_finding finding;

	for (unsigned i = 0; i < visit->count; i++) {
		doctor_access("", &visit->seen[i], &finding);
		show(visit, &finding);
		doctor_autosuspend("", &visit->seen[i], &finding);
		show(visit, &finding);
	}
	show_sharing(visit);
}

static bool look_at_disk(struct visit *visit, const char *audit)
{
	char *copy = strdup(audit ? audit : "./log.csv");
	struct doctor_finding finding;

	if (!copy)
		return false;
	doctor_disk(dirname(copy), &finding);
	show(visit, &finding);
	free(copy);
	return true;
}

static void look_at_clock(struct visit *visit)
{
	struct timex state = {.modes = 0};
	struct doctor_finding finding;
	int answer = adjtimex(&state);
	char now[CLOCK_TEXT_SIZE];

	clock_wall_text(now);
	doctor_clock(now, answer >= 0 && answer != TIME_ERROR && !(state.status & STA_UNSYNC),
		     &finding);
	show(visit, &finding);
}

static enum h7_exit run(const struct cli_options *options)
{
	struct visit visit = {.seen = calloc(SEEN_MAX, sizeof(*visit.seen))};
	struct doctor_finding finding;
	bool complete;

	if (!visit.seen) {
		cli_say("no memory");
		return H7_EXIT_INTERNAL;
	}
	doctor_device_folder("", &finding);
	show(&visit, &finding);
	doctor_udev_rule("", geteuid() == 0, &finding);
	show(&visit, &finding);
	doctor_usbfs_memory("", options->count ? options->count : BOARDS_DEFAULT, &finding);
	show(&visit, &finding);
	find_boards(&visit);
	look_at_boards(&visit);
	complete = look_at_disk(&visit, options->audit);
	look_at_clock(&visit);
	free(visit.seen);
	if (!complete) {
		cli_say("no memory");
		return H7_EXIT_INTERNAL;
	}
	return visit.wrong ? H7_EXIT_FAILED : H7_EXIT_OK;
}

const struct cli_command cli_doctor = {
	.name = "doctor",
	.summary = "what this system lacks, and the command that mends it",
	.help = help_text,
	.accepts = CLI_AUDIT | CLI_COUNT,
	.run = run,
};
