import { encodeEvent, type GapReason, type StreamEvent, type StreamEventName } from '@likewire/protocol';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { type CounterRows, logHeadOf } from '../../state/counters.ts';
import { encodeCursor, type Position, type Positions } from '../../state/cursor.ts';
import { commentKey, deletionOf, erasedKey, type LogEvent, type LogUpdate } from '../../state/log.ts';
import { LOG_KINDS, type Thinned } from '../../state/log-events.ts';
import { topicName } from '../../state/topics/topic.ts';
import type { LogPage } from '../../store/log-store.ts';
import { CommentSampler } from './comment-sampler.ts';
import { LogBuffer, type Step } from './log-buffer.ts';
import type { Entry } from './log-pages.ts';
import { type Fetch, LOST_MS, LogSequencer, MAX_HELD, type Ordered } from './log-sequencer.ts';
import { createLogSupply, type LogSupply } from './log-supply.ts';

/** The positions of viewers in the logs of a topic. */
export interface LogPosition {
	/** The number of the next entry. */
	readonly next: number;
	readonly positions: Positions;
}

/** The most events of a region from the store that a resuming viewer gets. */
export const MAX_REPLAYED = 1_000;

/** The most entries of one frame: all that waited for a hole, and the gap. Beyond it viewers get steps. */
const MAX_BEHIND = MAX_HELD + 1;

/** The most deleted comments that are remembered, so that late copies of them are not shown. */
const MAX_DELETED = 1_000;

const encoder = new TextEncoder();

/**
 * The logs of a topic: comments, deletions, events of servers. It owns the positions of viewers: a
 * flush makes entries of what sequencers brought into order, each encoded once with its cursor. A
 * viewer that resumes replays what it missed. Deterministic.
 */
export class LogSection {
	/** The positions of all viewers that are not behind. */
	position: LogPosition = { next: 0, positions: new Map() };
	readonly #topic: string;
	/** The sequencer of the newest epoch of each region. */
	readonly #sequencers = new Map<string, LogSequencer>();
	readonly #buffer: LogBuffer;
	readonly #supply: LogSupply;
	readonly #sampler: CommentSampler;
	/** The regions whose logs have the deletions, by {@link commentKey}. */
	readonly #deleted = new BoundedMap<string, string>(MAX_DELETED);
	#begun = false;
	/** Events that are in order, and not flushed. */
	#pending: Ordered[] = [];

	/** `commentsPerSecond`: the comments of a flood to show each second; 0 for all. */
	constructor(topic: string, commentsPerSecond: number, supply = createLogSupply()) {
		this.#topic = topic;
		this.#sampler = new CommentSampler(commentsPerSecond);
		this.#supply = supply;
		this.#buffer = new LogBuffer(topic, supply.memory, (region, epoch, event) => {
			return entryOf(
				{ region, epoch, offset: event.offset, event },
				this.#eventOf(region, event, this.#sampler.sampled(1, 1)),
			);
		});
	}

	/** Merges an update; an old one changes nothing. */
	merge(rows: CounterRows, update: LogUpdate | undefined): void {
		for (const [region, { epoch, events }] of Object.entries(update ?? {})) {
			this.#sequencerOf(region, epoch)?.add(events);
		}
		for (const [region, row] of Object.entries(rows)) {
			// mutant: heads-count
			this.#sequencerOf(region, row.epoch)?.raise(logHeadOf(row));
		}
		this.#take();
	}

	/** All initial state is merged. The first call sets the position of viewers, behind earlier updates. */
	begin(): void {
		if (this.#begun) return;
		this.#begun = true;
		const sequencers = [...this.#sequencers.values()];
		for (const sequencer of sequencers) sequencer.begin();
		const withUnseen = sequencers.filter(({ position }) => position.offset > 0);
		for (const sequencer of sequencers) {
			if (withUnseen.some((other) => other !== sequencer)) sequencer.check();
		}
		const positions = [...this.#sequencers].map(([region, { position }]) => [region, position] as const);
		this.position = { next: 0, positions: new Map(positions) };
		this.#take();
	}

	/** The time of the next flush; undefined while nothing is pending. */
	get flushAt(): number | undefined {
		if (this.#pending.length === 0) return undefined;
		return this.#pending.some(isComment) ? this.#sampler.opensAt : Number.NEGATIVE_INFINITY;
	}

	/** The time of the next read of the store, or of lost events; undefined while neither is due. */
	get dueAt(): number | undefined {
		let due = this.#buffer.dueAt;
		for (const { dueAt } of this.#sequencers.values()) {
			if (dueAt !== undefined && (due === undefined || dueAt < due)) due = dueAt;
		}
		return due;
	}

	/** Makes entries of what is in order; returns whether any viewer state changed. */
	flush(now: number): boolean {
		const { flushAt } = this;
		if (flushAt === undefined || flushAt > now) return false;
		const positions = /* mutant: cursor-of-all-regions */ new Map(this.position.positions);
		const entries = this.#entriesOf(inHistoryOrder(this.#pending), now);
		/** The last entry with text. Its cursor covers all positions before the next one with text. */
		let last: Entry | undefined;
		const close = () => {
			if (last !== undefined) last.cursor = encodeCursor(this.#topic, positions);
		};
		for (const entry of entries) {
			// The previous cursor covers events that are left out or erased.
			if (entry.text !== '') close();
			positions.set(entry.region, { epoch: entry.epoch, offset: /* mutant: cursor-behind-event */ entry.offset });
			if (entry.text !== '') last = entry;
		}
		close();
		this.#buffer.add(entries);
		this.#pending = [];
		this.position = { next: this.#buffer.end, positions };
		return true;
	}

	/** Returns whether `textFrom` has everything from there on, and few enough entries. */
	reaches({ next }: LogPosition): boolean {
		return next >= this.#buffer.start && this.#buffer.end - next <= MAX_BEHIND;
	}

	/** Returns the events that bring a viewer from `sent` to `position`; a new viewer begins at `position`. */
	textFrom(sent: LogPosition | undefined): string {
		if (sent === undefined) return encodeEvent('cursor', { topic: topicName(this.#topic) }, this.#cursor);
		return sent.next === this.position.next ? '' : /* mutant: sends-whole-log */ this.#buffer.textFrom(sent.next);
	}

	/**
	 * Returns the next step of a viewer at these positions; undefined when it must wait for events from
	 * the store, or for events that it has and this frontend does not. After `giveUpAt` it waits only for
	 * a live store that has not answered yet.
	 */
	replay(from: Positions, giveUpAt: number, now: number): Step | undefined {
		const ends = this.position.positions;
		const positions = new Map<string, Position>();
		let isAhead = [...from].some(([region, { offset }]) => offset > 0 && !ends.has(region));
		let mayReach = false;
		for (const [region, { epoch, offset }] of ends) {
			const at = from.get(region);
			const position = at === undefined || at.offset === 0 ? { epoch, offset: 0 } : /* mutant: resumes-at-cursor */ at;
			positions.set(region, position);
			if (position.epoch < epoch) return this.gap('restored');
			if (position.epoch === epoch && position.offset <= offset) continue;
			isAhead = true;
			if (this.#sequencers.get(region)?.mayReach(position, giveUpAt - LOST_MS)) mayReach = true;
		}
		const mayCome = now < giveUpAt || (mayReach && this.#supply.lives());
		// mutant: waits-when-ahead
		if (isAhead) return mayCome ? undefined : this.gap('unknown_position');
		const starts = this.#buffer.startsBehind(positions, ends);
		for (const region of starts.keys()) {
			const missed = (ends.get(region)?.offset ?? 0) - (positions.get(region)?.offset ?? 0);
			if (missed > MAX_REPLAYED) return this.gap('too_old');
		}
		const step = this.#buffer.step(positions, starts);
		if (step !== undefined || now < giveUpAt || this.#supply.lives()) return step;
		return this.gap('lost');
	}

	/** Returns the step that reports missing events to a viewer and continues at `position`. */
	gap(reason: GapReason): Step {
		const text = encodeEvent('gap', { topic: topicName(this.#topic), reason }, this.#cursor);
		return { frame: encoder.encode(text), next: undefined };
	}

	/** Returns what to fetch from the store now; `fetched` or `fetchFailed` takes each outcome. */
	takeFetches(now: number): Fetch[] {
		const fetches = [...this.#sequencers.values()].map((sequencer) => sequencer.takeFetch(now, this.#supply.lives));
		this.#take();
		return [...fetches, this.#buffer.takeFetch(now)].filter((fetch) => fetch !== undefined);
	}

	/** Takes events from the store. */
	fetched(fetch: Fetch, page: LogPage, now: number): void {
		if (this.#buffer.fetched(fetch, page, now)) return;
		this.#sequencers.get(fetch.region)?.end(fetch, true, now);
		this.#sequencerOf(fetch.region, page.epoch)?.fetched(page);
		this.#take();
	}

	/** Takes the failure of a read. */
	fetchFailed(fetch: Fetch, now: number): void {
		if (this.#buffer.fetchFailed(fetch, now)) return;
		this.#sequencers.get(fetch.region)?.end(fetch, false, now);
		this.#take();
	}

	/** Frees memory after the last viewer left the topic. */
	close(): void {
		this.#buffer.close();
	}

	/** The cursor of `position`. */
	get #cursor(): string {
		return encodeCursor(this.#topic, this.position.positions);
	}

	/** Returns the sequencer of a region and epoch, which ends an earlier one; undefined for an old one. */
	#sequencerOf(region: string, epoch: number): LogSequencer | undefined {
		const known = this.#sequencers.get(region);
		// mutant: begins-new-epoch
		if (known !== undefined && epoch <= known.epoch) return epoch === known.epoch ? known : undefined;
		const sequencer = new LogSequencer(region, epoch, this.#begun, known);
		this.#sequencers.set(region, sequencer);
		return sequencer;
	}

	#take(): void {
		for (const sequencer of this.#sequencers.values()) {
			for (const one of sequencer.take()) {
				this.#pending.push(one);
				if (one.event === undefined && one.reason === 'restored') this.#forgetDeletions(one.region);
				const deletion = one.event && deletionOf(one.event);
				if (deletion !== undefined) this.#erase(erasedKey(deletion), one.region);
			}
		}
	}

	/** Forgets deletions that a restored store may have lost; it erases itself what it still deletes. */
	#forgetDeletions(restored: string): void {
		for (const [key, region] of this.#deleted) if (region === restored) this.#deleted.delete(key);
	}

	#erase(key: string, region: string): void {
		this.#buffer.erase(key);
		this.#deleted.set(key, region);
	}

	#entriesOf(pending: readonly Ordered[], now: number): Entry[] {
		const comments = pending.filter(isComment).map(({ event }) => event);
		const shown = this.#sampler.choose(comments, now);
		const sampled = this.#sampler.sampled(shown.size, comments.length);
		return pending.map((one) => entryOf(one, this.#shownOf(one, shown, sampled)));
	}

	#shownOf(one: Ordered, shown: ReadonlySet<LogEvent>, sampled: Thinned | undefined): StreamEvent | undefined {
		if (one.event === undefined) return { event: 'gap', data: { topic: topicName(this.#topic), reason: one.reason } };
		const { region, event } = one;
		if (event.kind !== 'comment') return this.#eventOf(region, event);
		return shown.has(event) ? this.#eventOf(region, event, sampled) : undefined;
	}

	#eventOf(region: string, event: LogEvent, sampled?: Thinned): StreamEvent | undefined {
		if (event.kind === 'comment' && this.#deleted.has(commentKey(region, event))) return undefined;
		return LOG_KINDS[event.kind](this.#topic, region, event, sampled);
	}
}

/** Returns the events of one flush in the order of histories; a gap keeps its place. */
function inHistoryOrder(pending: readonly Ordered[]): Ordered[] {
	const sorted: Ordered[] = [];
	let run: Extract<Ordered, { event: LogEvent }>[] = [];
	const endRun = () => {
		run.sort((a, b) => a.event.order - b.event.order || (a.region < b.region ? -1 : 1));
		sorted.push(...run);
		run = [];
	};
	for (const one of pending) {
		if (one.event !== undefined) {
			run.push(one);
			continue;
		}
		endRun();
		sorted.push(one);
	}
	endRun();
	return sorted;
}

function isComment(one: Ordered): one is Extract<Ordered, { event: LogEvent }> {
	return one.event?.kind === 'comment';
}

function entryOf({ region, epoch, offset, event }: Ordered, shown: StreamEvent | undefined): Entry {
	const comment = event?.kind === 'comment' ? commentKey(region, event) : undefined;
	const text = shown === undefined ? '' : encodeEvent<StreamEventName>(shown.event, shown.data);
	return { region, epoch, offset, isGap: event === undefined, order: event?.order ?? 0, comment, text, cursor: '' };
}
