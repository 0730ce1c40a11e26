/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/base/text.h"

#include <stdbool.h>
#include <string.h>

/* --- the one classification --- */

/* Unicode's format characters (Cf) that hide or turn text round, and the line and paragraph
 * separators. U+200C and U+200D, which writing systems and emoji need inside words, count as plain
 * text. */
static const struct {
	uint32_t first, last;
} formats[] = {
	{0xad, 0xad},       /* soft hyphen */
	{0x61c, 0x61c},     /* Arabic letter mark */
	{0x180e, 0x180e},   /* Mongolian vowel separator */
	{0x200b, 0x200b},   /* zero width space */
	{0x200e, 0x200f},   /* left-to-right and right-to-left mark */
	{0x2028, 0x202e},   /* separators, embeddings, overrides */
	{0x2060, 0x206f},   /* word joiner, invisible operators, isolates, deprecated ones */
	{0xfeff, 0xfeff},   /* byte-order mark */
	{0xfff9, 0xfffb},   /* interlinear annotation */
	{0xe0000, 0xe007f}, /* tags */
};

static enum text_kind kind_of(uint32_t code)
{
	if (code >= 0x20 && code < 0x7f)
		return TEXT_PLAIN;
	if (code < 0xa0)
		return TEXT_CONTROL;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (code >= formats[i].first && code <= formats[i].last)
			return TEXT_FORMAT;
	}
	return TEXT_PLAIN;
}

/* Bytes that a character with this first byte has; 0: no character begins so. */
static size_t length_by_first(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

struct text_char text_at(const char *text, size_t left)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *byte = (const unsigned char *)text;
	const struct text_char invalid = {1, byte[0], TEXT_INVALID};
	struct text_char got = {.length = length_by_first(byte[0])};

	if (got.length == 0 || got.length > left)
		return invalid;
	got.code = got.length == 1 ? byte[0] : byte[0] & (0x7fu >> got.length);
	for (size_t i = 1; i < got.length; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return invalid;
		got.code = got.code << 6 | (byte[i] & 0x3fu);
	}
	if (got.code < least[got.length] || got.code > 0x10ffff ||
	    (got.code >= 0xd800 && got.code < 0xe000))
		return invalid;
	got.kind = kind_of(got.code);
	return got;
}

size_t text_cut(const char *text, size_t length, size_t max)
{
	if (length <= max)
		return length;
	/* Only a whole character that straddles the cut is moved out; stray bytes stay. */
	for (size_t back = 1; back <= 3 && back <= max; back++) {
		struct text_char got = text_at(text + max - back, length - (max - back));

		if (got.kind == TEXT_INVALID)
			continue;
		return got.length > back ? max - back : max;
	}
	return max;
}

/* --- encoders --- */

void text_put(struct text_sink *sink, const char *bytes, size_t length)
{
	if (sink->full || length > sink->size - sink->used) {
		sink->full = true;
		return;
	}
	memcpy(sink->to + sink->used, bytes, length);
	sink->used += length;
}

/* All bytes of a character, or none. */
static void put_hex(struct text_sink *sink, const char *bytes, size_t length)
{
	static const char digit[] = "0123456789abcdef";
	char text[16];

	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		text[4 * i] = '\\';
		text[4 * i + 1] = 'x';
		text[4 * i + 2] = digit[byte >> 4];
		text[4 * i + 3] = digit[byte & 15];
	}
	text_put(sink, text, 4 * length);
}

static void put_terminal(struct text_sink *sink, const char *text, const struct text_char *got)
{
	if (got->kind == TEXT_PLAIN)
		text_put(sink, text, got->length);
	else
		put_hex(sink, text, got->length);
}

static void put_html(struct text_sink *sink, const char *text, const struct text_char *got)
{
	static const struct {
		uint32_t code;
		const char *entity;
	} entities[] = {
		{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		if (got->code == entities[i].code) {
			text_put(sink, entities[i].entity, strlen(entities[i].entity));
			return;
		}
	}
	put_terminal(sink, text, got);
}

static void put_csv(struct text_sink *sink, const char *text, const struct text_char *got)
{
	if (got->code == '\\')
		text_put(sink, "\\\\", 2);
	else if (got->kind == TEXT_CONTROL || got->kind == TEXT_INVALID)
		put_hex(sink, text, got->length);
	else
		text_put(sink, text, got->length);
}

static void put_well_formed(struct text_sink *sink, const char *text, const struct text_char *got)
{
	if (got->kind == TEXT_INVALID)
		text_put(sink, "\xef\xbf\xbd", 3);
	else
		text_put(sink, text, got->length);
}

typedef void putter(struct text_sink *sink, const char *text, const struct text_char *got);

static void encode(struct text_sink *sink, const char *text, size_t length, putter *put_one)
{
	for (size_t i = 0; i < length && !sink->full;) {
		struct text_char got = text_at(text + i, length - i);

		put_one(sink, text + i, &got);
		i += got.length;
	}
}

static void encode_text(const char *text, char *to, size_t size, putter *put_one)
{
	struct text_sink sink = {.to = to, .size = size - 1};

	encode(&sink, text, strlen(text), put_one);
	to[sink.used] = '\0';
}

void text_terminal(const char *text, char *to, size_t size)
{
	encode_text(text, to, size, put_terminal);
}

void text_html(const char *text, char *to, size_t size)
{
	encode_text(text, to, size, put_html);
}

void text_well_formed(const char *text, char *to, size_t size)
{
	encode_text(text, to, size, put_well_formed);
}

size_t text_csv(const char *text, size_t length, char *to, size_t size)
{
	struct text_sink sink = {.to = to, .size = size};

	encode(&sink, text, length, put_csv);
	return sink.full ? TEXT_NO_ROOM : sink.used;
}

/* --- JSON --- */

static void json_escape(FILE *to, uint32_t code)
{
	if (code < 0x10000) {
		fprintf(to, "\\u%04x", (unsigned)code);
		return;
	}
	code -= 0x10000;
	fprintf(to, "\\u%04x\\u%04x", 0xd800u + (unsigned)(code >> 10),
		0xdc00u + (unsigned)(code & 0x3ff));
}

void text_json(FILE *to, const char *text, size_t length)
{
	putc('"', to);
	for (size_t i = 0; i < length;) {
		struct text_char got = text_at(text + i, length - i);

		if (got.kind == TEXT_INVALID)
			json_escape(to, 0xfffd);
		else if (got.kind != TEXT_PLAIN)
			json_escape(to, got.code);
		else if (got.code == '"' || got.code == '\\')
			fprintf(to, "\\%c", (int)got.code);
		else
			fwrite(text + i, 1, got.length, to);
		i += got.length;
	}
	putc('"', to);
}

void text_json_document(FILE *to, const char *document)
{
	size_t length = strlen(document);

	for (size_t i = 0; i < length;) {
		struct text_char got = text_at(document + i, length - i);

		/* Outside of strings there is none but the white space. */
		if (got.kind == TEXT_PLAIN || got.code == '\n' || got.code == '\t')
			fwrite(document + i, 1, got.length, to);
		else
			json_escape(to, got.kind == TEXT_INVALID ? 0xfffd : got.code);
		i += got.length;
	}
}
