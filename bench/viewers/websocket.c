#define _GNU_SOURCE
#include "websocket.h"

#include <string.h>
#include <sys/socket.h>

/* A whole text frame, and the largest length that the second byte has room for. */
#define TEXT 0x81
#define MAX_SHORT 125
#define LONG 126
#define MASKED 0x80

/* The packets of Socket.IO: https://socket.io/docs/v4/socket-io-protocol/ */
#define LIKES "42[\"likes\","

static bool starts_with(const char *text, size_t length, const char *start) {
	return length >= strlen(start) && memcmp(text, start, strlen(start)) == 0;
}

/* Reads a packet of Socket.IO; returns false when it is of no kind that a server sends to this client. */
static bool read_packet(stream_t *stream, const char *text, size_t length, on_event_t *on_event, void *context) {
	size_t start = strlen(LIKES);
	if (starts_with(text, length, LIKES) && text[length - 1] == ']') {
		on_event(context, "likes", 5, text + start, length - start - 1);
	} else if (starts_with(text, length, "0{")) {
		stream->answer = "40";
	} else if (length == 1 && text[0] == '2') {
		stream->answer = "3";
	} else {
		return starts_with(text, length, "40{");
	}
	return true;
}

long websocket_read(stream_t *stream, const char *at, size_t left, on_event_t *on_event, void *context) {
	if (!stream->in_body) {
		const char *head_end = memmem(at, left, "\r\n\r\n", 4);
		if (head_end == NULL) return 0;
		stream->in_body = true;
		return starts_with(at, left, "HTTP/1.1 101") ? head_end + 4 - at : -1;
	}
	if (left < 2) return 0;
	size_t head = 2, length = (unsigned char)at[1];
	if ((unsigned char)at[0] != TEXT || length > LONG) return -1;
	if (length > MAX_SHORT) {
		if (left < 4) return 0;
		length = (size_t)(unsigned char)at[2] << 8 | (unsigned char)at[3];
		head = 4;
	}
	if (left < head + length) return 0;
	const char *text = at + head;
	if (stream->protocol == SOCKET_IO) {
		if (!read_packet(stream, text, length, on_event, context)) return -1;
	} else on_event(context, "likes", 5, text, length);
	return (long)(head + length);
}

bool websocket_answer(stream_t *stream, int connection) {
	if (stream->answer == NULL) return true;
	size_t length = strlen(stream->answer);
	/* Each client must mask its frames; a mask of zeros leaves the text as it is. */
	char frame[6 + MAX_SHORT] = {(char)TEXT, (char)(MASKED | length)};
	memcpy(frame + 6, stream->answer, length);
	stream->answer = NULL;
	return send(connection, frame, 6 + length, MSG_NOSIGNAL) == (ssize_t)(6 + length);
}
