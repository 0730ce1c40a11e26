/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of a program that drives a watch: one a line, on a file descriptor. */
#ifndef H7GANG_SRC_CLI_COMMANDS_H
#define H7GANG_SRC_CLI_COMMANDS_H

#include "h7gang/gang/control.h"

struct commands;

/* Starts to read; signals must be blocked before. NULL: no memory, no thread. */
struct commands *commands_open(int fd, struct gang_control *control);

/* Stops reading at once, even if more input is ready. NULL is nothing. */
void commands_close(struct commands *commands);

#endif
