import { describe, expect, it } from 'vitest';
import type { FakeViewer } from '../../../test/fake-viewer.ts';
import { at, cursors, scene, sent, serve } from '../../../test/log-scene.ts';
import { TOPIC } from '../../../test/models/log-model.ts';
import { parseCursor } from '../../state/cursor.ts';
import type { LogEvent } from '../../state/log.ts';

describe('LogSection, for a new viewer', () => {
	it('sends the cursor at which it begins, and accepts that cursor before any event', () => {
		const { come, say, first } = scene(10);
		const positions = new Map([
			['eu', { epoch: 1, offset: 10 }],
			['us', { epoch: 1, offset: 0 }],
		]);
		expect(cursors(first)).toEqual([{ topic: TOPIC, positions }]);
		for (let now = 100; now <= 300; now += 100) say(now);
		expect(sent(come('back', 400, { from: positions }))).toEqual(['c11', 'c12', 'c13']);
	});

	it('begins behind updates that came before it was complete', () => {
		const { hub, logs, deliver, say, first } = scene(12, { isKnown: false });
		deliver(
			logs.update(
				'eu',
				[4, 11, 12].map((offset) => logs.events.eu[offset - 1] as LogEvent),
			),
		);
		hub.run(0);
		expect(first.events).toEqual([]);
		deliver(logs.all());
		hub.run(50);
		expect(cursors(first)[0]?.positions.get('eu')).toEqual({ epoch: 1, offset: 12 });
		say(100);
		expect(sent(first)).toEqual(['c13']);
		expect(hub.topics.takeFetches(100)).toEqual([]);
	});
});

describe('LogSection, for a deleted comment', () => {
	it('shows the comment again when its store was restored to before the deletion', () => {
		const { hub, logs, deliver, come, say } = scene();
		const { offset } = say(100);
		deliver(logs.update('eu', [logs.delete('eu', offset) as LogEvent]));
		hub.run(200);
		const comment = logs.events.eu[0] as LogEvent;
		logs.restore('eu', 1);
		logs.events.eu[0] = { ...comment, kind: 'comment', data: { text: 'eu 1' } };
		deliver(logs.all());
		hub.run(300);
		const back = come('back', 400, at(0));
		serve(hub, logs, 400);
		expect(sent(back)).toEqual(['c1']);
	});

	it('sends no comment of another region when the frontend begins behind its deletion, in any order of updates', () => {
		const { hub, logs, deliver, come } = scene(0, { isKnown: false });
		const comment = logs.say('us');
		const late = logs.update('us', [comment]);
		logs.delete('us', 1, 'eu');
		const back = come('back', 0, { from: new Map([['eu', { epoch: 1, offset: 1 }]]) });
		deliver(late);
		deliver(logs.all());
		serve(hub, logs, 10);
		expect(sent(back)).toEqual([]);
	});

	it('sends a comment of another region when it cannot read the store for a deletion', () => {
		const { hub, logs, deliver, come } = scene(0, { isKnown: false });
		const late = logs.update('us', [logs.say('us')]);
		logs.say('eu');
		const back = come('back', 0, { from: new Map([['eu', { epoch: 1, offset: 1 }]]) });
		deliver(late);
		deliver(logs.all());
		for (let now = 10; now < 500; now += 10) {
			for (const fetch of hub.topics.takeFetches(now)) hub.topics.fetchFailed(fetch, now);
			hub.run(now);
		}
		expect(sent(back)).toEqual(['c1']);
	});

	it('sends the deletion, and the text to no viewer after that', () => {
		const { hub, logs, deliver, come, say, first } = scene();
		const { offset } = say(100);
		say(200);
		const late = logs.update('eu', [logs.events.eu[0] as LogEvent]);
		deliver(logs.update('eu', [logs.delete('eu', offset) as LogEvent]));
		hub.run(300);
		deliver(late);
		hub.run(400);
		expect(sent(first)).toEqual(['c1', 'c2', '-c1']);
		expect(sent(come('back', 500, at(0)))).toEqual(['c2', '-c1']);
	});
});

describe('LogSection, in a flood of comments', () => {
	it('samples comments, with the numbers on each and a cursor that passes them all', () => {
		const { hub, logs, deliver, come, first } = scene(0, { commentsPerSecond: 10 });
		const flood = (now: number) => {
			deliver(
				logs.update(
					'eu',
					Array.from({ length: 50 }, () => logs.say('eu')),
				),
			);
			hub.run(now);
		};
		for (let now = 100; now < 1_100; now += 50) flood(now);
		for (let now = 1_100; now <= 2_000; now += 50) hub.run(now);
		const comments = first.events.flatMap((event) => (event.name === 'comment' ? [event] : []));
		expect(comments.length).toBeGreaterThanOrEqual(18);
		expect(comments.length).toBeLessThanOrEqual(22);
		expect(comments[0]?.data).toMatchObject({ shown: 10, of: 50 });
		const frames = new Map(comments.map(({ id, data }) => [id, data]));
		expect([...frames.values()].every(({ shown = 0, of = 0 }) => shown < of)).toBe(true);
		const last = parseCursor(comments.at(-1)?.id ?? '');
		expect(last?.positions.get('eu')).toEqual({ epoch: 1, offset: 1_000 });
		expect(sent(come('back', 3_000, last && { from: last.positions }))).toEqual([]);
	});

	it('sends all deletions, and all of a few comments, each with equal numbers', () => {
		const { hub, logs, deliver, first } = scene(0, { commentsPerSecond: 10 });
		const events = Array.from({ length: 5 }, () => logs.say('eu'));
		deliver(logs.update('eu', events));
		hub.run(100);
		for (const { offset } of events) deliver(logs.update('eu', [logs.delete('eu', offset) as LogEvent]));
		hub.run(200);
		expect(sent(first)).toHaveLength(10);
		const comments = first.events.flatMap(({ name, data }) => (name === 'comment' ? [data] : []));
		expect(comments.map(({ shown, of }) => [shown, of])).toEqual(Array(5).fill([5, 5]));
	});

	it.each([
		['sends the numbers with each comment, also with a lone, a replayed or a stored one', 10, [1, 1]],
		['sends no numbers without a limit', 0, [undefined, undefined]],
	])('%s', (_, commentsPerSecond, expected) => {
		const { hub, logs, say, come, first } = scene(2, { commentsPerSecond });
		say(100);
		const numbersOf = ({ events }: FakeViewer) =>
			events.flatMap(({ name, data }) => (name === 'comment' ? [[data.shown, data.of]] : []));
		expect(numbersOf(first)).toEqual([expected]);
		expect(numbersOf(come('back', 200, at(2)))).toEqual([expected]);
		const older = come('older', 300, at(0));
		for (const fetch of hub.topics.takeFetches(300)) hub.topics.fetched(fetch, logs.answer(fetch), 310);
		hub.run(320);
		expect(numbersOf(older)).toEqual([expected, expected, expected]);
	});
});
