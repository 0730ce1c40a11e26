/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "campaign.h"

#include <inttypes.h>

void totals_add(struct totals *sum, const struct totals *part)
{
	sum->batches += part->batches;
	sum->units += part->units;
	sum->attempts += part->attempts;
	sum->passed += part->passed;
	sum->failed += part->failed;
	sum->healthy += part->healthy;
	sum->sanitized += part->sanitized;
	sum->refused += part->refused;
	sum->violations += part->violations;
	sum->second += part->second;
	sum->second_passed += part->second_passed;
	for (unsigned e = 0; e < ERRORS_MAX; e++)
		sum->error[e] += part->error[e];
}

void totals_show(const struct totals *sum)
{
	printf("PASS %" PRIu64 ", FAIL %" PRIu64 "; %" PRIu64 " boards had no fault; %" PRIu64
	       " batches under AddressSanitizer\n",
	       sum->passed, sum->failed, sum->healthy, sum->sanitized);
	for (unsigned e = 0; error_name(e); e++) {
		if (sum->error[e])
			printf("  %s %" PRIu64 "\n", error_name(e), sum->error[e]);
	}
	if (sum->error[ERRORS_MAX - 1])
		printf("  errors of no known name %" PRIu64 "\n", sum->error[ERRORS_MAX - 1]);
	if (sum->second)
		printf("the second command had %" PRIu64 " units, and %" PRIu64 " passed\n",
		       sum->second, sum->second_passed);
	if (sum->refused)
		printf("batches whose firmware cannot start, all refused: %" PRIu64 "\n",
		       sum->refused);
	printf("violations: %" PRIu64 "\n", sum->violations);
}

void totals_line(FILE *file, const char *what, const struct totals *totals)
{
	fprintf(file, "%s units=%" PRIu64 " attempts=%" PRIu64 " pass=%" PRIu64 " fail=%" PRIu64,
		what, totals->units, totals->attempts, totals->passed, totals->failed);
	for (unsigned e = 0; error_name(e); e++) {
		if (totals->error[e])
			fprintf(file, " %s=%" PRIu64, error_name(e), totals->error[e]);
	}
	if (totals->error[ERRORS_MAX - 1])
		fprintf(file, " nameless=%" PRIu64, totals->error[ERRORS_MAX - 1]);
	if (totals->second)
		fprintf(file, " second=%" PRIu64 " second_pass=%" PRIu64, totals->second,
			totals->second_passed);
	if (totals->refused)
		fprintf(file, " refused=%" PRIu64, totals->refused);
	fprintf(file, " healthy=%" PRIu64 " sanitized=%" PRIu64 " violations=%" PRIu64 " digest=",
		totals->healthy, totals->sanitized, totals->violations);
	for (unsigned i = 0; i < sizeof(totals->digest); i++)
		fprintf(file, "%02x", totals->digest[i]);
	fputc('\n', file);
}
