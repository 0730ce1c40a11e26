/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "holder.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether the process has the file open, as far as /proc is readable. */
static bool has_open(const char *pid, const char *node)
{
	char path[PATH_MAX], target[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	folder = opendir(path);
	if (!folder)
		return false;
	while (!found && (entry = readdir(folder))) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/%.20s/fd/%.20s", pid, entry->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = '\0';
		found = strcmp(target, node) == 0;
	}
	closedir(folder);
	return found;
}

static void read_name(const char *pid, char *name, size_t size)
{
	char path[64];
	FILE *file;

	name[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return;
	if (!fgets(name, (int)size, file))
		name[0] = '\0';
	fclose(file);
	name[strcspn(name, "\n")] = '\0';
	for (char *c = name; *c; c++)
		if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
			*c = '?';
}

bool usb_holder(const struct usb_seen *seen, char *text, size_t size)
{
	char node[64], name[32];
	struct dirent *entry;
	bool found = false;
	DIR *proc = opendir("/proc");

	if (!proc)
		return false;
	snprintf(node, sizeof(node), "/dev/bus/usb/%03u/%03u", seen->bus, seen->address);
	while (!found && (entry = readdir(proc))) {
		const char *pid = entry->d_name;

		if (!isdigit((unsigned char)*pid) || atoi(pid) == getpid() || !has_open(pid, node))
			continue;
		read_name(pid, name, sizeof(name));
		snprintf(text, size, "%s (process %.20s) uses it", name[0] ? name : "a program",
			 pid);
		found = true;
	}
	closedir(proc);
	return found;
}
