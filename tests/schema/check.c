/* SPDX-License-Identifier: GPL-2.0-or-later */
/* schema-check SCHEMA FILE: whether each line of FILE is valid under SCHEMA, a JSON Schema of the
 * few keywords below; any other keyword is an error, so that no rule is ignored. Keys that the
 * schema does not name are errors here, too: all output must be documented. */
#include <inttypes.h>
#include <jansson.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const annotations[] = {"$schema", "$id", "title", "description", "$defs"};

static json_t *root;
static char why[512];

static bool no(const char *what, const char *about)
{
	if (!why[0])
		snprintf(why, sizeof(why), "%s: %.400s", what, about);
	return false;
}

static void broken(const char *what)
{
	fprintf(stderr, "schema-check: the schema: %s\n", what);
	exit(2);
}

static bool valid(const json_t *schema, const json_t *value, const char *name, json_t *known);

static json_t *resolve(const char *reference)
{
	json_t *found = NULL;

	if (strncmp(reference, "#/$defs/", 8) == 0)
		found = json_object_get(json_object_get(root, "$defs"), reference + 8);
	if (!found)
		broken(reference);
	return found;
}

static bool type_ok(const char *type, const json_t *value)
{
	if (strcmp(type, "object") == 0)
		return json_is_object(value);
	if (strcmp(type, "string") == 0)
		return json_is_string(value);
	if (strcmp(type, "integer") == 0)
		return json_is_integer(value);
	if (strcmp(type, "boolean") == 0)
		return json_is_boolean(value);
	broken(type);
	return false;
}

static bool pattern_ok(const char *pattern, const char *text)
{
	regex_t regex;
	bool match;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		broken(pattern);
	match = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return match;
}

static bool one_of(const json_t *list, const json_t *value)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item) if (json_equal(item, value)) return true;
	return false;
}

static bool exactly_one(const json_t *list, const json_t *value, const char *name, json_t *known)
{
	unsigned matches = 0;
	char last[sizeof(why)] = "";
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item)
	{
		json_t *keys = json_object();

		if (valid(item, value, name, keys)) {
			matches++;
			json_object_update(known, keys);
		} else if (!strstr(why, "event: not")) {
			snprintf(last, sizeof(last), "%s",
				 why); /* the kind meant is wrong in this */
		}
		why[0] = '\0';
		json_decref(keys);
	}
	if (matches == 1)
		return true;
	return no("fits not exactly one kind", last[0] ? last : name);
}

static bool properties_ok(json_t *properties, const json_t *value, json_t *known)
{
	const char *key;
	json_t *schema;

	json_object_foreach(properties, key, schema)
	{
		const json_t *part = json_object_get(value, key);

		json_object_set_new(known, key, json_true());
		if (part && !valid(schema, part, key, NULL))
			return false;
	}
	return true;
}

static bool required_ok(const json_t *list, const json_t *value)
{
	size_t i;
	json_t *key;

	json_array_foreach(
		list, i, key) if (!json_object_get(value,
						   json_string_value(
							   key))) return no("missing",
									    json_string_value(key));
	return true;
}

static bool annotation(const char *keyword)
{
	for (size_t i = 0; i < sizeof(annotations) / sizeof(annotations[0]); i++)
		if (strcmp(keyword, annotations[i]) == 0)
			return true;
	return false;
}

static bool keyword_ok(const char *keyword, json_t *rule, const json_t *value, const char *name,
		       json_t *known)
{
	if (strcmp(keyword, "$ref") == 0)
		return valid(resolve(json_string_value(rule)), value, name, known);
	if (strcmp(keyword, "type") == 0)
		return type_ok(json_string_value(rule), value) || no(name, "wrong type");
	if (strcmp(keyword, "const") == 0)
		return json_equal(rule, value) || no(name, "not this constant");
	if (strcmp(keyword, "enum") == 0)
		return one_of(rule, value) || no(name, "not one of the values");
	if (strcmp(keyword, "pattern") == 0)
		return pattern_ok(json_string_value(rule), json_string_value(value)) ||
		       no(name, json_string_value(value));
	if (strcmp(keyword, "minLength") == 0)
		return (json_int_t)json_string_length(value) >= json_integer_value(rule) ||
		       no(name, "too short");
	if (strcmp(keyword, "minimum") == 0)
		return json_integer_value(value) >= json_integer_value(rule) ||
		       no(name, "too small");
	if (strcmp(keyword, "maximum") == 0)
		return json_integer_value(value) <= json_integer_value(rule) ||
		       no(name, "too large");
	if (strcmp(keyword, "required") == 0)
		return required_ok(rule, value);
	if (strcmp(keyword, "properties") == 0)
		return properties_ok(rule, value, known);
	if (strcmp(keyword, "oneOf") == 0)
		return exactly_one(rule, value, name, known);
	if (!annotation(keyword))
		broken(keyword);
	return true;
}

static bool valid(const json_t *schema, const json_t *value, const char *name, json_t *known)
{
	const char *keyword;
	json_t *rule;

	json_object_foreach((json_t *)(uintptr_t)schema, keyword,
			    rule) if (!keyword_ok(keyword, rule, value, name, known)) return false;
	return true;
}

static bool line_ok(const char *line)
{
	json_error_t error;
	json_t *value = json_loads(line, JSON_REJECT_DUPLICATES, &error);
	json_t *known = json_object(), *part;
	const char *key;
	bool ok;

	why[0] = '\0';
	ok = value ? valid(root, value, "", known) : no("not JSON", error.text);
	json_object_foreach(value, key, part) if (ok && !json_object_get(known, key)) ok =
		no("not documented", key);
	json_decref(known);
	json_decref(value);
	return ok;
}

int main(int argc, char **argv)
{
	FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
	char *line = NULL;
	size_t size = 0;
	unsigned number = 0, wrong = 0;
	json_error_t error;

	if (!file) {
		fprintf(stderr, "schema-check SCHEMA FILE\n");
		return 2;
	}
	root = json_load_file(argv[1], JSON_REJECT_DUPLICATES, &error);
	if (!root)
		broken(error.text);
	while (getline(&line, &size, file) > 0) {
		number++;
		if (line_ok(line))
			continue;
		wrong++;
		printf("line %u: %s\n%s", number, why, line);
	}
	free(line);
	fclose(file);
	json_decref(root);
	printf("%u lines, %u not valid\n", number, wrong);
	return wrong || number == 0;
}
