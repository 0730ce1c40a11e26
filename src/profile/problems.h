/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROFILE_PROBLEMS_H
#define PROFILE_PROBLEMS_H

#include "h7gang/profile/profile.h"

#define PROFILE_PROBLEMS_MAX 1000 /* further ones are counted in one last line */

/* A place in the profile; line 0: nowhere. */
struct profile_place {
	uint32_t line, column;
};

/* Adds a problem of the profile itself. */
void profile_problem_add(struct profile_problems *problems, const char *file,
			 struct profile_place place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Adds a problem in line `line` of a firmware file which the profile names at `place`. */
void profile_problem_firmware(struct profile_problems *problems, const char *file, uint32_t line,
			      struct profile_place place, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Sorts the problems by their places in the profile. */
void profile_problems_sort(struct profile_problems *problems);

/* Replaces control characters: text from a profile ends up on a terminal. */
void profile_make_printable(char *text);

/* The bytes of `text` worth showing, for "%.*s": few, and whole characters. */
int profile_shown(const char *text);

#endif
