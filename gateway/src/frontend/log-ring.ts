import { withId } from '@likewire/protocol';
import type { Position, Positions } from '../delivery/cursor.ts';
import { commentKey, type LogEvent } from '../delivery/log.ts';

/** Most events of a topic that are kept as they came, … */
export const MAX_LIVE = 1_000;

/** … most together with older ones that were fetched for who came back late, … */
export const MAX_KEPT = 2_000;

/** … and most characters of text of all of them. */
export const MAX_LENGTH = 1024 * 1024;

/** An event in the order in which viewers are told, or a gap, as text for the wire. */
export interface Entry {
	readonly region: string;
	readonly epoch: number;
	/** That of the event, or of the last one that is missing. */
	readonly offset: number;
	/** Undefined for a gap. */
	readonly event: LogEvent | undefined;
	/** Without its id. Empty when nothing is told. */
	text: string;
	/** Its id on a stream that was told everything before it: how far the logs of all regions are. */
	cursor: string;
}

/** The text of an entry with its id. */
export function textOf({ text, cursor }: Entry, id = cursor): string {
	return text === '' ? '' : withId(id, text);
}

/**
 * The newest of what viewers of a topic were told of its logs. Each entry has a number, one more than that of the entry
 * before it. In front there may be older ones, that were fetched: they are not numbered, and found by position only.
 */
export class LogRing {
	/** The number of the next entry. */
	end = 0;
	#entries: Entry[] = [];
	/** How many of the entries were fetched. */
	#fetched = 0;
	#length = 0;
	/** Where what is here of a region begins: everything behind it is here. */
	readonly #starts = new Map<string, Position>();

	/** The number of the first entry that is still here. */
	get start(): number {
		return this.end - (this.#entries.length - this.#fetched);
	}

	/** How many older events there is room for. */
	get room(): number {
		return MAX_KEPT - this.#entries.length;
	}

	/** The position behind which everything of a region is here; undefined when nothing of it ever was. */
	startOf(region: string): Position | undefined {
		return this.#starts.get(region);
	}

	add(entry: Entry): void {
		const { region, epoch, offset, event } = entry;
		const start = this.#starts.get(region);
		if (start === undefined || start.epoch < epoch) {
			this.#starts.set(region, { epoch, offset: event === undefined ? offset : offset - 1 });
		}
		this.#entries.push(entry);
		this.#length += entry.text.length;
		this.end++;
		this.#trim();
	}

	/** Puts events of a region in front that end where it begins. */
	prepend(region: string, entries: readonly Entry[]): void {
		const [first] = entries;
		if (first === undefined) return;
		this.#starts.set(region, { epoch: first.epoch, offset: first.offset - 1 });
		this.#entries = [...entries, ...this.#entries];
		this.#fetched += entries.length;
		for (const { text } of entries) this.#length += text.length;
		this.#trim();
	}

	/** The text of a deleted comment is sent no more. `key`: see {@link commentKey}. */
	erase(key: string): void {
		for (const entry of this.#entries) {
			const { region, event } = entry;
			if (event?.kind !== 'comment' || commentKey(region, event) !== key) continue;
			this.#length -= entry.text.length;
			// mutant: forgets-erased-text
			entry.text = '';
		}
	}

	/** The text of all entries from this number on. */
	textFrom(number: number): string {
		let text = '';
		for (let index = number - this.start + this.#fetched; index < this.#entries.length; index++) {
			const entry = this.#entries[index];
			if (entry !== undefined) text += textOf(entry);
		}
		return text;
	}

	/** The entries behind positions, in their order; of regions and epochs that those name. */
	*behind(positions: Positions): Iterable<Entry> {
		for (const entry of this.#entries) {
			const known = positions.get(entry.region);
			if (known?.epoch === entry.epoch && entry.offset > known.offset) yield entry;
		}
	}

	#trim(): void {
		const isFull = () => {
			const most = this.#fetched > 0 ? MAX_KEPT : MAX_LIVE;
			return this.#entries.length > most || (this.#length > MAX_LENGTH && this.#entries.length > 1);
		};
		while (isFull()) {
			const entry = this.#entries.shift();
			if (entry === undefined) return;
			this.#length -= entry.text.length;
			if (this.#fetched > 0) this.#fetched--;
			const { region, epoch, offset } = entry;
			if (this.#starts.get(region)?.epoch === epoch) this.#starts.set(region, { epoch, offset });
		}
	}
}
