/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operator's language, by gettext catalogs. Logs, events and messages of the command line stay
 * English. */
#ifndef H7GANG_SRC_UI_LINGO_H
#define H7GANG_SRC_UI_LINGO_H

#include <libintl.h>

#include "h7gang/base/errors.h"

#define _(text) gettext(text)
#define N_(text) text
#define UI_MESSAGES_LOCALE "C_XX.UTF-8" /* see lingo.c */

/* The advice for an error. Its key in the catalogs is the error's name, "advice usb_timeout", so
 * that a change of the English text needs no new translation. */
const char *ui_advice(enum h7_error error);

#define PHRASE_SIZE 1024

/* A message of the station, in the operator's language if the catalog has it. Returns `to`. */
const char *ui_phrase(const char *text, char to[PHRASE_SIZE]);

#endif
