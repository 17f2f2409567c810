import { describe, expect, it } from 'vitest';
import { degradationOf } from '../load/load-level.ts';
import { Topic } from './topic.ts';

const WINDOW_MS = 50;

/** Returns a topic with viewers. Sending to one takes a turn of 10 ms. */
function crowded(viewers: number): Topic {
	const topic = new Topic('video:v1', { windowMs: WINDOW_MS, commentsPerSecond: 0 });
	for (let count = 0; count < viewers; count++) topic.join({ send: () => undefined });
	return topic;
}

function like(topic: Topic, added: number): void {
	topic.merge({ rows: { s: { epoch: 1, counts: { heart: [added, 0] } } }, complete: true, sample: [], at: 0 });
}

/** Runs a pass to its end; returns the time of its end. */
function pass(topic: Topic, from: number): number {
	let now = from;
	while (topic.run(now, 1) === 0) now += 10;
	return now;
}

describe('Topic, after a pass over all viewers', () => {
	it('begins the next pass when the window opens', () => {
		const topic = crowded(3);
		like(topic, 1);
		expect(pass(topic, 1_000)).toBe(1_030);
		like(topic, 2);
		expect(topic.dueAt).toBe(1_050);
	});

	it('begins the next pass at once when the pass took longer than the window', () => {
		const topic = crowded(10);
		like(topic, 1);
		expect(pass(topic, 1_000)).toBe(1_100);
		like(topic, 2);
		expect(topic.dueAt).toBeLessThanOrEqual(1_100);
	});
});

describe('Topic, under load', () => {
	it('keeps its window: a pass that takes longer delays the next one already', () => {
		const topic = new Topic(
			'video:v1',
			{ windowMs: WINDOW_MS, commentsPerSecond: 0 },
			{ degradation: degradationOf(3) },
		);
		like(topic, 1);
		topic.run(1_000, 10);
		like(topic, 2);
		expect(topic.dueAt).toBe(1_000 + WINDOW_MS);
	});

	it('returns the time of its longest pass once', () => {
		const topic = crowded(10);
		like(topic, 1);
		pass(topic, 1_000);
		expect([topic.takeLongestPass(), topic.takeLongestPass()]).toEqual([100, 0]);
	});
});

describe('Topic, for its state', () => {
	it('makes no new state for a store that adds nothing', () => {
		const topic = crowded(1);
		like(topic, 1);
		pass(topic, 1_000);
		const { state } = topic;
		topic.merge({ rows: { other: { epoch: 1, counts: {} } }, complete: true, sample: [], at: 0 });
		pass(topic, 2_000);
		expect(topic.state).toBe(state);
		expect(topic.dueAt).toBeUndefined();
	});
});
