/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the station says, with its slots, lots and numbers in it, in an operator's language. The
 * catalogs are those of build/locale. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/ui/ui.h"
#include "ui/lingo.h"

static void speak(const char *language)
{
	char folder[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", folder, sizeof(folder) - 1);

	assert_true(length > 0);
	folder[length] = 0;
	*strrchr(folder, '/') = 0;
	*strrchr(folder, '/') = 0; /* build/tests/test_ui_phrases */
	assert_true(strlen(folder) + sizeof("/locale") < sizeof(folder));
	strcat(folder, "/locale");
	assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
	assert_non_null(setlocale(LC_MESSAGES, UI_MESSAGES_LOCALE));
	assert_int_equal(setenv("LANGUAGE", language, 1), 0);
	bindtextdomain("h7gang", folder);
	bind_textdomain_codeset("h7gang", "UTF-8");
	textdomain("h7gang");
}

static const struct {
	const char *english, *german;
} cases[] = {
	{"scan the lot", "Los scannen"},
	{"scan the label of the board in A1", "Etikett der Platine in A1 scannen"},
	{"12 boards in a row failed here", "12 Platinen in Folge fehlerhaft auf diesem Platz"},
	{"3 boards in a row failed with wrong_part", "3 Platinen in Folge fehlerhaft: wrong_part"},
	{"3 boards in a row failed", "3 Platinen in Folge fehlerhaft"},
	{"number 17: insert the board into B2", "Nummer 17: Platine in B2 einlegen"},
	{"number 17", "Nummer 17"},
	/* a phrase in a phrase */
	{"slot A1 is blocked: 2 boards in a row failed here",
	 "Platz A1 ist gesperrt: 2 Platinen in Folge fehlerhaft auf diesem Platz"},
	{"h7gang: scanner /dev/input/by-id/usb-x is back",
	 "h7gang: Scanner /dev/input/by-id/usb-x ist wieder da"},
	/* signs of a format in what was scanned, and a part of the phrase itself */
	{"lot %s%n begins", "Los %s%n beginnt"},
	{"lot begins begins", "Los begins beginnt"},
	{"slot  is not free: take its board out first",
	 "Platz  ist nicht frei: zuerst die Platine entnehmen"},
	/* what no phrase is */
	{"", ""},
	{"scan the lot!", "scan the lot!"},
	{"a note of a hook: 100 %", "a note of a hook: 100 %"},
};

static void phrases_are_found(void **state)
{
	char to[PHRASE_SIZE];

	(void)state;
	speak("de");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(ui_phrase(cases[i].english, to), cases[i].german);
	speak("zh_CN");
	assert_string_equal(ui_phrase("scan the lot", to), "请扫描批次");
}

static void english_stays(void **state)
{
	char to[PHRASE_SIZE];

	(void)state;
	speak("en");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(ui_phrase(cases[i].english, to), cases[i].english);
}

static void long_texts_end(void **state)
{
	char text[3 * PHRASE_SIZE], to[PHRASE_SIZE];

	(void)state;
	speak("pl");
	memset(text, ' ', sizeof(text));
	text[sizeof(text) - 1] = 0;
	memcpy(text, "lot ", 4);
	assert_true(strlen(ui_phrase(text, to)) == PHRASE_SIZE - 1);
	memset(text, 'x', sizeof(text) - 1);
	assert_true(strlen(ui_phrase(text, to)) == PHRASE_SIZE - 1);
}

static void codes_have_catalogs(void **state)
{
	static const char *const codes[][2] = {
		{"de", "de"},        {"de_AT.UTF-8", "de"},
		{"es-MX", "es"},     {"pl_PL@x", "pl"},
		{"zh", "zh_CN"},     {"zh_CN", "zh_CN"},
		{"zh_SG", "zh_CN"},  {"en_GB", "en"},
		{"zh_TW", NULL},     {"zh_Hant_HK", NULL},
		{"fr", NULL},        {"deu", NULL},
		{"../../tmp", NULL}, {"", NULL},
		{"d", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		const char *catalog = ui_language(codes[i][0]);

		if (codes[i][1])
			assert_string_equal(catalog, codes[i][1]);
		else
			assert_null(catalog);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phrases_are_found),
		cmocka_unit_test(english_stays),
		cmocka_unit_test(long_texts_end),
		cmocka_unit_test(codes_have_catalogs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
