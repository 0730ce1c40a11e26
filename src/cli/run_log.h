/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log of a run: opened for its lot, and for each lot that begins while the run goes on; sealed
 * and closed. */
#ifndef CLI_RUN_LOG_H
#define CLI_RUN_LOG_H

#include <limits.h>
#include <pthread.h>

#include "cli.h"
#include "feeding.h"
#include "h7gang/gang/gang.h"
#include "h7gang/station/model.h"

struct run_log {
	const struct cli_options *options;
	const struct profile *profile;
	const char *command; /* for messages */
	struct cli_feeding *feeding;
	struct ui *ui; /* NULL: there is none yet */
	/* the open log; NULL: the lot is not known yet */
	struct audit_log *log;
	char *path;
	/* the log of the next lot, until it is settled */
	struct audit_log *next;
	char *next_path;
	struct gang_lots lots;
	pthread_mutex_t lock; /* others may look at the log while */
	bool open;            /* this is true */
	char absolute[PATH_MAX];
	enum h7_exit failure; /* of a log that was closed in the middle of the run */
};

/* The pattern of the log's name, {lot} not replaced; NULL: none is given. */
const char *run_log_pattern(const struct cli_options *options, const struct profile *profile);

/* Whether the log's name holds the lot. */
bool run_log_by_lot(const struct cli_options *options, const struct profile *profile);

/* Finds the name and opens the feed and the log, unless the name needs a lot and there is none. The
 * reason of a failure has been said. */
enum h7_exit run_log_open(struct run_log *run_log);

/* The log's present figures. From any thread; never waits for a disk. */
void run_log_figures(struct run_log *run_log, struct station_figures *figures);

/* From now on no other thread looks at the log. */
void run_log_hide(struct run_log *run_log);

/* At the end of the run: seals the log. */
enum h7_exit run_log_seal(struct run_log *run_log);

#endif
