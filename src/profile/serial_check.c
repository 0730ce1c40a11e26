/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key `serial` against the part, the firmware and the list. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "counter.h"
#include "list_text.h"
#include "loader.h"
#include "patch.h"
#include "unique.h"

static bool in_one_bank(const struct stm32_part *part, struct profile_patch *patch)
{
	uint32_t last;

	return stm32_offset(part, patch->address, &patch->offset) &&
	       patch->length - 1 <= UINT32_MAX - patch->address &&
	       stm32_offset(part, patch->address + patch->length - 1, &last) &&
	       stm32_bank_of(part, patch->offset) == stm32_bank_of(part, last) &&
	       last - patch->offset == patch->length - 1;
}

/* Complains. A bank is a memory of its own, also where the next one follows without a hole. */
static void misplaced(struct loader *loader, unsigned index)
{
	const struct stm32_part *part = loader->profile->part;
	const struct profile_patch *patch = &loader->profile->serial->patch[index];
	const struct tree_node *node = loader->serial.address[index];
	uint32_t border = part->bank[0].base + stm32_bank_bytes(part, 0);

	if (part->banks == 2 && border == part->bank[1].base && patch->address < border &&
	    patch->address >= part->bank[0].base &&
	    patch->length <= stm32_bank_bytes(part, 1) + (border - patch->address))
		values_fail(&loader->values, node,
			    "crosses from bank 1 into bank 2 at 0x%08" PRIX32
			    "; move it or split it",
			    border);
	else
		values_fail(&loader->values, node,
			    "%" PRIu32 " bytes from 0x%08" PRIX32 " are not flash of the %s",
			    patch->length, patch->address, part->name);
}

static void place_patch(struct loader *loader, unsigned index)
{
	struct profile *profile = loader->profile;
	struct profile_serial *serial = profile->serial;
	struct profile_patch *patch = &serial->patch[index];
	const struct tree_node *node = loader->serial.address[index];

	loader->values.key = "address";
	if (!in_one_bank(profile->part, patch)) {
		misplaced(loader, index);
		loader->serial.entry[index] = NULL;
		return;
	}
	for (unsigned i = 0; i < index; i++) {
		const struct profile_patch *other = &serial->patch[i];

		if (loader->serial.entry[i] != NULL &&
		    patch->address < other->address + other->length &&
		    other->address < patch->address + patch->length)
			values_fail(&loader->values, node, "overlaps the patch in line %" PRIu32,
				    loader->serial.address[i]->place.line);
	}
	for (uint32_t i = 0; i < patch->length; i++) {
		uint32_t offset = patch->offset + i;

		patch->over_image = patch->over_image || profile->flash.bytes[offset] != 0xFF;
		profile->flash.touched[offset / profile->part->sector_bytes] = true;
	}
}

void loader_column_hidden(struct loader *loader, const struct tree_node *node, const char *name,
			  size_t length)
{
	const struct profile_serial *serial = loader->profile->serial;
	size_t column = list_column(&serial->list, name, length);

	if (column == serial->list.columns ||
	    (column == serial->list.key && strncmp(name, "serial", length) == 0))
		return;
	values_fail(&loader->values, node,
		    "the list has a column '%.*s', but {%.*s} is %s; rename the column",
		    (int)length, name, (int)length, name,
		    profile_serial_word(serial, name, length));
}

/* The words of a value are known; the source of a secret patch stands nowhere else. */
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
		if (profile_serial_word(serial, name, length) != NULL) {
			if (loader->serial.value[index] != NULL)
				loader_column_hidden(loader, node, name, length);
			if (patch->secret)
				values_fail(&loader->values, node,
					    "'%.*s' cannot be secret: the log contains it",
					    (int)length, name);
			continue;
		}
		if (serial->source == PROFILE_SOURCE_HOOK)
			continue; /* a column of the hook's answer, known once it answers */
		if (column == list->columns)
			values_fail(&loader->values, node, "there is no '{%.*s}'", (int)length,
				    name);
		else if (patch->secret && column == list->key)
			values_fail(&loader->values, node,
				    "the number itself cannot be secret: the log contains it");
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

/* Values without a column or number are known, whatever gives the numbers. */
static void check_constants(struct loader *loader)
{
	const struct profile_serial *serial = loader->profile->serial;
	const struct profile_unit unit = {.uid = PROFILE_NO_UID};

	for (unsigned i = 0; i < serial->patches; i++)
		if (loader->serial.entry[i] != NULL && !strchr(serial->patch[i].value, '{'))
			counter_check_unit(loader, i, &unit, "each board");
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

static void check_keys(struct loader *loader)
{
	const struct profile_list *list = &loader->profile->serial->list;
	struct row_key *keys = calloc(list->rows + 1, sizeof(*keys));

	if (keys == NULL) {
		serial_list_problem(loader, 0, "not enough memory");
		return;
	}
	for (size_t row = 1; row <= list->rows; row++) {
		const char *text = list->cell[row * list->columns + list->key];

		keys[row - 1] = (struct row_key){text, row};
		if (text[0] == '\0' || strlen(text) >= PROFILE_SERIAL_SIZE)
			serial_list_problem(loader, row, "its number must be 1 to 64 bytes long");
	}
	qsort(keys, list->rows, sizeof(*keys), by_text);
	for (size_t i = 1; i < list->rows; i++)
		if (strcmp(keys[i].text, keys[i - 1].text) == 0)
			serial_list_problem(loader, keys[i].row,
					    "its number stands in an earlier row");
	free(keys);
}

/* Whether a column is the number of a board, or goes into a board. */
static bool is_used(const struct profile_serial *serial, size_t column)
{
	return column == serial->list.key || profile_serial_uses(serial, serial->list.cell[column]);
}

/* Values are not told: they may be secrets. */
static void check_cells(struct loader *loader)
{
	const struct profile_serial *serial = loader->profile->serial;
	const struct profile_list *list = &serial->list;
	char what[256];

	for (size_t column = 0; column < list->columns; column++) {
		if (!is_used(serial, column))
			continue;
		for (size_t row = 1; row <= list->rows; row++) {
			const char *damage = list_text_damage(
				list->cell[row * list->columns + column], column == list->key);

			if (damage == NULL)
				continue;
			snprintf(what, sizeof(what), "its value in the column '%.*s' %s",
				 profile_shown(list->cell[column]), list->cell[column], damage);
			serial_list_problem(loader, row, what);
		}
	}
}

static void check_rows(struct loader *loader)
{
	struct profile_serial *serial = loader->profile->serial;
	const struct profile_list *list = &serial->list;
	struct profile_unit unit = {.uid = PROFILE_NO_UID};
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
			serial_list_problem(loader, row, what);
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
	if (access(serial->file, R_OK) != 0) {
		loader_unreadable(loader, places->file, "the list", serial->file, errno);
		return false;
	}
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

/* A log with {lot} is checked once its lot is known. */
static void check_number_file(struct loader *loader)
{
	static const char *const keys[] = {
		[PROFILE_SOURCE_COUNTER] = "counter.file",
		[PROFILE_SOURCE_LIST] = "list.state",
		[PROFILE_SOURCE_SCAN] = "scan.state",
		[PROFILE_SOURCE_HOOK] = "hook.state",
	};
	const struct profile *profile = loader->profile;
	const struct profile_serial *serial = profile->serial;
	const struct loader_serial *places = &loader->serial;

	if (serial->state == NULL || profile->audit_file == NULL ||
	    !profile_path_of_log(serial->state, profile->audit_file))
		return;
	loader->values.key = places->state != NULL ? "file" : "source";
	values_fail(&loader->values, places->state != NULL ? places->state : places->source,
		    "serial.source.%s is the log of audit.file or one of the log's own files: "
		    "give the numbers another file",
		    keys[serial->source]);
}

/* A long list has millions of values: the column is looked up once. */
static void resolve_column(const struct profile_serial *serial, struct profile_patch *patch)
{
	const size_t length = strlen(patch->value);
	size_t column;

	if (!serial->from_list || patch->value[0] != '{' ||
	    strcspn(patch->value, "}") != length - 1 ||
	    profile_serial_word(serial, patch->value + 1, length - 2) != NULL)
		return;
	column = list_column(&serial->list, patch->value + 1, length - 2);
	patch->column = column < serial->list.columns ? column + 1 : 0;
}

void loader_serial_check(struct loader *loader)
{
	struct profile_serial *serial = loader->profile->serial;
	size_t before;

	if (serial == NULL || loader->serial.source == NULL || serial->format == NULL)
		return;
	check_number_file(loader);
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
		resolve_column(serial, &serial->patch[i]);
	}
	if (serial->from_list) {
		check_cells(loader);
		check_keys(loader);
	}
	if (loader->values.problems->count != before)
		return;
	if (serial->from_list)
		check_rows(loader);
	else if (!serial->given)
		counter_check(loader);
	else
		check_constants(loader);
	for (unsigned i = 0; loader->values.problems->count == before && i < serial->patches; i++)
		if (loader->serial.entry[i] != NULL)
			unique_check(loader, i);
	if (serial->source == PROFILE_SOURCE_HOOK &&
	    loader->profile->hook[PROFILE_HOOK_BEFORE].program == NULL) {
		loader->values.key = "source";
		values_fail(&loader->values, loader->serial.source,
			    "numbers come from the hook 'before', and there is none in 'hooks'");
	}
}
