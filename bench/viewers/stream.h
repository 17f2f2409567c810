#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that wait for the rest of what they belong to. */
typedef struct {
	char *bytes;
	size_t length;
	size_t capacity;
} buffer_t;

/* Where one HTTP response of Server-Sent Events stands; all zero at its beginning. */
typedef struct {
	bool in_body;
	/* The line break after a chunk; uWebSockets.js sends it with the next chunk only. */
	bool owes_line_break;
	/* What came of the head, or of a chunk, that is not whole yet. */
	buffer_t raw;
	/* What came of an event that is not whole yet. */
	buffer_t text;
} stream_t;

/* One whole event. */
typedef void on_event_t(void *context, const char *name, size_t name_length, const char *data, size_t data_length);

/* Takes bytes split anywhere. False when they are no chunked 200 answer: the stream cannot be used any more. */
bool stream_feed(stream_t *stream, const char *bytes, size_t length, on_event_t *on_event, void *context);

/* Between two events and two chunks: what follows depends on `owes_line_break` alone. */
bool stream_at_boundary(const stream_t *stream);

void stream_free(stream_t *stream);

#endif
