import type { LikeAnswer, TakeBackAnswer, Totals } from '@likewire/protocol';
import { GatewayError } from '../runtime/errors.ts';
import { type CounterRows, NO_LIKES, type ReactionPolicy, revisionOf, totalsOf } from '../state/counters.ts';
import type { Updates } from '../state/update.ts';
import { type Command, type Outcome, outcomeAt, type Store } from '../store/store.ts';
import { createCommitter } from './committer.ts';
import { updatesOf } from './likes-updates.ts';
import type { StoreHealth } from './store-health.ts';

export interface LikesServiceOptions {
	/** The region whose store it is. */
	readonly region: string;
	readonly store: Store;
	/** The reactions that viewers may give. */
	readonly reactions: ReadonlyMap<string, ReactionPolicy>;
	/** A transaction gathers what arrives in so many milliseconds. */
	readonly commitWindowMs: number;
	/** Hands the new state to a dispatcher. */
	readonly publish: (updates: Updates) => void;
	readonly health: StoreHealth;
}

export interface LikeRequest {
	/** What is liked: the topic of a video, or of a comment. */
	readonly topic: string;
	readonly id: string;
	readonly user: string;
	readonly type: string;
	/** Why no like is counted or taken back now; what was done before is answered as it was. */
	readonly refusal?: GatewayError | undefined;
}

export interface LikesService {
	/** Counts a like; settles after the commit. Rejects with a {@link GatewayError}. */
	like(request: LikeRequest): Promise<Omit<LikeAnswer, 'video'>>;
	/** Takes a like back. Rejects with a {@link GatewayError}. */
	takeBack(request: Omit<LikeRequest, 'type'>): Promise<TakeBackAnswer>;
	/** What the store knows of a topic. */
	read(topic: string): Promise<{ readonly totals: Totals; readonly revision: number }>;
	/** Takes no more likes, and settles when all that were taken are committed and published. May be called twice. */
	close(): Promise<void>;
}

interface Done {
	readonly outcome: Outcome;
	readonly rows: CounterRows;
}

/** Validated likes in; durable totals out. */
export function createLikesService(options: LikesServiceOptions): LikesService {
	const { region, store, reactions, commitWindowMs: windowMs, publish, health } = options;
	const { submit, close } = createCommitter<Command, Done>({ windowMs, carryOut, health });

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
		async like({ topic, id, user, type, refusal }) {
			const policy = reactions.get(type);
			if (policy === undefined) {
				const known = [...reactions.keys()].join(', ');
				throw new GatewayError('unknown_reaction', `There is no reaction of this type; there are: ${known}.`);
			}
			const once = policy === 'once';
			const ended = refusal !== undefined;
			const { outcome, rows } = await submit({ kind: 'like', topic, id, user, type, once, ended, at: Date.now() });
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
			const { outcome, rows } = await submit({ kind: 'takeBack', topic, id, user, ended, at: Date.now() });
			if (outcome.kind === 'videoEnded') throw refusal ?? videoEnded();
			if (outcome.kind === 'notFound') throw likeNotFound();
			if (outcome.kind === 'notLiker')
				throw new GatewayError('forbidden', 'Only the user who gave a like can take it back.');
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

/** What taking back a like that no store knows is answered with. */
export function likeNotFound(): GatewayError {
	return new GatewayError('like_not_found', 'There is no such like.');
}

/** What a write about a video that is over is answered with. */
export function videoEnded(): GatewayError {
	return new GatewayError('video_ended', 'The video is over: nothing more is written about it.');
}
