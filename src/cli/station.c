/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "station.h"

#include <stdlib.h>

struct station_client *cli_station_connect(const char *command, const struct cli_options *options,
					   struct station_model *model, enum h7_exit *status)
{
	struct station_client *client;
	char path[STATION_PATH_SIZE], why[300];
	json_t *object;

	if (!station_path(options->connect, path, sizeof(path), why, sizeof(why))) {
		*status = cli_usage(command, "--connect: %s", why);
		return NULL;
	}
	*status = H7_EXIT_NO_TARGET;
	client = station_client_open(path, CLI_STATION_MS, why, sizeof(why));
	if (!client) {
		cli_say("%s", why);
		return NULL;
	}
	object = station_client_next(client, CLI_STATION_MS);
	if (object && station_model_read(model, object, clock_now())) {
		json_decref(object);
		*status = H7_EXIT_OK;
		return client;
	}
	json_decref(object);
	cli_say("%s: the station does not say how it is", path);
	station_client_close(client);
	return NULL;
}
