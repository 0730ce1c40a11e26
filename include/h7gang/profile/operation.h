/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How operators work with the station: the meaning of scans, the rules that stop the station, and
 * how it calls for attention. The keys `scan`, `stop`, `on_change` and `bell`. */
#ifndef H7GANG_PROFILE_OPERATION_H
#define H7GANG_PROFILE_OPERATION_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "h7gang/profile/serial.h"

#define PROFILE_SCAN_SIZE 512 /* bytes of a scan with its NUL; longer ones are refused */
#define PROFILE_STOP_WINDOW_MAX 1000

enum profile_scan_kind {
	PROFILE_SCAN_LOT,
	PROFILE_SCAN_OPERATOR,
	PROFILE_SCAN_SLOT,
	PROFILE_SCAN_SERIAL,
	PROFILE_SCAN_KINDS
};

/* The layout that a keyboard scanner is set to; an evdev device gives positions of keys, not
 * characters. */
enum profile_scan_layout { PROFILE_LAYOUT_US, PROFILE_LAYOUT_DE, PROFILE_LAYOUT_FR };

struct profile_scan {
	bool given; /* the key is there */
	struct profile_scan_pattern {
		char *text; /* as written; NULL: no such pattern */
		regex_t regex;
	} pattern[PROFILE_SCAN_KINDS];
	char *prefix, *suffix; /* removed where they are there; NULL: none */
	char *gs;              /* replaces the GS of GS1 codes (0x1d); NULL: it is refused */
	enum profile_scan_layout layout;
	bool next_slot; /* slot: next: a label goes to the next free slot */
};

struct profile_stop {
	unsigned consecutive;      /* boards in a row, all slots; 0: no such rule */
	unsigned slot_consecutive; /* boards in a row, one slot */
	unsigned same_error;       /* boards in a row with one error, all slots */
	double first_pass_below; /* share of units that passed at their first attempt; 0: no rule */
	unsigned window;         /* units that it is computed over */
};

enum profile_bell { PROFILE_BELL_FAIL, PROFILE_BELL_NONE, PROFILE_BELL_ALL };

struct profile;

enum profile_scan_answer {
	PROFILE_SCAN_MATCHED,
	PROFILE_SCAN_UNKNOWN,  /* no pattern matches */
	PROFILE_SCAN_TWICE,    /* more than one does */
	PROFILE_SCAN_UNUSABLE, /* control characters, not UTF-8, too long, nothing in group 1 */
};

/* The meaning of a scan: kind and text (group 1, or all of it). `why` has the reason, in a
 * sentence, except for PROFILE_SCAN_MATCHED. */
enum profile_scan_answer profile_scan_read(const struct profile *profile, const char *raw,
					   enum profile_scan_kind *kind,
					   char text[PROFILE_SCAN_SIZE], char *why,
					   size_t why_size);

/* "lot", "operator", "slot", "serial"; NULL past the last. Static. */
const char *profile_scan_name(unsigned kind);

#endif
