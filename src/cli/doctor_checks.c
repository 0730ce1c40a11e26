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
#include <sys/statvfs.h>
#include <unistd.h>

#define RULE_SIZE 8192	     /* of a rules file, as far as it is looked at */
#define BOARD_KIB 64u	     /* usbfs memory of one board: its window of transfers, and room */
#define DISK_LEAST_MIB 64u   /* a row has at most 8 KiB */
#define SURE_AFTER "2026"     /* a clock that stands before that was never set */

#define TRIGGER "sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=usb"

__attribute__((format(printf, 3, 4))) static void tell(struct doctor_finding *finding,
						       enum doctor_grade grade, const char *what,
						       ...)
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
		if (snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= (int)sizeof(path))
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
	mend(finding, "sudo cp scripts/60-h7gang.rules /etc/udev/rules.d/ && " TRIGGER);
}

void doctor_device_folder(const char *root, struct doctor_finding *finding)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/dev/bus/usb", root);
	if (access(path, R_OK | X_OK) == 0) {
		tell(finding, DOCTOR_OK, "/dev/bus/usb is there");
		return;
	}
	tell(finding, DOCTOR_WRONG, "/dev/bus/usb: %s", strerror(errno));
	mend(finding, "sudo modprobe usbcore   (in a container: hand /dev/bus/usb to it)");
}

void doctor_access(const char *root, const struct usb_seen *seen, struct doctor_finding *finding)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/dev/bus/usb/%03u/%03u", root, seen->bus, seen->address);
	if (access(path, R_OK | W_OK) == 0) {
		tell(finding, DOCTOR_OK, "%s: may be opened", seen->path);
		return;
	}
	tell(finding, DOCTOR_WRONG, "%s: %s: %s", seen->path, path + strlen(root), strerror(errno));
	mend(finding, "sudo usermod -aG plugdev \"$USER\" (then log in again) && " TRIGGER);
}

void doctor_autosuspend(const char *root, const struct usb_seen *seen,
			struct doctor_finding *finding)
{
	char path[PATH_MAX], text[32] = "";

	snprintf(path, sizeof(path), "%s/sys/bus/usb/devices/%s/power/control", root, seen->path);
	if (!read_text(path, text, sizeof(text)))
		tell(finding, DOCTOR_NOTE, "%s: whether it is suspended when idle is not known",
		     seen->path);
	else if (strncmp(text, "auto", 4) != 0)
		tell(finding, DOCTOR_OK, "%s: is not suspended when idle", seen->path);
	else {
		tell(finding, DOCTOR_WRONG, "%s: may be suspended when idle", seen->path);
		mend(finding, "echo on | sudo tee /sys/bus/usb/devices/%s/power/control",
		     seen->path);
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
	uint64_t mib;

	if (statvfs(folder, &status) != 0) {
		tell(finding, DOCTOR_WRONG, "the log's folder %s: %s", folder, strerror(errno));
		mend(finding, "mkdir -p '%s'", folder);
		return;
	}
	mib = (uint64_t)status.f_bavail * status.f_frsize >> 20;
	tell(finding, mib < DISK_LEAST_MIB ? DOCTOR_WRONG : DOCTOR_OK,
	     "%llu MiB are free for the log in %s", (unsigned long long)mib, folder);
	if (finding->grade == DOCTOR_WRONG)
		mend(finding, "df -h '%s'   (and make room)", folder);
	else if (access(folder, W_OK) != 0) {
		tell(finding, DOCTOR_WRONG, "the log's folder %s: %s", folder, strerror(errno));
		mend(finding, "sudo chown \"$USER\" '%s'", folder);
	}
}

void doctor_clock(const char *now, bool synchronized, struct doctor_finding *finding)
{
	if (strcmp(now, SURE_AFTER) < 0) {
		tell(finding, DOCTOR_WRONG, "the clock stands before 2026: rows get wrong times");
		mend(finding, "sudo timedatectl set-ntp true");
	} else if (!synchronized) {
		tell(finding, DOCTOR_NOTE, "the clock is not synchronized");
		mend(finding, "sudo timedatectl set-ntp true");
	} else {
		tell(finding, DOCTOR_OK, "the clock is set and synchronized");
	}
}
