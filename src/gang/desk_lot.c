/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lot and operator, which may change while the run goes on. */
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "desk_private.h"
#include "note.h"
#include "ticket.h"

/* The missing input without which no board starts. */
bool desk_lacks(const struct desk *desk, char *what, size_t size)
{
	const struct gang *gang = desk->gang;
	const struct profile *profile = gang->options->profile;

	if ((profile->require_lot && !gang->lot[0]) || !gang->log || desk->lot_refused)
		snprintf(what, size, "scan the lot");
	else if (profile->require_operator && !gang->operator_name[0])
		snprintf(what, size, "scan the operator");
	else
		return false;
	return true;
}

void desk_set_operator(struct desk *desk, const char *name, struct desk_answer *answer)
{
	struct gang *gang = desk->gang;

	if (strlen(name) >= sizeof(gang->operator_name)) {
		desk_say(answer, false, "the name is too long");
		return;
	}
	if (profile_name_hides(name)) {
		desk_say(answer, false, "the name %s", profile_name_hides(name));
		return;
	}
	snprintf(gang->operator_name, sizeof(gang->operator_name), "%s", name);
	desk_say(answer, true, "operator %.400s", name);
}

/* The open objects of a lot: moved aside while those of the next lot are opened. */
struct lot_state {
	struct audit_log *log;
	const char *log_path;
	struct limits *limits;
	struct numbers *numbers;
	struct station *station;
	char lot[AUDIT_TEXT_MAX];
};

static void put_aside(struct gang *gang, struct lot_state *was)
{
	*was = (struct lot_state){.log = gang->log,
				  .log_path = gang->log_path,
				  .limits = gang->limits,
				  .numbers = gang->numbers,
				  .station = gang->station};
	memcpy(was->lot, gang->lot, sizeof(was->lot));
	gang->limits = NULL;
	gang->numbers = NULL;
	gang->station = NULL;
}

static void put_back(struct gang *gang, const struct lot_state *was)
{
	gang->log = was->log;
	gang->log_path = was->log_path;
	gang->limits = was->limits;
	gang->numbers = was->numbers;
	gang->station = was->station;
	memcpy(gang->lot, was->lot, sizeof(gang->lot));
}

static bool change_lot(struct gang *gang, const char *lot, char *why, size_t why_size)
{
	const struct gang_lots *lots = gang->options->lots;
	struct lot_state was, now;
	bool done;

	put_aside(gang, &was);
	if (lots && !lots->open(lots->user, lot, &gang->log, &gang->log_path, why, why_size)) {
		/* Of a log that is one for all lots, none may be left. */
		was.log = gang->log;
		was.log_path = gang->log_path;
		put_back(gang, &was);
		return false;
	}
	snprintf(gang->lot, sizeof(gang->lot), "%s", lot);
	done = ticket_office_open(gang, why, why_size) == H7_EXIT_OK;
	put_aside(gang, &now);
	put_back(gang, &was);
	if (done) {
		ticket_office_close(gang); /* the old lot's: none of its units is running */
		put_back(gang, &now);
	}
	if (lots)
		lots->settle(lots->user, done, &gang->log, &gang->log_path);
	return done;
}

/* The label that waits was checked against the lot before. */
static void drop_label(struct desk *desk)
{
	char slot[PROFILE_NAME_SIZE];
	struct label label;

	snprintf(slot, sizeof(slot), "%s", desk->labels.slot);
	if (labels_take(&desk->labels, slot, &label))
		desk_tell_dropped(desk, slot, &label, "the lot changed: scan the label again");
}

void desk_lot_due(struct desk *desk)
{
	struct desk_answer answer = {.accepted = false};
	struct gang_event event = {.detail = ""};
	char line[GANG_COMMAND_SIZE], lot[AUDIT_TEXT_MAX], why[512];

	memcpy(lot, desk->lot, sizeof(lot));
	desk->lot[0] = 0;
	if (change_lot(desk->gang, lot, why, sizeof(why))) {
		desk_say(&answer, true, "lot %.400s", lot);
		drop_label(desk);
	} else {
		/* The station must not go on with the boards of this lot under the lot before. */
		desk->lot_refused = true;
		desk_say(&answer, false, "lot %.100s is refused: %.380s", lot, why);
	}
	if ((desk->lot_command && !desk->lot_answered) || !answer.accepted) {
		snprintf(line, sizeof(line), "lot %s", lot);
		desk_answer(desk, desk->lot_id, line, &answer);
	}
	if (!answer.accepted)
		return;
	note_early(desk->gang);
	desk_stop_moved(desk);
	desk_publish_moved(desk);
	memcpy(event.detail, answer.text, sizeof(event.detail));
	desk_event(desk, GANG_NOTE, NULL, &event);
}

/* Whether that lot may begin, as far as its name tells. */
static bool may_begin(const struct desk *desk, const char *lot, struct desk_answer *answer)
{
	const struct gang_lots *lots = desk->gang->options->lots;
	char why[200];

	if (strlen(lot) >= sizeof(desk->lot))
		return desk_say(answer, false, "the lot is too long");
	if (profile_name_hides(lot))
		return desk_say(answer, false, "the lot %s", profile_name_hides(lot));
	if (lots && !lots->may_begin(lots->user, lot, why, sizeof(why)))
		return desk_say(answer, false, "lot %.100s is refused: %.380s", lot, why);
	return true;
}

/* Another lot takes the place of the one that waits for the running boards. */
static void replace_waiting(struct desk *desk, const char *lot)
{
	struct desk_answer answer = {.accepted = false};
	char line[GANG_COMMAND_SIZE];

	if (desk->lot[0] && desk->lot_command) {
		snprintf(line, sizeof(line), "lot %s", desk->lot);
		desk_say(&answer, false, "replaced by lot %.400s", lot);
		desk_answer(desk, desk->lot_id, line, &answer);
	}
	desk->lot[0] = 0;
	desk->lot_refused = false;
}

void desk_set_lot(struct desk *desk, const char *lot, const char *id, struct desk_answer *answer)
{
	bool is_set = desk->gang->log && strcmp(lot, desk->gang->lot) == 0;

	if (!may_begin(desk, lot, answer))
		return;
	if (!is_set && !desk->gang->options->watch) {
		desk_say(answer, false, "the lot changes with --watch only");
		return;
	}
	replace_waiting(desk, lot);
	if (is_set) {
		desk_say(answer, true, "it is lot %.400s already", lot);
		return;
	}
	snprintf(desk->lot, sizeof(desk->lot), "%s", lot);
	snprintf(desk->lot_id, sizeof(desk->lot_id), "%s", id);
	desk->lot_command = !desk->lot_by_scan;
	desk->lot_answered = desk->running;
	desk_say(answer, desk->running,
		 desk->running ? "lot %.200s: begins when the running boards are finished"
			       : "lot %.200s: begins",
		 lot);
	answer->ordered = desk->running;
	answer->later = !desk->running; /* it is due at once */
}
