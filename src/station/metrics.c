/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text format of Prometheus, version 0.0.4:
 * https://prometheus.io/docs/instrumenting/exposition_formats/. Names follow
 * https://prometheus.io/docs/practices/naming/. No label holds a UID or a number of a board. */
#include <inttypes.h>
#include <stdio.h>

#include "h7gang/base/text.h"
#include "h7gang/station/event.h"
#include "h7gang/station/model.h"

/* A label's value: the backslash, the quote and the line end are escaped, other control characters
 * do not come through. */
static void label(FILE *to, const char *name, const char *text, const char *after)
{
	char clean[3 * AUDIT_TEXT_MAX];

	text_well_formed(text, clean, sizeof(clean));
	fprintf(to, "%s=\"", name);
	for (const char *at = clean; *at; at++) {
		if (*at == '\\' || *at == '"')
			putc('\\', to);
		putc((unsigned char)*at < ' ' ? ' ' : *at, to);
	}
	fprintf(to, "\"%s", after);
}

static void head(FILE *to, const char *name, const char *type, const char *help)
{
	fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void number(FILE *to, const char *name, const char *type, const char *help, uint64_t value)
{
	head(to, name, type, help);
	fprintf(to, "%s %" PRIu64 "\n", name, value);
}

static void units(FILE *to, const struct station_model *model)
{
	head(to, "h7gang_units_total", "counter", "Units of this run by their verdict.");
	for (unsigned result = 0; result < 4; result++) {
		for (unsigned error = 0; error < H7_ERROR_COUNT; error++) {
			const struct gang_event event = {.recorded = result < 3,
							 .result = (enum audit_result)(result % 3)};

			if (!model->units[result][error])
				continue;
			fputs("h7gang_units_total{", to);
			label(to, "station", model->station, ",");
			label(to, "profile", model->profile, ",");
			label(to, "result", station_verdict(&event), ",");
			label(to, "error", h7_error_name((enum h7_error)error), "}");
			fprintf(to, " %" PRIu32 "\n", model->units[result][error]);
		}
	}
}

static void phases(FILE *to, const struct station_model *model)
{
	head(to, "h7gang_phase_seconds", "histogram", "Time of each phase of an attempt.");
	for (unsigned phase = 0; phase < GANG_PHASE_COUNT; phase++) {
		const char *name = gang_phase_name((enum gang_phase)phase);
		uint64_t count = 0;

		for (unsigned i = 0; i < STATION_BUCKETS; i++) {
			int64_t limit = station_bucket_ms(i);

			count += model->phase_count[phase][i];
			if (limit == INT64_MAX)
				fprintf(to, "h7gang_phase_seconds_bucket{phase=\"%s\",le=\"+Inf\"}",
					name);
			else
				fprintf(to, "h7gang_phase_seconds_bucket{phase=\"%s\",le=\"%g\"}",
					name, (double)limit / 1000);
			fprintf(to, " %" PRIu64 "\n", count);
		}
		fprintf(to, "h7gang_phase_seconds_sum{phase=\"%s\"} %.3f\n", name,
			(double)model->phase_ms[phase] / 1000);
		fprintf(to, "h7gang_phase_seconds_count{phase=\"%s\"} %" PRIu64 "\n", name, count);
	}
}

static void slots(FILE *to, const struct station_model *model)
{
	const char *state;

	head(to, "h7gang_slot_state", "gauge", "1 for the state that the slot is in.");
	for (unsigned i = 0; i < model->slots; i++) {
		const struct station_slot *slot = &model->slot[i];

		for (unsigned s = 0; (state = station_slot_state_at(s)); s++)
			fprintf(to, "h7gang_slot_state{slot=\"%s\",state=\"%s\"} %d\n", slot->name,
				state, station_slot_state(slot) == state);
	}
}

static void slot_units(FILE *to, const struct station_model *model)
{
	head(to, "h7gang_slot_units_total", "counter", "Units of this run by slot and result.");
	for (unsigned i = 0; i < model->slots; i++) {
		const struct station_slot *slot = &model->slot[i];

		fprintf(to, "h7gang_slot_units_total{slot=\"%s\",result=\"PASS\"} %u\n", slot->name,
			slot->passed);
		fprintf(to, "h7gang_slot_units_total{slot=\"%s\",result=\"FAIL\"} %u\n", slot->name,
			slot->failed);
	}
}

static void log_and_store(FILE *to, const struct station_figures *figures)
{
	number(to, "h7gang_log_rows_total", "counter", "Rows of the audit log on disk.",
	       figures->head.seq);
	if (figures->sealed) {
		head(to, "h7gang_log_seal_age_seconds", "gauge",
		     "Age of the oldest row without a seal, 0 if all rows are sealed.");
		fprintf(to, "h7gang_log_seal_age_seconds %.3f\n",
			(double)figures->seal_age_ms / 1000);
	}
	if (figures->store)
		number(to, "h7gang_store_lag_rows", "gauge",
		       "Rows of the log that the store does not have yet.", figures->store_lag);
}

static void transfers(FILE *to, const struct station_figures *figures)
{
	head(to, "h7gang_usb_transfers_total", "counter", "USB transfers by DFU request and end.");
	for (unsigned type = 0; type < USB_COUNT_TYPES; type++)
		for (unsigned status = 0; status < USB_COUNT_STATUSES; status++)
			if (figures->usb[type][status])
				fprintf(to,
					"h7gang_usb_transfers_total{type=\"%s\",status=\"%s\"} "
					"%" PRIu64 "\n",
					usb_count_type(type), usb_count_status(status),
					figures->usb[type][status]);
}

void station_model_metrics(FILE *to, const struct station_model *model)
{
	head(to, "h7gang_build_info", "gauge", "Always 1; its labels name the run.");
	fputs("h7gang_build_info{", to);
	label(to, "version", model->tool_version, ",");
	label(to, "station", model->station, ",");
	label(to, "profile", model->profile, ",");
	label(to, "firmware", model->firmware_version, "} 1\n");
	number(to, "h7gang_boards_passed_total", "counter",
	       "Units of this run that passed and are on record.", model->passed);
	number(to, "h7gang_boards_running", "gauge", "Boards that are programmed now.",
	       station_model_running(model));
	units(to, model);
	slots(to, model);
	slot_units(to, model);
	phases(to, model);
	log_and_store(to, &model->figures);
	transfers(to, &model->figures);
}
