/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOT_MARK "{lot}"

char *cli_path_with_lot(const char *from, const char *lot)
{
	size_t marks = 0, length = strlen(lot);
	char *path, *to;

	for (const char *at = from; (at = strstr(at, LOT_MARK)); at += strlen(LOT_MARK))
		marks++;
	path = malloc(strlen(from) + marks * length + 1);
	for (to = path; to && *from;) {
		if (strncmp(from, LOT_MARK, strlen(LOT_MARK)) == 0) {
			memcpy(to, lot, length);
			to += length;
			from += strlen(LOT_MARK);
		} else {
			*to++ = *from++;
		}
	}
	if (to)
		*to = 0;
	return path;
}

char *cli_log_path(const struct cli_options *options, const char *command,
		   const struct profile *profile, enum h7_exit *status)
{
	const char *from = options->audit ? options->audit : profile->audit_file;
	bool by_lot = from && strstr(from, LOT_MARK);
	char *path;

	*status = H7_EXIT_USAGE;
	if (!from) {
		cli_usage(command, "no log: neither --audit nor audit.file in the profile");
		return NULL;
	}
	if (by_lot && !options->lot) {
		cli_usage(command, "the log \"%s\" needs --lot", from);
		return NULL;
	}
	if (by_lot && !profile_name_ok(options->lot)) {
		cli_usage(command, "--lot: in a file name at most 64 letters, digits, . _ - "
				   "and a letter or digit first");
		return NULL;
	}
	path = cli_path_with_lot(from, options->lot ? options->lot : "");
	if (!path) {
		*status = H7_EXIT_INTERNAL;
		cli_say("no memory");
	}
	return path;
}

/* A word as a shell takes it. */
static void quote(const char *word, char *text, size_t size)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/+=:@%";
	const char *mark = word[strspn(word, plain)] ? "'" : "";

	snprintf(text, size, "%s%s%s", mark, word, mark);
}

const char *cli_which_log(const struct cli_options *options, char *text, size_t size)
{
	char audit[256] = "", lot[256] = "";

	if (options->audit)
		quote(options->audit, audit, sizeof(audit));
	if (options->lot)
		quote(options->lot, lot, sizeof(lot));
	snprintf(text, size, "%s%s%s%s%s", audit[0] ? "--audit " : "", audit,
		 audit[0] && lot[0] ? " " : "", lot[0] ? "--lot " : "", lot);
	return text;
}
