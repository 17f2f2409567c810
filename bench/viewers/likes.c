#include "likes.h"

#include <string.h>

int type_count = 0;
char type_names[MAX_TYPES][33];

typedef struct {
	const char *at;
	const char *end;
} cursor_t;

typedef struct {
	const char *at;
	size_t length;
} text_t;

/* The parser supports numbers, strings, objects and arrays without white space, which is what the gateway writes. */
static bool take(cursor_t *c, char wanted) {
	if (c->at >= c->end || *c->at != wanted) return false;
	c->at++;
	return true;
}

static bool read_text(cursor_t *c, text_t *text) {
	if (!take(c, '"')) return false;
	text->at = c->at;
	while (c->at < c->end && *c->at != '"') c->at += *c->at == '\\' ? 2 : 1;
	if (c->at >= c->end) return false;
	text->length = (size_t)(c->at - text->at);
	c->at++;
	return true;
}

static bool read_number(cursor_t *c, int64_t *number) {
	bool negative = take(c, '-');
	const char *from = c->at;
	int64_t value = 0;
	while (c->at < c->end && *c->at >= '0' && *c->at <= '9') value = value * 10 + (*c->at++ - '0');
	*number = negative ? -value : value;
	return c->at > from;
}

static bool is(text_t text, const char *name) {
	return text.length == strlen(name) && memcmp(text.at, name, text.length) == 0;
}

static int type_index(text_t name) {
	for (int i = 0; i < type_count; i++) if (is(name, type_names[i])) return i;
	if (type_count == MAX_TYPES || name.length > 32) return -1;
	memcpy(type_names[type_count], name.at, name.length);
	return type_count++;
}

/* Calls `member` for each key of an object, with the cursor on its value. */
typedef bool member_t(cursor_t *c, text_t key, void *into);

static bool read_object(cursor_t *c, member_t *member, void *into) {
	if (!take(c, '{')) return false;
	if (take(c, '}')) return true;
	do {
		text_t key;
		if (!read_text(c, &key) || !take(c, ':') || !member(c, key, into)) return false;
	} while (take(c, ','));
	return take(c, '}');
}

static bool totals_member(cursor_t *c, text_t key, void *into) {
	int index = type_index(key);
	return index >= 0 && read_number(c, &((totals_t *)into)->of[index]);
}

static bool recent_member(cursor_t *c, text_t key, void *into) {
	text_t text;
	return is(key, "at") ? read_number(c, into) : read_text(c, &text);
}

static bool read_recent(cursor_t *c, likes_event_t *event) {
	if (!take(c, '[')) return false;
	if (take(c, ']')) return true;
	do {
		if (event->recent_count == MAX_RECENT) return false;
		if (!read_object(c, recent_member, &event->recent_at[event->recent_count++])) return false;
	} while (take(c, ','));
	return take(c, ']');
}

static bool likes_member(cursor_t *c, text_t key, void *into) {
	likes_event_t *event = into;
	int64_t ignored;
	text_t text;
	if (is(key, "totals")) return read_object(c, totals_member, &event->totals);
	if (is(key, "delta")) {
		event->delta_empty = c->end - c->at > 1 && c->at[1] == '}';
		return read_object(c, totals_member, &event->delta);
	}
	if (is(key, "recent")) return read_recent(c, event);
	if (is(key, "of")) return read_number(c, &event->of);
	return c->at < c->end && *c->at == '"' ? read_text(c, &text) : read_number(c, &ignored);
}

bool parse_likes(const char *json, size_t length, likes_event_t *event) {
	memset(event, 0, sizeof *event);
	cursor_t c = {json, json + length};
	return read_object(&c, likes_member, event) && c.at == c.end;
}
