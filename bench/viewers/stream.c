#define _GNU_SOURCE
#include "stream.h"
#include "websocket.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef WITH_ZLIB
#include <zlib.h>
#endif

/* A larger incomplete head, chunk or event is an error: the largest of the gateway is a tenth of it. */
#define MAX_WAITING (256 * 1024)

static bool append(buffer_t *buffer, const char *bytes, size_t length) {
	size_t needed = buffer->length + length;
	if (needed > MAX_WAITING) return false;
	if (needed > buffer->capacity) {
		char *grown = realloc(buffer->bytes, needed);
		if (grown == NULL) return false;
		buffer->bytes = grown;
		buffer->capacity = needed;
	}
	memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length = needed;
	return true;
}

static void release(buffer_t *buffer) {
	free(buffer->bytes);
	memset(buffer, 0, sizeof *buffer);
}

static void read_event(const char *text, size_t length, on_event_t *on_event, void *context) {
	const char *name = "message", *data = NULL, *end = text + length;
	size_t name_length = 7, data_length = 0;
	while (text < end) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));
		if (line_end == NULL) line_end = end;
		size_t line = (size_t)(line_end - text);
		const char *colon = memchr(text, ':', line);
		size_t field = colon == NULL ? line : (size_t)(colon - text);
		/* The space after the colon may be missing. */
		size_t skip = field + 1 < line && text[field + 1] == ' ' ? field + 2 : field + 1;
		if (skip > line) skip = line;
		if (field == 5 && memcmp(text, "event", 5) == 0) {
			name = text + skip;
			name_length = line - skip;
		} else if (field == 4 && memcmp(text, "data", 4) == 0) {
			data = text + skip;
			data_length = line - skip;
		}
		text = line_end + 1;
	}
	if (data != NULL) on_event(context, name, name_length, data, data_length);
}

static bool read_events(stream_t *stream, const char *text, size_t length, on_event_t *on_event, void *context) {
	buffer_t *waiting = &stream->text;
	if (waiting->length > 0) {
		if (!append(waiting, text, length)) return false;
		text = waiting->bytes;
		length = waiting->length;
	}
	const char *end = text + length, *blank;
	while ((blank = memmem(text, (size_t)(end - text), "\n\n", 2)) != NULL) {
		read_event(text, (size_t)(blank - text), on_event, context);
		text = blank + 2;
	}
	buffer_t rest = {0};
	if (text < end && !append(&rest, text, (size_t)(end - text))) return false;
	release(waiting);
	*waiting = rest;
	return true;
}

/* The longest head of a gzip stream that the gateway sends: it has no fields. */
#define GZIP_HEAD 10

/*
 * Reads the events of a chunk of a gzip stream. Each chunk of the gateway has whole blocks that need nothing before them, so
 * one decoder serves all streams, and none has memory of its own. It does not check the end of the stream.
 */
static bool read_compressed(stream_t *stream, const char *at, size_t length, on_event_t *on_event, void *context) {
#ifdef WITH_ZLIB
	static z_stream decoder;
	static bool ready = false;
	static char text[MAX_WAITING];
	if (!stream->in_gzip) {
		if (length < GZIP_HEAD || memcmp(at, "\x1f\x8b\x08", 3) != 0) return false;
		stream->in_gzip = true;
		at += GZIP_HEAD;
		length -= GZIP_HEAD;
		if (length == 0) return true;
	}
	if ((ready ? inflateReset(&decoder) : inflateInit2(&decoder, -15)) != Z_OK) return false;
	ready = true;
	decoder.next_in = (Bytef *)(uintptr_t)at;
	decoder.avail_in = (uInt)length;
	decoder.next_out = (Bytef *)text;
	decoder.avail_out = MAX_WAITING;
	int result = inflate(&decoder, Z_SYNC_FLUSH);
	if ((result != Z_OK && result != Z_STREAM_END) || decoder.avail_out == 0) return false;
	return read_events(stream, text, MAX_WAITING - decoder.avail_out, on_event, context);
#else
	(void)stream, (void)at, (void)length, (void)on_event, (void)context;
	return false;
#endif
}

/* Reads one head or chunk, and returns its length; 0 when it is incomplete, -1 when it is invalid. */
static long read_part(stream_t *stream, const char *at, size_t left, on_event_t *on_event, void *context) {
	if (!stream->in_body) {
		const char *head_end = memmem(at, left, "\r\n\r\n", 4);
		if (head_end == NULL) return 0;
		if (memcmp(at, "HTTP/1.1 200", 12) != 0) return -1;
		stream->in_body = true;
		stream->chunked = memmem(at, (size_t)(head_end - at), "Transfer-Encoding: chunked", 26) != NULL;
		stream->gzip = memmem(at, (size_t)(head_end - at), "Content-Encoding: gzip", 22) != NULL;
		return head_end + 4 - at;
	}
	if (!stream->chunked) return read_events(stream, at, left, on_event, context) ? (long)left : -1;
	if (stream->owes_line_break) {
		if (left < 2) return 0;
		if (memcmp(at, "\r\n", 2) != 0) return -1;
		stream->owes_line_break = false;
		return 2;
	}
	if (left < 3) return 0;
	size_t size = 0, digit = 0;
	for (; digit < left && at[digit] != '\r'; digit++) {
		char c = at[digit] | 0x20;
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) || size > MAX_WAITING) return -1;
		size = size * 16 + (size_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	/* The line feed or a part of the chunk is missing. */
	if (digit + 2 > left || digit + 2 + size > left) return 0;
	stream->owes_line_break = true;
	bool (*read)(stream_t *, const char *, size_t, on_event_t *, void *) = stream->gzip ? read_compressed : read_events;
	return read(stream, at + digit + 2, size, on_event, context) ? (long)(digit + 2 + size) : -1;
}

bool stream_feed(stream_t *stream, const char *bytes, size_t length, on_event_t *on_event, void *context) {
	long (*read)(stream_t *, const char *, size_t, on_event_t *, void *) = stream->protocol == EVENT_STREAM ? read_part : websocket_read;
	buffer_t *waiting = &stream->raw;
	if (waiting->length > 0) {
		if (!append(waiting, bytes, length)) return false;
		bytes = waiting->bytes;
		length = waiting->length;
	}
	while (length > 0) {
		long taken = read(stream, bytes, length, on_event, context);
		if (taken < 0) return false;
		if (taken == 0) break;
		bytes += taken;
		length -= (size_t)taken;
	}
	buffer_t rest = {0};
	if (length > 0 && !append(&rest, bytes, length)) return false;
	release(waiting);
	*waiting = rest;
	return true;
}

bool stream_at_boundary(const stream_t *stream) {
	return stream->in_body && stream->raw.length == 0 && stream->text.length == 0;
}

void stream_free(stream_t *stream) {
	release(&stream->raw);
	release(&stream->text);
}
