/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands that look at a station of another process. */
#ifndef CLI_STATION_H
#define CLI_STATION_H

#include "cli.h"
#include "h7gang/station/client.h"
#include "h7gang/station/model.h"

#define CLI_STATION_MS 5000 /* for a station to answer */

/* Connects to the station that --connect or RUNTIME_DIRECTORY names, and takes its state. NULL: the
 * reason has been told, and `*status` is the exit status. */
struct station_client *cli_station_connect(const char *command, const struct cli_options *options,
					   struct station_model *model, enum h7_exit *status);

#endif
