#ifndef VIEWER_H
#define VIEWER_H

#include "likes.h"
#include "stream.h"

/* Buckets of 0.1 ms, up to ten seconds; the last bucket has all longer times. */
#define BUCKETS 100001

/* The counts of a group of viewers with the same behaviour. */
typedef struct {
	char name[32];
	long opened;
	long with_snapshot;
	long closed;
	long frames;
	long bytes;
	/* The sum of all deltas. */
	long deliveries;
	/* The number of likes in `recent`, of which the latency is measured. */
	long shown;
	/* Violations: a first event that is not a snapshot, a sum that differs from the total, a total that falls, bytes that
	   are not an event. */
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
	/* The sum of the snapshot and all deltas. */
	totals_t sum;
} viewer_t;

/* Takes received bytes at a Unix time in milliseconds. Returns false when the stream is unusable. */
bool viewer_receive(viewer_t *viewer, const char *bytes, size_t length, double now_ms);

#endif
