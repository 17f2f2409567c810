import { withId } from '@likewire/protocol';
import { encodeCursor, type Position, type Positions } from '../../state/cursor.ts';
import type { LogEvent } from '../../state/log.ts';
import type { LogPage } from '../../store/log-store.ts';
import { type Entry, LogPages } from './log-pages.ts';
import type { Fetch } from './log-sequencer.ts';
import type { Kept, RecentBytes } from './recent-bytes.ts';

/** The most events of a topic in memory. */
export const MAX_KEPT = 1_000;

/** The most characters of text of all events of a topic in memory. */
export const MAX_LENGTH = 1024 * 1024;

/** A step of a replay ends with the event that brings it to this length, in characters. */
const STEP_LENGTH = 64 * 1024;

const encoder = new TextEncoder();

/**
 * A step of a replay: a frame, and the position of the viewer after it; undefined once it has all that
 * viewers received.
 */
export interface Step {
	readonly frame: Uint8Array;
	readonly next: Positions | undefined;
}

/** A step that viewers which resume at the same positions share. */
interface KeptStep extends Step, Kept {}

/**
 * The log events that viewers of a topic received: the newest in memory, numbered in the order of
 * sending, and older ones in pages of the store. Deterministic.
 */
export class LogBuffer {
	/** The number of the next entry. */
	end = 0;
	readonly #topic: string;
	readonly #memory: RecentBytes;
	readonly #toEntry: (region: string, epoch: number, event: LogEvent) => Entry;
	readonly #pages: LogPages;
	#entries: Entry[] = [];
	#length = 0;
	/** The position at which memory begins for each region: all later events are in memory. */
	readonly #starts = new Map<string, Position>();
	/** Steps that were made since the last change, by their first position. */
	readonly #steps = new Map<string, KeptStep>();

	/** `toEntry` makes an entry of an event from the store; `memory` bounds pages and steps of all topics. */
	constructor(topic: string, memory: RecentBytes, toEntry: (region: string, epoch: number, event: LogEvent) => Entry) {
		this.#topic = topic;
		this.#memory = memory;
		this.#toEntry = toEntry;
		this.#pages = new LogPages(memory);
	}

	/** The number of the first entry in memory. */
	get start(): number {
		return this.end - this.#entries.length;
	}

	/** Adds the next entries that viewers receive. */
	add(entries: readonly Entry[]): void {
		this.#forgetSteps();
		for (const entry of entries) {
			const { region, epoch, offset, isGap } = entry;
			const start = this.#starts.get(region);
			if (start === undefined || start.epoch < epoch) {
				this.#starts.set(region, { epoch, offset: isGap ? offset : offset - 1 });
			}
			this.#entries.push(entry);
			this.#length += entry.text.length;
			this.end++;
			this.#trim();
		}
	}

	/** Removes the text of a deleted comment, so that no viewer receives it again. */
	erase(comment: string): void {
		this.#forgetSteps();
		for (const entry of this.#entries) if (entry.comment === comment) this.#length -= entry.text.length;
		for (const entry of [...this.#entries, ...this.#pages.entries()]) {
			// mutant: forgets-erased-text
			if (entry.comment === comment) entry.text = '';
		}
	}

	/** Returns the text of all entries from this number on. */
	textFrom(number: number): string {
		let text = '';
		for (let index = number - this.start; index < this.#entries.length; index++) {
			const entry = this.#entries[index];
			if (entry !== undefined) text += textOf(entry, entry.cursor);
		}
		return text;
	}

	/**
	 * Returns where memory begins, for regions with older events behind the positions. `ends`: the
	 * positions of the viewers.
	 */
	startsBehind(from: Positions, ends: Positions): Map<string, Position> {
		const starts = new Map<string, Position>();
		for (const [region, end] of ends) {
			const known = this.#starts.get(region);
			const start = known?.epoch === end.epoch ? known : end;
			const offset = from.get(region)?.offset ?? 0;
			if (/* mutant: knows-its-start */ offset < start.offset) starts.set(region, start);
		}
		return starts;
	}

	/**
	 * Returns the next step of a replay from positions; undefined while it waits for a page of the store.
	 * `starts` is the result of {@link startsBehind} for these positions.
	 */
	step(from: Positions, starts: Positions): Step | undefined {
		const name = encodeCursor(this.#topic, from);
		const known = this.#steps.get(name);
		if (known !== undefined) {
			this.#memory.touch(known);
			return known;
		}
		const older = starts.size > 0 ? this.#pages.read(from, starts) : /* mutant: replays-in-order */ this.#behind(from);
		if (older === undefined) return undefined;
		const made = this.#makeStep(from, older, starts.size > 0);
		const step: KeptStep = { ...made, bytes: made.frame.length + 512, forget: () => this.#steps.delete(name) };
		this.#steps.set(name, step);
		this.#memory.add(step);
		return step;
	}

	/** Returns the page to fetch now. The caller reports the outcome with `fetched` or `fetchFailed`. */
	takeFetch(now: number): Fetch | undefined {
		return this.#pages.takeFetch(now);
	}

	/** The time of the next `takeFetch`; undefined while it has nothing to fetch. */
	get dueAt(): number | undefined {
		return this.#pages.dueAt;
	}

	/** Takes events from the store; returns whether the buffer had asked for them. */
	fetched(fetch: Fetch, part: LogPage, now: number): boolean {
		if (!this.#pages.awaits(fetch)) return false;
		const toEntries = (events: readonly LogEvent[]) =>
			events.map((one) => this.#toEntry(fetch.region, part.epoch, one));
		this.#pages.fetched(part, toEntries, now);
		return true;
	}

	/** Takes the failure of a read; returns whether it was a page of the buffer. */
	fetchFailed(fetch: Fetch, now: number): boolean {
		if (!this.#pages.awaits(fetch)) return false;
		this.#pages.fetchFailed(now);
		return true;
	}

	/** Frees memory after the last viewer left the topic. */
	close(): void {
		this.#forgetSteps();
		this.#pages.close();
	}

	#makeStep(from: Positions, entries: Iterable<Entry>, isOlder: boolean): Step {
		const at = new Map(from);
		let text = '';
		let isCut = false;
		for (const entry of entries) {
			isCut = text.length >= STEP_LENGTH;
			if (isCut) break;
			at.set(entry.region, { epoch: entry.epoch, offset: entry.offset });
			// A viewer that comes from another node may know more of other regions than this node knew when the entry came.
			const isOwn = isOlder || at.size > 1;
			text += textOf(entry, isOwn ? encodeCursor(this.#topic, at) : entry.cursor);
		}
		return { frame: encoder.encode(text), next: isCut || isOlder ? at : undefined };
	}

	/** Returns the entries in memory behind positions, in order, of the regions and epochs that those name. */
	#behind(from: Positions): Entry[] {
		return this.#entries.filter(({ region, epoch, offset }) => {
			const known = from.get(region);
			return known?.epoch === epoch && offset > known.offset;
		});
	}

	#trim(): void {
		const isFull = () => {
			return this.#entries.length > MAX_KEPT || (this.#length > MAX_LENGTH && this.#entries.length > 1);
		};
		while (isFull()) {
			const entry = this.#entries.shift();
			if (entry === undefined) return;
			this.#length -= entry.text.length;
			const { region, epoch, offset } = entry;
			if (this.#starts.get(region)?.epoch === epoch) this.#starts.set(region, { epoch, offset });
		}
	}

	#forgetSteps(): void {
		for (const step of this.#steps.values()) this.#memory.drop(step);
		this.#steps.clear();
	}
}

/** Returns the text of an entry with its id. */
function textOf({ text }: Entry, cursor: string): string {
	return text === '' ? '' : withId(cursor, text);
}
