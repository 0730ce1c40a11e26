/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DfuSe files: UM0391. A prefix, then targets (one an alternate setting) of elements (an address
 * and its bytes), then a DFU suffix. */
#include "h7gang/image/image.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "build.h"
#include "dfu.h"

#define DFUSE_PREFIX 11u
#define DFUSE_TARGET 274u
#define DFUSE_ELEMENT 8u
#define DFUSE_FLASH_ALT 0 /* "@Internal Flash" on every H7 ROM */

static const uint16_t dfuse_versions[] = {0x011A, 0x0110, 0};

struct dfuse {
	int alternate;      /* IMAGE_ANY_ALTERNATE: every target must be for flash */
	unsigned taken;     /* targets */
	bool flash, other;  /* one of them is for flash; is not */
	char contents[160]; /* which targets there are, for messages */
	const uint8_t *at;
	size_t left;
	struct image_build build;
};

static const uint8_t *dfuse_take(struct dfuse *file, size_t length)
{
	const uint8_t *at = file->at;

	if (length > file->left)
		return NULL;
	file->at += length;
	file->left -= length;
	return at;
}

/* `size` is the size of its elements in the target's header; each must fit, and together they must
 * fill it. */
static bool dfuse_elements(struct dfuse *file, unsigned target, uint32_t size, uint32_t elements,
			   struct image_error *error)
{
	size_t end = file->left - size;

	for (uint32_t i = 0; i < elements; i++) {
		const uint8_t *head = NULL, *data = NULL;
		uint32_t length = 0;

		if (file->left - end >= DFUSE_ELEMENT)
			head = dfuse_take(file, DFUSE_ELEMENT);
		if (head != NULL) {
			length = dfu_le32(head + 4);
			if (length <= file->left - end)
				data = dfuse_take(file, length);
		}
		if (data == NULL)
			return image_fail(error, IMAGE_BAD_CONTENT, 0,
					  "target %u, element %" PRIu32
					  " reaches past the end of its target",
					  target, i + 1);
		if (length == 0)
			return image_fail(error, IMAGE_BAD_CONTENT, 0,
					  "target %u, element %" PRIu32 " is empty", target, i + 1);
		file->build.item++;
		if (!image_build_add(&file->build, dfu_le32(head), data, length, 0, error))
			return false;
	}
	if (file->left != end)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "target %u: %zu bytes belong to none of its %" PRIu32 " elements",
				  target, file->left - end, elements);
	return true;
}

/* Adds "target 1: alternate setting 0 (ST...)" to the list of contents. */
static void dfuse_note(struct dfuse *file, unsigned target, const uint8_t *head)
{
	size_t used = strlen(file->contents), length = 0;
	const char *name = (const char *)head + 11;

	if (dfu_le32(head + 7) != 0)
		while (length < 24 && name[length] >= ' ' && name[length] <= '~')
			length++;
	snprintf(file->contents + used, sizeof(file->contents) - used,
		 "%starget %u for alternate setting %u%s%.*s%s", used > 0 ? ", " : "", target,
		 head[6], length > 0 ? " (" : "", (int)length, name, length > 0 ? ")" : "");
}

static bool dfuse_target(struct dfuse *file, unsigned target, struct image_error *error)
{
	const uint8_t *head = dfuse_take(file, DFUSE_TARGET);
	uint32_t size;

	if (head == NULL || memcmp(head, "Target", 6) != 0)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "target %u: no target prefix",
				  target);
	dfuse_note(file, target, head);
	size = dfu_le32(head + 266);
	if (size > file->left)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "target %u reaches past the end of the file", target);
	if (file->alternate != IMAGE_ANY_ALTERNATE && head[6] != file->alternate) {
		(void)dfuse_take(file, size);
		return true;
	}
	file->taken++;
	*(head[6] == DFUSE_FLASH_ALT ? &file->flash : &file->other) = true;
	return dfuse_elements(file, target, size, dfu_le32(head + 270), error);
}

static bool dfuse_file(struct dfuse *file, size_t length, struct image_error *error)
{
	const uint8_t *prefix = dfuse_take(file, DFUSE_PREFIX);
	uint32_t size;

	if (prefix == NULL || memcmp(prefix, "DfuSe", 5) != 0)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "no DfuSe prefix");
	if (prefix[5] != 1)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "DfuSe version %u is not known",
				  prefix[5]);
	/* UM0391 counts without the suffix, dfuse-pack of dfu-util 0.11 with it. */
	size = dfu_le32(prefix + 6);
	if (size != DFUSE_PREFIX + file->left && size != length)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "the DfuSe prefix announces %" PRIu32 " bytes, the file has %zu",
				  size, length);
	for (unsigned i = 0; i < prefix[10]; i++)
		if (!dfuse_target(file, i + 1, error))
			return false;
	if (file->left != 0)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "%zu bytes follow the last of %u targets", file->left,
				  prefix[10]);
	if (file->alternate == IMAGE_ANY_ALTERNATE && file->other)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "holds %s; only alternate setting 0 is flash: %s", file->contents,
				  file->flash ? "alternate: 0 takes its targets alone"
					      : "use a file for it, or name another setting with "
						"alternate");
	if (file->alternate != IMAGE_ANY_ALTERNATE && file->taken == 0)
		return image_fail(error, IMAGE_NO_ALTERNATE, 0,
				  "holds no target for alternate setting %d, but %s",
				  file->alternate, file->contents);
	return true;
}

bool image_parse_dfuse(const uint8_t *bytes, size_t length, int alternate, struct image *image,
		       struct image_error *error)
{
	struct dfuse file = {.alternate = alternate, .at = bytes, .build = {.noun = "element"}};
	struct dfu_suffix suffix;
	bool ok;

	*image = (struct image){0};
	if (!dfu_suffix_check(bytes, length, dfuse_versions, &suffix, error))
		return false;
	file.left = length - suffix.length;
	ok = dfuse_file(&file, length, error) && image_build_finish(&file.build, image, error);
	image_build_free(&file.build);
	if (!ok)
		return false;
	image->has_ids = true;
	image->vid = suffix.vid;
	image->pid = suffix.pid;
	return true;
}
