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

struct gang_options {
	enum gang_command command;
	const struct profile *profile;
	struct audit_log *log;
	const char *log_path; /* of it: what it says of earlier boards is read from there */
	const char *store_url; /* what limits and numbers are decided by over all stations; NULL: none */
	bool rework;          /* --rework: once_per_lot does not hold, rows say so */
	const char *station, *operator_name, *lot, *tags; /* "" if absent; borrowed */
	bool watch;           /* --watch: stay, and start a unit whenever a board appears in a free slot */
	unsigned count;       /* --count, 0: none; with watch: finished units after which the run ends */
	unsigned wait_s;      /* --wait */
	bool all_slots;       /* --all-slots */
	const char *const *only_slots; /* --slot: names (or port paths without slots:) */
	unsigned only_slot_count;
	const char *const *only_uids;  /* --uid: 24 lower-case hex digits */
	unsigned only_uid_count;
	struct gang_control *control;  /* what the operator says; NULL: nobody */
	const struct trace_folder *trace; /* --trace: where failed attempts leave their last transfers;
	                                   * NULL: nowhere */
	gang_sink *sink;
	void *sink_user;
};

/* Runs to the end. SIGINT and SIGTERM must be blocked in the calling thread before it is called (and
 * before any other thread is started); gang_run takes them by a thread of its own. */
enum h7_exit gang_run(const struct gang_options *options);

/* Reads what identifies each target that is there now and hands it out; for `list`. */
struct gang_identity {
	struct usb_seen seen;
	bool opened;             /* false: `why` says why not */
	char why[160];
	char layout[256];        /* layout string of alternate setting 0 */
	char serial[128];
	int state;               /* DFU state it was found in, -1 unknown */
	int bootloader_id;       /* -1 unknown */
	char uid[25];            /* "" unknown */
	int64_t flash_kib;       /* -1 unknown */
	int rdp;                 /* level 0, 1, 2; -1 unknown */
	const char *family;      /* "STM32H74x/75x" as far as the layout tells; "" unknown */
	char bootloader[8];      /* "V9.0" */
};
typedef void gang_identity_sink(void *user, const struct gang_identity *identity);

/* Identifies up to `max` targets one after the other. Returns how many there were; -1: no USB (`why`). */
int gang_identify_all(const struct usb_filter *filter, gang_identity_sink *sink, void *user,
                      char *why, size_t why_size);

#endif
