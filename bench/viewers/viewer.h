#ifndef VIEWER_H
#define VIEWER_H

#include "likes.h"
#include "stream.h"

/* 0.1 ms each: up to ten seconds are told apart, what is longer is in the last one. */
#define BUCKETS 100001

/* Viewers that do the same; what is counted is counted for all of them together. */
typedef struct {
	char name[32];
	long opened;
	long with_snapshot;
	long closed;
	long frames;
	long bytes;
	/* Likes by which the frames raised the totals. */
	long deliveries;
	/* Likes that the frames showed one by one; only of these the time is known. */
	long shown;
	/* What must never happen: a first event that is no snapshot, a sum that is not the total, a total that falls, bytes
	   that are no event. */
	long bad_snapshots;
	long bad_sums;
	long fallen_totals;
	long bad_formats;
	/* Time from accepting a like to receiving it, by tenths of a millisecond. */
	long latency[BUCKETS];
	long latency_sum_ms;
	long latency_max_ms;
} group_t;

/* One connection. */
typedef struct {
	int fd;
	group_t *group;
	bool has_snapshot;
	bool paused;
	stream_t stream;
	/* The snapshot and all deltas since. */
	totals_t sum;
} viewer_t;

/* Takes what arrived at a time, in milliseconds since 1970. False when the stream cannot be used any more. */
bool viewer_receive(viewer_t *viewer, const char *bytes, size_t length, double now_ms);

#endif
