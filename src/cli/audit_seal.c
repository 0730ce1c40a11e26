/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The station's key, and the signing of logs by hand. */
#include <inttypes.h>

#include "audit.h"
#include "h7gang/audit/key.h"

static enum h7_exit keygen(const struct cli_options *options, char *const *files, size_t count)
{
	char id[AUDIT_KEY_ID_SIZE], why[512];

	(void)files;
	if (count > 0)
		return cli_usage("audit", "audit keygen takes no file but that of --output");
	if (!options->output)
		return cli_usage("audit", "audit keygen needs --output");
	if (audit_key_make(options->output, id, why, sizeof(why)) < 0)
		return cli_usage("audit", "%s", why);
	cli_print("key %s: %s (private), %s.pub (public)", id, options->output, options->output);
	return H7_EXIT_OK;
}

static enum h7_exit seal_status(enum audit_status status, const char *why)
{
	switch (status) {
	case AUDIT_OK:
		return H7_EXIT_OK;
	case AUDIT_DAMAGED:
		cli_say("not sealed: the log is not intact");
		return H7_EXIT_FAILED;
	case AUDIT_HEADER:
		cli_say("%s", why);
		return H7_EXIT_FAILED;
	case AUDIT_MEMORY:
		cli_say("%s", why);
		return H7_EXIT_INTERNAL;
	default:
		cli_say("%s", why);
		return H7_EXIT_LOG;
	}
}

static enum h7_exit seal(const struct cli_options *options, char *const *files, size_t count)
{
	struct audit_check check = {0};
	struct audit_key *key;
	enum audit_status status;
	char why[512] = "";

	if (!options->key)
		return cli_usage("audit", "audit seal needs --key");
	key = audit_key_load(options->key, why, sizeof(why));
	if (!key)
		return cli_usage("audit", "--key: %s", why);
	status = audit_seal_files((const char *const *)files, count, options->continues, key,
				  &cli_audit_sink, &check, why, sizeof(why));
	if (status == AUDIT_OK)
		printf("sealed by %s: seq=%" PRIu64 " row_hash=%s\n", audit_key_id(key),
		       check.head.seq, check.head.row_hash);
	audit_key_free(key);
	return seal_status(status, why);
}

const struct cli_audit_kind cli_audit_keygen = {
	.name = "keygen",
	.accepts = CLI_LIST(CLI_OUTPUT),
	.no_files = true,
	.run = keygen,
};

const struct cli_audit_kind cli_audit_seal = {
	.name = "seal",
	.accepts = CLI_LIST(CLI_KEY, CLI_CONTINUES),
	.run = seal,
};
