/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run over a tray: the supervisor, one worker thread a board. */
#ifndef H7GANG_GANG_GANG_H
#define H7GANG_GANG_GANG_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/audit/audit.h"
#include "h7gang/gang/control.h"
#include "h7gang/gang/events.h"
#include "h7gang/profile/profile.h"
#include "h7gang/trace/trace.h"

enum gang_command { GANG_RUN, GANG_VERIFY };

/* How a run gets the log of a lot that begins while it goes on. */
struct gang_lots {
	void *user;
	/* Whether a lot may have that name. False: `why`. */
	bool (*may_begin)(void *user, const char *lot, char *why, size_t why_size);
	/* Opens the log of that lot, beside the one that is open; it may be the same. False: `why`;
	 * `*log` is then the one that is open, NULL if it had to be closed. */
	bool (*open)(void *user, const char *lot, struct audit_log **log, const char **path,
		     char *why, size_t why_size);
	/* `taken`: uses the log that was opened last from now on, and closes the one before it.
	 * Otherwise closes the last one and keeps the one before. `*log`: the one that is open now.
	 */
	void (*settle)(void *user, bool taken, struct audit_log **log, const char **path);
};

struct gang_options {
	enum gang_command command;
	const struct profile *profile;
	struct audit_log *log;        /* NULL: it is opened once the lot is known */
	const struct gang_lots *lots; /* NULL: the lot changes nothing but the rows */
	const char *log_path;         /* its path, to look up earlier boards in it */
	/* Other logs that may tell of numbers: as the profile and --audit write the log's path,
	 * with {lot}; NULL: absent. */
	const char *log_pattern[2];
	const char *which_log; /* the options that name the log to a command: "--lot L1" */
	const char *store_url; /* the store that decides limits and numbers for all stations; NULL:
				  none */
	/* Whether that store refused a log of this run: `why`. From then on no unit gets a number
	 * or a place. With a store; from any thread, never blocks. NULL: it is not told. */
	bool (*log_refused)(void *user, char *why, size_t why_size);
	void *log_user;
	bool rework;        /* --rework: once_per_lot does not hold, rows say so */
	unsigned overrides; /* AUDIT_OVERRIDE_*: those of the run, in each of its rows */
	const char *station, *operator_name, *lot, *tags; /* "" if absent; borrowed */
	bool watch; /* --watch: stay, and start a unit whenever a board appears in a free slot */
	unsigned count;  /* --count, 0: none; with watch: finished units after which the run ends */
	unsigned wait_s; /* --wait */
	bool all_slots;  /* --all-slots */
	const char *const *only_slots; /* --slot: names (or port paths without slots:) */
	unsigned only_slot_count;
	const char *const *only_uids; /* --uid: 24 lower-case hex digits */
	unsigned only_uid_count;
	struct gang_control *control;     /* the operator's commands; NULL: none */
	const struct trace_folder *trace; /* --trace: where failed attempts leave their last
					   * transfers; NULL: nowhere */
	char *nothing;                    /* gets the reason if there was no unit; NULL: not told */
	size_t nothing_size;
	gang_sink *sink;
	void *sink_user;
};

/* Runs to the end. SIGINT and SIGTERM must be blocked in the calling thread before it is called
 * (and before any other thread is started); gang_run takes them by a thread of its own. */
enum h7_exit gang_run(const struct gang_options *options);

#endif
