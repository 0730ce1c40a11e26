/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one list of failure names. They are written into logs and scripted against: a name never
 * changes its meaning and never goes away; new ones go at the end. */
#ifndef H7GANG_BASE_ERRORS_H
#define H7GANG_BASE_ERRORS_H

#include <stdbool.h>

enum h7_error {
	H7_OK = 0,      /* "" */
	H7_NO_DEVICE,   /* left the bus and did not come back in time */
	H7_USB_TIMEOUT, /* a request outlived its deadline */
	H7_USB_ERROR,
	H7_DFU_STATUS, /* the target reported a DFU error status */
	H7_DFU_STUCK,  /* no recovery step brought the target back to dfuIDLE */
	H7_READ_PROTECTED,
	H7_WRONG_PART,
	H7_BOOTLOADER_DENIED,
	H7_NOT_BLANK,
	H7_ERASE_FAILED,
	H7_PROGRAM_FAILED,
	H7_VERIFY_MISMATCH,
	H7_LEAVE_FAILED,
	H7_OPTION_BYTES,
	H7_SERIAL_EXHAUSTED,
	H7_SERIAL_UNKNOWN,
	H7_UID_UNKNOWN,
	H7_DUPLICATE,
	H7_LIMIT_REACHED,
	H7_STORE_UNAVAILABLE,
	H7_HOOK_REFUSED,
	H7_UNIT_TIMEOUT,
	H7_ABORTED,
	H7_HOST_ERROR,      /* this computer: memory, threads, file descriptors */
	H7_WRITE_PROTECTED, /* option bytes protect sectors that the job needs */
	H7_ALREADY_PROTECTED,
	H7_NOT_RELEASED,
	H7_HOOK_FAILED,
	H7_NO_BOOT,
	H7_WRONG_PRODUCT,
	H7_POWER_INEFFECTIVE,
	H7_ERROR_COUNT
};

/* The name as it stands in the log ("" for H7_OK). Static storage; never NULL. */
const char *h7_error_name(enum h7_error error);

/* One sentence for the operator: what to do next. Static storage; never NULL. */
const char *h7_error_advice(enum h7_error error);

/* Whether another attempt may succeed (contract, "Not retried"). */
bool h7_error_retried(enum h7_error error);

/* Whether it counts in yields and stop rules. False for errors of the station and of the lot, which
 * say nothing about boards or process; true for H7_OK and for values outside the list. */
bool h7_error_counted(enum h7_error error);

/* The error of that name ("": H7_OK); H7_ERROR_COUNT: this version has none of that name. */
enum h7_error h7_error_find(const char *name);

/* Process exit statuses of the contract, in order of precedence. */
enum h7_exit {
	H7_EXIT_OK = 0,
	H7_EXIT_FAILED = 1,
	H7_EXIT_USAGE = 2,
	H7_EXIT_NO_TARGET = 3,
	H7_EXIT_LOG = 4,
	H7_EXIT_INTERNAL = 5
};

#endif
