import type { Database } from 'better-sqlite3';
import type { ValueRow, ValuesToKeep } from '../value-rows.ts';

/** The stored values, in a SQLite database. */
export class SqliteValues {
	readonly #region: string;
	readonly #statements: ReturnType<typeof prepareStatements>;

	constructor(database: Database, region: string) {
		this.#region = region;
		this.#statements = prepareStatements(database);
	}

	of(topics: readonly string[]): ValueRow[] {
		return topics.flatMap((topic) => this.#statements.of.all(topic));
	}

	/** Raises the clock to a time within a transaction, and returns it. */
	raiseClock(to: number): number {
		this.#statements.raiseClock.run(to, to);
		return this.#statements.clock.get() ?? to;
	}

	/**
	 * Stores values within the transaction `number`.
	 *
	 * Returns whether a value of the store's own region changed.
	 */
	keep(values: readonly ValuesToKeep[], number: number): boolean {
		let isChanged = false;
		for (const { topic, kind, most, rows } of values) {
			for (const row of rows) {
				const changed = row.region === this.#region ? number : null;
				const { changes } = this.#statements.keep.run({ ...row, changed });
				isChanged ||= changed !== null && changes > 0;
			}
			const { count } = this.#statements.count.get(topic, kind) ?? { count: 0 };
			if (count > most) this.#statements.forget.run(topic, kind, count - most);
		}
		return isChanged;
	}
}

function prepareStatements(database: Database) {
	return {
		raiseClock: database.prepare<[number, number]>('UPDATE store SET clock = ? WHERE clock < ?'),
		clock: database.prepare<[], number>('SELECT clock FROM store').pluck(),
		of: database.prepare<[string], ValueRow>(
			'SELECT topic, kind, key, ord, value, region FROM registers WHERE topic = ?',
		),
		keep: database.prepare<[ValueRow & { readonly changed: number | null }]>(
			`INSERT INTO registers (topic, kind, key, ord, value, region, changed)
			VALUES ($topic, $kind, $key, $ord, $value, $region, $changed)
			ON CONFLICT DO UPDATE SET
				ord = excluded.ord, value = excluded.value, region = excluded.region, changed = excluded.changed
			WHERE (excluded.ord, excluded.value) > (ord, value)`,
		),
		count: database.prepare<[string, string], { count: number }>(
			'SELECT count(*) AS count FROM registers WHERE topic = ? AND kind = ?',
		),
		forget: database.prepare(
			`DELETE FROM registers WHERE (topic, kind, key) IN (
				SELECT topic, kind, key FROM registers WHERE topic = ? AND kind = ? ORDER BY ord, key DESC LIMIT ?
			)`,
		),
	};
}
