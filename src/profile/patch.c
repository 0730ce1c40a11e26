/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a unit's number to the bytes of its patches. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patch.h"

#define VALUE_SIZE (2 * PROFILE_PATCH_MAX + 64) /* of a value filled in, at most */
#define MAC48_BYTES 6

const char *profile_encode_name(unsigned encode)
{
	static const char *const names[] = {
		[PROFILE_ENCODE_ASCII] = "ascii", [PROFILE_ENCODE_UTF8] = "utf8",
		[PROFILE_ENCODE_MAC48] = "mac48", [PROFILE_ENCODE_U16LE] = "u16le",
		[PROFILE_ENCODE_U32LE] = "u32le", [PROFILE_ENCODE_U64LE] = "u64le",
		[PROFILE_ENCODE_BYTES] = "bytes",
	};

	return encode < sizeof(names) / sizeof(names[0]) ? names[encode] : NULL;
}

/* --- the counter's format --- */

bool patch_format(const char *text, struct patch_format *format)
{
	const char *at = strchr(text, '{');

	*format = (struct patch_format){.before = text, .kind = 'd'};
	if (at == NULL)
		return false;
	format->before_length = (size_t)(at - text);
	at++;
	if (*at == ':') {
		at++;
		format->zeros = *at == '0';
		at += format->zeros;
		while (*at >= '0' && *at <= '9' && format->width < 100)
			format->width = format->width * 10 + (unsigned)(*at++ - '0');
		if (*at == 'd' || *at == 'x' || *at == 'X')
			format->kind = *at++;
	}
	if (*at != '}' || format->width > 32)
		return false;
	format->after = at + 1;
	return strpbrk(format->after, "{}") == NULL &&
	       memchr(text, '}', format->before_length) == NULL;
}

bool profile_serial_text(const struct profile_serial *serial, uint64_t counter,
			 char text[PROFILE_SERIAL_SIZE])
{
	struct patch_format format;
	char digits[24];
	int length, pad, n;

	if (!patch_format(serial->format, &format))
		return false;
	length = snprintf(digits, sizeof(digits),
			  format.kind == 'd'   ? "%" PRIu64
			  : format.kind == 'x' ? "%" PRIx64
					       : "%" PRIX64,
			  counter);
	pad = length < (int)format.width ? (int)format.width - length : 0;
	n = snprintf(text, PROFILE_SERIAL_SIZE, "%.*s%.*s%s%s", (int)format.before_length,
		     format.before, pad,
		     format.zeros ? "00000000000000000000000000000000"
				  : "                                ",
		     digits, format.after);
	return n > 0 && n < PROFILE_SERIAL_SIZE;
}

static bool find_counter(const struct profile_serial *serial, const char *text,
			 struct profile_unit *unit)
{
	struct patch_format format;
	size_t length = strlen(text), after;
	char digits[PROFILE_SERIAL_SIZE], again[PROFILE_SERIAL_SIZE], *end;

	if (!patch_format(serial->format, &format))
		return false;
	after = strlen(format.after);
	if (length >= sizeof(digits) || length <= format.before_length + after ||
	    memcmp(text, format.before, format.before_length) != 0 ||
	    strcmp(text + length - after, format.after) != 0)
		return false;
	length -= format.before_length + after;
	memcpy(digits, text + format.before_length, length);
	digits[length] = '\0';
	unit->counter = strtoull(digits, &end, format.kind == 'd' ? 10 : 16);
	/* Converts the number back: no other spelling is accepted. */
	if (*end != '\0' || unit->counter > PROFILE_COUNTER_MAX ||
	    !profile_serial_text(serial, unit->counter, again) || strcmp(again, text) != 0)
		return false;
	memcpy(unit->serial, again, sizeof(unit->serial));
	return true;
}

bool profile_serial_find(const struct profile_serial *serial, const char *text,
			 struct profile_unit *unit)
{
	const struct profile_list *list = &serial->list;

	if (serial->given) {
		if (text[0] == '\0' || strlen(text) >= PROFILE_SERIAL_SIZE)
			return false;
		strcpy(unit->serial, text);
		return true;
	}
	if (!serial->from_list)
		return find_counter(serial, text, unit);
	for (size_t row = 1; row <= list->rows; row++) {
		const char *key = list->cell[row * list->columns + list->key];

		if (strcmp(key, text) == 0 && strlen(key) < PROFILE_SERIAL_SIZE) {
			strcpy(unit->serial, key);
			unit->row = row;
			return true;
		}
	}
	return false;
}

bool profile_serial_uses(const struct profile_serial *serial, const char *name)
{
	char braced[260];

	snprintf(braced, sizeof(braced), "{%.250s}", name);
	for (unsigned i = 0; i < serial->patches; i++)
		if (serial->patch[i].value != NULL && strstr(serial->patch[i].value, braced))
			return true;
	return false;
}

bool profile_serial_needs_uid(const struct profile_serial *serial)
{
	return profile_serial_uses(serial, "uid");
}

const char *profile_serial_word(const struct profile_serial *serial, const char *name,
				size_t length)
{
	if (length == 3 && memcmp(name, "uid", 3) == 0)
		return "the UID of the chip";
	if (length == 6 && memcmp(name, "serial", 6) == 0)
		return "the number";
	if (length == 7 && memcmp(name, "counter", 7) == 0 && !serial->from_list && !serial->given)
		return "the plain number";
	return NULL;
}

/* --- values --- */

static const char *word(const struct profile_serial *serial, const struct profile_unit *unit,
			const char *name, size_t length, char counter[24])
{
	const struct profile_list *list = &serial->list;
	size_t column;

	if (length == 3 && memcmp(name, "uid", 3) == 0)
		return unit->uid[0] != '\0' ? unit->uid : NULL;
	if (length == 6 && memcmp(name, "serial", 6) == 0)
		return unit->serial;
	for (unsigned i = 0; unit->columns != NULL && i < unit->columns->count; i++)
		if (strncmp(unit->columns->column[i].name, name, length) == 0 &&
		    unit->columns->column[i].name[length] == '\0')
			return unit->columns->column[i].value;
	if (length == 7 && memcmp(name, "counter", 7) == 0 && !serial->from_list &&
	    !serial->given) {
		snprintf(counter, 24, "%" PRIu64, unit->counter);
		return counter;
	}
	column = list_column(list, name, length);
	return column < list->columns && unit->row <= list->rows
		       ? list->cell[unit->row * list->columns + column]
		       : NULL;
}

static bool fill_in(const struct profile_serial *serial, const char *value,
		    const struct profile_unit *unit, char *text, size_t size)
{
	size_t used = 0;
	char counter[24];

	while (*value != '\0') {
		const char *add = value;
		size_t length = strcspn(value, "{");

		if (length == 0) {
			size_t name = strcspn(value + 1, "}");

			add = word(serial, unit, value + 1, name, counter);
			if (add == NULL || value[1 + name] != '}')
				return false;
			value += name + 2;
			length = strlen(add);
		} else {
			value += length;
		}
		if (length >= size - used)
			return false;
		memcpy(text + used, add, length);
		used += length;
	}
	text[used] = '\0';
	return true;
}

static bool refuse(char *why, size_t size, const char *what)
{
	snprintf(why, size, "%s", what);
	return false;
}

static bool number(const char *text, uint64_t most, uint64_t *value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	char *end;

	if (!isxdigit((unsigned char)*digits) || strlen(digits) > (hex ? 16 : 19))
		return false;
	*value = strtoull(digits, &end, hex ? 16 : 10);
	return *end == '\0' && *value <= most;
}

static bool hex_bytes(const char *text, uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned value;

		if (!isxdigit((unsigned char)text[2 * i]) ||
		    !isxdigit((unsigned char)text[2 * i + 1]) ||
		    sscanf(text + 2 * i, "%2x", &value) != 1)
			return false;
		bytes[i] = (uint8_t)value;
	}
	return true;
}

bool patch_mac48(const char *text, uint64_t *value)
{
	char digits[2 * MAC48_BYTES + 1];
	uint8_t bytes[MAC48_BYTES];
	char separator = strlen(text) == 17 ? text[2] : '\0';
	size_t n = 0;

	if (separator != '\0' ? separator != ':' && separator != '-' : strlen(text) != 12)
		return false;
	for (size_t i = 0; text[i] != '\0'; i++) {
		if (separator != '\0' && i % 3 == 2) {
			if (text[i] != separator)
				return false;
		} else if (n < 2 * MAC48_BYTES) {
			digits[n++] = text[i];
		}
	}
	digits[n] = '\0';
	if (!hex_bytes(digits, bytes, MAC48_BYTES))
		return false;
	*value = 0;
	for (size_t i = 0; i < MAC48_BYTES; i++)
		*value = *value << 8 | bytes[i];
	return true;
}

static bool put_little(uint8_t *bytes, size_t count, const char *text, char *why, size_t size)
{
	uint64_t value;

	if (!number(text, count < 8 ? (UINT64_C(1) << 8 * count) - 1 : UINT64_MAX, &value))
		return refuse(why, size, "is no whole number, or too large for its bytes");
	for (size_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
	return true;
}

/* Why no device may have that address (IEEE 802: the first bit sent is the group bit); NULL: it
 * may. */
static const char *mac_fault(const uint8_t mac[MAC48_BYTES])
{
	static const uint8_t zero[MAC48_BYTES],
		ones[MAC48_BYTES] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

	if (memcmp(mac, zero, sizeof(zero)) == 0)
		return "is all zeros; each board needs its own MAC address";
	if (memcmp(mac, ones, sizeof(ones)) == 0)
		return "is the broadcast MAC address; each board needs its own address";
	if (mac[0] & 1)
		return "is a multicast MAC address; the lowest bit of its first byte must be 0";
	return NULL;
}

static bool put_mac48(const struct profile_patch *patch, uint8_t *bytes, const char *text,
		      char *why, size_t size)
{
	const uint64_t most = (UINT64_C(1) << 48) - 1;
	const char *fault;
	uint64_t value;

	if (patch->has_base) {
		if (!number(text, most - patch->base, &value))
			return refuse(why, size, "is no number, or runs past the last MAC address");
		value += patch->base;
	} else if (!patch_mac48(text, &value)) {
		return refuse(why, size, "is no MAC address such as 02:00:00:00:00:00");
	}
	for (size_t i = 0; i < MAC48_BYTES; i++)
		bytes[i] = (uint8_t)(value >> 8 * (MAC48_BYTES - 1 - i));
	fault = mac_fault(bytes);
	return !fault || refuse(why, size, fault);
}

/* Fits `length` bytes into the patch. */
static bool fits(const struct profile_patch *patch, size_t length, uint8_t *bytes, char *why,
		 size_t size)
{
	if (length > patch->length)
		return refuse(why, size, "is longer than the patch");
	if (length < patch->length && !patch->padded)
		return refuse(why, size, "is shorter than the patch, and there is no pad");
	memset(bytes + length, patch->pad, patch->length - length);
	return true;
}

static bool put_text(const struct profile_patch *patch, uint8_t *bytes, const char *text, char *why,
		     size_t size)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length && patch->encode == PROFILE_ENCODE_ASCII; i++)
		if ((unsigned char)text[i] >= 0x80)
			return refuse(why, size, "is not ASCII");
	if (!fits(patch, length, bytes, why, size))
		return false;
	memcpy(bytes, text, length);
	return true;
}

static bool put_bytes(const struct profile_patch *patch, uint8_t *bytes, const char *text,
		      char *why, size_t size)
{
	size_t length = strlen(text) / 2;

	if (!fits(patch, length, bytes, why, size))
		return false;
	if (strlen(text) % 2 != 0 || !hex_bytes(text, bytes, length))
		return refuse(why, size, "is not pairs of hexadecimal digits");
	return true;
}

bool profile_patch_bytes(const struct profile_serial *serial, const struct profile_patch *patch,
			 const struct profile_unit *unit, uint8_t *bytes, char *why,
			 size_t why_size)
{
	const char *text;
	char filled[VALUE_SIZE];
	bool good = false;

	text = patch->column > 0 && unit->columns == NULL && unit->row <= serial->list.rows
		       ? serial->list.cell[unit->row * serial->list.columns + patch->column - 1]
		       : filled;
	if (text == filled && !fill_in(serial, patch->value, unit, filled, sizeof(filled))) {
		refuse(why, why_size,
		       serial->source == PROFILE_SOURCE_HOOK
			       ? "is too long, or a column or the UID is missing"
			       : "is too long, or its UID is unknown");
		goto out;
	}
	switch (patch->encode) {
	case PROFILE_ENCODE_ASCII:
	case PROFILE_ENCODE_UTF8:
		good = put_text(patch, bytes, text, why, why_size);
		break;
	case PROFILE_ENCODE_MAC48:
		good = put_mac48(patch, bytes, text, why, why_size);
		break;
	case PROFILE_ENCODE_U16LE:
	case PROFILE_ENCODE_U32LE:
	case PROFILE_ENCODE_U64LE:
		good = put_little(bytes, patch->length, text, why, why_size);
		break;
	case PROFILE_ENCODE_BYTES:
		good = put_bytes(patch, bytes, text, why, why_size);
		break;
	}
out:
	if (text == filled)
		explicit_bzero(filled, sizeof(filled));
	return good;
}

void profile_serial_free(struct profile_serial *serial)
{
	if (serial == NULL)
		return;
	for (unsigned i = 0; i < serial->patches; i++)
		free(serial->patch[i].value);
	list_free(&serial->list);
	free(serial->file);
	free(serial->pool);
	free(serial->state);
	free(serial->format);
	free(serial);
}
