/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boards that are on the bus now and their answers, outside of a run. */
#ifndef H7GANG_ATTEMPT_BOARD_H
#define H7GANG_ATTEMPT_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/usb/bus.h"

/* The answers of one board. */
struct board {
	struct usb_seen seen;
	bool opened; /* false: `why` gives the reason */
	char why[160];
	char layout[256]; /* layout string of alternate setting 0 */
	char serial[128];
	int state;          /* DFU state it was found in, -1 unknown */
	int bootloader_id;  /* -1 unknown */
	char uid[25];       /* "" unknown */
	int64_t flash_kib;  /* -1 unknown */
	int rdp;            /* level 0, 1, 2; -1 unknown */
	const char *family; /* "STM32H74x/75x" if that is proved; "" */
	bool proved;        /* the answers prove its series */
	bool resident;      /* a program in flash answers, not the ROM bootloader */
	char identity[64];  /* the evidence, "layout+id+uid+size" */
	char can_be[96];    /* the series that the answers leave possible, " or " between them */
	char identity_why[160]; /* how a resident bootloader or another chip shows; "" */
	char bootloader[8];     /* "V9.0" */
};
typedef void board_sink(void *user, const struct board *identity);

/* Asks every board that is there now, one after the other, and hands out its answers. Returns the
 * number of boards; -1: no USB (`why`). */
int boards_ask(const struct usb_filter *filter, board_sink *sink, void *user, char *why,
	       size_t why_size);

#endif
