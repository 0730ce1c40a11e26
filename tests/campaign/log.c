/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a log: its chain, its rows. */
#include "judge.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 64, ROW_BYTES = 8192, HASH_HEX = 64 };

static bool sha256_hex(const char *previous, const char *text, size_t length,
		       char hex[HASH_HEX + 1])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned bytes = 0;
	bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
		    EVP_DigestUpdate(context, previous, HASH_HEX) == 1 &&
		    EVP_DigestUpdate(context, "\n", 1) == 1 &&
		    EVP_DigestUpdate(context, text, length) == 1 &&
		    EVP_DigestFinal_ex(context, hash, &bytes) == 1 && bytes == HASH_HEX / 2;

	EVP_MD_CTX_free(context);
	for (unsigned i = 0; good && i < bytes; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	return good;
}

/* Splits a row where it stands; quotes are taken off, doubled ones halved. */
static unsigned split(char *line, char *field[FIELDS_MAX])
{
	unsigned count = 0;
	char *in = line, *out;

	while (count < FIELDS_MAX) {
		bool quoted = *in == '"';

		field[count++] = out = in;
		in += quoted;
		while (*in && (quoted || *in != ',')) {
			if (quoted && *in == '"') {
				if (in[1] != '"') {
					quoted = false;
					in++;
					continue;
				}
				in++;
			}
			*out++ = *in++;
		}
		if (!*in) {
			*out = '\0';
			return count;
		}
		in++;
		*out = '\0';
	}
	return count;
}

static const char *column(char *const *header, unsigned columns, char *const *field,
			  const char *name)
{
	for (unsigned i = 0; i < columns; i++) {
		if (strcmp(header[i], name) == 0)
			return field[i];
	}
	return "";
}

/* The chain over the row as written: everything before the last two fields, which are bare hex. */
static void check_chain(struct judge *judge, const char *line, char previous[HASH_HEX + 1])
{
	size_t length = strlen(line), tail = 2 * HASH_HEX + 1;
	char hash[HASH_HEX + 1];

	if (length <= tail || line[length - tail - 1] != ',' ||
	    line[length - HASH_HEX - 1] != ',') {
		complain(judge, "row %u: no hashes at its end", judge->rows + 1);
		return;
	}
	if (strncmp(line + length - tail, previous, HASH_HEX) != 0)
		complain(judge, "row %u: prev_hash is not that of the row before", judge->rows + 1);
	if (!sha256_hex(previous, line, length - tail, hash) ||
	    strcmp(line + length - HASH_HEX, hash) != 0)
		complain(judge, "row %u: row_hash is wrong", judge->rows + 1);
	memcpy(previous, line + length - HASH_HEX, HASH_HEX + 1);
}

static void copy_determined(const struct judge *judge, struct row *row, char *const *header,
			    unsigned columns, char *const *field)
{
	static const char *const names[] = {"attempt",
					    "uid",
					    "bootloader",
					    "erase_method",
					    "verify_scope",
					    "bank1_bytes",
					    "bank1_result",
					    "bank2_bytes",
					    "bank2_result",
					    "leave",
					    "result",
					    "error",
					    "bank1_readback_sha256",
					    "bank2_readback_sha256",
					    NULL};
	size_t used = 0;

	for (unsigned i = 0; names[i]; i++) {
		/* The number of each board cannot be predicted. */
		if (judge->batch->serial && strstr(names[i], "sha256"))
			break;
		used += (size_t)snprintf(row->determined + used, sizeof(row->determined) - used,
					 "%.80s,", column(header, columns, field, names[i]));
	}
}

static void take_row(struct judge *judge, char *const *header, unsigned columns, char *const *field)
{
	struct row *row = &judge->row[judge->rows];

	if (strtoul(column(header, columns, field, "seq"), NULL, 10) != judge->rows + 1)
		complain(judge, "row %u: seq is %s", judge->rows + 1,
			 column(header, columns, field, "seq"));
	snprintf(row->unit, sizeof(row->unit), "%s", column(header, columns, field, "unit_id"));
	snprintf(row->path, sizeof(row->path), "%s", column(header, columns, field, "usb_path"));
	snprintf(row->result, sizeof(row->result), "%s", column(header, columns, field, "result"));
	snprintf(row->error, sizeof(row->error), "%s", column(header, columns, field, "error"));
	snprintf(row->serial, sizeof(row->serial), "%s",
		 column(header, columns, field, "unit_serial"));
	snprintf(row->uid, sizeof(row->uid), "%s", column(header, columns, field, "uid"));
	snprintf(row->command, sizeof(row->command), "%s",
		 column(header, columns, field, "command"));
	row->writes = *column(header, columns, field, "erase_ms") ||
		      *column(header, columns, field, "program_ms") ||
		      *column(header, columns, field, "leave");
	copy_determined(judge, row, header, columns, field);
	row->attempt = (unsigned)strtoul(column(header, columns, field, "attempt"), NULL, 10);
	row->allowed =
		(unsigned)strtoul(column(header, columns, field, "attempts_allowed"), NULL, 10);
	row->total_ms = strtoll(column(header, columns, field, "total_ms"), NULL, 10);
	row->wire_wait_ms = strtoll(column(header, columns, field, "wire_wait_ms"), NULL, 10);
	judge->rows++;
}

void log_read(struct judge *judge, const char *name)
{
	static const char zeros[] =
		"0000000000000000000000000000000000000000000000000000000000000000";
	char path[512], first[ROW_BYTES + 2], line[ROW_BYTES + 2], previous[HASH_HEX + 1];
	char *header[FIELDS_MAX], *field[FIELDS_MAX];
	unsigned columns;
	FILE *log;

	snprintf(path, sizeof(path), "%s/%s", judge->folder, name);
	log = fopen(path, "r");
	if (!log || !fgets(first, sizeof(first), log)) {
		complain(judge, "there is no %s", name);
		goto out;
	}
	first[strcspn(first, "\n")] = '\0';
	columns = split(first, header);
	memcpy(previous, zeros, sizeof(previous));
	while (fgets(line, sizeof(line), log)) {
		size_t length = strcspn(line, "\n");

		if (line[length] != '\n')
			complain(judge, "row %u has no end", judge->rows + 1);
		line[length] = '\0';
		if (judge->rows == ROWS_MAX) {
			complain(judge, "more rows than so many boards can have");
			break;
		}
		check_chain(judge, line, previous);
		if (split(line, field) != columns)
			complain(judge, "row %u: not %u fields", judge->rows + 1, columns);
		else
			take_row(judge, header, columns, field);
	}
out:
	if (log)
		fclose(log);
	snprintf(path, sizeof(path), "%s/%s.begun", judge->folder, name);
	log = fopen(path, "r");
	if (log && fgetc(log) != EOF)
		complain(judge, "attempts are still marked as begun");
	if (log)
		fclose(log);
}
