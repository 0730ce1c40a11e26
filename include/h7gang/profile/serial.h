/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key `serial`: where a board's number comes from, and the board's own data in its flash. */
#ifndef H7GANG_PROFILE_SERIAL_H
#define H7GANG_PROFILE_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROFILE_PATCHES_MAX 32
#define PROFILE_PATCH_MAX 1024                    /* bytes of one patch */
#define PROFILE_SERIAL_SIZE 65                    /* of a number as text, with its NUL */
#define PROFILE_NO_UID "000000000000000000000000" /* in place of a UID that is not known yet */
#define PROFILE_COUNTER_MAX 999999999999999       /* 15 digits: also exact in a spreadsheet */
#define PROFILE_LIST_COLUMNS_MAX 32

enum profile_source {
	PROFILE_SOURCE_COUNTER,
	PROFILE_SOURCE_LIST,
	PROFILE_SOURCE_SCAN, /* the board's own label */
	PROFILE_SOURCE_HOOK  /* the answer of hooks.before */
};

enum profile_encode {
	PROFILE_ENCODE_ASCII,
	PROFILE_ENCODE_UTF8,
	PROFILE_ENCODE_MAC48,
	PROFILE_ENCODE_U16LE,
	PROFILE_ENCODE_U32LE,
	PROFILE_ENCODE_U64LE,
	PROFILE_ENCODE_BYTES /* hexadecimal digits */
};

/* How a value is reported that two boards would share. */
enum profile_unique {
	PROFILE_UNIQUE_USUAL, /* mac48: an error; else a warning */
	PROFILE_UNIQUE_NO,    /* nothing */
	PROFILE_UNIQUE_YES    /* an error */
};

struct profile_patch {
	uint32_t address;
	uint32_t offset; /* in "bank 1 then bank 2" */
	uint32_t length; /* bytes */
	enum profile_encode encode;
	char *value; /* text with {counter}, {serial}, {uid}, {COLUMN}; owned */
	bool padded; /* a shorter value is filled up with `pad` */
	uint8_t pad;
	bool has_base; /* mac48: the value is a number, added to `base` */
	uint64_t base;
	bool secret; /* its bytes are shown nowhere */
	enum profile_unique unique;
	bool over_image; /* covers bytes that the firmware states */
	size_t column;   /* list, `value` is {COLUMN} alone: that column, from 1; else 0 */
};

/* units.csv: a line of column names, then a row a unit. */
struct profile_list {
	size_t columns, rows;
	char **cell; /* rows + 1 times columns; row 0 is the head; they point into `store`; owned */
	uint32_t *line; /* of the file, one for each of rows + 1 */
	size_t key;     /* the column that is the number */
	char *store;
	size_t stored;
};

struct profile_serial {
	enum profile_source source;
	bool from_list;
	bool given; /* scan or hook: each number comes from outside; format and range mean nothing
		     */
	bool next_slot; /* scan: a label goes to the next free slot */
	char *file;     /* the list as resolved; "" for a counter */
	char *pool;     /* of the store, that its numbers are of; NULL: one of the profile's name */
	char *state;    /* the file of taken numbers; resolved */
	uint64_t start, end; /* counter: both included */
	char *format;        /* counter: text around one {}, {:06d}, {:x}, {:04X} */
	struct profile_list list;
	bool keep;   /* on_fail: a number that did not pass stays that UID's */
	bool by_uid; /* a UID that passed gets its number again */
	unsigned patches;
	struct profile_patch patch[PROFILE_PATCHES_MAX];
};

/* The columns that hooks.before answers for one unit, besides its number. */
struct profile_columns {
	unsigned count;
	struct profile_column {
		char name[PROFILE_SERIAL_SIZE];
		char *value; /* owned */
	} column[PROFILE_LIST_COLUMNS_MAX];
};

/* The inputs for the values of one unit's patches. */
struct profile_unit {
	char serial[PROFILE_SERIAL_SIZE];
	uint64_t counter;                      /* counter source */
	size_t row;                            /* list source: 1.. */
	const char *uid;                       /* 24 hexadecimal digits, "" unknown; borrowed */
	const struct profile_columns *columns; /* hook source; borrowed; NULL: none */
	bool discarded; /* of verify: the board did not pass with it, and it is used up */
};

/* The number as text. False: longer than PROFILE_SERIAL_SIZE. */
bool profile_serial_text(const struct profile_serial *serial, uint64_t counter,
			 char text[PROFILE_SERIAL_SIZE]);

/* The other way: whether that text is a number of this profile; fills serial, and counter or row.
 * The counter may lie outside start..end. */
bool profile_serial_find(const struct profile_serial *serial, const char *text,
			 struct profile_unit *unit);

/* Whether some patch needs the UID. */
bool profile_serial_needs_uid(const struct profile_serial *serial);

/* Whether some patch has {NAME} in its value. */
bool profile_serial_uses(const struct profile_serial *serial, const char *name);

/* Says what {NAME} is if it is no column, such as "the number" for {serial}; a column of that name
 * is never used. Static. NULL: a column. */
const char *profile_serial_word(const struct profile_serial *serial, const char *name,
				size_t length);

/* The bytes of one patch, `patch->length` of them. False: `why` says why, without the value. */
bool profile_patch_bytes(const struct profile_serial *serial, const struct profile_patch *patch,
			 const struct profile_unit *unit, uint8_t *bytes, char *why,
			 size_t why_size);

/* The word a profile uses; NULL past the last. */
const char *profile_encode_name(unsigned encode);

void profile_serial_free(struct profile_serial *serial);

/* Why a lot or the name of a person must not be taken: it is empty, or it begins or ends with a
 * space or an invisible character. A number has no invisible character anywhere. NULL: it may be
 * taken. */
const char *profile_name_hides(const char *text);
const char *profile_number_hides(const char *text);

#endif
