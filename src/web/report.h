/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report of the log, made by `h7gang audit report` in its own process, one at a time. */
#ifndef WEB_REPORT_H
#define WEB_REPORT_H

#include "http.h"

struct report_maker;

struct report_maker *report_open(void); /* NULL: no memory */
void report_answer(struct web *web, struct http_answer *answer);

#endif
