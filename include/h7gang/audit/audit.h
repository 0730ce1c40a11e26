/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The audit log: one CSV row an attempt, chained by SHA-256, on disk before its verdict is shown. */
#ifndef H7GANG_AUDIT_AUDIT_H
#define H7GANG_AUDIT_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/base/clock.h"
#include "h7gang/base/errors.h"
#include "h7gang/base/sha256.h"

#define AUDIT_ROW_MAX 8192    /* bytes of a row with its LF */
/* A last line without LF is torn up to here: a power cut may leave as many rows as waited for one sync, or as many
 * zeros. More is damage. */
#define AUDIT_TORN_MAX (1 << 20)
#define AUDIT_TEXT_MAX 512    /* a free-text field is cut to this before quoting; `detail` too */
#define AUDIT_NONE (-1)       /* a number that is to be an empty field */

enum audit_bank_result { AUDIT_BANK_NONE, AUDIT_BANK_UNREACHED, AUDIT_BANK_PASS, AUDIT_BANK_FAIL };
enum audit_result { AUDIT_PASS, AUDIT_FAIL, AUDIT_ABORTED };

struct audit_bank {
	int64_t bytes; /* read back and compared, AUDIT_NONE: empty */
	char expected_sha256[SHA256_HEX_SIZE];
	char readback_sha256[SHA256_HEX_SIZE]; /* "" unless every byte was read */
	enum audit_bank_result result;
};

/* One row. Texts are plain; the writer quotes and escapes. seq, prev_hash and row_hash are the
 * writer's. Pointers are borrowed for the time of the call; NULL is an empty field. */
struct audit_row {
	const char *run_id, *unit_id;
	unsigned attempt, attempts_allowed;
	char started_at[CLOCK_TEXT_SIZE], finished_at[CLOCK_TEXT_SIZE];
	const char *station, *operator_name, *lot, *tags, *command;
	const char *profile, *profile_sha256, *firmware_version, *image_sha256;
	const char *slot, *usb_path, *uid, *dfu_serial, *part;
	int64_t flash_kib;
	const char *layout;
	int bootloader_id; /* 0..255 or AUDIT_NONE */
	const char *bootloader, *unit_serial;
	const char *erase_method, *verify_scope;
	int64_t blank_ms, erase_ms, program_ms, verify_ms, total_ms; /* AUDIT_NONE: not run */
	struct audit_bank bank[2];
	const char *option_bytes, *leave;
	enum audit_result result;
	enum h7_error error; /* H7_OK if and only if PASS */
	const char *detail;
};

enum audit_status {
	AUDIT_OK = 0,
	AUDIT_LOCKED,   /* another process writes it */
	AUDIT_DAMAGED,  /* the chain or a row is broken: not continued */
	AUDIT_HEADER,   /* not a known header */
	AUDIT_IO,       /* open, write, fdatasync */
	AUDIT_LATE,     /* not on disk before the deadline: the row counts as NOT RECORDED */
	AUDIT_TOO_LONG, /* a row over AUDIT_ROW_MAX even with its texts cut */
	AUDIT_MEMORY,
	AUDIT_KEY,      /* the key for seals cannot be used */
	AUDIT_INVALID   /* a row that contradicts itself (PASS with an error, with a failed bank ...) */
};

struct audit_log; /* thread-safe: any worker may call begin and append */

struct audit_head {
	uint64_t seq;                   /* of the last row, 0: none */
	char row_hash[SHA256_HEX_SIZE]; /* 64 zeros: none */
};

/* Opens (creates, mode 0640, never through a symbolic link; missing folders of the path are made,
 * 0750), locks, checks the whole chain, moves a torn last line to FILE.torn, turns what FILE.begun holds into
 * ABORTED rows (`*recovered` of them, may be NULL) and starts the writer thread. `why` gets the reason
 * on failure, after the log's path. */
enum audit_status audit_open(const char *path, struct audit_log **log, unsigned *recovered,
                             char *why, size_t why_size);

/* How a log is kept, beyond its name. */
struct audit_options {
	const char *key;     /* file of the private key that seals it; NULL: it is not sealed */
	unsigned seal_every; /* rows between seals; 0: only when audit_seal is called */
	uint64_t rotate_bytes; /* go on in a new file when this one has so many; 0: never */
	const char *lot;       /* go on in a new file if the last row is of another lot; NULL: do not */
	void (*synced)(void *user); /* rows are on disk; from the writer's thread, must not block; may be NULL */
	void *synced_user;
};

/* As audit_open; `options` may be NULL. With a key, the seals that there are must hold, too: a log whose
 * end was cut off is not continued. */
enum audit_status audit_open_with(const char *path, const struct audit_options *options,
                                  struct audit_log **log, unsigned *recovered, char *why,
                                  size_t why_size);

/* Signs the head into FILE.seal, if the log has a key and rows, and waits for it, or for `deadline`. For
 * the end of a run. */
enum audit_status audit_seal(struct audit_log *log, int64_t deadline);

/* What audit_open found and put right (a torn line, unreadable marks), for people; "" if nothing. The log's. */
const char *audit_notice(const struct audit_log *log);

/* Before the first erase or write of an attempt: puts what is known of it into FILE.begun, synced.
 * Blocks until it is, or `deadline`. */
enum audit_status audit_begin(struct audit_log *log, const struct audit_row *row, int64_t deadline);

/* Writes the row, syncs it, and then lifts the attempt's begin mark, if any. Blocks until the row is on
 * disk, or `deadline`. After any failure the log is broken: every later call fails at once. */
enum audit_status audit_append(struct audit_log *log, const struct audit_row *row, int64_t deadline);

/* False once the log can take no more rows; `why` (may be NULL) gets the reason. */
bool audit_usable(struct audit_log *log, char *why, size_t why_size);

void audit_head(struct audit_log *log, struct audit_head *head);

/* Ends the writer thread (bounded: a hanging disk does not hang the program; false then) and unlocks. */
bool audit_close(struct audit_log *log);

/* Static text for a status. */
const char *audit_status_text(enum audit_status status);

/* --- reading; takes no lock, changes nothing --- */

struct audit_report_sink {
	void (*line)(void *user, const char *text); /* one finding, no LF */
	void *user;
};

struct audit_check {
	uint64_t rows;
	struct audit_head head;
	unsigned open_marks;     /* attempts in FILE.begun without a row */
	bool being_written;      /* a writer holds the log now */
	bool torn;               /* a partial last line and no writer */
	uint64_t seals;          /* that hold, by the key given */
	uint64_t sealed_seq;     /* the last row that is sealed, 0: none */
};

/* Checks the logs in the order given as one chain (rotated files carry seq and hash on; `continues`,
 * may be NULL, is the row_hash the first one must follow). Findings go to the sink: the first row that is changed,
 * missing, doubled, reordered or cut, by file, line and seq. True if intact. */
bool audit_verify(const char *const *paths, size_t count, const char *continues,
                  struct audit_report_sink *sink, struct audit_check *check);

struct audit_key;

/* The same, and with `key` (may be NULL), a public one: FILE.seal of each log is held against it. There
 * must be a seal, none may be forged, none be of a row that is not there or is another. */
bool audit_verify_sealed(const char *const *paths, size_t count, const char *continues,
                         const struct audit_key *key, struct audit_report_sink *sink,
                         struct audit_check *check);

/* Seals the last of these logs, which must be intact together, with a private key. AUDIT_OK,
 * AUDIT_DAMAGED (the sink tells), AUDIT_HEADER (there is no row) or AUDIT_IO (`why`). Locks nothing. */
enum audit_status audit_seal_files(const char *const *paths, size_t count, const char *continues,
                                   const struct audit_key *key, struct audit_report_sink *sink,
                                   struct audit_check *check, char *why, size_t why_size);

/* The header line of this version, without LF. */
const char *audit_header(void);

#endif
