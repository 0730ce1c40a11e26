/* SPDX-License-Identifier: GPL-2.0-or-later */
/* h7gang audit record: the programming record of one board, and its signature. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "file.h"
#include "h7gang/audit/seal.h"
#include "h7gang/base/durable.h"
#include "h7gang/report/export.h"
#include "h7gang/report/record.h"

#define RECORD_MODE 0644

struct finding {
	const struct cli_options *options;
	struct audit_key *key;
	/* The board's row so far. */
	struct record_field field[EXPORT_COLUMNS_MAX];
	size_t fields;
	char finished_at[CLOCK_TEXT_SIZE];
	uint64_t seq;
	size_t log, here; /* the log it is in, and the one being read */
	bool found;
	/* Then the rows from it to the seal. */
	uint64_t until;
	char **row;
	size_t rows, room;
};

static const char *text_of(const struct audit_reader *reader, const struct audit_record *record,
			   const char *name)
{
	int at = audit_reader_column(reader, name);

	return at < 0 ? "" : record->field[at];
}

static void fields_free(struct finding *finding)
{
	for (size_t i = 0; i < finding->fields; i++) {
		free(finding->field[i].name);
		free(finding->field[i].text);
	}
	finding->fields = 0;
}

static bool keep_fields(struct finding *finding, const struct audit_reader *reader,
			const struct audit_record *record)
{
	fields_free(finding);
	for (size_t i = 0; i < record->count && i < EXPORT_COLUMNS_MAX; i++) {
		struct record_field *field = &finding->field[finding->fields];

		field->name = strdup(audit_reader_column_name(reader, i));
		field->text = strdup(record->field[i]);
		if (!field->name || !field->text) {
			free(field->name);
			free(field->text);
			return false;
		}
		finding->fields++;
	}
	return true;
}

/* Whether a row is about programming the board: errors of the station and the lot are not. */
static bool is_of_board(const struct finding *finding, const struct audit_reader *reader,
			const struct audit_record *record)
{
	const struct cli_options *options = finding->options;
	const char *command = text_of(reader, record, "command");

	return (strcmp(command, "run") == 0 || strcmp(command, "rework") == 0) &&
	       (!options->uids || strcmp(text_of(reader, record, "uid"), options->uid[0]) == 0) &&
	       (!options->serial ||
		strcmp(text_of(reader, record, "unit_serial"), options->serial) == 0) &&
	       h7_error_counted(h7_error_find(text_of(reader, record, "error")));
}

static bool find_row(void *user, const char *path, const struct audit_reader *reader,
		     const struct audit_record *record)
{
	struct finding *finding = user;
	const char *time = text_of(reader, record, "finished_at");

	(void)path;
	if (!is_of_board(finding, reader, record) ||
	    (finding->found && strcmp(time, finding->finished_at) < 0))
		return true;
	finding->found = true;
	finding->log = finding->here;
	finding->seq = strtoull(record->field[0], NULL, 10);
	snprintf(finding->finished_at, sizeof(finding->finished_at), "%s", time);
	return keep_fields(finding, reader, record);
}

static bool keep_row(void *user, const char *path, const struct audit_reader *reader,
		     const struct audit_record *record)
{
	struct finding *finding = user;
	uint64_t seq = strtoull(record->field[0], NULL, 10);

	(void)path;
	(void)reader;
	if (seq < finding->seq || seq > finding->until)
		return true;
	if (finding->rows == finding->room) {
		size_t room = finding->room ? finding->room * 2 : 64;
		char **grown = reallocarray(finding->row, room, sizeof(*grown));

		if (!grown)
			return false;
		finding->row = grown;
		finding->room = room;
	}
	finding->row[finding->rows] = strndup(record->text, record->length);
	return finding->row[finding->rows++] != NULL;
}

/* --- files --- */

static int save(const char *path, const char *suffix, const void *data, size_t length)
{
	const char *name;
	char *whole;
	int folder = durable_folder(path, false, &name), rc = -ENOMEM;

	if (folder < 0)
		return folder;
	if (asprintf(&whole, "%s%s", name, suffix) >= 0) {
		rc = durable_replace(folder, whole, data, length, RECORD_MODE);
		free(whole);
	}
	close(folder);
	return rc;
}

/* The signature first: a page without one is refused, a signature without its page is nothing. */
static enum h7_exit write_record(const struct finding *finding, const struct record *record)
{
	unsigned char signature[AUDIT_SIGNATURE_SIZE];
	char *text = NULL;
	size_t length = 0;
	FILE *page = open_memstream(&text, &length);
	int rc = -ENOMEM;

	if (page) {
		record_html(page, record);
		rc = ferror(page) ? -ENOMEM : 0;
		if (fclose(page) != 0)
			rc = -ENOMEM;
	}
	if (rc == 0 && audit_key_sign(finding->key, text, length, signature) < 0)
		rc = -EIO;
	if (rc == 0)
		rc = save(record->page, ".sig", signature, sizeof(signature));
	if (rc == 0)
		rc = save(record->page, "", text, length);
	free(text);
	if (rc < 0) {
		cli_say("%s: %s", record->page, strerror(-rc));
		return H7_EXIT_INTERNAL;
	}
	record_check(stdout, record);
	return H7_EXIT_OK;
}

static enum h7_exit make_record(struct finding *finding, const struct report_log *log,
				char *const *files)
{
	const struct cli_audit_rows rows = {keep_row, finding};
	char seal[AUDIT_SEAL_LINE_MAX], *public_key;
	struct record record = {.field = finding->field,
				.fields = finding->fields,
				.seal = seal,
				.key_id = audit_key_id(finding->key),
				.page = finding->options->html};
	enum h7_exit status;
	int rc = audit_seal_find((const char *const *)files, log->files, finding->key, finding->seq,
				 &finding->until, seal);

	if (rc < 0) {
		cli_say("%s.seal: %s", log->last, strerror(-rc));
		return H7_EXIT_LOG;
	}
	if (rc == 0) {
		cli_say("%s: no seal by the key %s proves row %" PRIu64
			": seal the log (h7gang audit seal), or set audit.seal_every in the "
			"profile",
			log->last, record.key_id, finding->seq);
		return H7_EXIT_FAILED;
	}
	status = cli_audit_rows(&rows, files, log->files);
	if (status != H7_EXIT_OK)
		return status;
	if (asprintf(&public_key, "%s.pub", finding->options->key) < 0)
		return H7_EXIT_INTERNAL;
	record.key = public_key;
	record.row = (const char *const *)finding->row;
	record.rows = finding->rows;
	status = write_record(finding, &record);
	free(public_key);
	return status;
}

static enum h7_exit find_and_make(struct finding *finding, struct report_log *log, size_t logs,
				  char *const *files)
{
	const struct cli_audit_rows rows = {find_row, finding};
	char *const *of = files;

	for (size_t i = 0; i < logs; files += log[i++].files) {
		enum h7_exit status;

		finding->here = i;
		status = cli_audit_read_log(&log[i], files, finding->key, &rows);
		if (status == H7_EXIT_FAILED) {
			cli_say("%s: not intact: %s", log[i].last, log[i].finding);
			return status;
		}
		if (status != H7_EXIT_OK)
			return status;
		if (finding->found && finding->log == i)
			of = files;
	}
	if (finding->found)
		return make_record(finding, &log[finding->log], of);
	cli_say("no row says what was programmed into that board");
	return H7_EXIT_FAILED;
}

/* Neither the page nor its signature takes the place of another file. */
static enum h7_exit check_places(const char *page)
{
	enum h7_exit status = file_check_replace(page, CLI_AUDIT_HTML);
	char *signature;

	if (status != H7_EXIT_OK)
		return status;
	if (asprintf(&signature, "%s.sig", page) < 0)
		return H7_EXIT_INTERNAL;
	status = file_check_replace_signature(signature);
	free(signature);
	return status;
}

static enum h7_exit run(const struct cli_options *options, char *const *files, size_t count)
{
	struct finding finding = {.options = options};
	struct report_log *log;
	enum h7_exit status;
	char why[512];
	size_t logs;

	if (options->uids + (options->serial != NULL) != 1)
		return cli_usage("audit", "audit record needs one --uid or one --serial");
	if (!options->html || !options->key)
		return cli_usage("audit", "audit record needs --html FILE and --key KEY, the "
					  "station's private key, which signs it");
	status = check_places(options->html);
	if (status != H7_EXIT_OK)
		return status;
	status = H7_EXIT_INTERNAL;
	finding.key = audit_key_load(options->key, why, sizeof(why));
	if (!finding.key)
		return cli_usage("audit", "--key: %s", why);
	log = cli_audit_logs(files, count, &logs);
	if (log)
		status = find_and_make(&finding, log, logs, files);
	fields_free(&finding);
	for (size_t i = 0; i < finding.rows; i++)
		free(finding.row[i]);
	free(finding.row);
	free(log);
	audit_key_free(finding.key);
	return status;
}

const struct cli_audit_kind cli_audit_record = {
	.name = "record",
	.accepts = CLI_LIST(CLI_UID, CLI_SERIAL, CLI_HTML, CLI_KEY),
	.run = run,
};
