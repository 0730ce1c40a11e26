/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statements of public documents and reports about these ROM bootloaders, compared with the
 * measurements: one row a statement. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/text.h"
#include "measure.h"

enum { ANY = -1, ANY_ID = -2 };

struct statement {
	const char *says, *source;
	int series, id; /* of which boards */
	const char *at; /* where the value stands in the document */
	enum { WORD, NUMBER, YES, NO, RANGE } kind;
	const char *word;
	double low, high; /* NUMBER: low */
};

#define EVERY ANY, ANY_ID
#define H74X(ID) STM32_H74X, ID

static const struct statement statements[] = {
	{"bcdDevice is 0x0200", "listings (bench)", EVERY, "measured.bcd_device", NUMBER, NULL,
	 0x0200, 0},
	{"the functional descriptor has wTransferSize 1024", "listings (bench)", EVERY,
	 "measured.transfer_size", NUMBER, NULL, 1024, 0},
	{"it has bmAttributes 0x0B", "listings (bench)", EVERY, "measured.dfu_attributes", NUMBER,
	 NULL, 0x0B, 0},
	{"it has bcdDFUVersion 0x011A", "listings (bench)", EVERY, "measured.dfu_version", NUMBER,
	 NULL, 0x011A, 0},
	{"alternate setting 0 is 16 sectors of 128 KiB", "listings (bench)", H74X(ANY_ID),
	 "measured.layout.0", WORD, "@Internal Flash   /0x08000000/16*128Kg", 0, 0},
	{"alternate setting 0 is 256 sectors of 8 KiB", "listings (bench)", STM32_H7AX, 0x92,
	 "measured.layout.0", WORD, "@Internal Flash   /0x08000000/256*08Kg", 0, 0},
	{"V9.0 announces 256 sectors of 2 KiB", "AN2606 t.138 (doc)", STM32_H7AX, 0x90,
	 "measured.layout.0", WORD, "@Internal Flash   /0x08000000/256*02Kg", 0, 0},
	{"the serial string is not a serial number", "ST community 263112 (bench)", H74X(ANY_ID),
	 "measured.serial_rule", WORD, "text", 0, 0},
	{"the serial string is the UID, folded", "commaai/panda (bench)", STM32_H72X, ANY_ID,
	 "measured.serial_rule", WORD, "uid", 0, 0},
	{"the serial string is the UID, folded", "(inferred)", STM32_H7AX, ANY_ID,
	 "measured.serial_rule", WORD, "uid", 0, 0},
	{"the bootloader ID can be read by UPLOAD", "AN2606 t.3 (inferred for DFU)", EVERY,
	 "details.identity.bootloader_id", WORD, "read", 0, 0},
	{"the UID can be read by UPLOAD", "(inferred)", EVERY, "details.identity.uid", WORD, "read",
	 0, 0},
	{"V9.0 refuses the flash size with errVENDOR", "ST community 0D50X0000C6cXYVSQ2 (bench)",
	 STM32_H7AX, 0x90, "details.identity.flash_size", WORD, "errVENDOR", 0, 0},
	{"option bytes are read whole or not at all", "AN3156 (doc)", EVERY,
	 "measured.option_whole", YES, NULL, 0, 0},
	{"a board is found in dfuIDLE", "listing of an H7A3 (bench)", EVERY,
	 "measured.initial_state", WORD, "dfuIDLE", 0, 0},
	{"a set-pointer to nowhere gives errTARGET", "AN3156 (doc)", EVERY,
	 "details.answers.bad_pointer", WORD, "errTARGET", 0, 0},
	{"between the two GETSTATUS the state is dfuDNBUSY",
	 "betaflight-configurator #1861 (bench)", EVERY, "details.answers.between_two_getstatus",
	 WORD, "dfuDNBUSY", 0, 0},
	{"CLRSTATUS outside dfuERROR is stalled", "DFU 1.1 A.2 (doc)", EVERY, "measured.clrstatus",
	 WORD, "stalls", 0, 0},
	{"ABORT in dfuERROR is stalled", "DFU 1.1 A.2 (doc)", EVERY,
	 "details.answers.abort_in_error.answer", WORD, "stalled", 0, 0},
	{"UPLOAD in dfuDNLOAD-IDLE is stalled", "DFU 1.1 A.2 (doc)", EVERY,
	 "details.answers.upload_in_download_idle.answer", WORD, "stalled", 0, 0},
	{"an unexpected request enters dfuERROR", "DFU 1.1 A.2 (doc)", EVERY,
	 "measured.unexpected_errs", YES, NULL, 0, 0},
	{"an early GETSTATUS is answered", "dfu-util: some L4 stall it (inferred)", EVERY,
	 "measured.early_poll_stall", NO, NULL, 0, 0},
	{"block N starts N request lengths after the pointer", "AN3156 (doc)", EVERY,
	 "measured.stride", WORD, "request", 0, 0},
	{"a bus reset gives dfuIDLE", "DFU 1.1 A.2 (doc)", EVERY, "measured.reset_keeps_state", NO,
	 NULL, 0, 0},
	{"1024 bytes of UPLOAD take 0.84 to 5 ms", "USB 2.0 t.5-9, ST's tool (bench)", EVERY,
	 "measured.wire_block_ms", RANGE, NULL, 0.84, 5},
	{"a sector erase takes 0.9 to 4 s", "#1861 (bench), DS12110 (doc)", H74X(ANY_ID),
	 "measured.sector_ms", RANGE, NULL, 800, 4000},
	{"the erase runs in the first GETSTATUS", "#1861 (bench)", H74X(ANY_ID),
	 "details.erase_bank1.1.first_getstatus_ms", RANGE, NULL, 800, 4000},
	{"the poll time after an erase is 1000 ms", "dfu-util #88 (bench)", H74X(ANY_ID),
	 "measured.poll_erase_ms", NUMBER, NULL, 1000, 0},
	{"a flash word takes 0.1 to 0.6 ms", "DS12110 (doc)", EVERY, "measured.word_ms", RANGE,
	 NULL, 0.05, 0.6},
	{"a read keeps the next write whole",
	 "H723 over USART loses 32 bytes: ST community 622483, 795174 (bench)", EVERY,
	 "measured.read_before_write", WORD, "keeps", 0, 0},
	{"a mass erase takes 5 to 26 s", "DS12110 (doc)", EVERY, "measured.mass_ms", RANGE, NULL,
	 5000, 26000},
	{"mass erase does not work in V13.3", "AN2606 t.136 (doc)", H74X(0xD3),
	 "measured.mass_erase", WORD, "nothing", 0, 0},
	{"mass erase works in V9.0", "ST community 244731 (bench)", H74X(0x90),
	 "measured.mass_erase", WORD, "works", 0, 0},
	{"V9.0 stays dfuDNBUSY after an erase in bank 2", "ST community 244731, #1861 (bench)",
	 H74X(0x90), "measured.sector_erase.1", WORD, "wedges", 0, 0},
	{"V9.0 answers the first GETSTATUS there after 16 ms", "#1861 (bench)", H74X(0x90),
	 "measured.early_status_ms", RANGE, NULL, 10, 25},
	{"V9.0 is started anew there by each question", "ST's published class (inferred)",
	 H74X(0x90), "measured.wedge_repeats", YES, NULL, 0, 0},
	{"V9.1 answers an erase in bank 2 before it is over", "AN2606 t.136 (doc)", H74X(0x91),
	 "measured.sector_erase.1", WORD, "early", 0, 0},
	{"V9.2 erases bank 2 in the same way as bank 1", "AN2606 t.136 (doc)", H74X(0x92),
	 "measured.sector_erase.1", WORD, "normal", 0, 0},
	{"a word that was programmed twice faults when it is read", "RM0433, reports (bench)",
	 EVERY, "measured.double_program", WORD, "breaks", 0, 0},
	{"\"Go\" does not work in V13.2", "AN2606 t.136 (doc)", H74X(0xD2), "measured.leave", WORD,
	 "stays", 0, 0},
	{"\"Go\" works from V9.0 on", "AN2606 t.136 (doc)", H74X(0x92), "measured.leave", WORD,
	 "works", 0, 0},
	{"with BOOT0 high it is back after about 50 ms", "AN2606 t.227 (doc)", EVERY,
	 "measured.return_ms", RANGE, NULL, 40, 600},
};

#define COUNT (sizeof(statements) / sizeof(statements[0]))

/* "measured.sector_erase.1" */
static const json_t *find(const json_t *root, const char *path)
{
	char name[64];

	while (root && *path) {
		const size_t length = strcspn(path, ".");

		if (length >= sizeof(name))
			return NULL;
		memcpy(name, path, length);
		name[length] = '\0';
		root = json_is_array(root) ? json_array_get(root, strtoul(name, NULL, 10))
					   : json_object_get(root, name);
		path += length + (path[length] == '.');
	}
	return root;
}

static bool holds(const struct statement *s, const json_t *value)
{
	const double number = json_number_value(value);

	switch (s->kind) {
	case WORD:
		return json_is_string(value) && strcmp(json_string_value(value), s->word) == 0;
	case NUMBER:
		return json_is_number(value) && number == s->low;
	case YES:
		return json_is_true(value);
	case NO:
		return json_is_false(value);
	case RANGE:
		return json_is_number(value) && number >= s->low && number <= s->high;
	}
	return false;
}

static bool concerns(const struct measure *m, const struct statement *s)
{
	if (s->series != ANY && (!m->part || (int)m->part->series != s->series))
		return false;
	return s->id == ANY_ID || s->id == m->answers.id;
}

bool findings_put(struct measure *m)
{
	json_t *list = json_array();

	for (unsigned i = 0; list && i < COUNT; i++) {
		const struct statement *s = &statements[i];
		const json_t *value = find(m->root, s->at);
		json_t *row;

		if (!concerns(m, s))
			continue;
		row = json_pack("{s:s, s:s, s:s}", "statement", s->says, "source", s->source,
				"result",
				!value            ? "not measured"
				: holds(s, value) ? "confirmed"
						  : "contradicted");
		if (row && value)
			json_object_set_new(row, "measured", json_deep_copy(value));
		json_array_append_new(list, row);
	}
	return list && json_object_set_new(m->root, "findings", list) == 0;
}

static void print_rows(FILE *to, const json_t *list, const char *result, const char *title)
{
	unsigned count = 0;
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "result")), result) == 0)
			count++;
	}
	fprintf(to, "%s: %u\n", title, count);
	json_array_foreach(list, i, row)
	{
		const json_t *value = json_object_get(row, "measured");
		char *text, shown[200];

		if (strcmp(json_string_value(json_object_get(row, "result")), result) != 0)
			continue;
		fprintf(to, "  %s  [%s]\n", json_string_value(json_object_get(row, "statement")),
			json_string_value(json_object_get(row, "source")));
		text = value && strcmp(result, "contradicted") == 0
			       ? json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6))
			       : NULL;
		if (text) {
			text_terminal(text, shown, sizeof(shown));
			fprintf(to, "    measured: %s\n", shown);
		}
		free(text);
	}
}

void findings_print(const struct measure *m, FILE *to)
{
	const json_t *list = json_object_get(m->root, "findings");
	const json_t *missing = json_object_get(m->root, "not_measured");
	size_t i;
	json_t *key;

	fprintf(to, "Findings: %s, bootloader %s\n\n", m->part ? m->part->name : "unknown part",
		m->rom && m->rom->version[0] ? m->rom->version : "unknown");
	print_rows(to, list, "contradicted", "Contradicted");
	print_rows(to, list, "confirmed", "Confirmed");
	print_rows(to, list, "not measured", "Not measured");
	fprintf(to, "\nKeys of a fleet file that keep their defaults:");
	json_array_foreach(missing, i, key)
	{
		fprintf(to, "%s%s", i % 6 ? " " : "\n  ", json_string_value(key));
	}
	fprintf(to,
		"\n\nThe project has no board: your file corrects the virtual boards. "
		"A contradicted\nstatement matters most. Please open an issue of "
		"h7gang and attach %s.\nIt holds no UID, only its hash, and nothing of the "
		"flash.\n",
		m->job->output);
}
