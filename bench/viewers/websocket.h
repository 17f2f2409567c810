#ifndef WEBSOCKET_H
#define WEBSOCKET_H

#include "stream.h"

/* The fields of a request that opens a WebSocket, with the key of the example in RFC 6455. */
#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

/* Reads one head or frame, and returns its length; 0 when it is incomplete, -1 when it is invalid. */
long websocket_read(stream_t *stream, const char *at, size_t left, on_event_t *on_event, void *context);

/* Sends the answer that the server of a stream waits for, if any. Returns false when it cannot be sent. */
bool websocket_answer(stream_t *stream, int connection);

#endif
