/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes rows: selects them, and passes each kind on. */
#include "collect.h"

static bool wanted(const struct report_options *options, const struct report_row *row, int64_t ms)
{
	const struct {
		const char *text;
		enum report_column column;
	} texts[] = {{options->lot, RC_lot},
		     {options->station, RC_station},
		     {options->profile, RC_profile},
		     {options->firmware, RC_firmware_version}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].text && !report_row_is(row, texts[i].column, texts[i].text))
			return false;
	}
	return (!options->since_ms || ms >= options->since_ms) &&
	       (!options->until_ms || ms < options->until_ms);
}

static void widen(struct report *report, int64_t ms)
{
	if (ms && (!report->since_ms || ms < report->since_ms))
		report->since_ms = ms;
	if (ms > report->until_ms)
		report->until_ms = ms;
}

static bool note(struct report_collector *collector, const struct report_row *row, int64_t ms)
{
	struct report_example example;
	struct origin origin;

	collector->report.notes++;
	if (!origin_of(collector, row, &origin))
		return false;
	make_example(collector, row, ms, origin.context, &example);
	return failures_note(&collector->failures, row->text[RC_detail], &example);
}

bool report_row(struct report_collector *collector, const struct report_row *row)
{
	static const struct {
		const char *command;
		enum unit_kind kind;
	} kinds[] = {{"run", UNIT_RUN}, {"verify", UNIT_VERIFY}, {"rework", UNIT_REWORK}};
	int64_t ms = moment(&collector->finished, row->text[RC_finished_at]);
	bool again;

	if (!copies_row(&collector->copies, row, &again))
		return false;
	if (again) {
		collector->report.copied++;
		return true;
	}
	if (!wanted(&collector->options, row, ms))
		return true;
	collector->report.rows++;
	if (report_row_is(row, RC_command, "note"))
		return note(collector, row, ms);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!report_row_is(row, RC_command, kinds[i].command))
			continue;
		widen(&collector->report, ms);
		return unit_row(collector, row, ms, kinds[i].kind);
	}
	collector->report.skipped++;
	return true;
}
