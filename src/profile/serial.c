/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key `serial`. Read as it comes, then, once the part, the firmware and the list are known, held against
 * them: every number that can come must fit every patch before a board is touched. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	replace(&serial_of(into)->state, path_of(values, node, into));
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
		{"file", true, read_counter_file},
		{"start", false, read_start},
		{"end", false, read_end},
		{"format", false, read_format},
	};
	struct profile_serial *serial = serial_of(into);

	((struct loader *)into)->serial.source = node;
	values_map(values, node, KEYS(keys), into);
	if (serial->end < serial->start)
		values_fail(values, node, "its end lies before its start");
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
	};
	struct profile_serial *serial = serial_of(into);

	((struct loader *)into)->serial.source = node;
	serial->from_list = true;
	values_map(values, node, KEYS(keys), into);
	if (serial->file == NULL || serial->state != NULL)
		return;
	if (asprintf(&serial->state, "%s" STATE_ENDING, serial->file) < 0) {
		serial->state = NULL;
		values_fail(values, node, "not enough memory");
	}
}

static void read_source(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"counter", false, read_counter},
		{"list", false, read_list},
	};

	values_map(values, node, KEYS(keys), into);
	if (node->kind == TREE_MAP && node->items != 2)
		values_fail(values, node, "must be one of counter and list");
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

static void read_secret(struct values *values, const struct tree_node *node, void *into)
{
	values_flag(values, node, &patch_of(into)->secret);
}

/* What a patch of that kind holds unless told otherwise. */
static const char *usual_value(const struct profile_serial *serial,
			       const struct profile_patch *patch)
{
	bool number = patch->has_base || (patch->encode >= PROFILE_ENCODE_U16LE &&
					  patch->encode <= PROFILE_ENCODE_U64LE);

	if (patch->encode == PROFILE_ENCODE_BYTES ||
	    (patch->encode == PROFILE_ENCODE_MAC48 && !patch->has_base))
		return NULL;
	return number && !serial->from_list ? "{counter}" : "{serial}";
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
		{"length", false, read_length},	 {"pad", false, read_pad},
		{"value", false, read_value},	 {"base", false, read_base},
		{"secret", false, read_secret},
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

static void read_on_fail(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"burn", "keep", NULL};
	unsigned choice;

	if (values_choice(values, node, names, &choice))
		serial_of(into)->keep = choice == 1;
}

static void read_unique_by(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"uid", NULL};
	unsigned choice;

	serial_of(into)->by_uid = values_choice(values, node, names, &choice);
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
			serial->from_list = strcmp(node->item[i + 1]->item[0]->text, "list") == 0;
	values_map(values, node, KEYS(keys), into);
}

/* --- against the part, the firmware and the list --- */

static bool in_one_bank(const struct stm32_part *part, struct profile_patch *patch)
{
	uint32_t last;

	return stm32_offset(part, patch->address, &patch->offset) &&
	       patch->length - 1 <= UINT32_MAX - patch->address &&
	       stm32_offset(part, patch->address + patch->length - 1, &last) &&
	       stm32_bank_of(part, patch->offset) == stm32_bank_of(part, last) &&
	       last - patch->offset == patch->length - 1;
}

static void place_patch(struct loader *loader, unsigned index)
{
	struct profile *profile = loader->profile;
	struct profile_serial *serial = profile->serial;
	struct profile_patch *patch = &serial->patch[index];
	const struct tree_node *node = loader->serial.address[index];

	loader->values.key = "address";
	if (!in_one_bank(profile->part, patch)) {
		values_fail(&loader->values, node,
			    "%" PRIu32 " bytes from 0x%08" PRIX32 " are not flash of the %s",
			    patch->length, patch->address, profile->part->name);
		loader->serial.entry[index] = NULL;
		return;
	}
	for (unsigned i = 0; i < index; i++) {
		const struct profile_patch *other = &serial->patch[i];

		if (loader->serial.entry[i] != NULL &&
		    patch->address < other->address + other->length &&
		    other->address < patch->address + patch->length)
			values_fail(&loader->values, node,
				    "overlaps the patch in line %" PRIu32,
				    loader->serial.address[i]->place.line);
	}
	for (uint32_t i = 0; i < patch->length; i++) {
		uint32_t offset = patch->offset + i;

		patch->over_image = patch->over_image || profile->flash.bytes[offset] != 0xFF;
		profile->flash.touched[offset / profile->part->sector_bytes] = true;
	}
}

/* The words of a value are known; what a secret patch is made of stands nowhere else. */
static void check_words(struct loader *loader, unsigned index)
{
	const struct profile_serial *serial = loader->profile->serial;
	const struct profile_list *list = &serial->list;
	const struct profile_patch *patch = &serial->patch[index];
	const struct tree_node *node = loader->serial.value[index] != NULL
					       ? loader->serial.value[index]
					       : loader->serial.entry[index];

	loader->values.key = "value";
	for (const char *at = patch->value; (at = strpbrk(at, "{}")) != NULL;) {
		size_t length = strcspn(at + 1, "{}"), column;
		const char *name = at + 1;

		if (*at == '}' || name[length] != '}') {
			values_fail(&loader->values, node, "braces stand only around a name");
			return;
		}
		at = name + length + 1;
		column = list_column(list, name, length);
		if ((length == 3 && memcmp(name, "uid", 3) == 0) ||
		    (length == 6 && memcmp(name, "serial", 6) == 0) ||
		    (length == 7 && memcmp(name, "counter", 7) == 0 && !serial->from_list)) {
			if (patch->secret)
				values_fail(&loader->values, node,
					    "'%.*s' cannot be secret: it stands in the log",
					    (int)length, name);
			continue;
		}
		if (column == list->columns)
			values_fail(&loader->values, node, "there is no '{%.*s}'", (int)length, name);
		else if (patch->secret && column == list->key)
			values_fail(&loader->values, node,
				    "the number itself cannot be secret: it stands in the log");
		for (unsigned i = 0; i < serial->patches && column < list->columns; i++) {
			char braced[256];

			snprintf(braced, sizeof(braced), "{%.*s}", (int)length, name);
			if (serial->patch[i].secret && !patch->secret &&
			    serial->patch[i].value != NULL &&
			    strstr(serial->patch[i].value, braced) != NULL)
				values_fail(&loader->values, node,
					    "'%.*s' is secret in another patch, so it is here too: "
					    "say secret: true",
					    (int)length, name);
		}
	}
}

static void check_unit(struct loader *loader, unsigned index, const struct profile_unit *unit,
		       const char *of)
{
	const struct profile_serial *serial = loader->profile->serial;
	uint8_t bytes[PROFILE_PATCH_MAX];
	char why[128];
	const struct tree_node *node = loader->serial.entry[index];

	if (!profile_patch_bytes(serial, &serial->patch[index], unit, bytes, why, sizeof(why)))
		profile_problem_add(loader->values.problems, loader->values.file, node->place,
				    "patch: the value of %s %s", of, why);
	explicit_bzero(bytes, sizeof(bytes));
}

static void check_counter(struct loader *loader)
{
	struct profile_serial *serial = loader->profile->serial;
	struct profile_unit unit = {.uid = "000000000000000000000000"};
	const uint64_t ends[] = {serial->start, serial->end};

	for (unsigned e = 0; e < 2; e++) {
		char of[48];

		unit.counter = ends[e];
		snprintf(of, sizeof(of), "number %" PRIu64, unit.counter);
		loader->values.key = "format";
		if (!profile_serial_text(serial, unit.counter, unit.serial)) {
			values_fail(&loader->values, loader->serial.source,
				    "%s is longer than %d bytes as text", of,
				    PROFILE_SERIAL_SIZE - 1);
			return;
		}
		for (unsigned i = 0; i < serial->patches; i++)
			if (loader->serial.entry[i] != NULL)
				check_unit(loader, i, &unit, of);
	}
}

struct row_key {
	const char *text;
	size_t row;
};

static int by_text(const void *left, const void *right)
{
	const struct row_key *a = left, *b = right;
	int order = strcmp(a->text, b->text);

	return order != 0 ? order : a->row < b->row ? -1 : a->row > b->row;
}

static void list_problem(struct loader *loader, size_t row, const char *what)
{
	const struct profile_serial *serial = loader->profile->serial;

	profile_problem_firmware(loader->values.problems, serial->file, serial->list.line[row],
				 loader->serial.file->place, "%s", what);
}

static void check_keys(struct loader *loader)
{
	const struct profile_list *list = &loader->profile->serial->list;
	struct row_key *keys = calloc(list->rows + 1, sizeof(*keys));

	if (keys == NULL) {
		list_problem(loader, 0, "not enough memory");
		return;
	}
	for (size_t row = 1; row <= list->rows; row++) {
		const char *text = list->cell[row * list->columns + list->key];

		keys[row - 1] = (struct row_key){text, row};
		if (text[0] == '\0' || strlen(text) >= PROFILE_SERIAL_SIZE)
			list_problem(loader, row, "its number must be 1 to 64 bytes long");
	}
	qsort(keys, list->rows, sizeof(*keys), by_text);
	for (size_t i = 1; i < list->rows; i++)
		if (strcmp(keys[i].text, keys[i - 1].text) == 0)
			list_problem(loader, keys[i].row, "its number stands in an earlier row");
	free(keys);
}

static void check_rows(struct loader *loader)
{
	struct profile_serial *serial = loader->profile->serial;
	const struct profile_list *list = &serial->list;
	struct profile_unit unit = {.uid = "000000000000000000000000"};
	uint8_t bytes[PROFILE_PATCH_MAX];

	for (size_t row = 1; row <= list->rows; row++) {
		unit.row = row;
		snprintf(unit.serial, sizeof(unit.serial), "%s",
			 list->cell[row * list->columns + list->key]);
		for (unsigned i = 0; i < serial->patches; i++) {
			char why[128], what[200];

			if (loader->serial.entry[i] == NULL ||
			    profile_patch_bytes(serial, &serial->patch[i], &unit, bytes, why,
						sizeof(why)))
				continue;
			snprintf(what, sizeof(what), "the value of the patch at 0x%08" PRIX32 " %s",
				 serial->patch[i].address, why);
			list_problem(loader, row, what);
		}
	}
	explicit_bzero(bytes, sizeof(bytes));
}

static bool load_list(struct loader *loader)
{
	struct profile_serial *serial = loader->profile->serial;
	const struct loader_serial *places = &loader->serial;
	char why[160];
	uint32_t line;

	if (places->file == NULL || places->column == NULL)
		return false;
	if (!list_read(serial->file, &serial->list, &line, why, sizeof(why))) {
		if (line != 0)
			profile_problem_firmware(loader->values.problems, serial->file, line,
						 places->file->place, "%s", why);
		else
			profile_problem_add(loader->values.problems, loader->values.file,
					    places->file->place, "%s: %s", places->file->text, why);
		return false;
	}
	serial->list.key = list_column(&serial->list, places->column->text, places->column->length);
	if (serial->list.key < serial->list.columns)
		return true;
	loader->values.key = "column";
	values_fail(&loader->values, places->column, "%s has no column '%.*s'", places->file->text,
		    profile_shown(places->column->text), places->column->text);
	return false;
}

void loader_serial_check(struct loader *loader)
{
	struct profile_serial *serial = loader->profile->serial;
	size_t before;

	if (serial == NULL || loader->serial.source == NULL || serial->format == NULL)
		return;
	if (serial->from_list && !load_list(loader))
		return;
	before = loader->values.problems->count;
	for (unsigned i = 0; i < serial->patches; i++) {
		if (loader->serial.entry[i] == NULL)
			continue;
		if (loader->profile->part != NULL && loader->profile->flash.bytes != NULL)
			place_patch(loader, i);
		if (loader->serial.entry[i] != NULL)
			check_words(loader, i);
	}
	if (serial->from_list)
		check_keys(loader);
	if (loader->values.problems->count != before)
		return;
	if (serial->from_list)
		check_rows(loader);
	else
		check_counter(loader);
}
