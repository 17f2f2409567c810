#ifndef LIKES_H
#define LIKES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most reaction types of a run; a gateway has five by default. */
#define MAX_TYPES 16
/* The most likes in `recent`; the gateway sends eight. */
#define MAX_RECENT 64

/* Likes by reaction type, in the order of the first appearance of each type. */
typedef struct {
	int64_t of[MAX_TYPES];
} totals_t;

/* The checked fields of a `likes` event. */
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

/* Parses the data line of a `likes` event; returns false when it is invalid. */
bool parse_likes(const char *json, size_t length, likes_event_t *event);

#endif
