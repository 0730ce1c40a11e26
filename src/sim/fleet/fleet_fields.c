/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of the keys that set one field of struct rom_config; reads and shows them. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "fleet_internal.h"

const struct fleet_word fleet_sector_words[] = {{"normal", ROM_SECTOR_NORMAL},
						{"wedges", ROM_SECTOR_WEDGES},
						{"early", ROM_SECTOR_EARLY},
						{NULL, 0}};
const struct fleet_word fleet_refuse_words[] = {{"id", ROM_REFUSE_ID},
						{"uid", ROM_REFUSE_UID},
						{"size", ROM_REFUSE_SIZE},
						{"option_bytes", ROM_REFUSE_OPTIONS},
						{"layout", ROM_REFUSE_LAYOUT},
						{"other_layouts", ROM_REFUSE_OTHER_LAYOUTS},
						{"serial", ROM_REFUSE_SERIAL},
						{"strings", ROM_REFUSE_STRINGS},
						{NULL, 0}};
const struct fleet_word fleet_personality_words[] = {{"rom", ROM_PERSONALITY_ROM},
						     {"st-dfu-class", ROM_PERSONALITY_ST_DFU_CLASS},
						     {"resident", ROM_PERSONALITY_RESIDENT},
						     {NULL, 0}};
static const struct fleet_word mass_words[] = {{"works", ROM_MASS_WORKS},
					       {"nothing", ROM_MASS_NOTHING},
					       {"early", ROM_MASS_EARLY},
					       {"partial", ROM_MASS_PARTIAL},
					       {"bank1_only", ROM_MASS_BANK1},
					       {"stalls", ROM_MASS_STALLS},
					       {NULL, 0}};
static const struct fleet_word leave_words[] = {{"works", ROM_LEAVE_WORKS},
						{"stays", ROM_LEAVE_STAYS},
						{"refuses", ROM_LEAVE_REFUSES},
						{NULL, 0}};
static const struct fleet_word read_words[] = {
	{"keeps", ROM_READ_KEEPS}, {"loses_first_word", ROM_READ_LOSES_FIRST_WORD}, {NULL, 0}};
static const struct fleet_word stride_words[] = {
	{"request", ROM_STRIDE_REQUEST}, {"constant", ROM_STRIDE_CONSTANT}, {NULL, 0}};
static const struct fleet_word clear_words[] = {{"stalls", ROM_CLEAR_STALLS},
						{"errs", ROM_CLEAR_ERRS},
						{"idles", ROM_CLEAR_IDLES},
						{NULL, 0}};
static const struct fleet_word twice_words[] = {{"breaks", ROM_TWICE_BREAKS},
						{"ands", ROM_TWICE_ANDS},
						{"keeps", ROM_TWICE_KEEPS},
						{NULL, 0}};
static const struct fleet_word broken_words[] = {
	{"errs", ROM_BROKEN_ERRS},     {"stalls", ROM_BROKEN_STALLS},   {"hangs", ROM_BROKEN_HANGS},
	{"silent", ROM_BROKEN_SILENT}, {"garbage", ROM_BROKEN_GARBAGE}, {NULL, 0}};
static const struct fleet_word option_words[] = {{"refuses", ROM_OPTION_REFUSES},
						 {"ignores", ROM_OPTION_IGNORES},
						 {"takes", ROM_OPTION_TAKES},
						 {NULL, 0}};
static const struct fleet_word string_words[] = {{"normal", ROM_STRINGS_NORMAL},
						 {"shifted", ROM_STRINGS_SHIFTED},
						 {"empty", ROM_STRINGS_EMPTY},
						 {NULL, 0}};
static const struct fleet_word serial_words[] = {{"text", ROM_SERIAL_TEXT},
						 {"uid", ROM_SERIAL_UID},
						 {"uid_sums", ROM_SERIAL_UID_SUMS},
						 {"uid_hex", ROM_SERIAL_UID_HEX},
						 {NULL, 0}};
static const struct fleet_word protect_words[] = {{"errs", ROM_PROTECT_ERRS},
						  {"stalls", ROM_PROTECT_STALLS},
						  {"empty", ROM_PROTECT_EMPTY},
						  {NULL, 0}};
static const struct fleet_word powers_up_words[] = {
	{"rom", ROM_POWERS_UP_ROM}, {"application", ROM_POWERS_UP_APPLICATION}, {NULL, 0}};
/* A key that sets one field. `most` bounds a number. */
static const struct field {
	const char *key;
	enum { NUMBER, BOOLEAN, MS, CHANCE, TEXT, WORD } type;
	size_t offset, size;
	uint64_t most;
	const struct fleet_word *words;
} fields[] = {
#define AT(MEMBER) offsetof(struct rom_config, MEMBER), sizeof(((struct rom_config *)0)->MEMBER)
	{"seed", NUMBER, AT(seed), UINT64_MAX, NULL},
	{"id", NUMBER, AT(id), UINT8_MAX, NULL},
	{"wedge_repeats", BOOLEAN, AT(wedge_repeats), 0, NULL},
	{"status_string", TEXT, AT(status_string), 0, NULL},
	{"refuse_status", WORD, AT(refuse_status), 0, fleet_statuses},
	{"early_status_ms", MS, AT(early_ns), 0, NULL},
	{"strings", WORD, AT(strings), 0, string_words},
	{"serial_rule", WORD, AT(serial_kind), 0, serial_words},
	{"option_reset", BOOLEAN, AT(option_reset), 0, NULL},
	{"mass_erase", WORD, AT(mass_erase), 0, mass_words},
	{"leave", WORD, AT(leave), 0, leave_words},
	{"busy_hang", CHANCE, AT(busy_hang), 0, NULL},
	{"vid", NUMBER, AT(vid), UINT16_MAX, NULL},
	{"pid", NUMBER, AT(pid), UINT16_MAX, NULL},
	{"bcd_device", NUMBER, AT(bcd_device), UINT16_MAX, NULL},
	{"dfu_version", NUMBER, AT(dfu_version), UINT16_MAX, NULL},
	{"protect", WORD, AT(protect), 0, protect_words},
	{"system_echo", BOOLEAN, AT(system_echo), 0, NULL},
	{"uid_unstable", BOOLEAN, AT(uid_unstable), 0, NULL},
	{"dfu_attributes", NUMBER, AT(dfu_attributes), UINT8_MAX, NULL},
	{"transfer_size", NUMBER, AT(transfer_size), UINT16_MAX, NULL},
	{"real_transfer_size", NUMBER, AT(real_transfer_size), ROM_DATA_MAX, NULL},
	{"functional_descriptor", BOOLEAN, AT(functional), 0, NULL},
	{"functional_length", NUMBER, AT(functional_length), UINT8_MAX, NULL},
	{"string_length", NUMBER, AT(string_length), UINT8_MAX, NULL},
	{"total_length", NUMBER, AT(total_length), UINT16_MAX, NULL},
	{"manufacturer", TEXT, AT(manufacturer), 0, NULL},
	{"product", TEXT, AT(product), 0, NULL},
	{"read_before_write", WORD, AT(read_before_write), 0, read_words},
	{"stride", WORD, AT(stride), 0, stride_words},
	{"clrstatus", WORD, AT(clear), 0, clear_words},
	{"unexpected_errs", BOOLEAN, AT(unexpected_errs), 0, NULL},
	{"errors_at_first", BOOLEAN, AT(errors_at_first), 0, NULL},
	{"mass_in_second", BOOLEAN, AT(mass_in_second), 0, NULL},
	{"erase_moves_pointer", BOOLEAN, AT(erase_moves_pointer), 0, NULL},
	{"alt_confined", BOOLEAN, AT(alt_confined), 0, NULL},
	{"reset_keeps_state", BOOLEAN, AT(reset_keeps_state), 0, NULL},
	{"early_poll_stall", BOOLEAN, AT(early_poll_stalls), 0, NULL},
	{"option_whole", BOOLEAN, AT(option_whole), 0, NULL},
	{"poll_pointer_ms", NUMBER, AT(poll_pointer_ms), 0xFFFFFF, NULL},
	{"poll_write_ms", NUMBER, AT(poll_write_ms), 0xFFFFFF, NULL},
	{"poll_erase_ms", NUMBER, AT(poll_erase_ms), 0xFFFFFF, NULL},
	{"poll_mass_ms", NUMBER, AT(poll_mass_ms), 0xFFFFFF, NULL},
	{"poll_idle_ms", NUMBER, AT(poll_idle_ms), 0xFFFFFF, NULL},
	{"initial_state", WORD, AT(initial_state), 0, fleet_states},
	{"initial_status", WORD, AT(initial_status), 0, fleet_statuses},
	{"initial_command", NUMBER, AT(initial_command), UINT8_MAX, NULL},
	{"initial_address", NUMBER, AT(initial_address), UINT32_MAX, NULL},
	{"initial_busy_ms", MS, AT(initial_busy_ns), 0, NULL},
	{"double_program", WORD, AT(twice), 0, twice_words},
	{"broken_read", WORD, AT(broken), 0, broken_words},
	{"secure_start", NUMBER, AT(secure_start), UINT32_MAX, NULL},
	{"secure_bytes", NUMBER, AT(secure_bytes), 0x200000, NULL},
	{"contents_start", NUMBER, AT(contents_start), UINT32_MAX, NULL},
	{"contents_bytes", NUMBER, AT(contents_bytes), 0x200000, NULL},
	{"swap_bank", BOOLEAN, AT(swap_bank), 0, NULL},
	{"watchdog", BOOLEAN, AT(watchdog), 0, NULL},
	{"security", BOOLEAN, AT(security), 0, NULL},
	{"option_write", WORD, AT(option_write), 0, option_words},
	{"sector_ms", MS, AT(sector_ns), 0, NULL},
	{"mass_ms", MS, AT(mass_ns), 0, NULL},
	{"word_ms", MS, AT(word_ns), 0, NULL},
	{"sector_worst_ms", MS, AT(sector_worst_ns), 0, NULL},
	{"mass_worst_ms", MS, AT(mass_worst_ns), 0, NULL},
	{"wire_small_ms", MS, AT(wire_small_ns), 0, NULL},
	{"wire_block_ms", MS, AT(wire_block_ns), 0, NULL},
	{"boot0_high", BOOLEAN, AT(boot0_high), 0, NULL},
	{"return_ms", MS, AT(return_ns), 0, NULL},
	{"start_ms", MS, AT(start_ns), 0, NULL},
	{"claimed_ms", MS, AT(claimed_ns), 0, NULL},
	{"unauthorized", BOOLEAN, AT(unauthorized), 0, NULL},
	{"unconfigured", BOOLEAN, AT(unconfigured), 0, NULL},
	{"own_supply", BOOLEAN, AT(own_supply), 0, NULL},
	{"powers_up", WORD, AT(powers_up), 0, powers_up_words},
#undef AT
};

static void store(void *at, size_t size, uint64_t value)
{
	const uint8_t small = (uint8_t)value;
	const uint16_t half = (uint16_t)value;
	const uint32_t word = (uint32_t)value;

	if (size == sizeof(small))
		memcpy(at, &small, size);
	else if (size == sizeof(half))
		memcpy(at, &half, size);
	else if (size == sizeof(word))
		memcpy(at, &word, size);
	else
		memcpy(at, &value, sizeof(value));
}

static bool read_field(struct fleet_source *source, const struct field *field,
		       const yaml_node_t *node, struct rom_config *config)
{
	void *at = (uint8_t *)config + field->offset;
	uint64_t number = 0;
	uint32_t word = 0;
	bool boolean = false;

	switch (field->type) {
	case NUMBER:
		if (!fleet_number(source, node, field->key, field->most, &number))
			return false;
		break;
	case MS:
		if (!fleet_ms(source, node, field->key, &number))
			return false;
		if (number == ROM_FOR_EVER)
			number = UINT64_C(1) << 60; /* may still be added to */
		break;
	case BOOLEAN:
		if (!fleet_boolean(source, node, field->key, &boolean))
			return false;
		memcpy(at, &boolean, sizeof(boolean));
		return true;
	case CHANCE:
		if (!fleet_chance(source, node, field->key, &word))
			return false;
		number = word;
		break;
	case WORD:
		if (!fleet_word(source, node, field->key, field->words, &word))
			return false;
		number = word;
		break;
	case TEXT:
		return fleet_string(source, node, field->key, at, field->size);
	}
	store(at, field->size, number);
	return true;
}

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

const char *fleet_field_key(unsigned index)
{
	return index < FIELDS ? fields[index].key : NULL;
}

bool fleet_read_field(struct fleet_source *source, const char *key, const yaml_node_t *node,
		      struct rom_config *config, bool *found)
{
	for (size_t i = 0; i < FIELDS; i++) {
		*found = strcmp(key, fields[i].key) == 0;
		if (*found)
			return read_field(source, &fields[i], node, config);
	}
	return true;
}

/* --- showing their values --- */

static uint64_t load(const void *at, size_t size)
{
	uint8_t small;
	uint16_t half;
	uint32_t word;
	uint64_t value;

	if (size == sizeof(small)) {
		memcpy(&small, at, size);
		return small;
	}
	if (size == sizeof(half)) {
		memcpy(&half, at, size);
		return half;
	}
	if (size == sizeof(word)) {
		memcpy(&word, at, size);
		return word;
	}
	memcpy(&value, at, sizeof(value));
	return value;
}

void fleet_show_text(FILE *to, const char *text)
{
	fputc('"', to);
	for (const char *p = text; *p; p++) {
		if (*p == '"' || *p == '\\')
			fputc('\\', to);
		if ((unsigned char)*p < 0x20)
			fprintf(to, "\\u%04x", *p);
		else
			fputc(*p, to);
	}
	fputc('"', to);
}

static void show_word(FILE *to, const struct fleet_word *words, uint64_t value)
{
	const struct fleet_word *word = words;

	while (word->name && word->value != value)
		word++;
	fleet_show_text(to, word->name ? word->name : "?");
}

void fleet_show_set(FILE *to, const struct fleet_word *words, uint32_t set)
{
	const char *comma = "";

	fputc('[', to);
	for (const struct fleet_word *word = words; word->name; word++) {
		if (!(set & word->value))
			continue;
		fputs(comma, to);
		fleet_show_text(to, word->name);
		comma = ", ";
	}
	fputc(']', to);
}

void fleet_show_fields(FILE *to, const struct rom_config *config)
{
	for (size_t i = 0; i < FIELDS; i++) {
		const struct field *field = &fields[i];
		const uint8_t *at = (const uint8_t *)config + field->offset;
		const uint64_t value = field->type == TEXT ? 0 : load(at, field->size);

		fprintf(to, ", \"%s\": ", field->key);
		switch (field->type) {
		case NUMBER:
			fprintf(to, "%" PRIu64, value);
			break;
		case BOOLEAN:
			fputs(value ? "true" : "false", to);
			break;
		case MS:
		case CHANCE:
			fprintf(to, "%.6f", (double)value / 1e6);
			break;
		case TEXT:
			fleet_show_text(to, (const char *)at);
			break;
		case WORD:
			show_word(to, field->words, value);
			break;
		}
	}
}
