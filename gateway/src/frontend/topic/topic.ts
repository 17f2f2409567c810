import type { StreamPace } from '@likewire/protocol';
import { shareFrame } from '../../http/stream/shared-frames.ts';
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

/** What viewers receive of a topic: the version of each section. Connections keep their last one. */
export interface TopicState {
	/** Undefined for a topic without likes. */
	readonly likes: Version | undefined;
	readonly values: number;
	/** Undefined for a topic without comments. */
	readonly comments: number | undefined;
	/** Undefined for a viewer that waits for what it missed, and for a topic without a log. */
	readonly log: LogPosition | undefined;
}

export interface TopicOptions {
	/** A viewer gets at most one frame in this time, in milliseconds. */
	readonly windowMs: number;
	/** The comments of a flood on a video to show each second; 0 for all. */
	readonly commentsPerSecond: number;
}

/** A viewer of the pace `slow` gets at most one frame in this time, in milliseconds. */
export const SLOW_WINDOW_MS = 1_000;

/** What all topics of a node leave out now. */
export interface NodeLoad {
	readonly degradation: Degradation;
}

const encoder = new TextEncoder();
const NOTHING_MISSED: Step = { frame: new Uint8Array(), next: undefined };

/**
 * A topic with viewers on this node. Updates merge into its sections, and a flush makes of them the
 * state for viewers. Passes send it to two audiences: viewers of the pace `slow` share a longer window
 * and get states that the others got before.
 */
export class Topic {
	readonly name: string;
	/** The number of polling viewers. */
	pollingCount = 0;
	/** Since when no viewer follows it, by the monotonic clock; undefined while one does. */
	idleSince: number | undefined;
	/** The last flushed state; undefined until the topic is complete for the first time. */
	state: TopicState | undefined;
	readonly #audiences: Readonly<Record<StreamPace, Audience<TopicState>>>;
	#rows = NO_LIKES;
	#complete = false;
	/** Readers that do not count and wait for the first state. */
	readonly #guests = new Set<Subscriber>();
	readonly #likes: LikesSection | undefined;
	readonly #values: ValuesSection;
	readonly #comments: CommentLikesSection | undefined;
	readonly #log: LogSection | undefined;
	/** `state` without the log; made on demand. */
	#silent: TopicState | undefined;
	readonly #waiting = new WaitingViewers();
	/** Frames to `state`, by the previous state of the viewer; each is encoded once. */
	readonly #frames = new Map<TopicState | undefined, Uint8Array>();
	readonly #load: NodeLoad;
	/** Frames to `#silent`. */
	readonly #silentFrames = new Map<TopicState | undefined, Uint8Array>();

	constructor(
		name: string,
		{ windowMs, commentsPerSecond }: TopicOptions,
		load: NodeLoad = { degradation: degradationOf(0) },
		supply?: LogSupply,
	) {
		this.name = name;
		this.#load = load;
		this.#audiences = { normal: new Audience(windowMs), slow: new Audience(SLOW_WINDOW_MS) };
		this.#likes = kindOf(name) === 'video' ? new LikesSection(idOf(name)) : undefined;
		this.#values = new ValuesSection(name);
		this.#comments = kindOf(name) === 'video' ? new CommentLikesSection() : undefined;
		this.#log = hasLog(name)
			? new LogSection(name, kindOf(name) === 'video' ? commentsPerSecond : 0, supply)
			: undefined;
	}

	/** The hash of the known state, for the digest; undefined while it is not complete. */
	get hash(): number | undefined {
		if (!this.#complete) return undefined;
		return (hashState({ rows: this.#rows, values: this.#values.values }) ^ (this.#comments?.hash ?? 0)) >>> 0;
	}

	/** Comments whose likes are not completely known. */
	get unread(): readonly string[] {
		return this.#comments?.unread ?? [];
	}

	/** The number of known changes, complete or not. */
	get revision(): number {
		return knowledgeOf(this.#rows);
	}

	/** Merges an update; an old one changes nothing, and its sample is not shown again. */
	merge({ rows, complete, sample, at, log, values }: Update): void {
		const merged = mergeLikes(this.#rows, rows);
		if (merged !== this.#rows) {
			this.#likes?.merge(merged, sample, at);
			this.#comments?.raise(merged);
		}
		this.#rows = merged;
		this.#complete ||= complete;
		this.#values.merge(values, this.#load.degradation.shedsSignals);
		this.#log?.merge(rows, log);
		if (this.#complete) this.#log?.begin();
	}

	/** Merges the likes of a comment. */
	mergeComment(topic: string, update: Update): void {
		this.#comments?.merge(topic, update);
	}

	/** The number of viewers that follow it. */
	get viewerCount(): number {
		return this.#audiences.normal.subscribers.size + this.#audiences.slow.subscribers.size + this.pollingCount;
	}

	/** Adds a viewer that has the newest state or gets it now, or changes its pace. */
	join(subscriber: Subscriber, pace: StreamPace = 'normal'): void {
		for (const audience of Object.values(this.#audiences)) audience.subscribers.delete(subscriber);
		this.#audiences[pace].subscribers.add(subscriber);
	}

	/** Adds a reader that does not count, and leaves once it has the state. */
	welcome(guest: Subscriber): void {
		this.#guests.add(guest);
	}

	/** Removes a viewer or a reader. */
	leave(subscriber: Subscriber): void {
		this.#guests.delete(subscriber);
		for (const audience of Object.values(this.#audiences)) audience.subscribers.delete(subscriber);
		this.#waiting.leave(subscriber);
	}

	/** The time of the next run; undefined when nothing is due. */
	get dueAt(): number | undefined {
		return earliest(this.#passDueAt, this.#slowPassDueAt, this.#log?.dueAt, this.#waiting.dueAt);
	}

	/** The time at which a pass begins or continues. */
	get #passDueAt(): number | undefined {
		const { isPassing, opensAt, sentToAll } = this.#audiences.normal;
		if (isPassing) return Number.NEGATIVE_INFINITY;
		if (this.#isFresh || /* mutant: visits-all */ this.state !== sentToAll) return opensAt;
		const due = earliest(this.#values.dueAt, this.#complete ? this.#log?.flushAt : undefined);
		return due === undefined ? undefined : Math.max(due, opensAt);
	}

	/** As `#passDueAt`, for the pace `slow`. Only passes over the other viewers flush what is pending. */
	get #slowPassDueAt(): number | undefined {
		const { subscribers, isPassing, opensAt, sentToAll } = this.#audiences.slow;
		if (isPassing) return Number.NEGATIVE_INFINITY;
		return subscribers.size > 0 && this.state !== sentToAll ? opensAt : undefined;
	}

	/**
	 * Sends up to `budget` viewers the newest state, if the window is open or during a pass; returns the
	 * rest of the budget. During a pass of several calls, later viewers get updates that arrive in
	 * between, and earlier ones get them in the next pass, which begins after this one. So overload makes
	 * frames less frequent, never older.
	 */
	run(now: number, budget: number): number {
		const { normal, slow } = this.#audiences;
		let left = this.#waiting.run(now, budget);
		if (isDue(this.#slowPassDueAt, now)) {
			if (!slow.isPassing) slow.begin(this.state, now);
			// Half of it, so that neither audience delays the other.
			const share = Math.ceil(left / 2);
			left -= share - slow.visit(now, share);
		}
		if (!isDue(this.#passDueAt, now)) return left;
		this.flush(now);
		if (this.state !== undefined) for (const guest of this.#guests) guest.send(now);
		if (!normal.isPassing) normal.begin(this.state, now);
		return normal.visit(now, left);
	}

	/** Returns the longest pass since the last call, in milliseconds; the pace `slow` is no sign of load. */
	takeLongestPass(): number {
		return this.#audiences.normal.takeLongestPass();
	}

	/** Returns the number of signals that were left out since the last call. */
	takeShed(): number {
		return this.#values.takeShed();
	}

	/** Makes a state of what is pending, if that is complete and new, whether or not the window is open. */
	flush(now: number): void {
		if (!this.#complete) return;
		const hasLikes = this.#likes?.flush() ?? false;
		const hasValues = this.#values.flush(now, this.#load.degradation.shedsSignals);
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

	/** `state` without the log, for a viewer that waits for events that it missed there. */
	get silentState(): TopicState | undefined {
		if (this.state !== undefined) this.#silent ??= { ...this.state, log: undefined };
		return this.#silent;
	}

	/** Returns whether a frame brings a viewer from this state to the newest one; else it replays the log. */
	reaches({ log }: TopicState): boolean {
		return log === undefined || this.#log?.reaches(log) !== false;
	}

	/** Returns the frame from `sent` to the newest state, or to the silent one; empty when equal. */
	frameFrom(sent: TopicState | undefined, target = this.state): Uint8Array {
		const isSilent = target !== this.state;
		const frames = isSilent ? this.#silentFrames : this.#frames;
		let frame = frames.get(sent);
		if (frame === undefined) {
			const likes = this.#likes?.textFrom(sent?.likes, this.#load.degradation.sampleSize) ?? '';
			const log = isSilent ? '' : (this.#log?.textFrom(sent?.log) ?? '');
			const comments = this.#comments?.textFrom(sent?.comments, isSilent) ?? '';
			const values = this.#values.textFrom(sent?.values);
			// A comment comes before its likes.
			// Only some may read a conversation, a user or a topic of a server.
			frame = shareFrame(encoder.encode(likes + log + comments + values), kindOf(this.name) === 'video');
			frames.set(sent, frame);
		}
		return frame;
	}

	/**
	 * Returns the next step of a viewer that resumes the log; undefined when it must wait. A waiting
	 * viewer retries when events arrive, and after {@link LOST_MS}.
	 */
	replay(subscriber: Subscriber, { from, giveUpAt = Number.POSITIVE_INFINITY }: Resume, now: number): Step | undefined {
		if (this.#log === undefined) return NOTHING_MISSED;
		if (typeof from === 'string') return this.#log.gap(from);
		const step = this.#log.replay(from, giveUpAt, now);
		// The next try comes after a while: the events may be lost by then.
		if (step === undefined) this.#waiting.join(subscriber, giveUpAt > now ? giveUpAt : now + LOST_MS);
		return step;
	}

	/** Returns what to fetch of the log now; `fetched` or `fetchFailed` takes each outcome. */
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

	/** Frees memory after the last viewer left. */
	close(): void {
		this.#log?.close();
	}

	/** Whether anything complete is pending that no state has. */
	get #isFresh(): boolean {
		if (!this.#complete) return false;
		if (this.state === undefined || this.#likes?.isFresh || this.#comments?.isFresh) return true;
		return this.#values.isFresh(this.#load.degradation.shedsSignals);
	}
}

function isDue(dueAt: number | undefined, now: number): boolean {
	return dueAt !== undefined && dueAt <= now;
}
