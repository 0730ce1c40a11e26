/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every board of the report: one entry for a UID in a lot, or for a unit whose UID could not
 * be read. 48 bytes each, and at most 16 more to find it by: a report over ten million boards fits
 * in 640 MB. */
#ifndef REPORT_BOARDS_H
#define REPORT_BOARDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOARD_KEY_SIZE 12

enum board_flag {
	BOARD_NAMELESS = 1,     /* counted by unit */
	BOARD_JUDGED = 2,       /* a unit of it counts in the yield; first_... are of that one */
	BOARD_FIRST_PASSED = 4, /* the first such unit passed at its first attempt */
	BOARD_PASSED = 8,       /* its last such unit, or rework, passed */
	BOARD_TOLD = 16         /* its units are kept one by one */
};

struct board {
	unsigned char key[BOARD_KEY_SIZE]; /* the UID's bytes, or made from the unit's name */
	uint32_t lot;                      /* 1 more than the number of its name; 0 is no entry */
	int64_t first_ms, last_ms;         /* when its first and last such unit ended */
	uint64_t errors;                   /* a bit for each error that it ever met */
	uint32_t context;                  /* of its first such unit */
	uint16_t units;                    /* all of them, up to 65535 */
	uint8_t flags, first_error;
};
_Static_assert(sizeof(struct board) == 48, "what the documents say");

struct boards {
	struct board *board;
	size_t count, room;
	uint32_t *bucket; /* index + 1, 0: free */
	size_t buckets;
};

/* The entry, new (all zero but its key and lot) if there is none; valid until the next call. NULL:
 * no memory. */
struct board *boards_get(struct boards *boards, const unsigned char key[BOARD_KEY_SIZE],
			 uint32_t lot);

/* Ends the looking up and gives the entries in the order of first_ms, as indexes to be freed. NULL:
 * no memory. */
uint32_t *boards_in_order(struct boards *boards);

void boards_free(struct boards *boards);

/* A key from 24 hex digits; false: it is no UID. And one from the names of a unit. */
bool board_key_uid(unsigned char key[BOARD_KEY_SIZE], const char *hex, size_t length);
void board_key_hash(unsigned char key[BOARD_KEY_SIZE], uint64_t unit);

/* The UID as hex. */
void board_uid(const struct board *board, char hex[2 * BOARD_KEY_SIZE + 1]);

#endif
