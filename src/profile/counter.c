/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The numbers of a counter against the patches that hold them. */
#include "counter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "patch.h"

void counter_check_unit(struct loader *loader, unsigned index, const struct profile_unit *unit,
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

static bool is_whole_number(const struct profile_patch *patch)
{
	return patch->encode == PROFILE_ENCODE_U16LE || patch->encode == PROFILE_ENCODE_U32LE ||
	       patch->encode == PROFILE_ENCODE_U64LE ||
	       (patch->encode == PROFILE_ENCODE_MAC48 && patch->has_base);
}

/* Whether a patch would read the hexadecimal digits of {serial} as decimal ones: 0x is not before
 * them. */
static bool reads_hex_as_decimal(const struct profile_serial *serial,
				 const struct profile_patch *patch)
{
	static const char mark[] = "{serial}";
	const size_t before = strcspn(patch->value, "{");
	struct patch_format format;
	char start[3] = "";

	if (!is_whole_number(patch) || strstr(patch->value, mark) == NULL ||
	    !patch_format(serial->format, &format) || format.kind == 'd')
		return false;
	snprintf(start, sizeof(start), "%.*s", before < 2 ? (int)before : 2, patch->value);
	if (strncmp(patch->value + before, mark, sizeof(mark) - 1) == 0)
		snprintf(start + strlen(start), sizeof(start) - strlen(start), "%.*s",
			 format.before_length < 2 ? (int)format.before_length : 2, format.before);
	return start[0] != '0' || (start[1] != 'x' && start[1] != 'X');
}

/* The highest plain number that a patch holds. */
static uint64_t most_of(const struct profile_patch *patch)
{
	if (patch->encode == PROFILE_ENCODE_U16LE)
		return UINT16_MAX;
	if (patch->encode == PROFILE_ENCODE_U32LE)
		return UINT32_MAX;
	return UINT64_MAX;
}

/* A counter without an end counts further than most patches. False: a problem was reported. */
static bool check_end(struct loader *loader)
{
	const struct profile_serial *serial = loader->profile->serial;
	size_t before = loader->values.problems->count;

	for (unsigned i = 0; i < serial->patches; i++) {
		const struct profile_patch *patch = &serial->patch[i];

		if (loader->serial.entry[i] == NULL || strcmp(patch->value, "{counter}") != 0 ||
		    serial->end <= most_of(patch) || serial->start > most_of(patch))
			continue;
		profile_problem_add(loader->values.problems, loader->values.file,
				    loader->serial.entry[i]->place,
				    "patch: the counter goes past the highest number of %s; set "
				    "end: at most %" PRIu64 " (%s)",
				    profile_encode_name(patch->encode), most_of(patch),
				    profile_encode_name(patch->encode));
	}
	return loader->values.problems->count == before;
}

/* False: a problem was reported. */
static bool check_number(struct loader *loader, uint64_t counter)
{
	struct profile_serial *serial = loader->profile->serial;
	struct profile_unit unit = {.uid = PROFILE_NO_UID, .counter = counter};
	size_t before = loader->values.problems->count;
	char of[48];

	snprintf(of, sizeof(of), "number %" PRIu64, counter);
	loader->values.key = "format";
	if (!profile_serial_text(serial, counter, unit.serial)) {
		values_fail(&loader->values, loader->serial.source,
			    "%s is longer than %d bytes as text", of, PROFILE_SERIAL_SIZE - 1);
		return false;
	}
	for (unsigned i = 0; i < serial->patches; i++)
		if (loader->serial.entry[i] != NULL)
			counter_check_unit(loader, i, &unit, of);
	return loader->values.problems->count == before;
}

/* The first and the last number with each count of digits. False: a problem was reported. */
static bool check_lengths(struct loader *loader, unsigned base)
{
	const struct profile_serial *serial = loader->profile->serial;

	for (uint64_t more = base; more <= serial->end; more *= base) {
		if (more > serial->start &&
		    (!check_number(loader, more - 1) || !check_number(loader, more)))
			return false;
		if (more > UINT64_MAX / base)
			break;
	}
	return true;
}

void counter_check(struct loader *loader)
{
	const struct profile_serial *serial = loader->profile->serial;

	for (unsigned i = 0; i < serial->patches; i++) {
		const struct tree_node *node = loader->serial.entry[i];

		if (node == NULL || !reads_hex_as_decimal(serial, &serial->patch[i]))
			continue;
		profile_problem_add(loader->values.problems, loader->values.file, node->place,
				    "patch: {serial} has hexadecimal digits, and its value is a "
				    "decimal number; use {counter}");
		return;
	}
	if (check_end(loader) && check_number(loader, serial->start) &&
	    check_number(loader, serial->end) && check_lengths(loader, 10))
		check_lengths(loader, 16);
}
