/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUBLISH_OPTIONS_H
#define PUBLISH_OPTIONS_H

#include "publish.h"

/* False: the program ends with `*status`. A mistake in the options has been reported. */
bool publish_options_read(struct publish_options *options, int argc, char **argv, int *status);

#endif
