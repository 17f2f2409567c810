import type { CounterRows } from '../state/counters.ts';
import type { RowKey, ValueKey } from './changes-scan.ts';
import type { ValueRow } from './value-rows.ts';

/** A value with the transaction that last changed it. */
export type ChangedValue = ValueRow & ValueKey;

/**
 * The largest size of a page of changes, in bytes.
 *
 * A page travels between nodes as one body, and the store of another region writes it within the time limit of a request.
 */
const PAGE_BYTES = 128 * 1024;

/** A page of rows. */
interface Page<Key> {
	readonly rows: ReadonlyMap<string, CounterRows>;
	/** The key after which the next page begins; undefined on the last page. */
	readonly behind: Key | undefined;
}

/** Returns a page with the first of at most `limit` topics that fit. */
export function fillPage<Key extends RowKey>(
	keys: readonly Key[],
	limit: number,
	likesOf: (topic: string) => CounterRows,
): Page<Key> {
	const rows = new Map<string, CounterRows>();
	let bytes = 0;
	for (const [index, { topic }] of keys.entries()) {
		const likes = likesOf(topic);
		bytes += JSON.stringify([topic, likes]).length;
		// The first topic is always in: a topic that fits no page would block all others.
		if (bytes > PAGE_BYTES && rows.size > 0) return { rows, behind: keys[index - 1] };
		rows.set(topic, likes);
	}
	return { rows, behind: keys.length === limit ? keys.at(-1) : undefined };
}

interface ValuesPage {
	readonly values: readonly ValueRow[];
	/** The value after which the next page begins; undefined on the last page. */
	readonly behind: ValueKey | undefined;
}

/** Returns a page with the first of at most `limit` changed values that fit. */
export function fillValues(changed: readonly ChangedValue[], limit: number): ValuesPage {
	let bytes = 0;
	const full = changed.findIndex((row, index) => {
		bytes += JSON.stringify(row).length;
		return bytes > PAGE_BYTES && index > 0;
	});
	const values = full < 0 ? changed : changed.slice(0, full);
	return { values, behind: full < 0 && changed.length < limit ? undefined : values.at(-1) };
}
