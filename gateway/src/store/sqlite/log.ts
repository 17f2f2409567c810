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
	logPageOf,
	missingAfter,
	NO_DATA,
	pageOf,
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

/** The place of the first page: all comments come after it. */
const NEWEST: HistoryPlace = { order: Number.MAX_SAFE_INTEGER, region: '', number: 0 };

export interface SqliteLogOptions {
	readonly database: Database;
	/** The region of the store. */
	readonly region: string;
	readonly epoch: number;
	readonly totals: SqliteTotals;
	/** Returns whether a video ended. */
	readonly isEnded: (topic: string) => boolean;
	/** Returns the counters of a topic as a region reported them, with the head of its log. */
	readonly reportedOf: (topic: string, region: string) => StoreLikes | undefined;
}

/** The logs in a SQLite database: those of the own region, and replicas of other regions' logs. */
export class SqliteLog {
	readonly #options: SqliteLogOptions;
	readonly #statements: ReturnType<typeof prepareStatements>;

	constructor(options: SqliteLogOptions) {
		this.#options = options;
		this.#statements = prepareStatements(options.database);
	}

	/** Carries out commands within a transaction, whose caller adds the increments to the totals. */
	carryOut(commands: readonly LogCommand[], increments: Increments): LogOutcome[] {
		return commands.map((command) => this.#carryOut(command, increments));
	}

	events(topic: string, region: string, after: number, limit: number): LogPage {
		const reported = this.#options.reportedOf(topic, region);
		const own = region === this.#options.region;
		const log =
			own && reported !== undefined ? { epoch: reported.epoch, through: 0 } : this.#statements.log.get(topic, region);
		return logPageOf(reported, log, this.#statements.behind.all({ topic, region, after, limit, ...this.#own }));
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
			const after = missingAfter(this.#options.reportedOf(topic, region), log);
			if (after !== undefined) missing.set(topic, after);
		}
		return missing;
	}

	/** Stores events of another region within a transaction, but for those of epochs below `least`. */
	keep(region: string, logs: ReadonlyMap<string, StoreEvents>, least: number): void {
		for (const [topic, reported] of logs) {
			const log = this.#statements.log.get(topic, region);
			const lowest = Math.max(least, log?.epoch ?? 0);
			if (reported.epoch < lowest) continue;
			if (log !== undefined && reported.epoch > log.epoch) this.#statements.forgetLog.run(topic, region);
			this.#keepLog(topic, region, reported, log?.epoch === reported.epoch ? log.through : 0);
		}
	}

	#keepLog(topic: string, region: string, reported: StoreEvents, known: number): void {
		const { epoch } = reported;
		for (const event of inOrder(reported.events)) {
			const row = { region, epoch, ...columnsOf(event) };
			// The deletion may arrive before the comment, from a third region or over a faster link.
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
		// A deleted comment has no data to compare.
		const same = known.find(
			(row) => row.author === user && (row.kind === 'erased' || (row.kind === kind && row.data === data)),
		);
		if (same !== undefined) return { kind: 'duplicate', ...loggedOf(same) };
		// Another region numbered a comment with this id, and its deletion arrived here before it.
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
		// A deletion may arrive before its comment: the comment then counts as erased.
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

	/** Returns the stored deletion of a comment, if any. */
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

/** The columns of a deleted comment; its id, its author and its time stay. */
const ERASED = { kind: 'erased', data: NO_DATA, parent: null } as const;

/** The columns of an event. Rows of the own log have no epoch, because a restore changes the store's. */
const EVENT = `region, iif(epoch = 0, $ownEpoch, epoch) AS epoch, number, id, kind, author, at, ord AS "order", data`;

/** Matches the deletion whose data names this comment: see commentKey. */
const ERASES = `data ->> '$.region' = $region AND data ->> '$.offset' = $number AND data ->> '$.user' = $author`;

/** The region and the epoch of the store. */
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
		// Two regions may have numbered comments with the same id.
		find: database.prepare<[Own & { readonly topic: string; readonly id: string }], LogRow>(
			`SELECT ${EVENT} FROM log WHERE topic = $topic AND id = $id AND kind <> 'comment-deleted'
			ORDER BY kind = 'erased', region <> $own, region`,
		),
		// Deletions of this user's comments come first.
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
		// Of several comments with one id, a comment that takes answers comes first.
		parent: database.prepare<[string, string], { parent: string | null }>(
			`SELECT parent FROM log WHERE topic = ? AND id = ? AND kind = 'comment' ORDER BY parent IS NOT NULL LIMIT 1`,
		),
		erase: database.prepare(
			// mutant: erases-one-comment
			`UPDATE log SET kind = 'erased', data = '${NO_DATA}', parent = NULL
			WHERE topic = $topic AND region = $region AND number = $offset AND id = $comment AND author = $user AND kind = 'comment'`,
		),
		// Orders rise with numbers, so the newest event of a log has its highest order.
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
