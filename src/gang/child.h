/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One command of the user: started, given input, listened to, and ended at its deadline. */
#ifndef GANG_CHILD_H
#define GANG_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct leftovers;

struct child {
	const char *program; /* file to execute */
	char *const *argv;
	const void *input; /* its standard input */
	size_t length;
	int64_t deadline; /* base/clock */
	bool (*stop)(void *user);
	void *stop_user;
	struct leftovers *leftovers; /* ends processes it leaves behind; NULL: its process group
					alone */
	/* Where its standard output goes, so many bytes at most; it cannot write more. NULL: it is
	 * only listened to, as standard error is. */
	char *output;
	size_t output_size;
};

enum child_end {
	CHILD_EXITED,     /* number: exit status */
	CHILD_SIGNALLED,  /* number: signal */
	CHILD_LATE,       /* killed at its deadline */
	CHILD_STOPPED,    /* killed because *stop said so */
	CHILD_NOT_STARTED /* number: errno value */
};

struct child_outcome {
	enum child_end end;
	int number;
	size_t output_length;
	char line[160]; /* the last line it wrote that was not empty, without control characters */
};

/* Runs it to its end in the calling thread; no other thread is held up. It has a process group of
 * its own, an empty signal mask, standard input, output and error, and no other descriptor.
 * When it ends, or at the deadline, every process that it left behind is killed. */
void child_run(const struct child *child, struct child_outcome *outcome);

#endif
