import type { CounterRows } from '../state/counters.ts';
import type { RowKey, ValueKey } from './changes-scan.ts';
import type { ValueRow } from './value-rows.ts';

/** A value, and the transaction that changed it last. */
export type ChangedValue = ValueRow & ValueKey;

/**
 * A page of changes is cut below this, in bytes: it goes from node to node as one body, and is written by the store of
 * another region within the deadline of one request.
 */
const PAGE_BYTES = 128 * 1024;

/** What a page tells. */
interface Page<Key> {
	readonly rows: ReadonlyMap<string, CounterRows>;
	/** Behind which key the next one begins; undefined when there is none. */
	readonly behind: Key | undefined;
}

/** As many as fit of up to `limit` topics. */
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
		// One is always told: a topic that fits nowhere would keep all others waiting.
		if (bytes > PAGE_BYTES && rows.size > 0) return { rows, behind: keys[index - 1] };
		rows.set(topic, likes);
	}
	return { rows, behind: keys.length === limit ? keys.at(-1) : undefined };
}

/** A page of values. */
interface ValuesPage {
	readonly values: readonly ValueRow[];
	/** Behind which value the next one begins; undefined when there is none. */
	readonly behind: ValueKey | undefined;
}

/** As many as fit of up to `limit` values that changed. */
export function fillValues(changed: readonly ChangedValue[], limit: number): ValuesPage {
	let bytes = 0;
	const full = changed.findIndex((row, index) => {
		bytes += JSON.stringify(row).length;
		return bytes > PAGE_BYTES && index > 0;
	});
	const values = full < 0 ? changed : changed.slice(0, full);
	return { values, behind: full < 0 && changed.length < limit ? undefined : values.at(-1) };
}
