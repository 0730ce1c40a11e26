/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens on the tray, told to whoever listens. Events are copies: a listener may keep them.
 * The sink is called with the gang's event lock held, one event at a time: it must not block on the
 * gang nor call back into it. */
#ifndef H7GANG_GANG_EVENTS_H
#define H7GANG_GANG_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/audit/audit.h"
#include "h7gang/base/errors.h"
#include "h7gang/profile/profile.h"

enum gang_phase {
	GANG_PHASE_IDENTIFY,
	GANG_PHASE_BLANK,   /* reading whether an erase is needed */
	GANG_PHASE_ERASE,
	GANG_PHASE_PROGRAM,
	GANG_PHASE_VERIFY,
	GANG_PHASE_LEAVE,
	GANG_PHASE_GATE,    /* the profile's gate hook runs */
	GANG_PHASE_RECORD,  /* the row is on its way to the disk */
	GANG_PHASE_COUNT
};

enum gang_event_kind {
	GANG_STARTED,  /* the run: nothing but run_id */
	GANG_TARGET,   /* a target was found: slot, path */
	GANG_PHASE,    /* phase begins; attempt */
	GANG_PROGRESS, /* permille of phase */
	GANG_UNIT,     /* final verdict of a unit, after its row is on disk (or recorded is false) */
	GANG_EMPTY,    /* a named slot stayed empty */
	GANG_NOTE,     /* text for people: a retry, a fall-back, a warning */
	GANG_TAKE_OUT, /* watch: the board in that slot is done and still on the bus */
	GANG_FREE,     /* watch: the slot is ready for the next board */
	GANG_SUMMARY   /* the end: totals and the log's head */
};

struct gang_event {
	enum gang_event_kind kind;
	char run_id[37];
	char unit_id[40];
	char slot[PROFILE_NAME_SIZE];
	char path[USB_PATH_SIZE];
	char uid[25];
	char bootloader[8];      /* "V9.0" or "" */
	unsigned attempt, attempts_allowed;
	enum gang_phase phase;
	unsigned permille;
	/* GANG_UNIT */
	enum audit_result result;
	enum h7_error error;
	bool recorded;           /* false: NOT RECORDED, never to be shown as PASS */
	char erase_method[64];
	char leave[16];
	int64_t total_ms;
	char detail[AUDIT_TEXT_MAX];  /* also GANG_NOTE's text */
	/* GANG_SUMMARY */
	unsigned passed, failed, aborted, not_recorded;
	struct audit_head head;
};

typedef void gang_sink(void *user, const struct gang_event *event);

/* "identify", "blank", ... Static. */
const char *gang_phase_name(enum gang_phase phase);

#endif
