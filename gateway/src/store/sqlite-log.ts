import type { Database } from 'better-sqlite3';
import { ENDED_AT, LOG_HEAD, type StoreLikes } from '../delivery/likes.ts';
import type { LogEvent, StoreEvents } from '../delivery/log.ts';
import { type HistoryPlace, parsePlace } from './history-cursor.ts';
import {
	dataOf,
	deletionOf,
	eventOf,
	type HistoryRow,
	inOrder,
	type KnownLog,
	type LogRow,
	missingAfter,
	NO_DATA,
	pageOf,
	partOf,
	rowOf,
} from './log-rows.ts';
import type {
	AppendCommand,
	DeleteCommand,
	EndCommand,
	HistoryPage,
	LogCommand,
	LogOutcome,
	LogPart,
} from './log-store.ts';
import type { Gains, SqliteTotals } from './sqlite-totals.ts';
import { subjectOf } from './subject.ts';

/** No comment comes behind it. */
const NEWEST: HistoryPlace = { at: Number.MAX_SAFE_INTEGER, region: '', number: 0 };

export interface SqliteLogOptions {
	readonly database: Database;
	/** Whose store it is. */
	readonly region: string;
	readonly totals: SqliteTotals;
	/** Whether a video is over. */
	readonly isEnded: (video: string) => boolean;
	/** What is known of a region's log, without its events. */
	readonly saidOf: (topic: string, region: string) => StoreLikes | undefined;
}

/** The logs in a SQLite database: those of the own region, and what others said of theirs. */
export class SqliteLog {
	readonly #options: SqliteLogOptions;
	readonly #statements: ReturnType<typeof prepareStatements>;

	constructor(options: SqliteLogOptions) {
		this.#options = options;
		this.#statements = prepareStatements(options.database);
	}

	/** To be called within a transaction, which has to add the gains to the totals. */
	carryOut(commands: readonly LogCommand[], gains: Gains): LogOutcome[] {
		return commands.map((command) => this.#carryOut(command, gains));
	}

	events(topic: string, region: string, after: number, limit: number): LogPart {
		const said = this.#options.saidOf(topic, region);
		const own = region === this.#options.region;
		const log = own && said !== undefined ? { epoch: said.epoch, through: 0 } : this.#statements.log.get(topic, region);
		return partOf(said, log, this.#statements.behind.all(topic, region, after, limit));
	}

	find(topic: string, id: string): LogEvent | undefined {
		const row = this.#find(topic, id);
		return row && eventOf(row);
	}

	history(topic: string, before: string | undefined, limit: number): HistoryPage {
		const place = parsePlace(before) ?? NEWEST;
		return pageOf(this.#statements.older.all({ topic, ...place, limit: limit + 1 }), limit);
	}

	missing(region: string, topics: readonly string[]): Map<string, number> {
		const missing = new Map<string, number>();
		for (const topic of topics) {
			const log = this.#statements.log.get(topic, region);
			const after = missingAfter(this.#options.saidOf(topic, region), log);
			if (after !== undefined) missing.set(topic, after);
		}
		return missing;
	}

	/** To be called within a transaction. `least`: what the region said under lower epochs is forgotten. */
	keep(region: string, logs: ReadonlyMap<string, StoreEvents>, least: number): void {
		for (const [topic, said] of logs) {
			const log = this.#statements.log.get(topic, region);
			const lowest = Math.max(least, log?.epoch ?? 0);
			if (said.epoch < lowest) continue;
			if (log !== undefined && said.epoch > log.epoch) this.#statements.forgetLog.run(topic, region);
			this.#keepLog(topic, region, said, log?.epoch === said.epoch ? log.through : 0);
		}
	}

	#keepLog(topic: string, region: string, said: StoreEvents, known: number): void {
		const { epoch } = said;
		for (const event of inOrder(said)) {
			const row = rowOf(event);
			const erased = row.kind === 'comment' && this.#statements.deletion.get(topic, row.id) !== undefined;
			this.#statements.keep.run({ topic, region, epoch, ...row, ...(erased && ERASED) });
			if (row.kind === 'comment-deleted') this.#statements.erase.run(topic, row.id);
		}
		let through = known;
		for (const { number } of this.#statements.numbers.iterate(topic, region, known)) {
			if (number !== through + 1) break;
			through = number;
		}
		this.#statements.reach.run({ topic, region, epoch, through });
	}

	#carryOut(command: LogCommand, gains: Gains): LogOutcome {
		switch (command.kind) {
			case 'append':
				return this.#append(command, gains);
			case 'delete':
				return this.#delete(command, gains);
			case 'end':
				return this.#end(command, gains);
		}
	}

	#append(command: AppendCommand, gains: Gains): LogOutcome {
		const { topic, id, user, event: kind, parent, at } = command;
		const data = dataOf(command);
		const known = this.#find(topic, id);
		if (/* mutant: finds-duplicate */ known !== undefined) {
			// What was deleted has nothing left to compare.
			const same = known.author === user && (known.kind === 'erased' || (known.kind === kind && known.data === data));
			return same ? { kind: 'duplicate', event: eventOf(known) } : { kind: 'conflict' };
		}
		// A comment of another region that was deleted before it came here.
		if (this.#statements.deletion.get(topic, id) !== undefined) return { kind: 'conflict' };
		if (this.#isEnded(topic, gains)) return { kind: 'videoEnded' };
		if (parent !== undefined) {
			const answered = this.#statements.parent.get(topic, parent);
			if (answered === undefined) return { kind: 'unknownParent' };
			if (answered.parent !== null) return { kind: 'parentIsAnswer' };
		}
		return this.#add(topic, { id, kind, author: user, at, data }, parent ?? null, gains);
	}

	#delete({ topic, id, user, moderator, at }: DeleteCommand, gains: Gains): LogOutcome {
		const known = this.#find(topic, id);
		if (known === undefined || known.kind === 'custom') return { kind: 'notFound' };
		if (known.author !== user && !moderator) return { kind: 'notAuthor' };
		if (known.kind === 'erased') {
			return { kind: 'duplicate', event: eventOf(this.#statements.deletion.get(topic, id) ?? known) };
		}
		// mutant: erases-text
		this.#statements.erase.run(topic, id);
		const deletion = { id, kind: 'comment-deleted', author: user, at, data: deletionOf(id) } as const;
		return this.#add(topic, deletion, null, gains);
	}

	#end({ topic, at }: EndCommand, gains: Gains): LogOutcome {
		const subject = subjectOf(topic);
		const known = this.#options.totals.addedTo(subject, ENDED_AT) ?? gains.addedTo(subject, ENDED_AT);
		if (known === 0) gains.add(subject, ENDED_AT, at);
		return { kind: 'ended' };
	}

	#isEnded(topic: string, gains: Gains): boolean {
		const subject = subjectOf(topic);
		return gains.addedTo(subject, ENDED_AT) > 0 || this.#options.isEnded(subject);
	}

	#find(topic: string, id: string): LogRow | undefined {
		return this.#statements.find.get(topic, id, this.#options.region);
	}

	#add(topic: string, event: Omit<LogRow, 'number'>, parent: string | null, gains: Gains): LogOutcome {
		const subject = subjectOf(topic);
		const { region, totals } = this.#options;
		gains.add(subject, LOG_HEAD, 1);
		const number =
			(totals.addedTo(subject, LOG_HEAD) ?? 0) + /* mutant: numbers-each-event */ gains.addedTo(subject, LOG_HEAD);
		const row = { ...event, number };
		this.#statements.keep.run({ topic, region, epoch: 0, ...row, parent });
		return { kind: 'added', event: eventOf(row) };
	}
}

/** What is left of a comment that was deleted, beside its id, its author and its time. */
const ERASED = { kind: 'erased', data: NO_DATA, parent: null } as const;

const EVENT = 'number, id, kind, author, at, data';

function prepareStatements(database: Database) {
	return {
		keep: database.prepare(
			`INSERT INTO log (topic, region, number, epoch, id, kind, author, at, data, parent)
			VALUES ($topic, $region, $number, $epoch, $id, $kind, $author, $at, $data, $parent)
			ON CONFLICT DO UPDATE SET kind = excluded.kind, data = excluded.data, parent = excluded.parent
			WHERE excluded.kind = 'erased'`,
		),
		// The same id in two logs is possible; the own one is meant.
		find: database.prepare<[string, string, string], LogRow>(
			`SELECT ${EVENT} FROM log WHERE topic = ? AND id = ? AND kind <> 'comment-deleted' ORDER BY region <> ? LIMIT 1`,
		),
		deletion: database.prepare<[string, string], LogRow>(
			`SELECT ${EVENT} FROM log WHERE topic = ? AND id = ? AND kind = 'comment-deleted' LIMIT 1`,
		),
		parent: database.prepare<[string, string], { parent: string | null }>(
			`SELECT parent FROM log WHERE topic = ? AND id = ? AND kind = 'comment' LIMIT 1`,
		),
		erase: database.prepare(
			`UPDATE log SET kind = 'erased', data = '${NO_DATA}', parent = NULL WHERE topic = ? AND id = ? AND kind = 'comment'`,
		),
		behind: database.prepare<[string, string, number, number], LogRow>(
			`SELECT ${EVENT} FROM log WHERE topic = ? AND region = ? AND number > ? ORDER BY number LIMIT ?`,
		),
		older: database.prepare<[HistoryPlace & { readonly topic: string; readonly limit: number }], HistoryRow>(
			`SELECT region, ${EVENT} FROM log
			WHERE topic = $topic AND kind = 'comment' AND (at, region, number) < ($at, $region, $number)
			ORDER BY at DESC, region DESC, number DESC LIMIT $limit`,
		),
		log: database.prepare<[string, string], KnownLog>(
			'SELECT epoch, through FROM logs_of_others WHERE topic = ? AND region = ?',
		),
		numbers: database.prepare<[string, string, number], { number: number }>(
			'SELECT number FROM log WHERE topic = ? AND region = ? AND number > ? ORDER BY number',
		),
		reach: database.prepare(
			`INSERT INTO logs_of_others (topic, region, epoch, through) VALUES ($topic, $region, $epoch, $through)
			ON CONFLICT DO UPDATE SET epoch = excluded.epoch, through = excluded.through`,
		),
		forgetLog: database.prepare('DELETE FROM log WHERE topic = ? AND region = ?'),
	};
}
