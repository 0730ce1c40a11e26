/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang status [--connect PATH] [--json | --prometheus]\n"
	"\n"
	"Prints how a station is, on one screen, and ends.\n"
	"\n"
	"  --connect PATH  the station's socket (run --watch --socket PATH);\n"
	"                  default: station.sock in RUNTIME_DIRECTORY\n"
	"  --json          print the station's snapshot as one JSON object\n"
	"  --prometheus    print metrics, for a textfile of the node_exporter of Prometheus\n"
	"\n"
	"Exit status: 0; 2 mistake in the options; 3 no station answers; 5 internal error.\n";

#include <stdlib.h>

#include "h7gang/station/event.h"
#include "station.h"

static enum h7_exit print_json(const struct station_model *model)
{
	json_t *object = station_model_json(model, clock_now());
	char *line = object ? station_json_line(object) : NULL;
	enum h7_exit status = line ? H7_EXIT_OK : H7_EXIT_INTERNAL;

	if (line)
		fputs(line, stdout);
	else
		cli_say("no memory");
	free(line);
	json_decref(object);
	return status;
}

static enum h7_exit run(const struct cli_options *options)
{
	struct station_model *model = calloc(1, sizeof(*model));
	struct station_client *client = NULL;
	enum h7_exit status = H7_EXIT_INTERNAL;

	if (options->given[CLI_JSON] && options->given[CLI_PROMETHEUS])
		status = cli_usage("status", "--json excludes --prometheus");
	else if (model)
		client = cli_station_connect("status", options, model, &status);
	else
		cli_say("no memory");
	if (client && options->given[CLI_JSON])
		status = print_json(model);
	else if (client && options->given[CLI_PROMETHEUS])
		station_model_metrics(stdout, model);
	else if (client)
		station_model_text(stdout, model, clock_now());
	station_client_close(client);
	free(model);
	return status;
}

const struct cli_command cli_status = {
	.name = "status",
	.summary = "print how a station is",
	.help = help_text,
	.accepts = CLI_LIST(CLI_CONNECT, CLI_JSON, CLI_PROMETHEUS),
	.run = run,
};
