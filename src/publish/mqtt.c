/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MQTT 5.0 by libmosquitto: its reason codes tell that a broker refused a message, or that no
 * client subscribes to it, where MQTT 3.1.1 acknowledges and drops it. A connection that fails is
 * thrown away with the messages that libmosquitto holds: the log is the outbox. */
#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "url.h"
#include "h7gang/base/clock.h"
#include "receiver.h"

#define KEEPALIVE_S 15
#define LOOK_MS 200
#define STATE_MS 5000 /* between two states, at least */
#define AGAIN_MS 5000
#define BYE_MS 2000

struct mqtt {
	struct receiver receiver;
	const struct publish_options *options;
	struct url address;
	char *client, *state_topic; /* owned */
	char *offline;              /* the will; owned */
	const char *station;
	struct mosquitto *client_now; /* NULL: not connected */
	/* results of the callbacks */
	bool connected, gone;
	int connect_code, gone_code;
	int acknowledged, acknowledged_code; /* message, reason */
	char log[200];                       /* the last error that the library logged */
	struct audit_published told;
	int64_t told_at;  /* 0: not on this connection */
	int64_t again_at; /* to connect only to tell the state */
};

static struct mqtt *mqtt_of(struct receiver *receiver)
{
	return (struct mqtt *)receiver;
}

/* --- callbacks, which the library calls within mosquitto_loop --- */

static void on_connect(struct mosquitto *client, void *user, int code, int flags,
		       const mosquitto_property *properties)
{
	struct mqtt *mqtt = user;

	(void)client;
	(void)flags;
	(void)properties;
	mqtt->connected = code == 0;
	mqtt->connect_code = code;
}

static void on_disconnect(struct mosquitto *client, void *user, int code,
			  const mosquitto_property *properties)
{
	struct mqtt *mqtt = user;

	(void)client;
	(void)properties;
	mqtt->gone = true;
	mqtt->gone_code = code;
}

static void on_publish(struct mosquitto *client, void *user, int id, int code,
		       const mosquitto_property *properties)
{
	struct mqtt *mqtt = user;

	(void)client;
	(void)properties;
	mqtt->acknowledged = id;
	mqtt->acknowledged_code = code;
}

static void on_log(struct mosquitto *client, void *user, int level, const char *text)
{
	struct mqtt *mqtt = user;

	(void)client;
	if (level == MOSQ_LOG_ERR)
		snprintf(mqtt->log, sizeof(mqtt->log), "%s", text);
}

/* --- one connection --- */

static void drop(struct mqtt *mqtt)
{
	if (mqtt->client_now)
		mosquitto_destroy(mqtt->client_now);
	mqtt->client_now = NULL;
	mqtt->told_at = 0;
}

static bool fail(struct mqtt *mqtt, int rc, char *why, size_t why_size)
{
	const char *text = mqtt->connect_code ? mosquitto_reason_string(mqtt->connect_code)
			   : mqtt->gone && mqtt->gone_code > 0x7F
				   ? mosquitto_reason_string(mqtt->gone_code)
			   : rc == MOSQ_ERR_CONN_LOST ? "the broker closed the connection"
						      : mosquitto_strerror(rc);

	/* The library says the same of both. */
	if (strstr(mqtt->log, "certificate verify failed"))
		snprintf(why, why_size,
			 "certificate verify failed: the broker's certificate is not signed by a "
			 "CA in --ca, has expired, or is not for the host name %.100s",
			 mqtt->address.host);
	else
		snprintf(why, why_size, "%s%s%s%s", text, mqtt->log[0] ? ": " : "", mqtt->log,
			 mqtt->address.tls && !mqtt->connected && !mqtt->options->certificate
				 ? " (the broker may ask for a client certificate)"
				 : "");
	drop(mqtt);
	return false;
}

static int set_security(struct mqtt *mqtt, char *why, size_t why_size)
{
	const struct publish_options *options = mqtt->options;
	char password[PUBLISH_ONE_TEXT] = "";
	int rc = MOSQ_ERR_SUCCESS;

	if (options->password_file && !url_secret(options->password_file, password, why, why_size))
		return MOSQ_ERR_INVAL;
	if (options->user)
		rc = mosquitto_username_pw_set(mqtt->client_now, options->user,
					       password[0] ? password : NULL);
	explicit_bzero(password, sizeof(password));
	if (rc == MOSQ_ERR_SUCCESS && mqtt->address.tls && !options->ca)
		rc = mosquitto_int_option(mqtt->client_now, MOSQ_OPT_TLS_USE_OS_CERTS, 1);
	else if (rc == MOSQ_ERR_SUCCESS && !mqtt->address.tls)
		return rc;
	/* The certificate and its host name are verified unless that is switched off. */
	if (rc == MOSQ_ERR_SUCCESS && (options->ca || options->certificate))
		rc = mosquitto_tls_set(mqtt->client_now, options->ca,
				       options->ca ? NULL : "/etc/ssl/certs", options->certificate,
				       options->key, NULL);
	if (rc != MOSQ_ERR_SUCCESS)
		snprintf(why, why_size, "TLS: %s", mosquitto_strerror(rc));
	return rc;
}

static bool set_up(struct mqtt *mqtt, char *why, size_t why_size)
{
	struct mosquitto *client = mosquitto_new(mqtt->client, true, mqtt);

	if (!client) {
		snprintf(why, why_size, "no memory");
		return false;
	}
	mqtt->client_now = client;
	mqtt->connected = mqtt->gone = false;
	mqtt->connect_code = mqtt->gone_code = 0;
	mqtt->acknowledged = 0;
	mqtt->log[0] = 0;
	mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
	mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
	mosquitto_connect_v5_callback_set(client, on_connect);
	mosquitto_disconnect_v5_callback_set(client, on_disconnect);
	mosquitto_publish_v5_callback_set(client, on_publish);
	mosquitto_log_callback_set(client, on_log);
	if (set_security(mqtt, why, why_size) == MOSQ_ERR_SUCCESS &&
	    mosquitto_will_set_v5(client, mqtt->state_topic, (int)strlen(mqtt->offline),
				  mqtt->offline, 1, true, NULL) == MOSQ_ERR_SUCCESS)
		return true;
	if (!why[0])
		snprintf(why, why_size, "no memory");
	drop(mqtt);
	return false;
}

/* One look at the network. */
static int turn(struct mqtt *mqtt)
{
	int rc;

	errno = 0;
	rc = mosquitto_loop(mqtt->client_now, LOOK_MS, 1);
	/* If the connection ends within a packet, the library refers to errno, which says nothing.
	 */
	if (mqtt->gone &&
	    (rc == MOSQ_ERR_SUCCESS || (rc == MOSQ_ERR_ERRNO && (errno == 0 || errno == EAGAIN))))
		return MOSQ_ERR_CONN_LOST;
	return rc;
}

/* --- messages --- */

static char *topic_of(const struct mqtt *mqtt, const char *station, const char *kind,
		      const char *name)
{
	char level[PUBLISH_ONE_TEXT];
	char *topic;

	message_level(station, level, sizeof(level));
	return asprintf(&topic, "%s/%s/%s%s%s", mqtt->options->topic, level, kind, name ? "/" : "",
			name ? name : "") < 0
		       ? NULL
		       : topic;
}

static int put(struct mqtt *mqtt, int *id, const char *topic, const char *text, bool retain)
{
	mosquitto_property *properties = NULL;
	int rc = mosquitto_property_add_byte(&properties, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, 1);

	if (rc == MOSQ_ERR_SUCCESS)
		rc = mosquitto_property_add_string(&properties, MQTT_PROP_CONTENT_TYPE,
						   "application/json");
	if (rc == MOSQ_ERR_SUCCESS)
		rc = mosquitto_publish_v5(mqtt->client_now, id, topic, (int)strlen(text), text, 1,
					  retain, properties);
	mosquitto_property_free_all(&properties);
	return rc;
}

/* Sends the retained state without waiting for its acknowledgement. */
static void tell(struct mqtt *mqtt, bool online, const struct audit_published *at)
{
	char *text = message_state(online, mqtt->station, mqtt->options->name, at);
	int id;

	if (text && put(mqtt, &id, mqtt->state_topic, text, true) == MOSQ_ERR_SUCCESS) {
		mqtt->told = at ? *at : (struct audit_published){0};
		mqtt->told_at = clock_now();
	}
	free(text);
}

static bool connect_now(struct mqtt *mqtt, char *why, size_t why_size)
{
	int64_t deadline = clock_after_ms((int64_t)mqtt->options->timeout_s * 1000);
	int rc;

	why[0] = 0;
	if (!set_up(mqtt, why, why_size))
		return false;
	rc = mosquitto_connect_bind_v5(mqtt->client_now, mqtt->address.host,
				       (int)mqtt->address.port, KEEPALIVE_S, NULL, NULL);
	while (rc == MOSQ_ERR_SUCCESS && !mqtt->connected && !mqtt->connect_code &&
	       clock_now() < deadline && !publish_ending())
		rc = turn(mqtt);
	if (mqtt->connected && rc == MOSQ_ERR_SUCCESS) {
		tell(mqtt, true, NULL);
		return true;
	}
	if (rc == MOSQ_ERR_SUCCESS && !mqtt->connect_code) {
		snprintf(why, why_size, "the broker did not answer within %u s",
			 mqtt->options->timeout_s);
		drop(mqtt);
		return false;
	}
	return fail(mqtt, rc, why, why_size);
}

static bool taken(const struct mqtt *mqtt, const char *topic, char *why, size_t why_size)
{
	int code = mqtt->acknowledged_code;

	if (code == MQTT_RC_NO_MATCHING_SUBSCRIBERS && !mqtt->options->without_subscriber) {
		snprintf(why, why_size,
			 "no client subscribes to %.200s, so the broker would drop the message: "
			 "start the subscriber, or give --without-subscriber",
			 topic);
		return false;
	}
	if (code < 0x80)
		return true;
	snprintf(why, why_size, "the broker refuses %.200s: %s", topic,
		 mosquitto_reason_string(code));
	return false;
}

static bool hand_over(struct mqtt *mqtt, const char *topic, const struct message *message,
		      char *why, size_t why_size)
{
	int64_t deadline = clock_after_ms((int64_t)mqtt->options->timeout_s * 1000);
	int id = 0, rc = put(mqtt, &id, topic, message->text, false);

	while (rc == MOSQ_ERR_SUCCESS && mqtt->acknowledged != id && clock_now() < deadline &&
	       !publish_ending())
		rc = turn(mqtt);
	if (rc != MOSQ_ERR_SUCCESS)
		return fail(mqtt, rc, why, why_size);
	if (mqtt->acknowledged == id)
		return taken(mqtt, topic, why, why_size);
	snprintf(why, why_size, "the broker did not acknowledge row %llu within %u s",
		 (unsigned long long)message->seq, mqtt->options->timeout_s);
	drop(mqtt);
	return false;
}

static bool mqtt_deliver(struct receiver *receiver, const struct message *message, char *why,
			 size_t why_size)
{
	struct mqtt *mqtt = mqtt_of(receiver);
	char *topic = topic_of(mqtt, message->station, message->kind, NULL);
	bool done = topic && (mqtt->client_now || connect_now(mqtt, why, why_size)) &&
		    hand_over(mqtt, topic, message, why, why_size);

	if (!topic)
		snprintf(why, why_size, "no memory");
	free(topic);
	return done;
}

static void mqtt_caught_up(struct receiver *receiver, const struct audit_published *at)
{
	struct mqtt *mqtt = mqtt_of(receiver);
	char why[PUBLISH_WHY];

	if (mqtt->told_at &&
	    (mqtt->told.seq == at->seq || clock_elapsed_ms(mqtt->told_at) < STATE_MS))
		return;
	if (!mqtt->client_now && clock_now() < mqtt->again_at)
		return;
	mqtt->again_at = clock_after_ms(AGAIN_MS);
	if (mqtt->client_now || connect_now(mqtt, why, sizeof(why)))
		tell(mqtt, true, at);
}

static void mqtt_idle(struct receiver *receiver, int64_t ms)
{
	struct mqtt *mqtt = mqtt_of(receiver);
	int64_t deadline = clock_after_ms(ms);

	while (mqtt->client_now && clock_now() < deadline && !publish_ending())
		if (turn(mqtt) != MOSQ_ERR_SUCCESS)
			drop(mqtt);
	if (clock_now() < deadline)
		publish_wait((deadline - clock_now()) / CLOCK_MS + 1);
}

/* The will is for ends without this. */
static void mqtt_close(struct receiver *receiver, const struct audit_published *at)
{
	struct mqtt *mqtt = mqtt_of(receiver);
	int64_t deadline = clock_after_ms(BYE_MS);

	if (mqtt->client_now) {
		mqtt->acknowledged = 0;
		tell(mqtt, false, at);
		while (clock_now() < deadline && !mqtt->gone && !mqtt->acknowledged &&
		       turn(mqtt) == MOSQ_ERR_SUCCESS)
			;
		mosquitto_disconnect(mqtt->client_now);
		turn(mqtt);
	}
	drop(mqtt);
	free(mqtt->client);
	free(mqtt->state_topic);
	free(mqtt->offline);
	free(mqtt);
	mosquitto_lib_cleanup();
}

struct receiver *mqtt_open(const struct publish_options *options, const char *station, char *why,
			   size_t why_size)
{
	struct mqtt *mqtt = calloc(1, sizeof(*mqtt));
	char level[PUBLISH_ONE_TEXT];

	if (!mqtt || mosquitto_lib_init() != MOSQ_ERR_SUCCESS) {
		snprintf(why, why_size, "no memory");
		free(mqtt);
		return NULL;
	}
	mqtt->receiver = (struct receiver){mqtt_deliver, mqtt_caught_up, mqtt_idle, mqtt_close};
	mqtt->options = options;
	mqtt->station = station;
	message_level(station, level, sizeof(level));
	if (!url_read(options->mqtt, "mqtt", options->password_file, &mqtt->address, why,
		      why_size)) {
		free(mqtt);
		return NULL;
	}
	mqtt->state_topic = topic_of(mqtt, station, "state", options->name);
	mqtt->offline = message_state(false, station, options->name, NULL);
	if (mqtt->state_topic && mqtt->offline &&
	    asprintf(&mqtt->client, "h7gang-%s-%s", level, options->name) >= 0)
		return &mqtt->receiver;
	snprintf(why, why_size, "no memory");
	free(mqtt->state_topic);
	free(mqtt->offline);
	free(mqtt);
	return NULL;
}
