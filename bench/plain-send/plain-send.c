/*
 * Measures the ceiling of the machine: sends frames of one size to many connections on one core, and does nothing else. The
 * gateway pays the same price to the kernel for each frame.
 *
 *   plain-send <connections> <frame bytes> <seconds>
 *
 * Prints {"port":…} when it listens, and {"sent":…,"seconds":…,"cpuSeconds":…} at the end.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNECTIONS 19000
#define MAX_FRAME 60000
#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

static int connections[MAX_CONNECTIONS];
static char frame[MAX_FRAME + 64];

static void fail(const char *what) {
	perror(what);
	exit(1);
}

static double seconds_of(clockid_t clock) {
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int listen_on_free_port(void) {
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 512) < 0) fail("listen");
	getsockname(listener, (struct sockaddr *)&address, &size);
	printf("{\"port\":%d}\n", ntohs(address.sin_port));
	fflush(stdout);
	return listener;
}

/* Writes a likes event without a change, padded to the size. Viewers check it like any other event. */
static size_t make_frame(size_t bytes) {
	static const char start[] = "event: likes\ndata: {\"totals\":{},\"delta\":{},\"video\":\"", end[] = "\"}\n\n";
	size_t fixed = sizeof start - 1 + sizeof end - 1;
	size_t filling = bytes > fixed ? bytes - fixed : 0;
	int length = sprintf(frame, "\r\n%zx\r\n%s", fixed + filling, start);
	memset(frame + length, 'x', filling);
	strcpy(frame + length + filling, end);
	return (size_t)length + filling + sizeof end - 1;
}

static void greet(int listener, int index, size_t length) {
	static char request[4096];
	int one = 1, connection = accept(listener, NULL, NULL);
	if (connection < 0 || recv(connection, request, sizeof request, 0) <= 0) fail("accept");
	setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	/* The first chunk has no line break before it. */
	if (send(connection, HEAD, sizeof HEAD - 1, MSG_NOSIGNAL) < 0) fail("send");
	if (send(connection, frame + 2, length - 2, MSG_NOSIGNAL) < 0) fail("send");
	connections[index] = connection;
}

int main(int argc, char **argv) {
	int count = argc == 4 ? atoi(argv[1]) : 0, bytes = argc == 4 ? atoi(argv[2]) : 0;
	if (count < 1 || count > MAX_CONNECTIONS || bytes < 1 || bytes > MAX_FRAME) {
		fprintf(stderr, "usage: plain-send <connections> <frame bytes> <seconds>\n");
		return 2;
	}
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	size_t length = make_frame((size_t)bytes);
	int listener = listen_on_free_port();
	for (int i = 0; i < count; i++) greet(listener, i, length);

	double start = seconds_of(CLOCK_MONOTONIC), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	double end = start + atof(argv[3]);
	long sent = 0;
	while (seconds_of(CLOCK_MONOTONIC) < end) {
		for (int i = 0; i < count; i++) {
			/* A blocking send, so that a slow reader gets whole frames. */
			if (send(connections[i], frame, length, MSG_NOSIGNAL) < 0) fail("send");
			sent++;
		}
	}
	printf("{\"sent\":%ld,\"seconds\":%.3f,\"cpuSeconds\":%.3f}\n", sent, seconds_of(CLOCK_MONOTONIC) - start,
		seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	return 0;
}
