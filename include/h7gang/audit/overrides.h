/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Column `overrides`: which safeguards a person switched off for an attempt. A set of these goes
 * with the run, another with the attempt; the row shows both. */
#ifndef H7GANG_AUDIT_OVERRIDES_H
#define H7GANG_AUDIT_OVERRIDES_H

enum audit_override {
	AUDIT_OVERRIDE_UNIDENTIFIED = 1 << 0,  /* target.unidentified: accept */
	AUDIT_OVERRIDE_RESIDENT = 1 << 1,      /* target.resident: allow */
	AUDIT_OVERRIDE_START_CHECK = 1 << 2,   /* start: {check: off} */
	AUDIT_OVERRIDE_CLOCK = 1 << 3,         /* --clock-ok */
	AUDIT_OVERRIDE_OFFLINE_START = 1 << 4, /* store: {offline: start} */
};

#define AUDIT_OVERRIDES_SIZE 64 /* bytes that hold every name, the `+` between them and the NUL */

/* The names of `set` (audit_override values, ORed), in the order above, `+` between them; "" for
 * none. */
void audit_overrides_text(unsigned set, char text[AUDIT_OVERRIDES_SIZE]);

#endif
