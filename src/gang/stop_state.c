/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line each: "stopped<TAB>REASON", "blocked<TAB>SLOT<TAB>REASON". */
#include "stop_state.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/base/durable.h"

#define FILE_MAX (PROFILE_SLOTS_MAX * (PROFILE_NAME_SIZE + STOP_REASON_SIZE + 16) + 4096)

bool stop_state_path(const char *log, const char *profile, const char *station, char **path)
{
	const char *lot = strstr(log, "{lot}"), *slash;
	int length = lot ? (int)(lot - log) : (int)strlen(log), folder;
	char name[PROFILE_NAME_SIZE];

	slash = memrchr(log, '/', (size_t)length);
	folder = slash ? (int)(slash - log) + 1 : 0;
	snprintf(name, sizeof(name), "%s", station);
	for (char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("._-", *at))
			*at = '_';
	if (asprintf(path, "%.*s.%s.%s.stop", folder, log, profile, name) >= 0)
		return true;
	*path = NULL;
	return false;
}

static void take_line(struct stop_rules *stop, char *line)
{
	char *word = strsep(&line, "\t"), *slot;

	if (line && strcmp(word, "stopped") == 0)
		stop_rules_stop(stop, line);
	if (line && strcmp(word, "blocked") == 0) {
		slot = strsep(&line, "\t");
		if (line && strlen(slot) < PROFILE_NAME_SIZE)
			stop_rules_block(stop, slot, line);
	}
}

bool stop_state_read(const char *path, struct stop_rules *stop, char *why, size_t why_size)
{
	char *text = NULL, *left, *line;
	const char *name;
	int folder = durable_folder(path, false, &name), fd = -ENOENT;
	ssize_t got = -1;

	if (folder >= 0)
		fd = durable_open(folder, name, O_RDONLY, 0);
	if (folder >= 0)
		close(folder);
	if (folder == -ENOENT || fd == -ENOENT)
		return true;
	if (folder >= 0 && fd >= 0) {
		text = calloc(1, FILE_MAX);
		got = text ? read(fd, text, FILE_MAX - 1) : -1;
		close(fd);
	}
	left = got >= 0 ? text : NULL;
	while (left && (line = strsep(&left, "\n")))
		take_line(stop, line);
	free(text);
	if (got < 0)
		snprintf(why, why_size, "%s: cannot be read", path);
	return got >= 0;
}

static size_t compose(const struct stop_rules *stop, char *text, size_t size)
{
	size_t used = 0;

	if (stop->stopped[0])
		used += (size_t)snprintf(text, size, "stopped\t%s\n", stop->stopped);
	for (unsigned i = 0; i < stop->slots; i++)
		if (stop->slot[i].blocked[0])
			used += (size_t)snprintf(text + used, size - used, "blocked\t%s\t%s\n",
						 stop->slot[i].name, stop->slot[i].blocked);
	return used;
}

bool stop_state_write(const char *path, const struct stop_rules *stop, char *why, size_t why_size)
{
	const char *name;
	int folder = durable_folder(path, true, &name), rc = folder;
	char *text = folder >= 0 ? calloc(1, FILE_MAX) : NULL;
	size_t length;

	if (folder >= 0 && !text)
		rc = -ENOMEM;
	if (text) {
		length = compose(stop, text, FILE_MAX);
		rc = length ? durable_replace(folder, name, text, length, 0640)
			    : durable_remove(folder, name);
	}
	if (folder >= 0)
		close(folder);
	free(text);
	if (rc < 0)
		snprintf(why, why_size, "%s: cannot be written: %s", path, strerrordesc_np(-rc));
	return rc >= 0;
}
