import type { Database } from 'better-sqlite3';
import type { Pruned } from './log-store.ts';
import type { Gains } from './sqlite-totals.ts';
import type { Command, LikeCommand, Outcome, TakeBackCommand } from './store.ts';
import { commentsOf } from './subject.ts';

interface LikeRow {
	readonly user: string;
	readonly type: string;
	readonly taken_back_at: number | null;
}

/** `taken_back_at` of a like that never counted, since its user had given another one. */
const NEVER_COUNTED = 0;

/** A like that is forgotten. */
interface ForgottenRow {
	readonly video: string;
	readonly id: string;
	readonly user: string;
	readonly type: string;
}

/** The likes of a video and of its comments, at most so many. */
type About = ReturnType<typeof commentsOf> & { readonly video: string; readonly limit: number };

/** Whether a video is over. */
type IsEnded = (video: string) => boolean;

/** The likes in a SQLite database. */
export class SqliteLikes {
	readonly #statements: ReturnType<typeof prepareStatements>;
	readonly #isEnded: IsEnded;

	constructor(database: Database, isEnded: IsEnded) {
		this.#statements = prepareStatements(database);
		this.#isEnded = isEnded;
	}

	/** To be called within a transaction, which has to add the gains to the totals. */
	carryOut(commands: readonly Command[], gains: Gains): Outcome[] {
		const ended = new Map<string, boolean>();
		/** Most of a batch are about few videos: each is looked up once. */
		const isEnded = (video: string): boolean => {
			let is = ended.get(video);
			if (is === undefined) {
				is = this.#isEnded(video);
				ended.set(video, is);
			}
			return is;
		};
		return commands.map((command) =>
			command.kind === 'like' ? this.#like(command, gains, isEnded) : this.#takeBack(command, gains, isEnded),
		);
	}

	/** To be called within a transaction. */
	prune(endedBefore: number, limit: number): Pruned {
		const due = this.#statements.due.all(endedBefore, limit);
		let likes = 0;
		for (const { at, video } of due) {
			if (this.#statements.endedBefore.get(video, endedBefore) !== undefined)
				likes += this.#forget(video, limit - likes);
			if (likes === limit) return { likes, more: true };
			this.#statements.done.run(at, video);
		}
		return { likes, more: due.length === limit };
	}

	/** Forgets likes of a video and of its comments, up to so many; answers how many. */
	#forget(video: string, limit: number): number {
		const likes = this.#statements.about.all({ video, limit, ...commentsOf(video) });
		for (const { video: subject, id, user, type } of likes) {
			this.#statements.forget.run(subject, id);
			this.#statements.removeOnce.run(subject, type, user, id);
		}
		return likes.length;
	}

	#like({ video, id, user, type, once, ended = false, at }: LikeCommand, gains: Gains, isEnded: IsEnded): Outcome {
		const known = this.#statements.find.get(video, id);
		const given = once ? this.#statements.findOnce.get(video, type, user) : undefined;
		if (known !== undefined) {
			if (known.user !== user || known.type !== type) return { kind: 'conflict' };
			// mutant: counts-once
			return { kind: 'duplicate', id: given?.id ?? id };
		}
		if (ended || isEnded(video))
			return given === undefined ? { kind: 'videoEnded' } : { kind: 'duplicate', id: given.id };
		if (given !== undefined) {
			// Kept: when the one that counts is taken back, a late copy of this one must not count in its place.
			this.#statements.add.run(video, id, user, type, at, NEVER_COUNTED);
			return { kind: 'duplicate', id: given.id };
		}
		if (once) this.#statements.addOnce.run(video, type, user, id);
		// mutant: stores-each
		this.#statements.add.run(video, id, user, type, at, null);
		gains.addLike(video, type, at, [1, 0]);
		return { kind: 'counted' };
	}

	#takeBack({ video, id, user, ended = false, at }: TakeBackCommand, gains: Gains, isEnded: IsEnded): Outcome {
		const known = this.#statements.find.get(video, id);
		const isOver = ended || isEnded(video);
		if (known === undefined) return isOver ? { kind: 'videoEnded' } : { kind: 'notFound' };
		if (known.user !== user) return { kind: 'notLiker' };
		if (known.taken_back_at === NEVER_COUNTED) return { kind: 'notFound' };
		if (known.taken_back_at !== null) return { kind: 'takenBack', duplicate: true };
		if (isOver) return { kind: 'videoEnded' };
		this.#statements.takeBack.run(at, video, id);
		this.#statements.removeOnce.run(video, known.type, user, id);
		gains.addLike(video, known.type, at, [0, 1]);
		return { kind: 'takenBack', duplicate: false };
	}
}

function prepareStatements(database: Database) {
	return {
		find: database.prepare<[string, string], LikeRow>(
			'SELECT user, type, taken_back_at FROM likes WHERE video = ? AND id = ?',
		),
		add: database.prepare('INSERT INTO likes (video, id, user, type, at, taken_back_at) VALUES (?, ?, ?, ?, ?, ?)'),
		// mutant: keeps-tombstone
		takeBack: database.prepare('UPDATE likes SET taken_back_at = ? WHERE video = ? AND id = ?'),
		findOnce: database.prepare<[string, string, string], { id: string }>(
			'SELECT id FROM once WHERE video = ? AND type = ? AND user = ?',
		),
		addOnce: database.prepare('INSERT INTO once (video, type, user, id) VALUES (?, ?, ?, ?)'),
		removeOnce: database.prepare('DELETE FROM once WHERE video = ? AND type = ? AND user = ? AND id = ?'),
		due: database.prepare<[number, number], { at: number; video: string }>(
			'SELECT at, video FROM endings WHERE at < ? ORDER BY at, video LIMIT ?',
		),
		endedBefore: database
			.prepare<[string, number], number>('SELECT 1 FROM ends WHERE video = ? AND at < ? LIMIT 1')
			.pluck(),
		done: database.prepare('DELETE FROM endings WHERE at = ? AND video = ?'),
		about: database.prepare<[About], ForgottenRow>(
			`SELECT video, id, user, type FROM likes WHERE video = $video
			UNION ALL
			SELECT video, id, user, type FROM likes WHERE video > $low AND video < $high
			LIMIT $limit`,
		),
		forget: database.prepare('DELETE FROM likes WHERE video = ? AND id = ?'),
	};
}
