/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "other_lots.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "h7gang/audit/audit.h"
#include "h7gang/audit/walk.h"
#include "h7gang/audit/logs.h"

#define ENDING ".begun"

static void tell(const char *path)
{
	struct audit_check check = {0};
	char **files;
	size_t count;

	if (audit_files(path, &files, &count) < 0)
		return;
	audit_verify((const char *const *)files, count, NULL, NULL, &check);
	audit_files_free(files, count);
	if (check.being_written || check.open_marks == 0)
		return;
	cli_say("%s: %u attempt%s of a run that was killed without a row. The next run with this "
		"log writes an ABORTED row for each; with --wait 0, it needs no board",
		path, check.open_marks, check.open_marks == 1 ? "" : "s");
}

/* Not of a log that was moved away: its marks go with it. */
static bool tell_of_one(void *own, const char *marks)
{
	char *path = strndup(marks, strlen(marks) - strlen(ENDING));

	if (path && strcmp(path, own) != 0 && access(path, F_OK) == 0)
		tell(path);
	free(path);
	return path != NULL;
}

void cli_tell_other_lots(const char *pattern, const char *own)
{
	audit_logs_each(pattern, ENDING, tell_of_one, (void *)own);
}
