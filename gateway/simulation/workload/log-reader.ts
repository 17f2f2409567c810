import { MAX_FETCHED } from '../../src/frontend/topic/log-sequencer.ts';
import { type Position, type Positions, parseCursor } from '../../src/state/cursor.ts';
import { videoTopic } from '../../src/state/topics/topic.ts';
import { Violation } from '../node/environment.ts';
import type { CommentName, Written, WrittenLog, WrittenLogs } from '../store/log-history.ts';

export interface LogReaderOptions {
	/** Virtual time, in milliseconds. */
	readonly now: () => number;
	/** What the stores wrote. */
	readonly logs: WrittenLogs;
	/** Stores may lack for a while what other regions told viewers already. */
	readonly mayLag: boolean;
	/** The store did not work when a comment, or its deletion, came from another region. */
	readonly mayReturn: (comment: string) => boolean;
	/** Called with every gap. */
	readonly onGap: (reason: string) => void;
}

/** Where an event that came stands. */
interface Origin {
	readonly region: string;
	readonly log: WrittenLog;
	/** That of the cursor behind it. */
	readonly position: Position;
	readonly written: Written;
}

/** What a viewer knows of the log of a video. */
interface Reading {
	/** All that was written since then has to be told; undefined before it was told where it begins. */
	since: number | undefined;
	/** That of the last event, or of where it began. */
	cursor: string | undefined;
	/** The last event of each region, or where it began. */
	readonly last: Map<string, { readonly epoch: number; readonly offset: number }>;
	/** What was told since the last gap, by kind, region and comment. */
	readonly told: Set<string>;
	/** The comments that it knows to be deleted, by their names. */
	readonly deleted: Set<string>;
	/** Comments on the screen, by their names. */
	readonly shown: Map<string, CommentName>;
}

/**
 * Somebody who reads the comments on videos, over all connections: checks each event against what the stores wrote. Of
 * each region's log they come in their order, each once, and none is left out but those that were deleted, unless a gap
 * says so; also when the reader comes back somewhere else.
 */
export class LogReader {
	readonly #options: LogReaderOptions;
	readonly #readings = new Map<string, Reading>();

	constructor(options: LogReaderOptions) {
		this.#options = options;
	}

	/** Comes to a frontend: gives back where it goes on; undefined when it begins at the end of the log. */
	come(video: string): Positions | undefined {
		const { cursor } = this.#reading(video);
		if (cursor === undefined) this.#readings.delete(video);
		return cursor === undefined ? undefined : parseCursor(cursor)?.positions;
	}

	/** Was told where the log of a video begins: all that is written behind that is to come. */
	begin(video: string, cursor: string): void {
		const { logs, now } = this.#options;
		const topic = videoTopic(video);
		const parsed = parseCursor(cursor);
		if (parsed?.topic !== topic) throw wrong(`the cursor at which ${video} begins is of ${parsed?.topic}`);
		const reading = this.#reading(video);
		reading.last.clear();
		for (const [region, { epoch, offset }] of parsed.positions) {
			if (offset > (logs.of(region, epoch)?.of(topic).length ?? 0))
				throw wrong(`${video} begins where nobody wrote yet`);
			reading.last.set(region, { epoch, offset });
		}
		reading.cursor = cursor;
		reading.since = now();
	}

	/** Was told something. Throws a {@link Violation} when that cannot be. */
	take(kind: Written['kind'], video: string, name: CommentName, cursor: string): void {
		const { id, user } = name;
		const reading = this.#reading(video);
		const parsed = parseCursor(cursor);
		const topic = videoTopic(video);
		if (parsed?.topic !== topic) throw wrong(`the cursor of ${kind} ${id} is of ${parsed?.topic}`);
		const origin = this.#originOf(kind, topic, name, reading, parsed.positions);
		if (origin === undefined) throw wrong(`${kind} ${id} of ${user} on ${video} is in no log up to its cursor`);
		const { region, log, position, written } = origin;
		const told = `${kind} ${region} ${id} ${user}`;
		if (reading.told.has(told)) throw wrong(`${kind} ${id} on ${video} came twice`);
		const isDeleted = kind === 'comment' && reading.deleted.has(`${id} ${user}`);
		if (isDeleted && !this.#options.mayReturn(`${id} ${user}`)) {
			throw wrong(`comment ${id} on ${video} came though it had been deleted`);
		}
		const passed = this.#standing(log.of(topic).slice(written.offset, position.offset));
		if (passed !== undefined) throw wrong(`the cursor of event ${written.offset} passes over event ${passed.offset}`);
		const missed = this.#missedBefore(reading, region, log, topic, written.offset);
		if (missed !== undefined) throw wrong(`${kind} ${id} on ${video} is ${describe(region, written)}, and ${missed}`);
		reading.last.set(region, { epoch: log.epoch, offset: written.offset });
		reading.told.add(told);
		reading.cursor = cursor;
		// A viewer that knows the deletion does not show the comment.
		if (isDeleted) return;
		if (kind === 'comment') reading.shown.set(`${id} ${user}`, name);
		else {
			reading.shown.delete(`${id} ${user}`);
			reading.deleted.add(`${id} ${user}`);
		}
	}

	/** The log that an event comes from: the cursor behind it has passed it, and the one before had not. */
	#originOf(kind: Written['kind'], topic: string, name: CommentName, { last }: Reading, positions: Positions) {
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

	/** Was told that something is missing: it reads what was said elsewhere, and begins anew. */
	gap(video: string, reason: string, cursor: string): void {
		const { onGap, mayLag } = this.#options;
		onGap(reason);
		const reading = this.#reading(video);
		if (reason === 'too_old' && !mayLag && !this.#isFarBehind(reading, video))
			throw wrong(`it is not too far behind on ${video}`);
		reading.told.clear();
		reading.deleted.clear();
		reading.shown.clear();
		this.begin(video, cursor);
	}

	/** What of a video it was not told, though nothing is under way any more; undefined when nothing. */
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

	/** Whether a region wrote more since the reader's last event than is fetched. */
	#isFarBehind({ last }: Reading, video: string): boolean {
		return this.#options.logs.current().some(([region, log]) => {
			return log.of(videoTopic(video)).length - (last.get(region)?.offset ?? 0) > MAX_FETCHED;
		});
	}

	/** What is missing of a log before an offset; undefined when nothing. */
	#missedBefore(
		{ last, since }: Reading,
		region: string,
		log: WrittenLog,
		topic: string,
		end: number,
	): string | undefined {
		const known = last.get(region);
		const events = log.of(topic);
		if (known !== undefined && known.offset > 0 && known.epoch !== log.epoch) {
			return `it was told no gap when ${region} was restored`;
		}
		if (known !== undefined && end <= known.offset) return `event ${known.offset} came before`;
		const missed =
			known === undefined
				? this.#standing(events.filter(({ offset, at }) => offset < end && at > (since ?? at)))
				: this.#standing(events.slice(known.offset, Math.min(events.length, end - 1)));
		return missed && `${describe(region, missed)} did not come`;
	}

	/** The first that stands. */
	#standing(events: readonly Written[]): Written | undefined {
		return events.find(({ erasedAt }) => erasedAt === undefined);
	}

	#reading(video: string): Reading {
		let reading = this.#readings.get(video);
		if (reading === undefined) {
			reading = {
				since: undefined,
				cursor: undefined,
				last: new Map(),
				told: new Set(),
				deleted: new Set(),
				shown: new Map(),
			};
			this.#readings.set(video, reading);
		}
		return reading;
	}
}

function describe(region: string, { offset }: Written): string {
	return `event ${offset} of ${region}`;
}

function wrong(what: string): Violation {
	return new Violation(what);
}
