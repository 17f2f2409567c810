import type { GapReason } from '@likewire/protocol';
import type { LogEventKind } from '../../../gateway/src/state/log.ts';
import type { SentComment } from '../load/comment-load.ts';
import type { ReceivedEvent } from './viewer-stream.ts';

/** An event of the log of a video, from the store that wrote it. */
export interface WrittenEvent {
	readonly offset: number;
	/** `erased` for a comment that its author deleted later. */
	readonly kind: LogEventKind;
	/** The id of the comment. */
	readonly comment: string;
}

/** The logs by video: one for each store, in the order of its offsets. */
export type Logs = ReadonlyMap<string, readonly (readonly WrittenEvent[])[]>;

/** The newest offset of each log of each video. */
export type Heads = ReadonlyMap<string, readonly number[]>;

/** Returns the newest offset of each log. */
export function headsOf(logs: Logs): Heads {
	return new Map([...logs].map(([video, ofVideo]) => [video, ofVideo.map((log) => log.at(-1)?.offset ?? 0)]));
}

/** Returns the ids of the comments with a deletion in any log. */
function deletedIn(logs: readonly (readonly WrittenEvent[])[]): ReadonlySet<string> {
	return new Set(logs.flat().flatMap(({ kind, comment }) => (kind === 'comment-deleted' ? [comment] : [])));
}

/** Returns the ids of the comments of a video without a deletion. */
export function undeletedIn(logs: readonly (readonly WrittenEvent[])[]): ReadonlySet<string> {
	const deleted = deletedIn(logs);
	const comments = logs.flat().filter(({ kind, comment }) => kind === 'comment' && !deleted.has(comment));
	return new Set(comments.map(({ comment }) => comment));
}

/** The comparison of stored comments with sent comments. */
export interface StoredComments {
	/** Stored comments of the fault, deleted ones included. */
	readonly stored: number;
	/** Accepted comments and deletions that are not stored. */
	readonly lost: number;
	/** Stored more than once. */
	readonly doubled: number;
	/** Stored, but no client sent them. */
	readonly strangers: number;
}

/** Compares all sent comments with the logs. Only `stored` leaves out comments that were sent before `since`. */
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

/** The comparison of received comments with the logs. */
export interface ReceivedComments {
	/** Events of the log that the viewer did not receive, without a gap in their place. */
	readonly missing: number;
	/** Events received again. */
	readonly doubled: number;
	/** Events received after a later one of the same store, or after their deletion. */
	readonly disordered: number;
	/** Received events that no log has. */
	readonly strangers: number;
	/** The number of received gaps by reason. */
	readonly gaps: Readonly<Partial<Record<GapReason, number>>>;
}

interface LogPosition {
	readonly log: number;
	readonly offset: number;
}

const keyOf = (kind: LogEventKind, comment: string) => `${kind === 'erased' ? 'comment' : kind} ${comment}`;

/** Returns whether it is a comment whose deletion was received. */
function isAfterDeletion({ kind, comment }: Pick<WrittenEvent, 'kind' | 'comment'>, seen: ReadonlyMap<string, number>) {
	return kind === 'comment' && seen.has(keyOf('comment-deleted', comment));
}

/** The change of logs by a restore. */
export interface Restoration {
	/** The last unchanged offset of each log: later offsets are assigned again. By default no offset changed. */
	readonly kept?: Heads;
	/** Ids of comments that viewers may have received, and that a store lost. */
	readonly gone?: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** The expected events of one video. */
class ExpectedLog {
	readonly #logs: readonly (readonly WrittenEvent[])[];
	readonly #since: readonly number[];
	readonly #kept: readonly number[];
	readonly #gone: ReadonlySet<string>;
	readonly #deleted: ReadonlySet<string>;
	/** The positions of each event; two for a deletion that two regions carried out. */
	readonly #positions = new Map<string, LogPosition[]>();

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
				this.#positions.set(key, [...(this.#positions.get(key) ?? []), { log, offset }]);
			}
		}
	}

	compare(received: readonly ReceivedEvent[]): ReceivedComments {
		/** The index of the first receipt of each event. */
		const firstAt = new Map<string, number>();
		/** Events received before a restore: their order says nothing about the current log. */
		const outdated = new Set<string>();
		const gaps: Partial<Record<GapReason, number>> = {};
		const gapsAt: number[] = [];
		/** The number of receipts of each event. */
		const seen = new Map<string, number>();
		let newest = [...this.#since];
		const wrong = { doubled: 0, disordered: 0 };
		/** Faults of events with reassigned offsets, which a later gap of the restore excuses. */
		const excusable = { doubled: 0, disordered: 0 };
		let strangers = 0;
		for (const [index, event] of received.entries()) {
			if (event.kind === 'gap') {
				gaps[event.reason] = (gaps[event.reason] ?? 0) + 1;
				gapsAt.push(index);
				if (event.reason === 'restored') {
					for (const key of [...firstAt.keys()].filter((one) => this.#isReassigned(one))) {
						outdated.add(key);
						firstAt.delete(key);
						seen.delete(key);
					}
					newest = newest.map((offset, log) => Math.min(offset, this.#kept[log] ?? Number.POSITIVE_INFINITY));
					Object.assign(excusable, { doubled: 0, disordered: 0 });
				} else if (event.reason === 'unknown_position') {
					// The node has fewer events than the one before, and sends the later events again.
					seen.clear();
					newest = [...this.#since];
				}
				continue;
			}
			const key = keyOf(event.kind, event.comment);
			const positions = this.#positions.get(key) ?? [];
			const [position] = positions;
			const times = (seen.get(key) ?? 0) + 1;
			seen.set(key, times);
			if (!firstAt.has(key)) firstAt.set(key, index);
			const count = this.#isReassigned(key) ? excusable : wrong;
			if (position === undefined) strangers += this.#gone.has(event.comment) ? 0 : 1;
			else if (times > positions.length || positions.every((one) => this.#isOld(one))) count.doubled++;
			else if (positions.length > 1) continue;
			else if (position.offset < (newest[position.log] ?? 0) || isAfterDeletion(event, seen)) count.disordered++;
			else newest[position.log] = position.offset;
		}
		return {
			missing: this.#missing(firstAt, outdated, gapsAt),
			doubled: wrong.doubled + excusable.doubled,
			disordered: wrong.disordered + excusable.disordered,
			strangers,
			gaps,
		};
	}

	/** Returns whether an offset of the event was assigned again after a restore. */
	#isReassigned(key: string): boolean {
		const positions = this.#positions.get(key) ?? [];
		return positions.some(({ log, offset }) => offset > (this.#kept[log] ?? Number.POSITIVE_INFINITY));
	}

	/** Returns whether the event is before the start of the comparison. */
	#isOld({ log, offset }: LogPosition): boolean {
		return offset <= (this.#since[log] ?? 0);
	}

	/** Counts missing events. A gap excuses those between the received events before and after it. */
	#missing(firstAt: ReadonlyMap<string, number>, outdated: ReadonlySet<string>, gapsAt: readonly number[]): number {
		let missing = 0;
		for (const events of this.#logs) {
			let before = -1;
			/** The number of events that were not received since `before`. */
			let waiting = 0;
			const close = (next: number) => {
				if (!gapsAt.some((at) => at > before && at < next)) missing += waiting;
				waiting = 0;
			};
			for (const { kind, comment } of events) {
				const key = keyOf(kind, comment);
				const at = firstAt.get(key);
				if (at === undefined) {
					if (outdated.has(key)) continue;
					// A viewer that resumes after the deletion of a comment receives only the deletion.
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

/** The expected events of all videos. All viewers share one instance, since building it from long logs is slow. */
export class ExpectedLogs {
	readonly #byVideo: ReadonlyMap<string, ExpectedLog>;

	/** @param since the heads of the logs at the start of the comparison. */
	constructor(logs: Logs, since: Heads, { kept, gone }: Restoration = {}) {
		this.#byVideo = new Map(
			[...logs].map(([video, ofVideo]) => [
				video,
				new ExpectedLog(ofVideo, since.get(video) ?? [], kept?.get(video), gone),
			]),
		);
	}

	/** Compares the received events of a video with the logs. */
	compare(video: string, received: readonly ReceivedEvent[]): ReceivedComments {
		return (this.#byVideo.get(video) ?? new ExpectedLog([], [])).compare(received);
	}

	/** Compares the received events of all viewers, and returns the sums. */
	compareAll(
		viewers: readonly {
			readonly videos: readonly string[];
			readonly received: ReadonlyMap<string, readonly ReceivedEvent[]>;
		}[],
	): ReceivedComments {
		let [missing, doubled, disordered, strangers] = [0, 0, 0, 0];
		const gaps: Partial<Record<GapReason, number>> = {};
		for (const { videos, received } of viewers) {
			for (const video of videos) {
				const one = this.compare(video, received.get(video) ?? []);
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
