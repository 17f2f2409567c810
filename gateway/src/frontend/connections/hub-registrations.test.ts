import { beforeEach, describe, expect, it } from 'vitest';
import { deliver, hearts, makeHub, TOPIC, viewerOf } from '../../../test/hub.ts';
import { hashLikes } from '../../state/counters.ts';
import { TOPIC_LINGER_MS } from '../topic/topic-table.ts';
import type { Hub } from './hub.ts';

let hub: Hub;
/** The topics whose viewers changed, in the order in which the hub named them. */
let changed: string[];
beforeEach(() => {
	changed = [];
	hub = makeHub({ onCount: (topic) => changed.push(topic) });
});

describe('The registrations of the hub', () => {
	/** Returns the registrations of the topics that changed since the last call, each topic once. */
	function registered(): unknown {
		return Object.fromEntries([...new Set(changed.splice(0))].map((topic) => [topic, hub.topics.registration(topic)]));
	}

	it('name each topic with its viewers, and nothing when nothing changed', () => {
		viewerOf(hub, 'a');
		const b = viewerOf(hub, 'b', 0, TOPIC, 'video:v2');
		expect(registered()).toEqual({
			[TOPIC]: { topic: TOPIC, count: 2, hash: undefined, revision: 0 },
			'video:v2': { topic: 'video:v2', count: 1, hash: undefined, revision: 0 },
		});
		hub.subscribe(b.connection, TOPIC, 0);
		hub.unsubscribe(b.connection, 'video:v3', 0);
		hub.run(0);
		hub.tick(0, 0);
		expect(registered()).toEqual({});
		hub.disconnect(b.connection, 1);
		hub.disconnect(b.connection, 2);
		expect(registered()).toMatchObject({ [TOPIC]: { count: 1 }, 'video:v2': { count: 0 } });
	});

	it('name a topic for a while after its last viewer left, and then that it is gone', () => {
		const a = viewerOf(hub, 'a');
		deliver(hub, hearts(1));
		hub.run(0);
		hub.disconnect(a.connection, 1_000);
		expect(registered()).toMatchObject({ [TOPIC]: { topic: TOPIC, count: 0 } });
		deliver(hub, hearts(2));
		hub.run(2_000);
		hub.tick(1_000 + TOPIC_LINGER_MS - 1, 0);
		const back = viewerOf(hub, 'b', 5_000);
		expect(back.hearts).toBe(2);
		hub.tick(1_000 + TOPIC_LINGER_MS, 0);
		expect(hub.topics.size).toBe(1);
		hub.disconnect(back.connection, 20_000);
		registered();
		hub.tick(20_000 + TOPIC_LINGER_MS, 0);
		expect(hub.topics.size).toBe(0);
		expect(registered()).toEqual({ [TOPIC]: undefined });
	});

	it('name idle topics as gone at once when the hub closes them, and no other', () => {
		const a = viewerOf(hub, 'a');
		viewerOf(hub, 'b', 0, 'video:v2');
		hub.disconnect(a.connection, 0);
		registered();
		hub.topics.closeIdle();
		expect(registered()).toEqual({ [TOPIC]: undefined });
		expect([...hub.topics.topicNames()]).toEqual(['video:v2']);
	});

	it('name the hash of the known state of each topic', () => {
		viewerOf(hub, 'a');
		viewerOf(hub, 'b', 0, 'video:v2');
		deliver(hub, hearts(4));
		expect([...hub.topics.topicNames()].map((topic) => hub.topics.registration(topic))).toEqual([
			{ topic: TOPIC, count: 1, hash: hashLikes(hearts(4)), revision: 4 },
			{ topic: 'video:v2', count: 1, hash: undefined, revision: 0 },
		]);
	});

	it('name no topic that has an update and no viewer', () => {
		deliver(hub, hearts(4));
		expect(hub.run(0)).toBeUndefined();
		expect(hub.topics.size).toBe(0);
		expect(registered()).toEqual({});
		expect(hub.topics.registration(TOPIC)).toBeUndefined();
	});
});
