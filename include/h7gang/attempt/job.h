/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One attempt: its inputs, findings and results. It belongs to one worker thread and shares only
 * the profile, which is never written. attempt.h runs it. */
#ifndef H7GANG_ATTEMPT_JOB_H
#define H7GANG_ATTEMPT_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/attempt/link.h"
#include "h7gang/audit/audit.h"
#include "h7gang/profile/profile.h"
#include "h7gang/serial/unit_image.h"
#include "h7gang/stm32/option.h"
#include "h7gang/stm32/rom.h"

enum job_phase {
	JOB_PHASE_IDENTIFY,
	JOB_PHASE_BLANK, /* reading whether an erase is needed */
	JOB_PHASE_ERASE,
	JOB_PHASE_PROGRAM,
	JOB_PHASE_VERIFY,
	JOB_PHASE_START,
	JOB_PHASE_COUNT
};

/* Passed on from one attempt to the next one of the same unit. */
struct job_memory {
	int64_t flash_busy_until; /* nothing may touch flash before (base/clock) */
	bool knows_flash;         /* only code that we started can run on the part */
	bool fell_back;           /* adaptive polling was given up */
	bool mass_failed; /* a mass erase was followed by a wrong read-back: do not trust it again
			   */
	/* Sectors that were written to, or whose erase was not proved. They may read as blank, but
	 * a word may be half programmed, or be 0xFF and programmed, and must not be written
	 * again. */
	bool in_doubt[STM32_SECTORS_MAX];
	char uid[25];
	unsigned revived;               /* how often it hung and its power was cycled */
	bool swap_effective;            /* the power was cut since SWAP_BANK was as wanted */
	bool own_sent;                  /* some of the unit's own data went to a board */
	const struct unit_image *image; /* the content that flash must have; borrowed from the unit
					 */
	const char *discarded; /* verify: its number, if that was discarded; borrowed; NULL */
};

/* Callbacks of the attempt, all in the worker's thread. */
struct job_watch {
	void *user;
	/* The target is known, nothing was touched yet. False: the attempt ends here, without a
	 * row. */
	bool (*identified)(void *user);
	/* A part at RDP level 1 is about to be erased, before more can be read from it. False: it
	 * must not be; job_fail was called. */
	bool (*release)(void *user);
	/* The target is right for the profile. False: this unit is not to be made; job_fail was
	 * called. */
	bool (*admit)(void *user);
	/* Before the first erase or write. False: it cannot be put on record, so nothing is
	 * written. */
	bool (*begin)(void *user);
	/* The attempt starts over, since another board may be there. This unit loses its number if
	 * any part of it was sent (memory->own_sent). */
	void (*started_over)(void *user);
	/* Runs the command that brings the application into the bootloader. False: `why`. */
	bool (*enter)(void *user, char *why, size_t why_size);
	bool (*stop)(void *user);
	/* The attempt waits `ns` more for a wire that other boards use; its time does not count
	 * them. */
	void (*waits)(void *user, int64_t ns);
	void (*phase)(void *user, enum job_phase phase);
	void (*progress)(void *user, unsigned permille);
};

enum { /* parts of erase_method (contract) */
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

/* The erase step's findings for the program step. */
struct job_sector {
	bool erase;   /* not blank, and not as wanted */
	bool program; /* the image touches it, and it does not hold that yet */
	bool broken;  /* cannot be read */
	bool dirty;   /* `at`: the address of a byte that is not 0xFF */
	uint32_t at;
};

struct job {
	/* given */
	const struct profile *profile;
	const struct stm32_part *part;
	bool verify_only; /* reads back only: writes nothing and starts nothing */
	struct job_watch watch;
	struct job_memory *memory;
	int64_t suspended_ms;    /* clock_suspended_ms when the attempt began */
	bool may_cycle;          /* the power of its port may be switched */
	const char *unit_serial; /* borrowed; "" until it has one; NULL: it gets none */
	struct link link;        /* bus, path, targets, deadline filled in by the worker */

	/* found; everything from here on is reset when the attempt starts over */
	char layout[256];
	char serial[128];
	const struct stm32_rom *rom;          /* never NULL once identified */
	int bootloader_id;                    /* STM32_ROM_UNKNOWN: refused */
	char uid[25];                         /* "" unknown */
	int64_t flash_kib;                    /* AUDIT_NONE: refused */
	struct stm32_option_block option;     /* as found */
	struct stm32_option_block option_set; /* as read back after setting; length 0: not set */
	char identity[64];                    /* the evidence for the series; "" none */
	unsigned overrides;                   /* AUDIT_OVERRIDE_* used by this attempt */
	bool swapped;                         /* addresses from 0x08000000 are physical bank 2 */

	/* done */
	bool dropped;                    /* watch.identified said no */
	bool protected;                  /* RDP level 1 was set, and flash refuses reads */
	bool unprotected;                /* RDP level 1 was taken off */
	bool begun;                      /* watch.begin said yes */
	bool unrecorded;                 /* watch.begin said no */
	bool trace_kept;                 /* its trace was written, or could not be */
	bool gone;                       /* the target left the bus */
	bool slept;                      /* detail says that the computer was suspended */
	bool unmendable;                 /* a retry would end the same way */
	bool guarded[STM32_SECTORS_MAX]; /* write-protected; known once the erase step began */
	unsigned erase;                  /* JOB_ERASE_*, 0: step not run */
	unsigned looked;                 /* sectors that the erase step has looked at */
	bool found_blank;                /* the last of them: nothing in it is to be erased */
	bool surveyed;                   /* `sector` is known */
	struct job_sector sector[STM32_SECTORS_MAX];
	bool ram_refused;  /* the bootloader does not let RAM be written */
	unsigned rewrites; /* sectors erased again because a block's fate was unknown */
	int64_t blank_ms, erase_ms, program_ms, verify_ms; /* without waits for the wire */
	int64_t wire_wait_ns; /* waited for the wire that boards share */
	char boot[160];       /* USB identity of the started application; "" none */
	struct audit_bank bank[STM32_BANKS_MAX];
	const char *leave; /* "ok", "stayed", "refused" or "" */
	enum h7_error error;
	char detail[AUDIT_TEXT_MAX];
};

/* The outcome of an attempt that has done nothing yet. */
void job_blank_outcome(struct job *job);

/* Resets findings and results, for an attempt that starts over. The caller closes the link
 * first. */
void job_start_over(struct job *job);

/* Whether the computer was suspended during the attempt: for the boards, time went on. Such an
 * attempt has no verdict: answers from before the resume may be of another board. */
bool job_was_suspended(const struct job *job);

/* Tells the watch which phase begins, and how much of it is done. */
void job_enter_phase(struct job *job, enum job_phase phase);
void job_progress(struct job *job, uint64_t done, uint64_t all);

/* Adds to detail, "; " between, cut at its end. */
void job_note(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets the error unless one is set, and adds to detail. Always false. */
bool job_fail(struct job *job, enum h7_error error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same from a DFU result, told as "WHAT: DNLOAD stalled, dfuERROR, errVENDOR". */
bool job_fail_dfu(struct job *job, enum dfu_result result, const char *what);

/* Before the first erase or write of the attempt: puts it on record, once. False: that failed, so
 * nothing may be touched. */
bool job_begin(struct job *job);

/* The physical bank, 1 or 2, at the addresses of `bank` (0 or 1). */
unsigned job_bank_name(const struct job *job, unsigned bank);

#endif
