/*
 * Many frontends without viewers in one process. Each has a port, identifies itself with the headers of a node, answers
 * pings, and accepts the batches of a dispatcher.
 *
 *   sinks <count> <incarnation>
 *
 * Frontend 0 has the name frontend-0, and so on. Prints {"event":"listening","ports":[…]} when all listen. Reads commands,
 * one a line, from the standard input until its end:
 *   reset     clears the counts
 *   report    answers {"event":"report",…}
 *
 * Measures the delay of the likes in one of SAMPLED bodies, by the time at which each was accepted.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_SINKS 1000
#define MAX_HEAD 8192
#define READ_BYTES (256 * 1024)
#define SAMPLED 23
/* Tenths of a millisecond. */
#define BUCKETS 20000

typedef struct {
	int fd;
	int sink;
	bool listens;
	/* The received part of the head. */
	size_t head_length;
	size_t body_left;
	bool is_ping;
	/* The received part of a sampled body; NULL without one. */
	char *sample;
	size_t sampled;
	char view[17];
	char node[129];
	char head[MAX_HEAD];
} peer_t;

static int poller;
static const char *incarnation;
static char bytes[READ_BYTES];
static long requests, body_bytes, pings, refused;
static long times, time_sum, time_max, buckets[BUCKETS];

static void fail(const char *what) {
	perror(what);
	exit(1);
}

static double now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void watch(peer_t *peer) {
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
	if (epoll_ctl(poller, EPOLL_CTL_ADD, peer->fd, &event) < 0) fail("epoll_ctl");
}

static peer_t *add(int fd, int sink, bool listens) {
	peer_t *peer = calloc(1, sizeof *peer);
	if (peer == NULL) fail("calloc");
	peer->fd = fd;
	peer->sink = sink;
	peer->listens = listens;
	watch(peer);
	return peer;
}

static int listen_on_free_port(int sink) {
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 64) < 0) fail("listen");
	getsockname(listener, (struct sockaddr *)&address, &size);
	add(listener, sink, true);
	return ntohs(address.sin_port);
}

static void accept_peer(const peer_t *listener) {
	int one = 1, fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK);
	if (fd < 0) return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	add(fd, listener->sink, false);
}

/* Returns the value of a header, followed by the rest of the head; NULL without this header. */
static const char *header(const char *head, const char *name) {
	const char *at = strcasestr(head, name);
	return at == NULL ? NULL : at + strlen(name);
}

static void count_time(double ms) {
	long bucket = ms <= 0 ? 0 : (long)(ms * 10);
	times++;
	time_sum += (long)ms;
	if ((long)ms > time_max) time_max = (long)ms;
	buckets[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
}

/* The time of a like follows the name of its type. The time of an update follows a bracket, so it does not match. */
static void read_times(const char *body, size_t length) {
	static const char key[] = "\",\"at\":";
	const char *end = body + length;
	double now = now_ms();
	while ((body = memmem(body, (size_t)(end - body), key, sizeof key - 1)) != NULL) {
		body += sizeof key - 1;
		double ms = 0;
		while (body < end && *body >= '0' && *body <= '9') ms = ms * 10 + (*body++ - '0');
		count_time(now - ms);
	}
}

static void answer(peer_t *peer) {
	static char text[512];
	/* The answer confirms pings from the sender. */
	static char ping[256];
	snprintf(ping, sizeof ping, "{\"leaving\":false,\"missed\":0,\"reachable\":[\"%s\"]}", peer->node);
	int length = snprintf(text, sizeof text,
		"HTTP/1.1 %s\r\nx-likewire-node: frontend-%d\r\nx-likewire-incarnation: %s\r\nx-likewire-view: %s\r\n",
		peer->is_ping ? "200 OK\r\nContent-Type: application/json" : "204 No Content", peer->sink, incarnation, peer->view);
	length += peer->is_ping ? sprintf(text + length, "Content-Length: %zu\r\n\r\n%s", strlen(ping), ping)
							: sprintf(text + length, "\r\n");
	if (send(peer->fd, text, (size_t)length, MSG_NOSIGNAL) != length) refused++;
	if (peer->is_ping) pings++;
	else requests++;
	if (peer->sample != NULL) read_times(peer->sample, peer->sampled);
	free(peer->sample);
	peer->sample = NULL;
	peer->sampled = 0;
	peer->head_length = 0;
}

/* Reads bytes of the head, and returns how many. */
static size_t read_head(peer_t *peer, const char *at, size_t length) {
	size_t before = peer->head_length, room = MAX_HEAD - 1 - before, taken = length < room ? length : room;
	memcpy(peer->head + before, at, taken);
	peer->head[before + taken] = 0;
	peer->head_length += taken;
	const char *end = strstr(peer->head + (before > 3 ? before - 3 : 0), "\r\n\r\n");
	if (end == NULL) return taken;
	size_t head = (size_t)(end + 4 - peer->head);
	peer->head[head] = 0;
	const char *size = header(peer->head, "\r\ncontent-length: "), *view = header(peer->head, "\r\nx-likewire-view: ");
	const char *node = header(peer->head, "\r\nx-likewire-node: ");
	peer->body_left = size == NULL ? 0 : strtoul(size, NULL, 10);
	if (view != NULL) memcpy(peer->view, view, 16);
	if (node != NULL) sscanf(node, "%128[A-Za-z0-9_.~:-]", peer->node);
	peer->is_ping = strncmp(peer->head, "POST /internal/v1/ping ", 23) == 0;
	if (!peer->is_ping && requests % SAMPLED == 0) peer->sample = malloc(peer->body_left);
	if (peer->body_left == 0) answer(peer);
	return head - before;
}

static void read_peer(peer_t *peer) {
	char *at = bytes;
	ssize_t got = recv(peer->fd, at, READ_BYTES, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
	if (got <= 0) {
		close(peer->fd);
		free(peer->sample);
		free(peer);
		return;
	}
	for (size_t left = (size_t)got; left > 0;) {
		size_t taken;
		if (peer->body_left == 0) taken = read_head(peer, at, left);
		else {
			taken = left < peer->body_left ? left : peer->body_left;
			body_bytes += (long)taken;
			if (peer->sample != NULL) memcpy(peer->sample + peer->sampled, at, taken);
			peer->sampled += taken;
			peer->body_left -= taken;
			if (peer->body_left == 0) answer(peer);
		}
		if (taken == 0) {
			fprintf(stderr, "sinks: a head of more than %d bytes\n", MAX_HEAD);
			exit(1);
		}
		at += taken;
		left -= taken;
	}
}

static void reset(void) {
	requests = body_bytes = pings = refused = times = time_sum = time_max = 0;
	memset(buckets, 0, sizeof buckets);
}

static void report(void) {
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
	printf("{\"event\":\"report\",\"cpuMs\":%.1f,\"requests\":%ld,\"bytes\":%ld,\"pings\":%ld,\"refused\":%ld,", cpu,
		requests, body_bytes, pings, refused);
	printf("\"delay\":{\"maxMs\":%ld,\"sumMs\":%ld,\"buckets\":[", time_max, time_sum);
	for (int i = 0, first = 1; i < BUCKETS; i++) {
		if (buckets[i] == 0) continue;
		printf("%s[%d,%ld]", first ? "" : ",", i, buckets[i]);
		first = 0;
	}
	puts("]}}");
	fflush(stdout);
}

static void take_commands(void) {
	static char text[256];
	static size_t length = 0;
	ssize_t got = read(STDIN_FILENO, text + length, sizeof text - 1 - length);
	if (got <= 0) exit(0);
	length += (size_t)got;
	text[length] = 0;
	char *line_end;
	while ((line_end = strchr(text, '\n')) != NULL) {
		*line_end = 0;
		if (strcmp(text, "reset") == 0) reset();
		else if (strcmp(text, "report") == 0) report();
		length -= (size_t)(line_end + 1 - text);
		memmove(text, line_end + 1, length + 1);
	}
}

int main(int argc, char **argv) {
	int count = argc == 3 ? atoi(argv[1]) : 0;
	if (count < 1 || count > MAX_SINKS) {
		fprintf(stderr, "usage: sinks <count> <incarnation>\n");
		return 2;
	}
	incarnation = argv[2];
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	poller = epoll_create1(0);
	printf("{\"event\":\"listening\",\"ports\":[");
	for (int i = 0; i < count; i++) printf("%s%d", i == 0 ? "" : ",", listen_on_free_port(i));
	puts("]}");
	fflush(stdout);
	struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
	if (epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &input) < 0) fail("epoll_ctl");
	for (;;) {
		struct epoll_event events[256];
		int ready = epoll_wait(poller, events, 256, -1);
		if (ready < 0 && errno != EINTR) fail("epoll_wait");
		for (int i = 0; i < ready; i++) {
			peer_t *peer = events[i].data.ptr;
			if (peer == NULL) take_commands();
			else if (peer->listens) accept_peer(peer);
			else read_peer(peer);
		}
	}
}
