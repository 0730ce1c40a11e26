/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listen.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "h7gang/base/text.h"
#include "h7gang/station/client.h"
#include "guests.h"
#include "http.h"
#include "listen_events.h"
#include "tls.h"

#define CONNECTIONS_MAX 512u
#define CONNECTIONS_PER_IP 300u
#define IDLE_S 30u          /* for an idle connection */
#define MEMORY (32u * 1024) /* of a connection: its request line and headers */
#define STACK (256u * 1024) /* of its thread */
#define STATION_MS 5000

struct listener {
	struct web *web;
	struct address address;
	struct MHD_Daemon *daemon;
	struct guests *guests;
	bool metrics;
	char hosts[WEB_HOSTS_MAX + 4][96]; /* allowed in Host, with the port */
	unsigned host_count;
};

/* One request in progress. */
struct exchange {
	char body[HTTP_BODY_MAX];
	size_t length;
	bool too_long;
	bool events;
};

/* --- names --- */

static void add_host(struct listener *listener, const char *name, unsigned port)
{
	bool six = strchr(name, ':') != NULL;

	if (listener->host_count < sizeof(listener->hosts) / sizeof(listener->hosts[0]))
		snprintf(listener->hosts[listener->host_count++], sizeof(listener->hosts[0]),
			 port ? "%s%.60s%s:%u" : "%s%.60s%s", six ? "[" : "", name, six ? "]" : "",
			 port);
}

/* Refuses a Host of another name (DNS rebinding). */
static void fill_hosts(struct listener *listener)
{
	const struct web_options *options = listener->web->options;
	const struct address *address = &listener->address;

	if (address->host[0]) {
		add_host(listener, address->host, address->port);
		if (address->local)
			add_host(listener, "localhost", address->port);
	} else {
		add_host(listener, "localhost", 0);
	}
	for (unsigned i = 0; i < options->hosts; i++)
		add_host(listener, options->host[i],
			 strchr(options->host[i], ':') || !address->port || address->port == 443
				 ? 0
				 : address->port);
}

static bool host_ok(const struct listener *listener, const char *host)
{
	for (unsigned i = 0; host && i < listener->host_count; i++)
		if (strcasecmp(listener->hosts[i], host) == 0)
			return true;
	/* --listen-host NAME: also behind a proxy that keeps its own port out. */
	for (unsigned i = 0; host && i < listener->web->options->hosts; i++)
		if (strcasecmp(listener->web->options->host[i], host) == 0)
			return true;
	return false;
}

/* --- requests --- */

static const char *get_header(const void *from, const char *name)
{
	return MHD_lookup_connection_value((struct MHD_Connection *)(uintptr_t)from,
					   MHD_HEADER_KIND, name);
}

static const char *get_query(const void *from, const char *name)
{
	return MHD_lookup_connection_value((struct MHD_Connection *)(uintptr_t)from,
					   MHD_GET_ARGUMENT_KIND, name);
}

static void name_peer(struct MHD_Connection *connection, char *to, size_t size)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info ? info->client_addr : NULL;

	snprintf(to, size, "unix");
	if (address && address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr,
			  to, (socklen_t)size);
	else if (address && address->sa_family == AF_INET6)
		inet_ntop(AF_INET6,
			  &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, to,
			  (socklen_t)size);
}

static void set_headers(const struct listener *listener, struct MHD_Response *response,
			const struct http_answer *answer)
{
	static const char strict[] =
		"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
		"img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
	char number[16];

	MHD_add_response_header(response, "Content-Type", answer->type);
	MHD_add_response_header(response, "Content-Security-Policy",
				answer->policy ? answer->policy : strict);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "X-Frame-Options", "DENY");
	MHD_add_response_header(response, "Referrer-Policy", "same-origin");
	MHD_add_response_header(response, "Cross-Origin-Opener-Policy", "same-origin");
	MHD_add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	if (listener->web->tls)
		MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
	if (answer->cookie[0])
		MHD_add_response_header(response, "Set-Cookie", answer->cookie);
	if (answer->location[0])
		MHD_add_response_header(response, "Location", answer->location);
	if (answer->download)
		MHD_add_response_header(response, "Content-Disposition", "attachment");
	if (answer->status == 401)
		MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
	if (answer->retry_s) {
		snprintf(number, sizeof(number), "%u", answer->retry_s);
		MHD_add_response_header(response, "Retry-After", number);
	}
}

static enum MHD_Result queue(struct listener *listener, struct MHD_Connection *connection,
			     struct http_answer *answer)
{
	struct MHD_Response *response;
	enum MHD_Result queued;

	if (answer->kind == HTTP_EVENTS)
		response = events_response(listener->web, connection, answer);
	else
		response = MHD_create_response_from_buffer(answer->length, answer->body,
							   MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(answer->body);
		return MHD_NO;
	}
	set_headers(listener, response, answer);
	queued = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return queued;
}

/* --- metrics --- */

static void metrics(struct web *web, const char *path, struct http_answer *answer)
{
	struct station_model *model = calloc(1, sizeof(*model));
	struct station_client *client = NULL;
	char why[WEB_WHY] = "out of memory", *text = NULL;
	json_t *object = NULL;
	size_t length = 0;
	FILE *to;

	if (strcmp(path, "/metrics") != 0) {
		answer_text(answer, 404, "only /metrics is here\n");
		free(model);
		return;
	}
	if (model)
		client = station_client_open(web->path, STATION_MS, why, sizeof(why));
	if (client)
		object = station_client_next(client, STATION_MS);
	if (object && station_model_read(model, object, clock_now()) &&
	    (to = open_memstream(&text, &length))) {
		station_model_metrics(to, model);
		if (fclose(to) == 0)
			answer_bytes(answer, "text/plain; version=0.0.4; charset=utf-8", text,
				     length);
	}
	if (!answer->body)
		answer_text(answer, 503, why);
	free(text);
	json_decref(object);
	station_client_close(client);
	free(model);
}

/* --- the library's calls --- */

static void answer_request(struct listener *listener, struct MHD_Connection *connection,
			   const char *method, const char *path, const struct exchange *exchange,
			   struct http_answer *answer)
{
	struct http_request request = {.method = method,
				       .path = path,
				       .header = get_header,
				       .query = get_query,
				       .from = connection,
				       .body = exchange->body,
				       .length = exchange->length,
				       .local = listener->address.local};
	const union MHD_ConnectionInfo *info;
	char name[128];

	name_peer(connection, request.peer, sizeof(request.peer));
	if (listener->web->options->client_ca) {
		info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
		if (info && tls_peer(info->tls_session, name, sizeof(name)))
			request.certificate = name;
	}
	if (exchange->too_long)
		answer_error(answer, 413, "a request has at most %d bytes", HTTP_BODY_MAX);
	else if (strlen(path) >= HTTP_TARGET_MAX)
		answer_error(answer, 414, "the path is too long");
	else if (!host_ok(listener, get_header(connection, "Host")))
		answer_error(answer, 421, "this is not a name of this station: see --listen-host");
	else if (listener->metrics && strcmp(method, "GET") != 0)
		answer_text(answer, 405, "only GET\n");
	else if (listener->metrics)
		metrics(listener->web, path, answer);
	else
		http_answer(listener->web, &request, answer);
}

static struct guest *guest_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static void on_connection(void *user, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct listener *listener = user;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	char peer[HTTP_PEER_SIZE];

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		guests_end(listener->guests, *context);
		*context = NULL;
		return;
	}
	name_peer(connection, peer, sizeof(peer));
	*context = info ? guests_begin(listener->guests, info->connect_fd, peer) : NULL;
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *path,
				  const char *method, const char *version, const char *body,
				  size_t *length, void **state)
{
	struct listener *listener = user;
	struct exchange *exchange = *state;
	struct http_answer answer = {.kind = HTTP_WHOLE};
	enum MHD_Result queued;

	(void)version;
	if (!exchange) {
		*state = calloc(1, sizeof(*exchange));
		return *state ? MHD_YES : MHD_NO;
	}
	if (*length) {
		if (*length > sizeof(exchange->body) - exchange->length) {
			exchange->too_long = true;
		} else {
			memcpy(exchange->body + exchange->length, body, *length);
			exchange->length += *length;
		}
		*length = 0;
		return MHD_YES;
	}
	guests_asked(listener->guests, guest_of(connection));
	answer_request(listener, connection, method, path, exchange, &answer);
	guests_known(listener->guests, guest_of(connection), answer.known);
	exchange->events = answer.kind == HTTP_EVENTS;
	queued = queue(listener, connection, &answer);
	return queued;
}

static void on_done(void *user, struct MHD_Connection *connection, void **state,
		    enum MHD_RequestTerminationCode code)
{
	const struct listener *listener = user;
	struct exchange *exchange = *state;
	char peer[HTTP_PEER_SIZE];

	guests_answered(listener->guests, guest_of(connection));
	if (exchange && exchange->events && code == MHD_REQUEST_TERMINATED_TIMEOUT_REACHED) {
		name_peer(connection, peer, sizeof(peer));
		web_say("a reader of events at %s was dropped: it took nothing for %u s", peer,
			IDLE_S);
	}
	free(exchange);
	*state = NULL;
}

static void say_error(void *user, const char *format, va_list arguments)
{
	char text[300], shown[600];

	(void)user;
	vsnprintf(text, sizeof(text), format, arguments);
	text[strcspn(text, "\n")] = 0;
	text_terminal(text, shown, sizeof(shown));
	web_say("http: %s", shown);
}

static struct MHD_Daemon *start(struct listener *listener, int fd)
{
	const struct web *web = listener->web;
	bool tls = web->tls && listener->address.host[0] && !listener->metrics;
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL_INTERNAL_THREAD |
			 MHD_USE_ERROR_LOG | (tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem items[] = {
		{MHD_OPTION_LISTEN_SOCKET, fd, NULL},
		{MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, NULL},
		{MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S, NULL},
		{MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY, NULL},
		{MHD_OPTION_THREAD_STACK_SIZE, STACK, NULL},
		{MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
		{MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		 listener->address.host[0] ? CONNECTIONS_PER_IP : 0, NULL},
		{MHD_OPTION_END, 0, NULL},
		{MHD_OPTION_END, 0, NULL},
		{MHD_OPTION_END, 0, NULL},
		{MHD_OPTION_END, 0, NULL},
	};
	unsigned n = 7;
	char *ca = NULL;
	struct MHD_Daemon *daemon;

	if (tls) {
		items[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0,
						     (void *)(uintptr_t)TLS_PRIORITIES};
		items[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_CERT_CALLBACK, 0,
						     (void *)(uintptr_t)tls_retrieve};
		if (web->options->client_ca && (ca = tls_file(web->options->client_ca)))
			items[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0, ca};
	}
	daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, on_request, listener, MHD_OPTION_EXTERNAL_LOGGER, say_error,
		NULL, MHD_OPTION_NOTIFY_COMPLETED, on_done, listener, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, listener, MHD_OPTION_ARRAY, items, MHD_OPTION_END);
	free(ca);
	return daemon;
}

struct listener *listener_open(struct web *web, const struct address *address, bool metrics_only,
			       char *why, size_t why_size)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	int fd;

	snprintf(why, why_size, "libmicrohttpd does not start");
	if (!listener)
		return NULL;
	listener->web = web;
	listener->address = *address;
	listener->metrics = metrics_only;
	fill_hosts(listener);
	fd = address_listen(address, why, why_size);
	if (fd >= 0)
		listener->guests = guests_open(CONNECTIONS_MAX + 1, IDLE_S * INT64_C(1000));
	if (listener->guests)
		listener->daemon = start(listener, fd);
	if (listener->daemon)
		return listener;
	guests_close(listener->guests);
	if (fd >= 0)
		close(fd);
	free(listener);
	return NULL;
}

void listener_close(struct listener *listener)
{
	MHD_stop_daemon(listener->daemon);
	guests_close(listener->guests);
	if (listener->address.path[0])
		unlink(listener->address.path);
	free(listener);
}
