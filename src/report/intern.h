/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts that come again and again, each kept once and known by a small number. */
#ifndef REPORT_INTERN_H
#define REPORT_INTERN_H

#include <stddef.h>
#include <stdint.h>

#define INTERN_NONE UINT32_MAX

struct intern {
	char **text; /* NUL-terminated */
	size_t count;
	/* inside: */
	size_t room, buckets;
	size_t *length;
	uint64_t *hash;
	uint32_t *bucket; /* index + 1, 0: free */
};

/* The number of `text`, which may hold NULs; a new one is added. INTERN_NONE: memory is out. */
uint32_t intern_number(struct intern *intern, const char *text, size_t length);

/* The number of a text that is there; INTERN_NONE: it is not. */
uint32_t intern_find(const struct intern *intern, const char *text, size_t length);
void intern_free(struct intern *intern);

#endif
