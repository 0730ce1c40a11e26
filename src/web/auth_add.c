/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adds a user or a token to the users file, for --add-user and --add-token. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth.h"
#include "secret.h"
#include "users.h"

#define PASSWORD_MIN 10
#define PASSWORD_SIZE 512

static bool read_password(char *password, size_t size)
{
	size_t length;

	if (isatty(STDIN_FILENO))
		fprintf(stderr,
			"Password (shown as you type; at least %d characters): ", PASSWORD_MIN);
	if (!fgets(password, (int)size, stdin))
		return false;
	length = strcspn(password, "\r\n");
	password[length] = 0;
	return length >= PASSWORD_MIN;
}

int auth_add(const struct web_options *options)
{
	const char *name = options->add_user ? options->add_user : options->add_token;
	char hash[SECRET_HASH_SIZE], secret[PASSWORD_SIZE], line[512];
	bool good, replaced;
	int rc;

	if (!options->users || !auth_name_ok(name) || auth_role_of(options->role) == AUTH_NONE) {
		web_say("--users FILE and --role view, lead or admin are needed, and a name of "
			"letters, digits and ._@-");
		return 2;
	}
	if (options->add_token)
		good = secret_random(secret, 32) && secret_token(secret, hash);
	else
		good = read_password(secret, sizeof(secret)) && secret_hash(secret, hash);
	if (!good) {
		web_say("a password of at least %d characters is needed", PASSWORD_MIN);
		return 2;
	}
	snprintf(line, sizeof(line), "%s %s %s %s\n", options->add_token ? "token" : "user", name,
		 options->role, hash);
	rc = users_put(options->users, options->add_user, line, &replaced);
	if (rc < 0) {
		web_say("%s: %s", options->users, strerrordesc_np(-rc));
		return 5;
	}
	if (replaced)
		web_say("user \"%s\": replaced password and role", name);
	if (options->add_token)
		printf("%s\n", secret);
	return 0;
}
