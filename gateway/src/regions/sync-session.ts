import { type CounterRows, logHeadOf, NO_LIKES } from '../state/counters.ts';
import type { StoreEvents } from '../state/log.ts';
import { storedOf, type Values } from '../state/registers.ts';
import { kindOf } from '../state/topics/topic.ts';
import type { Update, Updates } from '../state/update.ts';
import type { LogPage } from '../store/log-store.ts';
import type { Changes, Position, Reached } from '../store/store.ts';

/** The operations that a task requests of another region, of this region's store and of its owners. */
export interface SyncPorts {
	/** Returns a checked page of the changes in a region. */
	changes(region: string, since: Position | undefined): Changes;
	/** Returns a checked page of the region's own log after an offset. */
	events(region: string, topic: string, after: number): LogPage;
	positions(): ReadonlyMap<string, Position>;
	replicate(region: string, rows: ReadonlyMap<string, CounterRows>, reached?: Reached): void;
	/** Returns the offset after which events are missing, by topic. */
	missing(region: string, topics: readonly string[]): ReadonlyMap<string, number>;
	keepEvents(region: string, logs: ReadonlyMap<string, StoreEvents>): void;
	keepValues(values: ReadonlyMap<string, Values>): void;
	/** Sends updates to the owners of their topics. */
	publish(updates: Updates): void;
	/** Returns the time in Unix milliseconds. */
	wallTime(): number;
}

/** One operation of a task, or tasks that may run at the same time. */
export type Step =
	| { [Name in keyof SyncPorts]: { readonly ask: Name; readonly of: Parameters<SyncPorts[Name]> } }[keyof SyncPorts]
	| { readonly all: readonly Task<void>[] };

/**
 * Work in several steps, without I/O: it yields each step, and continues with the answer.
 *
 * A step that fails ends it. The replicator runs it with promises.
 */
export type Task<Answer> = Generator<Step, Answer, unknown>;

/** Yields one operation, and returns its answer. */
function* ask<Name extends keyof SyncPorts>(
	name: Name,
	...of: Parameters<SyncPorts[Name]>
): Task<ReturnType<SyncPorts[Name]>> {
	return (yield { ask: name, of } as Step) as ReturnType<SyncPorts[Name]>;
}

/**
 * The number of scans after which a sync has all changes from before its start.
 *
 * The first scan may continue one that began long ago and was interrupted, and that scan brings no newer changes.
 */
const SCANS = 2;

/** The logs that a backfill reads at the same time, since the round trip to another region is long. */
const AT_A_TIME = 8;

const NO_ROWS: ReadonlyMap<string, CounterRows> = new Map();

/**
 * Copies the changes of a region into the store. Returns the epoch of the region's store.
 *
 * Each page is in the store before the request for the next, so an interrupted sync continues where it was.
 */
export function* syncSession(region: string): Task<number> {
	let since = (yield* ask('positions')).get(region);
	let scans = 0;
	for (;;) {
		const page = yield* ask('changes', region, since);
		yield* takePage(region, page, { since, position: page.next, last: !page.more });
		since = page.next;
		// mutant: asks-next-page
		if (!page.more) scans++;
		if (scans === SCANS) return since.epoch;
	}
}

/**
 * Stores and publishes a page.
 *
 * Values and events come before the position, since no later page has them again.
 */
function* takePage(region: string, { rows, values }: Changes, reached: Reached): Task<void> {
	if (values.size > 0) {
		yield* ask('keepValues', values);
		yield* ask('publish', updatesOfValues(values, yield* ask('wallTime')));
	}
	const logs = [...rows].filter(([, ofTopic]) => logHeadOf(ofTopic[region]) > 0).map(([topic]) => topic);
	if (logs.length === 0) {
		yield* ask('replicate', region, rows, reached);
		yield* ask('publish', updatesOf(rows, yield* ask('wallTime')));
		return;
	}
	yield* ask('replicate', region, rows);
	const missing = yield* ask('missing', region, logs);
	const [whole, incomplete] = split(rows, (topic) => !missing.has(topic));
	yield* ask('publish', updatesOf(whole, yield* ask('wallTime')));
	yield* backfill(region, missing);
	yield* ask('replicate', region, NO_ROWS, reached);
	yield* ask('publish', updatesOf(incomplete, yield* ask('wallTime')));
}

/**
 * Copies the missing events of a region's logs into the store.
 *
 * `missing` has the last offset before them, by topic.
 */
function* backfill(region: string, missing: ReadonlyMap<string, number>): Task<void> {
	const logs = [...missing];
	for (let index = 0; index < logs.length; index += AT_A_TIME) {
		const some = logs.slice(index, index + AT_A_TIME);
		yield { all: some.map(([topic, after]) => backfillLog(region, topic, after)) };
	}
}

function* backfillLog(region: string, topic: string, missingAfter: number): Task<void> {
	let after = missingAfter;
	for (;;) {
		const { epoch, head, events } = yield* ask('events', region, topic, after);
		const last = events.at(-1);
		if (last === undefined) return;
		yield* ask('keepEvents', region, new Map([[topic, { epoch, events }]]));
		// A page may be shorter than requested.
		if (last.offset >= head || last.offset <= after) return;
		after = last.offset;
	}
}

/**
 * Stores relayed updates of regions. Returns, by region, the topics with missing events.
 *
 * Each topic has the offset after which its events are missing.
 */
export function* storeRelayed(
	batch: Updates,
	regions: readonly string[],
): Task<Map<string, ReadonlyMap<string, number>>> {
	for (const region of regions) {
		const rows = select(batch, ({ rows }) => (rows[region] === undefined ? undefined : rows));
		if (rows.size > 0) yield* ask('replicate', region, rows);
	}
	for (const region of regions) {
		const logs = select(batch, ({ log }) => log?.[region]);
		if (logs.size > 0) yield* ask('keepEvents', region, logs);
	}
	const missing = new Map<string, ReadonlyMap<string, number>>();
	for (const region of regions) {
		const topics = [...batch].filter(([, { rows, log }]) => log?.[region] !== undefined || logHeadOf(rows[region]) > 0);
		const names = topics.map(([topic]) => topic);
		if (names.length > 0) missing.set(region, yield* ask('missing', region, names));
	}
	const values = select(batch, ({ values }) => storedOf(values));
	if (values.size > 0) yield* ask('keepValues', values);
	return missing;
}

/** Returns the part that `part` selects of each update, by topic; topics without a part are left out. */
function select<Part>(updates: Updates, part: (update: Update) => Part | undefined): Map<string, Part> {
	const parts = new Map<string, Part>();
	for (const [topic, update] of updates) {
		const one = part(update);
		if (one !== undefined) parts.set(topic, one);
	}
	return parts;
}

/**
 * Returns the registers of a page as updates for the subscribers of their topics, without presence.
 *
 * An owner takes remote presence as of now, but a stored value is old. The other region repeats presence that is true.
 * The time at which it last saw a user comes with the next read of the store.
 */
function updatesOfValues(valuesByTopic: ReadonlyMap<string, Values>, at: number): Updates {
	const updates = new Map<string, Update>();
	for (const [topic, values] of valuesByTopic) {
		if (kindOf(topic) !== 'user') updates.set(topic, { rows: NO_LIKES, complete: false, sample: [], at, values });
	}
	return updates;
}

/** Returns the rows of a page as updates for the subscribers of their topics. */
function updatesOf(rowsByTopic: ReadonlyMap<string, CounterRows>, at: number): Updates {
	return new Map(
		[...rowsByTopic].map(([topic, rows]): [string, Update] => [topic, { rows, complete: false, sample: [], at }]),
	);
}

/** Returns the rows whose topics match, and the others. */
function split(rows: ReadonlyMap<string, CounterRows>, matches: (topic: string) => boolean) {
	const all = [...rows];
	return [new Map(all.filter(([topic]) => matches(topic))), new Map(all.filter(([topic]) => !matches(topic)))] as const;
}
