import type { Database } from 'better-sqlite3';
import type { TimelinePage, TimelineRange } from '../../state/timeline.ts';
import { TIMELINE_ROWS, timelinePage } from '../timeline-page.ts';

/** The timelines in a SQLite database. */
export class SqliteTimeline {
	readonly #statements: ReturnType<typeof prepareStatements>;

	constructor(database: Database) {
		this.#statements = prepareStatements(database);
	}

	/** Returns a page of whole steps, which ends early after {@link TIMELINE_ROWS}. */
	page({ topic, from, to, step }: TimelineRange): TimelinePage {
		const { nth, newestOf, seconds, sums } = this.#statements;
		const newest = newestOf.get(topic) ?? null;
		const first = nth.get(topic, from, to, 0);
		if (first === undefined) return { steps: [], next: null, newest };
		const beyond = nth.get(topic, first, to, TIMELINE_ROWS);
		// A page has at least one step, however many rows that has.
		const next = beyond === undefined ? null : Math.max(startOf(beyond, step), startOf(first, step) + step);
		const part = { topic, from: first, to: next ?? to };
		// Rows are seconds: without sums the database need not sort them.
		return timelinePage({ sums: step === 1 ? seconds.all(part) : sums.all({ ...part, step }), next, newest });
	}
}

function startOf(second: number, step: number): number {
	return second - (second % step);
}

type Sum = [second: number, type: string, count: number];

function prepareStatements(database: Database) {
	return {
		nth: database
			.prepare<[topic: string, from: number, to: number, skipped: number], number>(
				'SELECT second FROM timeline WHERE topic = ? AND second >= ? AND second < ? ORDER BY second LIMIT 1 OFFSET ?',
			)
			.pluck(),
		newestOf: database
			.prepare<[topic: string], number | null>('SELECT max(second) FROM timeline WHERE topic = ?')
			.pluck(),
		seconds: database
			.prepare<[Omit<TimelineRange, 'step'>], Sum>(
				`SELECT second, type, added - removed FROM timeline
				WHERE topic = $topic AND second >= $from AND second < $to AND added <> removed
				ORDER BY second, type`,
			)
			.raw(),
		sums: database
			.prepare<[TimelineRange], Sum>(
				`SELECT second - second % $step AS at, type, sum(added - removed) AS count FROM timeline
				WHERE topic = $topic AND second >= $from AND second < $to
				GROUP BY at, type HAVING count <> 0 ORDER BY at, type`,
			)
			.raw(),
	};
}
