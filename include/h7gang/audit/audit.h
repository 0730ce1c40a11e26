/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The audit log: one CSV row an attempt, chained by SHA-256, on disk before its verdict is shown.
 */
#ifndef H7GANG_AUDIT_AUDIT_H
#define H7GANG_AUDIT_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/base/clock.h"
#include "h7gang/base/errors.h"
#include "h7gang/base/sha256.h"

#define AUDIT_ROW_MAX 8192 /* bytes of a row with its LF */
/* A last line without LF of at most this length counts as torn. A power cut may leave part of all
 * rows that waited for one sync, or zeros in their place. More is damage. */
#define AUDIT_TORN_MAX (1 << 20)
#define AUDIT_TEXT_MAX 512 /* a free-text field is cut to this before quoting; `detail` too */
#define AUDIT_NONE (-1)    /* a number that is to be an empty field */

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
	const char *identity;  /* the evidence for the series, such as "layout+id+uid+size" */
	const char *overrides; /* those in use, see audit/overrides.h */
	const char *scan;      /* the operator's scan for this unit */
	const char *boot;      /* USB identity of the started application */
	int64_t wire_wait_ms;  /* waited for the bus that boards share; AUDIT_NONE: not measured */
};

/* An event of the station: it goes into the chain, and into no yield. Pointers as in audit_row. */
struct audit_event {
	const char *run_id;
	const char *station, *operator_name, *lot, *tags;
	const char *profile, *profile_sha256;
	const char *slot, *usb_path; /* of an event of one slot */
	const char *overrides;
	const char *text; /* the description; required */
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
	AUDIT_KEY,    /* the key for seals cannot be used */
	AUDIT_CLOCK,  /* the clock is behind the last row or the program's build */
	AUDIT_INVALID /* a row that contradicts itself (PASS with an error, with a failed bank ...)
		       */
};

struct audit_log; /* thread-safe: any worker may call begin and append */

struct audit_head {
	uint64_t seq;                   /* of the last row, 0: none */
	char row_hash[SHA256_HEX_SIZE]; /* 64 zeros: none */
};

/* Opens (creates, mode 0640, never through a symbolic link; missing folders of the path are made,
 * 0750), locks, checks the whole chain, moves a torn last line to FILE.torn, turns the marks in
 * FILE.begun into ABORTED rows (`*recovered` of them, may be NULL) and starts the writer thread.
 * `why` gets the reason on failure, after the log's path. */
enum audit_status audit_open(const char *path, struct audit_log **log, unsigned *recovered,
			     char *why, size_t why_size);

/* How a log is kept, beyond its name. */
struct audit_options {
	const char *key;       /* file of the private key that seals it; NULL: it is not sealed */
	unsigned seal_every;   /* rows between seals; 0: only when audit_seal is called */
	uint64_t rotate_bytes; /* go on in a new file when this one has so many; 0: never */
	const char *lot; /* go on in a new file if the last row is of another lot; NULL: do not */
	void (*synced)(void *user); /* rows are on disk; from the writer's thread, must not block;
				       may be NULL */
	void *synced_user;
	bool check_clock; /* refuse (AUDIT_CLOCK) while the clock is behind the last row or this
			     program's build */
	const char *lots; /* with check_clock: also behind the logs of this pattern (logs.h); NULL:
			     there are no others */
	bool clock_ok;    /* a person confirms that such a clock is right */
};

/* As audit_open; `options` may be NULL. The rows that FILE.seal names must be there: a log whose
 * end was cut off is not continued. With a key, its signatures must hold, too. */
enum audit_status audit_open_with(const char *path, const struct audit_options *options,
				  struct audit_log **log, unsigned *recovered, char *why,
				  size_t why_size);

/* Signs the head into FILE.seal, if the log has a key and rows, and waits for it, or for
 * `deadline`. For the end of a run. */
enum audit_status audit_seal(struct audit_log *log, int64_t deadline);

/* Repairs by audit_open (a torn line, unreadable marks), for people; "" if none. The log's. */
const char *audit_notice(const struct audit_log *log);

/* Whether check_clock would have refused the log but for clock_ok. */
bool audit_clock_overridden(const struct audit_log *log);

/* Before the first erase or write of an attempt: puts its begin mark into FILE.begun, synced.
 * Blocks until that is done, or `deadline`. */
enum audit_status audit_begin(struct audit_log *log, const struct audit_row *row, int64_t deadline);

/* Writes the row, syncs it, and then lifts the attempt's begin mark, if any. Blocks until the row
 * is on disk, or `deadline`. After any failure the log is broken: every later call fails at once.
 */
enum audit_status audit_append(struct audit_log *log, const struct audit_row *row,
			       int64_t deadline);

/* Writes a row with command `note` and syncs it. Result, error, banks and attempt are empty. Blocks
 * and fails as audit_append. */
enum audit_status audit_note(struct audit_log *log, const struct audit_event *event,
			     int64_t deadline);

/* The same for callers that must not wait: the row is written when its turn comes. AUDIT_OK: it is
 * queued. */
enum audit_status audit_note_later(struct audit_log *log, const struct audit_event *event);

/* False once the log can take no more rows; `why` (may be NULL) gets the reason. */
bool audit_usable(struct audit_log *log, char *why, size_t why_size);

void audit_head(struct audit_log *log, struct audit_head *head);

/* How far the log is sealed. */
struct audit_sealed {
	bool keyed;     /* it has a key; else nothing is sealed */
	uint64_t seq;   /* the last row that is sealed, 0: none */
	int64_t age_ms; /* since there is a row without a seal; 0: there is none */
};
void audit_sealed(struct audit_log *log, struct audit_sealed *sealed);

/* Ends the writer thread (bounded: a hanging disk does not hang the program; false then) and
 * unlocks. */
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
	unsigned open_marks; /* attempts in FILE.begun without a row */
	bool being_written;  /* a writer holds the log now */
	bool torn;           /* a partial last line and no writer */
	uint64_t seals;      /* that hold, by the key given; 0 without one */
	uint64_t sealed_seq; /* the last row that is sealed, 0: none; without a key its signature is
				not checked */
};

/* Checks the logs in the order given as one chain (rotated files carry seq and hash on;
 * `continues`, may be NULL, is the row_hash the first one must follow). Findings go to the sink:
 * the first row that is changed, missing, doubled, reordered or cut, by file, line and seq. Where
 * FILE.seal stands beside a log, the rows that it names must be there, with their hashes;
 * signatures are not checked. True if intact. */
bool audit_verify(const char *const *paths, size_t count, const char *continues,
		  struct audit_report_sink *sink, struct audit_check *check);

struct audit_key;

/* The same, and with `key` (may be NULL), a public one: checks FILE.seal of each log with it. There
 * must be a seal. A seal that is forged, or whose row is missing or differs, is a finding. */
bool audit_verify_sealed(const char *const *paths, size_t count, const char *continues,
			 const struct audit_key *key, struct audit_report_sink *sink,
			 struct audit_check *check);

struct audit_reader;
struct audit_record;

/* Takes a row that holds, as an audit_reader gives it. */
struct audit_row_sink {
	void (*row)(void *user, const char *path, const struct audit_reader *reader,
		    const struct audit_record *record);
	void *user;
};

/* The same, and hands every row that holds to `rows` (may be NULL): one reading both verifies and
 * counts. Rows behind the first finding are not handed out. */
bool audit_verify_rows(const char *const *paths, size_t count, const char *continues,
		       const struct audit_key *key, struct audit_report_sink *sink,
		       const struct audit_row_sink *rows, struct audit_check *check);

/* Seals the last of these logs, which must be intact together, with a private key. AUDIT_OK,
 * AUDIT_DAMAGED (the sink tells), AUDIT_HEADER (there is no row) or AUDIT_IO (`why`). Locks
 * nothing. */
enum audit_status audit_seal_files(const char *const *paths, size_t count, const char *continues,
				   const struct audit_key *key, struct audit_report_sink *sink,
				   struct audit_check *check, char *why, size_t why_size);

/* The header line of this version, without LF. */
const char *audit_header(void);

#endif
