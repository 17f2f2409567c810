import fc from 'fast-check';
import { describe, it } from 'vitest';
import { makeHub } from '../../../test/hub.ts';
import { LogsModel, REGIONS, ReaderModel, TOPIC } from '../../../test/models/log-model.ts';
import type { Update } from '../../state/update.ts';
import { createLogSupply } from './log-supply.ts';
import type { TopicFetch } from './topic-table.ts';

const region = fc.constantFrom(...REGIONS);
const person = fc.integer({ min: 0, max: 3 });
const step = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ kind: fc.constant('say' as const), region, arrives: fc.boolean() }) },
	{
		weight: 1,
		arbitrary: fc.record({ kind: fc.constant('flood' as const), region, count: fc.integer({ min: 1, max: 400 }) }),
	},
	{
		weight: 2,
		arbitrary: fc.record({ kind: fc.constant('late' as const), region, from: fc.nat(20), count: fc.nat(5) }),
	},
	{
		weight: 1,
		arbitrary: fc.record({ kind: fc.constant('delete' as const), region, back: fc.nat(5), arrives: fc.boolean() }),
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('digest' as const) }) },
	{
		weight: 4,
		arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(0, 20, 60, 200, 1_100) }),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			kind: fc.constant('answer' as const),
			fails: fc.boolean(),
			limit: fc.constantFrom(2, 2_000),
		}),
	},
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), person }) },
	{ weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('come', 'stall', 'resume'), person }) },
);

const restore = fc.record({ kind: fc.constant('restore' as const), region, length: fc.nat(5) });

type Value<Made> = Made extends fc.Arbitrary<infer One> ? One : never;
type Step = Value<typeof step> | Value<typeof restore>;

function play(steps: readonly Step[]): void {
	let isDead = false;
	const [hub, logs] = [makeHub({ supply: createLogSupply(() => !isDead) }), new LogsModel()];
	const people = Array.from({ length: 4 }, () => new ReaderModel(logs));
	const fetches: TopicFetch[] = [];
	let now = 0;
	let comings = 0;
	const deliver = (update: Update) => hub.topics.deliver(new Map([[TOPIC, update]]));
	const run = () => {
		fetches.push(...hub.topics.takeFetches(now));
		const next = hub.run(now);
		for (const one of people) one.read();
		return next;
	};
	// One viewer stays, so that the topic stays.
	people[0]?.come(hub, now, 'first');
	deliver(logs.all());
	run();
	for (const one of steps) {
		if (one.kind === 'say') {
			const event = logs.say(one.region);
			if (one.arrives) deliver(logs.update(one.region, [event]));
		} else if (one.kind === 'flood') {
			const events = Array.from({ length: one.count }, () => logs.say(one.region));
			deliver(logs.update(one.region, events.slice(-256)));
		} else if (one.kind === 'late') {
			deliver(logs.update(one.region, logs.events[one.region].slice(one.from, one.from + one.count)));
		} else if (one.kind === 'delete') {
			const event = logs.delete(one.region, logs.events[one.region].length - one.back);
			if (event !== undefined && one.arrives) deliver(logs.update(one.region, [event]));
		} else if (one.kind === 'digest') deliver(logs.all());
		else if (one.kind === 'restore') logs.restore(one.region, one.length);
		else if (one.kind === 'pass') now += one.ms;
		else if (one.kind === 'answer') {
			const fetch = fetches.shift();
			isDead = one.fails;
			if (fetch !== undefined && one.fails) hub.topics.fetchFailed(fetch, now);
			else if (fetch !== undefined) hub.topics.fetched(fetch, logs.answer(fetch, one.limit), now);
		} else {
			const reader = people[one.person] as ReaderModel;
			if (one.kind === 'come' && reader.viewer === undefined) reader.come(hub, now, `coming ${++comings}`);
			else if (one.kind === 'stall') reader.viewer?.stall();
			else if (one.kind === 'resume') reader.viewer?.resume(now);
			else if (one.kind === 'leave' && reader.viewer !== undefined && one.person > 0) {
				hub.disconnect(reader.viewer.connection, now);
				reader.viewer = undefined;
			}
		}
		run();
	}
	// In the end all that is known arrives, and every viewer reads.
	isDead = false;
	deliver(logs.all());
	for (let turn = 0; turn < 100; turn++) {
		for (const one of people) one.viewer?.resume(now);
		for (const fetch of fetches.splice(0)) hub.topics.fetched(fetch, logs.answer(fetch), now);
		run();
		now += 50;
	}
	for (const one of people) {
		if (one.viewer === undefined) continue;
		one.read();
		one.checkEnd();
	}
}

describe('The log of a viewer', () => {
	it('has no hole without a gap, whatever is lost, late, doubled, deleted, or read in vain', () => {
		fc.assert(fc.property(fc.array(step, { maxLength: 80 }), play), { numRuns: 300 });
	});

	it('has no hole without a gap when stores are restored', () => {
		fc.assert(
			fc.property(
				fc.array(fc.oneof({ weight: 20, arbitrary: step }, { weight: 1, arbitrary: restore }), { maxLength: 80 }),
				play,
			),
			{
				numRuns: 200,
			},
		);
	});
});
