import type { Positions } from '../../state/cursor.ts';
import type { LogPage } from '../../store/log-store.ts';
import { type Fetch, RETRY_MS } from './log-sequencer.ts';
import type { Kept, RecentBytes } from './recent-bytes.ts';

/** The number of events of one page. */
const PAGE_EVENTS = 64;

/** The largest size of a page, in bytes. */
const PAGE_BYTES = 1024 * 1024;

/** An event in the form that viewers receive, or a gap. */
export interface Entry {
	readonly region: string;
	readonly epoch: number;
	/** The offset of the event, or of the last missing event of a gap. */
	readonly offset: number;
	readonly isGap: boolean;
	/** The place of the event among those of all regions, as in histories; 0 for a gap. */
	readonly order: number;
	/** The key of a comment, by which a deletion erases it; undefined for other events. */
	readonly comment: string | undefined;
	/** The encoded event, without its id. Empty when viewers receive nothing. */
	text: string;
	/**
	 * Its id on a stream with everything before it: the positions in the logs of all regions; empty on a
	 * page.
	 */
	cursor: string;
}

/** Consecutive events of a region without holes, from the one behind `after` to `last`. */
interface Page extends Kept {
	readonly region: string;
	readonly epoch: number;
	readonly after: number;
	readonly last: number;
	readonly entries: readonly Entry[];
}

/** A page, and the offset at which memory begins for its region. */
interface Opened {
	readonly page: Page;
	readonly start: number;
}

/**
 * Events of a topic that are older than those in memory, for viewers that resume with older cursors.
 * Pages come from the store, one at a time, and all viewers that need a page share it. Viewers hold
 * positions, not pages, so that any page may be dropped at any time and fetched again. Deterministic.
 */
export class LogPages {
	readonly #memory: RecentBytes;
	readonly #pages = new Set<Page>();
	/** By region and offset, in the order of the requests. */
	readonly #wanted = new Map<string, Fetch>();
	#fetch: Fetch | undefined;
	/** The time at which the next read of the store may begin. */
	#readyAt = Number.NEGATIVE_INFINITY;

	constructor(memory: RecentBytes) {
		this.#memory = memory;
	}

	/**
	 * Returns the events behind positions up to the beginning of memory (`starts`), in the order of
	 * histories, as far as pages have them; undefined when the first event is on a page that must be
	 * fetched.
	 */
	read(from: Positions, starts: Positions): Iterable<Entry> | undefined {
		const opened: Opened[] = [];
		let isWhole = true;
		for (const [region, { epoch, offset: start }] of starts) {
			const page = this.#find(region, epoch, from.get(region)?.offset ?? 0, start);
			if (page === undefined) isWhole = false;
			else opened.push({ page, start });
		}
		return isWhole ? inHistoryOrder(opened, from) : undefined;
	}

	/** Returns what to fetch now. The caller reports the outcome with `fetched` or `fetchFailed`. */
	takeFetch(now: number): Fetch | undefined {
		const [next] = this.#wanted;
		if (next === undefined || this.#fetch !== undefined || now < this.#readyAt) return undefined;
		if (!this.#memory.reserve(PAGE_BYTES)) {
			// Other topics use the memory now; this topic retries.
			this.#readyAt = now + RETRY_MS;
			return undefined;
		}
		const [name, fetch] = next;
		this.#wanted.delete(name);
		this.#fetch = fetch;
		return fetch;
	}

	/** The time of the next `takeFetch`; undefined while it has nothing to fetch. */
	get dueAt(): number | undefined {
		return this.#wanted.size > 0 && this.#fetch === undefined ? this.#readyAt : undefined;
	}

	/** Returns whether this is the page that is being fetched. */
	awaits(fetch: Fetch): boolean {
		return this.#fetch === fetch;
	}

	/** Takes events from the store; `toEntries` makes entries of them. */
	fetched(part: LogPage, toEntries: (events: LogPage['events']) => readonly Entry[], now: number): void {
		const fetch = this.#end();
		if (fetch === undefined) return;
		const { region, epoch, after } = fetch;
		const entries = part.epoch === epoch ? toEntries(withoutHoles(part.events, after)) : [];
		const last = entries.at(-1);
		if (last === undefined) {
			// The store does not have them, or not yet.
			this.#readyAt = now + RETRY_MS;
			return;
		}
		const bytes = entries.reduce((sum, { text }) => sum + 2 * text.length + 512, 0);
		const page: Page = {
			region,
			epoch,
			after,
			last: last.offset,
			entries,
			bytes,
			forget: () => this.#pages.delete(page),
		};
		this.#pages.add(page);
		this.#memory.add(page);
		for (const [name, wanted] of this.#wanted) if (has(page, wanted)) this.#wanted.delete(name);
	}

	/** Takes the failure of a read. */
	fetchFailed(now: number): void {
		this.#end();
		this.#readyAt = now + RETRY_MS;
	}

	*entries(): Iterable<Entry> {
		for (const { entries } of this.#pages) yield* entries;
	}

	/** Drops all pages after the last viewer left the topic. */
	close(): void {
		for (const page of this.#pages) this.#memory.drop(page);
		this.#pages.clear();
		this.#wanted.clear();
		this.#end();
	}

	#find(region: string, epoch: number, after: number, start: number): Page | undefined {
		const wanted = { region, epoch, after, limit: Math.min(PAGE_EVENTS, start - after) };
		for (const page of this.#pages) {
			if (!has(page, wanted)) continue;
			this.#memory.touch(page);
			return page;
		}
		this.#wanted.set(`${region} ${after}`, wanted);
		return undefined;
	}

	#end(): Fetch | undefined {
		const fetch = this.#fetch;
		if (fetch !== undefined) this.#memory.release(PAGE_BYTES);
		this.#fetch = undefined;
		return fetch;
	}
}

/** Returns whether a page has the first event of a fetch. */
function has(page: Page, { region, epoch, after }: Fetch): boolean {
	return page.region === region && page.epoch === epoch && after >= page.after && after < page.last;
}

/**
 * Yields the events of pages behind positions, up to the first page that ends before its region is
 * complete.
 */
function* inHistoryOrder(opened: readonly Opened[], from: Positions): Iterable<Entry> {
	const offsets = opened.map(({ page: { region } }) => from.get(region)?.offset ?? 0);
	for (;;) {
		let first: { readonly entry: Entry; readonly index: number } | undefined;
		for (const [index, { page, start }] of opened.entries()) {
			const offset = offsets[index] as number;
			if (offset >= start) continue;
			const entry = page.entries[offset - page.after];
			if (entry === undefined) return;
			if (first === undefined || isBefore(entry, first.entry)) first = { entry, index };
		}
		if (first === undefined) return;
		offsets[first.index] = first.entry.offset;
		yield first.entry;
	}
}

function isBefore(one: Pick<Entry, 'order' | 'region'>, other: Pick<Entry, 'order' | 'region'>): boolean {
	return one.order < other.order || (one.order === other.order && one.region < other.region);
}

/** Returns the events before the first hole. */
function withoutHoles(events: LogPage['events'], after: number): LogPage['events'] {
	const hole = events.findIndex(({ offset }, index) => offset !== after + 1 + index);
	return hole < 0 ? events : events.slice(0, hole);
}
