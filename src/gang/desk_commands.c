/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands from all sources: each is answered by one event. */
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "desk_private.h"
#include "h7gang/base/clock.h"
#include "note.h"
#include "watch.h"

static void acknowledge(struct desk *desk, const char *argument, const char *id,
			struct desk_answer *answer)
{
	struct slot *slot = desk_find_slot(desk, argument);
	struct gang_event event = {.detail = "acknowledged"};

	(void)id;
	if (!slot)
		desk_say(answer, false, "acknowledge: there is no such slot");
	else if (!desk->gang->options->watch || !watch_acknowledge(slot))
		desk_say(answer, false, "nothing to acknowledge");
	else
		desk_say(answer, true, "the next board in %s is another one", slot->name);
	if (!answer->accepted)
		snprintf(event.detail, sizeof(event.detail), "%s", answer->text);
	desk_event(desk, GANG_NOTE, slot, &event); /* events of version 1 had this alone */
}

static void choose(struct desk *desk, const char *argument, const char *id,
		   struct desk_answer *answer)
{
	const struct slot *slot = desk_find_slot(desk, argument);

	(void)id;
	if (!slot) {
		desk_say(answer, false, "there is no such slot");
		return;
	}
	labels_choose(&desk->labels, slot->name, clock_now());
	desk_say(answer, true, "the next label is for %s", slot->name);
}

static void undo(struct desk *desk, const char *argument, const char *id,
		 struct desk_answer *answer)
{
	struct label label;
	char slot[PROFILE_NAME_SIZE];

	(void)argument;
	(void)id;
	snprintf(slot, sizeof(slot), "%s", desk->labels.slot);
	if (!labels_take(&desk->labels, slot, &label)) {
		desk_say(answer, false, "no label waits");
		return;
	}
	desk_say(answer, true, "the label %s for %s is dropped", label.number, slot);
	desk_tell_dropped(desk, slot, &label, "undone");
}

/* "scan SLOT TEXT" if the first word names a slot and text follows, "scan - TEXT" for no slot
 * whatever TEXT begins with, else "scan TEXT". No slot is named "-" (profile_name_ok). */
static void scan(struct desk *desk, const char *argument, const char *id,
		 struct desk_answer *answer)
{
	size_t word = strcspn(argument, " ");
	char slot[PROFILE_NAME_SIZE];

	(void)id;
	if (strncmp(argument, "- ", 2) == 0 && argument[2]) {
		desk_scan(desk, "", argument + 2, answer);
		return;
	}
	if (argument[word] && argument[word + 1] && word < sizeof(slot)) {
		snprintf(slot, sizeof(slot), "%.*s", (int)word, argument);
		if (desk_find_slot(desk, slot)) {
			desk_scan(desk, slot, argument + word + 1, answer);
			return;
		}
	}
	desk_scan(desk, "", argument, answer);
}

static void lot(struct desk *desk, const char *argument, const char *id, struct desk_answer *answer)
{
	desk_set_lot(desk, argument, id, answer);
}

static void operator_name(struct desk *desk, const char *argument, const char *id,
			  struct desk_answer *answer)
{
	(void)id;
	desk_set_operator(desk, argument, answer);
}

static void unlock(struct desk *desk, const char *argument, const char *id,
		   struct desk_answer *answer)
{
	(void)id;
	desk_unlock(desk, argument, answer);
}

static void stop(struct desk *desk, const char *argument, const char *id,
		 struct desk_answer *answer)
{
	const char *name = desk->gang->operator_name;

	(void)argument;
	(void)id;
	if (desk->stop.stopped[0]) {
		desk_say(answer, false, "the station is stopped already");
		return;
	}
	if (name[0])
		desk_say(answer, true, "stopped by %s", name);
	else
		desk_say(answer, true, "stopped by command");
	desk_stop_now(desk, answer->text);
}

static void quit(struct desk *desk, const char *argument, const char *id,
		 struct desk_answer *answer)
{
	(void)argument;
	(void)id;
	desk_say(answer, true, "the run ends");
	atomic_fetch_add(&desk->gang->stop, 1);
	gang_wake(desk->gang);
}

static const struct {
	const char *name;
	enum { NO_TEXT, MAY_HAVE_TEXT, NEEDS_TEXT } text;
	void (*obey)(struct desk *desk, const char *argument, const char *id,
		     struct desk_answer *answer);
} commands[] = {
	{"scan", NEEDS_TEXT, scan},
	{"select", NEEDS_TEXT, choose},
	{"undo", NO_TEXT, undo},
	{"lot", NEEDS_TEXT, lot},
	{"operator", NEEDS_TEXT, operator_name},
	{"acknowledge", NEEDS_TEXT, acknowledge},
	{"unlock", MAY_HAVE_TEXT, unlock},
	{"stop", NO_TEXT, stop},
	{"quit", NO_TEXT, quit},
};

static void obey_line(struct desk *desk, const struct control_command *command,
		      struct desk_answer *answer)
{
	const char *line = command->line;
	size_t word = strcspn(line, " ");
	const char *argument = line + word + (line[word] == ' ');

	if (command->refused) {
		desk_say(answer, false, "%s", command->refused);
		return;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strlen(commands[i].name) != word || memcmp(commands[i].name, line, word) != 0)
			continue;
		if (commands[i].text == NEEDS_TEXT && !argument[0])
			desk_say(answer, false, "%s needs a text behind it", commands[i].name);
		else if (commands[i].text == NO_TEXT && argument[0])
			desk_say(answer, false, "%s takes no text", commands[i].name);
		else
			commands[i].obey(desk, argument, command->id, answer);
		return;
	}
	desk_say(answer, false,
		 "not a command: scan TEXT, scan SLOT TEXT, scan - TEXT, select SLOT, undo, lot "
		 "TEXT, operator TEXT, acknowledge SLOT, unlock [SLOT], stop, quit");
}

/* Records the command of another process, with its result. */
static void record(struct desk *desk, const struct control_command *command,
		   const struct desk_answer *answer)
{
	char text[2 * AUDIT_TEXT_MAX];

	snprintf(text, sizeof(text), "command \"%.180s\" by %.220s: %s: %.80s", command->line,
		 command->who, answer->accepted || answer->later ? "accepted" : "refused",
		 answer->text);
	text[AUDIT_TEXT_MAX - 1] = 0;
	note_row(desk->gang, NULL, NULL, text);
}

void desk_obey(struct desk *desk)
{
	struct control_command command;
	struct desk_answer answer;

	while (control_take(desk->gang->options->control, &command)) {
		answer = (struct desk_answer){.accepted = false};
		if (command.is_scan) {
			desk_scan(desk, "", command.line, &answer);
			continue;
		}
		obey_line(desk, &command, &answer);
		if (command.who[0])
			record(desk, &command, &answer);
		desk_tell_state(desk);
		desk_answer(desk, command.id, command.line, &answer);
	}
}
