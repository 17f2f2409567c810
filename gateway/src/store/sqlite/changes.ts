import type { Database } from 'better-sqlite3';
import type { CounterRows } from '../../state/counters.ts';
import { type ChangedValue, fillPage, fillValues } from '../changes-page.ts';
import {
	type ChangeKey,
	formatScan,
	goOn,
	parseScan,
	type RowKey,
	type RowsScan,
	reach,
	reachValue,
	type ValuesScan,
} from '../changes-scan.ts';
import type { Position } from '../store.ts';
import type { ChangedRows } from './worker-messages.ts';

/** What changed in a store itself, in a SQLite database: each transaction that changes something has a number. */
export class SqliteChanges {
	readonly #epoch: number;
	readonly #statements: ReturnType<typeof prepareStatements>;
	#last: number;

	constructor(database: Database, epoch: number) {
		this.#epoch = epoch;
		this.#statements = prepareStatements(database);
		this.#last = this.#statements.last.get() ?? 0;
	}

	/** The number of the transaction that is under way, or of the next one: they come one after the other. */
	get number(): number {
		return this.#last + 1;
	}

	/** A transaction is durable that wrote its number. */
	done(): void {
		this.#last++;
	}

	/** To be called within a transaction that changes values: their rows may be forgotten, and its number must not be given again. */
	note(): void {
		this.#statements.note.run(this.number);
	}

	/** A page of what changed since a position; `likesOf`: the own row of a topic. */
	page(since: Position | undefined, limit: number, likesOf: (topic: string) => CounterRows): ChangedRows {
		let walk = this.#walkFrom(since);
		let rows: ReadonlyMap<string, CounterRows> = new Map();
		if (walk.kind !== 'values') {
			const page = fillPage(this.#rowsOf(walk, limit), limit, likesOf);
			rows = page.rows;
			walk = reach(walk, page.behind);
			if (walk.kind !== 'values') return { rows, values: [], next: this.#position(walk), more: true };
		}
		const { ceiling, behind: from } = walk;
		const { values, behind } = fillValues(
			/* mutant: says-changed-values */ this.#statements.values.all({ ...from, ceiling, limit }),
			limit,
		);
		return { rows, values, next: this.#position(reachValue(walk, behind)), more: behind !== undefined };
	}

	#rowsOf(walk: RowsScan, limit: number): readonly (RowKey | ChangeKey)[] {
		const { all, changed } = this.#statements;
		return walk.kind === 'all' ? all.all({ ...walk, limit }) : changed.all({ ...walk, limit });
	}

	#position(walk: Parameters<typeof formatScan>[0]): Position {
		return { epoch: this.#epoch, at: formatScan(walk) };
	}

	/** Where to go on. What this database cannot have said means from the beginning: it may be a copy from a backup. */
	#walkFrom(since: Position | undefined): RowsScan | ValuesScan {
		// Transactions come one after the other, so each is over before the next has a number.
		const now = String(this.number);
		const until = this.#statements.lastTopic.get() ?? '';
		const start = { floor: now, ceiling: now, until };
		// mutant: begins-after-restore
		if (since?.epoch !== this.#epoch) return goOn(undefined, start);
		const walk = parseScan(since.at);
		return goOn(walk !== undefined && Number(walk.floor) <= Number(now) ? walk : undefined, start);
	}
}

/** A page of a walk through rows. */
type PageOf<RegisterKind extends RowsScan['kind']> = RowsScan & { readonly kind: RegisterKind; readonly limit: number };

/** One of a walk through values. */
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
