import type { Database } from 'better-sqlite3';
import type { Counts } from '../../state/counters.ts';
import { commentTopics, idOf } from '../../state/topics/topic.ts';
import type { Pruned } from '../log-store.ts';
import { type Command, type LikeCommand, type Outcome, secondOf, type TakeBackCommand } from '../store.ts';
import type { Increments } from './totals.ts';

interface LikeRow {
	readonly user: string;
	readonly type: string;
	readonly second: number;
	readonly taken_back_at: number | null;
}

/** `taken_back_at` of a like that never counted, because its user had given another one. */
const NEVER_COUNTED = 0;

const GIVEN: Counts = [1, 0];
const TAKEN_BACK: Counts = [0, 1];

/** A like to remove. */
interface ForgottenRow {
	readonly topic: string;
	readonly id: string;
	readonly user: string;
	readonly type: string;
}

/** The parameters of a query for at most `limit` likes of a video and of its comments. */
type About = ReturnType<typeof commentTopics> & { readonly topic: string; readonly limit: number };

/** Returns whether a video ended. */
type IsEnded = (topic: string) => boolean;

/** The likes in a SQLite database. */
export class SqliteLikes {
	readonly #statements: ReturnType<typeof prepareStatements>;
	readonly #isEnded: IsEnded;

	constructor(database: Database, isEnded: IsEnded) {
		this.#statements = prepareStatements(database);
		this.#isEnded = isEnded;
	}

	/** Carries out commands within a transaction, whose caller adds the increments to the totals. */
	carryOut(commands: readonly Command[], increments: Increments): Outcome[] {
		const ended = new Map<string, boolean>();
		/** A batch has many likes of few videos, so each video is read once. */
		const isEnded = (topic: string): boolean => {
			let is = ended.get(topic);
			if (is === undefined) {
				is = this.#isEnded(topic);
				ended.set(topic, is);
			}
			return is;
		};
		return commands.map((command) =>
			command.kind === 'like' ? this.#like(command, increments, isEnded) : this.#takeBack(command, increments, isEnded),
		);
	}

	/** Removes likes of videos that ended long ago, within a transaction. */
	prune(endedBefore: number, limit: number): Pruned {
		const due = this.#statements.due.all(endedBefore, limit);
		let likes = 0;
		for (const { at, topic } of due) {
			if (this.#statements.endedBefore.get(topic, endedBefore) !== undefined)
				likes += this.#forget(topic, limit - likes);
			if (likes === limit) return { likes, more: true };
			this.#statements.done.run(at, topic);
		}
		return { likes, more: due.length === limit };
	}

	/** Removes at most `limit` likes of a video and of its comments, and returns their number. */
	#forget(topic: string, limit: number): number {
		const likes = this.#statements.about.all({ topic, limit, ...commentTopics(idOf(topic)) });
		for (const { topic: liked, id, user, type } of likes) {
			this.#statements.forget.run(liked, id);
			this.#statements.removeOnce.run(liked, type, user, id);
		}
		return likes.length;
	}

	#like(command: LikeCommand, increments: Increments, isEnded: IsEnded): Outcome {
		const { topic, id, user, type, once, ended = false, at } = command;
		const known = this.#statements.find.get(topic, id);
		const given = once ? this.#statements.findOnce.get(topic, type, user) : undefined;
		if (known !== undefined) {
			if (known.user !== user || known.type !== type) return { kind: 'conflict' };
			// mutant: counts-once
			return { kind: 'duplicate', id: given?.id ?? id };
		}
		if (ended || isEnded(topic))
			return given === undefined ? { kind: 'videoEnded' } : { kind: 'duplicate', id: given.id };
		const second = secondOf(command);
		if (given !== undefined) {
			// Stored, so that a late copy of it does not count after the user takes the other like back.
			this.#statements.add.run(topic, id, user, type, at, second, NEVER_COUNTED);
			return { kind: 'duplicate', id: given.id };
		}
		if (once) this.#statements.addOnce.run(topic, type, user, id);
		// mutant: stores-each
		this.#statements.add.run(topic, id, user, type, at, second, null);
		increments.addLike(topic, second, type, at, GIVEN);
		return { kind: 'counted' };
	}

	#takeBack(
		{ topic, id, user, ended = false, at }: TakeBackCommand,
		increments: Increments,
		isEnded: IsEnded,
	): Outcome {
		const known = this.#statements.find.get(topic, id);
		const isOver = ended || isEnded(topic);
		if (known === undefined) return isOver ? { kind: 'videoEnded' } : { kind: 'notFound' };
		if (known.user !== user) return { kind: 'notLiker' };
		if (known.taken_back_at === NEVER_COUNTED) return { kind: 'notFound' };
		if (known.taken_back_at !== null) return { kind: 'takenBack', duplicate: true };
		if (isOver) return { kind: 'videoEnded' };
		this.#statements.takeBack.run(at, topic, id);
		this.#statements.removeOnce.run(topic, known.type, user, id);
		increments.addLike(topic, /* mutant: lowers-second-of-like */ known.second, known.type, at, TAKEN_BACK);
		return { kind: 'takenBack', duplicate: false };
	}
}

function prepareStatements(database: Database) {
	return {
		find: database.prepare<[string, string], LikeRow>(
			'SELECT user, type, second, taken_back_at FROM likes WHERE topic = ? AND id = ?',
		),
		add: database.prepare(
			'INSERT INTO likes (topic, id, user, type, at, second, taken_back_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
		),
		// mutant: keeps-tombstone
		takeBack: database.prepare('UPDATE likes SET taken_back_at = ? WHERE topic = ? AND id = ?'),
		findOnce: database.prepare<[string, string, string], { id: string }>(
			'SELECT id FROM once WHERE topic = ? AND type = ? AND user = ?',
		),
		addOnce: database.prepare('INSERT INTO once (topic, type, user, id) VALUES (?, ?, ?, ?)'),
		removeOnce: database.prepare('DELETE FROM once WHERE topic = ? AND type = ? AND user = ? AND id = ?'),
		due: database.prepare<[number, number], { at: number; topic: string }>(
			'SELECT at, topic FROM endings WHERE at < ? ORDER BY at, topic LIMIT ?',
		),
		endedBefore: database
			.prepare<[string, number], number>('SELECT 1 FROM ends WHERE topic = ? AND at < ? LIMIT 1')
			.pluck(),
		done: database.prepare('DELETE FROM endings WHERE at = ? AND topic = ?'),
		about: database.prepare<[About], ForgottenRow>(
			`SELECT topic, id, user, type FROM likes WHERE topic = $topic
			UNION ALL
			SELECT topic, id, user, type FROM likes WHERE topic > $low AND topic < $high
			LIMIT $limit`,
		),
		forget: database.prepare('DELETE FROM likes WHERE topic = ? AND id = ?'),
	};
}
