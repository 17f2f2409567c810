import { encodeEvent, type GapReason, type StreamEvent, type StreamEventName, withId } from '@likewire/protocol';
import { encodeCursor, type Position, type Positions } from '../delivery/cursor.ts';
import type { LikesRows } from '../delivery/likes.ts';
import { commentKey, deletionOf, erasedKey, type LogEvent, type LogNews } from '../delivery/log.ts';
import { LOG_KINDS, type Thinned } from '../delivery/log-kinds.ts';
import { topicName } from '../delivery/topic.ts';
import type { LogPart as FetchedPart } from '../store/log-store.ts';
import { LogBackfill, MAX_REPLAYED, type Page } from './log-backfill.ts';
import { type Fetch, LOST_MS, LogOrder, MAX_HELD, type Ordered } from './log-order.ts';
import { type Entry, LogRing, textOf } from './log-ring.ts';
import { createLogSupply, type LogSupply } from './log-supply.ts';
import type { Kept } from './recent-bytes.ts';
import { Thinning } from './thinning.ts';

/** How far viewers are told of the logs of a topic. */
export interface LogMark {
	/** The number of the next entry. */
	readonly next: number;
	readonly positions: Positions;
}

/** A viewer who is more events behind gets them bit by bit, as it reads: all that waited for a hole, and the gap, are not more. */
const MAX_BEHIND = MAX_HELD + 1;

/** A bit is over with the event that makes it so long, in characters. */
const BIT_LENGTH = 64 * 1024;

/** Deleted comments that are remembered, so that late copies do not show them. */
const MAX_DELETED = 1_000;

const NO_POSITIONS: Positions = new Map();

/** A step of a replay: what the viewer is told, and where it is then; undefined once it is where everybody is. */
export interface Step {
	readonly text: string;
	readonly next: Positions | undefined;
}

/** A step that is kept for the next viewer who comes back from there. */
interface KeptStep extends Step, Kept {}

/** About what a step takes in memory, in bytes: its text, its frame, and the objects around them. */
const bytesOf = (text: string) => 4 * text.length + 512;

/** What of a region is to be replayed from a page: its events up to where memory begins. */
interface Paged {
	readonly page: Page;
	readonly start: number;
}

/**
 * The logs of a topic: comments, deletions, events of servers. What is in order becomes entries of a ring with the next
 * flush, each encoded once with its cursor. Who comes back is told what it missed from there. Deterministic.
 */
export class LogPart {
	/** What viewers are told. */
	mark: LogMark = { next: 0, positions: NO_POSITIONS };
	readonly #topic: string;
	readonly #order = new LogOrder();
	readonly #ring = new LogRing();
	readonly #backfill: LogBackfill;
	readonly #supply: LogSupply;
	readonly #thinning: Thinning;
	/** The regions whose logs have the deletions, by {@link commentKey}. */
	readonly #deleted = new Map<string, string>();
	/** In order, and not flushed. */
	#pending: Ordered[] = [];
	/** Steps that were made since the last flush, by where they begin, and gaps by their reason. */
	readonly #steps = new Map<string, KeptStep>();

	/** `commentsPerSecond`: of a flood of comments so many are shown; 0 for all. */
	constructor(topic: string, commentsPerSecond: number, supply = createLogSupply()) {
		this.#topic = topic;
		this.#thinning = new Thinning(commentsPerSecond);
		this.#supply = supply;
		this.#backfill = new LogBackfill(supply.pages);
	}

	/** Takes news in; old ones change nothing. */
	merge(rows: LikesRows, news: LogNews | undefined): void {
		this.#order.merge(rows, news);
		this.#take();
	}

	/** All that was there is merged. The first time, viewers begin here, behind what came as news before. */
	begin(): void {
		if (this.#order.begun) return;
		this.#order.begin();
		const positions = this.#order.positions();
		this.#take();
		for (const { region, event } of this.#pending.toReversed() as Extract<Ordered, { kind: 'event' }>[]) {
			const { epoch } = positions.get(region) as Position;
			positions.set(region, { epoch, offset: event.offset - 1 });
		}
		this.mark = { next: 0, positions };
	}

	/** When there is something to flush: the past for now, undefined while there is nothing. */
	get flushAt(): number | undefined {
		if (this.#pending.length === 0) return undefined;
		return this.#pending.some(isComment) ? this.#thinning.opensAt : Number.NEGATIVE_INFINITY;
	}

	/** When the store is to be asked, or events are to be given up; undefined while neither is. */
	get dueAt(): number | undefined {
		const [order, backfill] = [this.#order.dueAt, this.#backfill.dueAt];
		return order === undefined || (backfill !== undefined && backfill < order) ? backfill : order;
	}

	/** Makes what is in order something to tell; says whether there is anything. */
	flush(now: number): boolean {
		const { flushAt } = this;
		if (flushAt === undefined || flushAt > now) return false;
		this.#pending = byOrder(this.#pending);
		const positions = /* mutant: cursor-of-all-regions */ new Map(this.mark.positions);
		const comments = this.#pending.flatMap((one) => (isComment(one) ? [one.event] : []));
		const shown = this.#thinning.choose(comments, now);
		const thinned = this.#thinning.told(shown.size, comments.length);
		/** The last entry that is told, with all positions up to the next one that is. */
		let told: Entry | undefined;
		const entries: Entry[] = [];
		const close = () => {
			if (told !== undefined) told.cursor = encodeCursor(this.#topic, positions);
		};
		for (const one of this.#pending) {
			const entry = entryOf(one, this.#told(one, shown, thinned));
			// What is thinned out, or erased, is passed over with what was told before it.
			if (entry.text !== '') close();
			positions.set(entry.region, { epoch: entry.epoch, offset: /* mutant: cursor-behind-event */ entry.offset });
			if (entry.text !== '') told = entry;
			entries.push(entry);
		}
		close();
		for (const entry of entries) this.#ring.add(entry);
		this.#pending = [];
		this.#forgetSteps();
		this.mark = { next: this.#ring.end, positions };
		return true;
	}

	/** Whether `textFrom` has everything from there on, and not too much of it. */
	reaches({ next }: LogMark): boolean {
		return next >= this.#ring.start && this.#ring.end - next <= MAX_BEHIND;
	}

	/** What brings a viewer who was told so far to `mark`; who was told nothing begins there, and is told where that is. */
	textFrom(told: LogMark | undefined): string {
		if (told === undefined) return encodeEvent('cursor', { topic: topicName(this.#topic) }, this.#cursor);
		return told.next === this.mark.next ? '' : /* mutant: sends-whole-log */ this.#ring.textFrom(told.next);
	}

	/**
	 * The next step of a viewer who was told so far, somewhere, some time ago; undefined when it has to wait: for events
	 * from the store, or for events that it has and this frontend does not. After `giveUpAt` it waits only for a store that
	 * lives, and has not answered what it was asked.
	 */
	replay(from: Positions, giveUpAt: number, now: number): Step | undefined {
		const positions = new Map<string, Position>();
		let isAhead = [...from].some(([region, { offset }]) => offset > 0 && !this.mark.positions.has(region));
		let mayReach = false;
		for (const [region, { epoch, offset }] of this.mark.positions) {
			const at = from.get(region);
			const position = at === undefined || at.offset === 0 ? { epoch, offset: 0 } : /* mutant: resumes-at-cursor */ at;
			positions.set(region, position);
			if (position.epoch < epoch) return this.gap('restored');
			if (position.epoch === epoch && position.offset <= offset) continue;
			isAhead = true;
			if (this.#order.mayReach(region, position, giveUpAt - LOST_MS)) mayReach = true;
		}
		const mayCome = now < giveUpAt || (mayReach && this.#supply.lives());
		// mutant: waits-when-ahead
		if (isAhead) return mayCome ? undefined : this.gap('unknown_position');
		const paged: Paged[] = [];
		let isWaiting = false;
		for (const [region, known] of this.mark.positions) {
			const start = this.#startOf(region, known);
			const offset = positions.get(region)?.offset ?? 0;
			if (/* mutant: knows-its-start */ offset >= start.offset) continue;
			if (known.offset - offset > MAX_REPLAYED) return this.gap('too_old');
			const page = this.#backfill.page(region, start, offset);
			if (page === undefined) isWaiting = true;
			else paged.push({ page, start: start.offset });
		}
		if (isWaiting) return now < giveUpAt || this.#supply.lives() ? undefined : this.gap('lost');
		return this.#keep(positions, () =>
			paged.length > 0 ? this.#stepOfPages(positions, paged) : this.#step(positions),
		);
	}

	/** Where what is in memory of a region begins. */
	#startOf(region: string, known: Position): Position {
		const start = this.#ring.startOf(region);
		return start?.epoch === known.epoch ? start : known;
	}

	/** What tells a viewer that it missed something, and goes on from here. */
	gap(reason: GapReason): Step {
		const text = () => encodeEvent('gap', { topic: topicName(this.#topic), reason }, this.#cursor);
		return this.#keepUnder(reason, () => ({ text: text(), next: undefined }));
	}

	/** The parts of logs that are to be fetched now; each must come back in `fetched` or `fetchFailed`. */
	takeFetches(now: number): Fetch[] {
		const fetches = [...this.#order.takeFetches(now, this.#supply.lives), ...this.#backfill.takeFetches(now)];
		this.#take();
		return fetches;
	}

	/** The store answered. */
	fetched(fetch: Fetch, part: FetchedPart, now: number): void {
		if (this.#backfill.fetched(fetch, part, now)) return;
		this.#order.fetched(fetch, part, now);
		this.#take();
	}

	/** The store did not answer. */
	fetchFailed(fetch: Fetch, now: number): void {
		if (this.#backfill.fetchFailed(fetch, now)) return;
		this.#order.fetchFailed(fetch, now);
		this.#take();
	}

	/** Nobody follows the topic any more. */
	close(): void {
		this.#forgetSteps();
		this.#backfill.close();
	}

	/** That of `mark`. */
	get #cursor(): string {
		return encodeCursor(this.#topic, this.mark.positions);
	}

	#take(): void {
		for (const one of this.#order.take()) {
			this.#pending.push(one);
			if (one.kind === 'gap' && one.reason === 'restored') this.#forgetDeletions(one.region);
			const deletion = one.kind === 'event' ? deletionOf(one.event) : undefined;
			if (deletion !== undefined) this.#erase(erasedKey(deletion), one.region);
		}
	}

	/** A store was restored, perhaps to before a deletion: what stands in it again is shown, and what does not is erased there. */
	#forgetDeletions(restored: string): void {
		for (const [key, region] of this.#deleted) if (region === restored) this.#deleted.delete(key);
	}

	#erase(key: string, region: string): void {
		this.#ring.erase(key);
		this.#forgetSteps();
		this.#deleted.set(key, region);
		if (this.#deleted.size <= MAX_DELETED) return;
		for (const oldest of this.#deleted.keys()) {
			this.#deleted.delete(oldest);
			return;
		}
	}

	#told(one: Ordered, shown: ReadonlySet<LogEvent>, thinned: Thinned | undefined): StreamEvent | undefined {
		if (one.kind === 'gap') return { event: 'gap', data: { topic: topicName(this.#topic), reason: one.reason } };
		const { region, event } = one;
		if (!isComment(one)) return this.#eventOf(region, event);
		return shown.has(event) ? this.#eventOf(region, event, thinned) : undefined;
	}

	#eventOf(region: string, event: LogEvent, thinned?: Thinned): StreamEvent | undefined {
		if (event.kind === 'comment' && this.#deleted.has(commentKey(region, event))) return undefined;
		return LOG_KINDS[event.kind](this.#topic, region, event, thinned);
	}

	/** The step from there, which viewers who come back from the same positions share. */
	#keep(from: Positions, make: () => Step): Step {
		return this.#keepUnder(encodeCursor(this.#topic, from), make);
	}

	#keepUnder(key: string, make: () => Step): Step {
		const { steps } = this.#supply;
		const known = this.#steps.get(key);
		if (known !== undefined) {
			steps.touch(known);
			return known;
		}
		const made = make();
		const step: KeptStep = { ...made, bytes: bytesOf(made.text), forget: () => this.#steps.delete(key) };
		this.#steps.set(key, step);
		steps.add(step);
		return step;
	}

	#forgetSteps(): void {
		for (const step of this.#steps.values()) this.#supply.steps.drop(step);
		this.#steps.clear();
	}

	/** Of events that the store has, in the order of histories. */
	#stepOfPages(from: Map<string, Position>, paged: readonly Paged[]): Step {
		let text = '';
		while (text.length < BIT_LENGTH) {
			const next = firstOf(from, paged);
			if (next === undefined) break;
			const { region, epoch, event } = next;
			from.set(region, { epoch, offset: event.offset });
			const told = encodeTold(this.#eventOf(region, event, this.#thinning.told(1, 1)));
			if (told !== '') text += withId(encodeCursor(this.#topic, from), told);
		}
		return { text, next: from };
	}

	/** Of events in memory, in the order in which viewers were sent them. */
	#step(from: Map<string, Position>): Step {
		let text = '';
		for (const entry of /* mutant: replays-in-order */ this.#ring.behind(from)) {
			if (text.length >= BIT_LENGTH) return { text, next: from };
			from.set(entry.region, { epoch: entry.epoch, offset: entry.offset });
			// Who comes from elsewhere may know more of other regions than was known here when this came.
			text += from.size > 1 ? textOf(entry, encodeCursor(this.#topic, from)) : textOf(entry);
		}
		return { text, next: undefined };
	}
}

/** Events that viewers are sent together, in the order that histories have; a gap stays where it is. */
function byOrder(pending: readonly Ordered[]): Ordered[] {
	const sorted: Ordered[] = [];
	let run: Extract<Ordered, { kind: 'event' }>[] = [];
	const endRun = () => {
		run.sort((a, b) => a.event.order - b.event.order || (a.region < b.region ? -1 : 1));
		sorted.push(...run);
		run = [];
	};
	for (const one of pending) {
		if (one.kind === 'event') {
			run.push(one);
			continue;
		}
		endRun();
		sorted.push(one);
	}
	endRun();
	return sorted;
}

/** The next event of all regions; undefined once the next one of a region is on a page that is not here. */
function firstOf(from: Positions, paged: readonly Paged[]) {
	let first: { readonly region: string; readonly epoch: number; readonly event: LogEvent } | undefined;
	for (const { page, start } of paged) {
		const { region, epoch, after, events } = page;
		const offset = from.get(region)?.offset ?? 0;
		if (offset >= start) continue;
		const event = events[offset - after];
		if (event === undefined) return undefined;
		const isFirst = first === undefined || isBefore({ region, event }, first);
		if (isFirst) first = { region, epoch, event };
	}
	return first;
}

/** Whether an event comes before another one in histories. */
function isBefore(
	one: Pick<Extract<Ordered, { kind: 'event' }>, 'region' | 'event'>,
	other: Pick<Extract<Ordered, { kind: 'event' }>, 'region' | 'event'>,
): boolean {
	return one.event.order < other.event.order || (one.event.order === other.event.order && one.region < other.region);
}

function isComment(one: Ordered): one is Extract<Ordered, { kind: 'event' }> {
	return one.kind === 'event' && one.event.kind === 'comment';
}

function entryOf(one: Ordered, told: StreamEvent | undefined): Entry {
	const { region, epoch } = one;
	const rest = { text: encodeTold(told), cursor: '' };
	if (one.kind === 'gap') return { region, epoch, offset: one.offset, event: undefined, ...rest };
	return { region, epoch, offset: one.event.offset, event: one.event, ...rest };
}

function encodeTold(told: StreamEvent | undefined): string {
	return told === undefined ? '' : encodeEvent<StreamEventName>(told.event, told.data);
}
