/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JSON file. `measured` has the keys of a fleet file; the simulator needs nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/base/durable.h"
#include "h7gang/base/version.h"
#include "measure.h"

enum { SCHEMA = 1, DIGITS = 3 };

/* Keys of a fleet file that a board could show, in the order of profiles/fleets/README.md; those
 * that set up a virtual board are not among them. */
static const char *const keys[] = {
	"part",
	"bootloader",
	"personality",
	"id",
	"refuse",
	"refuse_status",
	"sector_erase",
	"early_status_ms",
	"wedge_repeats",
	"mass_erase",
	"leave",
	"busy_hang",
	"vid",
	"pid",
	"bcd_device",
	"manufacturer",
	"product",
	"serial",
	"serial_rule",
	"strings",
	"status_string",
	"functional_length",
	"string_length",
	"total_length",
	"dfu_attributes",
	"transfer_size",
	"dfu_version",
	"functional_descriptor",
	"real_transfer_size",
	"layout",
	"system_echo",
	"uid_unstable",
	"read_before_write",
	"stride",
	"clrstatus",
	"unexpected_errs",
	"errors_at_first",
	"mass_in_second",
	"erase_moves_pointer",
	"alt_confined",
	"option_whole",
	"reset_keeps_state",
	"early_poll_stall",
	"poll_pointer_ms",
	"poll_write_ms",
	"poll_erase_ms",
	"poll_mass_ms",
	"poll_idle_ms",
	"initial_state",
	"initial_status",
	"broken_read",
	"double_program",
	"write_protect",
	"secure_start",
	"rdp",
	"swap_bank",
	"security",
	"watchdog",
	"option_write",
	"option_reset",
	"protect",
	"sector_ms",
	"mass_ms",
	"word_ms",
	"sector_worst_ms",
	"mass_worst_ms",
	"wire_small_ms",
	"wire_block_ms",
	"boot0_high",
	"return_ms",
	"start_ms",
	"own_supply",
};

json_t *ms_of(int64_t ns)
{
	double ms = (double)ns / 1e6, scale;

	if (ns <= 0)
		return json_real(0);
	scale = pow(10, DIGITS - 1 - floor(log10(ms)));
	return json_real(round(ms * scale) / scale);
}

json_t *word_of(const char *text)
{
	json_t *word = json_string(text);

	return word ? word : json_string("(not UTF-8)");
}

void put_value(struct measure *m, const char *key, json_t *value)
{
	json_object_set_new(m->measured, key, value);
}

void put_word(struct measure *m, const char *key, const char *word)
{
	put_value(m, key, word_of(word));
}

void put_number(struct measure *m, const char *key, int64_t number)
{
	put_value(m, key, json_integer(number));
}

void put_bool(struct measure *m, const char *key, bool value)
{
	put_value(m, key, json_boolean(value));
}

void put_ms(struct measure *m, const char *key, int64_t ns)
{
	put_value(m, key, ms_of(ns));
}

bool has(const struct measure *m, const char *key)
{
	return json_object_get(m->measured, key) != NULL;
}

void detail(struct measure *m, const char *name, json_t *value)
{
	json_object_set_new(m->details, name, value);
}

static bool make_parts(struct measure *m)
{
	static const char *const names[] = {"steps", "measured", "details"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!json_is_object(json_object_get(m->root, names[i])) &&
		    json_object_set_new(m->root, names[i], json_object()) < 0)
			return false;
	m->measured = json_object_get(m->root, "measured");
	m->details = json_object_get(m->root, "details");
	return m->measured && m->details;
}

bool document_new(struct measure *m)
{
	char now[CLOCK_TEXT_SIZE];

	clock_wall_text(now);
	m->root = json_pack("{s:i, s:s, s:s}", "characterize", SCHEMA, "tool_version",
			    h7gang_version, "measured_at", now);
	return m->root && make_parts(m);
}

bool document_load(struct measure *m)
{
	json_error_t error;

	m->root = json_load_file(m->job->output, JSON_REJECT_DUPLICATES, &error);
	if (!m->root) {
		snprintf(m->job->why, sizeof(m->job->why), "%s:%d: %s", m->job->output,
			 error.line > 0 ? error.line : 1, error.text);
		return false;
	}
	if (json_integer_value(json_object_get(m->root, "characterize")) != SCHEMA) {
		snprintf(m->job->why, sizeof(m->job->why),
			 "%s: no file of h7gang characterize, or one of another version",
			 m->job->output);
		return false;
	}
	return make_parts(m);
}

bool document_save(struct measure *m)
{
	char *text = json_dumps(m->root, JSON_INDENT(2) | JSON_REAL_PRECISION(8));
	const char *name;
	int folder, error;

	if (!text) {
		snprintf(m->job->why, sizeof(m->job->why), "out of memory");
		return false;
	}
	folder = durable_folder(m->job->output, false, &name);
	error = folder < 0 ? folder : durable_replace(folder, name, text, strlen(text), 0644);
	if (folder >= 0)
		close(folder);
	free(text);
	if (error < 0)
		snprintf(m->job->why, sizeof(m->job->why), "%s: %s", m->job->output,
			 strerror(-error));
	return error >= 0;
}

bool document_finish(struct measure *m)
{
	json_t *missing = json_array();

	for (unsigned i = 0; missing && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!has(m, keys[i]))
			json_array_append_new(missing, json_string(keys[i]));
	return missing && json_object_set_new(m->root, "not_measured", missing) == 0;
}
