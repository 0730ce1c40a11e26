/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan for data of each board's own. */
#include <inttypes.h>
#include <stdio.h>

#include "h7gang/base/text.h"
#include "plan.h"

#define NAME "%-12s"
#define SHOWN_MAX 512

/* A secret may stand in the profile itself. */
static const char *shown_value(const struct profile_patch *patch)
{
	return patch->secret ? "a secret" : patch->value;
}

static const char *source_name(const struct profile_serial *serial)
{
	static const char *const names[] = {
		[PROFILE_SOURCE_COUNTER] = "counter",
		[PROFILE_SOURCE_LIST] = "list",
		[PROFILE_SOURCE_SCAN] = "scan of the board's label",
		[PROFILE_SOURCE_HOOK] = "answer of hooks.before",
	};

	return names[serial->source];
}

static void print_source(const struct profile_serial *serial)
{
	char text[SHOWN_MAX], first[PROFILE_SERIAL_SIZE], last[PROFILE_SERIAL_SIZE];

	text_terminal(serial->from_list ? serial->file : serial->state, text, sizeof(text));
	if (serial->from_list)
		printf(NAME "list of %zu in %s\n", "serial", serial->list.rows, text);
	else if (serial->given)
		printf(NAME "%s, taken ones kept in %s\n", "serial", source_name(serial), text);
	else if (profile_serial_text(serial, serial->start, first) &&
		 profile_serial_text(serial, serial->end, last))
		printf(NAME "counter from %s to %s, kept in %s\n", "serial", first, last, text);
	printf("  a board that fails: its number is %s; a board that passed gets %s number\n",
	       serial->keep ? "kept for it" : "burned", serial->by_uid ? "the same" : "a new");
}

void plan_print_serial(const struct profile *profile)
{
	const struct profile_serial *serial = profile->serial;
	char text[SHOWN_MAX];

	for (unsigned i = 0; serial && i < serial->patches; i++) {
		const struct profile_patch *patch = &serial->patch[i];

		if (i == 0)
			print_source(serial);
		text_terminal(shown_value(patch), text, sizeof(text));
		printf("  patch     0x%08" PRIx32 "  %" PRIu32 " bytes, %s of %s%s\n",
		       patch->address, patch->length, profile_encode_name(patch->encode), text,
		       patch->over_image ? ", in the place of firmware" : "");
	}
	if (serial && serial->patches == 0)
		print_source(serial);
	if (profile->limits.lot_quantity)
		printf(NAME "at most %" PRIu64 " boards a lot\n", "limits",
		       profile->limits.lot_quantity);
	if (profile->limits.once_per_lot)
		printf(NAME "each board once per lot, except with --rework\n", "limits");
}

static void print_options(const char *what, const struct profile_option_list *list)
{
	if (list->count)
		printf(NAME "%s", "options", what);
	for (unsigned i = 0; i < list->count; i++)
		printf(" %s=0x%" PRIx32, list->option[i].field->name, list->option[i].value);
	if (list->count)
		printf("\n");
}

void plan_print_options(const struct profile *profile)
{
	print_options("expected:", &profile->options.expect);
	print_options("set after verification:", &profile->options.set);
	if (profile_option_find(&profile->options.set, "swap_bank"))
		printf(NAME "swap_bank before the erase, with a power cycle\n", "options");
	if (!profile->options.expect.count && !profile->options.set.count &&
	    !profile->options.unprotect && !profile->options.unprotect_wrp)
		printf(NAME "neither compared nor set: no option_bytes in the profile\n",
		       "options");
	if (profile->options.set.count)
		printf("warning: how this ROM takes a write of option bytes is not documented for "
		       "every "
		       "version, and wrong ones can lock a part for ever: try it on one board\n");
	if (profile->options.unprotect_wrp)
		printf("warning: unprotect: sectors that are erased or written lose their write "
		       "protection\n");
	if (profile->options.unprotect)
		printf("warning: unprotect: a part at RDP level 1 is erased, all of it, and its "
		       "option "
		       "bytes are reset\n");
}

json_t *plan_json_serial(const struct profile *profile)
{
	const struct profile_serial *serial = profile->serial;
	json_t *patches = json_array();

	for (unsigned i = 0; serial && i < serial->patches; i++) {
		const struct profile_patch *patch = &serial->patch[i];

		json_array_append_new(patches,
				      json_pack("{s:I, s:I, s:s, s:o, s:b, s:b}", "address",
						(json_int_t)patch->address, "length",
						(json_int_t)patch->length, "encode",
						profile_encode_name(patch->encode), "value",
						plan_text(shown_value(patch)), "secret",
						patch->secret, "over_firmware", patch->over_image));
	}
	if (!serial) {
		json_decref(patches);
		return json_null();
	}
	return json_pack("{s:s, s:o, s:s, s:b, s:o}", "source",
			 serial->from_list ? "list" : "counter", "state", plan_text(serial->state),
			 "on_fail", serial->keep ? "keep" : "burn", "unique_by_uid", serial->by_uid,
			 "patch", patches);
}
