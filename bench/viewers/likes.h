#ifndef LIKES_H
#define LIKES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reaction types that one run may see; a gateway has five by default. */
#define MAX_TYPES 16
/* Likes that one event may show; the gateway shows eight. */
#define MAX_RECENT 64

/* Likes by reaction type, in the order in which the types were first seen. */
typedef struct {
	int64_t of[MAX_TYPES];
} totals_t;

/* A `likes` event, as far as it is checked. */
typedef struct {
	totals_t totals;
	totals_t delta;
	bool delta_empty;
	int64_t of;
	int recent_count;
	int64_t recent_at[MAX_RECENT];
} likes_event_t;

extern int type_count;
extern char type_names[MAX_TYPES][33];

/* Reads the data line of a `likes` event; false when it is not one. */
bool parse_likes(const char *json, size_t length, likes_event_t *event);

#endif
