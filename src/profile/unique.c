/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values that two boards must not share, and the MAC addresses of a counter. */
#include "unique.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void serial_list_problem(struct loader *loader, size_t row, const char *what)
{
	const struct profile_serial *serial = loader->profile->serial;

	profile_problem_firmware(loader->values.problems, serial->file, serial->list.line[row],
				 loader->serial.file->place, "%s", what);
}

#define DIGEST 32 /* bytes of a short value, or digits of the hash of a long or secret one */

/* The value of one row, as far as it tells rows apart. */
struct unique_value {
	char digest[DIGEST];
	size_t row;
};

static struct profile_place entry_place(const struct loader *loader, unsigned index)
{
	return loader->serial.entry[index]->place;
}

#define PREFIX 3   /* bytes of an address that belong to its manufacturer (IEEE 802) */
#define LOCAL 0x02 /* in the first byte: no manufacturer has the prefix */
#define MULTICAST 0x01

/* The addresses between those of the first and of the last number, which are good. */
static void check_counter_macs(struct loader *loader, unsigned index)
{
	const struct profile_serial *serial = loader->profile->serial;
	const uint64_t ends[] = {serial->start, serial->end};
	struct profile_unit unit = {.uid = PROFILE_NO_UID};
	uint8_t mac[2][PROFILE_PATCH_MAX];
	char why[128];

	for (unsigned e = 0; e < 2; e++) {
		unit.counter = ends[e];
		if (!profile_serial_text(serial, unit.counter, unit.serial) ||
		    !profile_patch_bytes(serial, &serial->patch[index], &unit, mac[e], why,
					 sizeof(why)))
			return;
	}
	for (unsigned first = mac[0][0]; first <= mac[1][0]; first++) {
		if (!(first & MULTICAST))
			continue;
		profile_problem_add(loader->values.problems, loader->values.file,
				    entry_place(loader, index),
				    "patch: some of the numbers get a multicast MAC address; the "
				    "lowest bit of its first byte must be 0");
		return;
	}
	if (memcmp(mac[0], mac[1], PREFIX) != 0 && !(mac[0][0] & LOCAL))
		loader_remark(
			loader, true, entry_place(loader, index),
			"the MAC addresses run from %02X:%02X:%02X into %02X:%02X:%02X, which "
			"may belong to another manufacturer; a lower `end` prevents that",
			mac[0][0], mac[0][1], mac[0][2], mac[1][0], mac[1][1], mac[1][2]);
}

static int by_digest(const void *left, const void *right)
{
	const struct unique_value *a = left, *b = right;
	int order = memcmp(a->digest, b->digest, DIGEST);

	return order != 0 ? order : a->row < b->row ? -1 : a->row > b->row;
}

static bool hash_rows(struct loader *loader, unsigned index, struct unique_value *values)
{
	const struct profile_serial *serial = loader->profile->serial;
	const struct profile_patch *patch = &serial->patch[index];
	const struct profile_list *list = &serial->list;
	struct profile_unit unit = {.uid = PROFILE_NO_UID};
	uint8_t bytes[PROFILE_PATCH_MAX];
	char hex[SHA256_HEX_SIZE], why[128];
	const bool plain = patch->length <= DIGEST && !patch->secret; /* qsort leaves copies */
	bool good = true;

	for (size_t row = 1; good && row <= list->rows; row++) {
		unit.row = row;
		snprintf(unit.serial, sizeof(unit.serial), "%s",
			 list->cell[row * list->columns + list->key]);
		values[row - 1].row = row;
		good = profile_patch_bytes(serial, patch, &unit, bytes, why, sizeof(why)) &&
		       (plain || sha256_hex(bytes, patch->length, hex) == 0);
		if (good)
			memcpy(values[row - 1].digest, plain ? (char *)bytes : hex,
			       plain ? patch->length : DIGEST);
	}
	explicit_bzero(bytes, sizeof(bytes));
	return good;
}

/* Whether a repeated value is an error; else it is a warning. */
static bool must_be_unique(const struct profile_patch *patch)
{
	return patch->unique == PROFILE_UNIQUE_YES ||
	       (patch->unique == PROFILE_UNIQUE_USUAL && patch->encode == PROFILE_ENCODE_MAC48);
}

static void report(struct loader *loader, unsigned index, const struct unique_value *values)
{
	const struct profile_serial *serial = loader->profile->serial;
	const struct profile_patch *patch = &serial->patch[index];
	const uint32_t *line = serial->list.line;
	size_t repeated = 0, first = 0;
	char what[200];

	for (size_t i = 1; i < serial->list.rows; i++) {
		if (memcmp(values[i].digest, values[i - 1].digest, DIGEST) != 0)
			continue;
		first = repeated++ == 0 ? i : first;
		if (!must_be_unique(patch))
			continue;
		snprintf(what, sizeof(what),
			 "the value of the patch at 0x%08" PRIX32 " is that of line %" PRIu32
			 ", too; unique: false on the patch allows it",
			 patch->address, line[values[i - 1].row]);
		serial_list_problem(loader, values[i].row, what);
	}
	if (repeated > 0 && !must_be_unique(patch))
		loader_remark(loader, true, entry_place(loader, index),
			      "%zu rows of the list repeat a value of the patch at 0x%08" PRIX32
			      ", for example line %" PRIu32 " that of line %" PRIu32
			      "; unique: true makes it an error, false accepts it",
			      repeated, patch->address, line[values[first].row],
			      line[values[first - 1].row]);
}

static void check_list(struct loader *loader, unsigned index)
{
	const struct profile_serial *serial = loader->profile->serial;
	const struct profile_patch *patch = &serial->patch[index];
	struct unique_value *values = calloc(serial->list.rows + 1, sizeof(*values));

	if (values == NULL) {
		serial_list_problem(loader, 0, "not enough memory");
		return;
	}
	if (hash_rows(loader, index, values) && patch->unique != PROFILE_UNIQUE_NO) {
		qsort(values, serial->list.rows, sizeof(*values), by_digest);
		report(loader, index, values);
	}
	explicit_bzero(values, (serial->list.rows + 1) * sizeof(*values));
	free(values);
}

void unique_check(struct loader *loader, unsigned index)
{
	const struct profile_serial *serial = loader->profile->serial;
	const struct profile_patch *patch = &serial->patch[index];
	bool same = strchr(patch->value, '{') == NULL;
	bool several = serial->from_list ? serial->list.rows > 1 : serial->end > serial->start;

	/* A UID is the board's own, and not known yet. */
	if (strstr(patch->value, "{uid}") != NULL)
		return;
	if (same && several && must_be_unique(patch)) {
		profile_problem_add(
			loader->values.problems, loader->values.file, entry_place(loader, index),
			"patch: its value is the same for every board; name a column or "
			"{counter} in it, or say unique: false");
		return;
	}
	if (!serial->from_list && patch->encode == PROFILE_ENCODE_MAC48)
		check_counter_macs(loader, index);
	else if (serial->from_list && (!same || patch->encode == PROFILE_ENCODE_MAC48))
		check_list(loader, index);
}
