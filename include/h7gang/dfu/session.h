/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One conversation with one target in ROM DFU: DFU 1.1 requests and ST's DfuSe commands (AN3156),
 * in blocking style, every wait bounded. Belongs to one worker thread.
 *
 * A target has one download group (DNLOAD, GETSTATUS, GETSTATUS) in flight, the next ones are held
 * ready behind it; only UPLOAD uses a window. After anything unexpected the pipe is drained and the
 * session knows no pointer until the next dfu_set_pointer: every call that needs one sets it by
 * itself. */
#ifndef H7GANG_DFU_SESSION_H
#define H7GANG_DFU_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/dfu/names.h"
#include "h7gang/dfu/pipe.h"

enum dfu_result {
	DFU_OK = 0,
	DFU_BAD_STATUS, /* the target answered with an error status; see last */
	DFU_BAD_STATE,  /* OK status, but a state that makes no sense here; see last */
	DFU_WEDGED,     /* still dfuDNBUSY after the worst-case time of the operation */
	DFU_STALLED,    /* the request was stalled; status could not tell why, or said OK */
	DFU_TIMED_OUT,  /* a request outlived its deadline */
	DFU_GONE,       /* left the bus */
	DFU_SHORT,      /* fewer bytes than asked */
	DFU_LONG,       /* more bytes than asked */
	DFU_BUS_ERROR,
	DFU_STUCK,   /* dfu_to_idle has tried everything */
	DFU_LEAKED,  /* see DFU_IO_LEAKED */
	DFU_EXPIRED, /* the session's deadline (the attempt's) passed between two requests */
	DFU_STOPPED, /* *stop became true */
	DFU_REFUSED, /* this call was wrong (address, length): nothing was sent */
	DFU_NO_MEMORY,
	DFU_DENIED /* the host does not let the device be used */
};

struct dfu_status {
	uint8_t status;   /* bStatus, enum dfu_status_code */
	uint32_t poll_ms; /* bwPollTimeout, 24 bits: up to 4.6 hours */
	uint8_t state;    /* bState, enum dfu_state */
	uint8_t string;   /* iString: the string that describes the status; 0: none */
	bool known;       /* false until a GETSTATUS was answered */
};

enum dfu_poll { DFU_POLL_ADAPTIVE, DFU_POLL_SPEC };

struct dfu_limits {
	uint32_t transfer_ms; /* any request */
	uint32_t sector_ms;   /* worst case of a sector erase, on top of transfer_ms */
	uint32_t mass_ms;     /* worst case of a mass erase, on top of transfer_ms */
	uint32_t write_ms;    /* worst case of one block's programming, on top of transfer_ms */
	uint32_t flash_word;  /* bytes; blocks are multiples of it */
	unsigned window;      /* UPLOADs in flight, 1..DFU_WINDOW_MOST */
	enum dfu_poll poll;
};

/* Times of whole blocks since the caller last set this to 0, in ns. The shortest are those of a
 * block alone on the wire. */
struct dfu_pace {
	uint64_t blocks;
	int64_t moved;      /* of their data transfers, together, */
	int64_t moved_best; /* and of the shortest one */
	int64_t group_best; /* the shortest download group, flash operation included */
};

struct dfu_session {
	struct dfu_pipe *pipe;
	struct dfu_limits limits;
	int64_t deadline; /* base/clock; no request is started after it, none waits past it */
	bool (*stop)(void *user); /* asked between requests; may be NULL */
	void *stop_user;
	uint32_t block;         /* bytes a data request carries (set by dfu_session_init) */
	bool numbered;          /* block equals wTransferSize, so wValue > 2 may be used */
	int64_t starved_ms;     /* spent on waiting for the host's memory for transfers */
	bool fell_back;         /* adaptive polling was given up on this target */
	struct dfu_status last; /* the last GETSTATUS that was answered; after a call that failed,
				   the one with the cause, not those of the recovery */
	char reason[64];        /* its string for that status; "" none */
	uint8_t last_request;   /* enum dfu_request of the request that failed */
	enum dfu_io last_io;    /* how it ended on the bus */
	struct dfu_pace pace;
	/* private to the dfu room: */
	bool pointer_known;
	uint32_t pointer;
	unsigned in_flight;      /* or held, or not yet waited for */
	unsigned oldest, queued; /* of a chain: the slot to wait for next, and how many */
	int64_t submitted;       /* when the transfer last waited for went out, */
	int64_t landed;          /* and when it ended; or when the chain began */
	unsigned questions;      /* GETSTATUS that a block needed last time: 1, or 2 and more */
	unsigned alt;            /* the alternate setting last selected */
	uint16_t language;       /* of string descriptors; 0 until asked */
};

/* Prepares a session on an opened pipe: picks the block size from wTransferSize (64..4096, a
 * multiple of the flash word; other values are clamped and then every block goes as wValue 2 after
 * a set-pointer; a missing functional descriptor counts as 1024, ST's value). False if no block can
 * carry a flash word. */
bool dfu_session_init(struct dfu_session *session, struct dfu_pipe *pipe,
		      const struct dfu_limits *limits);

/* An answer to GETSTATUS, parsed. */
#define DFU_STATUS_BYTES 6 /* DFU 1.1 6.1.2 */
void dfu_parse_status(const uint8_t data[DFU_STATUS_BYTES], struct dfu_status *status);

/* Plain requests. `timeout_ms` replaces transfer_ms where given. */
enum dfu_result dfu_get_status(struct dfu_session *s, uint32_t timeout_ms, struct dfu_status *out);
enum dfu_result dfu_get_state(struct dfu_session *s, uint8_t *state);
enum dfu_result dfu_clear_status(struct dfu_session *s);
enum dfu_result dfu_abort(struct dfu_session *s);

/* String descriptor `index` as UTF-8 into text (always terminated; control characters, those that
 * turn the direction of text, and unpaired surrogates become '?'). Wrong lengths are limited. Index
 * 0 or a refusal: "" and not DFU_OK. */
enum dfu_result dfu_string(struct dfu_session *s, uint8_t index, char *text, size_t size);

/* Brings the target to dfuIDLE from any state it may be found in, each step bounded: GETSTATE first
 * (it starts nothing), ABORT from the states that allow it, so that a DNLOAD which an earlier host
 * left in dfuDNLOAD-SYNC is dropped and not executed by our GETSTATUS; CLRSTATUS from dfuERROR;
 * from dfuDNBUSY GETSTATUS until `busy_ms` have passed and then the CLRSTATUS pair; last, the
 * alternate setting again. (USB reset and giving up are the caller's: they need a new pipe.)
 * `*was_busy` (may be NULL) is set when the state found was dfuDNLOAD-SYNC, dfuDNBUSY or
 * dfuDNLOAD-IDLE: an erase of an earlier host may still be running, even if the target reports
 * none. */
enum dfu_result dfu_to_idle(struct dfu_session *s, uint32_t busy_ms, bool *was_busy);

/* SET_INTERFACE; forgets the pointer. */
enum dfu_result dfu_select_alt(struct dfu_session *s, unsigned alt);

/* DfuSe commands. Each ends in dfuDNLOAD-IDLE on DFU_OK. */
enum dfu_result dfu_set_pointer(struct dfu_session *s, uint32_t address); /* 21 aa aa aa aa */
/* 41 aa aa aa aa. `ask_once`: for a bootloader that stays in dfuDNBUSY during an erase. In ST's
 * published code each GETSTATUS in dfuDNBUSY erases again, so it is asked once; if it is busy,
 * DFU_WEDGED follows after the worst case. */
enum dfu_result dfu_erase_sector(struct dfu_session *s, uint32_t address, bool ask_once);
enum dfu_result dfu_mass_erase(struct dfu_session *s); /* 41 */

/* Read unprotect, 92 (AN3156): at RDP level 1 erases everything and resets the option bytes; the
 * part then resets or leaves the bus. DFU_OK or DFU_GONE: the ROM took it; the session is of no
 * further use. */
enum dfu_result dfu_read_unprotect(struct dfu_session *s);

/* The way out of the erase of bank 2 that stays dfuDNBUSY for ever (ROM V9.0; ST 244731):
 * CLRSTATUS, dfuERROR/errUNKNOWN, CLRSTATUS, dfuIDLE. Only after the worst-case time of the erase.
 */
enum dfu_result dfu_unwedge(struct dfu_session *s);

/* Writes `length` bytes at `address`. `address` must be a multiple of the flash word; a last block
 * shorter than the block size is padded with 0xFF up to the flash word and goes as wValue 2 after
 * its own set-pointer. Blocks of nothing but 0xFF are not sent. `*done` (may be NULL): the number
 * of bytes from the start that are known to be accepted. Call with at most a sector at a time. */
enum dfu_result dfu_write(struct dfu_session *s, uint32_t address, const uint8_t *data,
			  size_t length, size_t *done);

/* Writes `length` bytes, at most a block, at any address as one DNLOAD: option bytes are written
 * whole. */
enum dfu_result dfu_write_block(struct dfu_session *s, uint32_t address, const uint8_t *data,
				size_t length);

/* Reads `length` bytes from `address` with a window of UPLOADs and hands each block, in address
 * order, to `sink`. The bytes are valid during the call only. `sink` returns false to end the
 * reading early (DFU_OK then). After it the target is in dfuIDLE (ABORT is sent), if possible also
 * after an error. Reads of less than 2 bytes are refused (AN2662 4.4.1: 2 to 2048). */
typedef bool dfu_sink(void *user, uint32_t address, const uint8_t *data, size_t length);
enum dfu_result dfu_read(struct dfu_session *s, uint32_t address, size_t length, dfu_sink *sink,
			 void *user);

/* As dfu_read, into a buffer. `*got` bytes arrived. */
enum dfu_result dfu_read_into(struct dfu_session *s, uint32_t address, uint8_t *buffer,
			      size_t length, size_t *got);

/* As dfu_read_into but as one UPLOAD of the whole block (option bytes must be read whole). */
enum dfu_result dfu_read_block(struct dfu_session *s, uint32_t address, uint8_t *buffer,
			       size_t length, size_t *got);

/* Set pointer, zero-length DNLOAD, GETSTATUS. DFU_OK or DFU_GONE: the ROM took it, the part may be
 * about to go. Anything else: it refused. */
enum dfu_result dfu_leave(struct dfu_session *s, uint32_t address);

/* "DNLOAD stalled, dfuERROR, errVENDOR" and the like, for `detail`. */
void dfu_describe(const struct dfu_session *s, enum dfu_result result, char *text, size_t size);

#endif
