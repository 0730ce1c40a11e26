/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of the desk. */
#ifndef GANG_DESK_PRIVATE_H
#define GANG_DESK_PRIVATE_H

#include "desk.h"
#include "publish_rule.h"
#include "stop_rules.h"

struct changes;
struct publish_lag;
struct state_hook;

struct desk {
	struct gang *gang;
	struct slots *slots;
	struct labels labels;
	struct stop_rules stop;
	char *stop_path; /* the file of blocked slots; NULL: not known yet */
	struct changes *changes;
	struct state_hook *state_hook;   /* NULL: no such hook */
	bool changed_stop;               /* on_change: stop, and a file did change */
	char no_numbers[512];            /* why the number file keeps units from starting; "" no */
	struct publish_lag *publish_lag; /* NULL: the profile has no `publish` */
	enum publish_verdict publish;
	bool unlooked; /* the positions of the publishers are not known yet */
	int64_t held_at;
	char held[PUBLISH_REASON_SIZE]; /* why rows hold back boards; "" they do not */
	unsigned running;
	char lot[AUDIT_TEXT_MAX], lot_id[GANG_COMMAND_ID_SIZE]; /* wanted; "": no change */
	bool lot_by_scan;                                       /* its text comes from a scan */
	bool lot_command;  /* a command wants it: lot_id is to be told if it fails */
	bool lot_answered; /* and that it begins later was told */
	bool lot_refused;  /* a lot that was accepted did not begin: none is set until the next one
			    * is */
	int64_t last_scan;
	/* told last */
	bool told;
	enum gang_state state;
	char reason[AUDIT_TEXT_MAX];
	char told_lot[AUDIT_TEXT_MAX], told_operator[AUDIT_TEXT_MAX];
};

/* desk_tell.c */

/* The answer to a command or a scan. */
struct desk_answer {
	bool accepted;
	bool later;   /* the answer comes once it is known */
	bool ordered; /* accepted, and done once the running boards are finished */
	char text[AUDIT_TEXT_MAX];
};

/* Fills in the answer; returns `accepted`. */
bool desk_say(struct desk_answer *answer, bool accepted, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* An event about the station, or a slot (NULL: none). */
void desk_event(struct desk *desk, enum gang_event_kind kind, const struct slot *slot,
		struct gang_event *event);

/* A row of the log about the station (`command` note). */
void desk_note(struct desk *desk, const char *slot, const char *text);

/* The slot that the next label is for: `name`, else the selected one, else the only one whose board
 * waits. NULL: none. */
const struct slot *desk_slot_for_label(const struct desk *desk, const char *name);
struct slot *desk_find_slot(const struct desk *desk, const char *name);

/* Tells the answer to the command `line`, unless it comes later. */
void desk_answer(struct desk *desk, const char *id, const char *line,
		 const struct desk_answer *answer);

/* Tells that the label of the slot was dropped, and why. */
void desk_tell_dropped(struct desk *desk, const char *slot, const struct label *label,
		       const char *why);

/* desk_state.c: sends the state, if it changed. The state is sent before the answer. */
void desk_tell_state(struct desk *desk);
const struct slot *desk_asking(const struct desk *desk); /* the first that waits for its label */

/* desk_commands.c */
void desk_obey(struct desk *desk);

/* desk_scans.c: `slot` "": by the text and the slot chosen. Tells the event of the scan, too. */
void desk_scan(struct desk *desk, const char *slot, const char *raw, struct desk_answer *answer);

/* desk_lot.c */
void desk_set_lot(struct desk *desk, const char *lot, const char *id, struct desk_answer *answer);
void desk_set_operator(struct desk *desk, const char *name, struct desk_answer *answer);
void desk_lot_due(struct desk *desk); /* once no unit runs */
bool desk_lacks(const struct desk *desk, char *what, size_t size);

/* desk_stop.c */
bool desk_stop_open(struct desk *desk, char *why, size_t why_size);
void desk_stop_moved(struct desk *desk); /* the log may lie elsewhere now */
void desk_judge(struct desk *desk, const struct slot *slot, const struct unit *unit);
void desk_stop_now(struct desk *desk, const char *reason);
void desk_unlock(struct desk *desk, const char *slot, struct desk_answer *answer);

/* desk_publish.c */
bool desk_publish_open(struct desk *desk); /* false: no memory or no thread */
void desk_publish_close(struct desk *desk);
void desk_publish_moved(struct desk *desk);
void desk_publish_look(struct desk *desk);
bool desk_publish_waits(const struct desk *desk); /* for at most --wait */

#endif
