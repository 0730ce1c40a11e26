/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every number of the page as one JSON document: docs/report.schema.json describes it. */
#include "calendar.h"
#include "h7gang/base/json.h"
#include "h7gang/base/version.h"
#include "h7gang/report/report.h"

static void put_interval(struct json *json, const char *name, const struct stat_interval *interval)
{
	json_open(json, name, '[');
	json_decimal(json, NULL, interval->low);
	json_decimal(json, NULL, interval->high);
	json_close(json, ']');
}

static void put_tally(struct json *json, const struct report_tally *tally)
{
	json_count(json, "boards", tally->boards);
	json_count(json, "boards_first", tally->boards_first);
	json_count(json, "boards_passed", tally->boards_passed);
	json_count(json, "units", tally->units);
	json_count(json, "units_first", tally->units_first);
	json_count(json, "units_passed", tally->units_passed);
	json_count(json, "excluded", tally->excluded);
	json_count(json, "aborted", tally->aborted);
	json_count(json, "attempts", tally->attempts);
	json_count(json, "attempts_passed", tally->attempts_passed);
}

static void put_example(struct json *json, const struct report_example *example)
{
	json_text(json, "uid", example->uid);
	json_time(json, "finished_at", example->ms);
	json_text(json, "station", example->station ? example->station : "");
	json_text(json, "slot", example->slot ? example->slot : "");
	json_count(json, "log", (uint64_t)example->log);
	json_count(json, "seq", example->seq);
}

static void put_copies(struct json *json, const struct report *report)
{
	json_count(json, "rows_left_out", report->copied);
	json_open(json, "copies", '[');
	for (size_t i = 0; i < report->copies; i++) {
		const struct report_copy *copy = &report->copy[i];

		json_open(json, NULL, '{');
		json_count(json, "log", copy->log);
		json_count(json, "of", copy->of);
		json_count(json, "rows", copy->rows);
		json_count(json, "rows_left_out", copy->copied);
		json_bool(json, "fork", copy->fork);
		if (copy->fork)
			json_count(json, "fork_seq", copy->seq);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_logs(struct json *json, const struct report *report)
{
	json_open(json, "logs", '[');
	for (size_t i = 0; i < report->logs; i++) {
		const struct report_log *log = &report->log[i];

		json_open(json, NULL, '{');
		json_text(json, "first", log->first);
		json_text(json, "last", log->last);
		json_count(json, "files", log->files);
		json_bool(json, "intact", log->intact);
		json_text(json, "finding", log->finding);
		json_count(json, "seq", log->head.seq);
		json_text(json, "row_hash", log->head.row_hash);
		json_bool(json, "sealed", log->sealed);
		json_count(json, "sealed_seq", log->sealed_seq);
		json_count(json, "open_marks", log->open_marks);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_open(json, "overrides", '[');
	for (size_t i = 0; i < report->overrides; i++)
		json_text(json, NULL, report->override_used[i]);
	json_close(json, ']');
	json_open(json, "images", '[');
	for (size_t i = 0; i < report->images; i++) {
		const struct report_image *image = &report->image[i];

		json_open(json, NULL, '{');
		json_text(json, "profile", image->profile);
		json_text(json, "part", image->part);
		json_text(json, "firmware_version", image->firmware);
		json_text(json, "image_sha256", image->sha256);
		json_bool(json, "differs", image->differs);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_findings(struct json *json, const struct report *report)
{
	json_count(json, "tests", report->tests);
	json_decimal(json, "false_alarms", REPORT_FALSE_ALARMS);
	json_open(json, "findings", '[');
	for (size_t i = 0; i < report->findings; i++) {
		const struct report_finding *finding = &report->finding[i];

		json_open(json, NULL, '{');
		json_text(json, "text", finding->text);
		json_bool(json, "headline", finding->headline);
		if (finding->headline)
			json_decimal(json, "p", finding->p);
		json_open(json, "consequences", '[');
		for (size_t k = 0; k < finding->consequences; k++)
			json_text(json, NULL, finding->consequence[k]);
		json_close(json, ']');
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_yields(struct json *json, const struct report *report)
{
	static const char *const names[] = {[BY_LOT] = "lot",
					    [BY_FIRMWARE] = "firmware",
					    [BY_STATION] = "station",
					    [BY_LINE] = "line",
					    [BY_SLOT] = "slot",
					    [BY_PROFILE] = "profile",
					    [BY_BOOTLOADER] = "bootloader",
					    [BY_OPERATOR] = "operator",
					    [BY_SHIFT] = "shift",
					    [BY_HOUR] = "hour"};
	_Static_assert(sizeof(names) / sizeof(names[0]) == REPORT_BY_COUNT,
		       "a name for each dimension");

	json_open(json, "yield", '{');
	put_tally(json, &report->all);
	put_interval(json, "boards_first_95", &report->boards_first);
	put_interval(json, "boards_passed_95", &report->boards_passed);
	put_interval(json, "units_first_95", &report->units_first);
	put_interval(json, "units_passed_95", &report->units_passed);
	put_interval(json, "attempts_passed_95", &report->attempts_passed);
	json_count(json, "all_boards", report->boards);
	json_count(json, "nameless", report->nameless);
	json_count(json, "unjudged", report->unjudged);
	json_count(json, "trays", report->trays);
	json_decimal(json, "tray_factor", report->tray_factor);
	json_close(json, '}');
	json_open(json, "verify", '{');
	put_tally(json, &report->verify);
	json_close(json, '}');
	json_open(json, "rework", '{');
	put_tally(json, &report->rework);
	json_close(json, '}');
	json_open(json, "by", '{');
	for (size_t by = 0; by < REPORT_BY_COUNT; by++) {
		if (by == BY_OPERATOR && !report->options->by_operator)
			continue;
		json_open(json, names[by], '[');
		for (size_t i = 0; i < report->by[by].count; i++) {
			const struct report_group *group = &report->by[by].group[i];

			json_open(json, NULL, '{');
			json_text(json, "name", group->name);
			if (by == BY_SLOT || by == BY_BOOTLOADER)
				json_text(json, by == BY_SLOT ? "station" : "part", group->station);
			put_tally(json, &group->tally);
			put_interval(json, "boards_first_95", &group->first);
			json_close(json, '}');
		}
		json_close(json, ']');
	}
	json_close(json, '}');
}

static void put_chart(struct json *json, const char *name, const struct report_chart *chart)
{
	json_open(json, name, '{');
	json_text(json, "span", chart->span);
	json_count(json, "baseline", chart->baseline);
	json_decimal(json, "centre", chart->centre);
	json_decimal(json, "sigma_z", chart->sigma_z);
	json_open(json, "points", '[');
	for (size_t i = 0; i < chart->count; i++) {
		const struct report_point *point = &chart->point[i];

		json_open(json, NULL, '{');
		json_text(json, "name", point->name);
		json_count(json, "boards", point->boards);
		json_count(json, "failed", point->failed);
		json_bool(json, "baseline", point->baseline);
		json_decimal(json, "centre", point->centre);
		json_count(json, "low", point->low);
		json_count(json, "high", point->high);
		json_bool(json, "outside", point->outside);
		json_decimal(json, "p", point->p);
		json_decimal(json, "laney_low", point->laney_low);
		json_decimal(json, "laney_high", point->laney_high);
		json_count(json, "finding", point->finding);
		json_bool(json, "consequence", point->consequence);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_close(json, '}');
}

static void put_rare(struct json *json, const struct report_rare *rare)
{
	json_open(json, "rare", '{');
	json_decimal(json, "p0", rare->p0);
	json_decimal(json, "p1", rare->p1);
	json_count(json, "gap_low", rare->limits.low);
	json_count(json, "gap_high", rare->limits.high);
	json_decimal(json, "cusum_height", rare->height);
	json_decimal(json, "cusum_highest", rare->highest);
	json_count(json, "failures", rare->all);
	json_open(json, "gaps", '[');
	for (size_t i = 0; i < rare->count; i++) {
		json_open(json, NULL, '{');
		json_time(json, "finished_at", rare->gap[i].ms);
		json_count(json, "gap", rare->gap[i].gap);
		json_decimal(json, "cusum", rare->gap[i].cusum);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_close(json, '}');
}

static void put_errors(struct json *json, const struct report *report)
{
	json_open(json, "errors", '[');
	for (size_t i = 0; i < report->errors; i++) {
		const struct report_error *error = &report->error[i];

		json_open(json, NULL, '{');
		json_text(json, "error", error->name);
		json_text(json, "advice", error->advice);
		json_bool(json, "excluded", error->excluded);
		json_count(json, "boards", error->boards);
		json_count(json, "units", error->units);
		json_count(json, "attempts", error->attempts);
		json_decimal(json, "cumulative", error->cumulative);
		json_open(json, "rows", '[');
		for (size_t k = 0; k < error->examples; k++) {
			json_open(json, NULL, '{');
			put_example(json, &error->example[k]);
			json_close(json, '}');
		}
		json_close(json, ']');
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_slots(struct json *json, const struct report *report)
{
	json_open(json, "slots", '[');
	for (size_t i = 0; i < report->slots; i++) {
		const struct report_slot *slot = &report->slot[i];

		json_open(json, NULL, '{');
		json_text(json, "station", slot->station);
		json_text(json, "slot", slot->name);
		json_count(json, "boards", slot->boards);
		json_count(json, "failed", slot->failed);
		json_decimal(json, "expected", slot->expected);
		if (!report->options->live)
			json_decimal(json, "p", slot->p);
		json_count(json, "finding", slot->finding);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_cycles(struct json *json, const struct report *report)
{
	static const char *const phases[] = {
		[PHASE_BLANK] = "blank",   [PHASE_ERASE] = "erase", [PHASE_PROGRAM] = "program",
		[PHASE_VERIFY] = "verify", [PHASE_WORK] = "work",   [PHASE_WAIT] = "wire_wait"};
	_Static_assert(sizeof(phases) / sizeof(phases[0]) == REPORT_PHASES,
		       "a name for each phase");
	static const char *const at[] = {"least", "p5", "p25", "median", "p75", "p95", "most"};

	json_open(json, "cycle", '{');
	json_count(json, "attempts", report->cycle.count);
	for (size_t i = 0; report->cycle.count && i < sizeof(at) / sizeof(at[0]); i++)
		json_decimal(json, at[i], report->cycle.at[i]);
	json_open(json, "histogram", '[');
	for (size_t i = 0; i < sizeof(report->cycle.bin) / sizeof(report->cycle.bin[0]); i++)
		json_count(json, NULL, report->cycle.bin[i]);
	json_close(json, ']');
	json_open(json, "strata", '[');
	for (size_t i = 0; i < report->strata; i++) {
		const struct report_stratum *stratum = &report->stratum[i];

		json_open(json, NULL, '{');
		json_text(json, "erase_method", stratum->erase_method);
		json_text(json, "bootloader", stratum->bootloader);
		json_count(json, "hubs", stratum->hubs);
		for (size_t k = 0; k < REPORT_PHASES; k++) {
			json_open(json, phases[k], '{');
			json_count(json, "count", stratum->phase[k].count);
			json_decimal(json, "median_ms", stratum->phase[k].median);
			json_decimal(json, "p95_ms", stratum->phase[k].p95);
			json_close(json, '}');
		}
		json_close(json, '}');
	}
	json_close(json, ']');
	json_text(json, "drift_span", report->drift_span);
	json_open(json, "drift", '[');
	for (size_t i = 0; i < report->drifts; i++) {
		const struct report_drift *drift = &report->drift[i];

		json_open(json, NULL, '{');
		json_text(json, "station", drift->station);
		json_decimal(json, "mean_ms", drift->median);
		json_decimal(json, "change_ms", drift->change);
		json_decimal(json, "tau", drift->trend.tau);
		if (!report->options->live)
			json_decimal(json, "p", drift->trend.p);
		json_count(json, "finding", drift->finding);
		json_open(json, "deviation_ms", '[');
		for (size_t k = 0; k < drift->points; k++)
			json_decimal(json, NULL, drift->deviation[k]);
		json_close(json, ']');
		json_close(json, '}');
	}
	json_close(json, ']');
	json_close(json, '}');
}

static void put_holder(struct json *json, const struct report_holder *holder)
{
	json_open(json, NULL, '{');
	json_text(json, "uid", holder->row.uid);
	json_time(json, "finished_at", holder->row.ms);
	json_text(json, "station", holder->row.station);
	json_text(json, "slot", holder->row.slot);
	json_text(json, "lot", holder->lot);
	json_text(json, "profile", holder->profile);
	if (holder->row.log != REPORT_NO_LOG) {
		json_count(json, "log", (uint64_t)holder->row.log);
		json_count(json, "seq", holder->row.seq);
	}
	json_close(json, '}');
}

static void put_doubles(struct json *json, const struct report *report)
{
	json_open(json, "doubled_numbers", '[');
	for (size_t i = 0; i < report->doubles; i++) {
		const struct report_double *doubled = &report->doubled[i];

		json_open(json, NULL, '{');
		json_text(json, "number", doubled->number);
		json_bool(json, "one_profile", doubled->one_profile);
		json_bool(json, "more", doubled->more);
		json_open(json, "boards", '[');
		for (size_t k = 0; k < doubled->boards; k++)
			put_holder(json, &doubled->holder[k]);
		json_close(json, ']');
		json_close(json, '}');
	}
	json_close(json, ']');
	json_bool(json, "doubled_numbers_cut", report->doubles_cut);
}

static void put_boards(struct json *json, const struct report *report)
{
	json_count(json, "boards_again", report->boards_again);
	json_open(json, "histories", '[');
	for (size_t i = 0; i < report->histories; i++) {
		const struct report_history *history = &report->history[i];

		json_open(json, NULL, '{');
		json_text(json, "uid", history->uid);
		json_text(json, "lot", history->lot);
		json_count(json, "units", history->units);
		json_open(json, "visits", '[');
		for (size_t k = 0; k < history->visits; k++) {
			const struct report_visit *visit = &history->visit[k];

			json_open(json, NULL, '{');
			json_time(json, "finished_at", visit->ms);
			json_text(json, "station", visit->station);
			json_text(json, "slot", visit->slot);
			json_text(json, "firmware_version", visit->firmware);
			json_text(json, "result", visit->verdict);
			json_text(json, "error", visit->error);
			json_close(json, '}');
		}
		json_close(json, ']');
		json_close(json, '}');
	}
	json_close(json, ']');
	json_open(json, "numbers", '[');
	for (size_t i = 0; i < report->numbers; i++) {
		json_open(json, NULL, '{');
		json_text(json, "number", report->number[i].number);
		json_text(json, "error", report->number[i].error);
		put_example(json, &report->number[i].row);
		json_close(json, '}');
	}
	json_close(json, ']');
	put_doubles(json, report);
	json_open(json, "notes", '[');
	for (size_t i = 0; i < report->notes_told; i++) {
		json_open(json, NULL, '{');
		json_text(json, "detail", report->note[i].detail);
		put_example(json, &report->note[i].row);
		json_close(json, '}');
	}
	json_close(json, ']');
}

void report_json(FILE *to, const struct report *report)
{
	struct json json = {.to = to};
	const struct report_options *options = report->options;
	char zone[CALENDAR_TEXT];

	calendar_zone_name(report->since_ms, zone);
	json_open(&json, NULL, '{');
	json_count(&json, "v", 1);
	json_text(&json, "document", "h7gang-report");
	json_text(&json, "tool_version", h7gang_version);
	json_text(&json, "title", options->title ? options->title : "Programming report");
	json_bool(&json, "live", options->live);
	json_time(&json, "since", report->since_ms);
	json_time(&json, "until", report->until_ms);
	json_text(&json, "time_zone", zone);
	json_count(&json, "rows", report->rows);
	json_count(&json, "skipped", report->skipped);
	json_count(&json, "note_rows", report->notes);
	put_copies(&json, report);
	put_logs(&json, report);
	put_findings(&json, report);
	put_yields(&json, report);
	put_chart(&json, "time", &report->time);
	put_chart(&json, "lots", &report->lots);
	put_rare(&json, &report->rare);
	put_errors(&json, report);
	put_slots(&json, report);
	put_cycles(&json, report);
	put_boards(&json, report);
	json_close(&json, '}');
	putc('\n', to);
}
