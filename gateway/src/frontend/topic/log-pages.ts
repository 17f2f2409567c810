import type { Positions } from '../../state/cursor.ts';
import type { LogPage } from '../../store/log-store.ts';
import { type Fetch, RETRY_MS } from './log-sequencer.ts';
import type { Kept, RecentBytes } from './recent-bytes.ts';

/** Events of one page. */
const PAGE_EVENTS = 64;

/** A page of the longest events takes this much, in bytes. */
const PAGE_BYTES = 1024 * 1024;

/** An event as it is sent to viewers, or a gap. */
export interface Entry {
	readonly region: string;
	readonly epoch: number;
	/** That of the event, or of the last one that is missing. */
	readonly offset: number;
	readonly isGap: boolean;
	/** Where histories have it among the events of all regions; 0 for a gap. */
	readonly order: number;
	/** The name of a comment, by which it is erased; undefined for anything else. */
	readonly comment: string | undefined;
	/** For the wire, without its id. Empty when nothing is sent. */
	text: string;
	/** Its id on a stream that was sent everything before it: how far the logs of all regions are; empty on a page. */
	cursor: string;
}

/** Some events of a region, in their order and without holes: those behind `after`, up to `last`. */
interface Page extends Kept {
	readonly region: string;
	readonly epoch: number;
	readonly after: number;
	readonly last: number;
	readonly entries: readonly Entry[];
}

/** A page, and where what memory has of its region begins. */
interface Opened {
	readonly page: Page;
	readonly start: number;
}

/**
 * Events of a topic from before those in memory, for viewers who come back with older cursors: pages come from the store,
 * one at a time, and all viewers who need them share them while there is room. Viewers hold no page, only positions: any
 * page may go at any time, and is fetched again. Deterministic.
 */
export class LogPages {
	readonly #memory: RecentBytes;
	readonly #pages = new Set<Page>();
	/** By region and offset, in the order in which they were asked for. */
	readonly #wanted = new Map<string, Fetch>();
	#fetch: Fetch | undefined;
	/** When the store may be asked again. */
	#readyAt = Number.NEGATIVE_INFINITY;

	constructor(memory: RecentBytes) {
		this.#memory = memory;
	}

	/**
	 * The events behind positions up to where memory begins (`starts`), in the order of histories, as far as pages are here;
	 * undefined when one has to be fetched before the first event is known.
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

	/** What to fetch now; it must come back in `fetched` or `fetchFailed`. */
	takeFetch(now: number): Fetch | undefined {
		const [next] = this.#wanted;
		if (next === undefined || this.#fetch !== undefined || now < this.#readyAt) return undefined;
		if (!this.#memory.reserve(PAGE_BYTES)) {
			// Its turn comes when other topics have had theirs.
			this.#readyAt = now + RETRY_MS;
			return undefined;
		}
		const [name, fetch] = next;
		this.#wanted.delete(name);
		this.#fetch = fetch;
		return fetch;
	}

	/** When `takeFetch` has something to do; undefined while it has not. */
	get dueAt(): number | undefined {
		return this.#wanted.size > 0 && this.#fetch === undefined ? this.#readyAt : undefined;
	}

	/** Whether it is this page that is being fetched. */
	awaits(fetch: Fetch): boolean {
		return this.#fetch === fetch;
	}

	/** The store answered; `toEntries` makes entries of its events. */
	fetched(part: LogPage, toEntries: (events: LogPage['events']) => readonly Entry[], now: number): void {
		const fetch = this.#end();
		if (fetch === undefined) return;
		const { region, epoch, after } = fetch;
		const entries = part.epoch === epoch ? toEntries(withoutHoles(part.events, after)) : [];
		const last = entries.at(-1);
		if (last === undefined) {
			// The store has not got them, or not yet.
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

	/** The store did not answer. */
	fetchFailed(now: number): void {
		this.#end();
		this.#readyAt = now + RETRY_MS;
	}

	*entries(): Iterable<Entry> {
		for (const { entries } of this.#pages) yield* entries;
	}

	/** Forgets all pages: no viewer follows the topic any more. */
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

/** Whether a page begins with the event that is wanted, or has it. */
function has(page: Page, { region, epoch, after }: Fetch): boolean {
	return page.region === region && page.epoch === epoch && after >= page.after && after < page.last;
}

/** The events of pages behind positions; ends with the first page that ends before its region is complete. */
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

/** The first events up to the first hole. */
function withoutHoles(events: LogPage['events'], after: number): LogPage['events'] {
	const hole = events.findIndex(({ offset }, index) => offset !== after + 1 + index);
	return hole < 0 ? events : events.slice(0, hole);
}
