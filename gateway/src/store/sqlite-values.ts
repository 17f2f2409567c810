import type { Database } from 'better-sqlite3';
import type { ValueRow, ValuesToKeep } from './value-rows.ts';

/** The values that are stored, in a SQLite database. */
export class SqliteValues {
	readonly #statements: ReturnType<typeof prepareStatements>;

	constructor(database: Database) {
		this.#statements = prepareStatements(database);
	}

	of(topics: readonly string[]): ValueRow[] {
		return topics.flatMap((topic) => this.#statements.of.all(topic));
	}

	/** To be called within a transaction. */
	keep(values: readonly ValuesToKeep[]): void {
		for (const { topic, kind, most, rows } of values) {
			for (const row of rows) this.#statements.keep.run(row);
			const { count } = this.#statements.count.get(topic, kind) ?? { count: 0 };
			if (count > most) this.#statements.forget.run(topic, kind, count - most);
		}
	}
}

function prepareStatements(database: Database) {
	return {
		of: database.prepare<[string], ValueRow>(
			'SELECT topic, kind, key, ord, value, region FROM registers WHERE topic = ?',
		),
		keep: database.prepare<[ValueRow]>(
			`INSERT INTO registers (topic, kind, key, ord, value, region) VALUES ($topic, $kind, $key, $ord, $value, $region)
			ON CONFLICT DO UPDATE SET ord = excluded.ord, value = excluded.value, region = excluded.region
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
