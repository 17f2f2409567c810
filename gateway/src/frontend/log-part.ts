import { encodeEvent, type GapReason, type StreamEvent, type StreamEventName } from '@likewire/protocol';
import { encodeCursor, type Position, type Positions } from '../delivery/cursor.ts';
import type { LikesRows } from '../delivery/likes.ts';
import { commentKey, deletionOf, erasedKey, type LogEvent, type LogNews } from '../delivery/log.ts';
import { LOG_KINDS, type Thinned } from '../delivery/log-kinds.ts';
import { topicName } from '../delivery/topic.ts';
import type { LogPart as FetchedPart } from '../store/log-store.ts';
import { LogFronts } from './log-fronts.ts';
import { type Fetch, LogOrder, type Ordered } from './log-order.ts';
import { type Entry, LogRing, textOf } from './log-ring.ts';
import { Thinning } from './thinning.ts';

/** How far viewers are told of the logs of a topic. */
export interface LogMark {
	/** The number of the next entry. */
	readonly next: number;
	readonly positions: Positions;
}

/** Who is so many events behind is told them bit by bit, as it reads. */
const MAX_BEHIND = 256;

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
	readonly #fronts: LogFronts;
	readonly #thinning: Thinning;
	/** By {@link commentKey}. */
	readonly #deleted = new Set<string>();
	/** In order, and not flushed. */
	#pending: Ordered[] = [];
	/** Steps that were made since the last flush, by where they begin, and gaps by their reason. */
	readonly #steps = new Map<string, Step>();

	/** `commentsPerSecond`: of a flood of comments so many are shown; 0 for all. */
	constructor(topic: string, commentsPerSecond: number) {
		this.#topic = topic;
		this.#thinning = new Thinning(commentsPerSecond);
		this.#fronts = new LogFronts(this.#ring);
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
		const [order, fronts] = [this.#order.dueAt, this.#fronts.dueAt];
		return order === undefined || (fronts !== undefined && fronts < order) ? fronts : order;
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
		this.#steps.clear();
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
	 * from the store, or for news that it has and this frontend does not. After `giveUpAt` nobody waits any more.
	 */
	replay(from: Positions, giveUpAt: number, now: number): Step | undefined {
		const positions = new Map<string, Position>();
		let isAhead = [...from].some(([region, { offset }]) => offset > 0 && !this.mark.positions.has(region));
		for (const [region, { epoch, offset }] of this.mark.positions) {
			const at = from.get(region);
			const position = at === undefined || at.offset === 0 ? { epoch, offset: 0 } : /* mutant: resumes-at-cursor */ at;
			positions.set(region, position);
			if (position.epoch < epoch) return this.gap('restored');
			isAhead ||= position.epoch > epoch || position.offset > offset;
		}
		// mutant: waits-when-ahead
		if (isAhead) return now < giveUpAt ? undefined : this.gap('unknown_position');
		const fronts = [...this.mark.positions].map(([region, known]) =>
			this.#fronts.want(region, known, positions.get(region)?.offset ?? 0),
		);
		if (fronts.includes('too_old')) return this.gap('too_old');
		if (fronts.includes('wanted')) return now < giveUpAt ? undefined : this.gap('lost');
		return this.#step(positions);
	}

	/** What tells a viewer that it missed something, and goes on from here. */
	gap(reason: GapReason): Step {
		const known = this.#steps.get(reason);
		if (known !== undefined) return known;
		const step = { text: encodeEvent('gap', { topic: topicName(this.#topic), reason }, this.#cursor), next: undefined };
		this.#steps.set(reason, step);
		return step;
	}

	/** The parts of logs that are to be fetched now; each must come back in `fetched` or `fetchFailed`. */
	takeFetches(now: number): Fetch[] {
		const fetches = [...this.#order.takeFetches(now), ...this.#fronts.takeFetches(now)];
		this.#take();
		return fetches;
	}

	/** The store answered. */
	fetched(fetch: Fetch, part: FetchedPart, now: number): void {
		const events = this.#fronts.fetched(fetch, part, now);
		if (events === undefined) {
			this.#order.fetched(fetch, part, now);
			this.#take();
			return;
		}
		if (events === 'partial') return;
		this.#steps.clear();
		const positions = new Map(this.mark.positions);
		for (const [region] of positions) {
			const start = this.#ring.startOf(region);
			if (start !== undefined) positions.set(region, start);
		}
		const entries = events.map((event): Entry => {
			const { region, epoch } = fetch;
			positions.set(region, { epoch, offset: event.offset });
			const cursor = encodeCursor(this.#topic, positions);
			const text = encodeTold(this.#eventOf(region, event, this.#thinning.told(1, 1)));
			return { region, epoch, offset: event.offset, event, text, cursor };
		});
		this.#ring.prepend(fetch.region, entries);
		this.#fronts.settle(fetch.region);
	}

	/** The store did not answer. */
	fetchFailed(fetch: Fetch, now: number): void {
		if (!this.#fronts.fetchFailed(fetch, now)) this.#order.fetchFailed(fetch, now);
	}

	/** That of `mark`. */
	get #cursor(): string {
		return encodeCursor(this.#topic, this.mark.positions);
	}

	#take(): void {
		for (const one of this.#order.take()) {
			this.#pending.push(one);
			const deletion = one.kind === 'event' ? deletionOf(one.event) : undefined;
			if (deletion !== undefined) this.#erase(erasedKey(deletion));
		}
	}

	#erase(key: string): void {
		this.#ring.erase(key);
		this.#steps.clear();
		this.#deleted.add(key);
		if (this.#deleted.size <= MAX_DELETED) return;
		for (const oldest of this.#deleted) {
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

	#step(from: Map<string, Position>): Step {
		const key = encodeCursor(this.#topic, from);
		const known = this.#steps.get(key);
		if (known !== undefined) return known;
		let text = '';
		let next: Positions | undefined;
		for (const entry of /* mutant: replays-in-order */ this.#ring.behind(from)) {
			if (text.length >= BIT_LENGTH) {
				next = from;
				break;
			}
			from.set(entry.region, { epoch: entry.epoch, offset: entry.offset });
			// Who comes from elsewhere may know more of other regions than was known here when this came.
			text += from.size > 1 ? textOf(entry, encodeCursor(this.#topic, from)) : textOf(entry);
		}
		const step = { text, next };
		this.#steps.set(key, step);
		return step;
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
