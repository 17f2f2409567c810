import type { Database } from 'better-sqlite3';
import type { CounterRows } from '../../state/counters.ts';
import { type ChangedValue, fillPage, fillValues } from '../changes-page.ts';
import {
	advanceRowsScan,
	advanceValuesScan,
	type ChangeKey,
	continueScan,
	formatScan,
	parseScan,
	type RowKey,
	type RowsScan,
	type ValuesScan,
} from '../changes-scan.ts';
import type { Position } from '../store.ts';
import type { ChangedRows } from './worker-messages.ts';

/**
 * The changes of a store's own rows and values, in a SQLite database.
 *
 * Each transaction with changes has a number.
 */
export class SqliteChanges {
	readonly #epoch: number;
	readonly #statements: ReturnType<typeof prepareStatements>;
	#last: number;

	constructor(database: Database, epoch: number) {
		this.#epoch = epoch;
		this.#statements = prepareStatements(database);
		this.#last = this.#statements.last.get() ?? 0;
	}

	/** The number of the running transaction, or of the next one: transactions run one after another. */
	get number(): number {
		return this.#last + 1;
	}

	/** Notes that a transaction that wrote its number is durable. */
	done(): void {
		this.#last++;
	}

	/**
	 * Stores the number of a transaction that changes values.
	 *
	 * No later one may reuse it, though their rows may go.
	 */
	note(): void {
		this.#statements.note.run(this.number);
	}

	/** Returns a page of the changes since a position. `likesOf` returns the own rows of a topic. */
	page(since: Position | undefined, limit: number, likesOf: (topic: string) => CounterRows): ChangedRows {
		let scan = this.#scanFrom(since);
		let rows: ReadonlyMap<string, CounterRows> = new Map();
		if (scan.kind !== 'values') {
			const page = fillPage(this.#rowsOf(scan, limit), limit, likesOf);
			rows = page.rows;
			scan = advanceRowsScan(scan, page.behind);
			if (scan.kind !== 'values') return { rows, values: [], next: this.#position(scan), more: true };
		}
		const { ceiling, behind: from } = scan;
		const { values, behind } = fillValues(
			/* mutant: says-changed-values */ this.#statements.values.all({ ...from, ceiling, limit }),
			limit,
		);
		return { rows, values, next: this.#position(advanceValuesScan(scan, behind)), more: behind !== undefined };
	}

	#rowsOf(scan: RowsScan, limit: number): readonly (RowKey | ChangeKey)[] {
		const { all, changed } = this.#statements;
		return scan.kind === 'all' ? all.all({ ...scan, limit }) : changed.all({ ...scan, limit });
	}

	#position(scan: Parameters<typeof formatScan>[0]): Position {
		return { epoch: this.#epoch, at: formatScan(scan) };
	}

	/**
	 * Returns the scan to continue.
	 *
	 * A position of another database means a new scan: this one may be a restored backup.
	 */
	#scanFrom(since: Position | undefined): RowsScan | ValuesScan {
		// Transactions run one after another, so each ends before the next has a number.
		const now = String(this.number);
		const until = this.#statements.lastTopic.get() ?? '';
		const start = { floor: now, ceiling: now, until };
		// mutant: begins-after-restore
		if (since?.epoch !== this.#epoch) return continueScan(undefined, start);
		const scan = parseScan(since.at);
		return continueScan(scan !== undefined && Number(scan.floor) <= Number(now) ? scan : undefined, start);
	}
}

/** The parameters of a page of a scan of rows. */
type PageOf<Kind extends RowsScan['kind']> = RowsScan & { readonly kind: Kind; readonly limit: number };

/** The parameters of a page of a scan of values. */
type ValuesPageOf = ValuesScan['behind'] & Pick<ValuesScan, 'ceiling'> & { readonly limit: number };

function prepareStatements(database: Database) {
	return {
		last: database
			.prepare<[], number>('SELECT max(coalesce((SELECT max(changed) FROM topics), 0), changed) FROM store')
			.pluck(),
		note: database.prepare('UPDATE store SET changed = ?'),
		lastTopic: database.prepare<[], string | null>('SELECT max(topic) FROM topics').pluck(),
		all: database.prepare<[PageOf<'all'>], RowKey>(
			'SELECT topic FROM topics WHERE topic > $topic AND topic <= $until ORDER BY topic LIMIT $limit',
		),
		changed: database.prepare<[PageOf<'changed'>], ChangeKey>(
			`SELECT CAST(t.changed AS TEXT) AS changed, topic FROM topics AS t
			WHERE (t.changed, topic) > (CAST($changed AS INTEGER), $topic) AND t.changed < CAST($ceiling AS INTEGER)
			ORDER BY t.changed, topic LIMIT $limit`,
		),
		values: database.prepare<[ValuesPageOf], ChangedValue>(
			`SELECT CAST(r.changed AS TEXT) AS changed, topic, kind, key, ord, value, region FROM registers AS r
			WHERE r.changed IS NOT NULL AND r.changed < CAST($ceiling AS INTEGER)
				AND (r.changed, topic, kind, key) > (CAST($changed AS INTEGER), $topic, $kind, $key)
			ORDER BY r.changed, topic, kind, key LIMIT $limit`,
		),
	};
}
