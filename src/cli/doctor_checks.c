/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "h7gang/serial/place.h"

#define RULE_SIZE 8192     /* of a rules file, as far as it is looked at */
#define BOARD_KIB 64u      /* usbfs memory of one board: its window of transfers, and room */
#define DISK_LEAST_MIB 64u /* a row has at most 8 KiB */
#define SURE_AFTER "2026"  /* a clock that stands before that was never set */

#define TRIGGER "sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=usb"

__attribute__((format(printf, 3, 4))) static void
tell(struct doctor_finding *finding, enum doctor_grade grade, const char *what, ...)
{
	va_list arguments;

	finding->grade = grade;
	finding->mend[0] = 0;
	va_start(arguments, what);
	vsnprintf(finding->what, sizeof(finding->what), what, arguments);
	va_end(arguments);
}

__attribute__((format(printf, 2, 3))) static void mend(struct doctor_finding *finding,
						       const char *command, ...)
{
	va_list arguments;

	va_start(arguments, command);
	vsnprintf(finding->mend, sizeof(finding->mend), command, arguments);
	va_end(arguments);
}

/* The beginning of a file as text; false: it cannot be read. */
static bool read_text(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t got;

	if (!file)
		return false;
	got = fread(text, 1, size - 1, file);
	text[got] = 0;
	fclose(file);
	return true;
}

/* Whether one line of a rules file names the ROM's IDs. */
static bool names_board(char *text)
{
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")))
		if (line[0] != '#' && strstr(line, "\"0483\"") && strstr(line, "\"df11\""))
			return true;
	return false;
}

static bool folder_has_rule(const char *folder)
{
	char path[PATH_MAX], text[RULE_SIZE];
	DIR *dir = opendir(folder);
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		size_t length = strlen(entry->d_name);

		if (length < 6 || strcmp(entry->d_name + length - 6, ".rules") != 0)
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >=
		    (int)sizeof(path))
			continue;
		found = read_text(path, text, sizeof(text)) && names_board(text);
	}
	if (dir)
		closedir(dir);
	return found;
}

void doctor_udev_rule(const char *root, bool is_root, struct doctor_finding *finding)
{
	/* udev(7) */
	static const char *const folders[] = {"/etc/udev/rules.d", "/run/udev/rules.d",
					      "/usr/local/lib/udev/rules.d",
					      "/usr/lib/udev/rules.d", "/lib/udev/rules.d"};
	char folder[PATH_MAX];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(folder, sizeof(folder), "%s%s", root, folders[i]);
		if (folder_has_rule(folder)) {
			tell(finding, DOCTOR_OK, "a udev rule for 0483:df11 is in %s", folders[i]);
			return;
		}
	}
	tell(finding, is_root ? DOCTOR_NOTE : DOCTOR_WRONG,
	     "no udev rule gives 0483:df11 to users%s", is_root ? " (root needs none)" : "");
	mend(finding, "sudo cp contrib/60-h7gang.rules /etc/udev/rules.d/ && " TRIGGER);
}

void doctor_device_folder(const char *root, unsigned boards, struct doctor_finding *finding)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/dev/bus/usb", root);
	if (access(path, R_OK | X_OK) == 0) {
		tell(finding, DOCTOR_OK, "/dev/bus/usb exists");
		return;
	}
	if (errno == ENOENT && boards > 0) {
		tell(finding, DOCTOR_NOTE,
		     "/dev/bus/usb does not exist: libusb gets the boards in another way, as "
		     "virtual ones do");
		return;
	}
	tell(finding, DOCTOR_WRONG, "/dev/bus/usb: %s", strerror(errno));
	mend(finding, "sudo modprobe usbcore   (in a container: give /dev/bus/usb to it)");
}

void doctor_access(const char *root, const struct usb_seen *seen, struct doctor_finding *finding)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/dev/bus/usb/%03u/%03u", root, seen->bus, seen->address);
	if (access(path, R_OK | W_OK) == 0) {
		tell(finding, DOCTOR_OK, "%s: may be opened", seen->path);
		return;
	}
	if (errno == ENOENT) {
		tell(finding, DOCTOR_NOTE,
		     "%s: there is no %s: the board is virtual, or it has just left", seen->path,
		     path + strlen(root));
		return;
	}
	tell(finding, DOCTOR_WRONG, "%s: %s: %s", seen->path, path + strlen(root), strerror(errno));
	mend(finding, "sudo usermod -aG plugdev \"$USER\" (then log in again) && " TRIGGER);
}

bool doctor_usable(const char *root, const struct usb_seen *seen, struct doctor_finding *finding)
{
	char path[PATH_MAX], text[32] = "";

	snprintf(path, sizeof(path), "%s/sys/bus/usb/devices/%s/authorized", root, seen->path);
	if (read_text(path, text, sizeof(text)) && text[0] == '0') {
		tell(finding, DOCTOR_WRONG, "%s: the kernel has not authorized it (USBGuard?)",
		     seen->path);
		mend(finding,
		     "echo 1 | sudo tee /sys/bus/usb/devices/%s/authorized   (or allow it in "
		     "USBGuard)",
		     seen->path);
		return true;
	}
	snprintf(path, sizeof(path), "%s/sys/bus/usb/devices/%s/bConfigurationValue", root,
		 seen->path);
	if (read_text(path, text, sizeof(text)) && (text[0] < '1' || text[0] > '9')) {
		tell(finding, DOCTOR_WRONG, "%s: it is not configured", seen->path);
		mend(finding,
		     "insert it again; if it stays so, its hub may have too little power for it");
		return true;
	}
	return false;
}

void doctor_empty_slot(const char *slot, const char *port, const char *what,
		       struct doctor_finding *finding)
{
	tell(finding, DOCTOR_NOTE, "slot %s: %s is at %s", slot, what, port);
}

void doctor_astray(const char *path, struct doctor_finding *finding)
{
	tell(finding, DOCTOR_WRONG, "%s: this board is in no slot of the profile", path);
	mend(finding, "h7gang slots --learn");
}

void doctor_twins(const struct profile_slot *first, const struct profile_slot *second,
		  struct doctor_finding *finding)
{
	tell(finding, DOCTOR_WRONG, "slots %s and %s name the same port: %s is %s", first->name,
	     second->name, first->path, second->path);
	mend(finding, "h7gang slots --learn");
}

void doctor_autosuspend(const char *root, const struct usb_seen *seen,
			struct doctor_finding *finding)
{
	char path[PATH_MAX], text[32] = "";

	snprintf(path, sizeof(path), "%s/sys/bus/usb/devices/%s/power/control", root, seen->path);
	if (!read_text(path, text, sizeof(text)))
		tell(finding, DOCTOR_NOTE,
		     "%s: it is not known whether the board there is suspended when idle",
		     seen->path);
	else if (strncmp(text, "auto", 4) != 0)
		tell(finding, DOCTOR_OK, "%s: the board there is not suspended when idle",
		     seen->path);
	else {
		tell(finding, DOCTOR_WRONG, "%s: the board there may be suspended when idle",
		     seen->path);
		mend(finding, "echo on | sudo tee /sys/bus/usb/devices/%s/power/control",
		     seen->path);
	}
}

/* A unit that is masked is a link to /dev/null (systemctl(1)). */
static bool is_masked(const char *root, const char *unit)
{
	char path[PATH_MAX], target[16];
	ssize_t length;

	snprintf(path, sizeof(path), "%s/etc/systemd/system/%s", root, unit);
	length = readlink(path, target, sizeof(target));
	return length == 9 && memcmp(target, "/dev/null", 9) == 0;
}

void doctor_suspend(const char *root, struct doctor_finding *finding)
{
	char path[PATH_MAX], text[64] = "";

	snprintf(path, sizeof(path), "%s/sys/power/state", root);
	if (!read_text(path, text, sizeof(text)) || text[strspn(text, " \n")] == 0) {
		tell(finding, DOCTOR_OK, "this computer has no suspend");
	} else if (is_masked(root, "sleep.target") || is_masked(root, "suspend.target")) {
		tell(finding, DOCTOR_OK, "suspend is disabled");
	} else {
		tell(finding, DOCTOR_NOTE,
		     "this computer may be suspended during a run: start it with systemd-inhibit "
		     "--what=sleep:handle-lid-switch, or disable suspend: sudo systemctl mask "
		     "sleep.target suspend.target hibernate.target hybrid-sleep.target");
	}
}

void doctor_usbfs_memory(const char *root, unsigned boards, struct doctor_finding *finding)
{
	unsigned need = (boards * BOARD_KIB + 1023) / 1024;
	char path[PATH_MAX], text[32];
	unsigned long have;

	snprintf(path, sizeof(path), "%s/sys/module/usbcore/parameters/usbfs_memory_mb", root);
	if (!read_text(path, text, sizeof(text))) {
		tell(finding, DOCTOR_NOTE, "the usbfs memory limit is not known");
		return;
	}
	have = strtoul(text, NULL, 10);
	if (have == 0 || have >= need) {
		tell(finding, DOCTOR_OK, "usbfs memory: %s is enough for %u boards",
		     have ? "the limit" : "no limit", boards);
		return;
	}
	tell(finding, DOCTOR_WRONG, "usbfs memory: %lu MiB, and %u boards want %u", have, boards,
	     need);
	mend(finding,
	     "echo %u | sudo tee /sys/module/usbcore/parameters/usbfs_memory_mb   (to stay: "
	     "usbcore.usbfs_memory_mb=%u on the kernel's command line)",
	     need, need);
}

void doctor_disk(const char *folder, struct doctor_finding *finding)
{
	struct statvfs status;
	uint64_t kib;
	bool little;

	if (statvfs(folder, &status) != 0) {
		tell(finding, DOCTOR_WRONG, "the log's folder %s: %s", folder, strerror(errno));
		mend(finding, "mkdir -p '%s'", folder);
		return;
	}
	kib = (uint64_t)status.f_bavail * status.f_frsize >> 10;
	little = kib < DISK_LEAST_MIB << 10;
	tell(finding, little ? DOCTOR_WRONG : DOCTOR_OK, "%llu %s are free for the log in %s%s",
	     (unsigned long long)(kib < 1024 ? kib : kib >> 10), kib < 1024 ? "KiB" : "MiB", folder,
	     little ? "; it needs 64 MiB" : "");
	if (little)
		mend(finding,
		     "df -h '%s'   (then delete files there, or use a log on another disk)",
		     folder);
	else if (access(folder, W_OK) != 0) {
		tell(finding, DOCTOR_WRONG, "the log's folder %s: %s", folder, strerror(errno));
		mend(finding, "sudo chown \"$USER\" '%s'", folder);
	}
}

/* File systems that a restart (tmpfs, ramfs) or a new container (overlayfs) empties; the magic
 * numbers are those of statfs(2). */
static const char *passing_file_system(const char *path)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} passing[] = {
		{0x01021994, "tmpfs"},
		{0x858458f6, "ramfs"},
		{0x794c7630, "overlayfs"},
	};
	struct statfs status;
	char parent[PATH_MAX];

	snprintf(parent, sizeof(parent), "%s", path);
	/* A folder that is to be made lies where its parent does. */
	while (statfs(parent, &status) != 0) {
		char *slash = strrchr(parent, '/');

		if (errno != ENOENT || !slash || slash == parent)
			return NULL;
		*slash = 0;
	}
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if ((unsigned long)status.f_type == passing[i].magic)
			return passing[i].name;
	return NULL;
}

void doctor_state_folder(const char *path, const char *source, const char *why,
			 struct doctor_finding *finding)
{
	const char *passing = path ? passing_file_system(path) : NULL;

	if (!path) {
		tell(finding, DOCTOR_WRONG, "serial numbers get no second place: %.200s", why);
		mend(finding, "sudo install -d -m 2775 -g plugdev %s", PLACE_SYSTEM_FOLDER);
	} else if (passing) {
		tell(finding, DOCTOR_WRONG,
		     "the state folder %s (%s) is on %s: its second places of serial numbers are "
		     "lost at a restart or with the container",
		     path, source, passing);
		mend(finding, "set station: {state_dir: ...} in the profile to a folder on a disk");
	} else {
		tell(finding, DOCTOR_OK, "the state folder for serial numbers is %s (%s)", path,
		     source);
	}
}

void doctor_second_place(const char *why, const char *profile, struct doctor_finding *finding)
{
	tell(finding, DOCTOR_WRONG, "%s", why);
	mend(finding,
	     "h7gang numbers set-next --profile %s (with --lot if the log's name has {lot})",
	     profile);
}

void doctor_clock(const char *now, bool synchronized, struct doctor_finding *finding)
{
	if (strcmp(now, SURE_AFTER) < 0) {
		tell(finding, DOCTOR_WRONG, "the clock is before 2026: rows get wrong times");
		mend(finding, "sudo timedatectl set-ntp true");
	} else if (!synchronized) {
		tell(finding, DOCTOR_NOTE, "the clock is not synchronized");
		mend(finding, "sudo timedatectl set-ntp true");
	} else {
		tell(finding, DOCTOR_OK, "the clock is set and synchronized");
	}
}

void doctor_power(const char *path, const char *slot, const struct usb_power *power,
		  struct doctor_finding *finding)
{
	static const char *const can[] = {
		[USB_SWITCHING_UNKNOWN] =
			"does not tell whether it switches the power of its ports",
		[USB_SWITCHING_NONE] = "says that it cannot switch the power of its ports",
		[USB_SWITCHING_GANGED] = "switches the power of all its ports together",
		[USB_SWITCHING_PORT] = "says that it switches the power of each port",
	};
	_Static_assert(sizeof(can) / sizeof(can[0]) == USB_SWITCHINGS, "a text for each");

	if (slot && usb_switching_why_not(power->switching)) {
		tell(finding, DOCTOR_WRONG, "slot %s (%s) has power: true, but hub %s %s", slot,
		     path, power->hub, can[power->switching]);
		mend(finding, "remove power: true, or use a hub that switches each port");
	} else if (slot && !power->allowed) {
		tell(finding, DOCTOR_WRONG,
		     "slot %s (%s) has power: true, but this user may not switch the port", slot,
		     path);
		mend(finding, "sudo cp contrib/60-h7gang.rules /etc/udev/rules.d/ && " TRIGGER);
	} else if (slot) {
		tell(finding, DOCTOR_OK, "slot %s (%s): the port can be switched%s", slot, path,
		     power->on == 0 ? "; it is off" : "");
	} else {
		tell(finding, DOCTOR_NOTE, "hub %s %s%s", power->hub, can[power->switching],
		     power->switching == USB_SWITCHING_PORT
			     ? "; h7gang power PORT cycle shows whether it does"
			     : "");
	}
}
