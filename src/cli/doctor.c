/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang doctor [--profile FILE] [--audit FILE] [--count N]\n"
	"\n"
	"Checks the system of a station: access to boards, udev rule, power saving and suspend,\n"
	"memory for N boards (32), hubs and which of them switch the power of ports, free space\n"
	"and permissions at the log (default: this folder), the second place of serial numbers,\n"
	"the clock. Prints each problem and the command that corrects it. Changes nothing.\n"
	"\n"
	"  --profile FILE  check the ports of its slots and its folder for second places\n"
	"  --audit FILE    check the free space and the permissions at this log\n"
	"  --count N       check the memory for USB transfers to N boards (32)\n"
	"\n"
	"Exit status: 0 no problem; 1 a problem was found; 2 usage; 5 internal error.\n";

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#include "cli.h"
#include "doctor.h"
#include "h7gang/base/clock.h"
#include "h7gang/serial/numbers.h"
#include "h7gang/serial/place.h"
#include "h7gang/usb/port.h"
#include "h7gang/usb/power.h"
#include "h7gang/usb/topology.h"
#include "store.h"
#include "tray_time.h"

#define BOARDS_DEFAULT 32
#define SEEN_MAX 1024
#define HUBS_MAX 64
#define CROWD 8 /* boards on one full-speed domain from which on a second hub is worth it */

struct visit {
	bool wrong;
	struct usb_seen *seen;
	unsigned count;
	struct usb_bus *bus;                /* NULL: no USB */
	char hubs[HUBS_MAX][USB_PATH_SIZE]; /* those that were looked at */
	unsigned hub_count;
};

static void show(struct visit *visit, const struct doctor_finding *finding)
{
	static const char *const words[] = {
		[DOCTOR_OK] = "ok", [DOCTOR_NOTE] = "note", [DOCTOR_WRONG] = "WRONG"};

	visit->wrong |= finding->grade == DOCTOR_WRONG;
	cli_print("%-6s %s", words[finding->grade], finding->what);
	if (finding->mend[0])
		cli_print("       %s", finding->mend);
}

static void ignore(void *user, enum usb_change change, const struct usb_seen *seen)
{
	(void)user;
	(void)change;
	(void)seen;
}

static void find_boards(struct visit *visit)
{
	const struct usb_filter rom = {.vid = USB_VID_ST, .pid = USB_PID_ST_DFU};
	struct doctor_finding finding = {.grade = DOCTOR_WRONG};
	char why[160];

	visit->bus = usb_bus_open(&rom, ignore, NULL, why, sizeof(why));
	if (!visit->bus) {
		snprintf(finding.what, sizeof(finding.what), "no USB: %s", why);
		show(visit, &finding);
		return;
	}
	usb_bus_rescan(visit->bus);
	visit->count = usb_bus_list(visit->bus, visit->seen, SEEN_MAX);
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

/* Whether the hub above the port can switch it; each hub once, and each slot that wants it. */
static void look_at_power(struct visit *visit, const char *path, const char *slot)
{
	struct doctor_finding finding;
	struct usb_power power;
	unsigned known = 0;

	if (!visit->bus)
		return;
	usb_power_look(visit->bus, path, &power);
	while (known < visit->hub_count && strcmp(visit->hubs[known], power.hub) != 0)
		known++;
	if (known < visit->hub_count && !slot)
		return;
	if (known == visit->hub_count && known < HUBS_MAX)
		memcpy(visit->hubs[visit->hub_count++], power.hub, USB_PATH_SIZE);
	doctor_power(path, slot, &power, &finding);
	show(visit, &finding);
}

/* The devices at the ports of slots without a board, boards without a slot, slots on one port. */
static void look_at_ports(struct visit *visit, const struct profile *profile)
{
	struct doctor_finding finding;
	unsigned first, second;

	for (unsigned i = 0; i < profile->slots; i++) {
		const struct profile_slot *slot = &profile->slot[i];
		bool filled = false;
		char what[256];

		for (unsigned k = 0; k < visit->count && !filled; k++)
			filled = profile_slot_holds(slot, &visit->seen[k]);
		if (filled)
			continue;
		usb_port_tell(slot->path, &profile->usb, what, sizeof(what));
		doctor_empty_slot(slot->name, slot->path, what, &finding);
		show(visit, &finding);
	}
	for (unsigned k = 0; k < visit->count && profile->slots; k++) {
		bool placed = false;

		for (unsigned i = 0; i < profile->slots && !placed; i++)
			placed = profile_slot_holds(&profile->slot[i], &visit->seen[k]);
		if (placed)
			continue;
		doctor_astray(visit->seen[k].path, &finding);
		show(visit, &finding);
	}
	if (profile_slot_twins(profile, &first, &second)) {
		doctor_twins(&profile->slot[first], &profile->slot[second], &finding);
		show(visit, &finding);
	}
}

/* Whether other hubs, or more controllers, would halve the time of the boards that are here. */
static void look_at_time(struct visit *visit, const struct profile *profile)
{
	struct tray_port *ports = calloc(visit->count + 1, sizeof(*ports));
	struct doctor_finding finding = {.grade = DOCTOR_NOTE};
	double now, wires, buses;

	for (unsigned i = 0; ports && i < visit->count; i++)
		tray_port(visit->seen[i].path, &ports[i]);
	if (ports && visit->count) {
		now = tray_time(profile, ports, visit->count, false);
		wires = tray_time_own_wires(profile, ports, visit->count, false);
		buses = tray_time_own_buses(profile, false);
		if (now >= 2 * wires)
			snprintf(finding.what, sizeof(finding.what),
				 "a hub with one transaction translator a port would take about "
				 "%.0f s for these boards instead of %.0f s",
				 wires, now);
		else if (wires >= 2 * buses)
			snprintf(finding.what, sizeof(finding.what),
				 "more USB controllers would halve the about %.0f s that these "
				 "boards take",
				 wires);
		else
			snprintf(finding.what, sizeof(finding.what),
				 "these boards take about %.0f s: a faster hub would not halve "
				 "this time",
				 now);
		show(visit, &finding);
	}
	free(ports);
}

static void look_at_slots(struct visit *visit, const struct profile *profile)
{
	for (unsigned i = 0; i < profile->slots; i++) {
		const struct profile_slot *slot = &profile->slot[i];
		char path[USB_PATH_SIZE];

		if (slot->power && profile_slot_port(slot, path))
			look_at_power(visit, path, slot->name);
	}
}

static void look_at_boards(struct visit *visit)
{
	struct doctor_finding finding;

	for (unsigned i = 0; i < visit->count; i++) {
		doctor_access("", &visit->seen[i], &finding);
		show(visit, &finding);
		if (doctor_usable("", &visit->seen[i], &finding))
			show(visit, &finding);
		doctor_autosuspend("", &visit->seen[i], &finding);
		show(visit, &finding);
		look_at_power(visit, visit->seen[i].path, NULL);
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

/* Where a new number file gets its second place. */
static void look_at_state_folder(struct visit *visit, const char *configured)
{
	struct place_folder folder;
	struct doctor_finding finding;
	char why[512] = "";

	place_folder_choose(configured, false, false, &folder, why, sizeof(why));
	doctor_state_folder(folder.path, place_source_name(folder.source), why, &finding);
	show(visit, &finding);
	place_folder_free(&folder);
}

/* The same, of a profile if there is one. False: the profile has errors, which were said. */
static bool look_at_profile(struct visit *visit, const char *path)
{
	struct profile_problems problems = {0};
	struct profile *profile = path ? cli_profile(path, &problems) : NULL;
	struct doctor_finding finding;
	char why[512];

	if (profile) {
		look_at_ports(visit, profile);
		look_at_time(visit, profile);
		look_at_slots(visit, profile);
	}
	if (!path || profile)
		look_at_state_folder(visit, profile ? profile->state_dir : NULL);
	if (profile && profile->serial &&
	    !cli_store_url(&(struct cli_options){0}, profile->store_url) &&
	    !numbers_place_is_there(profile, why, sizeof(why))) {
		doctor_second_place(why, path, &finding);
		show(visit, &finding);
	}
	profile_free(profile);
	profile_problems_free(&problems);
	return !path || profile;
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
	bool complete, known;

	if (!visit.seen) {
		cli_say("no memory");
		return H7_EXIT_INTERNAL;
	}
	find_boards(&visit);
	doctor_device_folder("", visit.count, &finding);
	show(&visit, &finding);
	doctor_udev_rule("", geteuid() == 0, &finding);
	show(&visit, &finding);
	doctor_usbfs_memory("", options->count ? options->count : BOARDS_DEFAULT, &finding);
	show(&visit, &finding);
	doctor_suspend("", &finding);
	show(&visit, &finding);
	look_at_boards(&visit);
	complete = look_at_disk(&visit, options->audit);
	known = look_at_profile(&visit, options->profile);
	look_at_clock(&visit);
	if (visit.bus)
		usb_bus_close(visit.bus);
	free(visit.seen);
	if (!complete) {
		cli_say("no memory");
		return H7_EXIT_INTERNAL;
	}
	if (!known)
		return H7_EXIT_USAGE;
	return visit.wrong ? H7_EXIT_FAILED : H7_EXIT_OK;
}

const struct cli_command cli_doctor = {
	.name = "doctor",
	.summary = "find problems of this system and how to correct them",
	.help = help_text,
	.accepts = CLI_LIST(CLI_AUDIT, CLI_COUNT, CLI_PROFILE),
	.any_profile = true,
	.run = run,
};
