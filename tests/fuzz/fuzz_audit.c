/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A log of random bytes: read by strict and lenient readers, summed up, given as JSON, verified.
 * Every accepted row must be one that this program would have written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "audit/csv.h"
#include "h7gang/report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Most inputs should get past the first line. */
static int as_file(const uint8_t *data, size_t size, bool with_header)
{
	int file = memfd_create("log", MFD_CLOEXEC);
	const char *header = audit_header();

	if (file < 0)
		abort();
	if (with_header && (write(file, header, strlen(header)) != (ssize_t)strlen(header) ||
			    write(file, "\n", 1) != 1))
		abort();
	if (write(file, data, size) != (ssize_t)size)
		abort();
	return file;
}

/* Written again, a row's fields give its bytes. */
static void write_again(const struct audit_record *record)
{
	char text[AUDIT_ROW_MAX + 1];
	size_t used = 0;

	for (size_t i = 0; i < record->count; i++) {
		size_t n = csv_encode(text + used, sizeof(text) - used, record->field[i],
				      record->field_length[i]);

		if (n == TEXT_NO_ROOM || used + n >= sizeof(text))
			abort();
		used += n;
		text[used++] = ',';
	}
	if (used - 1 != record->length || memcmp(text, record->text, record->length) != 0)
		abort();
}

static void judge(const struct report *report, uint64_t rows)
{
	const struct report_tally *all;

	if (!report || report->rows != rows)
		abort();
	all = &report->all;
	if (all->units_first > all->units_passed || all->units_passed > all->units ||
	    all->boards_first > all->boards || all->boards > report->boards)
		abort();
	for (size_t i = 0; i < report->slots; i++) {
		if (!(report->slot[i].p >= 0 && report->slot[i].p < 1.0001))
			abort();
	}
}

static void read_all(const char *path, FILE *json)
{
	const struct report_options options = {.time_zone = "UTC", .shifts = "06:00,18:00"};
	char why[200];
	struct report_collector *collector = report_new(&options, why, sizeof(why));
	const struct audit_record *record;
	const struct report *report;
	struct audit_reader *reader;
	struct report_map map;
	struct report_row row;
	enum audit_read kind;
	uint64_t rows = 0;

	if (!collector)
		abort();
	if (audit_reader_open_any(path, &reader, why, sizeof(why)) != AUDIT_OK)
		goto out;
	report_map_reader(&map, reader);
	while ((kind = audit_reader_next(reader, &record)) == AUDIT_READ_ROW ||
	       kind == AUDIT_READ_BAD) {
		if (kind == AUDIT_READ_BAD)
			continue;
		rows++;
		write_again(record);
		audit_record_json(json, path, reader, record);
		report_row_take(&row, &map, record, 0);
		if (!report_row(collector, &row))
			abort();
	}
	report = report_sum(collector, NULL, 0);
	judge(report, rows);
	report_text(json, report);
	report_json(json, report);
	audit_reader_close(reader);
out:
	report_free(collector);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *json;
	char path[64];
	const char *const paths[] = {path};
	int file;

	if (!json)
		json = fopen("/dev/null", "w");
	if (!json || size == 0)
		return 0;
	file = as_file(data + 1, size - 1, data[0] & 1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	read_all(path, json);
	audit_verify(paths, 1, NULL, NULL, NULL);
	close(file);
	return 0;
}
