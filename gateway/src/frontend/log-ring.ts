import { withId } from '@likewire/protocol';
import type { Position, Positions } from '../delivery/cursor.ts';
import { commentKey, type LogEvent } from '../delivery/log.ts';

/** Most events of a topic that are kept, … */
export const MAX_KEPT = 1_000;

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
 * before it.
 */
export class LogRing {
	/** The number of the next entry. */
	end = 0;
	#entries: Entry[] = [];
	#length = 0;
	/** Where what is here of a region begins: everything behind it is here. */
	readonly #starts = new Map<string, Position>();

	/** The number of the first entry that is still here. */
	get start(): number {
		return this.end - this.#entries.length;
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
		for (let index = number - this.start; index < this.#entries.length; index++) {
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
}
