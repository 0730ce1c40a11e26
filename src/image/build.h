/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collects the runs of bytes of a file in the order they come and turns them into an image. Memory
 * and time follow the size of the file (n log n), not the values of its records. */
#ifndef IMAGE_BUILD_H
#define IMAGE_BUILD_H

#include "h7gang/image/image.h"

struct image_run {
	uint32_t address;
	uint32_t length;
	uint32_t line;
	uint32_t item; /* where in the file, for messages: a line, or a number of `noun`; 0: unknown
			*/
	uint32_t at;   /* where its bytes begin in store */
};

struct image_build {
	const char *noun; /* unit of `item`: "section", "block"; NULL: lines */
	uint32_t item;    /* of the runs that are added next; binary files */
	struct image_run *run;
	size_t runs, run_room;
	uint8_t *store;
	size_t stored, store_room;
};

/* Adds one run. Refuses a run past the end of the 32-bit address space and more than IMAGE_FILE_MAX
 * bytes in all; a run of no bytes adds nothing. */
bool image_build_add(struct image_build *build, uint32_t address, const uint8_t *bytes,
		     size_t length, uint32_t line, struct image_error *error);

/* Sorts, counts bytes that are stated again with equal values, refuses those stated again with
 * other values, and fills `image`. */
bool image_build_finish(struct image_build *build, struct image *image, struct image_error *error);

void image_build_free(struct image_build *build);

/* Notes the error. Always false, so that a parser can return it. */
bool image_fail(struct image_error *error, enum image_fault fault, uint32_t line,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
