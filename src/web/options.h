/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WEB_OPTIONS_H
#define WEB_OPTIONS_H

#include "web.h"

/* False: the program ends with `*status`. A mistake in the options has been reported. */
bool web_options_read(struct web_options *options, int argc, char **argv, int *status);

#endif
