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

/* How a server sends events: Server-Sent Events, JSON in text frames of a WebSocket, or packets of Socket.IO in them. */
typedef enum { EVENT_STREAM, WEBSOCKET, SOCKET_IO } protocol_t;

/* The parser state of one HTTP response; all zero at the start, except the protocol. */
typedef struct {
	protocol_t protocol;
	bool in_body;
	/* Whether the body comes in chunks. */
	bool chunked;
	/* Whether the line break after a chunk is missing: uWebSockets.js sends it with the next chunk. */
	bool owes_line_break;
	/* Whether the body is a gzip stream, and whether its head was read. */
	bool gzip;
	bool in_gzip;
	/* What the server waits for, as the text of a WebSocket frame; NULL when it waits for nothing. The caller sends it. */
	const char *answer;
	/* The received part of an incomplete head, chunk or frame. */
	buffer_t raw;
	/* The received part of an incomplete event. */
	buffer_t text;
} stream_t;

/* Called with each complete event. */
typedef void on_event_t(void *context, const char *name, size_t name_length, const char *data, size_t data_length);

/* Takes any chunk of bytes. Returns false when they are no stream of the protocol; the stream is then unusable. */
bool stream_feed(stream_t *stream, const char *bytes, size_t length, on_event_t *on_event, void *context);

/* Returns whether the stream is between two events and two chunks: its state is then `owes_line_break` alone. */
bool stream_at_boundary(const stream_t *stream);

void stream_free(stream_t *stream);

#endif
