/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Users and their rights. Passwords are stored as PBKDF2 (RFC 8018), tokens as SHA-256; both in one
 * file, mode 0600, a line each:
 *
 *   user NAME ROLE pbkdf2-sha256:ITERATIONS:SALT:HASH     ("-" instead: no password)
 *   token NAME ROLE sha256:HASH
 *
 * In a line without a password, NAME is the name in a client certificate or in the trusted header
 * of a reverse proxy. The file is read again when it changes. */
#ifndef WEB_AUTH_H
#define WEB_AUTH_H

#include "http.h"

#define AUTH_NAME_SIZE 65

enum auth_role { AUTH_NONE, AUTH_VIEW, AUTH_LEAD, AUTH_ADMIN };

struct auth_user {
	char name[AUTH_NAME_SIZE];
	enum auth_role role;
	bool by_session; /* of a browser: its POSTs need the token below */
	char csrf[33];
	char grant[HTTP_GRANT_SIZE]; /* a name of this login, for auth_holds */
};

struct auth;

/* NULL: `why`. */
struct auth *auth_open(const struct web_options *options, char *why, size_t why_size);
void auth_close(struct auth *auth);

/* Finds the user of a request. AUTH_NONE: it is not known. */
void auth_who(struct auth *auth, const struct http_request *request, struct auth_user *user);

/* Whether a login that auth_who found is still good: its line is in the users file, its session is
 * not over. For answers that last. */
bool auth_holds(struct auth *auth, const char *grant);

enum auth_login { AUTH_IN, AUTH_WRONG, AUTH_TOO_OFTEN, AUTH_FULL };

/* Signs in: `cookie` gets the value of Set-Cookie. */
enum auth_login auth_login(struct auth *auth, const struct http_request *request, const char *name,
			   const char *password, char *cookie, size_t size);
void auth_logout(struct auth *auth, const struct http_request *request, char *cookie, size_t size);

/* Whether the request has an Origin that is equal to its Host (RFC 6454). */
bool auth_own_origin(const struct http_request *request);

/* Whether a POST comes from our own page or from a program, not from another site. False: `why`. */
bool auth_genuine(const struct auth_user *user, const struct http_request *request, char *why,
		  size_t why_size);

const char *auth_role_name(enum auth_role role);
enum auth_role auth_role_of(const char *text); /* AUTH_NONE: there is no such role */

/* Whether a user or a token may have this name. */
bool auth_name_ok(const char *name);

/* --add-user and --add-token: adds a line to the users file, in place of the line of a user that
 * has this name. The password comes from standard input, the token goes to standard output. The
 * exit status. */
int auth_add(const struct web_options *options);

#endif
