import type { LikeAnswer, TakeBackAnswer, Totals } from '@likewire/protocol';
import { type Clock, REAL_CLOCK } from '../runtime/clock.ts';
import { GatewayError } from '../runtime/errors.ts';
import { type CounterRows, NO_LIKES, revisionOf, totalsOf } from '../state/counters.ts';
import type { ReactionPolicy } from '../state/reaction-policy.ts';
import type { Updates } from '../state/update.ts';
import { type Command, type Outcome, outcomeAt, type Store } from '../store/store.ts';
import { createCommitter } from './committer.ts';
import { whyNotPosition } from './like-position.ts';
import { updatesOf } from './likes-updates.ts';
import type { StoreHealth } from './store-health.ts';

export interface LikesServiceOptions {
	/** The region of the store. */
	readonly region: string;
	readonly store: Store;
	/** The reactions that viewers can send. */
	readonly reactions: ReadonlyMap<string, ReactionPolicy>;
	/** The time in which commands gather for one transaction, in milliseconds. */
	readonly commitWindowMs: number;
	/** Hands the new state to a dispatcher. */
	readonly publish: (updates: Updates) => void;
	readonly health: StoreHealth;
	readonly clock?: Clock;
}

export interface LikeRequest {
	/** The topic of a video or of a comment. */
	readonly topic: string;
	readonly id: string;
	readonly user: string;
	readonly type: string;
	/** The program-date-time that the user saw, in Unix milliseconds. */
	readonly position?: number | undefined;
	/** The error for new likes and deletions of likes; a repeated request gets its former answer. */
	readonly refusal?: GatewayError | undefined;
}

export interface LikesService {
	/** Counts a like; settles after the commit. Rejects with a {@link GatewayError}. */
	like(request: LikeRequest): Promise<Omit<LikeAnswer, 'video'>>;
	/** Takes a like back. Rejects with a {@link GatewayError}. */
	takeBack(request: Omit<LikeRequest, 'type' | 'position'>): Promise<TakeBackAnswer>;
	/** Resolves with the totals of a topic. */
	read(topic: string): Promise<{ readonly totals: Totals; readonly revision: number }>;
	/** Takes no more likes. Settles when all accepted ones are committed and published. Idempotent. */
	close(): Promise<void>;
}

interface Done {
	readonly outcome: Outcome;
	readonly rows: CounterRows;
}

/** Creates a service that commits likes, publishes the new state, and answers with durable totals. */
export function createLikesService(options: LikesServiceOptions): LikesService {
	const { region, store, reactions, commitWindowMs: windowMs, publish, health, clock = REAL_CLOCK } = options;
	const { submit, close } = createCommitter<Command, Done>({ windowMs, carryOut, health, clock });

	async function carryOut(commands: readonly Command[]): Promise<Done[]> {
		const commit = await store.commit(commands);
		// failpoint: before-answer
		// failpoint: before-publish
		publish(updatesOf(region, commands, commit));
		return commands.map(({ topic }, index) => ({
			outcome: outcomeAt(commit, index),
			rows: commit.rows.get(topic) ?? NO_LIKES,
		}));
	}

	return {
		async like({ topic, id, user, type, position: saw, refusal: given }) {
			const policy = reactions.get(type);
			if (policy === undefined) {
				const known = [...reactions.keys()].join(', ');
				throw new GatewayError('unknown_reaction', `The reaction type is unknown; use one of: ${known}.`);
			}
			const once = policy === 'once';
			const at = clock.wallTime();
			const position = saw === undefined ? undefined : Math.min(saw, at);
			// A repeated like is answered as before, however old its position is by now.
			const refusal = given ?? whyNotPosition(saw, at);
			const ended = refusal !== undefined;
			const { outcome, rows } = await submit({ kind: 'like', topic, id, user, type, once, ended, at, position });
			if (outcome.kind === 'videoEnded') throw refusal ?? videoEnded();
			if (outcome.kind === 'conflict') {
				throw new GatewayError('id_conflict', 'This id belongs to a like of another user or type.');
			}
			const duplicate = outcome.kind === 'duplicate';
			const answer = { type, totals: totalsOf(rows), revision: revisionOf(rows), duplicate };
			return { id: duplicate ? outcome.id : id, ...answer };
		},

		async takeBack({ topic, id, user, refusal }) {
			const ended = refusal !== undefined;
			const { outcome, rows } = await submit({ kind: 'takeBack', topic, id, user, ended, at: clock.wallTime() });
			if (outcome.kind === 'videoEnded') throw refusal ?? videoEnded();
			if (outcome.kind === 'notFound') throw likeNotFound();
			if (outcome.kind === 'notLiker') throw new GatewayError('forbidden', 'Only the user of a like can delete it.');
			const duplicate = outcome.kind === 'takenBack' && outcome.duplicate;
			return { id, totals: totalsOf(rows), revision: revisionOf(rows), duplicate };
		},

		async read(topic) {
			try {
				const rows = (await store.read([topic])).get(topic) ?? NO_LIKES;
				return { totals: totalsOf(rows), revision: revisionOf(rows) };
			} catch (cause) {
				throw health.failed(cause);
			}
		},

		close,
	};
}

/** Returns the error for the deletion of an unknown like. */
export function likeNotFound(): GatewayError {
	return new GatewayError('like_not_found', 'The like does not exist.');
}

/** Returns the error for a write about a video that is over. */
export function videoEnded(): GatewayError {
	return new GatewayError('video_ended', 'The video has ended and accepts no writes.');
}
