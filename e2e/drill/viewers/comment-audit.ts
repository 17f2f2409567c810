import type { GapReason } from '@likewire/protocol';
import type { LogEventKind } from '../../../gateway/src/delivery/log.ts';
import type { SentComment } from '../load/comment-load.ts';
import type { Told } from './viewer-stream.ts';

/** An event of a video's log, as the store that wrote it has it. */
export interface WrittenEvent {
	readonly offset: number;
	/** A comment that was deleted since is `erased`. */
	readonly kind: LogEventKind;
	/** The comment that it is about. */
	readonly comment: string;
}

/** The logs of videos, each in the order of its offsets: one for each store that wrote. */
export type Logs = ReadonlyMap<string, readonly (readonly WrittenEvent[])[]>;

/** How far each log of each video has come. */
export type Heads = ReadonlyMap<string, readonly number[]>;

/** The offsets of the newest events. */
export function headsOf(logs: Logs): Heads {
	return new Map([...logs].map(([video, ofVideo]) => [video, ofVideo.map((log) => log.at(-1)?.offset ?? 0)]));
}

/** Comments that somebody deleted, wherever that was written. */
function deletedIn(logs: readonly (readonly WrittenEvent[])[]): ReadonlySet<string> {
	return new Set(logs.flat().flatMap(({ kind, comment }) => (kind === 'comment-deleted' ? [comment] : [])));
}

/** The comments of a video that stand. */
export function standingIn(logs: readonly (readonly WrittenEvent[])[]): ReadonlySet<string> {
	const deleted = deletedIn(logs);
	const comments = logs.flat().filter(({ kind, comment }) => kind === 'comment' && !deleted.has(comment));
	return new Set(comments.map(({ comment }) => comment));
}

/** How the comments of a store compare to those that were sent. */
export interface StoredComments {
	/** Comments of the fault that are stored, with those that were deleted since. */
	readonly stored: number;
	/** Accepted, as a comment or as its deletion, and not stored. */
	readonly lost: number;
	/** Stored more than once. */
	readonly doubled: number;
	/** Stored, though nobody sent them. */
	readonly strangers: number;
}

/** Compares all comments that were ever sent with the logs; `since` leaves earlier ones out of `stored` alone. */
export function auditComments(sent: ReadonlyMap<string, SentComment>, logs: Logs, since: number): StoredComments {
	const counts = new Map<string, number>();
	const deleted = deletedIn([...logs.values()].flat());
	for (const { kind, comment } of [...logs.values()].flat(2)) {
		if (kind !== 'comment-deleted') counts.set(comment, (counts.get(comment) ?? 0) + 1);
	}
	let stored = 0;
	let lost = 0;
	for (const { id, sentAt, acceptedAt, deletedAt } of sent.values()) {
		const isStored = counts.has(id);
		if (acceptedAt !== undefined && !isStored) lost++;
		if (deletedAt !== undefined && !deleted.has(id)) lost++;
		if (isStored && sentAt >= since) stored++;
	}
	let doubled = 0;
	let strangers = 0;
	for (const [id, count] of counts) {
		doubled += count - 1;
		if (!sent.has(id)) strangers++;
	}
	return { stored, lost, doubled, strangers };
}

/** What viewers were told of comments, compared with what is written. */
export interface ToldComments {
	/** Written, never told, and no gap said so. */
	readonly missing: number;
	/** Told again. */
	readonly doubled: number;
	/** Told after a later one of the same store, or after its own deletion. */
	readonly disordered: number;
	/** Told, and written nowhere. */
	readonly strangers: number;
	/** How often a gap was told, by its reason. */
	readonly gaps: Readonly<Partial<Record<GapReason, number>>>;
}

interface Place {
	readonly log: number;
	readonly offset: number;
}

const keyOf = (kind: LogEventKind, comment: string) => `${kind === 'erased' ? 'comment' : kind} ${comment}`;

/** Whether it is a comment of which the deletion was told. */
function isAfterEnd({ kind, comment }: Pick<WrittenEvent, 'kind' | 'comment'>, seen: ReadonlyMap<string, number>) {
	return kind === 'comment' && seen.has(keyOf('comment-deleted', comment));
}

/** What became of logs whose store was restored. */
export interface Restoration {
	/** How far each log of each video is as it was: the numbers behind that were given again. All of it when not given. */
	readonly kept?: Heads;
	/** Comments of which something may have been told that a store lost. */
	readonly gone?: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** What should be told of one video. */
class Script {
	readonly #logs: readonly (readonly WrittenEvent[])[];
	readonly #since: readonly number[];
	readonly #kept: readonly number[];
	readonly #gone: ReadonlySet<string>;
	readonly #deleted: ReadonlySet<string>;
	/** Two where a deletion was carried out in two regions. */
	readonly #places = new Map<string, Place[]>();

	constructor(
		logs: readonly (readonly WrittenEvent[])[],
		since: readonly number[],
		kept: readonly number[] = [],
		gone: ReadonlySet<string> = NONE,
	) {
		this.#logs = logs.map((log, index) => log.filter(({ offset }) => offset > (since[index] ?? 0)));
		this.#since = since;
		this.#kept = kept;
		this.#gone = gone;
		this.#deleted = deletedIn(logs);
		for (const [log, events] of logs.entries()) {
			for (const { offset, kind, comment } of events) {
				const key = keyOf(kind, comment);
				this.#places.set(key, [...(this.#places.get(key) ?? []), { log, offset }]);
			}
		}
	}

	compare(told: readonly Told[]): ToldComments {
		/** When each event was told first, as its index. */
		const toldAs = new Map<string, number>();
		/** Told before their store was restored: when that was says nothing of their place in the log that there is now. */
		const outdated = new Set<string>();
		const gaps: Partial<Record<GapReason, number>> = {};
		const gapsAt: number[] = [];
		/** How often each was told. */
		const seen = new Map<string, number>();
		let newest = [...this.#since];
		const wrong = { doubled: 0, disordered: 0 };
		/** The same of numbers that were given again: wrong, unless a gap says that their store was restored. */
		const inDoubt = { doubled: 0, disordered: 0 };
		let strangers = 0;
		for (const [index, event] of told.entries()) {
			if (event.kind === 'gap') {
				gaps[event.reason] = (gaps[event.reason] ?? 0) + 1;
				gapsAt.push(index);
				if (event.reason === 'restored') {
					for (const key of [...toldAs.keys()].filter((one) => this.#isRewritten(one))) {
						outdated.add(key);
						toldAs.delete(key);
						seen.delete(key);
					}
					newest = newest.map((offset, log) => Math.min(offset, this.#kept[log] ?? Number.POSITIVE_INFINITY));
					Object.assign(inDoubt, { doubled: 0, disordered: 0 });
				} else if (event.reason === 'unknown_position') {
					// It came from a node that knew more, and begins where this one is: what it was told of the rest comes again.
					seen.clear();
					newest = [...this.#since];
				}
				continue;
			}
			const key = keyOf(event.kind, event.comment);
			const places = this.#places.get(key) ?? [];
			const [place] = places;
			const times = (seen.get(key) ?? 0) + 1;
			seen.set(key, times);
			if (!toldAs.has(key)) toldAs.set(key, index);
			const count = this.#isRewritten(key) ? inDoubt : wrong;
			if (place === undefined) strangers += this.#gone.has(event.comment) ? 0 : 1;
			else if (times > places.length || places.every((one) => this.#isOld(one))) count.doubled++;
			else if (places.length > 1) continue;
			else if (place.offset < (newest[place.log] ?? 0) || isAfterEnd(event, seen)) count.disordered++;
			else newest[place.log] = place.offset;
		}
		return {
			missing: this.#missing(toldAs, outdated, gapsAt),
			doubled: wrong.doubled + inDoubt.doubled,
			disordered: wrong.disordered + inDoubt.disordered,
			strangers,
			gaps,
		};
	}

	/** Whether its number, or one of its numbers, was given again after its store was restored. */
	#isRewritten(key: string): boolean {
		const places = this.#places.get(key) ?? [];
		return places.some(({ log, offset }) => offset > (this.#kept[log] ?? Number.POSITIVE_INFINITY));
	}

	/** Whether it was told before what was told was forgotten. */
	#isOld({ log, offset }: Place): boolean {
		return offset <= (this.#since[log] ?? 0);
	}

	/** A gap stands for what is missing if it was told after the last event before that, and before the first one behind. */
	#missing(toldAs: ReadonlyMap<string, number>, outdated: ReadonlySet<string>, gapsAt: readonly number[]): number {
		let missing = 0;
		for (const events of this.#logs) {
			let before = -1;
			/** Not told since `before`. */
			let waiting = 0;
			const close = (next: number) => {
				if (!gapsAt.some((at) => at > before && at < next)) missing += waiting;
				waiting = 0;
			};
			for (const { kind, comment } of events) {
				const key = keyOf(kind, comment);
				const at = toldAs.get(key);
				if (at === undefined) {
					if (outdated.has(key)) continue;
					// Whoever comes back after a comment was deleted is told of the deletion alone.
					if (kind === 'comment-deleted' || !this.#deleted.has(comment)) waiting++;
					continue;
				}
				close(at);
				before = at;
			}
			close(Number.POSITIVE_INFINITY);
		}
		return missing;
	}
}

/** What viewers should be told of comments; one for many viewers, since it is made of long logs. */
export class Scripts {
	readonly #scripts: ReadonlyMap<string, Script>;

	/** @param since how far the logs had come when everybody had been told all, and what they were told was forgotten. */
	constructor(logs: Logs, since: Heads, { kept, gone }: Restoration = {}) {
		this.#scripts = new Map(
			[...logs].map(([video, ofVideo]) => [video, new Script(ofVideo, since.get(video) ?? [], kept?.get(video), gone)]),
		);
	}

	/** Compares what a viewer was told of a video. */
	compare(video: string, told: readonly Told[]): ToldComments {
		return (this.#scripts.get(video) ?? new Script([], [])).compare(told);
	}

	/** The same for all viewers and videos together. */
	compareAll(
		viewers: readonly { readonly videos: readonly string[]; readonly told: ReadonlyMap<string, readonly Told[]> }[],
	): ToldComments {
		let [missing, doubled, disordered, strangers] = [0, 0, 0, 0];
		const gaps: Partial<Record<GapReason, number>> = {};
		for (const { videos, told } of viewers) {
			for (const video of videos) {
				const one = this.compare(video, told.get(video) ?? []);
				missing += one.missing;
				doubled += one.doubled;
				disordered += one.disordered;
				strangers += one.strangers;
				for (const [reason, count] of Object.entries(one.gaps) as [GapReason, number][]) {
					gaps[reason] = (gaps[reason] ?? 0) + count;
				}
			}
		}
		return { missing, doubled, disordered, strangers, gaps };
	}
}
