/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request and its answer, independent of an HTTP library: a listener or a fuzzer makes them. */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include <jansson.h>

#include "web.h"

#define HTTP_BODY_MAX 4096   /* bytes of a request's body */
#define HTTP_TARGET_MAX 1024 /* of a path */
#define HTTP_PEER_SIZE 64
#define HTTP_GRANT_SIZE 192

struct http_request {
	const char *method, *path;
	/* A header or a value of the query; NULL: missing. */
	const char *(*header)(const void *from, const char *name);
	const char *(*query)(const void *from, const char *name);
	const void *from;
	const char *body;
	size_t length;
	char peer[HTTP_PEER_SIZE]; /* the address, or "unix" */
	bool local;                /* the listener accepts only connections from this computer */
	const char *certificate;   /* common name of a valid client certificate; NULL: none */
};

enum http_kind { HTTP_WHOLE, HTTP_EVENTS };

struct http_answer {
	enum http_kind kind;
	unsigned status;
	const char *type;
	char *body; /* owned; NULL: none */
	size_t length;
	const char *policy; /* Content-Security-Policy, instead of the strict one */
	char policy_text[300];
	char cookie[300];   /* Set-Cookie, "" none */
	char location[100]; /* "" none */
	unsigned retry_s;   /* Retry-After, 0 none */
	bool known;         /* the request is of a user who may read */
	bool download;
	char last_id[80];            /* HTTP_EVENTS: the client's last event */
	char grant[HTTP_GRANT_SIZE]; /* HTTP_EVENTS: the login, for auth_holds; "" none is needed */
};

/* Answers a request. */
void http_answer(struct web *web, const struct http_request *request, struct http_answer *answer);

/* --- for functions that answer --- */

void answer_text(struct http_answer *answer, unsigned status, const char *text);
/* Takes the object; NULL: no memory. */
void answer_json(struct http_answer *answer, unsigned status, json_t *object);
/* {"error": text} */
void answer_error(struct http_answer *answer, unsigned status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void answer_bytes(struct http_answer *answer, const char *type, const char *bytes, size_t length);

/* api.c: paths under /api/v1/; `user` asks. */
struct auth_user;
void api_answer(struct web *web, const struct http_request *request, const char *path,
		const struct auth_user *user, struct http_answer *answer);

#endif
