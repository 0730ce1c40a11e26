/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a row comes from: its groups in every dimension and its kind of attempt. Rows of one origin
 * have many texts in common, which are looked up together and taken apart only once. */
#include <string.h>

#include "collect.h"
#include "grow.h"

#define PAIR_MAX (2 * AUDIT_ROW_MAX)
#define KEY_MAX (4 * AUDIT_ROW_MAX)

/* --- names --- */

static uint32_t name_number(struct report_collector *collector, enum report_by by, const char *text,
			    size_t length)
{
	struct dimension *dimension = &collector->by[by];
	uint32_t number = intern_number(&dimension->names, text, length);
	struct report_tally *tally;

	if (number == INTERN_NONE)
		return number;
	tally = grow(dimension->tally, &dimension->room, number, sizeof(*tally));
	if (!tally)
		return INTERN_NONE;
	dimension->tally = tally;
	return number;
}

/* Two texts as one with a NUL between, each cut at a NUL of its own. */
static uint32_t pair_number(struct report_collector *collector, enum report_by by, const char *a,
			    const char *b)
{
	char text[PAIR_MAX];
	size_t first = strlen(a), second = strlen(b);

	memcpy(text, a, first + 1);
	memcpy(text + first + 1, b, second);
	return name_number(collector, by, text, first + 1 + second);
}

/* The value of the tag "line": tags are "key=value;key=value". */
static const char *line_of(const char *tag, size_t *length)
{
	static const char key[] = "line=";

	while (tag && strncmp(tag, key, strlen(key)) != 0) {
		tag = strchr(tag, ';');
		tag = tag ? tag + 1 : NULL;
	}
	tag = tag ? tag + strlen(key) : "";
	*length = strcspn(tag, ";");
	return tag;
}

const char *slot_of_row(const struct report_row *row)
{
	return row->length[RC_slot] ? row->text[RC_slot] : row->text[RC_usb_path];
}

static bool context_number(struct report_collector *collector, const struct report_row *row,
			   uint32_t *number)
{
	static const struct {
		enum report_by by;
		enum report_column column;
	} plain[] = {{BY_LOT, RC_lot},
		     {BY_FIRMWARE, RC_firmware_version},
		     {BY_STATION, RC_station},
		     {BY_PROFILE, RC_profile}};
	struct context context = {{0}};
	size_t line_length;
	const char *line = line_of(row->text[RC_tags], &line_length);

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		context.group[plain[i].by] =
			name_number(collector, plain[i].by, row->text[plain[i].column],
				    row->length[plain[i].column]);
	context.group[BY_LINE] = name_number(collector, BY_LINE, line, line_length);
	context.group[BY_SLOT] =
		pair_number(collector, BY_SLOT, row->text[RC_station], slot_of_row(row));
	context.group[BY_BOOTLOADER] =
		pair_number(collector, BY_BOOTLOADER, row->text[RC_part], row->text[RC_bootloader]);
	context.group[BY_OPERATOR] =
		collector->options.by_operator
			? name_number(collector, BY_OPERATOR, row->text[RC_operator],
				      row->length[RC_operator])
			: 0;
	for (size_t i = 0; i < CONTEXT_DIMENSIONS; i++) {
		if (context.group[i] == INTERN_NONE)
			return false;
	}
	*number = intern_number(&collector->contexts, (const char *)&context, sizeof(context));
	return *number != INTERN_NONE;
}

/* Each override in use, and each image that a firmware version stands for. */
static bool facts(struct report_collector *collector, const struct report_row *row)
{
	const enum report_column key[] = {RC_profile, RC_part, RC_firmware_version,
					  RC_image_sha256};
	const char *at = row->text[RC_overrides];
	char text[AUDIT_ROW_MAX + 8];
	size_t used = 0;

	while (*at) {
		size_t length = strcspn(at, "+");

		if (intern_number(&collector->overrides, at, length) == INTERN_NONE)
			return false;
		at += length + (at[length] == '+');
	}
	for (size_t i = 0; i < sizeof(key) / sizeof(key[0]); i++) {
		size_t length = strlen(row->text[key[i]]);

		memcpy(text + used, row->text[key[i]], length + 1);
		used += length + 1;
	}
	return intern_number(&collector->images, text, used) != INTERN_NONE;
}

/* --- origins --- */

/* All texts that an origin depends on, each with its NUL; its length. */
static size_t key_of(const struct report_collector *collector, const struct report_row *row,
		     char key[KEY_MAX])
{
	static const enum report_column columns[] = {
		RC_lot,  RC_firmware_version, RC_station,   RC_profile,      RC_slot,
		RC_part, RC_bootloader,       RC_overrides, RC_image_sha256, RC_erase_method};
	size_t used = 0, length;
	const char *line = line_of(row->text[RC_tags], &length);

	memcpy(key, line, length);
	used = length;
	key[used++] = '\0';
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		memcpy(key + used, row->text[columns[i]], row->length[columns[i]] + 1);
		used += row->length[columns[i]] + 1;
	}
	if (collector->options.by_operator) {
		memcpy(key + used, row->text[RC_operator], row->length[RC_operator] + 1);
		used += row->length[RC_operator] + 1;
	}
	/* A named slot may change its port; of that only the hubs matter. */
	if (row->length[RC_slot]) {
		key[used++] = (char)cycles_hubs(row->text[RC_usb_path]);
	} else {
		memcpy(key + used, row->text[RC_usb_path], row->length[RC_usb_path] + 1);
		used += row->length[RC_usb_path] + 1;
	}
	return used;
}

bool origin_of(struct report_collector *collector, const struct report_row *row,
	       struct origin *origin)
{
	char key[KEY_MAX];
	size_t known = collector->origins.count;
	uint32_t number = intern_number(&collector->origins, key, key_of(collector, row, key));
	struct origin *origins;

	if (number == INTERN_NONE)
		return false;
	if (number < known) {
		*origin = collector->origin[number];
		return true;
	}
	origins = grow(collector->origin, &collector->origin_room, number, sizeof(*origins));
	if (!origins)
		return false;
	collector->origin = origins;
	if (!facts(collector, row) || !context_number(collector, row, &origin->context) ||
	    !cycles_kind(&collector->cycles, row,
			 context_of(collector, origin->context).group[BY_STATION], &origin->kind))
		return false;
	origins[number] = *origin;
	return true;
}
