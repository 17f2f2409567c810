import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_POLL_VIEWERS, PollViewers } from './poll-viewers.ts';

const FOR_MS = 10_000;

let counts: Map<string, number>;
let moves: string[];
let viewers: PollViewers;
beforeEach(() => {
	counts = new Map();
	moves = [];
	viewers = new PollViewers({
		onTopic: (topic, change) => counts.set(topic, (counts.get(topic) ?? 0) + change),
		onUser: (user, isPresent) => moves.push(`${isPresent ? '+' : '-'}${user}`),
	});
});

const poll = (key: string, now: number, topics: readonly string[] = ['video:v1'], user?: string) =>
	viewers.polled({ key, topics, user }, FOR_MS, now);

describe('PollViewers', () => {
	it('counts a viewer once, however often it polls, until it stops polling', () => {
		for (const now of [0, 5_000, 14_999]) {
			poll('a', now);
			expect(counts.get('video:v1')).toBe(1);
		}
		viewers.expire(14_999 + FOR_MS - 1);
		expect(counts.get('video:v1')).toBe(1);
		viewers.expire(14_999 + FOR_MS);
		expect(counts.get('video:v1')).toBe(0);
		expect(viewers.size).toBe(0);
	});

	it('counts a viewer on the topics of its last poll', () => {
		poll('a', 0, ['video:v1', 'video:v2']);
		poll('a', 1, ['video:v2', 'video:v3']);
		expect(Object.fromEntries(counts)).toEqual({ 'video:v1': 0, 'video:v2': 1, 'video:v3': 1 });
	});

	it('keeps the user of a viewer online without a break, also when another user polls with the id', () => {
		poll('a', 0, [], 'ann');
		poll('a', 1, [], 'ann');
		poll('a', 2, [], 'bob');
		viewers.expire(2 + FOR_MS);
		expect(moves).toEqual(['+ann', '+ann', '-ann', '+bob', '-ann', '-bob']);
	});

	it('counts no viewers beyond its bound, and reuses free room', () => {
		for (let index = 0; index < MAX_POLL_VIEWERS; index++) poll(`${index}`, 0);
		poll('late', 1);
		expect(counts.get('video:v1')).toBe(MAX_POLL_VIEWERS);
		poll('late', FOR_MS);
		expect(counts.get('video:v1')).toBe(1);
	});

	it('drops all viewers when the node drains', () => {
		for (const key of ['a', 'b']) poll(key, 0, ['video:v1'], key);
		viewers.clear(1);
		expect(counts.get('video:v1')).toBe(0);
		expect(moves).toEqual(['+a', '+b', '-a', '-b']);
	});
});
