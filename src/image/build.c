/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool image_fail(struct image_error *error, enum image_fault fault, uint32_t line,
		const char *format, ...)
{
	va_list arguments;

	error->fault = fault;
	error->line = line;
	error->earlier = 0;
	va_start(arguments, format);
	vsnprintf(error->why, sizeof(error->why), format, arguments);
	va_end(arguments);
	return false;
}

static bool no_memory(struct image_error *error)
{
	return image_fail(error, IMAGE_BAD_FILE, 0, "not enough memory");
}

/* Makes room for `need` items of `size` bytes; doubles, so that many small runs stay linear. */
static bool grow(void **items, size_t *room, size_t need, size_t size)
{
	size_t want = *room ? *room : 256;
	void *bigger;

	if (need <= *room)
		return true;
	while (want < need)
		want *= 2;
	bigger = realloc(*items, want * size);
	if (bigger == NULL)
		return false;
	*items = bigger;
	*room = want;
	return true;
}

bool image_build_add(struct image_build *build, uint32_t address, const uint8_t *bytes,
		     size_t length, uint32_t line, struct image_error *error)
{
	void *store = build->store, *run = build->run;
	bool room;

	if (length == 0)
		return true;
	if (length > IMAGE_FILE_MAX - build->stored)
		return image_fail(error, IMAGE_BAD_CONTENT, line, "states more than %u MiB",
				  IMAGE_FILE_MAX >> 20);
	if (length - 1 > UINT32_MAX - address)
		return image_fail(error, IMAGE_BAD_CONTENT, line,
				  "%zu bytes at 0x%08" PRIX32
				  " run past the end of the 32-bit address space",
				  length, address);
	room = grow(&store, &build->store_room, build->stored + length, 1);
	build->store = store;
	room = room && grow(&run, &build->run_room, build->runs + 1, sizeof(*build->run));
	build->run = run;
	if (!room)
		return no_memory(error);
	memcpy(build->store + build->stored, bytes, length);
	build->run[build->runs++] = (struct image_run){
		.address = address,
		.length = (uint32_t)length,
		.line = line,
		.at = (uint32_t)build->stored,
	};
	build->stored += length;
	return true;
}

static int by_address(const void *left, const void *right)
{
	const struct image_run *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->at < b->at ? -1 : 1;
}

/* Sorts and counts the segments. False with the place of a byte that is stated twice. */
static bool arrange(struct image_build *build, size_t *segments, struct image_error *error)
{
	const struct image_run *r = build->run;

	*segments = build->runs > 0;
	if (build->runs > 1)
		qsort(build->run, build->runs, sizeof(*build->run), by_address);
	for (size_t i = 1; i < build->runs; i++) {
		uint32_t last = r[i - 1].address + (r[i - 1].length - 1);
		bool later = r[i].at > r[i - 1].at;
		uint32_t line = later ? r[i].line : r[i - 1].line;

		if (r[i].address > last) {
			*segments += r[i].address != last + 1;
			continue;
		}
		if (line == 0)
			return image_fail(error, IMAGE_BAD_CONTENT, 0,
					  "0x%08" PRIX32 " is stated twice", r[i].address);
		return image_fail(error, IMAGE_BAD_CONTENT, line,
				  "0x%08" PRIX32 " is already stated by line %" PRIu32,
				  r[i].address, later ? r[i - 1].line : r[i].line);
	}
	return true;
}

/* Lays the sorted runs one after another into the image's own store. */
static void lay(const struct image_build *build, struct image *image)
{
	struct image_segment *segment = NULL;
	size_t stored = 0;

	for (size_t i = 0; i < build->runs; i++) {
		const struct image_run *run = &build->run[i];

		if (segment == NULL || run->address != segment->address + segment->length) {
			segment = &image->segment[image->count++];
			*segment = (struct image_segment){
				.address = run->address,
				.line = run->line,
				.bytes = image->store + stored,
			};
		}
		memcpy(image->store + stored, build->store + run->at, run->length);
		stored += run->length;
		segment->length += run->length;
		if (run->line != 0)
			image->mark[image->marks++] = (struct image_mark){run->address, run->line};
	}
}

bool image_build_finish(struct image_build *build, struct image *image, struct image_error *error)
{
	size_t segments;

	*image = (struct image){0};
	if (!arrange(build, &segments, error))
		return false;
	if (build->runs == 0)
		return true;
	image->segment = calloc(segments, sizeof(*image->segment));
	image->store = malloc(build->stored);
	if (build->run[0].line != 0)
		image->mark = calloc(build->runs, sizeof(*image->mark));
	if (image->segment == NULL || image->store == NULL ||
	    (build->run[0].line != 0 && image->mark == NULL)) {
		image_free(image);
		return no_memory(error);
	}
	lay(build, image);
	return true;
}

void image_build_free(struct image_build *build)
{
	free(build->run);
	free(build->store);
	*build = (struct image_build){0};
}
