/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One attempt at a unit: identify, erase, program, verify, finish. Blocking; runs in a worker thread and
 * shares nothing but the profile, which nobody writes. */
#ifndef GANG_JOB_H
#define GANG_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/audit/audit.h"
#include "h7gang/dfu/layout.h"
#include "h7gang/gang/events.h"
#include "h7gang/gang/gang.h"
#include "h7gang/stm32/rom.h"
#include "link.h"
#include "ticket.h"

/* What one attempt leaves to the next one of the same unit. */
struct job_memory {
	int64_t flash_busy_until; /* nothing may touch flash before (base/clock) */
	bool knows_flash;         /* we had the part before: what may run on it was started by us */
	bool fell_back;           /* adaptive polling was given up */
	bool mass_failed;         /* a mass erase was followed by a wrong read-back: do not trust it again */
	/* Sectors that were written to, or whose erase was not proved: blank they may read, but a word may be
	 * half programmed, or be 0xFF and programmed, and must not be written again. */
	bool in_doubt[STM32_SECTORS_MAX];
	char uid[25];
	struct ticket ticket;
};

/* Asked and told while the attempt goes on. All in the worker's thread. */
struct job_watch {
	void *user;
	/* The target is known, nothing was touched yet. False: the attempt ends here, without a row. */
	bool (*identified)(void *user);
	/* The target is right for the profile. False: this unit is not to be made; job_fail was called. */
	bool (*admit)(void *user);
	/* Before the first erase or write. False: it cannot be put on record, so it is not done. */
	bool (*begin)(void *user);
	bool (*stop)(void *user);
	void (*phase)(void *user, enum gang_phase phase);
	void (*progress)(void *user, unsigned permille);
};

enum { /* what erase_method is made of, contract */
	JOB_ERASE_BLANK = 1 << 0,
	JOB_ERASE_SECTORS = 1 << 1,
	JOB_ERASE_MASS = 1 << 2,
	JOB_ERASE_SAME = 1 << 3,
	JOB_ERASE_NONE = 1 << 4,
	JOB_ERASE_UNWEDGE = 1 << 5,
	JOB_ERASE_SETTLE = 1 << 6,
	JOB_ERASE_RECOVER = 1 << 7,
	JOB_ERASE_METHODS = JOB_ERASE_BLANK | JOB_ERASE_SECTORS | JOB_ERASE_MASS | JOB_ERASE_SAME |
	                    JOB_ERASE_NONE
};

struct job {
	/* given */
	const struct profile *profile;
	const struct stm32_part *part;
	enum gang_command command;
	struct job_watch watch;
	struct job_memory *memory;
	struct link link; /* bus, path, targets, deadline filled in by the worker */

	/* found */
	char layout[256];
	char serial[128];
	const struct stm32_rom *rom; /* never NULL once identified */
	int bootloader_id;           /* STM32_ROM_UNKNOWN: refused */
	char uid[25];                /* "" unknown */
	int64_t flash_kib;           /* AUDIT_NONE: refused */
	struct stm32_option_block option;     /* as found */
	struct stm32_option_block option_set; /* as read back after setting; length 0: not set */
	bool swapped;                /* addresses from 0x08000000 are physical bank 2 */

	/* done */
	bool dropped;                /* watch.identified said no */
	bool unprotected;            /* RDP level 1 was taken off */
	bool begun;                  /* watch.begin said yes */
	bool unrecorded;             /* watch.begin said no */
	bool trace_kept;             /* its trace was written, or could not be */
	bool gone;                   /* the target left the bus */
	unsigned erase;              /* JOB_ERASE_*, 0: step not run */
	bool program_sector[STM32_SECTORS_MAX]; /* what the erase step leaves for the program step */
	unsigned rewrites;           /* sectors erased again because a block's fate was unknown */
	int64_t blank_ms, erase_ms, program_ms, verify_ms;
	struct audit_bank bank[STM32_BANKS_MAX];
	const char *leave;           /* "ok", "stayed", "refused" or "" */
	enum h7_error error;
	char detail[AUDIT_TEXT_MAX];
};

/* Runs the attempt to its end; the outcome is in the struct. The link is closed afterwards. */
void job_run(struct job *job);

/* An outcome of nothing done yet: what the profile asks for, unknowns unknown. */
void job_blank_outcome(struct job *job);

/* The steps; false: the attempt ends, error and detail say why. */
bool job_identify(struct job *job); /* identify.c */
bool job_erase(struct job *job);    /* erase.c */
bool job_program(struct job *job);  /* program.c */
bool job_verify(struct job *job);   /* verify.c */
bool job_expect(struct job *job);   /* verify.c: the hashes the read-back must have */
void job_finish(struct job *job);   /* leave.c */

/* For the steps. */
void job_phase(struct job *job, enum gang_phase phase);
void job_progress(struct job *job, uint64_t done, uint64_t all);

/* Adds to detail, "; " between, cut at its end. */
void job_note(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets the error unless one is set, and adds to detail. Always false. */
bool job_fail(struct job *job, enum h7_error error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same from a DFU result, told as "WHAT: DNLOAD stalled, dfuERROR, errVENDOR". */
bool job_fail_dfu(struct job *job, enum dfu_result result, const char *what);

/* Before the first erase or write of the attempt: once, on record. False: it could not be, so nothing may be
 * touched. */
bool job_begin(struct job *job);

/* Nothing touches flash before memory->flash_busy_until. False: told to end, or the attempt's time is up. */
bool job_settle(struct job *job);

/* How long an operation may still run on the target, in ms. */
uint32_t job_busy_ms(const struct job *job);

/* After an unexpected result: back to dfuIDLE, then settle. False: job_fail was called with `result`'s
 * reason or the recovery's own. */
bool job_recover(struct job *job, enum dfu_result result, const char *what);

/* Whether a retry of the same request within the attempt makes sense after this result. */
bool job_transient(enum dfu_result result);

/* The bank that addresses of `bank` (0 or 1) belong to by its physical name, 1 or 2. */
unsigned job_bank_name(const struct job *job, unsigned bank);

/* Whether `length` bytes are all as an erase leaves them. */
bool job_blank(const uint8_t *data, size_t length);

/* erase.c: one sector (index over all banks) by the way that is safe on this ROM, proved blank by
 * reading when anything about it was out of the ordinary. */
bool job_erase_sector(struct job *job, unsigned sector);

#endif
