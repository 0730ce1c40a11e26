/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader.h"

static struct profile_file *current(struct loader *loader, struct loader_file **places)
{
	*places = &loader->file[loader->profile->files];
	return &loader->profile->file[loader->profile->files];
}

static void read_file(struct values *values, const struct tree_node *node, void *into)
{
	struct loader_file *places;
	struct profile_file *file = current(into, &places);

	file->file = values_copy(values, node, PATH_MAX - 1);
	if (file->file == NULL)
		return;
	file->path = loader_path(((struct loader *)into)->profile, file->file);
	if (file->path == NULL) {
		values_fail(values, node, "not enough memory");
		return;
	}
	file->line = node->place.line;
	file->column = node->place.column;
	places->file = node;
}

static void read_format(struct values *values, const struct tree_node *node, void *into)
{
	const char *names[IMAGE_FORMATS + 1];
	struct loader_file *places;
	unsigned choice;

	for (unsigned i = 0; i <= IMAGE_FORMATS; i++)
		names[i] = image_format_name((enum image_format)i);
	if (values_choice(values, node, names, &choice))
		current(into, &places)->format = (enum image_format)choice;
}

static void read_address(struct values *values, const struct tree_node *node, void *into)
{
	struct loader_file *places;
	struct profile_file *file = current(into, &places);

	/* A bad one counts as given: a second complaint, that it is missing, would be wrong. */
	places->address = node;
	file->has_address = values_u32(values, node, UINT32_MAX, &file->address);
}

static void read_sha256(struct values *values, const struct tree_node *node, void *into)
{
	struct loader_file *places;
	struct profile_file *file = current(into, &places);

	if (!values_text(values, node, SIZE_MAX))
		return;
	if (node->length != SHA256_HEX_SIZE - 1 ||
	    strspn(node->text, "0123456789abcdefABCDEF") != node->length) {
		values_fail(values, node, "must be 64 hexadecimal digits");
		return;
	}
	for (size_t i = 0; i <= node->length; i++)
		file->sha256[i] = (char)tolower((unsigned char)node->text[i]);
	places->sha256 = node;
}

static void read_offset(struct values *values, const struct tree_node *node, void *into)
{
	struct loader_file *places;
	struct profile_file *file = current(into, &places);

	if (values_integer(values, node, -(int64_t)UINT32_MAX, UINT32_MAX, &file->offset))
		places->offset = node;
}

static void read_alternate(struct values *values, const struct tree_node *node, void *into)
{
	struct loader_file *places;
	struct profile_file *file = current(into, &places);
	int64_t number;

	if (!values_integer(values, node, 0, UINT8_MAX, &number))
		return;
	file->alternate = (int)number;
	places->alternate = node;
}

static void read_first(struct values *values, const struct tree_node *node, void *into)
{
	struct loader_file *places;

	values_u32(values, node, UINT32_MAX, &current(into, &places)->first);
}

static void read_last(struct values *values, const struct tree_node *node, void *into)
{
	struct loader_file *places;

	values_u32(values, node, UINT32_MAX, &current(into, &places)->last);
}

static void read_range(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"first", true, read_first},
		{"last", true, read_last},
	};
	size_t before = values->problems->count;
	struct loader_file *places;
	struct profile_file *file = current(into, &places);

	values_map(values, node, keys, sizeof(keys) / sizeof(keys[0]), into);
	if (values->problems->count != before || node->open)
		return;
	if (file->last < file->first) {
		values_fail(values, node, "its last address is before its first");
		return;
	}
	file->has_range = true;
	places->range = node;
}

void loader_firmware(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"file", true, read_file},
		{"format", false, read_format},
		{"address", false, read_address},
		{"sha256", false, read_sha256},
		{"range", false, read_range},
		{"offset", false, read_offset},
		{"alternate", false, read_alternate},
	};
	struct loader *loader = into;

	if (!values_list(values, node, 1, PROFILE_FILES_MAX))
		return;
	for (size_t i = 0; i < node->items; i++) {
		loader->file[loader->profile->files].entry = node->item[i];
		values_map(values, node->item[i], keys, sizeof(keys) / sizeof(keys[0]), into);
		loader->profile->files++;
	}
}

/* An error of a file: in its own line if it has lines, else where the profile names it. */
static void complain(const struct loader *loader, const struct profile_file *file,
		     const struct tree_node *node, const struct image_error *error)
{
	if (error->line != 0)
		profile_problem_firmware(loader->values.problems, file->path, error->line,
					 node->place, "%s (%s:%" PRIu32 ":%" PRIu32 ")", error->why,
					 loader->values.file, node->place.line, node->place.column);
	else
		profile_problem_add(loader->values.problems, loader->values.file, node->place,
				    "%s: %s", file->file, error->why);
}

static bool read_image(const struct loader *loader, unsigned index, struct image *image)
{
	const struct loader_file *places = &loader->file[index];
	struct profile_file *file = &loader->profile->file[index];
	const struct tree_node *node = places->file;
	struct image_error error = {0};
	const struct image_ask ask = {
		.format = file->format,
		.has_address = places->address != NULL,
		.address = file->address,
		.alternate = places->alternate != NULL ? file->alternate : IMAGE_ANY_ALTERNATE,
	};
	bool ok;

	if (access(file->path, R_OK) != 0) {
		loader_unreadable(loader, node, "firmware", file->path, errno);
		return false;
	}
	ok = image_read(file->path, &ask, NULL, image, file->actual, &error);

	if (file->sha256[0] != '\0' && file->actual[0] != '\0' &&
	    strcmp(file->sha256, file->actual) != 0)
		profile_problem_add(
			loader->values.problems, loader->values.file, places->sha256->place,
			"sha256: differs: the SHA-256 of %s is %s", file->file, file->actual);
	if (!ok) {
		if (error.fault == IMAGE_HAS_ADDRESS)
			node = places->address;
		if (error.fault == IMAGE_NO_ALTERNATE)
			node = places->alternate;
		complain(loader, file, node, &error);
	}
	return ok;
}

/* A DFU suffix is there to keep a file off other devices (DFU 1.1 appendix B). */
static bool ids_ok(const struct loader *loader, unsigned index, const struct image *image)
{
	const struct usb_filter *usb = &loader->profile->usb;

	if (!image->has_ids || ((image->vid == UINT16_MAX || image->vid == usb->vid) &&
				(image->pid == UINT16_MAX || image->pid == usb->pid)))
		return true;
	profile_problem_add(
		loader->values.problems, loader->values.file, loader->file[index].file->place,
		"%s: its DFU suffix is for devices %04x:%04x, not %04x:%04x; use the file for this "
		"board, or correct its suffix with dfu-suffix",
		loader->profile->file[index].file, image->vid, image->pid, usb->vid, usb->pid);
	return false;
}

static bool place_image(const struct loader *loader, unsigned index, struct image *image)
{
	const struct loader_file *places = &loader->file[index];
	struct profile_file *file = &loader->profile->file[index];
	const struct tree_node *node = places->range;
	struct image_error error = {0};

	if (file->has_range && !image_crop(image, file->first, file->last, &error))
		goto fail;
	node = places->offset;
	if (file->offset != 0 && !image_move(image, file->offset, &error))
		goto fail;
	file->format = image->format;
	file->used = image_used(image);
	file->lowest = image_lowest(image);
	file->highest = image_highest(image);
	return true;
fail:
	complain(loader, file, node, &error);
	return false;
}

unsigned profile_file_at(const struct profile *profile, uint32_t offset)
{
	const struct image_flash *flash = &profile->flash;

	for (size_t i = 0; i < flash->ranges; i++) {
		if (offset - flash->range[i].offset >= flash->range[i].length)
			continue;
		for (unsigned file = 0; file < profile->files; file++)
			if (profile->file[file].image == flash->range[i].image)
				return file;
	}
	return profile->files;
}

/* Which other file states the byte, and where the profile names that file. */
static void name_earlier(const struct loader *loader, struct image_error *error)
{
	size_t length = strlen(error->why);

	for (unsigned i = 0; i < loader->profile->files; i++) {
		const struct profile_file *other = &loader->profile->file[i];

		if (other->image == error->earlier)
			snprintf(error->why + length, sizeof(error->why) - length,
				 ", %.*s (line %" PRIu32
				 " of the profile); take a part of one of them with range",
				 profile_shown(other->file), other->file, other->line);
	}
}

static void lay_image(const struct loader *loader, unsigned index, const struct image *image)
{
	struct profile *profile = loader->profile;
	struct image_flash *flash = &profile->flash;
	const struct loader_file *places = &loader->file[index];
	const struct tree_node *node = places->address != NULL ? places->address : places->file;
	struct image_error error = {0};

	if (flash->part == NULL)
		return;
	if (image_flash_add(flash, image, &error)) {
		profile->file[index].image = flash->added;
		return;
	}
	if (error.earlier != 0)
		name_earlier(loader, &error);
	complain(loader, &profile->file[index], node, &error);
}

static void remark_image(struct loader *loader, unsigned index, const struct image *image)
{
	const struct profile_file *file = &loader->profile->file[index];
	struct profile_place place = {file->line, file->column};

	if (image->warning != NULL)
		loader_remark(loader, true, place, "%s: %s", file->file, image->warning);
	if (image->repeated > 0)
		loader_remark(loader, false, place,
			      "%s states %" PRIu32 " bytes twice with equal values, the first at "
			      "0x%08" PRIX32,
			      file->file, image->repeated, image->repeated_at);
}

static void load_file(struct loader *loader, unsigned index)
{
	const struct loader_file *places = &loader->file[index];
	struct image image;

	/* An entry that was cut off may have gone on with an address or a format, and a bad address
	 * says nothing about where the file belongs. */
	if (places->file == NULL || places->entry->open || !read_image(loader, index, &image))
		return;
	remark_image(loader, index, &image);
	if (ids_ok(loader, index, &image) && place_image(loader, index, &image) &&
	    (places->address == NULL || loader->profile->file[index].has_address))
		lay_image(loader, index, &image);
	image_free(&image);
}

void loader_images(struct loader *loader)
{
	struct profile *profile = loader->profile;
	const struct profile_place nowhere = {0, 0};

	if (profile->part != NULL && !image_flash_init(&profile->flash, profile->part))
		goto no_memory;
	loader->laid = profile->part != NULL && profile->files > 0;
	for (unsigned i = 0; i < profile->files; i++) {
		load_file(loader, i);
		loader->laid = loader->laid && profile->file[i].image != 0;
	}
	if (profile->part == NULL || image_flash_seal(&profile->flash))
		return;
no_memory:
	loader->laid = false;
	profile_problem_add(loader->values.problems, loader->values.file, nowhere,
			    "not enough memory for the flash of the part");
}
