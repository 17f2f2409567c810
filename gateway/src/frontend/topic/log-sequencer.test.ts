import { describe, expect, it } from 'vitest';
import { scene, sent, serve } from '../../../test/log-scene.ts';
import { createLogSupply } from './log-supply.ts';
import type { TopicFetch } from './topic-table.ts';

describe('LogSequencer, with missing events', () => {
	it('reads the store after 100 ms, and sends the events in their place', () => {
		const { hub, logs, deliver, first } = scene();
		logs.say('eu');
		deliver(logs.update('eu', [logs.say('eu')]));
		expect(hub.topics.takeFetches(0)).toEqual([]);
		hub.run(50);
		expect(hub.run(51)).toBe(100);
		expect(hub.topics.takeFetches(99)).toEqual([]);
		const [fetch] = hub.topics.takeFetches(100) as [TopicFetch];
		expect(fetch.fetch).toMatchObject({ region: 'eu', after: 0 });
		hub.topics.fetched(fetch, logs.answer(fetch), 110);
		hub.run(110);
		expect(sent(first)).toEqual(['c1', 'c2']);
	});

	/** Returns a scene with a missing event that the store does not return for `ms` milliseconds. */
	function missing(lives: () => boolean, ms: number, more = 0) {
		const { hub, logs, deliver, first } = scene(0, { supply: createLogSupply(lives) });
		logs.say('eu');
		deliver(logs.update('eu', [logs.say('eu')]));
		for (let now = 0; now <= ms; now += 50) {
			if (now === 500)
				deliver(
					logs.update(
						'eu',
						Array.from({ length: more }, () => logs.say('eu')),
					),
				);
			for (const fetch of hub.topics.takeFetches(now)) hub.topics.fetchFailed(fetch, now);
			hub.run(now);
		}
		return { hub, logs, first };
	}

	it('sends a gap after 1 s with a dead store, and continues', () => {
		expect(sent(missing(() => false, 900).first)).toEqual([]);
		expect(sent(missing(() => false, 1_100).first)).toEqual(['lost', 'c2']);
	});

	it('waits while the store lives, and sends the events in their place, without a gap', () => {
		const { hub, logs, first } = missing(() => true, 60_000);
		expect(sent(first)).toEqual([]);
		serve(hub, logs, 60_500);
		expect(sent(first)).toEqual(['c1', 'c2']);
	});

	it('sends a gap, though the store lives, once 256 events wait for 1 s', () => {
		const { first } = missing(() => true, 5_000, 255);
		expect(sent(first).slice(0, 2)).toEqual(['lost', 'c2']);
		expect(sent(first)).toHaveLength(257);
	});

	it('sends each event once, though it waits, is fetched, and later events are lost', () => {
		let lives = true;
		const { hub, logs, deliver, first } = scene(1, { supply: createLogSupply(() => lives) });
		const events = ['c2', 'c3', 'c4'].map(() => logs.say('eu'));
		deliver(logs.update('eu', events.slice(1)));
		hub.topics.takeFetches(0);
		const [fetch] = hub.topics.takeFetches(100) as [TopicFetch];
		hub.topics.fetched(fetch, logs.answer(fetch), 110);
		hub.run(110);
		expect(sent(first)).toEqual(['c2', 'c3', 'c4']);
		lives = false;
		logs.say('eu');
		deliver(logs.update('eu', []));
		for (let now = 200; now <= 1_300; now += 50) {
			for (const lost of hub.topics.takeFetches(now)) hub.topics.fetchFailed(lost, now);
			hub.run(now);
		}
		expect(sent(first)).toEqual(['c2', 'c3', 'c4', 'lost']);
	});

	it('notices missing events by the head alone', () => {
		const { hub, logs, deliver, first } = scene();
		logs.say('eu');
		deliver(logs.all());
		hub.topics.takeFetches(0);
		const [fetch] = hub.topics.takeFetches(100) as [TopicFetch];
		hub.topics.fetched(fetch, logs.answer(fetch), 110);
		hub.run(110);
		expect(sent(first)).toEqual(['c1']);
	});
});
