import type { Position } from '../delivery/cursor.ts';
import type { LogEvent } from '../delivery/log.ts';
import type { LogPart as FetchedPart } from '../store/log-store.ts';
import { type Fetch, MAX_FETCHED, RETRY_MS } from './log-order.ts';
import type { LogRing } from './log-ring.ts';

/** The events before what is kept of a log are fetched so often at the most, in milliseconds, however many ask for them. */
const FRONT_MS = 500;

/** What is fetched of a region for those who come back late. */
interface Front {
	/** How far the region was when it was wanted last. */
	known: Position;
	isWanted: boolean;
	fetch: Fetch | undefined;
	/** Of a fetch that takes several pages, what came so far. */
	pages: LogEvent[];
	/** When the store may be asked again. */
	readyAt: number;
	/** Where it began once the last answer was in front: nothing before that is fetched. */
	bottom: Position | undefined;
}

/**
 * Which older events of a topic are wanted from the store, for viewers who come back with a position from before the ring
 * begins: one fetch for all of them. Deterministic.
 */
export class LogFronts {
	readonly #ring: LogRing;
	readonly #fronts = new Map<string, Front>();

	constructor(ring: LogRing) {
		this.#ring = ring;
	}

	/** Whether events of a region behind an offset are here, or wanted from now on, or cannot be had. `known`: how far the region is. */
	want(region: string, known: Position, offset: number): 'here' | 'wanted' | 'too_old' {
		const start = this.#startOf(region, known);
		if (/* mutant: knows-its-start */ offset >= start) return 'here';
		const front = this.#fronts.get(region) ?? {
			known,
			isWanted: false,
			fetch: undefined,
			pages: [],
			readyAt: Number.NEGATIVE_INFINITY,
			bottom: undefined,
		};
		const isBottom = front.bottom?.epoch === known.epoch && front.bottom.offset === start;
		if (isBottom || start - offset > this.#most) return 'too_old';
		front.known = known;
		front.isWanted ||= front.fetch === undefined;
		this.#fronts.set(region, front);
		return 'wanted';
	}

	takeFetches(now: number): Fetch[] {
		const fetches: Fetch[] = [];
		for (const [region, front] of this.#fronts) {
			const { known, isWanted, fetch, readyAt } = front;
			if (!isWanted || fetch !== undefined || now < readyAt) continue;
			const start = this.#startOf(region, known);
			const after = front.pages.at(-1)?.offset ?? Math.max(0, start - this.#most);
			front.isWanted = false;
			if (after >= start) continue;
			front.fetch = { region, epoch: known.epoch, after, limit: start - after };
			fetches.push(front.fetch);
		}
		return fetches;
	}

	get dueAt(): number | undefined {
		let due: number | undefined;
		for (const { isWanted, fetch, readyAt } of this.#fronts.values()) {
			if (isWanted && fetch === undefined && (due === undefined || readyAt < due)) due = readyAt;
		}
		return due;
	}

	/** The events that end where the ring begins, 'partial' while there are more to come; undefined for another's fetch. */
	fetched(fetch: Fetch, { epoch, events }: FetchedPart, now: number): readonly LogEvent[] | 'partial' | undefined {
		const front = this.#fronts.get(fetch.region);
		if (front?.fetch !== fetch) return undefined;
		if (epoch !== front.known.epoch || epoch !== fetch.epoch) {
			this.fetchFailed(fetch, now);
			return 'partial';
		}
		front.fetch = undefined;
		front.pages.push(...events);
		let offset = this.#startOf(fetch.region, front.known);
		// A page has as many events as there is room for.
		if (events.length > 0 && (front.pages.at(-1)?.offset ?? offset) < offset) {
			front.isWanted = true;
			return 'partial';
		}
		front.readyAt = now + FRONT_MS;
		const fitting: LogEvent[] = [];
		for (const event of front.pages.toReversed()) {
			if (event.offset !== offset) continue;
			// mutant: pages-in-order
			fitting.unshift(event);
			offset--;
		}
		front.pages = [];
		return fitting;
	}

	/** What was fetched of a region is in front now, as much of it as there was room for. */
	settle(region: string): void {
		const front = this.#fronts.get(region);
		if (front === undefined) return;
		front.bottom = { epoch: front.known.epoch, offset: this.#startOf(region, front.known) };
	}

	/** Whether the fetch was one of these. */
	fetchFailed(fetch: Fetch, now: number): boolean {
		const front = this.#fronts.get(fetch.region);
		if (front?.fetch !== fetch) return false;
		front.fetch = undefined;
		front.pages = [];
		front.isWanted = true;
		front.readyAt = now + RETRY_MS;
		return true;
	}

	/** How many events are fetched. */
	get #most(): number {
		return Math.min(MAX_FETCHED, this.#ring.room);
	}

	#startOf(region: string, known: Position): number {
		const start = this.#ring.startOf(region);
		return start?.epoch === known.epoch ? start.offset : known.offset;
	}
}
