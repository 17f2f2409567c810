import { type Positions, parseCursor } from '../src/delivery/cursor.ts';
import { videoTopic } from '../src/delivery/topic.ts';
import { MAX_FETCHED } from '../src/frontend/log-order.ts';
import { Violation } from './world.ts';
import type { Written, WrittenLog, WrittenLogs } from './written-log.ts';

export interface LogReaderOptions {
	/** Virtual time, in milliseconds. */
	readonly now: () => number;
	/** What the stores wrote. */
	readonly logs: WrittenLogs;
	/** Stores may lack for a while what other regions told viewers already. */
	readonly mayLag: boolean;
	/** Called with every gap. */
	readonly onGap: (reason: string) => void;
}

/** What somebody knows of the log of a video. */
interface Reading {
	/** All that was written since then has to be told; undefined before it was told where it begins. */
	since: number | undefined;
	/** That of the last event, or of where it began. */
	cursor: string | undefined;
	/** The last event of each region, or where it began. */
	readonly last: Map<string, { readonly epoch: number; readonly offset: number }>;
	/** What was told since the last gap, by kind and id. */
	readonly told: Set<string>;
	/** Comments on the screen. */
	readonly shown: Set<string>;
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
	take(kind: Written['kind'], video: string, id: string, cursor: string): void {
		const { logs } = this.#options;
		const reading = this.#reading(video);
		const region = logs.regionOf(kind, id);
		const parsed = parseCursor(cursor);
		const position = region === undefined ? undefined : parsed?.positions.get(region);
		const log = region && position && logs.of(region, position.epoch);
		const written = log ? log.find(kind, id) : undefined;
		const topic = videoTopic(video);
		if (!region || !position || !log || written?.topic !== topic) throw wrong(`nobody wrote ${kind} ${id} on ${video}`);
		if (parsed?.topic !== topic) throw wrong(`the cursor of ${kind} ${id} is of ${parsed?.topic}`);
		if (reading.told.has(`${kind} ${id}`)) throw wrong(`${kind} ${id} on ${video} came twice`);
		if (kind === 'comment' && reading.told.has(`comment-deleted ${id}`)) {
			throw wrong(`comment ${id} on ${video} came though it had been deleted`);
		}
		const passed = this.#standing(log.of(topic).slice(written.offset, position.offset));
		if (passed !== undefined) throw wrong(`the cursor of event ${written.offset} passes over event ${passed.offset}`);
		const missed = this.#missedBefore(reading, region, log, topic, written.offset);
		if (missed !== undefined) throw wrong(`${kind} ${id} on ${video} is ${describe(region, written)}, and ${missed}`);
		reading.last.set(region, { epoch: log.epoch, offset: written.offset });
		reading.told.add(`${kind} ${id}`);
		reading.cursor = cursor;
		if (kind === 'comment') reading.shown.add(id);
		else reading.shown.delete(id);
	}

	/** Was told that something is missing: it reads what was said elsewhere, and begins anew. */
	gap(video: string, reason: string, cursor: string): void {
		const { onGap, mayLag } = this.#options;
		onGap(reason);
		const reading = this.#reading(video);
		if (reason === 'too_old' && !mayLag && !this.#isFarBehind(reading, video))
			throw wrong(`it is not too far behind on ${video}`);
		reading.told.clear();
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
			for (const id of reading.shown) {
				const erasedAt = log.find('comment', id)?.erasedAt;
				if (erasedAt !== undefined && erasedAt >= (reading.since ?? erasedAt))
					return `comment ${id} is deleted, and shown`;
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
			reading = { since: undefined, cursor: undefined, last: new Map(), told: new Set(), shown: new Set() };
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
