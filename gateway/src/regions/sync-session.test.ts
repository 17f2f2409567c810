import { describe, expect, it } from 'vitest';
import type { Update } from '../state/update.ts';
import { type Step, storeRelayed, syncSession, type Task } from './sync-session.ts';

const HERE = { epoch: 7, at: 'middle' };
const END = { epoch: 7, at: 'end' };
const likes = { us: { epoch: 7, counts: { heart: [1, 0] as const } } };
const log = { us: { epoch: 7, counts: {}, logHead: 3 } };
const event = (offset: number) =>
	({ offset, id: `c${offset}`, kind: 'comment', user: 'ann', at: 1, order: offset, data: {} }) as const;
const page = (more: boolean, topics: object = {}, values: object = {}) => ({
	rows: new Map(Object.entries(topics)),
	values: new Map(Object.entries(values)),
	next: more ? HERE : END,
	more,
});

/** Runs a task with these answers, in turn by operation. Returns its operations and its result. */
function run<Answer>(task: Task<Answer>, answers: Readonly<Record<string, readonly unknown[]>>) {
	const left = new Map(Object.entries(answers).map(([name, list]) => [name, [...list]]));
	const asked: [name: string, ...of: unknown[]][] = [];
	function runToEnd(one: Task<unknown>): unknown {
		let { done, value } = one.next();
		while (!done) {
			const step = value as Step;
			if ('all' in step) ({ done, value } = one.next(step.all.map(runToEnd)));
			else {
				if (step.ask !== 'wallTime') asked.push([step.ask, ...step.of]);
				({ done, value } = one.next(left.get(step.ask)?.shift()));
			}
		}
		return value;
	}
	return { result: runToEnd(task), asked, names: () => asked.map(([name]) => name) };
}

/** Returns the topics of a published update. */
const topicsOf = (asked: readonly unknown[] = []) => [...(asked[1] as Map<string, Update>).keys()];

describe('syncSession', () => {
	it('ends with the second scan: the first may continue an older, interrupted one', () => {
		const { asked, result } = run(syncSession('us'), {
			positions: [new Map([['us', HERE]])],
			changes: [page(false), page(true), page(false)],
		});
		const since = asked.filter(([name]) => name === 'changes').map(([, , position]) => position);
		expect(since).toEqual([HERE, END, HERE]);
		expect(result).toBe(7);
	});

	it('stores each page with its position before it requests the next', () => {
		const { asked, names } = run(syncSession('us'), {
			positions: [new Map()],
			changes: [page(false, { 'video:v1': likes }), page(false)],
		});
		expect(names().slice(0, 5)).toEqual(['positions', 'changes', 'replicate', 'publish', 'changes']);
		expect(asked[2]).toEqual([
			'replicate',
			'us',
			new Map([['video:v1', likes]]),
			{ since: undefined, position: END, last: true },
		]);
	});

	it('stores values before the position, and publishes all but presence', () => {
		const receipts = { receipt: { ann: { order: 1, from: 'us', value: 'm1' } } };
		const values = { 'conversation:c1': receipts, 'user:ann': receipts };
		const { asked, names } = run(syncSession('us'), {
			positions: [new Map()],
			changes: [page(false, {}, values), page(false)],
		});
		expect(names().slice(2, 5)).toEqual(['keepValues', 'publish', 'replicate']);
		expect(topicsOf(asked[3])).toEqual(['conversation:c1']);
	});

	it('reads missing events page by page, and then stores the position and publishes the log', () => {
		const { asked, names } = run(syncSession('us'), {
			positions: [new Map()],
			changes: [page(false, { 'video:v1': log, 'video:v2': likes }), page(false)],
			missing: [new Map([['video:v1', 1]])],
			events: [
				{ epoch: 7, head: 3, events: [event(2)] },
				{ epoch: 7, head: 3, events: [event(3)] },
			],
		});
		expect(names().slice(2, 12)).toEqual([
			'replicate',
			'missing',
			'publish',
			'events',
			'keepEvents',
			'events',
			'keepEvents',
			'replicate',
			'publish',
			'changes',
		]);
		expect(asked[2]?.[3]).toBeUndefined();
		expect(asked[9]?.[3]).toMatchObject({ position: END });
		expect(topicsOf(asked[4])).toEqual(['video:v2']);
		expect([asked[5], asked[7]]).toEqual([
			['events', 'us', 'video:v1', 1],
			['events', 'us', 'video:v1', 2],
		]);
		expect(topicsOf(asked[10])).toEqual(['video:v1']);
	});
});

describe('storeRelayed', () => {
	it('stores rows and events by region, and returns where events are missing', () => {
		const update: Update = {
			rows: log,
			complete: false,
			sample: [],
			at: 1,
			log: { us: { epoch: 7, events: [event(3)] } },
		};
		const holes = new Map([['video:v1', 1]]);
		const batch = new Map([['video:v1', update]]);
		const { asked, result } = run(storeRelayed(batch, ['ap', 'us']), { missing: [holes] });
		expect(asked).toEqual([
			['replicate', 'us', new Map([['video:v1', log]])],
			['keepEvents', 'us', new Map([['video:v1', { epoch: 7, events: [event(3)] }]])],
			['missing', 'us', ['video:v1']],
		]);
		expect(result).toEqual(new Map([['us', holes]]));
	});
});
