/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A campaign: batches of boards with random parts, ROM versions, images, profiles and faults. What must come
 * out of each is worked out here, from the fleet and the profile, with nothing of h7gang's. */
#ifndef CAMPAIGN_H
#define CAMPAIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BOARDS = 16, SEGMENTS_MAX = 4, FLASH_MAX = 2 << 20, SECTORS_MAX = 256, PATHS = 2048 };

enum erase { ERASE_AUTO, ERASE_TOUCHED, ERASE_MASS, ERASE_NONE };

struct part {
	const char *name;
	int series; /* index of its versions */
	uint32_t flash_bytes, sector_bytes, bank_bytes;
};

/* What flash holds at first. */
enum contents { CONTENTS_BLANK, CONTENTS_PATTERN, CONTENTS_IMAGE, CONTENTS_HALF };

struct board {
	const char *version;
	char path[16];
	enum contents contents;
	uint32_t from, bytes;  /* of the pattern, an address and a length; 0: everything */
	char faults[600];      /* the fleet file's text */
	char quirks[600];
	bool faulty;           /* something happens that no healthy board does */
	bool transport;        /* and on the bus, so that the host may be misled about the state */
	bool may_hide;         /* may not even enumerate, and then is no unit */
	bool swaps;            /* another board may come back */
	bool contents_known;   /* until h7gang touches it */
	/* The error a board without faults must end with; "" is PASS, NULL not to be told. */
	const char *error;
};

struct batch {
	uint64_t seed;
	unsigned number;
	const struct part *part;
	enum erase erase;
	bool verify_all, full;
	unsigned attempts, unit_s;
	const char *poll, *leave;
	struct board board[BOARDS];
	uint8_t flash[FLASH_MAX]; /* as wanted, bank 1 then bank 2 */
	bool touched[SECTORS_MAX];
};

struct totals {
	uint64_t batches, units, attempts, passed, failed, healthy;
	uint64_t violations;
	uint64_t error[64]; /* by error_name */
};

/* Everything of `batch` follows from its seed and number; the files go to `folder`. */
bool batch_make(struct batch *batch, const char *folder);
uint32_t batch_address(const struct batch *batch, uint32_t offset);

/* Looks at the log, the saved flash and the exit status of a run. Complaints go to `complaints`; returns
 * how many. */
unsigned batch_judge(const struct batch *batch, const char *folder, int exit_status,
                     struct totals *totals, const char *complaints);
const char *error_name(unsigned index); /* NULL past the end */

#endif
