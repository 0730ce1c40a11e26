/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands that clients of the station socket may give. The key `control`. */
#ifndef H7GANG_PROFILE_CONTROL_H
#define H7GANG_PROFILE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PROFILE_CONTROL_USERS_MAX 32

struct profile_control {
	unsigned allow; /* a set of commands, 1 << the number in profile_control_name; 0: none */
	char *group;    /* that may open the socket; NULL: the process's */
	unsigned users; /* 0: every user who can open the socket */
	uid_t user[PROFILE_CONTROL_USERS_MAX];
};

/* Whether a process of user `uid` may give this command ("unlock A1"). False: `why`. */
bool profile_control_allows(const struct profile_control *control, uid_t uid, const char *line,
			    char *why, size_t why_size);

/* "scan", "select" ... NULL past the last. Static. */
const char *profile_control_name(unsigned command);

#endif
