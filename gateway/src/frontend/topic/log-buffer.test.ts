import { describe, expect, it } from 'vitest';
import type { FakeViewer } from '../../../test/fake-viewer.ts';
import { at, cursors, scene, sent, serve } from '../../../test/log-scene.ts';
import { TOPIC } from '../../../test/models/log-model.ts';
import { parseCursor } from '../../state/cursor.ts';
import { createLogSupply } from './log-supply.ts';
import { RecentBytes } from './recent-bytes.ts';
import type { TopicFetch } from './topic-table.ts';

describe('LogBuffer, for a viewer that resumes', () => {
	it('continues at the cursor, without a read of the store while the buffer has the events', () => {
		const { hub, come, say, first } = scene(10);
		for (let now = 100; now <= 500; now += 100) say(now);
		expect(sent(first)).toEqual(['c11', 'c12', 'c13', 'c14', 'c15']);
		expect(sent(come('back', 600, at(13)))).toEqual(['c14', 'c15']);
		expect(sent(come('up to date', 600, at(15)))).toEqual([]);
		expect(hub.topics.takeFetches(600)).toEqual([]);
	});

	it('shares pages of the store between viewers with cursors from before memory', () => {
		const { hub, logs, come, say } = scene(50);
		say(100);
		const crowd = Array.from({ length: 1_000 }, (_, index) => come(`b${index}`, 200, at(45 + (index % 3))));
		const fetches = hub.topics.takeFetches(200);
		expect(fetches).toEqual([{ topic: TOPIC, fetch: { region: 'eu', epoch: 1, after: 45, limit: 5 } }]);
		expect(sent(crowd[0] as FakeViewer)).toEqual([]);
		// The store answers in parts.
		hub.topics.fetched(fetches[0] as TopicFetch, logs.answer(fetches[0] as TopicFetch, 2), 210);
		for (let turn = 0; turn < 10; turn++) hub.run(210);
		const [rest] = hub.topics.takeFetches(210) as [TopicFetch];
		expect(rest.fetch).toMatchObject({ after: 47 });
		hub.topics.fetched(rest, logs.answer(rest), 220);
		for (let turn = 0; turn < 10; turn++) hub.run(230);
		expect(sent(crowd[0] as FakeViewer)).toEqual(['c46', 'c47', 'c48', 'c49', 'c50', 'c51']);
		expect(sent(crowd[2] as FakeViewer)).toEqual(['c48', 'c49', 'c50', 'c51']);
		expect(crowd[0]?.socket.frames.at(-1)).toBe(crowd[3]?.socket.frames.at(-1));
	});

	it('sends up to 1,000 events from the store, however long they are', () => {
		const { hub, logs, deliver, come } = scene();
		for (let count = 0; count < 1_000; count++) Object.assign(logs.say('eu').data, { text: `eu ${'x'.repeat(8_000)}` });
		for (let first = 0; first < 1_000; first += 50) {
			deliver(logs.update('eu', logs.events.eu.slice(first, first + 50)));
			hub.run(100 + first);
		}
		const back = come('back', 2_000, at(0));
		serve(hub, logs, 2_000);
		expect(sent(back)).toEqual(Array.from({ length: 1_000 }, (_, index) => `c${index + 1}`));
	});

	it('stays within its memory bound and serves each viewer in turn, when many resume at different places', () => {
		const most = 3 * 1024 * 1024;
		const supply = { ...createLogSupply(), memory: new RecentBytes(most) };
		const { hub, logs, come } = scene(300, { supply });
		for (const event of logs.events.eu) Object.assign(event.data, { text: `eu ${'x'.repeat(4_000)}` });
		const crowd = Array.from({ length: 20 }, (_, index) => come(`b${index}`, 0, at(index * 10)));
		let bytes = 0;
		serve(hub, logs, 0, () => {
			bytes = Math.max(bytes, supply.memory.bytes);
		});
		expect(bytes).toBeLessThanOrEqual(most);
		for (const [index, one] of crowd.entries()) expect(sent(one)).toHaveLength(300 - index * 10);
	});

	it('keeps the positions of other regions when the viewer drops once more in the middle', () => {
		const { come, say } = scene();
		say(100, 'eu');
		say(200, 'us');
		say(300, 'eu');
		const back = come('back', 400, {
			from: new Map([
				['eu', { epoch: 1, offset: 0 }],
				['us', { epoch: 1, offset: 1 }],
			]),
		});
		expect(sent(back)).toEqual(['c1', 'c3']);
		const positions = back.events.flatMap(({ name, id }) =>
			name === 'comment' ? [parseCursor(id ?? '')?.positions] : [],
		);
		expect(positions.map((known) => [known?.get('eu')?.offset, known?.get('us')?.offset])).toEqual([
			[1, 1],
			[2, 1],
		]);
	});

	it('sends the reason when it cannot resume, and continues at the end', () => {
		const { hub, logs, come, say } = scene(2_000);
		expect(sent(come('too old', 0, at(100)))).toEqual(['too_old']);
		expect(sent(come('no cursor', 0, { from: 'no_cursor' }))).toEqual(['no_cursor']);
		const future = come('from the future', 0, at(3_000));
		const foreign = come('of another deployment', 0, at(5, 9));
		const other = come('of another region', 0, at(5, 1, 'mars'));
		for (const fetch of hub.topics.takeFetches(0)) hub.topics.fetched(fetch, logs.answer(fetch), 10);
		hub.run(999);
		expect([future, foreign, other].flatMap(sent)).toEqual([]);
		hub.run(1_000);
		expect([future, foreign, other].map(sent)).toEqual(Array(3).fill(['unknown_position']));
		say(1_100);
		expect(sent(future)).toEqual(['unknown_position', 'c2001']);
	});

	it('sends that the store was restored, also to viewers that stayed', () => {
		const { hub, logs, deliver, come, say, first } = scene(10);
		say(100);
		logs.restore('eu', 5);
		deliver(logs.all());
		hub.run(200);
		expect(sent(come('back', 300, at(11)))).toEqual(['restored']);
		say(400);
		expect(sent(first)).toEqual(['c11', 'restored', 'c12']);
		expect(cursors(first).at(-1)?.positions.get('eu')).toEqual({ epoch: 2, offset: 5 });
	});

	it('sends that the store was restored also when only a read of the store shows it', () => {
		const { hub, logs, deliver, say, first } = scene(10);
		logs.restore('eu', 0);
		const likes = { eu: { epoch: 2, counts: { heart: [1, 0] as const } } };
		deliver({ rows: likes, complete: false, sample: [], at: 0 });
		hub.topics.takeFetches(100);
		const [fetch] = hub.topics.takeFetches(200) as [TopicFetch];
		expect(fetch.fetch).toMatchObject({ region: 'eu', epoch: 2, after: 0 });
		hub.topics.fetched(fetch, logs.answer(fetch), 210);
		hub.run(210);
		expect(sent(first)).toEqual(['restored']);
		say(300);
		expect(sent(first)).toEqual(['restored', 'c11']);
		expect(hub.topics.takeFetches(1_000)).toEqual([]);
	});

	it('reads from the store what neither a viewer ahead of it nor the frontend has', () => {
		const { hub, logs, come, say } = scene(10);
		for (let count = 0; count < 3; count++) logs.say('eu');
		const back = come('back', 0, at(12));
		serve(hub, logs, 0);
		hub.run(50);
		expect(sent(back)).toEqual(['c13']);
		say(300);
		expect(sent(back)).toEqual(['c13', 'c14']);
	});

	it.each([
		['ahead of the frontend', 12, 'unknown_position'],
		['behind what is in memory', 5, 'lost'],
	])('makes a viewer %s wait while the store lives, and sends a gap when it is dead', (_, offset, reason) => {
		let lives = true;
		const { hub, come } = scene(10, { supply: createLogSupply(() => lives) });
		const back = come('back', 0, at(offset));
		const fail = (from: number, until: number) => {
			for (let now = from; now <= until; now += 50) {
				for (const fetch of hub.topics.takeFetches(now)) hub.topics.fetchFailed(fetch, now);
				hub.run(now);
			}
		};
		fail(0, 30_000);
		expect(sent(back)).toEqual([]);
		lives = false;
		fail(30_050, 32_000);
		expect(sent(back)).toEqual([reason]);
	});

	it('sends a viewer that is behind and reads slowly its events in steps', () => {
		const { hub, logs, deliver, come, first } = scene();
		first.stall();
		for (let now = 100; now < 1_000; now += 100) {
			const events = Array.from({ length: 100 }, () => logs.say('eu'));
			for (const event of events) Object.assign(event.data, { text: `eu ${'x'.repeat(400)}` });
			deliver(logs.update('eu', events));
			hub.run(now);
		}
		for (let reads = 0; sent(first).length < 900 && reads < 50; reads++) {
			const before = first.socket.frames.length;
			hub.drained(first.connection, 2_000);
			expect(first.socket.frames.length).toBeLessThanOrEqual(before + 2);
		}
		expect(sent(first)).toEqual(Array.from({ length: 900 }, (_, index) => `c${index + 1}`));
		expect(Math.max(...first.socket.frames.map(({ length }) => length))).toBeLessThan(100_000);
		expect(sent(come('back', 2_000, at(100)))).toHaveLength(800);
	});
});
