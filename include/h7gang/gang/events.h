/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The events of a run, for listeners. Events are copies: a listener may keep them. The sink is
 * called with the gang's event lock held, one event at a time: it must not block on the gang nor
 * call back into it. */
#ifndef H7GANG_GANG_EVENTS_H
#define H7GANG_GANG_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/attempt/job.h"
#include "h7gang/audit/audit.h"
#include "h7gang/base/errors.h"
#include "h7gang/profile/profile.h"

/* The phases of an attempt, and those that the gang adds. */
enum gang_phase {
	GANG_PHASE_IDENTIFY = JOB_PHASE_IDENTIFY,
	GANG_PHASE_BLANK = JOB_PHASE_BLANK,
	GANG_PHASE_ERASE = JOB_PHASE_ERASE,
	GANG_PHASE_PROGRAM = JOB_PHASE_PROGRAM,
	GANG_PHASE_VERIFY = JOB_PHASE_VERIFY,
	GANG_PHASE_LEAVE = JOB_PHASE_START,
	GANG_PHASE_GATE = JOB_PHASE_COUNT, /* the profile's gate hook runs */
	GANG_PHASE_RECORD,                 /* the row is on its way to the disk */
	GANG_PHASE_COUNT
};

/* The note of a slot whose board waits for its label. */
#define GANG_NOTE_ASKING "the board waits for its label"

enum gang_event_kind {
	GANG_STARTED,  /* the run begins: only run_id */
	GANG_TARGET,   /* a target was found: slot, path */
	GANG_PHASE,    /* phase begins; attempt */
	GANG_PROGRESS, /* permille of phase */
	GANG_UNIT,  /* final verdict of a unit, after its row is on disk (or recorded is false) */
	GANG_EMPTY, /* a named slot stayed empty */
	GANG_NOTE,  /* text for people: a retry, a fall-back, a warning */
	GANG_TAKE_OUT, /* watch: the board in that slot is done and still on the bus */
	GANG_FREE,     /* watch: the slot is ready for the next board */
	GANG_SUMMARY,  /* the end: totals and the log's head */
	GANG_STATE,    /* the station's state, lot or operator changed: state, detail says why */
	GANG_ANSWER,   /* to a command: what, id, accepted, detail */
	GANG_SCAN,     /* a scan was read: scan, what (its kind), slot, accepted, detail */
	GANG_BLOCKED,  /* a stop rule blocks the slot: detail says which */
	GANG_UNLOCKED, /* the slot, or with slot "" the station, may start again */
	GANG_KINDS
};

enum gang_state {
	GANG_READY,   /* waits for boards */
	GANG_RUNNING, /* at least one unit runs */
	GANG_ASKING,  /* waits for a scan: a lot, an operator, or a board's label */
	GANG_STOPPED, /* nothing new starts until the station is unlocked */
	GANG_ENDING,  /* the run ends; running units are finished */
	GANG_STATES
};

struct gang_event {
	enum gang_event_kind kind;
	char time[CLOCK_TEXT_SIZE]; /* wall clock, UTC; "" until it is emitted */
	char run_id[37];
	char unit_id[40];
	char slot[PROFILE_NAME_SIZE];
	char path[USB_PATH_SIZE];
	char uid[25];
	char bootloader[8]; /* "V9.0" or "" */
	unsigned attempt, attempts_allowed;
	enum gang_phase phase;
	unsigned permille;
	/* GANG_UNIT */
	enum audit_result result;
	enum h7_error error;
	bool recorded; /* false: NOT RECORDED, never to be shown as PASS */
	bool begun;    /* its begin mark was set, so its flash may have been written; not in JSON */
	char erase_method[64];
	char leave[16];
	int64_t total_ms;
	char detail[AUDIT_TEXT_MAX]; /* also GANG_NOTE's text */
	/* GANG_UNIT; GANG_STATE has operator_name and lot */
	char station[256];
	char operator_name[AUDIT_TEXT_MAX], lot[AUDIT_TEXT_MAX], tags[AUDIT_TEXT_MAX];
	char unit_serial[PROFILE_SERIAL_SIZE];
	/* GANG_SCAN, and GANG_UNIT of a board whose label was scanned */
	char scan[AUDIT_TEXT_MAX];
	/* GANG_STATE */
	enum gang_state state;
	/* GANG_ANSWER, GANG_SCAN */
	char what[AUDIT_TEXT_MAX]; /* the command's line, or the kind of the scan */
	char id[65];               /* given with the command, "" none */
	bool accepted;
	bool later; /* GANG_ANSWER: accepted, and not carried out yet; an `answer` with the same
		     * id follows if it fails */
	/* GANG_SUMMARY */
	unsigned passed, failed, aborted, not_recorded;
	struct audit_head head;
};

typedef void gang_sink(void *user, const struct gang_event *event);

/* "identify", "blank", ... Static. */
const char *gang_phase_name(enum gang_phase phase);

/* "ready", "running", ... Static. */
const char *gang_state_name(enum gang_state state);

#endif
