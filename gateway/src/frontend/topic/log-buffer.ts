import { withId } from '@likewire/protocol';
import { encodeCursor, type Position, type Positions } from '../../state/cursor.ts';
import type { LogEvent } from '../../state/log.ts';
import type { LogPage } from '../../store/log-store.ts';
import { type Entry, LogPages } from './log-pages.ts';
import type { Fetch } from './log-sequencer.ts';
import type { Kept, RecentBytes } from './recent-bytes.ts';

/** The most events of a topic in memory, … */
export const MAX_KEPT = 1_000;

/** … and the most characters of text of all of them. */
export const MAX_LENGTH = 1024 * 1024;

/** A step of a replay ends with the event that makes it this long, in characters. */
const STEP_LENGTH = 64 * 1024;

const encoder = new TextEncoder();

/** A step of a replay: a frame, and where the viewer is then; undefined once it has all that viewers were sent. */
export interface Step {
	readonly frame: Uint8Array;
	readonly next: Positions | undefined;
}

/** A step that the next viewer who comes back from the same positions shares. */
interface KeptStep extends Step, Kept {}

/**
 * What viewers of a topic were sent of its logs: the newest events in memory, numbered in the order in which they were
 * sent, and older ones in pages of the store. Deterministic.
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
	/** Where what is in memory of a region begins: everything behind it is here. */
	readonly #starts = new Map<string, Position>();
	/** Steps that were made since the last change, by where they begin. */
	readonly #steps = new Map<string, KeptStep>();

	/** `toEntry` makes an entry of an event that the store has; `memory` bounds pages and steps of all topics. */
	constructor(topic: string, memory: RecentBytes, toEntry: (region: string, epoch: number, event: LogEvent) => Entry) {
		this.#topic = topic;
		this.#memory = memory;
		this.#toEntry = toEntry;
		this.#pages = new LogPages(memory);
	}

	/** The number of the first entry that is in memory. */
	get start(): number {
		return this.end - this.#entries.length;
	}

	/** Adds what viewers are sent next. */
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

	/** The text of a deleted comment is sent no more. */
	erase(comment: string): void {
		this.#forgetSteps();
		for (const entry of this.#entries) if (entry.comment === comment) this.#length -= entry.text.length;
		for (const entry of [...this.#entries, ...this.#pages.entries()]) {
			// mutant: forgets-erased-text
			if (entry.comment === comment) entry.text = '';
		}
	}

	/** The text of all entries from this number on. */
	textFrom(number: number): string {
		let text = '';
		for (let index = number - this.start; index < this.#entries.length; index++) {
			const entry = this.#entries[index];
			if (entry !== undefined) text += textOf(entry, entry.cursor);
		}
		return text;
	}

	/** Where memory begins, for the regions of which it has not all that is behind positions. `ends`: how far viewers are. */
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
	 * The next step of a replay from positions; undefined while it waits for a page of the store. `starts`: of those
	 * positions, as {@link startsBehind} has them.
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

	/** The page to fetch now; it must come back in `fetched` or `fetchFailed`. */
	takeFetch(now: number): Fetch | undefined {
		return this.#pages.takeFetch(now);
	}

	/** When `takeFetch` has something to do; undefined while it has not. */
	get dueAt(): number | undefined {
		return this.#pages.dueAt;
	}

	/** The store answered; returns whether this was a page of the buffer. */
	fetched(fetch: Fetch, part: LogPage, now: number): boolean {
		if (!this.#pages.awaits(fetch)) return false;
		const toEntries = (events: readonly LogEvent[]) =>
			events.map((one) => this.#toEntry(fetch.region, part.epoch, one));
		this.#pages.fetched(part, toEntries, now);
		return true;
	}

	/** The store did not answer; returns whether this was a page of the buffer. */
	fetchFailed(fetch: Fetch, now: number): boolean {
		if (!this.#pages.awaits(fetch)) return false;
		this.#pages.fetchFailed(now);
		return true;
	}

	/** No viewer follows the topic any more. */
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
			// A viewer from elsewhere may know more of other regions than was known here when this came.
			const isOwn = isOlder || at.size > 1;
			text += textOf(entry, isOwn ? encodeCursor(this.#topic, at) : entry.cursor);
		}
		return { frame: encoder.encode(text), next: isCut || isOlder ? at : undefined };
	}

	/** The entries in memory behind positions, in their order; of regions and epochs that those name. */
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

/** The text of an entry with its id. */
function textOf({ text }: Entry, cursor: string): string {
	return text === '' ? '' : withId(cursor, text);
}
