/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor's side of an attempt that does not end, since a system call may never return.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "unit_private.h"

#define CUT_MS 20000 /* from the end of the run by the operator to the row of a call that hangs */

int64_t unit_overdue(struct unit *unit, int64_t cut)
{
	int64_t overdue;

	pthread_mutex_lock(&unit->face.lock);
	overdue = unit->face.overdue;
	pthread_mutex_unlock(&unit->face.lock);
	if (overdue == CLOCK_NEVER || cut == CLOCK_NEVER)
		return overdue;
	return clock_earlier(overdue, cut + CUT_MS * CLOCK_MS);
}

/* The findings are the hanging thread's own; the row has only the facts known without it. */
static void write_row(struct unit *unit, struct ticket *ticket, const char *started_at,
		      enum h7_error error, const char *detail)
{
	struct gang *gang = unit->gang;
	struct job_memory memory = {.image = &ticket->image};
	struct unit_attempt *attempt = calloc(1, sizeof(*attempt));

	unit->outcome.result = AUDIT_FAIL;
	if (!attempt) {
		atomic_store(&gang->log_failed, true);
		return;
	}
	unit_attempt_prepare(attempt, unit, &memory, ticket, started_at);
	job_blank_outcome(&attempt->job);
	job_fail(&attempt->job, error, "%s", detail);
	record_fill(&attempt->record, gang, &attempt->facts, &attempt->job, true);
	unit->outcome.recorded = record_append(gang, &attempt->record);
	unit->outcome.result = attempt->record.row.result;
	unit->outcome.error = error;
	unit_tell_result(attempt, unit->outcome.recorded);
	free(attempt);
}

void unit_not_started(struct unit *unit, int rc)
{
	struct ticket ticket;
	char detail[120];

	unit->face.attempt = 1;
	unit->face.started = clock_now();
	clock_wall_text(unit->face.started_at);
	atomic_flag_test_and_set(&unit->face.row_claimed);
	ticket_init(&ticket, unit->gang);
	snprintf(detail, sizeof(detail), "no thread can be started for this board: %s",
		 strerror(rc));
	write_row(unit, &ticket, unit->face.started_at, H7_HOST_ERROR, detail);
	ticket_end(&ticket, unit->gang, false);
}

bool unit_rescue(struct unit *unit, int64_t cut)
{
	struct ticket ticket;
	char started_at[CLOCK_TEXT_SIZE];
	bool slept;
	bool overdue = unit_overdue(unit, cut) <= clock_now();

	pthread_mutex_lock(&unit->face.lock);
	/* A new attempt may have begun since: its own time decides. */
	overdue = overdue && unit->face.overdue != CLOCK_NEVER &&
		  (cut != CLOCK_NEVER || unit->face.overdue <= clock_now()) &&
		  !atomic_flag_test_and_set(&unit->face.row_claimed);
	memcpy(started_at, unit->face.started_at, sizeof(started_at));
	slept = clock_suspended_since(unit->face.suspended_ms) != 0;
	ticket_init(&ticket, unit->gang);
	memcpy(ticket.unit.serial, unit->face.unit_serial, sizeof(unit->face.unit_serial));
	ticket.numbered = unit->face.unit_serial[0] != '\0';
	pthread_mutex_unlock(&unit->face.lock);
	if (!overdue)
		return false;
	write_row(unit, &ticket, started_at,
		  cut != CLOCK_NEVER ? H7_ABORTED
		  : slept            ? H7_HOST_ERROR
				     : H7_UNIT_TIMEOUT,
		  slept ? "a call to the USB system did not return; the computer was suspended "
			  "during this attempt"
			: "a call to the USB system did not return");
	return true;
}
