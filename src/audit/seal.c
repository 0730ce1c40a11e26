/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "seal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "columns.h"
#include "h7gang/base/durable.h"
#include "rules.h"

#define SEAL_MODE 0640
#define SEAL_WORDS 6

static const char seal_word[] = "h7gang-seal-1";

size_t seal_line(char line[SEAL_LINE_MAX], const struct chain *head, const struct audit_key *key)
{
	unsigned char signature[AUDIT_SIGNATURE_SIZE];
	char now[CLOCK_TEXT_SIZE];
	int n;

	clock_wall_text(now);
	n = snprintf(line, SEAL_LINE_MAX, "%s %" PRIu64 " %s %s %s", seal_word, head->seq,
		     head->hash, now, audit_key_id(key));
	/* Blank, base64, LF, NUL. */
	if (n < 0 || n + 1 + SEAL_SIGNATURE_TEXT + 2 > SEAL_LINE_MAX ||
	    audit_key_sign(key, line, (size_t)n, signature) < 0)
		return 0;
	line[n++] = ' ';
	n += EVP_EncodeBlock((unsigned char *)line + n, signature, sizeof(signature));
	line[n++] = '\n';
	line[n] = '\0';
	return (size_t)n;
}

/* Base64 of a signature, in the encoding that EVP_EncodeBlock writes. */
static bool decode(const char *text, size_t length, unsigned char signature[AUDIT_SIGNATURE_SIZE])
{
	unsigned char bytes[SEAL_SIGNATURE_TEXT], again[SEAL_SIGNATURE_TEXT + 1];

	if (length != SEAL_SIGNATURE_TEXT ||
	    EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length) < AUDIT_SIGNATURE_SIZE)
		return false;
	EVP_EncodeBlock(again, bytes, AUDIT_SIGNATURE_SIZE);
	if (memcmp(again, text, length) != 0)
		return false;
	memcpy(signature, bytes, AUDIT_SIGNATURE_SIZE);
	return true;
}

bool seal_parse(struct seal *seal, const char *line, size_t length)
{
	const char *word[SEAL_WORDS] = {NULL};
	size_t size[SEAL_WORDS] = {0}, count = 0, at = 0;

	if (length >= SEAL_LINE_MAX)
		return false;
	while (count < SEAL_WORDS && at <= length) {
		const char *end = at < length ? memchr(line + at, ' ', length - at) : NULL;

		word[count] = line + at;
		size[count] = end ? (size_t)(end - line) - at : length - at;
		at += size[count++] + 1;
	}
	if (count != SEAL_WORDS || at != length + 1 || size[0] != strlen(seal_word) ||
	    memcmp(word[0], seal_word, size[0]) != 0 ||
	    !rules_number(word[1], size[1], &seal->head.seq) || seal->head.seq == 0 ||
	    size[2] != CHAIN_HEX || !rules_lower_hex(word[2], size[2]) ||
	    !rules_time(word[3], size[3]) || size[4] != AUDIT_KEY_ID_SIZE - 1 ||
	    !rules_lower_hex(word[4], size[4]) || !decode(word[5], size[5], seal->signature))
		return false;
	memcpy(seal->head.hash, word[2], CHAIN_HEX);
	seal->head.hash[CHAIN_HEX] = '\0';
	memcpy(seal->time, word[3], size[3]);
	seal->time[size[3]] = '\0';
	memcpy(seal->key_id, word[4], size[4]);
	seal->key_id[size[4]] = '\0';
	seal->signed_length = (size_t)(word[5] - line) - 1;
	return true;
}

int seal_append(int folder, const char *name, const struct chain *head, const struct audit_key *key)
{
	char line[SEAL_LINE_MAX];
	size_t length = seal_line(line, head, key);
	int fd, rc;

	if (length == 0)
		return -EIO;
	fd = durable_open(folder, name, O_RDWR | O_APPEND | O_CREAT, SEAL_MODE);
	if (fd < 0)
		return fd;
	rc = durable_end_line(fd);
	if (rc == 0)
		rc = durable_write_all(fd, line, length);
	if (rc == 0)
		rc = durable_sync(fd);
	close(fd);
	return rc == 0 ? durable_sync_folder(folder) : rc;
}
