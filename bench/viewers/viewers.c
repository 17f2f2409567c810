/*
 * Many viewers of one video in one process over plain sockets, with a check of every event. They read Server-Sent Events, or
 * what other servers send in place of them.
 *
 *   viewers <port> <path> <source address> [gzip | websocket | socket.io]
 *
 * Reads commands, one a line, from the standard input until its end:
 *   open <group> <count> [receive buffer]   opens viewers at a limited rate; answers {"event":"settled"} when all have a snapshot
 *   pause <group>, resume <group>           stops reading, and continues
 *   reset                                   clears the counts; connections and their sums remain
 *   report                                  answers {"event":"report",…}, with the counts and the sums
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "viewer.h"
#include "websocket.h"

#define MAX_VIEWERS 19000
#define MAX_GROUPS 4
/* The number of connections that open at a time: the listen backlog of the gateway is 512, and one beyond it waits a second. */
#define MAX_OPENING 200
#define READ_BYTES (64 * 1024)

/*
 * The wait before each read, in which frames gather, as a network card gathers packets for an interrupt. Without it every
 * send() of the gateway would wake this process, a cost that viewers on other machines do not cause. Measured latencies
 * include this wait.
 */
static const struct timespec GATHERING = {.tv_nsec = 1000 * 1000};

static viewer_t viewers[MAX_VIEWERS];
static int viewer_count = 0;
static group_t groups[MAX_GROUPS];
static int group_count = 0;

/* The rest of the last `open`. */
static group_t *opening_group;
static long to_open = 0;
static long opening = 0;
static int receive_buffer = 0;

static int poller;
static struct sockaddr_in target, source;
static protocol_t protocol = EVENT_STREAM;
static char request[1024];
static char bytes[READ_BYTES];

static double now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void fail(const char *what) {
	fprintf(stderr, "viewers: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void watch(viewer_t *viewer, int operation, uint32_t events) {
	struct epoll_event event = {.events = events, .data.ptr = viewer};
	if (epoll_ctl(poller, operation, viewer->fd, &event) < 0) fail("epoll_ctl");
}

static group_t *group_named(const char *name) {
	for (int i = 0; i < group_count; i++) if (strcmp(groups[i].name, name) == 0) return &groups[i];
	if (group_count == MAX_GROUPS) return NULL;
	group_t *group = &groups[group_count++];
	snprintf(group->name, sizeof group->name, "%s", name);
	return group;
}

static void settle_if_open(void) {
	if (opening_group == NULL || to_open > 0 || opening > 0) return;
	opening_group = NULL;
	puts("{\"event\":\"settled\"}");
}

static void close_viewer(viewer_t *viewer) {
	if (!viewer->has_snapshot) opening--;
	close(viewer->fd);
	viewer->fd = -1;
	viewer->group->closed++;
	stream_free(&viewer->stream);
	settle_if_open();
}

static void open_viewer(void) {
	viewer_t *viewer = &viewers[viewer_count++];
	int one = 1;
	memset(viewer, 0, sizeof *viewer);
	viewer->group = opening_group;
	viewer->group->opened++;
	viewer->stream.protocol = protocol;
	to_open--;
	opening++;
	viewer->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (viewer->fd < 0) fail("socket");
	/* connect() chooses the port, so that one source address serves many targets. */
	setsockopt(viewer->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
	if (receive_buffer > 0) setsockopt(viewer->fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
	if (bind(viewer->fd, (struct sockaddr *)&source, sizeof source) < 0) fail("bind");
	if (connect(viewer->fd, (struct sockaddr *)&target, sizeof target) < 0 && errno != EINPROGRESS) fail("connect");
	watch(viewer, EPOLL_CTL_ADD, EPOLLOUT);
}

static void on_ready(viewer_t *viewer, uint32_t events) {
	if (events & EPOLLOUT) {
		if (send(viewer->fd, request, strlen(request), MSG_NOSIGNAL) < 0) close_viewer(viewer);
		else watch(viewer, EPOLL_CTL_MOD, EPOLLIN | EPOLLET);
		return;
	}
	bool waited = !viewer->has_snapshot;
	ssize_t length = recv(viewer->fd, bytes, READ_BYTES, 0);
	if (length < 0 && errno == EAGAIN) return;
	if (length <= 0 || !viewer_receive(viewer, bytes, (size_t)length, now_ms())) {
		if (waited && viewer->has_snapshot) opening--;
		close_viewer(viewer);
		return;
	}
	if (waited && viewer->has_snapshot) {
		opening--;
		settle_if_open();
	}
	if (!websocket_answer(&viewer->stream, viewer->fd)) close_viewer(viewer);
}

static void set_paused(const char *name, bool paused) {
	for (int i = 0; i < viewer_count; i++) {
		viewer_t *viewer = &viewers[i];
		if (viewer->fd < 0 || viewer->paused == paused || strcmp(viewer->group->name, name) != 0) continue;
		viewer->paused = paused;
		/* epoll always reports a closed socket, so it does not watch a paused one. */
		if (paused) watch(viewer, EPOLL_CTL_DEL, 0);
		else watch(viewer, EPOLL_CTL_ADD, EPOLLIN | EPOLLET);
	}
}

static void reset(void) {
	for (int i = 0; i < group_count; i++) {
		group_t *group = &groups[i], fresh = {0};
		memcpy(fresh.name, group->name, sizeof fresh.name);
		fresh.opened = group->opened;
		fresh.with_snapshot = group->with_snapshot;
		fresh.closed = group->closed;
		*group = fresh;
	}
}

static void print_totals(const char *name, const totals_t *totals) {
	printf("\"%s\":{", name);
	for (int i = 0, first = 1; i < type_count; i++) {
		if (totals->of[i] == 0) continue;
		printf("%s\"%s\":%lld", first ? "" : ",", type_names[i], (long long)totals->of[i]);
		first = 0;
	}
	printf("}");
}

/* Prints the smallest and the largest sum of any connection for each type: equal when all connections agree. */
static void print_sums(const group_t *group) {
	totals_t lowest = {0}, highest = {0};
	bool any = false;
	for (int i = 0; i < viewer_count; i++) {
		const viewer_t *viewer = &viewers[i];
		if (viewer->group != group || !viewer->has_snapshot) continue;
		for (int t = 0; t < type_count; t++) {
			int64_t sum = viewer->sum.of[t];
			if (!any || sum < lowest.of[t]) lowest.of[t] = sum;
			if (!any || sum > highest.of[t]) highest.of[t] = sum;
		}
		any = true;
	}
	print_totals("lowest", &lowest);
	printf(",");
	print_totals("highest", &highest);
}

static void report(void) {
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	long cpu_ms = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
	printf("{\"event\":\"report\",\"cpuMs\":%ld,\"groups\":[", cpu_ms);
	for (int g = 0; g < group_count; g++) {
		const group_t *group = &groups[g];
		printf("%s{\"name\":\"%s\",\"opened\":%ld,\"withSnapshot\":%ld,\"closed\":%ld,", g ? "," : "", group->name,
			group->opened, group->with_snapshot, group->closed);
		printf("\"frames\":%ld,\"bytes\":%ld,\"deliveries\":%ld,\"shown\":%ld,", group->frames, group->bytes,
			group->deliveries, group->shown);
		printf("\"violations\":{\"snapshot\":%ld,\"sum\":%ld,\"fall\":%ld,\"format\":%ld},", group->bad_snapshots,
			group->bad_sums, group->fallen_totals, group->bad_formats);
		print_sums(group);
		printf(",\"latency\":{\"maxMs\":%ld,\"sumMs\":%ld,\"buckets\":[", group->latency_max_ms, group->latency_sum_ms);
		for (int b = 0, first = 1; b < BUCKETS; b++) {
			if (group->latency[b] == 0) continue;
			printf("%s[%d,%ld]", first ? "" : ",", b, group->latency[b]);
			first = 0;
		}
		printf("]}}");
	}
	printf("]}\n");
}

static void execute(char *line) {
	char verb[16] = "", name[32] = "";
	long count = 0;
	int buffer = 0;
	sscanf(line, "%15s %31s %ld %d", verb, name, &count, &buffer);
	if (strcmp(verb, "open") == 0) {
		opening_group = group_named(name);
		receive_buffer = buffer;
		to_open = count;
		if (opening_group == NULL || viewer_count + count > MAX_VIEWERS) {
			errno = ENOSPC;
			fail("open");
		}
		settle_if_open();
	} else if (strcmp(verb, "pause") == 0) set_paused(name, true);
	else if (strcmp(verb, "resume") == 0) set_paused(name, false);
	else if (strcmp(verb, "reset") == 0) reset();
	else if (strcmp(verb, "report") == 0) report();
	else fprintf(stderr, "viewers: unknown command: %s\n", line);
}

/* Executes every complete line of input; returns false at its end. */
static bool read_commands(void) {
	static char line[4096];
	static size_t length = 0;
	ssize_t got = read(STDIN_FILENO, line + length, sizeof line - 1 - length);
	if (got <= 0) return false;
	length += (size_t)got;
	char *end;
	while ((end = memchr(line, '\n', length)) != NULL) {
		*end = '\0';
		execute(line);
		length -= (size_t)(end + 1 - line);
		memmove(line, end + 1, length);
	}
	return true;
}

int main(int argc, char **argv) {
	const char *way = argc == 5 ? argv[4] : "";
	bool gzip = strcmp(way, "gzip") == 0, socket_io = strcmp(way, "socket.io") == 0;
	bool upgrade = socket_io || strcmp(way, "websocket") == 0;
	if (argc != 4 && !gzip && !upgrade) {
		fprintf(stderr, "usage: viewers <port> <path> <source address> [gzip | websocket | socket.io]\n");
		return 2;
	}
	if (upgrade) protocol = socket_io ? SOCKET_IO : WEBSOCKET;
#ifndef WITH_ZLIB
	if (gzip) {
		fprintf(stderr, "viewers: built without zlib\n");
		return 2;
	}
#endif
	setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	target.sin_family = source.sin_family = AF_INET;
	target.sin_port = htons((uint16_t)atoi(argv[1]));
	inet_pton(AF_INET, "127.0.0.1", &target.sin_addr);
	if (inet_pton(AF_INET, argv[3], &source.sin_addr) != 1) fail("source address");
	snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n%s%s\r\n", argv[2], argv[1],
		upgrade ? UPGRADE : "Accept: text/event-stream\r\n", gzip ? "Accept-Encoding: gzip\r\n" : "");

	poller = epoll_create1(0);
	struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
	if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &input) < 0) fail("epoll");
	for (;;) {
		while (to_open > 0 && opening < MAX_OPENING) open_viewer();
		fflush(stdout);
		struct epoll_event events[1024];
		int count = epoll_wait(poller, events, 1024, -1);
		if (count < 0 && errno != EINTR) fail("epoll_wait");
		for (int i = 0; i < count; i++) {
			viewer_t *viewer = events[i].data.ptr;
			if (viewer != NULL) {
				if (viewer->fd >= 0 && !viewer->paused) on_ready(viewer, events[i].events);
			} else if (!read_commands()) return 0;
		}
		nanosleep(&GATHERING, NULL);
	}
}
