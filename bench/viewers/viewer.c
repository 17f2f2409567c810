#include "viewer.h"

#include <string.h>

/* The most timed likes of one read. A reader far behind gets more, and the others are not timed. */
#define MAX_TIMED 512

/* The counts of one read. */
typedef struct {
	long frames;
	long deliveries;
	long violations;
	int timed;
	int64_t accepted_at[MAX_TIMED];
} batch_t;

/*
 * Thousands of viewers receive the same bytes in the same state. The first of them parses, and the others reuse its result
 * after a comparison. Up to four results are kept, since two frames are in flight when one pass follows another.
 */
#define RESULTS 4
#define MAX_CACHED (16 * 1024)

typedef struct {
	size_t length;
	bool owed_line_break;
	bool owes_line_break;
	totals_t before;
	totals_t after;
	batch_t batch;
	char bytes[MAX_CACHED];
} result_t;

static result_t results[RESULTS];
static int next_result = 0;

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

static const result_t *find_result(const viewer_t *viewer, const char *bytes, size_t length) {
	for (int i = 0; i < RESULTS; i++) {
		const result_t *result = &results[i];
		if (result->length == length && result->owed_line_break == viewer->stream.owes_line_break &&
			memcmp(&result->before, &viewer->sum, sizeof(totals_t)) == 0 && memcmp(result->bytes, bytes, length) == 0)
			return result;
	}
	return NULL;
}

static void cache_result(const result_t *before, const viewer_t *viewer, const batch_t *batch, const char *bytes) {
	result_t *result = &results[next_result];
	next_result = (next_result + 1) % RESULTS;
	result->length = before->length;
	result->owed_line_break = before->owed_line_break;
	result->owes_line_break = viewer->stream.owes_line_break;
	result->before = before->before;
	result->after = viewer->sum;
	result->batch = *batch;
	memcpy(result->bytes, bytes, before->length);
}

bool viewer_receive(viewer_t *viewer, const char *bytes, size_t length, double now_ms) {
	static result_t start;
	static batch_t batch;
	group_t *group = viewer->group;
	group->bytes += (long)length;
	bool comparable = viewer->has_snapshot && length <= MAX_CACHED && stream_at_boundary(&viewer->stream);
	if (comparable) {
		const result_t *result = find_result(viewer, bytes, length);
		if (result != NULL) {
			viewer->sum = result->after;
			viewer->stream.owes_line_break = result->owes_line_break;
			count(group, &result->batch, now_ms);
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
		cache_result(&start, viewer, &batch, bytes);
	}
	return ok;
}
