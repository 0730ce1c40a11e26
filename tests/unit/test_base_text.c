/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One classification of characters: every encoder is held against the same list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "h7gang/base/text.h"

static const struct {
	const char *text;
	const char *terminal, *html, *csv, *json;
} cases[] = {
	{"", "", "", "", "\"\""},
	{"A1 b", "A1 b", "A1 b", "A1 b", "\"A1 b\""},
	{"Zoë 東 \U0001F600", "Zoë 東 \U0001F600", "Zoë 東 \U0001F600", "Zoë 東 \U0001F600",
	 "\"Zoë 東 \U0001F600\""},
	/* Emoji and scripts that need the zero width joiner keep it. */
	{"\u200c\u200d", "\u200c\u200d", "\u200c\u200d", "\u200c\u200d", "\"\u200c\u200d\""},
	/* Characters with a meaning in the syntax of one output. */
	{"<a href=\"x\">&'", "<a href=\"x\">&'", "&lt;a href=&quot;x&quot;&gt;&amp;&#39;",
	 "<a href=\"x\">&'", "\"<a href=\\\"x\\\">&'\""},
	{"a\\b", "a\\b", "a\\b", "a\\\\b", "\"a\\\\b\""},
	/* C0, DEL, C1 */
	{"\x1b]0;x\a", "\\x1b]0;x\\x07", "\\x1b]0;x\\x07", "\\x1b]0;x\\x07",
	 "\"\\u001b]0;x\\u0007\""},
	{"\n\t", "\\x0a\\x09", "\\x0a\\x09", "\\x0a\\x09", "\"\\u000a\\u0009\""},
	{"\x7f", "\\x7f", "\\x7f", "\\x7f", "\"\\u007f\""},
	{"\xc2\x9b"
	 "2J",
	 "\\xc2\\x9b2J", "\\xc2\\x9b2J", "\\xc2\\x9b2J", "\"\\u009b2J\""},
	/* Characters that hide or turn text round; a log keeps them as they are. */
	{"\u061c", "\\xd8\\x9c", "\\xd8\\x9c", "\u061c", "\"\\u061c\""},
	{"\u200e", "\\xe2\\x80\\x8e", "\\xe2\\x80\\x8e", "\u200e", "\"\\u200e\""},
	{"\u200f", "\\xe2\\x80\\x8f", "\\xe2\\x80\\x8f", "\u200f", "\"\\u200f\""},
	{"\u2028", "\\xe2\\x80\\xa8", "\\xe2\\x80\\xa8", "\u2028", "\"\\u2028\""},
	{"\u2029", "\\xe2\\x80\\xa9", "\\xe2\\x80\\xa9", "\u2029", "\"\\u2029\""},
	{"\u202e", "\\xe2\\x80\\xae", "\\xe2\\x80\\xae", "\u202e", "\"\\u202e\""},
	{"\u2066", "\\xe2\\x81\\xa6", "\\xe2\\x81\\xa6", "\u2066", "\"\\u2066\""},
	{"\u2069", "\\xe2\\x81\\xa9", "\\xe2\\x81\\xa9", "\u2069", "\"\\u2069\""},
	{"\ufeff", "\\xef\\xbb\\xbf", "\\xef\\xbb\\xbf", "\ufeff", "\"\\ufeff\""},
	{"\U000e0041", "\\xf3\\xa0\\x81\\x81", "\\xf3\\xa0\\x81\\x81", "\U000e0041",
	 "\"\\udb40\\udc41\""},
	/* Not UTF-8: stray, cut, overlong, a surrogate, above U+10FFFF. */
	{"\x80", "\\x80", "\\x80", "\\x80", "\"\\ufffd\""},
	{"a\xe2\x82", "a\\xe2\\x82", "a\\xe2\\x82", "a\\xe2\\x82", "\"a\\ufffd\\ufffd\""},
	{"\xc0\xaf", "\\xc0\\xaf", "\\xc0\\xaf", "\\xc0\\xaf", "\"\\ufffd\\ufffd\""},
	{"\xe0\x80\xaf", "\\xe0\\x80\\xaf", "\\xe0\\x80\\xaf", "\\xe0\\x80\\xaf",
	 "\"\\ufffd\\ufffd\\ufffd\""},
	{"\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80",
	 "\"\\ufffd\\ufffd\\ufffd\""},
	{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80",
	 "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

static void terminal_and_html(void **state)
{
	char to[128];

	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		text_terminal(cases[i].text, to, sizeof(to));
		assert_string_equal(to, cases[i].terminal);
		text_html(cases[i].text, to, sizeof(to));
		assert_string_equal(to, cases[i].html);
	}
}

static void csv(void **state)
{
	char to[128];

	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		size_t length = text_csv(cases[i].text, strlen(cases[i].text), to, sizeof(to));

		assert_int_equal(length, strlen(cases[i].csv));
		assert_memory_equal(to, cases[i].csv, length);
		if (length > 0)
			assert_true(text_csv(cases[i].text, strlen(cases[i].text), to,
					     length - 1) == TEXT_NO_ROOM);
	}
	assert_int_equal(text_csv("a\0b", 3, to, sizeof(to)), 6);
}

static void json(void **state)
{
	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		char *made, document[256];
		size_t size;
		FILE *to = open_memstream(&made, &size);

		text_json(to, cases[i].text, strlen(cases[i].text));
		fclose(to);
		assert_string_equal(made, cases[i].json);
		free(made);
		/* A document that a library made keeps its meaning. */
		if (strpbrk(cases[i].text, "\"\\\n\t\x1b"))
			continue;
		snprintf(document, sizeof(document), "{\"k\":\"%s\"}", cases[i].text);
		to = open_memstream(&made, &size);
		text_json_document(to, document);
		fclose(to);
		snprintf(document, sizeof(document), "{\"k\":%s}", cases[i].json);
		assert_string_equal(made, document);
		free(made);
	}
}

static void cut_between_characters(void **state)
{
	char to[8];

	(void)state;
	assert_int_equal(text_cut("abc", 3, 5), 3);
	assert_int_equal(text_cut("abcdef", 6, 4), 4);
	assert_int_equal(text_cut("ab\xe2\x82\xac", 5, 4), 2);
	assert_int_equal(text_cut("ab\xe2\x82\xac", 5, 3), 2);
	assert_int_equal(text_cut("ab\xe2\x82\xac"
				  "d",
				  6, 5),
			 5);
	assert_int_equal(text_cut("\x80\x80\x80\x80\x80", 5, 4), 4);
	assert_int_equal(text_cut("\xc3\xab", 2, 0), 0);
	text_terminal("abcdef\u202e", to, sizeof(to));
	assert_string_equal(to, "abcdef");
	text_html("abcd<", to, sizeof(to));
	assert_string_equal(to, "abcd");
	text_well_formed("\xff"
			 "a\xff\xff",
			 to, sizeof(to));
	assert_string_equal(to, "\ufffda\ufffd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terminal_and_html),
		cmocka_unit_test(csv),
		cmocka_unit_test(json),
		cmocka_unit_test(cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
