#include "viewer.h"

#include <string.h>

/* Likes shown in one read that are timed; a reader far behind gets more, and the rest go untimed. */
#define MAX_TIMED 512

/* What one read brought. */
typedef struct {
	long frames;
	long deliveries;
	long violations;
	int timed;
	int64_t accepted_at[MAX_TIMED];
} batch_t;

/*
 * Thousands of viewers get the same bytes in the same state. What they mean is worked out for the first of them, and
 * remembered; the others only compare. Two kinds of frame are under way when a sweep follows on another.
 */
#define MEMORIES 4
#define MAX_REMEMBERED (16 * 1024)

typedef struct {
	size_t length;
	bool owed_line_break;
	totals_t before;
	totals_t after;
	batch_t batch;
	char bytes[MAX_REMEMBERED];
} memory_t;

static memory_t memories[MEMORIES];
static int next_memory = 0;

typedef struct {
	viewer_t *viewer;
	batch_t *batch;
} context_t;

static void check(viewer_t *viewer, const likes_event_t *event, batch_t *batch) {
	group_t *group = viewer->group;
	batch->frames++;
	if (!viewer->has_snapshot) {
		viewer->has_snapshot = true;
		group->with_snapshot++;
		viewer->sum = event->totals;
		if (event->delta_empty && event->recent_count == 0) return;
		group->bad_snapshots++;
		batch->violations++;
		return;
	}
	bool fell = false;
	for (int i = 0; i < type_count; i++) {
		fell = fell || event->totals.of[i] < viewer->sum.of[i];
		viewer->sum.of[i] += event->delta.of[i];
		if (event->delta.of[i] > 0) batch->deliveries += event->delta.of[i];
	}
	if (fell) {
		group->fallen_totals++;
		batch->violations++;
	}
	if (memcmp(&viewer->sum, &event->totals, sizeof(totals_t)) != 0) {
		group->bad_sums++;
		batch->violations++;
	}
	for (int i = 0; i < event->recent_count && batch->timed < MAX_TIMED; i++) {
		batch->accepted_at[batch->timed++] = event->recent_at[i];
	}
}

static void on_event(void *given, const char *name, size_t name_length, const char *data, size_t data_length) {
	context_t *context = given;
	if (name_length != 5 || memcmp(name, "likes", 5) != 0) return;
	likes_event_t event;
	if (parse_likes(data, data_length, &event)) {
		check(context->viewer, &event, context->batch);
		return;
	}
	context->viewer->group->bad_formats++;
	context->batch->violations++;
}

static void count(group_t *group, const batch_t *batch, double now_ms) {
	group->frames += batch->frames;
	group->deliveries += batch->deliveries;
	group->shown += batch->timed;
	for (int i = 0; i < batch->timed; i++) {
		double ms = now_ms - (double)batch->accepted_at[i];
		long bucket = ms <= 0 ? 0 : (long)(ms * 10);
		group->latency[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
		group->latency_sum_ms += (long)ms;
		if ((long)ms > group->latency_max_ms) group->latency_max_ms = (long)ms;
	}
}

static const memory_t *recall(const viewer_t *viewer, const char *bytes, size_t length) {
	for (int i = 0; i < MEMORIES; i++) {
		const memory_t *memory = &memories[i];
		if (memory->length == length && memory->owed_line_break == viewer->stream.owes_line_break &&
			memcmp(&memory->before, &viewer->sum, sizeof(totals_t)) == 0 && memcmp(memory->bytes, bytes, length) == 0)
			return memory;
	}
	return NULL;
}

static void remember(const memory_t *before, const viewer_t *viewer, const batch_t *batch, const char *bytes) {
	memory_t *memory = &memories[next_memory];
	next_memory = (next_memory + 1) % MEMORIES;
	memory->length = before->length;
	memory->owed_line_break = before->owed_line_break;
	memory->before = before->before;
	memory->after = viewer->sum;
	memory->batch = *batch;
	memcpy(memory->bytes, bytes, before->length);
}

bool viewer_receive(viewer_t *viewer, const char *bytes, size_t length, double now_ms) {
	static memory_t start;
	static batch_t batch;
	group_t *group = viewer->group;
	group->bytes += (long)length;
	bool comparable = viewer->has_snapshot && length <= MAX_REMEMBERED && stream_at_boundary(&viewer->stream);
	if (comparable) {
		const memory_t *memory = recall(viewer, bytes, length);
		if (memory != NULL) {
			viewer->sum = memory->after;
			viewer->stream.owes_line_break = true;
			count(group, &memory->batch, now_ms);
			return true;
		}
		start.length = length;
		start.owed_line_break = viewer->stream.owes_line_break;
		start.before = viewer->sum;
	}
	batch.frames = batch.deliveries = batch.violations = 0;
	batch.timed = 0;
	context_t context = {viewer, &batch};
	bool ok = stream_feed(&viewer->stream, bytes, length, on_event, &context);
	if (!ok) group->bad_formats++;
	count(group, &batch, now_ms);
	if (comparable && ok && batch.violations == 0 && stream_at_boundary(&viewer->stream)) {
		remember(&start, viewer, &batch, bytes);
	}
	return ok;
}
