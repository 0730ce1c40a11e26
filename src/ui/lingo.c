/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Works on a system without generated locales: C.UTF-8 is part of the C library, and LANGUAGE alone
 * then says which catalog. Since glibc 2.41, LANGUAGE counts for nothing in C.UTF-8 (bug 16621).
 * For the name of UI_MESSAGES_LOCALE, glibc takes the same data, without the territory, and heeds
 * LANGUAGE. */
#include "lingo.h"

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/ui/ui.h"

#define DOMAIN "h7gang"

const char *ui_language(const char *code)
{
	static const char *const catalogs[] = {"en", "de", "es", "pl", "zh_CN"};
	static const char *const traditional[] = {"zh_TW", "zh_HK", "zh_MO", "zh_Hant", "zh-Hant"};

	for (size_t i = 0; i < sizeof(traditional) / sizeof(traditional[0]); i++)
		if (strncmp(code, traditional[i], strlen(traditional[i])) == 0)
			return NULL; /* its readers need not read Simplified Chinese */
	for (size_t i = 0; i < sizeof(catalogs) / sizeof(catalogs[0]); i++)
		if (strncmp(code, catalogs[i], 2) == 0 && (!code[2] || strchr("_-.@", code[2])))
			return catalogs[i];
	return NULL;
}

/* The languages in the environment, by the rules of gettext; "" none. */
static const char *asked(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *language = getenv("LANGUAGE"), *value = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !value[0]; i++)
		value = getenv(names[i]) ? getenv(names[i]) : "";
	if (!value[0] || strcmp(value, "C") == 0 || strcmp(value, "POSIX") == 0 ||
	    strncmp(value, "C.", 2) == 0)
		return language && value[0] && strcmp(value, "C") != 0 ? language : "";
	return language && language[0] ? language : value;
}

/* UTF-8 is meant, though the locale that says so was not generated. */
static bool means_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value && value[0])
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

/* Beside the program as it was built, or as it was installed. */
static const char *catalogs(char folder[PATH_MAX])
{
	static const char *const places[] = {"locale", "../share/locale"};
	char program[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
	char *slash;
	struct stat st;

	if (length <= 0)
		return NULL;
	program[length] = 0;
	slash = strrchr(program, '/');
	for (size_t i = 0; slash && i < sizeof(places) / sizeof(places[0]); i++) {
		int n = snprintf(folder, PATH_MAX, "%.*s/%s", (int)(slash - program), program,
				 places[i]);

		if (n > 0 && n < PATH_MAX && stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
			return folder;
	}
	return NULL;
}

/* The console's font has no Chinese characters. */
static bool console_lacks(const char *language)
{
	const char *term = getenv("TERM");

	return strncmp(language, "zh", 2) == 0 && term && strncmp(term, "linux", 5) == 0;
}

void ui_choose_language(const char *wanted)
{
	char folder[PATH_MAX];
	const char *language;

	setlocale(LC_CTYPE, "");
	if ((wanted || means_utf8()) && strcmp(nl_langinfo(CODESET), "UTF-8") != 0 &&
	    (means_utf8() || !getenv("LC_ALL")))
		setlocale(LC_CTYPE, "C.UTF-8");
	language = wanted ? wanted : asked();
	if (!strchr(language, ':') && ui_language(language)) /* a list is gettext's to read */
		language = ui_language(language);
	if (!language[0] || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return;
	if (console_lacks(language)) {
		fputs("h7gang: this console has no Chinese characters: the panel is in English\n",
		      stderr);
		return;
	}
	if (!catalogs(folder) || !setlocale(LC_MESSAGES, UI_MESSAGES_LOCALE) ||
	    setenv("LANGUAGE", language, 1) != 0)
		return;
	bindtextdomain(DOMAIN, folder);
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	textdomain(DOMAIN);
}

const char *ui_advice(enum h7_error error)
{
	char key[64];
	const char *text;

	snprintf(key, sizeof(key), "advice %s", h7_error_name(error));
	text = gettext(key);
	return text == key ? h7_error_advice(error) : text;
}
