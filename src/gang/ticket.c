/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ticket.h"

#include <stdio.h>
#include <string.h>

#include "h7gang/attempt/job.h"
#include "h7gang/audit/overrides.h"
#include "record.h"
#include "h7gang/serial/limits.h"
#include "h7gang/serial/numbers.h"
#include "h7gang/store/check_log.h"
#include "uids.h"

#define WHY_SIZE 256

void ticket_init(struct ticket *ticket, const struct gang *gang)
{
	memset(ticket, 0, sizeof(*ticket));
	unit_image_init(&ticket->image, &gang->options->profile->flash);
}

static bool admit(struct ticket *ticket, struct gang *gang, struct job *job, const char *unit_id)
{
	static const enum h7_error errors[] = {
		[LIMITS_ADMITTED] = H7_OK,          [LIMITS_REACHED] = H7_LIMIT_REACHED,
		[LIMITS_DUPLICATE] = H7_DUPLICATE,  [LIMITS_NO_UID] = H7_UID_UNKNOWN,
		[LIMITS_NO_MEMORY] = H7_HOST_ERROR, [LIMITS_AWAY] = H7_STORE_UNAVAILABLE,
	};
	_Static_assert(sizeof(errors) / sizeof(errors[0]) == LIMITS_ANSWERS,
		       "an error for each answer");
	char why[WHY_SIZE] = "";
	enum limits_answer answer;

	if (!gang->limits)
		return true;
	/* Admitted by its UID, but the row of this attempt would not say whose pass it is. */
	if (ticket->admitted)
		return !gang->options->profile->limits.once_per_lot || job->uid[0] ||
		       job_fail(job, H7_UID_UNKNOWN,
				"once_per_lot needs the UID, which cannot be read any more");
	snprintf(ticket->uid, sizeof(ticket->uid), "%s", job->uid);
	snprintf(ticket->unit_id, sizeof(ticket->unit_id), "%s", unit_id);
	answer = limits_admit(gang->limits, unit_id, ticket->uid, gang->options->rework,
			      job->link.deadline, why, sizeof(why));
	ticket->admitted = answer == LIMITS_ADMITTED;
	return ticket->admitted || job_fail(job, errors[answer], "%s", why);
}

/* Given from outside, or the next of the profile's; of `verify`, the one that the board has. */
static enum numbers_result number_of(struct ticket *ticket, const struct gang *gang,
				     const char *unit_id, char *why, size_t why_size)
{
	bool by_hook = gang->options->profile->serial->source == PROFILE_SOURCE_HOOK;
	const char *given = by_hook ? ticket->before.serial : ticket->given;
	bool verify = gang->options->command == GANG_VERIFY;

	if (!gang->options->profile->serial->given || (by_hook && verify))
		return verify ? numbers_find(gang->numbers, ticket->uid, &ticket->unit, why,
					     why_size)
			      : numbers_take(gang->numbers, ticket->uid, unit_id, &ticket->unit,
					     why, why_size);
	if (!given[0]) {
		snprintf(why, why_size, "no label was scanned for this board");
		return NUMBERS_UNKNOWN;
	}
	return verify ? numbers_find_given(gang->numbers, given, ticket->uid, &ticket->unit, why,
					   why_size)
		      : numbers_take_given(gang->numbers, given, ticket->uid, unit_id,
					   &ticket->unit, why, why_size);
}

static bool take_number(struct ticket *ticket, struct gang *gang, struct job *job,
			const char *unit_id)
{
	static const enum h7_error errors[] = {
		[NUMBERS_OK] = H7_OK,
		[NUMBERS_EXHAUSTED] = H7_SERIAL_EXHAUSTED,
		[NUMBERS_UNKNOWN] = H7_SERIAL_UNKNOWN,
		[NUMBERS_NO_UID] = H7_UID_UNKNOWN,
		[NUMBERS_BUSY] = H7_DUPLICATE,
		[NUMBERS_BROKEN] = H7_HOST_ERROR,
		[NUMBERS_AWAY] = H7_STORE_UNAVAILABLE,
	};
	_Static_assert(sizeof(errors) / sizeof(errors[0]) == NUMBERS_RESULTS,
		       "an error for each result");
	char why[WHY_SIZE] = "";
	enum numbers_result result;

	snprintf(ticket->uid, sizeof(ticket->uid), "%s", job->uid);
	result = number_of(ticket, gang, unit_id, why, sizeof(why));
	if (result == NUMBERS_OK || result == NUMBERS_BROKEN)
		atomic_store(&gang->numbers_failed, result == NUMBERS_BROKEN);
	if (result != NUMBERS_OK)
		return job_fail(job, errors[result], "%s", why);
	ticket->numbered = true;
	job->memory->discarded = ticket->unit.discarded ? ticket->unit.serial : NULL;
	ticket->unit.columns = &ticket->before.columns;
	ticket->offline_start =
		gang->options->command == GANG_RUN && numbers_offline_start(gang->numbers);
	return true;
}

/* A number that belongs to a UID must not go to two boards: the earlier one with that UID is still
 * on the bus. */
static bool has_twin(const struct gang *gang, struct job *job)
{
	const struct profile_serial *serial = gang->options->profile->serial;
	char first[USB_PATH_SIZE];

	if (gang->options->command != GANG_RUN || !job->uid[0] ||
	    (!serial->by_uid && !serial->keep) ||
	    !uids_first(gang->uids, gang->bus, job->uid, job->link.path, first))
		return false;
	job_fail(job, H7_DUPLICATE, "the board at %s has the same UID, to which a number belongs",
		 first);
	return true;
}

/* The image stays without the unit's own data if they do not fit: every attempt tries again. */
static bool give_number(struct ticket *ticket, struct gang *gang, struct job *job,
			const char *unit_id)
{
	const struct profile_serial *serial = gang->options->profile->serial;
	char why[WHY_SIZE] = "";

	if (!gang->numbers)
		return true;
	if (!ticket->numbered && (has_twin(gang, job) || !take_number(ticket, gang, job, unit_id)))
		return false;
	if (ticket->offline_start)
		job->overrides |= AUDIT_OVERRIDE_OFFLINE_START;
	return ticket->image.serial ||
	       unit_image_fill(&ticket->image, serial, &ticket->unit, why, sizeof(why)) ||
	       job_fail(job, H7_SERIAL_UNKNOWN, "number %s: %s", ticket->unit.serial, why);
}

/* A log that the store refuses while the run goes on is of a station of which a copy works, too. */
static bool log_stands(const struct gang *gang, struct job *job)
{
	const struct gang_options *options = gang->options;
	char why[WHY_SIZE] = "";

	return options->command != GANG_RUN || !gang->station || !options->log_refused ||
	       !options->log_refused(options->log_user, why, sizeof(why)) ||
	       job_fail(job, H7_STORE_UNAVAILABLE, "the store refused this station's log: %s", why);
}

bool ticket_take(struct ticket *ticket, struct gang *gang, struct job *job,
		 const struct record_unit *unit)
{
	bool asks = gang->options->command == GANG_RUN;

	return log_stands(gang, job) && admit(ticket, gang, job, unit->unit_id) &&
	       (!asks || before_ask(&ticket->before, gang, unit, job)) &&
	       give_number(ticket, gang, job, unit->unit_id);
}

void ticket_start_over(struct ticket *ticket, struct gang *gang, bool sent)
{
	bool asked = ticket->before.released;

	if (ticket->admitted)
		limits_done(gang->limits, ticket->unit_id, ticket->uid, false);
	ticket->admitted = false;
	before_free(&ticket->before); /* perhaps asked about another board */
	if (!ticket->numbered || (!sent && !asked && !ticket->uid[0]))
		return;
	if (gang->options->command == GANG_RUN)
		numbers_done(gang->numbers, &ticket->unit, false);
	ticket->numbered = false;
	unit_image_free(&ticket->image);
	unit_image_init(&ticket->image, &gang->options->profile->flash);
}

void ticket_end(struct ticket *ticket, struct gang *gang, bool passed)
{
	if (ticket->numbered && gang->options->command == GANG_RUN)
		numbers_done(gang->numbers, &ticket->unit, passed);
	if (ticket->admitted)
		limits_done(gang->limits, ticket->unit_id, ticket->uid, passed);
	ticket->numbered = ticket->admitted = ticket->offline_start = false;
	unit_image_free(&ticket->image);
	before_free(&ticket->before);
}

/* A log that differs from the store's is of a station that was put back from a backup, or a
 * copy. */
static enum h7_exit check_log(struct gang *gang, char *why, size_t why_size)
{
	const struct gang_options *options = gang->options;
	char what[WHY_SIZE + 256];

	if (store_check_log(options->store_url, STATION_PATIENCE_MS, gang->log_path,
			    options->station, what, sizeof(what)) != DB_REFUSED)
		return H7_EXIT_OK; /* other faults are told where the store is asked */
	snprintf(why, why_size,
		 "%s; no board was touched. If this station is to continue, move this log and its "
		 "rotated files away, then run: h7gang store adopt --store %s --station %s --yes "
		 "(without --yes it changes nothing and shows the store's data)",
		 what, options->store_url, options->station);
	return H7_EXIT_LOG;
}

/* The store decides over all stations. */
static enum h7_exit join_store(struct gang *gang, char *why, size_t why_size)
{
	const struct gang_options *options = gang->options;
	const struct profile_store *store = &options->profile->store;
	bool takes = options->command == GANG_RUN;
	enum h7_exit status = takes ? check_log(gang, why, why_size) : H7_EXIT_OK;

	if (status != H7_EXIT_OK)
		return status;
	gang->station =
		station_open(options->store_url, options->station, gang->run_id, gang->log_path);
	if (!gang->station) {
		snprintf(why, why_size, "out of memory");
		return H7_EXIT_USAGE;
	}
	if (gang->limits &&
	    !limits_join(gang->limits, gang->station, store, gang->log_path, why, why_size))
		return H7_EXIT_USAGE;
	if (!gang->numbers ||
	    numbers_join(gang->numbers, gang->station, store, gang->log_path, takes, why, why_size))
		return H7_EXIT_OK;
	return numbers_old(gang->numbers) ? H7_EXIT_LOG : H7_EXIT_USAGE;
}

/* Without a store. */
static enum h7_exit go_alone(struct gang *gang, char *why, size_t why_size)
{
	const struct gang_options *options = gang->options;
	const struct numbers_station alone = {
		.logs = {options->log_pattern[0], options->log_pattern[1]},
		.state_dir = options->profile->state_dir,
		.which_log = options->which_log,
	};

	if (!gang->numbers || options->command != GANG_RUN ||
	    numbers_go_alone(gang->numbers, &alone, why, why_size))
		return H7_EXIT_OK;
	return H7_EXIT_USAGE;
}

static bool open_counters(struct gang *gang, char *why, size_t why_size)
{
	const struct gang_options *options = gang->options;
	const struct profile *profile = options->profile;
	bool limited = profile->limits.lot_quantity || profile->limits.once_per_lot;

	if (options->command == GANG_RUN && limited) {
		gang->limits = limits_open(profile, gang->log_path, gang->lot, why, why_size);
		if (!gang->limits)
			return false;
	}
	if (!profile->serial)
		return true;
	gang->numbers =
		numbers_open(profile, gang->log_path, options->command == GANG_RUN, why, why_size);
	return gang->numbers != NULL;
}

void ticket_office_tell(struct gang *gang)
{
	struct gang_event event = {.kind = GANG_NOTE};
	const char *notice;

	memcpy(event.run_id, gang->run_id, sizeof(event.run_id));
	for (size_t i = 0; gang->numbers && (notice = numbers_notice(gang->numbers, i)); i++) {
		snprintf(event.detail, sizeof(event.detail), "%s", notice);
		gang_emit(gang, &event);
	}
}

enum h7_exit ticket_office_open(struct gang *gang, char *why, size_t why_size)
{
	enum h7_exit status = H7_EXIT_USAGE;

	if (open_counters(gang, why, why_size)) {
		if (!gang->limits && !gang->numbers)
			status = H7_EXIT_OK;
		else if (gang->options->store_url)
			status = join_store(gang, why, why_size);
		else
			status = go_alone(gang, why, why_size);
	}
	if (status == H7_EXIT_OK) {
		atomic_store(&gang->numbers_failed, false);
		return status;
	}
	ticket_office_tell(gang);
	ticket_office_close(gang);
	return status;
}

void ticket_office_close(struct gang *gang)
{
	limits_close(gang->limits);
	numbers_close(gang->numbers);
	station_close(gang->station);
	gang->limits = NULL;
	gang->numbers = NULL;
	gang->station = NULL;
}
