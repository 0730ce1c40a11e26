/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses that identify the board, and its option bytes. */
#include <stdio.h>
#include <string.h>

#include "h7gang/base/sha256.h"
#include "measure.h"

enum { HEAD_BYTES = 64, PART_OF_OPTIONS = 16, BORDER_BYTES = 64 };

#define OPTSR_RDP_SHIFT 8
#define OPTSR_SECURITY (1u << 21)
#define OPTSR_SWAP_BANK (1u << 31)

static bool all_equal(const uint8_t *bytes, size_t length)
{
	return memcmp(bytes, bytes + 1, length - 1) == 0;
}

/* --- registers --- */

struct registers {
	uint8_t uid[STM32_UID_BYTES], again[STM32_UID_BYTES], id[2], size[2], head[HEAD_BYTES];
	bool uid_read, again_read, id_read, size_read, head_read;
	const char *uid_answer, *id_answer, *size_answer, *head_answer;
};

static void read_registers(struct measure *m, const struct stm32_series_row *row,
			   struct registers *r)
{
	const struct stm32_part *part = stm32_part_find(row->part);
	const char *again;

	memset(r, 0, sizeof(*r));
	r->head_read = read_at(m, part->bank[0].base, r->head, sizeof(r->head), &r->head_answer);
	r->uid_read = read_at(m, row->uid_address, r->uid, sizeof(r->uid), &r->uid_answer);
	if (r->uid_read)
		r->again_read = read_at(m, row->uid_address, r->again, sizeof(r->again), &again);
	r->id_read = read_at(m, row->id_address, r->id, sizeof(r->id), &r->id_answer);
	r->size_read = read_at(m, row->size_address, r->size, sizeof(r->size), &r->size_answer);
}

/* Memory that answers every address with the first bytes of flash. */
static bool is_echo(const struct registers *r)
{
	return r->head_read && r->uid_read && !all_equal(r->uid, sizeof(r->uid)) &&
	       memcmp(r->uid, r->head, sizeof(r->uid)) == 0;
}

static void take_registers(struct measure *m, const struct stm32_series_row *row,
			   const struct registers *r)
{
	struct stm32_answers *a = &m->answers;
	const unsigned kib = r->size[0] | (unsigned)r->size[1] << 8;
	const bool echo = is_echo(r);

	a->asked = row->series;
	a->id = STM32_ROM_UNKNOWN;
	a->flash_kib = -1;
	memcpy(a->uid, r->uid, sizeof(a->uid));
	a->uid_known = r->uid_read && !all_equal(r->uid, sizeof(r->uid)) && !echo &&
		       (!r->again_read || memcmp(r->uid, r->again, sizeof(r->uid)) == 0);
	if (r->id_read && !echo && r->id[0] != 0 && r->id[0] != 0xff)
		a->id = r->id[0];
	if (r->size_read && !echo && kib != 0 && kib != 0xffff)
		a->flash_kib = kib;
}

static const struct stm32_series_row *find_series(struct measure *m, struct registers *found)
{
	/* A program in flash may announce any layout. */
	const unsigned layouts = m->job->resident && m->evidence.resident
					 ? STM32_ANY_CHIP
					 : m->evidence.can_be[STM32_ITEM_LAYOUT];
	const struct stm32_series_row *row, *best = NULL;
	struct registers r;

	for (unsigned i = 0; (row = stm32_series_at(i)); i++) {
		if (!(layouts & 1u << row->series))
			continue;
		read_registers(m, row, &r);
		take_registers(m, row, &r);
		stm32_evidence(&m->answers, m->job->resident ? stm32_part_find(row->part) : NULL,
			       &m->evidence);
		if (best && !stm32_evidence_proves(&m->evidence, row->series))
			continue;
		if (!best && !(m->evidence.left & 1u << row->series))
			continue;
		best = row;
		*found = r;
		if (stm32_evidence_proves(&m->evidence, row->series))
			break;
	}
	if (best) {
		take_registers(m, best, found);
		stm32_evidence(&m->answers, m->job->resident ? stm32_part_find(best->part) : NULL,
			       &m->evidence);
	}
	return best;
}

/* --- option bytes --- */

/* Option bytes as a setting announces them. */
struct options {
	unsigned alt;
	uint32_t address, length;
};

static bool find_options(const struct measure *m, struct options *o)
{
	for (unsigned i = 0; i < m->answers.settings; i++) {
		const struct stm32_setting *setting = &m->answers.setting[i];
		const struct dfu_region *region = &setting->layout.region[0];

		if (!setting->understood || !stm32_announces_options(&setting->layout))
			continue;
		o->alt = setting->number;
		o->address = region->address;
		o->length = region->sector_bytes * region->sectors;
		return o->length >= sizeof(uint32_t) && o->length <= STM32_OPTION_BYTES;
	}
	return false;
}

static bool read_options(struct measure *m, unsigned alt, uint32_t address, uint32_t length,
			 const char **answer)
{
	m->option.length = length;
	if (select_alt(m, alt) && read_at(m, address, m->option.bytes, length, answer))
		return true;
	m->option.length = 0;
	return false;
}

static void measure_options(struct measure *m)
{
	uint8_t some[PART_OF_OPTIONS];
	const char *answer = "not announced";
	struct options o;
	uint32_t status;

	if (!find_options(m, &o)) {
		detail(m, "option_bytes", word_of(answer));
		return;
	}
	m->option_alt = o.alt;
	m->option.announced = o.length;
	if (!read_options(m, o.alt, o.address, STM32_OPTION_BYTES, &answer))
		read_options(m, o.alt, o.address, o.length, &answer);
	detail(m, "option_bytes", word_of(answer));
	if (!m->option.length) {
		m->refused |= REFUSED_OPTIONS;
		return;
	}
	if (select_alt(m, o.alt))
		put_bool(m, "option_whole", !read_at(m, o.address, some, sizeof(some), &answer));
	/* At the wrong address of V9.0 of STM32H7A3 there may be no option bytes. */
	if (o.address != STM32_OPTION_ADDRESS) {
		m->option.length = 0;
		return;
	}
	status = stm32_option_register(&m->option, 0);
	put_number(m, "rdp", stm32_rdp_level(status >> OPTSR_RDP_SHIFT & 0xff));
	put_bool(m, "security", (status & OPTSR_SECURITY) != 0);
	put_bool(m, "swap_bank", (status & OPTSR_SWAP_BANK) != 0);
	put_bool(m, "watchdog", stm32_watchdog_runs(&m->option));
}

static void measure_write_protection(struct measure *m)
{
	const uint32_t status = m->option.length ? stm32_option_register(&m->option, 0) : 0;
	json_t *list;

	for (unsigned bank = 0; bank < m->part->banks; bank++)
		if (!m->option.length || !stm32_wrp_known(&m->option, bank) ||
		    status & OPTSR_SWAP_BANK)
			return;
	list = json_array();
	for (unsigned s = 0; s < stm32_part_sectors(m->part); s++)
		if (stm32_wrp_get(m->part, &m->option, s))
			json_array_append_new(list, json_integer(stm32_address(
							    m->part, s * m->part->sector_bytes)));
	put_value(m, "write_protect", list);
}

/* --- consequences --- */

/* The alternate setting of flash does not reach the option bytes that another one reads. */
static void measure_confinement(struct measure *m, const struct registers *r)
{
	struct stm32_option_block block = m->option;
	const char *answer = "read";

	if (r->uid_read || r->id_read || r->size_read) {
		put_bool(m, "alt_confined", false);
		return;
	}
	if (!m->option.length || m->option_alt == m->link.alt)
		return;
	m->confined = !read_options(m, m->link.alt, STM32_OPTION_ADDRESS, block.length, &answer);
	m->option = block;
	put_bool(m, "alt_confined", m->confined);
}

static void put_refusals(struct measure *m, const struct registers *r)
{
	static const char *const words[] = {"id",     "uid",           "size",   "option_bytes",
					    "layout", "other_layouts", "serial", "strings"};
	const char *const answers[] = {r->id_read ? NULL : r->id_answer,
				       r->uid_read ? NULL : r->uid_answer,
				       r->size_read ? NULL : r->size_answer};
	json_t *list = json_array();

	if (m->flash_refused) { /* it would refuse anything */
		json_decref(list);
		return;
	}
	if (!m->confined) {
		m->refused |= (r->id_read ? 0u : REFUSED_ID) | (r->uid_read ? 0u : REFUSED_UID) |
			      (r->size_read ? 0u : REFUSED_SIZE);
		for (unsigned i = 0; i < 3; i++)
			if (answers[i] && strncmp(answers[i], "err", 3) == 0)
				put_word(m, "refuse_status", answers[i]);
	}
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (m->refused & 1u << i)
			json_array_append_new(list, json_string(words[i]));
	put_value(m, "refuse", list);
}

static void put_serial(struct measure *m)
{
	const struct stm32_answers *a = &m->answers;
	char carried[13], plain[13];

	if (m->refused & (REFUSED_SERIAL | REFUSED_STRINGS) || !a->serial[0] ||
	    stm32_strings_shifted(a))
		return;
	if (a->uid_known) {
		stm32_fold_uid(a->uid, true, carried);
		stm32_fold_uid(a->uid, false, plain);
		if (strcmp(a->serial, carried) == 0 || strcmp(a->serial, plain) == 0) {
			put_word(m, "serial_rule",
				 strcmp(a->serial, carried) == 0 ? "uid" : "uid_sums");
			return;
		}
		if (strcasecmp(a->serial, m->uid) == 0) {
			put_word(m, "serial_rule", "uid_hex");
			return;
		}
	}
	/* One that may come from a UID that cannot be read is not kept. */
	if (!a->uid_known && m->part &&
	    stm32_series_row(m->part->series)->serial == STM32_SERIAL_UID)
		return;
	put_word(m, "serial_rule", "text");
	put_word(m, "serial", a->serial);
}

static void measure_protection(struct measure *m, const struct registers *r)
{
	const struct stm32_part *part = m->part;
	const unsigned sectors = stm32_part_sectors(part);
	const uint32_t second = sectors > 1
					? stm32_address(part, (sectors - 1) * part->sector_bytes)
					: part->bank[0].base + part->sector_bytes / 2;
	uint8_t bytes[HEAD_BYTES];
	const char *answer;

	if (r->head_read ||
	    (m->option.length && json_integer_value(json_object_get(m->measured, "rdp")) == 0))
		return;
	if (read_at(m, second, bytes, sizeof(bytes), &answer) ||
	    strcmp(answer, r->head_answer) != 0)
		return;
	if (strcmp(answer, "errVENDOR") == 0)
		put_word(m, "protect", "errs");
	else if (strcmp(answer, "stalled") == 0)
		put_word(m, "protect", "stalls");
	else if (strcmp(answer, "an empty packet") == 0)
		put_word(m, "protect", "empty");
	else
		return;
	m->flash_refused = true;
	if (!m->option.length)
		put_number(m, "rdp", 1); /* level 2 looks the same */
}

/* The part that is meant: the commonest line of the series where several have that size. */
static const struct stm32_part *part_with(const struct stm32_series_row *row, int64_t kib)
{
	const struct stm32_part *usual = stm32_part_find(row->part), *part, *found = NULL;

	for (unsigned i = 0; (part = stm32_part_at(i)); i++) {
		if (part->series != row->series || part->flash_kib != kib)
			continue;
		if (!found || stm32_code_of_line(part->name, usual))
			found = part;
	}
	return found;
}

/* Where the size is not told: the largest part whose last bytes can be read. */
static const struct stm32_part *part_by_border(struct measure *m,
					       const struct stm32_series_row *row)
{
	static const unsigned sizes[] = {2048, 1024, 512, 128};
	uint8_t bytes[BORDER_BYTES];
	const char *answer;

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const struct stm32_part *part = part_with(row, sizes[i]);

		if (part && read_at(m, stm32_address(part, stm32_part_bytes(part) - BORDER_BYTES),
				    bytes, sizeof(bytes), &answer))
			return part;
	}
	return stm32_part_find(row->part);
}

static void measure_borders(struct measure *m)
{
	json_t *borders = json_object();
	uint8_t bytes[BORDER_BYTES];
	char name[24];

	for (unsigned b = 0; b < m->part->banks; b++) {
		const uint32_t end = m->part->bank[b].base + stm32_bank_bytes(m->part, b);
		const char *answer;

		read_at(m, end - BORDER_BYTES, bytes, sizeof(bytes), &answer);
		snprintf(name, sizeof(name), "bank%u_last", b + 1);
		json_object_set_new(borders, name, word_of(answer));
		read_at(m, end, bytes, sizeof(bytes), &answer);
		snprintf(name, sizeof(name), "bank%u_behind", b + 1);
		json_object_set_new(borders, name, word_of(answer));
	}
	detail(m, "borders", borders);
}

static void put_identity(struct measure *m, const struct stm32_series_row *row,
			 const struct registers *r)
{
	char hash[SHA256_HEX_SIZE], text[64];
	json_t *found = json_object();

	if (m->answers.uid_known) {
		for (unsigned i = 0; i < STM32_UID_BYTES; i++)
			snprintf(m->uid + 2 * i, 3, "%02x", m->answers.uid[i]);
		if (sha256_hex(m->answers.uid, STM32_UID_BYTES, hash) == 0)
			json_object_set_new(m->root, "uid_sha256", json_string(hash));
	}
	if (r->uid_read && !all_equal(r->uid, sizeof(r->uid))) {
		put_bool(m, "system_echo", is_echo(r));
		if (r->again_read)
			put_bool(m, "uid_unstable", memcmp(r->uid, r->again, sizeof(r->uid)) != 0);
	}
	if (r->id_read && !is_echo(r))
		put_number(m, "id", r->id[0]);
	if (m->answers.id >= 0) {
		if (m->rom->id == m->answers.id)
			put_word(m, "bootloader", m->rom->version);
	}
	json_object_set_new(found, "uid", word_of(r->uid_answer));
	json_object_set_new(found, "bootloader_id", word_of(r->id_answer));
	json_object_set_new(found, "flash_size", word_of(r->size_answer));
	json_object_set_new(found, "flash", word_of(r->head_answer));
	stm32_evidence_text(&m->evidence, row->series, text, sizeof(text));
	json_object_set_new(found, "evidence", word_of(text));
	json_object_set_new(found, "series", word_of(row->name));
	if (m->answers.flash_kib >= 0)
		json_object_set_new(found, "flash_kib", json_integer(m->answers.flash_kib));
	detail(m, "identity", found);
}

/* Of a board that was asked before. */
static void forget(struct measure *m)
{
	m->uid[0] = '\0';
	m->option = (struct stm32_option_block){0};
	m->confined = m->flash_refused = false;
}

bool characterize_identity(struct measure *m)
{
	const struct stm32_series_row *row;
	struct registers r;

	forget(m);
	if (m->evidence.flash)
		m->link.alt = m->evidence.flash->number;
	measure_options(m);
	if (m->dead || !back_to_idle(m))
		return false;
	row = find_series(m, &r);
	if (!row) {
		snprintf(m->why, sizeof(m->why),
			 "wrong_part: its answers fit no STM32H7 that this program knows");
		return false;
	}
	m->rom = stm32_rom_find(row->series, m->answers.id);
	m->part = m->answers.flash_kib >= 0 ? part_with(row, m->answers.flash_kib)
					    : part_by_border(m, row);
	if (!m->part) {
		snprintf(m->why, sizeof(m->why), "wrong_part: no part of its series has %d KiB",
			 (int)m->answers.flash_kib);
		return false;
	}
	put_word(m, "part", m->part->name);
	measure_protection(m, &r);
	measure_confinement(m, &r);
	put_refusals(m, &r);
	put_identity(m, row, &r);
	put_serial(m);
	measure_write_protection(m);
	if (!m->flash_refused)
		measure_borders(m);
	return back_to_idle(m);
}
