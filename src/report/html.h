/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces of a page. Every text of a log goes through html_text: a board may call itself anything.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A text, fit to stand in an element or an attribute. */
void html_text(FILE *to, const char *text);

/* Table cells. A share of nothing is a dash. */
void html_number(FILE *to, uint64_t number);
void html_share(FILE *to, double part, double whole, int digits);
void html_seconds(FILE *to, bool known, double ms);

/* "<td>" with a text, "-" where it is empty. */
void html_cell(FILE *to, const char *text);

/* The beginning of a page: the policy that allows exactly this style and script, and the style.
 * `script` may be NULL. Every page begins with HTML_FIRST. */
#define HTML_FIRST "<!DOCTYPE html>\n"
bool html_begin(FILE *to, const char *title, const char *style, const char *script);
void html_end(FILE *to, const char *script);

#endif
