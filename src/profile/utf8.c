/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "utf8.h"

/* The character at `at` and its length in bytes; 0 if it is no UTF-8 (RFC 3629). */
static size_t decode(const uint8_t *at, size_t left, uint32_t *value)
{
	static const uint32_t lowest[5] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = at[0] < 0x80   ? 1
			: at[0] < 0xC0 ? 0
			: at[0] < 0xE0 ? 2
			: at[0] < 0xF0 ? 3
				       : 4;

	if (length == 0 || length > left || at[0] > 0xF4)
		return 0;
	*value = length == 1 ? at[0] : at[0] & (0x7Fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xC0) != 0x80)
			return 0;
		*value = *value << 6 | (at[i] & 0x3F);
	}
	if (*value < lowest[length] || *value > 0x10FFFF || (*value >= 0xD800 && *value < 0xE000))
		return 0;
	return length;
}

/* YAML 1.1 §5.1, c-printable. */
static bool printable(uint32_t c)
{
	if (c < 0xA0)
		return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F) || c == 0x85;
	return c != 0xFEFF && c != 0xFFFE && c != 0xFFFF;
}

size_t utf8_good(const uint8_t *bytes, size_t length, struct profile_place *place, const char **why)
{
	size_t at = 0;

	*place = (struct profile_place){1, 1};
	*why = NULL;
	while (at < length) {
		uint32_t c = 0;
		size_t n = decode(bytes + at, length - at, &c);

		if (n == 0 || !printable(c)) {
			*why = n == 0 ? "not UTF-8" : c == 0 ? "a NUL byte" : "a control character";
			break;
		}
		at += n;
		if (c == '\n' || (c == '\r' && (at == length || bytes[at] != '\n'))) {
			place->line++;
			place->column = 1;
		} else {
			place->column++;
		}
	}
	return at;
}
