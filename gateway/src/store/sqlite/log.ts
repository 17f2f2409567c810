import type { Database } from 'better-sqlite3';
import type { StoreLikes } from '../../state/counters.ts';
import { deletionOf, inOrder, type LoggedEvent, type StoreEvents } from '../../state/log.ts';
import { type HistoryPlace, parsePlace } from '../history-cursor.ts';
import {
	columnsOf,
	commentToDelete,
	dataOf,
	deletionData,
	erasedBy,
	eventOf,
	type KnownLog,
	type LogRow,
	loggedOf,
	missingAfter,
	NO_DATA,
	pageOf,
	partOf,
} from '../log-rows.ts';
import type {
	AppendCommand,
	DeleteCommand,
	EndCommand,
	HistoryPage,
	LogCommand,
	LogOutcome,
	LogPage,
} from '../log-store.ts';
import { nextOrder } from '../order.ts';
import type { Increments, SqliteTotals } from './totals.ts';

/** No comment comes behind it. */
const NEWEST: HistoryPlace = { order: Number.MAX_SAFE_INTEGER, region: '', number: 0 };

export interface SqliteLogOptions {
	readonly database: Database;
	/** Whose store it is. */
	readonly region: string;
	readonly epoch: number;
	readonly totals: SqliteTotals;
	/** Whether a video is over. */
	readonly isEnded: (topic: string) => boolean;
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
	carryOut(commands: readonly LogCommand[], increments: Increments): LogOutcome[] {
		return commands.map((command) => this.#carryOut(command, increments));
	}

	events(topic: string, region: string, after: number, limit: number): LogPage {
		const said = this.#options.saidOf(topic, region);
		const own = region === this.#options.region;
		const log = own && said !== undefined ? { epoch: said.epoch, through: 0 } : this.#statements.log.get(topic, region);
		return partOf(said, log, this.#statements.behind.all({ topic, region, after, limit, ...this.#own }));
	}

	find(topic: string, id: string): LoggedEvent[] {
		return this.#find(topic, id).map(loggedOf);
	}

	history(topic: string, before: string | undefined, limit: number): HistoryPage {
		const place = parsePlace(before) ?? NEWEST;
		return pageOf(this.#statements.older.all({ topic, ...place, limit: limit + 1, ...this.#own }), limit);
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
		for (const event of inOrder(said.events)) {
			const row = { region, epoch, ...columnsOf(event) };
			// The deletion may come first: from another region, or by a shorter way.
			const erased = row.kind === 'comment' && this.#deletionOf(topic, row) !== undefined;
			this.#statements.keep.run({ topic, ...row, ...(erased && ERASED) });
			const deletion = deletionOf(event);
			if (deletion !== undefined) this.#statements.erase.run({ topic, ...deletion });
		}
		let through = known;
		for (const { number } of this.#statements.numbers.iterate(topic, region, known)) {
			if (number !== through + 1) break;
			through = number;
		}
		this.#statements.reach.run({ topic, region, epoch, through });
	}

	#carryOut(command: LogCommand, increments: Increments): LogOutcome {
		switch (command.kind) {
			case 'append':
				return this.#append(command, increments);
			case 'delete':
				return this.#delete(command, increments);
			case 'end':
				return this.#end(command, increments);
		}
	}

	#append(command: AppendCommand, increments: Increments): LogOutcome {
		const { topic, id, user, event: kind, parent, at } = command;
		const data = dataOf(command);
		const known = /* mutant: finds-duplicate */ this.#find(topic, id);
		// What was deleted has nothing left to compare.
		const same = known.find(
			(row) => row.author === user && (row.kind === 'erased' || (row.kind === kind && row.data === data)),
		);
		if (same !== undefined) return { kind: 'duplicate', ...loggedOf(same) };
		// Another region has numbered a comment of this id, which was deleted before it came here.
		const deletion = this.#statements.deletions.get({ topic, id, user, ...this.#own });
		const isOfUser = deletion !== undefined && deletionOf(eventOf(deletion))?.user === user;
		if (kind === 'comment' && isOfUser) return { kind: 'duplicate', ...loggedOf(deletion) };
		if (known.length > 0 || deletion !== undefined) return { kind: 'conflict' };
		if (this.#isEnded(topic, increments)) return { kind: 'videoEnded' };
		if (parent !== undefined) {
			const answered = this.#statements.parent.get(topic, parent);
			if (answered === undefined) return { kind: 'unknownParent' };
			if (answered.parent !== null) return { kind: 'parentIsAnswer' };
		}
		return this.#add(topic, { id, kind, author: user, at, data }, parent ?? null, increments);
	}

	#delete(command: DeleteCommand, increments: Increments): LogOutcome {
		const { topic, id, user, at } = command;
		const deletions = this.#statements.deletions.all({ topic, id, user, ...this.#own });
		// A deletion may come before its comment: what it erases counts as here.
		const known = [...this.#find(topic, id), ...deletions.flatMap((deletion) => erasedBy(deletion) ?? [])];
		const comment = commentToDelete(known, command);
		if (typeof comment === 'string') return { kind: comment };
		if (comment.kind === 'erased') {
			return { kind: 'duplicate', ...loggedOf(this.#deletionOf(topic, comment) ?? comment) };
		}
		// mutant: erases-text
		this.#erase(topic, comment);
		const deletion = { id, kind: 'comment-deleted', author: user, at, data: deletionData(comment) } as const;
		return this.#add(topic, deletion, null, increments);
	}

	#end({ topic, at }: EndCommand, increments: Increments): LogOutcome {
		const duplicate = this.#options.totals.isEnded(topic) || increments.isEnded(topic);
		if (!duplicate) increments.addEnd(topic, at);
		return { kind: 'ended', duplicate };
	}

	#isEnded(topic: string, increments: Increments): boolean {
		return increments.isEnded(topic) || this.#options.isEnded(topic);
	}

	get #own() {
		const { region: own, epoch: ownEpoch } = this.#options;
		return { own, ownEpoch };
	}

	#find(topic: string, id: string): LogRow[] {
		return this.#statements.find.all({ topic, id, ...this.#own });
	}

	/** The deletion that erases a comment, if it is here. */
	#deletionOf(topic: string, { region, number, id, author }: LogRow): LogRow | undefined {
		return this.#statements.deletion.get({ topic, region, number, id, author, ...this.#own });
	}

	#erase(topic: string, { region, number, id, author }: LogRow): void {
		this.#statements.erase.run({ topic, region, offset: number, comment: id, user: author });
	}

	#add(
		topic: string,
		event: Omit<LogRow, 'region' | 'epoch' | 'number' | 'order'>,
		parent: string | null,
		increments: Increments,
	): LogOutcome {
		const { region, epoch, totals } = this.#options;
		const newest = this.#statements.newest.get({ topic, region });
		const number = totals.logHead(topic) + /* mutant: numbers-each-event */ increments.addEvent(topic);
		const order = nextOrder(event.at, newest?.own ?? 0, newest?.others ?? 0);
		const row = { ...event, region, epoch, number, order };
		this.#statements.keep.run({ topic, ...row, epoch: 0, parent });
		return { kind: 'added', ...loggedOf(row) };
	}
}

/** What is left of a comment that was deleted, beside its id, its author and its time. */
const ERASED = { kind: 'erased', data: NO_DATA, parent: null } as const;

/** Rows of the own log have no epoch of their own: that of the store changes when it is restored. */
const EVENT = `region, iif(epoch = 0, $ownEpoch, epoch) AS epoch, number, id, kind, author, at, ord AS "order", data`;

/** That a deletion, by its data, erases this comment: see commentKey. */
const ERASES = `data ->> '$.region' = $region AND data ->> '$.offset' = $number AND data ->> '$.user' = $author`;

/** Whose store it is. */
interface Own {
	readonly own: string;
	readonly ownEpoch: number;
}

function prepareStatements(database: Database) {
	return {
		keep: database.prepare(
			`INSERT INTO log (topic, region, number, epoch, id, kind, author, at, ord, data, parent)
			VALUES ($topic, $region, $number, $epoch, $id, $kind, $author, $at, $order, $data, $parent)
			ON CONFLICT DO UPDATE SET kind = excluded.kind, data = excluded.data, parent = excluded.parent
			WHERE excluded.kind = 'erased'`,
		),
		// Two regions may have numbered a comment of the same id.
		find: database.prepare<[Own & { readonly topic: string; readonly id: string }], LogRow>(
			`SELECT ${EVENT} FROM log WHERE topic = $topic AND id = $id AND kind <> 'comment-deleted'
			ORDER BY kind = 'erased', region <> $own, region`,
		),
		// One of a comment of this user first.
		deletions: database.prepare<[Own & { readonly topic: string; readonly id: string; readonly user: string }], LogRow>(
			`SELECT ${EVENT} FROM log WHERE topic = $topic AND id = $id AND kind = 'comment-deleted'
			ORDER BY data ->> '$.user' <> $user, region <> $own`,
		),
		deletion: database.prepare<
			[Own & Pick<LogRow, 'region' | 'number' | 'id' | 'author'> & { readonly topic: string }],
			LogRow
		>(
			`SELECT ${EVENT} FROM log WHERE topic = $topic AND id = $id AND kind = 'comment-deleted' AND ${ERASES}
			ORDER BY log.region <> $own LIMIT 1`,
		),
		// Of comments of one id, one that can be answered.
		parent: database.prepare<[string, string], { parent: string | null }>(
			`SELECT parent FROM log WHERE topic = ? AND id = ? AND kind = 'comment' ORDER BY parent IS NOT NULL LIMIT 1`,
		),
		erase: database.prepare(
			// mutant: erases-one-comment
			`UPDATE log SET kind = 'erased', data = '${NO_DATA}', parent = NULL
			WHERE topic = $topic AND region = $region AND number = $offset AND id = $comment AND author = $user AND kind = 'comment'`,
		),
		// Orders rise with numbers, so the newest of a log has its highest.
		newest: database.prepare<
			[{ readonly topic: string; readonly region: string }],
			{ own: number | null; others: number | null }
		>(
			`SELECT
				(SELECT ord FROM log WHERE topic = $topic AND region = $region ORDER BY number DESC LIMIT 1) AS own,
				(
					SELECT max((
						SELECT ord FROM log WHERE topic = $topic AND region = other.region ORDER BY number DESC LIMIT 1
					)) FROM logs_of_others AS other WHERE topic = $topic
				) AS others`,
		),
		behind: database.prepare<
			[Own & { readonly topic: string; readonly region: string; readonly after: number; readonly limit: number }],
			LogRow
		>(
			`SELECT ${EVENT} FROM log WHERE topic = $topic AND region = $region AND number > $after ORDER BY number LIMIT $limit`,
		),
		older: database.prepare<[HistoryPlace & Own & { readonly topic: string; readonly limit: number }], LogRow>(
			`SELECT ${EVENT} FROM log
			WHERE topic = $topic AND kind = 'comment' AND (ord, region, number) < ($order, $region, $number)
			ORDER BY ord DESC, region DESC, number DESC LIMIT $limit`,
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
