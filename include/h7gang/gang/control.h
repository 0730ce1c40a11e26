/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of operators and programs to a run: one queue for all their sources (the panel, a
 * scanner, --commands, a socket). Made before the run, freed after it. */
#ifndef H7GANG_GANG_CONTROL_H
#define H7GANG_GANG_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#define GANG_COMMAND_SIZE 600 /* bytes of a line with its NUL: a scan of 512 and its words */
#define GANG_COMMAND_ID_SIZE 65
#define GANG_COMMAND_WHO_SIZE 300 /* of the client that gave it */

struct gang_control;

struct gang_control *gang_control_new(void); /* NULL: no memory */
void gang_control_free(struct gang_control *control);

/* One command: "scan TEXT", "scan SLOT TEXT", "select SLOT", "undo", "lot TEXT", "operator TEXT",
 * "acknowledge SLOT", "unlock [SLOT]", "stop", "quit". From any thread; never waits. An event
 * `answer` with `id` ("" or up to 64 bytes) answers it. False: no run listens, too many commands
 * wait, or the line is too long; nothing answers. */
bool gang_control_line(struct gang_control *control, const char *id, const char *line);

/* The same for a client of the station socket, which `who` names. The command and its answer become
 * a row of the log (`command` note). */
bool gang_control_from(struct gang_control *control, const char *id, const char *line,
		       const char *who);

/* From now on commands, scans ("scan TEXT") and stops ("quit") go to `say` instead: for a display
 * that runs beside another process's run. `say` returns false if it did not take the line. */
void gang_control_forward(struct gang_control *control, bool (*say)(void *user, const char *line),
			  void *user);

/* How long the supervisor has not taken commands, in ms; 0 while none is at work. */
int64_t gang_control_silence_ms(struct gang_control *control);

/* A line that is no command, of which `line` is the start: an answer refuses it, and says why
 * (static). */
bool gang_control_refuse(struct gang_control *control, const char *id, const char *line,
			 const char *why);

/* Whether the run takes one more command now; later it may. */
bool gang_control_takes(struct gang_control *control);

/* A scan: its text is always taken as a scan. As gang_control_line. */
bool gang_control_scan(struct gang_control *control, const char *text);

/* As SIGINT: the first call finishes the running units and starts no more; the second stops units
 * at the next safe point. From any thread. */
void gang_control_stop(struct gang_control *control);

#endif
