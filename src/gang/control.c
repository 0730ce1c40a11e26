/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAITING_MAX 64

struct gang_control {
	pthread_mutex_t lock;
	struct gang *gang;
	bool (*say)(void *user, const char *line); /* NULL: the run is of this process */
	void *say_user;
	int64_t beat;            /* when the supervisor last took commands; 0: it is not at work */
	unsigned first, waiting; /* a ring */
	struct control_command command[WAITING_MAX];
};

struct gang_control *gang_control_new(void)
{
	struct gang_control *control = calloc(1, sizeof(*control));

	if (control && pthread_mutex_init(&control->lock, NULL) != 0) {
		free(control);
		return NULL;
	}
	return control;
}

void gang_control_free(struct gang_control *control)
{
	if (!control)
		return;
	pthread_mutex_destroy(&control->lock);
	free(control);
}

void control_attach(struct gang_control *control, struct gang *gang)
{
	if (!control)
		return;
	pthread_mutex_lock(&control->lock);
	control->gang = gang;
	control->waiting = 0;
	control->beat = 0;
	pthread_mutex_unlock(&control->lock);
}

/* To the run of another process. A scan that begins with the name of a slot is not for that slot.
 */
static bool pass_on(struct gang_control *control, bool is_scan, const char *line)
{
	static const char scan[] = "scan - ";
	char text[GANG_COMMAND_SIZE + sizeof(scan)];

	snprintf(text, sizeof(text), "%s%s", is_scan ? scan : "", line);
	return control->say(control->say_user, text);
}

static bool put(struct gang_control *control, const struct control_command *command)
{
	bool taken;

	if (control->say)
		return pass_on(control, command->is_scan, command->line);
	pthread_mutex_lock(&control->lock);
	taken = control->gang && control->waiting < WAITING_MAX;
	if (taken) {
		control->command[(control->first + control->waiting++) % WAITING_MAX] = *command;
		gang_wake(control->gang);
	}
	pthread_mutex_unlock(&control->lock);
	return taken;
}

static bool fill(struct control_command *command, const char *id, const char *line, const char *who)
{
	*command = (struct control_command){.is_scan = false};
	snprintf(command->id, sizeof(command->id), "%s", id);
	snprintf(command->line, sizeof(command->line), "%s", line);
	snprintf(command->who, sizeof(command->who), "%s", who);
	return strlen(line) < sizeof(command->line) && strlen(id) < sizeof(command->id);
}

bool gang_control_from(struct gang_control *control, const char *id, const char *line,
		       const char *who)
{
	struct control_command command;

	return fill(&command, id, line, who) && put(control, &command);
}

bool gang_control_line(struct gang_control *control, const char *id, const char *line)
{
	return gang_control_from(control, id, line, "");
}

bool gang_control_refuse(struct gang_control *control, const char *id, const char *line,
			 const char *why)
{
	struct control_command command;

	if (!fill(&command, id, line, ""))
		return false;
	command.refused = why;
	return put(control, &command);
}

bool gang_control_takes(struct gang_control *control)
{
	bool takes;

	if (control->say)
		return true;
	pthread_mutex_lock(&control->lock);
	takes = control->gang && control->waiting < WAITING_MAX;
	pthread_mutex_unlock(&control->lock);
	return takes;
}

bool gang_control_scan(struct gang_control *control, const char *text)
{
	struct control_command command;

	if (!fill(&command, "", text, ""))
		return false;
	command.is_scan = true;
	return put(control, &command);
}

void gang_control_stop(struct gang_control *control)
{
	if (control->say) {
		control->say(control->say_user, "quit");
		return;
	}
	pthread_mutex_lock(&control->lock);
	if (control->gang) {
		atomic_fetch_add(&control->gang->stop, 1);
		gang_wake(control->gang);
	}
	pthread_mutex_unlock(&control->lock);
}

void gang_control_forward(struct gang_control *control, bool (*say)(void *user, const char *line),
			  void *user)
{
	control->say = say;
	control->say_user = user;
}

void control_beat(struct gang_control *control)
{
	if (!control)
		return;
	pthread_mutex_lock(&control->lock);
	control->beat = clock_now();
	pthread_mutex_unlock(&control->lock);
}

int64_t gang_control_silence_ms(struct gang_control *control)
{
	int64_t ms;

	pthread_mutex_lock(&control->lock);
	ms = control->beat ? clock_elapsed_ms(control->beat) : 0;
	pthread_mutex_unlock(&control->lock);
	return ms;
}

bool control_take(struct gang_control *control, struct control_command *command)
{
	bool taken = false;

	if (!control)
		return false;
	pthread_mutex_lock(&control->lock);
	if (control->waiting) {
		*command = control->command[control->first];
		control->first = (control->first + 1) % WAITING_MAX;
		control->waiting--;
		taken = true;
	}
	pthread_mutex_unlock(&control->lock);
	return taken;
}
