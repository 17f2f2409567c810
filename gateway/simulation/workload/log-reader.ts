import { MAX_FETCHED } from '../../src/frontend/topic/log-sequencer.ts';
import { type Position, type Positions, parseCursor } from '../../src/state/cursor.ts';
import { videoTopic } from '../../src/state/topics/topic.ts';
import { Violation } from '../engine/violation.ts';
import type { CommentName, LogHistories, LogHistory, WrittenEvent } from '../store/log-history.ts';

export interface LogReaderOptions {
	/** Returns virtual time, in milliseconds. */
	readonly now: () => number;
	/** The logs that the stores wrote. */
	readonly logs: LogHistories;
	/** Whether stores may miss for a while comments of other regions that viewers have received. */
	readonly mayLag: boolean;
	/** Returns whether the store did not work when a comment, or its deletion, came from another region. */
	readonly mayReturn: (comment: string) => boolean;
	/** Called with every gap. */
	readonly onGap: (reason: string) => void;
}

/** The place of an event in the logs. */
interface Origin {
	readonly region: string;
	readonly log: LogHistory;
	/** The position of its region in the cursor behind it. */
	readonly position: Position;
	readonly written: WrittenEvent;
}

/** What a viewer has received of the log of a video. */
interface Reading {
	/** The viewer must receive all events since then; undefined until it knows where the log begins. */
	since: number | undefined;
	/** The cursor of the last event, or of the beginning. */
	cursor: string | undefined;
	/** The last event of each region, or the beginning. */
	readonly last: Map<string, { readonly epoch: number; readonly offset: number }>;
	/** The events since the last gap, by kind, region and comment. */
	readonly received: Set<string>;
	/** The names of comments whose deletion the viewer received. */
	readonly deleted: Set<string>;
	/** The comments on the screen, by their names. */
	readonly shown: Map<string, CommentName>;
}

/**
 * Checks the comments that a viewer receives, over all its connections, against what the stores wrote.
 * The events of each region's log must come in order, each once. None may be missing except deleted
 * comments, unless a gap says so. This also holds when the viewer comes back at another node.
 */
export class LogReader {
	readonly #options: LogReaderOptions;
	readonly #readings = new Map<string, Reading>();

	constructor(options: LogReaderOptions) {
		this.#options = options;
	}

	/**
	 * Returns the positions from which a new connection resumes; undefined when it begins at the end of
	 * the log.
	 */
	come(video: string): Positions | undefined {
		const { cursor } = this.#reading(video);
		if (cursor === undefined) this.#readings.delete(video);
		return cursor === undefined ? undefined : parseCursor(cursor)?.positions;
	}

	/** Takes the cursor at which the log of a video begins: the viewer must receive all events behind it. */
	begin(video: string, cursor: string): void {
		const { logs, now } = this.#options;
		const topic = videoTopic(video);
		const parsed = parseCursor(cursor);
		if (parsed?.topic !== topic) throw wrong(`the cursor at which ${video} begins is of ${parsed?.topic}`);
		const reading = this.#reading(video);
		reading.last.clear();
		for (const [region, { epoch, offset }] of parsed.positions) {
			if (offset > (logs.of(region, epoch)?.of(topic).length ?? 0))
				throw wrong(`${video} begins behind the end of the log`);
			reading.last.set(region, { epoch, offset });
		}
		reading.cursor = cursor;
		reading.since = now();
	}

	/** Takes an event. Throws a {@link Violation} when it must not come. */
	take(kind: WrittenEvent['kind'], video: string, name: CommentName, cursor: string): void {
		const { id, user } = name;
		const reading = this.#reading(video);
		const parsed = parseCursor(cursor);
		const topic = videoTopic(video);
		if (parsed?.topic !== topic) throw wrong(`the cursor of ${kind} ${id} is of ${parsed?.topic}`);
		const origin = this.#originOf(kind, topic, name, reading, parsed.positions);
		if (origin === undefined) throw wrong(`${kind} ${id} of ${user} on ${video} is in no log up to its cursor`);
		const { region, log, position, written } = origin;
		const key = `${kind} ${region} ${id} ${user}`;
		if (reading.received.has(key)) throw wrong(`${kind} ${id} on ${video} came twice`);
		const isDeleted = kind === 'comment' && reading.deleted.has(`${id} ${user}`);
		if (isDeleted && !this.#options.mayReturn(`${id} ${user}`)) {
			throw wrong(`comment ${id} on ${video} came though it had been deleted`);
		}
		const passed = this.#standing(log.of(topic).slice(written.offset, position.offset));
		if (passed !== undefined) throw wrong(`the cursor of event ${written.offset} passes over event ${passed.offset}`);
		const missed = this.#missedBefore(reading, region, log, topic, written.offset);
		if (missed !== undefined) throw wrong(`${kind} ${id} on ${video} is ${describe(region, written)}, and ${missed}`);
		reading.last.set(region, { epoch: log.epoch, offset: written.offset });
		reading.received.add(key);
		reading.cursor = cursor;
		// A viewer that has received the deletion does not show the comment.
		if (isDeleted) return;
		if (kind === 'comment') reading.shown.set(`${id} ${user}`, name);
		else {
			reading.shown.delete(`${id} ${user}`);
			reading.deleted.add(`${id} ${user}`);
		}
	}

	/**
	 * Returns the log that an event comes from: the cursor behind it has passed it, and the one before had
	 * not.
	 */
	#originOf(kind: WrittenEvent['kind'], topic: string, name: CommentName, { last }: Reading, positions: Positions) {
		let passed: Origin | undefined;
		for (const [region, position] of positions) {
			const log = this.#options.logs.of(region, position.epoch);
			const written = log?.find(kind, name);
			if (log === undefined || written?.topic !== topic || written.offset > position.offset) continue;
			const origin = { region, log, position, written };
			const known = last.get(region);
			if (known?.epoch !== position.epoch || written.offset > known.offset) return origin;
			passed = origin;
		}
		return passed;
	}

	/** Takes a gap: the viewer reads the comments again, and the log begins at the cursor. */
	gap(video: string, reason: string, cursor: string): void {
		const { onGap, mayLag } = this.#options;
		onGap(reason);
		const reading = this.#reading(video);
		if (reason === 'too_old' && !mayLag && !this.#isFarBehind(reading, video))
			throw wrong(`it is not too far behind on ${video}`);
		reading.received.clear();
		reading.deleted.clear();
		reading.shown.clear();
		this.begin(video, cursor);
	}

	/** Returns what is missing of a video once no message is under way; undefined when the viewer has all. */
	missing(video: string): string | undefined {
		const reading = this.#reading(video);
		const topic = videoTopic(video);
		for (const [region, log] of this.#options.logs.current()) {
			const missed = this.#missedBefore(reading, region, log, topic, Number.POSITIVE_INFINITY);
			if (missed !== undefined) return `of ${video} ${missed}`;
			for (const name of reading.shown.values()) {
				const erasedAt = log.find('comment', name)?.erasedAt;
				if (erasedAt !== undefined && erasedAt >= (reading.since ?? erasedAt))
					return `comment ${name.id} is deleted, and shown`;
			}
		}
		return undefined;
	}

	/** Returns whether a region wrote more events since the viewer's last one than a frontend fetches. */
	#isFarBehind({ last }: Reading, video: string): boolean {
		return this.#options.logs.current().some(([region, log]) => {
			return log.of(videoTopic(video)).length - (last.get(region)?.offset ?? 0) > MAX_FETCHED;
		});
	}

	/** Returns what is missing of a log before an offset; undefined when nothing is. */
	#missedBefore(
		{ last, since }: Reading,
		region: string,
		log: LogHistory,
		topic: string,
		end: number,
	): string | undefined {
		const known = last.get(region);
		const events = log.of(topic);
		if (known !== undefined && known.offset > 0 && known.epoch !== log.epoch) {
			return `no gap came when ${region} was restored`;
		}
		if (known !== undefined && end <= known.offset) return `event ${known.offset} came before`;
		const missed =
			known === undefined
				? this.#standing(events.filter(({ offset, at }) => offset < end && at > (since ?? at)))
				: this.#standing(events.slice(known.offset, Math.min(events.length, end - 1)));
		return missed && `${describe(region, missed)} did not come`;
	}

	/** Returns the first event that is not deleted. */
	#standing(events: readonly WrittenEvent[]): WrittenEvent | undefined {
		return events.find(({ erasedAt }) => erasedAt === undefined);
	}

	#reading(video: string): Reading {
		let reading = this.#readings.get(video);
		if (reading === undefined) {
			reading = {
				since: undefined,
				cursor: undefined,
				last: new Map(),
				received: new Set(),
				deleted: new Set(),
				shown: new Map(),
			};
			this.#readings.set(video, reading);
		}
		return reading;
	}
}

function describe(region: string, { offset }: WrittenEvent): string {
	return `event ${offset} of ${region}`;
}

function wrong(what: string): Violation {
	return new Violation(what);
}
