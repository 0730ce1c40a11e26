/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only step that decides on PASS: every byte read back, compared with the image in memory, and
 * hashed. */
#include <stdio.h>
#include <string.h>

#include "h7gang/attempt/job.h"
#include "result.h"
#include "recovery.h"
#include "sector.h"
#include "steps.h"
#include "turn.h"

#define READ_CHUNK (128u << 10) /* bytes a pointer is trusted for */
#define READ_TRIES 3            /* at one place, without a block in between */
#define SHOWN 8                 /* bytes of a difference told in detail */

struct compare {
	struct job *job;
	struct sha256 *hash;
	uint32_t next;  /* address of the block that has to come */
	uint64_t bytes; /* compared so far */
	uint64_t differing;
	uint32_t first; /* address of the first differing byte */
	unsigned shown;
	uint8_t expected[SHOWN], found[SHOWN];
	bool broken; /* the hash could not be carried on */
};

static void difference(struct compare *compare, uint32_t address, const uint8_t *wanted,
		       const uint8_t *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (data[i] == wanted[i])
			continue;
		if (compare->differing++ != 0)
			continue;
		compare->first = address + (uint32_t)i;
		compare->shown = length - i < SHOWN ? (unsigned)(length - i) : SHOWN;
		memcpy(compare->expected, wanted + i, compare->shown);
		memcpy(compare->found, data + i, compare->shown);
	}
}

static bool compare_block(void *user, uint32_t address, const uint8_t *data, size_t length)
{
	struct compare *compare = user;
	const struct unit_image *image = compare->job->memory->image;
	uint8_t room[DFU_PIPE_MAX_LENGTH];
	const uint8_t *wanted;
	uint32_t offset;

	if (address != compare->next || !stm32_offset(image->flash->part, address, &offset) ||
	    length > sizeof(room) || length > image->flash->length - offset ||
	    sha256_update(compare->hash, data, length) != 0) {
		compare->broken = true;
		return false;
	}
	wanted = unit_image_bytes(image, offset, (uint32_t)length, room);
	if (memcmp(data, wanted, length) != 0)
		difference(compare, address, wanted, data, length);
	compare->next += (uint32_t)length;
	compare->bytes += length;
	return true;
}

/* Reading is harmless, so a disturbed read goes on where it stopped. False: it cannot. */
static bool read_range(struct job *job, struct compare *compare, uint32_t address, uint32_t length,
		       bool *readable)
{
	uint32_t end = address + length;
	uint32_t failed_at = 0;
	int failures = 0;

	*readable = true;
	compare->next = address;
	while (compare->next < end) {
		uint32_t at = compare->next;
		uint32_t chunk = end - at < READ_CHUNK ? end - at : READ_CHUNK;
		enum dfu_result result =
			dfu_read(&job->link.session, at, chunk, compare_block, compare);

		if (compare->broken)
			return job_fail(job, H7_USB_ERROR,
					"blocks came out of order, or no memory");
		if (result == DFU_OK)
			continue;
		if (result != DFU_BAD_STATUS && !result_is_transient(result))
			return job_fail_dfu(job, result, "verify");
		failures = failures && compare->next == failed_at ? failures + 1 : 1;
		failed_at = compare->next;
		/* A broken word answers with a status every time; twice is no disturbance. */
		if (failures >= (result == DFU_BAD_STATUS ? 2 : READ_TRIES)) {
			char what[48];

			snprintf(what, sizeof(what), "verify: 0x%08x cannot be read",
				 (unsigned)failed_at);
			job_fail_dfu(job, result, what);
			*readable = false;
			/* The other bank may still be compared, if the target can be had back. */
			return recovery_recover(job, result, what);
		}
		if (!recovery_recover(job, result, "verify"))
			return false;
	}
	return true;
}

/* The next run of sectors to compare in `bank`, from sector `*from` (index over all banks) on.
 * Returns its length in bytes, 0 at the end. */
static uint32_t next_range(const struct job *job, unsigned bank, unsigned *from)
{
	unsigned s = *from, end;

	while (s < stm32_part_sectors(job->part) &&
	       (stm32_bank_of(job->part, s * job->part->sector_bytes) != bank ||
		!sector_is_verified(job, s)))
		s++;
	end = s;
	while (end < stm32_part_sectors(job->part) && sector_is_verified(job, end) &&
	       stm32_bank_of(job->part, end * job->part->sector_bytes) == bank)
		end++;
	*from = s;
	return (end - s) * job->part->sector_bytes;
}

static bool hash_range(const struct job *job, struct sha256 *hash, uint32_t offset, uint32_t length)
{
	const struct unit_image *image = job->memory->image;
	uint8_t room[DFU_PIPE_MAX_LENGTH];

	while (length > 0) {
		uint32_t n = unit_image_shared(image, offset, length, sizeof(room));

		if (n == 0)
			n = length < sizeof(room) ? length : sizeof(room);
		if (sha256_update(hash, unit_image_bytes(image, offset, n, room), n) != 0)
			return false;
		offset += n;
		length -= n;
	}
	return true;
}

bool step_expect(struct job *job)
{
	struct sha256 *hash = sha256_new();
	bool good = hash != NULL;

	for (unsigned bank = 0; good && bank < job->part->banks; bank++) {
		unsigned sector = 0;
		uint32_t length;

		if (job->bank[bank].result == AUDIT_BANK_NONE)
			continue;
		good = sha256_begin(hash) == 0;
		while (good && (length = next_range(job, bank, &sector)) != 0) {
			good = hash_range(job, hash, sector * job->part->sector_bytes, length);
			sector += length / job->part->sector_bytes;
		}
		good = good && sha256_end(hash, job->bank[bank].expected_sha256) == 0;
	}
	sha256_free(hash);
	return good;
}

static void tell_difference(struct job *job, const struct compare *compare, unsigned bank)
{
	char expected[2 * SHOWN + 1], found[2 * SHOWN + 1];
	uint32_t offset = 0;

	stm32_offset(job->part, compare->first, &offset);
	if (unit_image_secret(job->memory->image, offset, compare->shown)) {
		job_fail(job, H7_VERIFY_MISMATCH,
			 "bank %u at 0x%08x: differs from what is secret; %llu in all",
			 job_bank_name(job, bank), (unsigned)compare->first,
			 (unsigned long long)compare->differing);
		return;
	}
	for (unsigned i = 0; i < compare->shown; i++) {
		snprintf(expected + 2 * i, 3, "%02x", compare->expected[i]);
		snprintf(found + 2 * i, 3, "%02x", compare->found[i]);
	}
	job_fail(job, H7_VERIFY_MISMATCH,
		 "bank %u at 0x%08x: expected %s, read %s; %llu byte%s differ%s",
		 job_bank_name(job, bank), (unsigned)compare->first, expected, found,
		 (unsigned long long)compare->differing, compare->differing == 1 ? "" : "s",
		 compare->differing == 1 ? "s" : "");
}

/* The offset of the last block of `bank` that is read back and shall not be blank. */
static bool last_block(const struct job *job, unsigned bank, uint32_t *offset)
{
	uint8_t room[DFU_PIPE_MAX_LENGTH];
	uint32_t block = job->link.session.block, sector_bytes = job->part->sector_bytes;
	unsigned s = stm32_part_sectors(job->part);

	while (s-- > 0) {
		if (stm32_bank_of(job->part, s * sector_bytes) != bank ||
		    !sector_is_verified(job, s))
			continue;
		for (uint32_t end = sector_bytes; end >= block; end -= block) {
			*offset = s * sector_bytes + end - block;
			if (!stm32_is_blank(
				    unit_image_bytes(job->memory->image, *offset, block, room),
				    block))
				return true;
		}
	}
	return false;
}

/* A bootloader that counts blocks in another size than it announces takes and gives data at the
 * same wrong addresses. So one block is read again at its own address. */
static bool counts_right(struct job *job, unsigned bank, struct sha256 *hash)
{
	struct compare compare = {.job = job, .hash = hash};
	struct dfu_session *session = &job->link.session;
	uint32_t offset, address;
	bool readable, good;

	if (!session->numbered || job->part->sector_bytes % session->block != 0 ||
	    !last_block(job, bank, &offset))
		return true;
	if (sha256_begin(hash) != 0)
		return job_fail(job, H7_HOST_ERROR, "out of memory");
	address = stm32_address(job->part, offset);
	turn_begin(job, USB_READING);
	good = read_range(job, &compare, address, session->block, &readable) && readable;
	turn_end(job, USB_READING);
	return good &&
	       (compare.differing == 0 ||
		job_fail(job, H7_VERIFY_MISMATCH,
			 "bank %u at 0x%08x: right as one block of many, and wrong when it is read "
			 "alone: the bootloader counts blocks in another size than the %u bytes "
			 "that it announces",
			 job_bank_name(job, bank), (unsigned)address, (unsigned)session->block));
}

/* Compares one bank. False: the attempt ends here; a bank that differs or cannot be read is true,
 * its result says so and job->error is set. */
static bool verify_bank(struct job *job, unsigned bank, struct sha256 *hash, uint64_t before,
			uint64_t all)
{
	struct audit_bank *outcome = &job->bank[bank];
	struct compare compare = {.job = job, .hash = hash};
	bool readable = true, good = true;
	unsigned sector = 0;
	uint32_t length;

	if (sha256_begin(hash) != 0)
		return job_fail(job, H7_HOST_ERROR, "out of memory");
	while (good && readable && (length = next_range(job, bank, &sector)) != 0) {
		uint32_t address = stm32_address(job->part, sector * job->part->sector_bytes);

		for (uint32_t done = 0; good && readable && done < length; done += READ_CHUNK) {
			uint32_t chunk = length - done < READ_CHUNK ? length - done : READ_CHUNK;

			turn_begin(job, USB_READING);
			good = read_range(job, &compare, address + done, chunk, &readable);
			turn_end(job, USB_READING);
			job_progress(job, before + compare.bytes, all);
		}
		sector += length / job->part->sector_bytes;
	}
	outcome->bytes = (int64_t)compare.bytes;
	outcome->result = AUDIT_BANK_FAIL;
	if (compare.differing)
		tell_difference(job, &compare, bank);
	if (!good || !readable)
		return good;
	if (sha256_end(hash, outcome->readback_sha256) != 0)
		return job_fail(job, H7_HOST_ERROR, "out of memory");
	/* Two ways of comparing that share nothing must agree. */
	if (compare.differing == 0 &&
	    strcmp(outcome->readback_sha256, outcome->expected_sha256) != 0)
		return job_fail(job, H7_VERIFY_MISMATCH, "bank %u: bytes agree, hashes do not",
				job_bank_name(job, bank));
	if (compare.differing == 0 && !counts_right(job, bank, hash))
		return false;
	if (compare.differing == 0)
		outcome->result = AUDIT_BANK_PASS;
	return true;
}

bool step_verify(struct job *job)
{
	struct sha256 *hash = sha256_new();
	struct turn_mark start = turn_mark(job);
	uint64_t all = 0, before = 0;
	bool good = hash != NULL;

	if (!good)
		return job_fail(job, H7_HOST_ERROR, "out of memory");
	job_enter_phase(job, JOB_PHASE_VERIFY);
	for (unsigned s = 0; s < stm32_part_sectors(job->part); s++)
		all += sector_is_verified(job, s) ? job->part->sector_bytes : 0;
	for (unsigned bank = 0; good && bank < job->part->banks; bank++) {
		if (job->bank[bank].result == AUDIT_BANK_NONE)
			continue;
		good = verify_bank(job, bank, hash, before, all);
		before += (uint64_t)(job->bank[bank].bytes > 0 ? job->bank[bank].bytes : 0);
	}
	sha256_free(hash);
	job->verify_ms = turn_worked_ms(job, &start);
	if (job->error != H7_OK && job->erase & JOB_ERASE_MASS)
		job->memory->mass_failed = true;
	return good && job->error == H7_OK;
}
