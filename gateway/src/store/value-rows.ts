import type { Register } from '../state/kinds/register.ts';
import { KINDS } from '../state/kinds/registry.ts';
import { storedOf, type Values } from '../state/registers.ts';

/** The row of a value in a database. */
export interface ValueRow {
	readonly topic: string;
	readonly kind: string;
	readonly key: string;
	readonly ord: number;
	/** JSON. */
	readonly value: string;
	/** The region of its origin. */
	readonly region: string;
}

/** Values of one kind and topic to store. */
export interface ValuesToKeep {
	readonly topic: string;
	readonly kind: string;
	/** The most values of this kind that a topic may have. */
	readonly most: number;
	readonly rows: readonly ValueRow[];
}

/** Returns the values of stored kinds, in the order of topics, kinds and keys. */
export function spreadValues(valuesByTopic: ReadonlyMap<string, Values>): ValuesToKeep[] {
	return [...valuesByTopic].sort(byName).flatMap(([topic, values]) =>
		Object.entries(storedOf(values) ?? {})
			.sort(byName)
			.map(([kind, registers]) => {
				const rows = Object.entries<Register>(registers)
					.sort(byName)
					.map(([key, { order, value, from }]) => {
						return { topic, kind, key, ord: order, value: JSON.stringify(value), region: from };
					});
				return { topic, kind, most: KINDS[kind]?.maxKeys ?? 0, rows };
			}),
	);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
	return a < b ? -1 : 1;
}

/** Returns the values of rows by topic, without kinds that are not stored any more. */
export function gatherValues(rows: Iterable<ValueRow>): Map<string, Values> {
	const gathered = new Map<string, Record<string, Record<string, Register>>>();
	for (const { topic, kind, key, ord, value, region } of rows) {
		const values = gathered.get(topic) ?? {};
		gathered.set(topic, values);
		values[kind] ??= {};
		values[kind][key] = { order: ord, value: JSON.parse(value) as unknown, from: region };
	}
	const known = [...gathered].flatMap(([topic, all]): [string, Values][] => {
		const values = storedOf(all);
		return values === undefined ? [] : [[topic, values]];
	});
	return new Map(known);
}
