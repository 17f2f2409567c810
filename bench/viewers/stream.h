#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>

/* Received bytes of an incomplete item. */
typedef struct {
	char *bytes;
	size_t length;
	size_t capacity;
} buffer_t;

/* The parser state of one HTTP response of Server-Sent Events; all zero at the start. */
typedef struct {
	bool in_body;
	/* Whether the line break after a chunk is missing: uWebSockets.js sends it with the next chunk. */
	bool owes_line_break;
	/* Whether the body is a gzip stream, and whether its head was read. */
	bool gzip;
	bool in_gzip;
	/* The received part of an incomplete head or chunk. */
	buffer_t raw;
	/* The received part of an incomplete event. */
	buffer_t text;
} stream_t;

/* Called with each complete event. */
typedef void on_event_t(void *context, const char *name, size_t name_length, const char *data, size_t data_length);

/* Takes any chunk of bytes. Returns false when they are not a chunked 200 answer, plain or in gzip; the stream is then unusable. */
bool stream_feed(stream_t *stream, const char *bytes, size_t length, on_event_t *on_event, void *context);

/* Returns whether the stream is between two events and two chunks: its state is then `owes_line_break` alone. */
bool stream_at_boundary(const stream_t *stream);

void stream_free(stream_t *stream);

#endif
