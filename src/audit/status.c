/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/audit/audit.h"

const char *audit_status_text(enum audit_status status)
{
	switch (status) {
	case AUDIT_OK:
		return "ok";
	case AUDIT_LOCKED:
		return "another process is writing the log";
	case AUDIT_DAMAGED:
		return "the log is damaged and is not continued";
	case AUDIT_HEADER:
		return "the file is not a log of a known version";
	case AUDIT_IO:
		return "the log cannot be written";
	case AUDIT_LATE:
		return "the log was not on disk in time";
	case AUDIT_TOO_LONG:
		return "a row is longer than a row can be";
	case AUDIT_MEMORY:
		return "out of memory";
	case AUDIT_KEY:
		return "the key cannot be used";
	case AUDIT_CLOCK:
		return "the clock is wrong";
	case AUDIT_INVALID:
		return "a row contradicts itself";
	}
	return "unknown";
}
