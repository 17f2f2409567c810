import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeViewer } from '../../test/fake-viewer.ts';
import { parseCursor } from '../delivery/cursor.ts';
import type { LogEvent } from '../delivery/log.ts';
import type { Update } from '../delivery/update.ts';
import { Hub, type TopicFetch } from './hub.ts';
import { createLogSupply } from './log-supply.ts';
import { RecentBytes } from './recent-bytes.ts';
import type { Resume } from './topic.ts';

const TOPIC = 'video:v1';
const REGIONS = ['eu', 'us'] as const;
type Region = (typeof REGIONS)[number];

interface Said {
	readonly epoch: number;
	readonly offset: number;
	readonly region: Region;
}

/** The logs as their stores have them. */
class Logs {
	readonly epochs: Record<Region, number> = { eu: 1, us: 1 };
	readonly events: Record<Region, LogEvent[]> = { eu: [], us: [] };
	#next = 0;
	#order = 0;

	say(region: Region): LogEvent {
		return this.#add(region, { id: `c${++this.#next}`, kind: 'comment', data: { text: `${region} ${this.#next}` } });
	}

	/** `by`: the region whose log has the deletion. */
	delete(region: Region, offset: number, by = region): LogEvent | undefined {
		const event = this.events[region][offset - 1];
		if (event?.kind !== 'comment') return undefined;
		this.events[region][offset - 1] = { ...event, kind: 'erased', data: {} };
		const { id: comment, user } = event;
		const data = { comment, user, region, epoch: this.epochs[region], offset };
		return this.#add(by, { id: comment, kind: 'comment-deleted', data });
	}

	restore(region: Region, length: number): void {
		this.epochs[region]++;
		this.events[region].length = Math.min(length, this.events[region].length);
	}

	/** What a commit publishes: the heads of all, and some events. */
	news(region: Region, events: readonly LogEvent[]): Update {
		const log = events.length === 0 ? undefined : { [region]: { epoch: this.epochs[region], events } };
		return { rows: this.rows(region), complete: false, sample: [], at: 0, log };
	}

	rows(...regions: readonly Region[]): Update['rows'] {
		return Object.fromEntries(
			regions.map((region) => {
				const counts = { ':log': [this.events[region].length, 0] as const };
				return [region, { epoch: this.epochs[region], counts }];
			}),
		);
	}

	all(): Update {
		return { rows: this.rows(...REGIONS), complete: true, sample: [], at: 0 };
	}

	answer({ fetch }: TopicFetch, limit = fetch.limit) {
		const region = fetch.region as Region;
		const events = this.events[region].slice(fetch.after, fetch.after + Math.min(limit, fetch.limit));
		return { epoch: this.epochs[region], events, head: this.events[region].length };
	}

	#add(region: Region, event: Pick<LogEvent, 'id' | 'kind' | 'data'>): LogEvent {
		const added = { ...event, offset: this.events[region].length + 1, user: 'ann', at: 1, order: ++this.#order };
		this.events[region].push(added);
		return added;
	}
}

/** What one person sees, over all their connections: it checks that nothing is missing without a gap. */
class Person {
	/** What they know of each region; absent before they are told where they begin. */
	readonly known = new Map<Region, Said>();
	readonly shown: string[] = [];
	viewer: FakeViewer | undefined;
	cursor: string | undefined;
	gaps: string[] = [];
	readonly #logs: Logs;
	#read = 0;

	constructor(logs: Logs) {
		this.#logs = logs;
	}

	come(hub: Hub, now: number, name: string): void {
		this.viewer = new FakeViewer(hub, name, { now });
		this.#read = 0;
		const cursor = this.cursor === undefined ? undefined : parseCursor(this.cursor);
		hub.subscribe(this.viewer.connection, TOPIC, now, cursor && { from: cursor.positions });
	}

	/** A cursor says where they begin, or where it goes on after a gap. */
	begin(cursor = ''): void {
		const positions = parseCursor(cursor)?.positions;
		for (const region of REGIONS) {
			const position = positions?.get(region);
			expect(position).toBeDefined();
			if (position !== undefined) this.known.set(region, { region, ...position });
		}
	}

	read(): void {
		const events = this.viewer?.events ?? [];
		for (const event of events.slice(this.#read)) {
			if (event.id !== undefined) this.cursor = event.id;
			if (event.name === 'gap') this.gaps.push(event.data.reason);
			if (event.name === 'gap' || event.name === 'cursor') this.begin(event.id);
			if (event.name === 'comment') {
				const [region] = event.data.text.split(' ') as [Region];
				this.#see(region, event.data.id, 'comment');
				this.shown.push(event.data.id);
			}
			if (event.name === 'comment-deleted') {
				const region = REGIONS.find((one) => this.#logs.events[one].some(({ id }) => id === event.data.id));
				if (region !== undefined) this.#see(region, event.data.id, 'comment-deleted');
			}
		}
		this.#read = events.length;
	}

	/** Nothing that is still to be seen is missing. */
	checkEnd(): void {
		for (const region of REGIONS) {
			const known = this.known.get(region);
			const { epochs, events } = this.#logs;
			// Who knew nothing before it was restored needs no gap.
			if (known === undefined || known.offset > 0) expect([region, known?.epoch]).toEqual([region, epochs[region]]);
			expect(events[region].slice(known?.offset).filter(({ kind }) => kind !== 'erased')).toEqual([]);
		}
	}

	#see(region: Region, id: string, kind: LogEvent['kind']): void {
		const events = this.#logs.events[region];
		const isDeletion = kind === 'comment-deleted';
		const event = events.find((one) => one.id === id && (one.kind === 'comment-deleted') === isDeletion);
		const known = this.known.get(region);
		// What a restored store does not have any more tells nothing of order.
		if (event === undefined) return;
		const { offset } = event;
		const epoch = this.#logs.epochs[region];
		if (known !== undefined && known.epoch === epoch && offset !== known.offset + 1) {
			const between = events.slice(known.offset, offset - 1);
			expect(offset).toBeGreaterThan(known.offset);
			expect(between.filter((one) => one.kind !== 'erased')).toEqual([]);
		}
		this.known.set(region, { region, epoch, offset });
	}
}

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

function makeHub(commentsPerSecond = 0, supply = createLogSupply()): Hub {
	return new Hub({
		supply,
		windowMs: 50,
		commentsPerSecond,
		heartbeatMs: 15_000,
		blockedTimeoutMs: 30_000,
		lifetimeBye: () => new Uint8Array(),
		onCount: () => undefined,
		onUser: () => undefined,
	});
}

function play(steps: readonly Step[]): void {
	let isDead = false;
	const [hub, logs] = [
		makeHub(
			0,
			createLogSupply(() => !isDead),
		),
		new Logs(),
	];
	const people = Array.from({ length: 4 }, () => new Person(logs));
	const fetches: TopicFetch[] = [];
	let now = 0;
	let comings = 0;
	const deliver = (update: Update) => hub.deliver(new Map([[TOPIC, update]]));
	const run = () => {
		fetches.push(...hub.takeFetches(now));
		const next = hub.run(now);
		for (const one of people) one.read();
		return next;
	};
	// Somebody stays, so that the topic does.
	people[0]?.come(hub, now, 'first');
	deliver(logs.all());
	run();
	for (const one of steps) {
		if (one.kind === 'say') {
			const event = logs.say(one.region);
			if (one.arrives) deliver(logs.news(one.region, [event]));
		} else if (one.kind === 'flood') {
			const events = Array.from({ length: one.count }, () => logs.say(one.region));
			deliver(logs.news(one.region, events.slice(-256)));
		} else if (one.kind === 'late') {
			deliver(logs.news(one.region, logs.events[one.region].slice(one.from, one.from + one.count)));
		} else if (one.kind === 'delete') {
			const event = logs.delete(one.region, logs.events[one.region].length - one.back);
			if (event !== undefined && one.arrives) deliver(logs.news(one.region, [event]));
		} else if (one.kind === 'digest') deliver(logs.all());
		else if (one.kind === 'restore') logs.restore(one.region, one.length);
		else if (one.kind === 'pass') now += one.ms;
		else if (one.kind === 'answer') {
			const fetch = fetches.shift();
			isDead = one.fails;
			if (fetch !== undefined && one.fails) hub.fetchFailed(fetch, now);
			else if (fetch !== undefined) hub.fetched(fetch, logs.answer(fetch, one.limit), now);
		} else {
			const who = people[one.person] as Person;
			if (one.kind === 'come' && who.viewer === undefined) who.come(hub, now, `coming ${++comings}`);
			else if (one.kind === 'stall') who.viewer?.stall();
			else if (one.kind === 'resume') who.viewer?.resume(now);
			else if (one.kind === 'leave' && who.viewer !== undefined && one.person > 0) {
				hub.disconnect(who.viewer.connection, now);
				who.viewer = undefined;
			}
		}
		run();
	}
	// All that is known arrives in the end, and everybody reads.
	isDead = false;
	deliver(logs.all());
	for (let turn = 0; turn < 100; turn++) {
		for (const one of people) one.viewer?.resume(now);
		for (const fetch of fetches.splice(0)) hub.fetched(fetch, logs.answer(fetch), now);
		run();
		now += 50;
	}
	for (const one of people) {
		if (one.viewer === undefined) continue;
		one.read();
		one.checkEnd();
	}
}

/**
 * A hub with one viewer who is told everything, a log of so many comments before, and a way to say more. `isKnown`: all of
 * that is known.
 */
function scene(before = 0, { commentsPerSecond = 0, isKnown = true, supply = createLogSupply() } = {}) {
	const [hub, logs] = [makeHub(commentsPerSecond, supply), new Logs()];
	for (let count = 0; count < before; count++) logs.say('eu');
	const deliver = (update: Update) => hub.deliver(new Map([[TOPIC, update]]));
	const come = (name: string, now: number, resume?: Resume) => {
		const viewer = new FakeViewer(hub, name, { now });
		hub.subscribe(viewer.connection, TOPIC, now, resume);
		return viewer;
	};
	const first = come('first', 0);
	if (isKnown) deliver(logs.all());
	hub.run(0);
	return {
		hub,
		logs,
		deliver,
		come,
		first,
		say(now: number, region: Region = 'eu') {
			const event = logs.say(region);
			deliver(logs.news(region, [event]));
			hub.run(now);
			return event;
		},
	};
}

const sent = ({ events }: FakeViewer) =>
	events.flatMap((event) => {
		if (event.name === 'comment') return [event.data.id];
		if (event.name === 'comment-deleted') return [`-${event.data.id}`];
		return event.name === 'gap' ? [event.data.reason] : [];
	});
const at = (offset: number, epoch = 1, region = 'eu'): Resume => ({ from: new Map([[region, { epoch, offset }]]) });

/** Lets the store answer all that is asked, until nothing is. */
function serve(hub: Hub, logs: Logs, from: number, look: () => void = () => undefined): void {
	for (let now = from; now < from + 60_000; now += 10) {
		for (const fetch of hub.takeFetches(now)) hub.fetched(fetch, logs.answer(fetch), now);
		look();
		const next = hub.run(now);
		if (next === undefined) return;
	}
}

const cursors = ({ events }: FakeViewer) =>
	events.flatMap(({ name, id }) => (name === 'cursor' || name === 'gap' ? [parseCursor(id ?? '')] : []));

describe('a viewer who comes for the first time', () => {
	it('is told where it begins, and may come back to there though nothing happened', () => {
		const { come, say, first } = scene(10);
		const positions = new Map([
			['eu', { epoch: 1, offset: 10 }],
			['us', { epoch: 1, offset: 0 }],
		]);
		expect(cursors(first)).toEqual([{ topic: TOPIC, positions }]);
		for (let now = 100; now <= 300; now += 100) say(now);
		expect(sent(come('back', 400, { from: positions }))).toEqual(['c11', 'c12', 'c13']);
	});

	it('begins behind what came as news before all that there is was known', () => {
		const { hub, logs, deliver, say, first } = scene(12, { isKnown: false });
		deliver(
			logs.news(
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
		expect(hub.takeFetches(100)).toEqual([]);
	});
});

describe('a viewer who comes back', () => {
	it('goes on from where it was, without asking the store while the ring has it', () => {
		const { hub, come, say, first } = scene(10);
		for (let now = 100; now <= 500; now += 100) say(now);
		expect(sent(first)).toEqual(['c11', 'c12', 'c13', 'c14', 'c15']);
		expect(sent(come('back', 600, at(13)))).toEqual(['c14', 'c15']);
		expect(sent(come('up to date', 600, at(15)))).toEqual([]);
		expect(hub.takeFetches(600)).toEqual([]);
	});

	it('with a cursor from before what is in memory shares the pages of the store with all who come then', () => {
		const { hub, logs, come, say } = scene(50);
		say(100);
		const crowd = Array.from({ length: 1_000 }, (_, index) => come(`b${index}`, 200, at(45 + (index % 3))));
		const fetches = hub.takeFetches(200);
		expect(fetches).toEqual([{ topic: TOPIC, fetch: { region: 'eu', epoch: 1, after: 45, limit: 5 } }]);
		expect(sent(crowd[0] as FakeViewer)).toEqual([]);
		// The store answers a part at a time.
		hub.fetched(fetches[0] as TopicFetch, logs.answer(fetches[0] as TopicFetch, 2), 210);
		for (let turn = 0; turn < 10; turn++) hub.run(210);
		const [rest] = hub.takeFetches(210) as [TopicFetch];
		expect(rest.fetch).toMatchObject({ after: 47 });
		hub.fetched(rest, logs.answer(rest), 220);
		for (let turn = 0; turn < 10; turn++) hub.run(230);
		expect(sent(crowd[0] as FakeViewer)).toEqual(['c46', 'c47', 'c48', 'c49', 'c50', 'c51']);
		expect(sent(crowd[2] as FakeViewer)).toEqual(['c48', 'c49', 'c50', 'c51']);
		expect(crowd[0]?.socket.frames.at(-1)).toBe(crowd[3]?.socket.frames.at(-1));
	});

	it('is sent up to 1,000 events that are not in memory, however long they are', () => {
		const { hub, logs, deliver, come } = scene();
		for (let count = 0; count < 1_000; count++) Object.assign(logs.say('eu').data, { text: `eu ${'x'.repeat(8_000)}` });
		for (let first = 0; first < 1_000; first += 50) {
			deliver(logs.news('eu', logs.events.eu.slice(first, first + 50)));
			hub.run(100 + first);
		}
		const back = come('back', 2_000, at(0));
		serve(hub, logs, 2_000);
		expect(sent(back)).toEqual(Array.from({ length: 1_000 }, (_, index) => `c${index + 1}`));
	});

	it('from many places at once makes the process hold no more than its bounds, and each is served in turn', () => {
		const [mostPages, mostSteps] = [3 * 1024 * 1024, 512 * 1024];
		const supply = { ...createLogSupply(), pages: new RecentBytes(mostPages), steps: new RecentBytes(mostSteps) };
		const { hub, logs, come } = scene(300, { supply });
		for (const event of logs.events.eu) Object.assign(event.data, { text: `eu ${'x'.repeat(4_000)}` });
		const crowd = Array.from({ length: 20 }, (_, index) => come(`b${index}`, 0, at(index * 10)));
		const most = { pages: 0, steps: 0 };
		serve(hub, logs, 0, () => {
			most.pages = Math.max(most.pages, supply.pages.bytes);
			most.steps = Math.max(most.steps, supply.steps.bytes);
		});
		expect([most.pages <= mostPages, most.steps <= mostSteps]).toEqual([true, true]);
		for (const [index, one] of crowd.entries()) expect(sent(one)).toHaveLength(300 - index * 10);
	});

	it('keeps what it knew of other regions, when it drops once more in the middle', () => {
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

	it('is told why it cannot go on, and goes on from here', () => {
		const { hub, logs, come, say } = scene(2_000);
		expect(sent(come('too old', 0, at(100)))).toEqual(['too_old']);
		expect(sent(come('no cursor', 0, { from: 'no_cursor' }))).toEqual(['no_cursor']);
		const future = come('from the future', 0, at(3_000));
		const elsewhere = come('of another deployment', 0, at(5, 9));
		const other = come('of another region', 0, at(5, 1, 'mars'));
		for (const fetch of hub.takeFetches(0)) hub.fetched(fetch, logs.answer(fetch), 10);
		hub.run(999);
		expect([future, elsewhere, other].flatMap(sent)).toEqual([]);
		hub.run(1_000);
		expect([future, elsewhere, other].map(sent)).toEqual(Array(3).fill(['unknown_position']));
		say(1_100);
		expect(sent(future)).toEqual(['unknown_position', 'c2001']);
	});

	it('is told that the store was restored, and so are those who stayed', () => {
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

	it('is told that the store was restored also when it has nothing of the log, which the store is asked', () => {
		const { hub, logs, deliver, say, first } = scene(10);
		logs.restore('eu', 0);
		const likes = { eu: { epoch: 2, counts: { heart: [1, 0] as const } } };
		deliver({ rows: likes, complete: false, sample: [], at: 0 });
		hub.takeFetches(100);
		const [fetch] = hub.takeFetches(200) as [TopicFetch];
		expect(fetch.fetch).toMatchObject({ region: 'eu', epoch: 2, after: 0 });
		hub.fetched(fetch, logs.answer(fetch), 210);
		hub.run(210);
		expect(sent(first)).toEqual(['restored']);
		say(300);
		expect(sent(first)).toEqual(['restored', 'c11']);
		expect(hub.takeFetches(1_000)).toEqual([]);
	});

	it('is ahead of the frontend, and gets from the store what neither has', () => {
		const { hub, logs, come, say } = scene(10);
		for (let count = 0; count < 3; count++) logs.say('eu');
		const back = come('back', 0, at(12));
		serve(hub, logs, 0);
		hub.run(50);
		expect(sent(back)).toEqual(['c13']);
		say(300);
		expect(sent(back)).toEqual(['c13', 'c14']);
	});

	it('is ahead of the frontend, and waits for a store that lives and does not answer', () => {
		let lives = true;
		const { hub, come } = scene(10, { supply: createLogSupply(() => lives) });
		const back = come('back', 0, at(12));
		const fail = (from: number, until: number) => {
			for (let now = from; now <= until; now += 50) {
				for (const fetch of hub.takeFetches(now)) hub.fetchFailed(fetch, now);
				hub.run(now);
			}
		};
		fail(0, 30_000);
		expect(sent(back)).toEqual([]);
		lives = false;
		fail(30_050, 32_000);
		expect(sent(back)).toEqual(['unknown_position']);
	});

	it('waits while the store lives, and is sent a gap when it is dead', () => {
		let lives = true;
		const { hub, come } = scene(10, { supply: createLogSupply(() => lives) });
		const back = come('back', 0, at(5));
		const fail = (from: number, until: number) => {
			for (let now = from; now <= until; now += 50) {
				for (const fetch of hub.takeFetches(now)) hub.fetchFailed(fetch, now);
				hub.run(now);
			}
		};
		fail(0, 30_000);
		expect(sent(back)).toEqual([]);
		lives = false;
		fail(30_050, 32_000);
		expect(sent(back)).toEqual(['lost']);
	});

	it('late and reads slowly is told bit by bit', () => {
		const { hub, logs, deliver, come, first } = scene();
		first.stall();
		for (let now = 100; now < 1_000; now += 100) {
			const events = Array.from({ length: 100 }, () => logs.say('eu'));
			for (const event of events) Object.assign(event.data, { text: `eu ${'x'.repeat(400)}` });
			deliver(logs.news('eu', events));
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

describe('events that are missing', () => {
	it('are asked for after a moment, and told in their place', () => {
		const { hub, logs, deliver, first } = scene();
		logs.say('eu');
		deliver(logs.news('eu', [logs.say('eu')]));
		expect(hub.takeFetches(0)).toEqual([]);
		hub.run(50);
		expect(hub.run(51)).toBe(100);
		expect(hub.takeFetches(99)).toEqual([]);
		const [fetch] = hub.takeFetches(100) as [TopicFetch];
		expect(fetch.fetch).toMatchObject({ region: 'eu', after: 0 });
		hub.fetched(fetch, logs.answer(fetch), 110);
		hub.run(110);
		expect(sent(first)).toEqual(['c1', 'c2']);
	});

	/** One is missing, which the store does not answer for so long, in milliseconds. */
	function missing(lives: () => boolean, ms: number, more = 0) {
		const { hub, logs, deliver, first } = scene(0, { supply: createLogSupply(lives) });
		logs.say('eu');
		deliver(logs.news('eu', [logs.say('eu')]));
		for (let now = 0; now <= ms; now += 50) {
			if (now === 500)
				deliver(
					logs.news(
						'eu',
						Array.from({ length: more }, () => logs.say('eu')),
					),
				);
			for (const fetch of hub.takeFetches(now)) hub.fetchFailed(fetch, now);
			hub.run(now);
		}
		return { hub, logs, first };
	}

	it('are lost after a second where the store is dead, which is said, and then it goes on', () => {
		expect(sent(missing(() => false, 900).first)).toEqual([]);
		expect(sent(missing(() => false, 1_100).first)).toEqual(['lost', 'c2']);
	});

	it('are waited for while the store lives, and sent in their place, without a gap', () => {
		const { hub, logs, first } = missing(() => true, 60_000);
		expect(sent(first)).toEqual([]);
		serve(hub, logs, 60_500);
		expect(sent(first)).toEqual(['c1', 'c2']);
	});

	it('are lost, though the store lives, once 256 events wait for them for a second', () => {
		const { first } = missing(() => true, 5_000, 255);
		expect(sent(first).slice(0, 2)).toEqual(['lost', 'c2']);
		expect(sent(first)).toHaveLength(257);
	});

	it('are told once, though they wait and are fetched, and something is lost after that', () => {
		let lives = true;
		const { hub, logs, deliver, first } = scene(1, { supply: createLogSupply(() => lives) });
		const events = ['c2', 'c3', 'c4'].map(() => logs.say('eu'));
		deliver(logs.news('eu', events.slice(1)));
		hub.takeFetches(0);
		const [fetch] = hub.takeFetches(100) as [TopicFetch];
		hub.fetched(fetch, logs.answer(fetch), 110);
		hub.run(110);
		expect(sent(first)).toEqual(['c2', 'c3', 'c4']);
		lives = false;
		logs.say('eu');
		deliver(logs.news('eu', []));
		for (let now = 200; now <= 1_300; now += 50) {
			for (const lost of hub.takeFetches(now)) hub.fetchFailed(lost, now);
			hub.run(now);
		}
		expect(sent(first)).toEqual(['c2', 'c3', 'c4', 'lost']);
	});

	it('are noticed by a head alone', () => {
		const { hub, logs, deliver, first } = scene();
		logs.say('eu');
		deliver(logs.all());
		hub.takeFetches(0);
		const [fetch] = hub.takeFetches(100) as [TopicFetch];
		hub.fetched(fetch, logs.answer(fetch), 110);
		hub.run(110);
		expect(sent(first)).toEqual(['c1']);
	});
});

describe('a deleted comment', () => {
	it('is shown again where its store was restored to before the deletion', () => {
		const { hub, logs, deliver, come, say } = scene();
		const { offset } = say(100);
		deliver(logs.news('eu', [logs.delete('eu', offset) as LogEvent]));
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

	it('of another region is not sent by a frontend that begins behind its deletion, whatever it received before', () => {
		const { hub, logs, deliver, come } = scene(0, { isKnown: false });
		const comment = logs.say('us');
		const late = logs.news('us', [comment]);
		logs.delete('us', 1, 'eu');
		const back = come('back', 0, { from: new Map([['eu', { epoch: 1, offset: 1 }]]) });
		deliver(late);
		deliver(logs.all());
		serve(hub, logs, 10);
		expect(sent(back)).toEqual([]);
	});

	it('of another region that began behind its deletion is sent as it came, where the store cannot be asked', () => {
		const { hub, logs, deliver, come } = scene(0, { isKnown: false });
		const late = logs.news('us', [logs.say('us')]);
		logs.say('eu');
		const back = come('back', 0, { from: new Map([['eu', { epoch: 1, offset: 1 }]]) });
		deliver(late);
		deliver(logs.all());
		for (let now = 10; now < 500; now += 10) {
			for (const fetch of hub.takeFetches(now)) hub.fetchFailed(fetch, now);
			hub.run(now);
		}
		expect(sent(back)).toEqual(['c1']);
	});

	it('is told to be deleted, and its text to nobody after that', () => {
		const { hub, logs, deliver, come, say, first } = scene();
		const { offset } = say(100);
		say(200);
		const late = logs.news('eu', [logs.events.eu[0] as LogEvent]);
		deliver(logs.news('eu', [logs.delete('eu', offset) as LogEvent]));
		hub.run(300);
		deliver(late);
		hub.run(400);
		expect(sent(first)).toEqual(['c1', 'c2', '-c1']);
		expect(sent(come('back', 500, at(0)))).toEqual(['c2', '-c1']);
	});
});

describe('a flood of comments', () => {
	it('is thinned to so many a second, each says of how many, and the cursor passes them all', () => {
		const { hub, logs, deliver, come, first } = scene(0, { commentsPerSecond: 10 });
		const flood = (now: number) => {
			deliver(
				logs.news(
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

	it('lets deletions through, and a few comments, of which each says that all are shown', () => {
		const { hub, logs, deliver, first } = scene(0, { commentsPerSecond: 10 });
		const events = Array.from({ length: 5 }, () => logs.say('eu'));
		deliver(logs.news('eu', events));
		hub.run(100);
		for (const { offset } of events) deliver(logs.news('eu', [logs.delete('eu', offset) as LogEvent]));
		hub.run(200);
		expect(sent(first)).toHaveLength(10);
		const comments = first.events.flatMap(({ name, data }) => (name === 'comment' ? [data] : []));
		expect(comments.map(({ shown, of }) => [shown, of])).toEqual(Array(5).fill([5, 5]));
	});

	it.each([
		['says of each comment how many are shown, also of a lone one, told again, or read from the store', 10, [1, 1]],
		['says nothing of that when it is not thinned', 0, [undefined, undefined]],
	])('%s', (_, commentsPerSecond, expected) => {
		const { hub, logs, say, come, first } = scene(2, { commentsPerSecond });
		say(100);
		const saidOf = ({ events }: FakeViewer) =>
			events.flatMap(({ name, data }) => (name === 'comment' ? [[data.shown, data.of]] : []));
		expect(saidOf(first)).toEqual([expected]);
		expect(saidOf(come('back', 200, at(2)))).toEqual([expected]);
		const older = come('older', 300, at(0));
		for (const fetch of hub.takeFetches(300)) hub.fetched(fetch, logs.answer(fetch), 310);
		hub.run(320);
		expect(saidOf(older)).toEqual([expected, expected, expected]);
	});
});

describe('the log of a viewer', () => {
	it('has no hole without a gap, whatever is lost, late, doubled, deleted, or asked for in vain', () => {
		fc.assert(fc.property(fc.array(step, { maxLength: 80 }), play), { numRuns: 300 });
	});

	it('has none either when stores are restored', () => {
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
