import type { StreamPace } from '@likewire/protocol';
import { earliest } from '../../runtime/earliest.ts';
import { knowledgeOf, mergeLikes, NO_LIKES } from '../../state/counters.ts';
import { hasLog } from '../../state/cursor.ts';
import { idOf, kindOf } from '../../state/topics/topic.ts';
import { hashState, type Update } from '../../state/update.ts';
import type { LogPage } from '../../store/log-store.ts';
import { type Degradation, degradationOf } from '../load/load-level.ts';
import { Audience, type Subscriber } from './audience.ts';
import { CommentLikesSection } from './comment-likes-section.ts';
import { LikesSection, type Version } from './likes-section.ts';
import type { Step } from './log-buffer.ts';
import { type LogPosition, LogSection } from './log-section.ts';
import { type Fetch, LOST_MS } from './log-sequencer.ts';
import type { LogSupply } from './log-supply.ts';
import type { Resume } from './resume.ts';
import { ValuesSection } from './values-section.ts';
import { WaitingViewers } from './waiting-viewers.ts';

/** What viewers are told of a topic: how far each section of it is. Connections remember which one they were told last. */
export interface TopicState {
	/** Undefined for a topic that has no likes. */
	readonly likes: Version | undefined;
	readonly values: number;
	/** Undefined for a topic that has no comments. */
	readonly comments: number | undefined;
	/** Undefined for who waits for what it missed, and for a topic that has no log. */
	readonly log: LogPosition | undefined;
}

export interface TopicOptions {
	/** At most one frame per viewer in it, in milliseconds. */
	readonly windowMs: number;
	/** Of a flood of comments on a video so many a second are shown; 0 for all. */
	readonly commentsPerSecond: number;
}

/** Viewers of the pace `slow` are told at most once in it, in milliseconds. */
export const SLOW_WINDOW_MS = 1_000;

/** What all topics of a node leave out at present. */
export interface FrameRate {
	readonly degradation: Degradation;
}

const encoder = new TextEncoder();
const NOTHING_MISSED: Step = { frame: new Uint8Array(), next: undefined };

/**
 * A topic with viewers on this node. Updates merge into its sections; a flush makes of them the state that viewers are told.
 * They are told in passes, over two audiences: those of the pace `slow` share a longer window and see states that the
 * others were told.
 */
export class Topic {
	readonly name: string;
	/** Viewers who poll. */
	pollingCount = 0;
	/** Since when nobody follows it, by the monotonic clock; undefined while someone does. */
	idleSince: number | undefined;
	/** What viewers are told: the last flushed state; undefined until all that there is to know was known once. */
	state: TopicState | undefined;
	readonly #audiences: Readonly<Record<StreamPace, Audience<TopicState>>>;
	#rows = NO_LIKES;
	#complete = false;
	/** Readers who are not counted and wait for the first state. */
	readonly #guests = new Set<Subscriber>();
	readonly #likes: LikesSection | undefined;
	readonly #values: ValuesSection;
	readonly #comments: CommentLikesSection | undefined;
	readonly #log: LogSection | undefined;
	/** `state` without the log; made when somebody needs it. */
	#silent: TopicState | undefined;
	readonly #waiting = new WaitingViewers();
	/** Frames to `state`, by the state the viewer was told before; each is encoded once. */
	readonly #frames = new Map<TopicState | undefined, Uint8Array>();
	readonly #pace: FrameRate;
	/** And those to `#silent`. */
	readonly #silentFrames = new Map<TopicState | undefined, Uint8Array>();

	constructor(
		name: string,
		{ windowMs, commentsPerSecond }: TopicOptions,
		pace: FrameRate = { degradation: degradationOf(0) },
		supply?: LogSupply,
	) {
		this.name = name;
		this.#pace = pace;
		this.#audiences = { normal: new Audience(windowMs), slow: new Audience(SLOW_WINDOW_MS) };
		this.#likes = kindOf(name) === 'video' ? new LikesSection(idOf(name)) : undefined;
		this.#values = new ValuesSection(name);
		this.#comments = kindOf(name) === 'video' ? new CommentLikesSection() : undefined;
		this.#log = hasLog(name)
			? new LogSection(name, kindOf(name) === 'video' ? commentsPerSecond : 0, supply)
			: undefined;
	}

	/** The hash of what is known, for the digest; undefined while that is not complete. */
	get hash(): number | undefined {
		if (!this.#complete) return undefined;
		return (hashState({ rows: this.#rows, values: this.#values.values }) ^ (this.#comments?.hash ?? 0)) >>> 0;
	}

	/** Comments whose likes are not known to the end. */
	get unread(): readonly string[] {
		return this.#comments?.unread ?? [];
	}

	/** How many changes are known, complete or not. */
	get revision(): number {
		return knowledgeOf(this.#rows);
	}

	/** Merges news in; old news change nothing, and their sample is not shown again. */
	merge({ rows, complete, sample, at, log, values }: Update): void {
		const merged = mergeLikes(this.#rows, rows);
		if (merged !== this.#rows) {
			this.#likes?.merge(merged, sample, at);
			this.#comments?.raise(merged);
		}
		this.#rows = merged;
		this.#complete ||= complete;
		this.#values.merge(values, this.#pace.degradation.shedsSignals);
		this.#log?.merge(rows, log);
		if (this.#complete) this.#log?.begin();
	}

	/** Merges the likes of a comment in. */
	mergeComment(topic: string, update: Update): void {
		this.#comments?.merge(topic, update);
	}

	/** How many viewers follow it. */
	get viewerCount(): number {
		return this.#audiences.normal.subscribers.size + this.#audiences.slow.subscribers.size + this.pollingCount;
	}

	/** A viewer comes, or changes its pace; it has the newest state, or gets it now. */
	join(subscriber: Subscriber, pace: StreamPace = 'normal'): void {
		for (const audience of Object.values(this.#audiences)) audience.subscribers.delete(subscriber);
		this.#audiences[pace].subscribers.add(subscriber);
	}

	/** A reader comes who is not counted, and leaves once it has the state. */
	welcome(guest: Subscriber): void {
		this.#guests.add(guest);
	}

	/** A viewer or a guest is there no more. */
	leave(subscriber: Subscriber): void {
		this.#guests.delete(subscriber);
		for (const audience of Object.values(this.#audiences)) audience.subscribers.delete(subscriber);
		this.#waiting.leave(subscriber);
	}

	/** When the topic has something to do; undefined when nothing. */
	get dueAt(): number | undefined {
		return earliest(this.#passDueAt, this.#slowPassDueAt, this.#log?.dueAt, this.#waiting.dueAt);
	}

	/** When to begin a pass, or go on with one. */
	get #passDueAt(): number | undefined {
		const { isPassing, opensAt, sentToAll } = this.#audiences.normal;
		if (isPassing) return Number.NEGATIVE_INFINITY;
		if (this.#isFresh || /* mutant: visits-all */ this.state !== sentToAll) return opensAt;
		const due = earliest(this.#values.dueAt, this.#complete ? this.#log?.flushAt : undefined);
		return due === undefined ? undefined : Math.max(due, opensAt);
	}

	/** As `#passDueAt`, for the pace `slow`. What is pending becomes a state in the passes over the others. */
	get #slowPassDueAt(): number | undefined {
		const { subscribers, isPassing, opensAt, sentToAll } = this.#audiences.slow;
		if (isPassing) return Number.NEGATIVE_INFINITY;
		return subscribers.size > 0 && this.state !== sentToAll ? opensAt : undefined;
	}

	/**
	 * Tells up to `budget` viewers the newest state, if the window is open or a pass is under way; gives back what is left
	 * of the budget. A pass that takes several calls tells the later viewers what came in the meantime; the earlier ones
	 * get it in the next pass, which begins when this one is over. So overload makes frames rarer, never older.
	 */
	run(now: number, budget: number): number {
		const { normal, slow } = this.#audiences;
		let left = this.#waiting.run(now, budget);
		if (isDue(this.#slowPassDueAt, now)) {
			if (!slow.isPassing) slow.begin(this.state, now, 1);
			// Half of it: neither audience keeps the other waiting.
			const share = Math.ceil(left / 2);
			left -= share - slow.visit(now, share);
		}
		if (!isDue(this.#passDueAt, now)) return left;
		this.flush(now);
		if (this.state !== undefined) for (const guest of this.#guests) guest.tell(now);
		if (!normal.isPassing) normal.begin(this.state, now, this.#pace.degradation.stretch);
		return normal.visit(now, left);
	}

	/** The longest that a pass took since this was last asked, in milliseconds; the pace `slow` says nothing of load. */
	takeLongestPass(): number {
		return this.#audiences.normal.takeLongestPass();
	}

	/** How many signals were left out since this was last asked. */
	takeShed(): number {
		return this.#values.takeShed();
	}

	/** Makes the state of what is pending, if that is complete and new, without regard to the window. */
	flush(now: number): void {
		if (!this.#complete) return;
		const hasLikes = this.#likes?.flush() ?? false;
		const hasValues = this.#values.flush(now, this.#pace.degradation.shedsSignals);
		const hasComments = this.#comments?.flush() ?? false;
		const hasLog = this.#log?.flush(now) ?? false;
		if (this.state !== undefined && !hasLikes && /* mutant: flushes-values */ !hasValues && !hasComments && !hasLog)
			return;
		const [values, comments] = [this.#values.sequence, this.#comments?.sequence];
		this.state = { likes: this.#likes?.version, values, comments, log: this.#log?.position };
		this.#silent = undefined;
		// mutant: clears-frames
		this.#frames.clear();
		this.#silentFrames.clear();
		this.#waiting.wake();
	}

	/** `state` without the log, for who waits for what it missed there. */
	get silentState(): TopicState | undefined {
		if (this.state !== undefined) this.#silent ??= { ...this.state, log: undefined };
		return this.#silent;
	}

	/** Whether a frame brings who was told that to the current state; else what it missed of the log is replayed. */
	reaches({ log }: TopicState): boolean {
		return log === undefined || this.#log?.reaches(log) !== false;
	}

	/** The frame that brings a viewer who was told `told` to the current state, or the silent one; empty when it misses nothing. */
	frameFrom(told: TopicState | undefined, target = this.state): Uint8Array {
		const isSilent = target !== this.state;
		const frames = isSilent ? this.#silentFrames : this.#frames;
		let frame = frames.get(told);
		if (frame === undefined) {
			const likes = this.#likes?.textFrom(told?.likes, this.#pace.degradation.sampleSize) ?? '';
			const log = isSilent ? '' : (this.#log?.textFrom(told?.log) ?? '');
			const comments = this.#comments?.textFrom(told?.comments, isSilent) ?? '';
			// A comment comes before its likes.
			frame = encoder.encode(likes + log + comments + this.#values.textFrom(told?.values));
			frames.set(told, frame);
		}
		return frame;
	}

	/**
	 * The next step of a viewer who comes back to the log; undefined when it has to wait: it is told when it is worth
	 * another try, and gives up after a second.
	 */
	replay(subscriber: Subscriber, { from, giveUpAt = Number.POSITIVE_INFINITY }: Resume, now: number): Step | undefined {
		if (this.#log === undefined) return NOTHING_MISSED;
		if (typeof from === 'string') return this.#log.gap(from);
		const step = this.#log.replay(from, giveUpAt, now);
		// A viewer who waits on looks again after a while: what it waits for may be lost by then.
		if (step === undefined) this.#waiting.join(subscriber, giveUpAt > now ? giveUpAt : now + LOST_MS);
		return step;
	}

	/** The parts of the log that are to be fetched now; each must come back in `fetched` or `fetchFailed`. */
	takeFetches(now: number): Fetch[] {
		return this.#log?.takeFetches(now) ?? [];
	}

	fetched(fetch: Fetch, page: LogPage, now: number): void {
		this.#log?.fetched(fetch, page, now);
		this.#waiting.wake();
	}

	fetchFailed(fetch: Fetch, now: number): void {
		this.#log?.fetchFailed(fetch, now);
	}

	/** Nobody follows it any more. */
	close(): void {
		this.#log?.close();
	}

	/** Something complete is pending that is in no state yet. */
	get #isFresh(): boolean {
		if (!this.#complete) return false;
		if (this.state === undefined || this.#likes?.isFresh || this.#comments?.isFresh) return true;
		return this.#values.isFresh(this.#pace.degradation.shedsSignals);
	}
}

function isDue(dueAt: number | undefined, now: number): boolean {
	return dueAt !== undefined && dueAt <= now;
}
