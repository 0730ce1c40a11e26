/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key `serial`. Read as it comes, then, once the part, the firmware and the list are known,
 * checked against them: every possible number must fit every patch before a board is touched. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/secrets.h"
#include "loader.h"
#include "patch.h"

#define KEYS(table) table, sizeof(table) / sizeof((table)[0])
#define VALUE_MAX (2 * PROFILE_PATCH_MAX)
#define STATE_ENDING ".state"

static struct profile_serial *serial_of(void *into)
{
	return ((struct loader *)into)->profile->serial;
}

static char *path_of(struct values *values, const struct tree_node *node, void *into)
{
	char *path;

	if (!values_text(values, node, PATH_MAX - sizeof(STATE_ENDING)))
		return NULL;
	path = loader_path(((struct loader *)into)->profile, node->text);
	if (path == NULL)
		values_fail(values, node, "not enough memory");
	return path;
}

static void replace(char **text, char *fresh)
{
	if (fresh == NULL)
		return;
	free(*text);
	*text = fresh;
}

/* --- counter --- */

static void read_counter_file(struct values *values, const struct tree_node *node, void *into)
{
	((struct loader *)into)->serial.state = node;
	replace(&serial_of(into)->state, path_of(values, node, into));
}

static void read_pool(struct values *values, const struct tree_node *node, void *into)
{
	if (!values_text(values, node, SIZE_MAX))
		return;
	if (profile_name_ok(node->text))
		replace(&serial_of(into)->pool, values_copy(values, node, SIZE_MAX));
	else
		values_fail(
			values, node,
			"must be 1 to 64 of A-Z a-z 0-9 . _ - and begin with a letter or digit");
}

static void read_start(struct values *values, const struct tree_node *node, void *into)
{
	int64_t number;

	if (values_integer(values, node, 0, PROFILE_COUNTER_MAX, &number))
		serial_of(into)->start = (uint64_t)number;
}

static void read_end(struct values *values, const struct tree_node *node, void *into)
{
	int64_t number;

	if (values_integer(values, node, 0, PROFILE_COUNTER_MAX, &number))
		serial_of(into)->end = (uint64_t)number;
}

static void read_format(struct values *values, const struct tree_node *node, void *into)
{
	struct patch_format format;

	if (!values_text(values, node, PROFILE_SERIAL_SIZE - 1))
		return;
	if (!patch_format(node->text, &format))
		values_fail(values, node,
			    "must hold the number once, as {}, {:06d}, {:x} or {:04X}");
	else
		replace(&serial_of(into)->format, values_copy(values, node, SIZE_MAX));
}

static void read_counter(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"file", true, read_counter_file}, {"start", false, read_start},
		{"end", false, read_end},          {"format", false, read_format},
		{"pool", false, read_pool},
	};
	struct profile_serial *serial = serial_of(into);

	((struct loader *)into)->serial.source = node;
	values_map(values, node, KEYS(keys), into);
	if (serial->end < serial->start)
		values_fail(values, node, "its end is before its start");
}

/* --- list --- */

static void read_list_file(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	struct profile_serial *serial = serial_of(into);

	replace(&serial->file, path_of(values, node, into));
	loader->serial.file = serial->file != NULL ? node : NULL;
}

static void read_list_column(struct values *values, const struct tree_node *node, void *into)
{
	if (values_text(values, node, SIZE_MAX))
		((struct loader *)into)->serial.column = node;
}

static void read_list(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"file", true, read_list_file},
		{"column", true, read_list_column},
		{"state", false, read_counter_file},
		{"pool", false, read_pool},
	};
	struct profile_serial *serial = serial_of(into);

	((struct loader *)into)->serial.source = node;
	serial->source = PROFILE_SOURCE_LIST;
	serial->from_list = true;
	values_map(values, node, KEYS(keys), into);
	if (serial->file == NULL || serial->state != NULL)
		return;
	if (asprintf(&serial->state, "%s" STATE_ENDING, serial->file) < 0) {
		serial->state = NULL;
		values_fail(values, node, "not enough memory");
	}
}

/* --- scan and hook --- */

/* Numbers that come from outside: taken ones are written down beside the profile. */
static void given(struct values *values, const struct tree_node *node, void *into)
{
	struct profile_serial *serial = serial_of(into);

	serial->given = true;
	((struct loader *)into)->serial.source = node;
	if (serial->state != NULL)
		return;
	if (asprintf(&serial->state, "%s" STATE_ENDING, ((struct loader *)into)->profile->path) <
	    0) {
		serial->state = NULL;
		values_fail(values, node, "not enough memory");
	}
}

static void read_scan_slot(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"chosen", "next", NULL};
	unsigned choice;

	if (values_choice(values, node, names, &choice))
		serial_of(into)->next_slot = choice == 1;
}

static void read_scan(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"state", false, read_counter_file},
		{"slot", false, read_scan_slot},
	};

	serial_of(into)->source = PROFILE_SOURCE_SCAN;
	values_map(values, node, KEYS(keys), into);
	given(values, node, into);
}

static void read_hook(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"before", NULL};
	unsigned choice;

	serial_of(into)->source = PROFILE_SOURCE_HOOK;
	values_choice(values, node, names, &choice);
	given(values, node, into);
}

static void read_source(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"counter", false, read_counter},
		{"list", false, read_list},
		{"scan", false, read_scan},
		{"hook", false, read_hook},
	};

	values_map(values, node, KEYS(keys), into);
	if (node->kind == TREE_MAP && node->items != 2)
		values_fail(values, node, "must be one of counter, list, scan and hook");
}

/* --- patches --- */

static struct profile_patch *patch_of(void *into)
{
	struct profile_serial *serial = serial_of(into);

	return &serial->patch[serial->patches];
}

static void read_address(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;

	if (values_u32(values, node, UINT32_MAX, &patch_of(into)->address))
		loader->serial.address[serial_of(into)->patches] = node;
}

static void read_encode(struct values *values, const struct tree_node *node, void *into)
{
	const char *names[16] = {NULL};
	unsigned choice;

	for (unsigned i = 0; profile_encode_name(i) != NULL; i++)
		names[i] = profile_encode_name(i);
	if (values_choice(values, node, names, &choice))
		patch_of(into)->encode = (enum profile_encode)choice;
}

static void read_length(struct values *values, const struct tree_node *node, void *into)
{
	values_u32(values, node, PROFILE_PATCH_MAX, &patch_of(into)->length);
}

static void read_pad(struct values *values, const struct tree_node *node, void *into)
{
	uint32_t pad;

	if (!values_u32(values, node, UINT8_MAX, &pad))
		return;
	patch_of(into)->pad = (uint8_t)pad;
	patch_of(into)->padded = true;
}

static void read_value(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;

	replace(&patch_of(into)->value, values_copy(values, node, VALUE_MAX));
	loader->serial.value[serial_of(into)->patches] = node;
}

static void read_base(struct values *values, const struct tree_node *node, void *into)
{
	struct profile_patch *patch = patch_of(into);

	if (!values_text(values, node, SIZE_MAX))
		return;
	patch->has_base = patch_mac48(node->text, &patch->base);
	if (!patch->has_base)
		values_fail(values, node, "must be a MAC address such as \"02:00:00:00:00:00\"");
}

static void read_unique(struct values *values, const struct tree_node *node, void *into)
{
	bool unique;

	if (values_flag(values, node, &unique))
		patch_of(into)->unique = unique ? PROFILE_UNIQUE_YES : PROFILE_UNIQUE_NO;
}

static void read_secret(struct values *values, const struct tree_node *node, void *into)
{
	struct profile_patch *patch = patch_of(into);

	values_flag(values, node, &patch->secret);
	if (patch->secret && secrets_keep_in() < 0)
		values_fail(values, node, "core dumps cannot be turned off");
}

/* The default content of a patch of that kind. */
static const char *usual_value(const struct profile_serial *serial,
			       const struct profile_patch *patch)
{
	bool number = patch->has_base || (patch->encode >= PROFILE_ENCODE_U16LE &&
					  patch->encode <= PROFILE_ENCODE_U64LE);

	if (patch->encode == PROFILE_ENCODE_BYTES ||
	    (patch->encode == PROFILE_ENCODE_MAC48 && !patch->has_base))
		return NULL;
	return number && !serial->from_list && !serial->given ? "{counter}" : "{serial}";
}

/* Bytes that the encoding or a value without list columns settles; 0: only `length` can. */
static uint32_t own_length(const struct profile_patch *patch)
{
	switch (patch->encode) {
	case PROFILE_ENCODE_MAC48:
		return 6;
	case PROFILE_ENCODE_U16LE:
		return 2;
	case PROFILE_ENCODE_U32LE:
		return 4;
	case PROFILE_ENCODE_U64LE:
		return 8;
	case PROFILE_ENCODE_BYTES:
		if (strcmp(patch->value, "{uid}") == 0)
			return STM32_UID_BYTES;
		return strchr(patch->value, '{') == NULL ? (uint32_t)strlen(patch->value) / 2 : 0;
	case PROFILE_ENCODE_ASCII:
	case PROFILE_ENCODE_UTF8:
		break;
	}
	return 0;
}

static void finish_patch(struct values *values, const struct tree_node *node, void *into)
{
	struct profile_serial *serial = serial_of(into);
	struct profile_patch *patch = patch_of(into);
	bool text = patch->encode == PROFILE_ENCODE_ASCII || patch->encode == PROFILE_ENCODE_UTF8;
	bool bytes = patch->encode == PROFILE_ENCODE_BYTES;
	const char *usual = usual_value(serial, patch);
	uint32_t own;

	if (patch->value == NULL) {
		patch->value = strdup(usual != NULL ? usual : "");
		if (patch->value == NULL)
			values_fail(values, node, "not enough memory");
		else if (usual == NULL)
			values_fail(values, node, "'value' is missing");
	}
	if (patch->has_base && patch->encode != PROFILE_ENCODE_MAC48)
		values_fail(values, node, "'base' goes with mac48 only");
	if (!text && !bytes && (patch->length != 0 || patch->padded))
		values_fail(values, node, "'length' and 'pad' go with ascii, utf8 and bytes only");
	own = patch->value != NULL ? own_length(patch) : 0;
	if (patch->length == 0)
		patch->length = own;
	if (patch->length == 0 && (usual != NULL || patch->value != NULL))
		values_fail(values, node, "'length' is missing");
	patch->padded = patch->padded || text; /* texts end with NULs unless told otherwise */
}

static void read_patches(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"address", true, read_address}, {"encode", true, read_encode},
		{"length", false, read_length},  {"pad", false, read_pad},
		{"value", false, read_value},    {"base", false, read_base},
		{"secret", false, read_secret},  {"unique", false, read_unique},
	};
	struct loader *loader = into;
	struct profile_serial *serial = serial_of(into);

	loader->serial.patches = node;
	if (!values_list(values, node, 1, PROFILE_PATCHES_MAX))
		return;
	for (size_t i = 0; i < node->items; i++) {
		size_t before = values->problems->count;

		loader->serial.entry[serial->patches] = node->item[i];
		values_map(values, node->item[i], KEYS(keys), into);
		if (values->problems->count == before && !node->item[i]->open)
			finish_patch(values, node->item[i], into);
		else
			loader->serial.entry[serial->patches] = NULL;
		serial->patches++;
	}
}

/* --- the whole --- */

/* In many factories "to burn" is to program: `discard` says the same as `burn`. */
static void read_on_fail(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"burn", "keep", "discard", NULL};
	unsigned choice;

	if (!values_choice(values, node, names, &choice))
		return;
	serial_of(into)->keep = choice == 1;
	((struct loader *)into)->serial.on_fail = node;
}

static void read_unique_by(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"uid", NULL};
	unsigned choice;

	serial_of(into)->by_uid = values_choice(values, node, names, &choice);
}

static void note_source(struct profile_serial *serial, const char *name)
{
	serial->from_list = strcmp(name, "list") == 0;
	serial->given = strcmp(name, "scan") == 0 || strcmp(name, "hook") == 0;
}

void loader_serial(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"source", true, read_source},
		{"on_fail", false, read_on_fail},
		{"unique_by", false, read_unique_by},
		{"patch", false, read_patches},
	};
	struct loader *loader = into;
	struct profile_serial *serial = calloc(1, sizeof(*serial));

	if (serial == NULL) {
		values_fail(values, node, "not enough memory");
		return;
	}
	loader->profile->serial = serial;
	serial->start = 1;
	serial->end = PROFILE_COUNTER_MAX;
	serial->format = strdup("{}");
	if (serial->format == NULL)
		values_fail(values, node, "not enough memory");
	/* The source may stand behind the patches, whose defaults depend on it. */
	for (size_t i = 0; node->kind == TREE_MAP && i + 1 < node->items; i += 2)
		if (strcmp(node->item[i]->text, "source") == 0 &&
		    node->item[i + 1]->kind == TREE_MAP && node->item[i + 1]->items > 0)
			note_source(serial, node->item[i + 1]->item[0]->text);
	values_map(values, node, KEYS(keys), into);
	/* A label stays on its board, and an MES does not forget, also after a failure. */
	if (serial->given && loader->serial.on_fail == NULL)
		serial->keep = true;
}
