/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record.h"

#include <stdio.h>
#include <string.h>

enum audit_result record_result(enum h7_error error)
{
	switch (error) {
	case H7_OK:
		return AUDIT_PASS;
	case H7_ABORTED:
		return AUDIT_ABORTED;
	default:
		return AUDIT_FAIL;
	}
}

static void erase_method(const struct job *job, char *text, size_t size)
{
	static const struct {
		unsigned flag;
		const char *word;
	} words[] = {
		{JOB_ERASE_BLANK, "blank"},    {JOB_ERASE_SECTORS, "sectors"},
		{JOB_ERASE_MASS, "mass"},      {JOB_ERASE_SAME, "same"},
		{JOB_ERASE_NONE, "none"},      {JOB_ERASE_UNWEDGE, "+unwedge"},
		{JOB_ERASE_SETTLE, "+settle"}, {JOB_ERASE_RECOVER, "+recover"},
	};
	size_t used = 0;

	text[0] = '\0';
	if (!(job->erase & JOB_ERASE_METHODS))
		return;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (job->erase & words[i].flag && used < size)
			used += (size_t)snprintf(text + used, size - used, "%s", words[i].word);
	}
}

/* The registers that were read: all of the block where the profile looks at it, else
 * FLASH_OPTSR_CUR. */
static void option_text(char *text, size_t size, const struct stm32_option_block *block,
			const char *before)
{
	static const struct {
		const char *name;
		uint32_t at;
	} registers[] = {
		{"OPTSR_CUR", 0x00}, {"BOOT_CUR", 0x24}, {"WPSN_CUR1", 0x1C}, {"WPSN_CUR2", 0x11C}};

	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		size_t used = strlen(text);

		if (registers[i].at + 4 > block->length)
			continue;
		snprintf(text + used, size - used, "%s%s%s=0x%08x", used ? ";" : "",
			 i == 0 ? before : "", registers[i].name,
			 (unsigned)stm32_option_register(block, registers[i].at));
	}
}

static void fill_found(struct record *record, const struct job *job)
{
	struct audit_row *row = &record->row;

	row->uid = job->uid;
	row->dfu_serial = job->serial;
	row->layout = job->layout;
	row->flash_kib = job->flash_kib;
	row->bootloader_id =
		job->bootloader_id == STM32_ROM_UNKNOWN ? AUDIT_NONE : job->bootloader_id;
	if (job->rom && job->bootloader_id != STM32_ROM_UNKNOWN && job->rom->version[0])
		snprintf(record->bootloader, sizeof(record->bootloader), "%s", job->rom->version);
	row->bootloader = record->bootloader;
	option_text(record->option_bytes, sizeof(record->option_bytes), &job->option, "");
	option_text(record->option_bytes, sizeof(record->option_bytes), &job->option_set, "set:");
	if (job->protected) {
		size_t used = strlen(record->option_bytes);

		snprintf(record->option_bytes + used, sizeof(record->option_bytes) - used,
			 "%sprotected", used ? ";" : "");
	}
	row->option_bytes = record->option_bytes;
}

void record_fill(struct record *record, const struct gang *gang, const struct record_unit *unit,
		 const struct job *job, bool finished)
{
	const struct gang_options *options = gang->options;
	const struct profile *profile = options->profile;
	struct audit_row *row = &record->row;

	memset(record, 0, sizeof(*record));
	row->run_id = gang->run_id;
	row->unit_id = unit->unit_id;
	row->attempt = unit->attempt;
	row->attempts_allowed = profile->attempts;
	snprintf(row->started_at, sizeof(row->started_at), "%s", unit->started_at);
	row->station = options->station;
	row->operator_name = unit->operator_name;
	row->lot = unit->lot;
	row->tags = unit->ticket->before.released ? unit->ticket->before.tags : options->tags;
	row->command = options->command == GANG_VERIFY ? "verify"
		       : options->rework               ? "rework"
						       : "run";
	row->profile = profile->name;
	row->profile_sha256 = profile->sha256;
	row->firmware_version = profile->firmware_version;
	row->image_sha256 = profile->flash.sha256;
	row->slot = unit->slot;
	row->usb_path = unit->path;
	row->part = profile->part->name;
	if (unit->ticket->numbered)
		row->unit_serial = unit->ticket->unit.serial;
	fill_found(record, job);
	erase_method(job, record->erase_method, sizeof(record->erase_method));
	row->erase_method = record->erase_method;
	row->verify_scope = profile->verify == PROFILE_VERIFY_FULL ? "full" : "image";
	row->blank_ms = job->blank_ms;
	row->erase_ms = job->erase_ms;
	row->program_ms = job->program_ms;
	row->verify_ms = job->verify_ms;
	row->total_ms = row->wire_wait_ms = AUDIT_NONE;
	for (unsigned b = 0; b < STM32_BANKS_MAX; b++)
		row->bank[job_bank_name(job, b) - 1] = job->bank[b];
	row->leave = job->leave;
	row->detail = job->detail;
	row->identity = job->identity;
	audit_overrides_text(options->overrides | job->overrides, record->overrides);
	row->overrides = record->overrides;
	row->scan = unit->scan;
	row->boot = job->boot;
	if (!finished) {
		row->result = AUDIT_ABORTED;
		row->error = H7_ABORTED;
		return;
	}
	clock_wall_text(row->finished_at);
	row->total_ms = clock_elapsed_ms(unit->started);
	row->wire_wait_ms = job->wire_wait_ns / CLOCK_MS;
	row->error = job->error;
	row->result = record_result(job->error);
}

static bool log_took(struct gang *gang, enum audit_status status)
{
	if (status == AUDIT_OK)
		return true;
	atomic_store(&gang->log_failed, true);
	gang_wake(gang);
	return false;
}

bool record_begin(struct gang *gang, const struct record *record)
{
	return log_took(gang, audit_begin(gang->log, &record->row, clock_after_ms(GANG_RECORD_MS)));
}

bool record_append(struct gang *gang, const struct record *record)
{
	return log_took(gang,
			audit_append(gang->log, &record->row, clock_after_ms(GANG_RECORD_MS)));
}
