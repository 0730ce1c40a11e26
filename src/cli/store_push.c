/* SPDX-License-Identifier: GPL-2.0-or-later */
/* h7gang store push: logs into the store, by hand. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/audit/logs.h"
#include "h7gang/audit/walk.h"
#include "h7gang/store/push.h"
#include "h7gang/base/text.h"
#include "store.h"

#define WHY_SIZE 1200

struct pushing {
	struct db *db;
	const char *station;
	struct store_pushed sum;
	bool again; /* known rows have been counted */
	bool early; /* the last log waits for rows that come before its own: reported only if no
		       other log can bring them */
	bool last;
};

static enum h7_exit push_file(struct pushing *pushing, const char *path, bool whole)
{
	struct store_pushed pushed;
	char why[WHY_SIZE], shown[WHY_SIZE];
	enum db_error error =
		store_push(pushing->db, path, whole, pushing->station, &pushed, why, sizeof(why));

	pushing->sum.rows += pushed.rows;
	if (!pushing->again)
		pushing->sum.known += pushed.known;
	if (error == DB_OK)
		return H7_EXIT_OK;
	pushing->early = error == DB_REFUSED && pushed.early;
	if (pushing->early && !pushing->last)
		return H7_EXIT_FAILED;
	text_terminal(why, shown, sizeof(shown));
	if (error != DB_REFUSED)
		return cli_store_failed(error, shown);
	cli_say("%s", shown);
	return H7_EXIT_FAILED;
}

/* A log with the files that it was rotated into, oldest first. Stops at the first that is refused:
 * the others go on from it. */
static enum h7_exit push_log(struct pushing *pushing, const char *path)
{
	enum h7_exit status = H7_EXIT_OK;
	char **files;
	size_t count;
	int rc;

	if (audit_is_rotated(path))
		return push_file(pushing, path, false);
	rc = audit_files(path, &files, &count);
	if (rc < 0) {
		cli_say("%s: %s", path, strerror(-rc));
		return rc == -ENOMEM ? H7_EXIT_INTERNAL : H7_EXIT_LOG;
	}
	for (size_t i = 0; i < count && status == H7_EXIT_OK; i++)
		status = push_file(pushing, files[i], i + 1 == count);
	audit_files_free(files, count);
	return status;
}

/* One log that is refused keeps no other out. Leaves in `logs` those that have to wait, and says
 * how many. */
static size_t push_all(struct pushing *pushing, const char **logs, size_t count,
		       enum h7_exit *status)
{
	size_t waiting = 0;

	for (size_t i = 0; i < count; i++) {
		enum h7_exit one;

		pushing->early = false;
		one = push_log(pushing, logs[i]);
		if (pushing->early) {
			logs[waiting++] = logs[i];
			continue;
		}
		*status = cli_first_of(*status, one);
		if (one != H7_EXIT_OK && one != H7_EXIT_FAILED && one != H7_EXIT_LOG)
			return 0;
	}
	return waiting;
}

/* Files of one log may be named in any order, and lie in several folders: one that goes on from
 * missing rows is tried again as long as rows come. */
static enum h7_exit push_in_order(struct pushing *pushing, const char **logs, size_t count)
{
	enum h7_exit status = H7_EXIT_OK;
	size_t before;
	uint64_t rows;

	do {
		before = count;
		rows = pushing->sum.rows;
		count = push_all(pushing, logs, count, &status);
		pushing->again = true;
	} while (count > 0 && (count < before || pushing->sum.rows > rows));
	pushing->last = true;
	if (push_all(pushing, logs, count, &status) > 0)
		status = cli_first_of(status, H7_EXIT_FAILED);
	return status;
}

static enum h7_exit run(const struct cli_options *options, const char *url, char *const *files,
			size_t count)
{
	struct pushing pushing = {.station = options->station};
	enum h7_exit status;
	char host[256] = "", why[WHY_SIZE];
	const char **logs;
	enum db_error error;

	if (!pushing.station) {
		if (gethostname(host, sizeof(host) - 1) != 0)
			host[0] = '\0';
		pushing.station = host;
	}
	error = store_open(url, STORE_PATIENCE_PUSH_MS, &pushing.db, why, sizeof(why));
	if (error != DB_OK)
		return cli_store_failed(error, why);
	logs = calloc(count, sizeof(*logs));
	if (!logs) {
		db_close(pushing.db);
		return cli_store_failed(DB_MEMORY, "no memory");
	}
	for (size_t i = 0; i < count; i++)
		logs[i] = files[i];
	status = push_in_order(&pushing, logs, count);
	printf("pushed %" PRIu64 " rows; the store had %" PRIu64 " of these logs\n",
	       pushing.sum.rows, pushing.sum.known);
	free(logs);
	db_close(pushing.db);
	return status;
}

const struct cli_store_kind cli_store_push = {
	.name = "push",
	.accepts = CLI_LIST(CLI_STORE, CLI_STATION),
	.files = true,
	.run = run,
};
