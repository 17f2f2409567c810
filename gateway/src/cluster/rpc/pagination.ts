import type { CounterRows } from '../../state/counters.ts';
import type { Register, Registers } from '../../state/kinds/register.ts';
import { type LogEvent, MAX_NEWS_EVENTS, type StoreEvents } from '../../state/log.ts';
import type { Values } from '../../state/registers.ts';
import type { Known } from '../../state/update.ts';
import type { LogPage } from '../../store/log-store.ts';

/** What nodes tell each other of a store is cut below this, in bytes: half of what a body may be. */
export const PAGE_BYTES = 512 * 1024;

/** What a name beside a value, and the signs around them, take at the most, in bytes. */
const OVERHEAD_BYTES = 512;

function bytesOf(value: unknown): number {
	return Buffer.byteLength(JSON.stringify(value)) + OVERHEAD_BYTES;
}

/** As many of the first events as there is room for; at least one, if there is one. */
export function cutPart(part: LogPage): LogPage {
	let bytes = 0;
	const room = part.events.findIndex((event, index) => {
		bytes += bytesOf(event);
		return bytes > PAGE_BYTES && index > 0;
	});
	return room < 0 ? part : { ...part, events: part.events.slice(0, room) };
}

/** Topics that are read at one time for an answer that may be full before the next. */
const TOPICS_READ = 16;

/** Returns what is known of the first of the topics, as many as an answer has room for, and the topics that are left. */
export async function knownPage(
	read: (topics: readonly string[]) => Promise<ReadonlyMap<string, Known>>,
	topics: readonly string[],
): Promise<{ readonly known: ReadonlyMap<string, Known>; readonly left: readonly string[] }> {
	const room = new Room();
	const known = new Map<string, Known>();
	for (let first = 0; first < topics.length; first += TOPICS_READ) {
		const some = topics.slice(first, first + TOPICS_READ);
		const found = await read(some);
		for (const [index, topic] of some.entries()) {
			const one = found.get(topic);
			if (one === undefined) continue;
			if (!room.add(bytesOf({ ...one, comments: [...(one.comments ?? [])] })))
				return { known, left: topics.slice(first + index) };
			known.set(topic, one);
		}
	}
	return { known, left: [] };
}

/** A page that fills: `add` says that there was no room. */
class Room {
	readonly #most: number;
	#bytes = 0;

	constructor(most = PAGE_BYTES) {
		this.#most = most;
	}

	/** Whether it still fits; the first thing always does. */
	add(bytes: number): boolean {
		const fits = this.#bytes === 0 || this.#bytes + bytes <= this.#most;
		this.#bytes = fits ? this.#bytes + bytes : bytes;
		return fits;
	}
}

/** Rows in as many pages as it takes, each below `most` bytes where one topic is. */
export function* rowPages(
	rows: ReadonlyMap<string, CounterRows>,
	most: number,
): Generator<Record<string, CounterRows>> {
	const room = new Room(most);
	let page: Record<string, CounterRows> = {};
	for (const [topic, row] of rows) {
		if (!room.add(bytesOf(row))) {
			yield page;
			page = {};
		}
		page[topic] = row;
	}
	if (Object.keys(page).length > 0) yield page;
}

/** Events in as many pages as it takes, each below `most` bytes where one event is. */
export function* eventPages(
	logs: ReadonlyMap<string, StoreEvents>,
	most: number,
): Generator<Record<string, StoreEvents>> {
	const room = new Room(most);
	let page: Record<string, { epoch: number; events: LogEvent[] }> = {};
	for (const [topic, { epoch, events }] of logs) {
		// A log without events says its epoch, which is news too.
		if (events.length === 0) page[topic] = { epoch, events: [] };
		for (const event of events) {
			if (!room.add(bytesOf(event)) || page[topic]?.events.length === MAX_NEWS_EVENTS) {
				yield page;
				page = {};
			}
			page[topic] ??= { epoch, events: [] };
			page[topic].events.push(event);
		}
	}
	if (Object.keys(page).length > 0) yield page;
}

/** Values in as many pages as it takes, each below `most` bytes where one value is. */
export function* valuePages(
	valuesByTopic: ReadonlyMap<string, Values>,
	most: number,
): Generator<Record<string, Values>> {
	const room = new Room(most);
	let page: Record<string, Record<string, Record<string, Register>>> = {};
	for (const [topic, values] of valuesByTopic) {
		for (const [kind, registers] of Object.entries<Registers>(values)) {
			for (const [key, register] of Object.entries(registers)) {
				if (!room.add(bytesOf(register))) {
					yield page;
					page = {};
				}
				page[topic] ??= {};
				page[topic][kind] ??= {};
				page[topic][kind][key] = register;
			}
		}
	}
	if (Object.keys(page).length > 0) yield page;
}
