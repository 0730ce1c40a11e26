/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "h7gang/base/text.h"
#include "rate.h"
#include "secret.h"

#define COOKIE "__Host-h7gang"
#define USERS_MAX 256
#define SESSIONS_MAX 256
#define FILE_MAX (1u << 20)

struct account {
	bool token;
	char name[AUTH_NAME_SIZE];
	enum auth_role role;
	char hash[SECRET_HASH_SIZE];
};

struct session {
	char id[65]; /* "": free */
	char csrf[33];
	char name[AUTH_NAME_SIZE];
	char hash[SECRET_HASH_SIZE]; /* of the password: a new one ends the session */
	int64_t ends;
};

struct auth {
	const struct web_options *options;
	struct rate *logins;
	pthread_mutex_t lock;
	/* under the lock */
	struct timespec read_at;
	off_t read_size;
	struct account account[USERS_MAX];
	unsigned accounts;
	struct session session[SESSIONS_MAX];
};

static const char *const roles[] = {
	[AUTH_NONE] = "none", [AUTH_VIEW] = "view", [AUTH_LEAD] = "lead", [AUTH_ADMIN] = "admin"};

const char *auth_role_name(enum auth_role role)
{
	return roles[role];
}

enum auth_role auth_role_of(const char *text)
{
	for (unsigned i = AUTH_VIEW; i <= AUTH_ADMIN; i++)
		if (strcmp(roles[i], text) == 0)
			return (enum auth_role)i;
	return AUTH_NONE;
}

bool auth_name_ok(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length < AUTH_NAME_SIZE &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@-") ==
		       length;
}

/* --- the file --- */

static bool read_line(struct auth *auth, char *line, unsigned number, char *why, size_t why_size)
{
	char kind[8], name[AUTH_NAME_SIZE], role[8], hash[SECRET_HASH_SIZE], more[2];
	struct account *account = &auth->account[auth->accounts];
	int words;

	line[strcspn(line, "\r\n")] = 0;
	if (!line[0] || line[0] == '#')
		return true;
	words = sscanf(line, "%7s %64s %7s %179s %1s", kind, name, role, hash, more);
	if (words != 4 || !auth_name_ok(name) || auth_role_of(role) == AUTH_NONE ||
	    (strcmp(kind, "user") != 0 && strcmp(kind, "token") != 0) ||
	    auth->accounts == USERS_MAX) {
		snprintf(why, why_size,
			 "line %u must be \"user NAME view|lead|admin HASH\" or \"token NAME ROLE "
			 "HASH\", at most %d of them: add it with --add-user or --add-token",
			 number, USERS_MAX);
		return false;
	}
	*account =
		(struct account){.token = strcmp(kind, "token") == 0, .role = auth_role_of(role)};
	memcpy(account->name, name, sizeof(name));
	memcpy(account->hash, hash, sizeof(hash));
	auth->accounts++;
	return true;
}

/* Only its owner may be able to read it, as with a key. */
static FILE *open_users(const char *path, struct stat *st, char *why, size_t why_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	FILE *file = NULL;

	if (fd < 0 || fstat(fd, st) != 0)
		snprintf(why, why_size, "%s", strerrordesc_np(errno));
	else if (!S_ISREG(st->st_mode) || st->st_size > FILE_MAX)
		snprintf(why, why_size, "it is not a regular file of a sensible size");
	else if (st->st_mode & 077)
		snprintf(why, why_size, "others can read it: chmod 600");
	else if (!(file = fdopen(fd, "r")))
		snprintf(why, why_size, "out of memory");
	if (!file && fd >= 0)
		close(fd);
	return file;
}

/* With the lock. If the file cannot be read, the users read before stay. */
static bool read_users(struct auth *auth, char *why, size_t why_size)
{
	struct auth *fresh = calloc(1, sizeof(*fresh));
	char line[512], what[200] = "out of memory";
	bool good = fresh != NULL;
	struct stat st;
	FILE *file = fresh ? open_users(auth->options->users, &st, what, sizeof(what)) : NULL;

	good = file != NULL;
	for (unsigned number = 1; good && fgets(line, sizeof(line), file); number++)
		good = read_line(fresh, line, number, what, sizeof(what));
	if (file)
		fclose(file);
	if (good) {
		memcpy(auth->account, fresh->account, sizeof(auth->account));
		auth->accounts = fresh->accounts;
		auth->read_at = st.st_mtim;
		auth->read_size = st.st_size;
	} else {
		snprintf(why, why_size, "%s: %s", auth->options->users, what);
	}
	free(fresh);
	return good;
}

/* With the lock. */
static void renew(struct auth *auth)
{
	struct stat st;
	char why[WEB_WHY];

	if (!auth->options->users || stat(auth->options->users, &st) != 0 ||
	    (st.st_mtim.tv_sec == auth->read_at.tv_sec &&
	     st.st_mtim.tv_nsec == auth->read_at.tv_nsec && st.st_size == auth->read_size))
		return;
	if (read_users(auth, why, sizeof(why))) {
		web_say("the users were read again");
		return;
	}
	auth->read_at = st.st_mtim; /* said once */
	auth->read_size = st.st_size;
	web_say("%s; the users are those of before", why);
}

struct auth *auth_open(const struct web_options *options, char *why, size_t why_size)
{
	struct auth *auth = calloc(1, sizeof(*auth));

	snprintf(why, why_size, "out of memory");
	if (!auth || pthread_mutex_init(&auth->lock, NULL) != 0) {
		free(auth);
		return NULL;
	}
	auth->options = options;
	auth->logins = rate_new(5, 12000); /* five at once, then five a minute */
	if (auth->logins && (!options->users || read_users(auth, why, why_size)))
		return auth;
	auth_close(auth);
	return NULL;
}

void auth_close(struct auth *auth)
{
	if (!auth)
		return;
	rate_free(auth->logins);
	pthread_mutex_destroy(&auth->lock);
	free(auth);
}

/* With the lock; NULL: there is none. */
static const struct account *find_account(const struct auth *auth, const char *name)
{
	for (unsigned i = 0; i < auth->accounts; i++)
		if (!auth->account[i].token && strcmp(auth->account[i].name, name) == 0)
			return &auth->account[i];
	return NULL;
}

/* --- sessions --- */

/* The value of our cookie; "" there is none, or it has not the form. */
static void read_cookie(const struct http_request *request, char id[65])
{
	const char *text = request->header(request->from, "Cookie");

	id[0] = 0;
	while (text && *text) {
		text += strspn(text, "; ");
		if (strncmp(text, COOKIE "=", sizeof(COOKIE)) == 0 &&
		    strspn(text + sizeof(COOKIE), "0123456789abcdef") == 64 &&
		    strcspn(text + sizeof(COOKIE), "; ") == 64) {
			memcpy(id, text + sizeof(COOKIE), 64);
			id[64] = 0;
			return;
		}
		text += strcspn(text, ";");
	}
}

/* With the lock. */
static struct session *find_session(struct auth *auth, const char *id)
{
	struct session *found = NULL;
	int64_t now = clock_now();

	for (unsigned i = 0; i < SESSIONS_MAX; i++) {
		struct session *session = &auth->session[i];

		if (session->id[0] && now >= session->ends)
			session->id[0] = 0;
		if (session->id[0] && secret_equal(session->id, id))
			found = session;
	}
	return found;
}

/* The kinds of a grant, its first character; the rest is the session, the hash or the name. */
enum { BY_SESSION = 's', BY_TOKEN = 't', BY_NAME = 'n' };

static void set_grant(struct auth_user *user, int kind, const char *key)
{
	snprintf(user->grant, sizeof(user->grant), "%c%s", kind, key);
}

/* With the lock; NULL: there is none. */
static const struct account *account_of_session(struct auth *auth, const char *id,
						const struct session **session)
{
	const struct account *account;

	*session = id[0] ? find_session(auth, id) : NULL;
	account = *session ? find_account(auth, (*session)->name) : NULL;
	return account && secret_equal(account->hash, (*session)->hash) ? account : NULL;
}

static const struct account *account_of_token(const struct auth *auth, const char *hash)
{
	const struct account *found = NULL;

	for (unsigned i = 0; i < auth->accounts; i++)
		if (auth->account[i].token && secret_equal(auth->account[i].hash, hash))
			found = &auth->account[i];
	return found;
}

static void take_session(struct auth *auth, const struct http_request *request,
			 struct auth_user *user)
{
	char id[65];
	const struct session *session;
	const struct account *account;

	read_cookie(request, id);
	account = account_of_session(auth, id, &session);
	if (!account)
		return;
	set_grant(user, BY_SESSION, id);
	memcpy(user->name, account->name, sizeof(user->name));
	memcpy(user->csrf, session->csrf, sizeof(user->csrf));
	user->role = account->role;
	user->by_session = true;
}

static void take_token(const struct auth *auth, const char *header, struct auth_user *user)
{
	char hash[SECRET_HASH_SIZE];
	const struct account *account;

	if (strncasecmp(header, "Bearer ", 7) != 0 || !secret_token(header + 7, hash))
		return;
	account = account_of_token(auth, hash);
	if (!account)
		return;
	memcpy(user->name, account->name, sizeof(user->name));
	user->role = account->role;
	set_grant(user, BY_TOKEN, hash);
}

static void take_name(const struct auth *auth, const char *name, struct auth_user *user)
{
	const struct account *account = find_account(auth, name);

	if (!account)
		return;
	memcpy(user->name, account->name, sizeof(user->name));
	user->role = account->role;
	set_grant(user, BY_NAME, name);
}

void auth_who(struct auth *auth, const struct http_request *request, struct auth_user *user)
{
	const char *bearer = request->header(request->from, "Authorization");
	const char *proxied =
		auth->options->trusted_header && request->local
			? request->header(request->from, auth->options->trusted_header)
			: NULL;

	*user = (struct auth_user){.role = AUTH_NONE};
	pthread_mutex_lock(&auth->lock);
	renew(auth);
	if (bearer) {
		take_token(auth, bearer, user);
	} else if (proxied) {
		/* Another site could make the proxy's browser send requests: the page's token is
		 * required, too. */
		take_name(auth, proxied, user);
		user->by_session = true;
		snprintf(user->csrf, sizeof(user->csrf), "proxy");
	} else {
		take_session(auth, request, user);
		if (user->role == AUTH_NONE && request->certificate) {
			take_name(auth, request->certificate, user);
			user->by_session = true;
			snprintf(user->csrf, sizeof(user->csrf), "certificate");
		}
	}
	pthread_mutex_unlock(&auth->lock);
}

bool auth_holds(struct auth *auth, const char *grant)
{
	const char *key = grant + 1;
	const struct session *session;
	const struct account *account = NULL;
	bool holds;

	pthread_mutex_lock(&auth->lock);
	renew(auth);
	if (grant[0] == BY_SESSION)
		account = account_of_session(auth, key, &session);
	else if (grant[0] == BY_TOKEN)
		account = account_of_token(auth, key);
	else if (grant[0] == BY_NAME)
		account = find_account(auth, key);
	holds = account != NULL;
	pthread_mutex_unlock(&auth->lock);
	return holds;
}

/* --- login --- */

static bool new_session(struct auth *auth, const char *name, const char *hash, char *cookie,
			size_t size)
{
	struct session *session = NULL, fresh = {.id = ""};

	if (!secret_random(fresh.id, 32) || !secret_random(fresh.csrf, 16))
		return false;
	snprintf(fresh.name, sizeof(fresh.name), "%s", name);
	snprintf(fresh.hash, sizeof(fresh.hash), "%s", hash);
	fresh.ends = clock_after_ms((int64_t)auth->options->session_minutes * 60000);
	pthread_mutex_lock(&auth->lock);
	find_session(auth, "");
	for (unsigned i = 0; i < SESSIONS_MAX && !session; i++)
		if (!auth->session[i].id[0])
			session = &auth->session[i];
	if (session)
		*session = fresh;
	pthread_mutex_unlock(&auth->lock);
	snprintf(cookie, size, COOKIE "=%s; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=%u",
		 fresh.id, auth->options->session_minutes * 60);
	return session != NULL;
}

enum auth_login auth_login(struct auth *auth, const struct http_request *request, const char *name,
			   const char *password, char *cookie, size_t size)
{
	char hash[SECRET_HASH_SIZE] = "-", shown[2 * AUTH_NAME_SIZE], key[AUTH_NAME_SIZE + 8];
	const struct account *account;
	bool right;

	text_terminal(name, shown, sizeof(shown));
	snprintf(key, sizeof(key), "user %.64s", name);
	if (!rate_allows(auth->logins, request->peer) || !rate_allows(auth->logins, key)) {
		web_say("login refused: user \"%s\" from %s: too many logins", shown,
			request->peer);
		return AUTH_TOO_OFTEN;
	}
	pthread_mutex_lock(&auth->lock);
	renew(auth);
	account = find_account(auth, name);
	if (account)
		memcpy(hash, account->hash, sizeof(hash));
	pthread_mutex_unlock(&auth->lock);
	right = secret_is(password, hash) && account;
	web_say("login %s: user \"%s\" from %s", right ? "of" : "FAILED", shown, request->peer);
	if (!right)
		return AUTH_WRONG;
	return new_session(auth, name, hash, cookie, size) ? AUTH_IN : AUTH_FULL;
}

void auth_logout(struct auth *auth, const struct http_request *request, char *cookie, size_t size)
{
	struct session *session;
	char id[65];

	read_cookie(request, id);
	pthread_mutex_lock(&auth->lock);
	session = id[0] ? find_session(auth, id) : NULL;
	if (session)
		session->id[0] = 0;
	pthread_mutex_unlock(&auth->lock);
	snprintf(cookie, size, COOKIE "=; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=0");
}

bool auth_own_origin(const struct http_request *request)
{
	const char *origin = request->header(request->from, "Origin");
	const char *host = request->header(request->from, "Host");
	const char *after = origin ? strstr(origin, "://") : NULL;

	return after && host && strcasecmp(after + 3, host) == 0;
}

bool auth_genuine(const struct auth_user *user, const struct http_request *request, char *why,
		  size_t why_size)
{
	const char *origin = request->header(request->from, "Origin");
	const char *token = request->header(request->from, "X-CSRF-Token");

	if ((origin || user->by_session) && !auth_own_origin(request)) {
		snprintf(why, why_size, "the Origin is not this page");
		return false;
	}
	if (user->by_session && !(token && secret_equal(token, user->csrf))) {
		snprintf(why, why_size, "X-CSRF-Token is missing or wrong: see /api/v1/session");
		return false;
	}
	return true;
}
