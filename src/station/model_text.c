/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One screen of plain text. */
#include <inttypes.h>
#include <string.h>

#include "h7gang/base/text.h"
#include "h7gang/station/event.h"
#include "h7gang/station/model.h"

#define CELL 200

static void line(FILE *to, const char *name, const char *text)
{
	char shown[2 * AUDIT_TEXT_MAX];

	if (!text[0])
		return;
	text_terminal(text, shown, sizeof(shown));
	fprintf(to, "%-10s %s\n", name, shown);
}

static void slot_line(FILE *to, const struct station_slot *slot, int width)
{
	const struct gang_event *unit = &slot->unit;
	char detail[CELL], number[CELL];
	const char *state = station_slot_state(slot);

	fprintf(to, "%-*s %-12s ", width, slot->name, state);
	if (slot->activity == STATION_WORKING) {
		fprintf(to, "%s %u %%, attempt %u of %u\n", gang_phase_name(slot->phase),
			slot->permille / 10, slot->attempt, slot->attempts_allowed);
		return;
	}
	detail[0] = number[0] = 0;
	if (slot->activity == STATION_DONE) {
		text_terminal(unit->unit_serial[0] ? unit->unit_serial : unit->uid, number,
			      sizeof(number));
		text_terminal(unit->error ? h7_error_name(unit->error) : "", detail,
			      sizeof(detail));
	}
	if (slot->blocked[0])
		text_terminal(slot->blocked, detail, sizeof(detail));
	fprintf(to, "%s%s%s%s\n", number, number[0] && detail[0] ? " " : "", detail,
		slot->take_out ? (number[0] || detail[0] ? ", remove" : "remove") : "");
}

static void log_lines(FILE *to, const struct station_figures *figures)
{
	line(to, "log", figures->log);
	fprintf(to, "%-10s %" PRIu64, "rows", figures->head.seq);
	if (figures->sealed)
		fprintf(to, ", sealed up to row %" PRIu64, figures->sealed_seq);
	fprintf(to, "\n");
	if (figures->store)
		fprintf(to, "%-10s %" PRIu64 " rows behind\n", "store", figures->store_lag);
}

void station_model_text(FILE *to, const struct station_model *model, int64_t now)
{
	unsigned hourly = station_model_hourly(model, now);
	int width = 4;

	line(to, "station", model->station);
	line(to, "state", gang_state_name(model->state));
	line(to, "reason", model->reason);
	line(to, "profile", model->profile);
	line(to, "part", model->part);
	line(to, "firmware", model->firmware_version);
	line(to, "lot", model->lot);
	line(to, "operator", model->operator_name);
	fprintf(to, "%-10s %u passed, %u failed, %u aborted", "units", model->passed, model->failed,
		model->aborted);
	if (model->not_recorded)
		fprintf(to, ", %u NOT RECORDED", model->not_recorded);
	if (hourly)
		fprintf(to, "; %u an hour", hourly);
	fprintf(to, "\n");
	log_lines(to, &model->figures);
	for (unsigned i = 0; i < model->slots; i++)
		width = (int)strlen(model->slot[i].name) > width ? (int)strlen(model->slot[i].name)
								 : width;
	fprintf(to, "\n");
	for (unsigned i = 0; i < model->slots; i++)
		slot_line(to, &model->slot[i], width);
}
