/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/audit/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chain.h"
#include "csv.h"
#include "rules.h"

bool audit_text_unescape(char *text, size_t *length)
{
	if (!csv_unescape(text, length))
		return false;
	text[*length] = '\0';
	return true;
}

size_t audit_text_field(char *out, size_t size, const char *text, size_t length)
{
	return csv_encode(out, size, text, length);
}

int audit_row_hash(const char prev[SHA256_HEX_SIZE], const char *line, size_t length,
		   char hash[SHA256_HEX_SIZE])
{
	struct sha256 *sha = sha256_new();
	int rc = sha ? chain_hash(sha, prev, line, length, hash) : -1;

	sha256_free(sha);
	return rc;
}

static int digits(const char *text, int count)
{
	int number = 0;

	for (int i = 0; i < count; i++)
		number = number * 10 + (text[i] - '0');
	return number;
}

int64_t audit_time_ms(const char *text)
{
	struct tm asked = {0}, got;
	time_t seconds;

	if (!rules_time(text, strlen(text)))
		return 0;
	asked.tm_year = digits(text, 4) - 1900;
	asked.tm_mon = digits(text + 5, 2) - 1;
	asked.tm_mday = digits(text + 8, 2);
	asked.tm_hour = digits(text + 11, 2);
	asked.tm_min = digits(text + 14, 2);
	asked.tm_sec = digits(text + 17, 2);
	got = asked;
	seconds = timegm(&got);
	/* The thirtieth of February would become the first of March. */
	if (seconds < 0 || got.tm_mon != asked.tm_mon || got.tm_mday != asked.tm_mday ||
	    got.tm_hour != asked.tm_hour || got.tm_min != asked.tm_min ||
	    got.tm_sec != asked.tm_sec)
		return 0;
	return (int64_t)seconds * 1000 + digits(text + 20, 3);
}

int64_t audit_since_ms(const char *text)
{
	static const char form[] = "0000-01-01T00:00:00.000Z";
	char whole[sizeof(form)];
	size_t length = strlen(text);
	int64_t ms;

	/* It ends where one of its numbers does. */
	if (length >= sizeof(form) || length < 4 || text[length - 1] < '0' ||
	    (form[length] >= '0' && form[length] <= '9'))
		return -1;
	memcpy(whole, form, sizeof(form));
	memcpy(whole, text, length);
	ms = audit_time_ms(whole);
	return ms > 0 ? ms : -1;
}
