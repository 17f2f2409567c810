import type { CounterRows } from '../../state/counters.ts';
import type { Register, Registers } from '../../state/kinds/register.ts';
import { type LogEvent, MAX_UPDATE_EVENTS, type StoreEvents } from '../../state/log.ts';
import type { Values } from '../../state/registers.ts';
import type { Known } from '../../state/update.ts';
import type { LogPage } from '../../store/log-store.ts';

/** The longest page of a store between nodes, in bytes: half of the longest body. */
export const PAGE_BYTES = 512 * 1024;

/** The most bytes of the name of a value and of the punctuation around both. */
const OVERHEAD_BYTES = 512;

function bytesOf(value: unknown): number {
	return Buffer.byteLength(JSON.stringify(value)) + OVERHEAD_BYTES;
}

/** Returns the first events that fit into a page; at least one, if the log has one. */
export function cutPart(part: LogPage): LogPage {
	let bytes = 0;
	const room = part.events.findIndex((event, index) => {
		bytes += bytesOf(event);
		return bytes > PAGE_BYTES && index > 0;
	});
	return room < 0 ? part : { ...part, events: part.events.slice(0, room) };
}

/** Topics of one read: a page may be full before the next read. */
const TOPICS_READ = 16;

/** Returns the state of the first topics, as many as fit into an answer, and the topics that are left. */
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

/** The room of a page; after `add` returned false, the next page begins. */
class Room {
	readonly #most: number;
	#bytes = 0;

	constructor(most = PAGE_BYTES) {
		this.#most = most;
	}

	/** Adds an entry. Returns whether it fits; the first entry always fits. */
	add(bytes: number): boolean {
		const fits = this.#bytes === 0 || this.#bytes + bytes <= this.#most;
		this.#bytes = fits ? this.#bytes + bytes : bytes;
		return fits;
	}
}

/** Yields pages of rows of at most `most` bytes; a single larger topic has a page of its own. */
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

/** Yields pages of events of at most `most` bytes; a single larger event has a page of its own. */
export function* eventPages(
	logs: ReadonlyMap<string, StoreEvents>,
	most: number,
): Generator<Record<string, StoreEvents>> {
	const room = new Room(most);
	let page: Record<string, { epoch: number; events: LogEvent[] }> = {};
	for (const [topic, { epoch, events }] of logs) {
		// A log without events still has an epoch, which may be new to the receiver.
		if (events.length === 0) page[topic] = { epoch, events: [] };
		for (const event of events) {
			if (!room.add(bytesOf(event)) || page[topic]?.events.length === MAX_UPDATE_EVENTS) {
				yield page;
				page = {};
			}
			page[topic] ??= { epoch, events: [] };
			page[topic].events.push(event);
		}
	}
	if (Object.keys(page).length > 0) yield page;
}

/** Yields pages of registers of at most `most` bytes; a single larger register has a page of its own. */
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
