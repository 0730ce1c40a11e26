/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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
		.item = line != 0 ? line : build->item,
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

/* Sorts; how many segments there are. */
static size_t arrange(struct image_build *build)
{
	const struct image_run *r = build->run;
	size_t segments = build->runs > 0;
	uint64_t end;

	if (build->runs == 0)
		return 0;
	qsort(build->run, build->runs, sizeof(*build->run), by_address);
	end = (uint64_t)r[0].address + r[0].length;
	for (size_t i = 1; i < build->runs; i++) {
		segments += r[i].address > end;
		if (end < (uint64_t)r[i].address + r[i].length)
			end = (uint64_t)r[i].address + r[i].length;
	}
	return segments;
}

/* The byte at `address` is stated by run `index` and, with another value, by one before it. */
static bool contradicts(const struct image_build *build, size_t index, uint32_t address,
			struct image_error *error)
{
	const struct image_run *run = build->run, *a = &run[index], *b = &run[index];
	const char *noun = build->noun != NULL ? build->noun : "line";
	unsigned first, again;

	for (size_t i = 0; i < index; i++)
		if (address - run[i].address < run[i].length && (a == b || run[i].at < a->at))
			a = &run[i];
	if (a->at > b->at) {
		const struct image_run *later = a;

		a = b;
		b = later;
	}
	first = build->store[a->at + (address - a->address)];
	again = build->store[b->at + (address - b->address)];
	if (b->item == 0)
		return image_fail(error, IMAGE_BAD_CONTENT, b->line,
				  "0x%08" PRIX32 " is stated twice: as 0x%02X and as 0x%02X; make "
				  "a file that states it once",
				  address, first, again);
	return image_fail(error, IMAGE_BAD_CONTENT, b->line,
			  "0x%08" PRIX32 " is already stated by %s %" PRIu32
			  ": there it is 0x%02X, "
			  "in %s %" PRIu32 " it is 0x%02X; make a file that states it once",
			  address, noun, a->item, first, noun, b->item, again);
}

/* Lays the sorted runs one after another into the image's own store. False: one contradicts. */
static bool lay(const struct image_build *build, struct image *image, struct image_error *error)
{
	struct image_segment *segment = NULL;
	size_t stored = 0;

	for (size_t i = 0; i < build->runs; i++) {
		const struct image_run *run = &build->run[i];
		const uint8_t *bytes = build->store + run->at;
		uint32_t known = 0, fresh;

		if (segment == NULL ||
		    run->address > (uint64_t)segment->address + segment->length) {
			segment = &image->segment[image->count++];
			*segment = (struct image_segment){
				.address = run->address,
				.line = run->line,
				.bytes = image->store + stored,
			};
		}
		known = segment->length - (run->address - segment->address);
		if (known > run->length)
			known = run->length;
		for (uint32_t k = 0; k < known; k++)
			if (segment->bytes[run->address - segment->address + k] != bytes[k])
				return contradicts(build, i, run->address + k, error);
		if (known > 0 && image->repeated == 0)
			image->repeated_at = run->address;
		image->repeated += known;
		fresh = run->length - known;
		if (fresh == 0)
			continue;
		memcpy(image->store + stored, bytes + known, fresh);
		stored += fresh;
		segment->length += fresh;
		if (run->line != 0)
			image->mark[image->marks++] =
				(struct image_mark){run->address + known, run->line};
	}
	return true;
}

bool image_build_finish(struct image_build *build, struct image *image, struct image_error *error)
{
	size_t segments = arrange(build);

	*image = (struct image){0};
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
	if (lay(build, image, error))
		return true;
	image_free(image);
	return false;
}

void image_build_free(struct image_build *build)
{
	free(build->run);
	free(build->store);
	*build = (struct image_build){0};
}
