/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WEB_OPTIONS_H
#define WEB_OPTIONS_H

#include "web.h"

/* False: nothing is to be done any more, `*status` is the exit status; what is wrong was said. */
bool web_options_read(struct web_options *options, int argc, char **argv, int *status);

#endif
