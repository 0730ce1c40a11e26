/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang panel [--connect PATH] [--no-color] [--language CODE]\n"
	"\n"
	"Shows the panel of a station that runs elsewhere on this computer, on any terminal,\n"
	"also over ssh. Several panels may be open at a time.\n"
	"\n"
	"  --connect PATH   the station's socket (run --watch --socket PATH);\n"
	"                   default: station.sock in RUNTIME_DIRECTORY\n"
	"  --no-color       use no colour (NO_COLOR does the same)\n"
	"  --language CODE  en, de, es, pl or zh_CN; default: the environment\n"
	"\n"
	"Keys are those of the station's own panel, but q closes this panel and leaves the\n"
	"station as it is. The profile's key `control` says what a panel may ask for: see\n"
	"h7gang-profile(5).\n"
	"\n"
	"Exit status: 0 the panel was closed, or the station ended; 2 mistake in the options,\n"
	"or no terminal; 3 no station answers; 5 internal error.\n";

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/gang/control.h"
#include "h7gang/station/event.h"
#include "h7gang/station/replay.h"
#include "station.h"

#define LOOK_MS 200 /* between two looks at whether the operator left */

static bool say(void *user, const char *line)
{
	return station_client_say(user, "panel", line, "");
}

static void take(struct ui *ui, const json_t *object)
{
	struct gang_event *event = malloc(sizeof(*event));

	if (event && station_event_read(object, event, NULL))
		ui_event(ui, event);
	free(event);
}

/* Until the operator leaves, or the station ends. */
static void follow(struct station_client *client, struct ui *ui, char *why, size_t size)
{
	why[0] = 0;
	while (!ui_left(ui)) {
		json_t *object = station_client_next(client, LOOK_MS);

		if (object)
			take(ui, object);
		else if (station_client_over(client, why, size))
			break;
		json_decref(object);
	}
}

/* The totals without the verdicts that the replay repeats. */
static void take_totals(const struct station_model *model, struct ui_options *options)
{
	options->passed = model->passed;
	options->failed = model->failed;
	options->aborted = model->aborted;
	options->not_recorded = model->not_recorded;
	for (unsigned i = 0; i < model->slots; i++) {
		const struct station_slot *slot = &model->slot[i];

		if (slot->activity != STATION_DONE || !slot->has_unit)
			continue;
		if (!slot->unit.recorded)
			options->not_recorded--;
		else if (slot->unit.result == AUDIT_PASS)
			options->passed--;
		else if (slot->unit.result == AUDIT_FAIL)
			options->failed--;
		else
			options->aborted--;
	}
}

static struct ui *open_ui(const struct cli_options *options, const struct station_model *model,
			  struct profile_slot *slots, struct gang_control *control)
{
	struct ui_options wanted = {
		.out = STDOUT_FILENO,
		.err = STDERR_FILENO,
		.colour = !options->given[CLI_NO_COLOR] && ui_colour_wanted(),
		.level = UI_INFO,
		.command = model->command,
		.profile = model->profile,
		.part = model->part,
		.lot = model->lot,
		.log = model->figures.log,
		.operator_name = model->operator_name,
		.firmware_version = model->firmware_version,
		.panel = true,
		.remote = true,
		.slots = slots,
		.slot_count = model->fixed_slots ? model->slots : 0,
		.watch = model->watch,
		.control = control,
	};
	struct ui *ui;
	char why[300];

	take_totals(model, &wanted);
	ui = ui_open(&wanted, why, sizeof(why));

	if (!ui)
		cli_say("%s", why);
	return ui;
}

static void replay(void *user, const struct gang_event *event)
{
	ui_event(user, event);
}

static enum h7_exit show(const struct cli_options *options, struct station_client *client,
			 const struct station_model *model)
{
	struct profile_slot *slots = calloc(STATION_SLOTS_MAX, sizeof(*slots));
	struct gang_control *control = gang_control_new();
	enum h7_exit status = H7_EXIT_INTERNAL;
	struct ui *ui = NULL;
	char why[200];

	for (unsigned i = 0; slots && i < model->slots; i++) {
		memcpy(slots[i].name, model->slot[i].name, sizeof(slots[i].name));
		memcpy(slots[i].path, model->slot[i].path, sizeof(model->slot[i].path));
		slots[i].row = model->slot[i].row;
		slots[i].column = model->slot[i].column;
	}
	if (slots && control) {
		gang_control_forward(control, say, client);
		ui = open_ui(options, model, slots, control);
	}
	if (ui) {
		station_replay(model, replay, ui);
		follow(client, ui, why, sizeof(why));
		ui_close(ui);
		if (why[0])
			cli_say("%s", why);
		status = H7_EXIT_OK;
	}
	gang_control_free(control);
	free(slots);
	return status;
}

static enum h7_exit run(const struct cli_options *options)
{
	struct station_model *model = NULL;
	struct station_client *client = NULL;
	enum h7_exit status = H7_EXIT_INTERNAL;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return cli_usage("panel", "a panel needs a terminal; h7gang status needs none");
	ui_choose_language(options->language);
	model = calloc(1, sizeof(*model));
	if (model)
		client = cli_station_connect("panel", options, model, &status);
	else
		cli_say("no memory");
	if (client)
		status = show(options, client, model);
	station_client_close(client);
	free(model);
	return status;
}

const struct cli_command cli_panel = {
	.name = "panel",
	.summary = "show the panel of a station that runs elsewhere",
	.help = help_text,
	.accepts = CLI_LIST(CLI_CONNECT, CLI_NO_COLOR, CLI_LANGUAGE),
	.drains = true,
	.run = run,
};
