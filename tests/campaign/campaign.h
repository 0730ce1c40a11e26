/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A campaign: batches of boards with random parts, ROM versions, images, profiles and faults. The
 * expected result of each board is computed here, from the fleet and the profile, without code of
 * h7gang. The seed and a batch's number determine the whole batch. */
#ifndef CAMPAIGN_H
#define CAMPAIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	BOARDS_MAX = 32,
	FLASH_MAX = 2 << 20,
	PAGE_BYTES = 8192,
	SECTORS_MAX = 256,
	ERRORS_MAX = 32,
	UNIT_S = 3000, /* enough for any board without faults */
	SERIAL_BYTES = 16,
	SEGMENTS_MAX = 64,
	WISHES_MAX = 20
};

enum erase { ERASE_AUTO, ERASE_TOUCHED, ERASE_MASS, ERASE_NONE };

struct part {
	const char *name;
	int series; /* index of its versions */
	uint32_t flash_bytes, sector_bytes, bank_bytes;
};

/* A piece of firmware; it lies at `offset` of the wanted flash. */
struct segment {
	uint32_t address, offset, length;
};

/* Some bits of a word of the option bytes, see option_words. */
struct wish {
	unsigned word;
	uint32_t mask, value;
};

/* The second command of a wider batch, after its run, with the same boards. */
enum second { SECOND_NONE, SECOND_VERIFY, SECOND_RUN };

/* Only in wider batches. Drawn from dice of its own, so that other batches do not change. */
struct wider {
	bool on;
	uint64_t dice;
	struct segment segment[SEGMENTS_MAX];
	unsigned segments;
	enum second second;
	bool hooks, once, unprotect;
	unsigned quantity; /* of the lot; 0: any */
	struct wish expect[WISHES_MAX], set[WISHES_MAX];
	unsigned expects, sets;
};

/* The initial contents of flash. */
enum contents { CONTENTS_BLANK, CONTENTS_PATTERN, CONTENTS_IMAGE, CONTENTS_HALF };

struct board {
	char path[32];
	enum contents contents; /* the first choice of make_board */
	const char *version;
	uint32_t from, bytes; /* of the pattern, an address and a length; 0: everything */
	char faults[600];     /* the fleet file's text */
	char quirks[600];
	bool faulty;          /* something happens that no healthy board does */
	bool transport;       /* and on the bus, so that the host may be misled about the state */
	bool may_hide;        /* may not even enumerate, and then is no unit */
	bool swaps;           /* another board may come back */
	bool contents_known;  /* until h7gang touches it */
	const char *stranger; /* another part than the profile's; NULL: as it should be */
	/* The error a board without faults must end with; "" is PASS, NULL not to be told. */
	const char *error;
	/* Wider batches: */
	const char *identity;     /* the expected `error` if it is only identified */
	const char *option_write; /* takes, ignores, refuses */
	char uid[25];             /* the same as another's; "": its own */
	bool refused;             /* by the gate */
	bool foreign; /* `quirks` make another chip of it, or protect a sector of ours */
};

/* The first 8 bytes of flash, if firmware is there. */
enum start_kind {
	START_GOOD,
	START_BAD_STACK,
	START_EVEN_RESET,
	START_RESET_OUTSIDE,
	START_AS_IT_FALLS, /* all zeros or all ones */
	START_RESET_BLANK
};

struct start {
	uint64_t dice;
	enum start_kind kind;
	bool unchecked; /* start: {check: off} */
	bool laid;      /* firmware lies there */
};

struct batch {
	uint64_t seed;
	unsigned number;
	uint64_t dice;
	const struct part *part;
	enum erase erase;
	bool verify_all, full, json, trace, slots, sanitized;
	unsigned attempts, unit_s, transfer_ms;
	const char *poll, *leave;
	const char *allowed[2]; /* ROM versions; NULL: all */
	/* Numbers: text of SERIAL_BYTES there, then perhaps the counter as 4 bytes. */
	bool serial, counter_too, by_uid, keeps; /* a failed board its number */
	uint32_t serial_at;                      /* offset */
	unsigned boards;
	struct board board[BOARDS_MAX];
	uint8_t flash[FLASH_MAX]; /* as wanted, bank 1 then bank 2, before numbers */
	bool touched[SECTORS_MAX];
	struct start start;
	bool refused; /* by h7gang, before it touches a board: the firmware cannot start */
	struct wider wider;
	bool windows; /* boards are exchanged in resets, opens and SET_INTERFACE */
};

struct totals {
	uint64_t batches, units, attempts, passed, failed, healthy, sanitized;
	uint64_t refused;                           /* batches whose firmware cannot start */
	uint64_t violations, second, second_passed; /* of the second command */
	uint64_t error[ERRORS_MAX];                 /* by error_name; the last: of no such name */
	unsigned char digest[32];                   /* of the deterministic results */
};

/* make.c */
unsigned batch_boards(uint64_t seed, unsigned number);
/* Decides everything of `batch`; the files go to `folder`. */
bool batch_make(struct batch *batch, const char *folder);
uint32_t batch_address(const struct batch *batch, uint32_t offset);
uint32_t batch_sectors(const struct batch *batch);

/* hubs.c: the hubs of the boards, for the fleet file. */
void write_hubs(const struct batch *batch, FILE *file);

/* foreign.c: now and then makes another chip of the board, or announces a sector that must be
 * changed as read-only; after all other decisions. */
void foreign_board(struct batch *batch, struct board *board);

/* manners.c: now and then gives a board the manners of other DFU code; after all other decisions.
 */
void manners_board(const struct batch *batch, unsigned index, struct board *board);

/* start.c */
void start_choose(struct batch *batch);
void start_adjust(uint32_t sector, uint32_t *offset, uint32_t *length);
void start_lay(struct batch *batch, uint32_t offset, uint32_t length);
void start_profile(struct batch *batch, FILE *profile); /* writes `leave` and `start` */
void start_patched(struct batch *batch);

/* dice.c: splitmix64 */
uint64_t draw(uint64_t *state);
uint32_t below(uint64_t *state, uint32_t limit);
bool percent(uint64_t *state, uint32_t chance);
const char *one_of(uint64_t *state, const char *const *words);
uint32_t any_size(uint64_t *state, uint32_t most); /* small numbers are as likely as large ones */

/* files.c */
bool write_file(const char *path, const uint8_t *bytes, size_t length);
const char *raw_words(uint32_t length);
bool write_hex(const char *path, uint32_t address, const uint8_t *bytes, size_t length);
bool write_srec(const char *path, uint32_t address, const uint8_t *bytes, size_t length);
void put_hex(FILE *file, const char *end, uint8_t type, uint16_t address, const uint8_t *bytes,
	     uint8_t length);
void put_srec(FILE *file, const char *end, char type, unsigned address_bytes, uint32_t address,
	      const uint8_t *bytes, uint8_t length);

/* formats.c */
bool write_elf(const char *path, uint64_t *dice, const uint8_t *flash,
	       const struct segment *segment, unsigned count);
bool write_dfuse(const char *path, uint64_t *dice, const uint8_t *flash,
		 const struct segment *segment, unsigned count);
bool write_records(const char *path, uint64_t *dice, bool hex, const uint8_t *flash,
		   const struct segment *segment, unsigned count);

/* windows.c */
void windows_board(struct batch *batch, unsigned index);

/* wider.c */
void wider_choose(struct batch *batch);
void wider_cut(struct batch *batch, uint32_t offset, uint32_t length);
bool wider_files(struct batch *batch, const char *folder, FILE *profile);
void wider_profile(struct batch *batch, FILE *profile);
void wider_board(struct batch *batch, unsigned index);
bool wider_scripts(const struct batch *batch, const char *folder);

/* options.c: the option bytes that are looked at, as RM0433 has their registers. */
enum { OPTION_WORDS = 4 };
extern const struct option_word {
	uint32_t at, factory;
} option_words[OPTION_WORDS];
void options_choose(struct batch *batch, FILE *profile);
bool options_protect(const struct wish *wish, unsigned wishes); /* a sector, of those set */
bool options_differ(const struct wish *wish, unsigned wishes);  /* from a part as delivered */

/* board.c */
void add_text(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
const char *const *part_versions(const struct part *part);
void choose_paths(struct batch *batch);
void make_board(struct batch *batch, unsigned index);
bool write_fleet(const struct batch *batch, const char *folder);

/* flash.c: the saved flash of a board against the expected one, number included. */
enum flash_verdict { FLASH_RIGHT, FLASH_STRAYED, FLASH_WRONG, FLASH_UNREADABLE };
/* FLASH_STRAYED: right where verify looks, but changed at `*where` outside the job. */
enum flash_verdict flash_judge(const struct batch *batch, const char *folder, unsigned index,
			       const char *serial, const char *saved, uint32_t *where);
/* Whether it is as it was in the beginning. */
bool flash_untouched(const struct batch *batch, const char *folder, unsigned index,
		     const char *saved, uint32_t *where);
/* Whether two of them are the same. */
bool flash_same(const struct batch *batch, const char *folder, unsigned index,
		const char *const saved[2], uint32_t *where);

/* judge.c: looks at the log, the saved flash and the exit status of a run. Complaints go to
 * `complaints`; returns how many. `totals`: of this batch. */
unsigned batch_judge(const struct batch *batch, const char *folder, int exit_status,
		     struct totals *totals, const char *complaints);
const char *error_name(unsigned index); /* NULL past the end */

/* summary.c */
void totals_add(struct totals *sum, const struct totals *part);
void totals_show(const struct totals *sum);
/* One line with the result of a batch, or of a part ("batches 0-1999"), for machines. */
void totals_line(FILE *file, const char *what, const struct totals *totals);

#endif
