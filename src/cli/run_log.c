/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log_path.h"
#include "other_lots.h"
#include "store.h"
#include "version_images.h"

#define LOT_MARK "{lot}"
#define WHY_SIZE 512
#define SEAL_MS 10000 /* for the disk to write a signature */

const char *run_log_pattern(const struct cli_options *options, const struct profile *profile)
{
	return options->audit ? options->audit : profile->audit_file;
}

bool run_log_by_lot(const struct cli_options *options, const struct profile *profile)
{
	const char *pattern = run_log_pattern(options, profile);

	return pattern && strstr(pattern, LOT_MARK);
}

/* The profile's reader does not know --audit, nor the lot in a path. */
static bool spares_numbers(const struct run_log *run_log, const char *path, char *why,
			   size_t why_size)
{
	const struct profile_serial *serial = run_log->profile->serial;

	if (!serial || !serial->state || !profile_path_of_log(serial->state, path))
		return true;
	snprintf(why, why_size,
		 "the number file %s (serial.source) is the log %s or one of its own files: name "
		 "another log",
		 serial->state, path);
	return false;
}

static enum audit_status open_at(const struct run_log *run_log, const char *path, const char *lot,
				 struct store_feed *feed, struct audit_log **log, char *why,
				 size_t why_size)
{
	const struct profile *profile = run_log->profile;
	const struct audit_options kept = {
		.key = profile->audit_key,
		.seal_every = profile->audit_seal_every,
		.rotate_bytes = profile->audit_rotate_mb * UINT64_C(1000000),
		.lot = profile->audit_rotate_lot ? lot : NULL,
		.synced = feed ? store_feed_wake : NULL,
		.synced_user = feed,
		.check_clock = true,
		.lots = run_log_pattern(run_log->options, profile),
		.clock_ok = run_log->options->given[CLI_CLOCK_OK],
	};
	unsigned recovered = 0;
	enum audit_status status = audit_open_with(path, &kept, log, &recovered, why, why_size);

	if (status != AUDIT_OK)
		return status;
	if (audit_notice(*log)[0])
		cli_say("%s: put right: %s", path, audit_notice(*log));
	if (recovered)
		cli_say("%s: %u interrupted attempt%s of an earlier run recovered as ABORTED row%s",
			path, recovered, recovered == 1 ? "" : "s", recovered == 1 ? "" : "s");
	return AUDIT_OK;
}

/* Reads the log once more, so only where it is another one than before. */
static void warn_of_other_image(const struct profile *profile, const char *path)
{
	char warning[WHY_SIZE];

	if (cli_version_has_other_image(profile, path, warning, sizeof(warning)))
		cli_say("warning: %s", warning);
}

static void show(struct run_log *run_log)
{
	if (!run_log->log || !realpath(run_log->path, run_log->absolute))
		run_log->absolute[0] = 0;
	pthread_mutex_lock(&run_log->lock);
	run_log->open = run_log->log != NULL;
	pthread_mutex_unlock(&run_log->lock);
}

void run_log_hide(struct run_log *run_log)
{
	pthread_mutex_lock(&run_log->lock);
	run_log->open = false;
	pthread_mutex_unlock(&run_log->lock);
}

void run_log_figures(struct run_log *run_log, struct station_figures *figures)
{
	struct audit_sealed sealed;

	pthread_mutex_lock(&run_log->lock);
	if (run_log->open) {
		snprintf(figures->log, sizeof(figures->log), "%.*s", (int)sizeof(figures->log) - 1,
			 run_log->absolute);
		audit_head(run_log->log, &figures->head);
		audit_sealed(run_log->log, &sealed);
		figures->sealed = sealed.keyed;
		figures->sealed_seq = sealed.seq;
		figures->seal_age_ms = sealed.age_ms;
		figures->store = run_log->feeding->feed != NULL;
		if (figures->store)
			figures->store_lag = store_feed_lag(run_log->feeding->feed);
	}
	pthread_mutex_unlock(&run_log->lock);
}

/* --- a lot that begins while the run goes on --- */

static bool close_for_reopen(struct run_log *run_log)
{
	bool closed;

	run_log_hide(run_log);
	run_log->failure = cli_first_of(run_log->failure, run_log_seal(run_log));
	cli_feeding_pause(run_log->feeding);
	closed = audit_close(run_log->log);
	run_log->log = NULL;
	return closed;
}

/* In the same file a new lot changes nothing, but for rotate_lot: then the log is opened anew. */
static bool reopen(struct run_log *run_log, const char *lot, char *why, size_t why_size)
{
	if (!run_log->profile->audit_rotate_lot)
		return true;
	if (run_log->log && !close_for_reopen(run_log)) {
		snprintf(why, why_size, "the log could not be closed in time");
		return false;
	}
	if (open_at(run_log, run_log->path, lot, run_log->feeding->feed, &run_log->log, why,
		    why_size) != AUDIT_OK)
		return false;
	show(run_log);
	return cli_feeding_start(run_log->feeding, run_log->log, run_log->ui) == H7_EXIT_OK;
}

static bool open_next(struct run_log *run_log, const char *lot, char *why, size_t why_size)
{
	const char *pattern = run_log_pattern(run_log->options, run_log->profile);

	run_log->next_path = cli_path_with_lot(pattern, lot);
	if (run_log->next_path && run_log->path && strcmp(run_log->next_path, run_log->path) == 0) {
		free(run_log->next_path);
		run_log->next_path = NULL;
		return reopen(run_log, lot, why, why_size);
	}
	if (!run_log->next_path || !cli_feeding_prepare(run_log->feeding, run_log->next_path)) {
		snprintf(why, why_size, "no memory");
		return false;
	}
	if (open_at(run_log, run_log->next_path, lot, run_log->feeding->next, &run_log->next, why,
		    why_size) != AUDIT_OK)
		return false;
	warn_of_other_image(run_log->profile, run_log->next_path);
	return true;
}

static void drop_next(struct run_log *run_log)
{
	if (run_log->next && !audit_close(run_log->next))
		return; /* the thread hangs in a disk access: its memory is not freed */
	cli_feeding_settle(run_log->feeding, false, NULL);
	free(run_log->next_path);
	run_log->next = NULL;
	run_log->next_path = NULL;
}

static bool lot_may_begin(void *user, const char *lot, char *why, size_t why_size)
{
	const struct run_log *run_log = user;
	char *path;
	bool may;

	if (!run_log_by_lot(run_log->options, run_log->profile))
		return true;
	if (!profile_name_ok(lot)) {
		snprintf(why, why_size,
			 "a lot in a file name has at most 64 letters, digits, . _ - and a letter "
			 "or digit first");
		return false;
	}
	path = cli_path_with_lot(run_log_pattern(run_log->options, run_log->profile), lot);
	snprintf(why, why_size, "no memory");
	may = path && spares_numbers(run_log, path, why, why_size);
	free(path);
	return may;
}

static bool lot_open(void *user, const char *lot, struct audit_log **log, const char **path,
		     char *why, size_t why_size)
{
	struct run_log *run_log = user;
	bool opened = open_next(run_log, lot, why, why_size);
	bool another = opened && run_log->next;

	if (!opened)
		drop_next(run_log);
	*log = another ? run_log->next : run_log->log;
	*path = another ? run_log->next_path : run_log->path;
	return opened;
}

static void take_next(struct run_log *run_log)
{
	bool closed = true;

	run_log_hide(run_log);
	if (run_log->log) {
		run_log->failure = cli_first_of(run_log->failure, run_log_seal(run_log));
		cli_feeding_pause(run_log->feeding);
		closed = audit_close(run_log->log);
	}
	if (!closed) {
		cli_say("%s: the log could not be closed in time", run_log->path);
		run_log->failure = cli_first_of(run_log->failure, H7_EXIT_LOG);
	}
	cli_feeding_settle(run_log->feeding, closed, run_log->next);
	free(run_log->path);
	run_log->log = run_log->next;
	run_log->path = run_log->next_path;
	run_log->next = NULL;
	run_log->next_path = NULL;
	show(run_log);
}

static void lot_settle(void *user, bool taken, struct audit_log **log, const char **path)
{
	struct run_log *run_log = user;

	if (run_log->next && taken)
		take_next(run_log);
	else if (run_log->next)
		drop_next(run_log);
	*log = run_log->log;
	*path = run_log->path;
}

/* --- the run's start and end --- */

static enum h7_exit exit_of(enum audit_status status)
{
	return status == AUDIT_MEMORY ? H7_EXIT_INTERNAL
	       : status == AUDIT_KEY  ? H7_EXIT_USAGE
				      : H7_EXIT_LOG;
}

enum h7_exit run_log_open(struct run_log *run_log)
{
	const char *lot = run_log->options->lot ? run_log->options->lot : "";
	bool by_lot = run_log_by_lot(run_log->options, run_log->profile);
	char why[WHY_SIZE] = "";
	enum audit_status status;
	enum h7_exit opened;

	run_log->lots = (struct gang_lots){run_log, lot_may_begin, lot_open, lot_settle};
	if (!by_lot || lot[0]) {
		run_log->path =
			cli_log_path(run_log->options, run_log->command, run_log->profile, &opened);
		if (!run_log->path)
			return opened;
		if (!spares_numbers(run_log, run_log->path, why, sizeof(why)))
			return cli_usage(run_log->command, "%s", why);
	}
	opened = cli_feeding_open(run_log->feeding,
				  cli_store_url(run_log->options, run_log->profile->store_url),
				  run_log->path, run_log->options->station);
	if (opened != H7_EXIT_OK || !run_log->path)
		return opened;
	status = open_at(run_log, run_log->path, lot, run_log->feeding->feed, &run_log->log, why,
			 sizeof(why));
	if (status == AUDIT_OK) {
		warn_of_other_image(run_log->profile, run_log->path);
		cli_tell_other_lots(run_log_pattern(run_log->options, run_log->profile),
				    run_log->path);
		show(run_log);
		return H7_EXIT_OK;
	}
	cli_say("%s", why);
	return exit_of(status);
}

enum h7_exit run_log_seal(struct run_log *run_log)
{
	char why[WHY_SIZE] = "";

	if (!run_log->log || audit_seal(run_log->log, clock_after_ms(SEAL_MS)) == AUDIT_OK)
		return H7_EXIT_OK;
	audit_usable(run_log->log, why, sizeof(why));
	cli_say("%s: not sealed: %s", run_log->path, why);
	return H7_EXIT_LOG;
}
