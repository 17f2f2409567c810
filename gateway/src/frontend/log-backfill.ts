import type { Position } from '../delivery/cursor.ts';
import type { LogEvent } from '../delivery/log.ts';
import type { LogPart as FetchedPart } from '../store/log-store.ts';
import { type Fetch, RETRY_MS } from './log-order.ts';
import type { Kept, RecentBytes } from './recent-bytes.ts';

/** A viewer who comes back is sent at most so many events of a region that the frontend has to ask the store for. */
export const MAX_REPLAYED = 1_000;

/** Events of one page. */
const PAGE_EVENTS = 64;

/** A page of the longest events takes so much, in bytes. */
const PAGE_BYTES = 1024 * 1024;

/** Some events of a region, in their order and without holes: those behind `after`, up to `last`. */
export interface Page extends Kept {
	readonly region: string;
	readonly epoch: number;
	readonly after: number;
	readonly last: number;
	readonly events: readonly LogEvent[];
}

/** What of a region is wanted. */
interface Wanted {
	epoch: number;
	/** Everything behind that offset is in memory. */
	start: number;
	/** The offsets behind which events are wanted, in the order in which they were. */
	readonly offsets: Set<number>;
	fetch: Fetch | undefined;
	/** When the store may be asked again. */
	readyAt: number;
	readonly pages: Set<Page>;
}

/**
 * Events of a topic that its frontend does not have in memory, for viewers who come back with older cursors: pages of them
 * come from the store, one at a time for each region, and are shared by all who need them while there is room. Viewers hold
 * no page, only their positions: any page may go at any time, and is fetched again. Deterministic.
 */
export class LogBackfill {
	readonly #memory: RecentBytes;
	readonly #wanted = new Map<string, Wanted>();

	constructor(memory: RecentBytes) {
		this.#memory = memory;
	}

	/** The page with the next event of a region behind an offset; undefined until it came. `start`: what is behind it is in memory. */
	page(region: string, start: Position, offset: number): Page | undefined {
		const wanted = this.#wantedOf(region, start);
		for (const page of wanted.pages) {
			if (offset < page.after || offset >= page.last) continue;
			this.#memory.touch(page);
			return page;
		}
		wanted.offsets.add(offset);
		return undefined;
	}

	/** The pages to be fetched now; each must come back in `fetched` or `fetchFailed`. */
	takeFetches(now: number): Fetch[] {
		const fetches: Fetch[] = [];
		for (const [region, wanted] of this.#wanted) {
			const [offset] = wanted.offsets;
			if (offset === undefined || wanted.fetch !== undefined || now < wanted.readyAt) continue;
			wanted.offsets.delete(offset);
			const limit = Math.min(PAGE_EVENTS, wanted.start - offset);
			if (limit <= 0) continue;
			if (!this.#memory.reserve(PAGE_BYTES)) {
				// Its turn comes when others have theirs.
				wanted.offsets.add(offset);
				wanted.readyAt = now + RETRY_MS;
				continue;
			}
			wanted.fetch = { region, epoch: wanted.epoch, after: offset, limit };
			fetches.push(wanted.fetch);
		}
		return fetches;
	}

	get dueAt(): number | undefined {
		let due: number | undefined;
		for (const { offsets, fetch, readyAt } of this.#wanted.values()) {
			if (offsets.size > 0 && fetch === undefined && (due === undefined || readyAt < due)) due = readyAt;
		}
		return due;
	}

	/** The store answered; says whether that was one of these fetches. */
	fetched(fetch: Fetch, { epoch, events }: FetchedPart, now: number): boolean {
		const wanted = this.#end(fetch);
		if (wanted === undefined) return false;
		const whole = epoch === fetch.epoch ? withoutHoles(events, fetch.after) : [];
		const last = whole.at(-1);
		if (last === undefined) {
			// The store has not got them, or not yet.
			wanted.readyAt = now + RETRY_MS;
			return true;
		}
		const page: Page = {
			region: fetch.region,
			epoch,
			after: fetch.after,
			last: last.offset,
			events: whole,
			bytes: whole.reduce((sum, event) => sum + bytesOf(event), 0),
			forget: () => wanted.pages.delete(page),
		};
		wanted.pages.add(page);
		this.#memory.add(page);
		for (const offset of wanted.offsets) if (offset >= page.after && offset < page.last) wanted.offsets.delete(offset);
		return true;
	}

	/** The store did not answer; says whether that was one of these fetches. */
	fetchFailed(fetch: Fetch, now: number): boolean {
		const wanted = this.#end(fetch);
		if (wanted !== undefined) wanted.readyAt = now + RETRY_MS;
		return wanted !== undefined;
	}

	/** Forgets all pages: nobody follows the topic any more. */
	close(): void {
		for (const { pages } of this.#wanted.values()) for (const page of pages) this.#memory.drop(page);
		for (const { fetch } of this.#wanted.values()) if (fetch !== undefined) this.#memory.release(PAGE_BYTES);
		this.#wanted.clear();
	}

	#wantedOf(region: string, { epoch, offset: start }: Position): Wanted {
		let wanted = this.#wanted.get(region);
		if (wanted === undefined || wanted.epoch !== epoch) {
			for (const page of wanted?.pages ?? []) this.#memory.drop(page);
			const readyAt = Number.NEGATIVE_INFINITY;
			wanted = { epoch, start, offsets: new Set(), fetch: wanted?.fetch, readyAt, pages: new Set() };
			this.#wanted.set(region, wanted);
		}
		wanted.start = start;
		return wanted;
	}

	#end(fetch: Fetch): Wanted | undefined {
		const wanted = this.#wanted.get(fetch.region);
		if (wanted?.fetch !== fetch) return undefined;
		wanted.fetch = undefined;
		this.#memory.release(PAGE_BYTES);
		return wanted;
	}
}

/** The first events up to the first hole. */
function withoutHoles(events: readonly LogEvent[], after: number): readonly LogEvent[] {
	const hole = events.findIndex(({ offset }, index) => offset !== after + 1 + index);
	return hole < 0 ? events : events.slice(0, hole);
}

/** About what an event takes in memory: its text twice, and the objects around it. */
function bytesOf({ data }: LogEvent): number {
	return 2 * JSON.stringify(data).length + 512;
}
