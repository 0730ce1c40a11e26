/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "h7gang/audit/key.h"

static void tell(void *user, const char *text)
{
	(void)user;
	cli_line(text);
}

struct audit_report_sink cli_audit_sink = {.line = tell};

/* An empty file, or one that is no log, is a finding, not a file that cannot be read. */
static bool readable(const char *path)
{
	struct audit_reader *reader;
	char why[200];
	enum audit_status status = audit_reader_open(path, &reader, why, sizeof(why));

	if (status == AUDIT_IO)
		cli_say("%s: %s", path, why);
	audit_reader_close(reader);
	return status != AUDIT_IO;
}

static void print_check(bool intact, const struct audit_check *check, bool sealed)
{
	printf("%s: %" PRIu64 " rows, seq=%" PRIu64 " row_hash=%s",
	       intact ? "intact" : "NOT INTACT", check->rows, check->head.seq,
	       check->head.row_hash);
	if (intact && (sealed || check->sealed_seq)) {
		printf(", sealed to row %" PRIu64 "%s", check->sealed_seq,
		       sealed ? "" : ", signatures not checked (no --key)");
		if (check->head.seq > check->sealed_seq)
			printf(" (%" PRIu64 " rows after it)", check->head.seq - check->sealed_seq);
	}
	if (check->open_marks)
		printf(", %u attempts begun without a row", check->open_marks);
	if (check->being_written)
		printf(", being written");
	if (check->torn)
		printf(", last line torn");
	printf("\n");
}

/* Logs of several lots look like one that was merged. */
static void tell_of_logs(char *const *files, size_t count)
{
	size_t logs = 0;
	struct report_log *log = cli_audit_logs(files, count, &logs);

	if (logs > 1)
		cli_say("the files begin %zu logs, not one: verify them with --each", logs);
	free(log);
}

static enum h7_exit verify(const struct cli_options *options, const struct audit_key *key,
			   char *const *files, size_t count)
{
	struct audit_check check = {0};
	bool intact = audit_verify_sealed((const char *const *)files, count, options->continues,
					  key, &cli_audit_sink, &check);

	print_check(intact, &check, key != NULL);
	if (!intact)
		tell_of_logs(files, count);
	return intact ? H7_EXIT_OK : H7_EXIT_FAILED;
}

static enum h7_exit verify_each(const struct cli_options *options, const struct audit_key *key,
				char *const *files, size_t count)
{
	size_t logs;
	struct report_log *log = cli_audit_logs(files, count, &logs);
	enum h7_exit status = log ? H7_EXIT_OK : H7_EXIT_INTERNAL;

	for (size_t i = 0, at = 0; i < logs; at += log[i++].files) {
		cli_shown(stdout, log[i].last);
		fputs(": ", stdout);
		status = cli_first_of(status, verify(options, key, files + at, log[i].files));
	}
	free(log);
	return status;
}

static enum h7_exit run(const struct cli_options *options, char *const *files, size_t count)
{
	struct audit_key *key = NULL;
	enum h7_exit status;
	char why[512];

	if (options->continues &&
	    (strlen(options->continues) != SHA256_HEX_SIZE - 1 ||
	     strspn(options->continues, "0123456789abcdef") != SHA256_HEX_SIZE - 1))
		return cli_usage("audit",
				 "--continues must be a row_hash: 64 lower-case hex digits");
	if (options->continues && options->given[CLI_EACH])
		return cli_usage("audit", "--continues and --each exclude one another");
	for (size_t i = 0; i < count; i++)
		if (!readable(files[i]))
			return H7_EXIT_LOG;
	if (options->key) {
		key = audit_key_load_public(options->key, why, sizeof(why));
		if (!key)
			return cli_usage("audit", "--key: %s", why);
	}
	if (options->given[CLI_EACH])
		status = verify_each(options, key, files, count);
	else
		status = verify(options, key, files, count);
	audit_key_free(key);
	return status;
}

const struct cli_audit_kind cli_audit_verify = {
	.name = "verify",
	.accepts = CLI_LIST(CLI_CONTINUES, CLI_EACH, CLI_KEY),
	.run = run,
};
