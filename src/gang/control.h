/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GANG_CONTROL_H
#define GANG_CONTROL_H

#include "gang.h"
#include "h7gang/gang/control.h"

struct control_command {
	bool is_scan;        /* `line` is the text of a scan, not a command */
	const char *refused; /* why the line is no command; NULL: it may be one */
	char id[GANG_COMMAND_ID_SIZE];
	char line[GANG_COMMAND_SIZE];
	char who[GANG_COMMAND_WHO_SIZE]; /* "": this process */
};

/* The run that gets the commands from now on; NULL: none. `control` may be NULL. */
void control_attach(struct gang_control *control, struct gang *gang);

/* The supervisor takes commands now. `control` may be NULL. */
void control_beat(struct gang_control *control);

/* Takes the next command. False: none waits. `control` may be NULL. */
bool control_take(struct gang_control *control, struct control_command *command);

#endif
