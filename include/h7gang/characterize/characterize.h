/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Measures the behaviour of one board and writes it into a JSON file (docs/board.schema.json) whose
 * keys are those of a fleet file, so that `h7gang-sim --twin` behaves as that board does. */
#ifndef H7GANG_CHARACTERIZE_CHARACTERIZE_H
#define H7GANG_CHARACTERIZE_CHARACTERIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "h7gang/trace/trace.h"
#include "h7gang/usb/bus.h"

enum characterize_end {
	CHARACTERIZE_DONE,
	CHARACTERIZE_NO_BOARD,  /* nothing is on that port */
	CHARACTERIZE_REFUSED,   /* the file to resume, or may_destroy said no: nothing was sent */
	CHARACTERIZE_FAILED,    /* the board could not be measured to the end: `why` */
	CHARACTERIZE_EXCHANGED, /* another board is on that port; nothing was written to it */
	CHARACTERIZE_UNPROVED,  /* its flash may be lost, but it was attached again without a UID */
	CHARACTERIZE_INTERNAL   /* no memory, or the file cannot be written */
};

struct characterize {
	const char *path;   /* port, as the kernel names it */
	const char *output; /* the file; written again after each step */
	struct usb_filter filter;
	bool destructive;    /* flash may be lost */
	bool resume;         /* `output` is there: go on behind the steps that it has */
	bool resident;       /* measure a program in flash as well */
	struct trace *trace; /* records the transfers; NULL: none is recorded */
	void *user;
	/* Before the first erase: whether this board may be lost. `uid`: 24 hex digits, "" unknown.
	 * False: `why` gives the reason. */
	bool (*may_destroy)(void *user, const char *uid, char *why, size_t why_size);
	void (*tell)(void *user, const char *text); /* progress, for people */
	FILE *page;                                 /* the findings; NULL: not printed */
	/* given back */
	char why[256];
};

/* Blocks; every step is bounded. */
enum characterize_end characterize_run(struct characterize *job);

#endif
