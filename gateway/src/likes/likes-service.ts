import type { LikeAnswer, TakeBackAnswer, Totals } from '@likewire/protocol';
import type { Logger } from 'pino';
import { createAlarm, monotonicNow } from '../alarm.ts';
import { type LikesRows, NO_LIKES, revisionOf, totalsOf } from '../delivery/likes.ts';
import type { Updates } from '../delivery/update.ts';
import { GatewayError } from '../errors.ts';
import { type Command, type Outcome, outcomeAt, type Store } from '../store/store.ts';
import { GroupCommit } from './group-commit.ts';
import { newsOf } from './news.ts';

/** Most likes of one transaction. */
const MAX_BATCH = 512;

/** Most likes that wait for a commit; beyond it a like is refused with 503, and its client tries again. */
const MAX_WAITING = 20_000;

/** After a failure of the store the node asks for no traffic for so long, in milliseconds; then a like may try it. */
const PAUSE_MS = 5_000;

/** How a reaction counts: every `tap`, or `once` for each user and video. */
export type ReactionPolicy = 'tap' | 'once';

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
	readonly logger: Logger;
}

export interface LikeRequest {
	readonly video: string;
	readonly id: string;
	readonly user: string;
	readonly type: string;
}

export interface LikesService {
	/** Counts a like; settles after the commit. Rejects with a {@link GatewayError}. */
	like(request: LikeRequest): Promise<LikeAnswer>;
	/** Takes a like back. Rejects with a {@link GatewayError}. */
	takeBack(request: Omit<LikeRequest, 'type'>): Promise<TakeBackAnswer>;
	/** What the store knows of a video. */
	read(video: string): Promise<{ readonly totals: Totals; readonly revision: number }>;
	/** Whether likes can be stored: false while the store is away, and after a failure for a while or until a commit worked. */
	readonly healthy: boolean;
	/** Takes no more likes, and settles when all that were taken are committed and published. */
	close(): Promise<void>;
}

interface Pending {
	readonly command: Command;
	resolve(done: { readonly outcome: Outcome; readonly rows: LikesRows }): void;
	reject(error: GatewayError): void;
}

/** Validated likes in; durable totals out. */
export function createLikesService(options: LikesServiceOptions): LikesService {
	const { region, store, reactions, publish, logger } = options;
	const commits = new GroupCommit<Pending>({
		windowMs: options.commitWindowMs,
		maxBatch: MAX_BATCH,
		maxWaiting: MAX_WAITING,
	});
	const alarm = createAlarm((now) => {
		const batch = commits.take(now);
		if (batch !== undefined) void carryOut(batch);
		return commits.dueAt;
	});
	/** When the store last failed; undefined since the last commit that worked. */
	let failedAt: number | undefined;
	let closing = false;
	let whenIdle: (() => void) | undefined;

	async function carryOut(batch: readonly Pending[]): Promise<void> {
		const commands = batch.map(({ command }) => command);
		const commit = await store.commit(commands).catch(unavailable);
		commits.finish();
		if (commit instanceof GatewayError) {
			for (const { reject } of batch) reject(commit);
		} else {
			recovered();
			for (const [index, { command, resolve }] of batch.entries()) {
				resolve({ outcome: outcomeAt(commit, index), rows: commit.rows.get(command.video) ?? NO_LIKES });
			}
			publish(newsOf(region, commands, commit));
		}
		alarm.wake();
		if (commits.idle) whenIdle?.();
	}

	function recovered(): void {
		if (failedAt !== undefined) logger.warn('the store works again');
		failedAt = undefined;
	}

	function unavailable(cause: unknown): GatewayError {
		if (failedAt === undefined) logger.error({ err: cause }, 'the store does not work; likes are refused');
		failedAt = monotonicNow();
		return new GatewayError(
			'store_unavailable',
			'The store cannot be used now. Try again: a like that is sent twice counts once.',
			{
				cause,
			},
		);
	}

	function submit(command: Command): Promise<{ readonly outcome: Outcome; readonly rows: LikesRows }> {
		if (closing) return Promise.reject(new GatewayError('shutting_down', 'This gateway is shutting down.'));
		return new Promise((resolve, reject) => {
			if (commits.add({ command, resolve, reject })) alarm.wake();
			else reject(new GatewayError('overloaded', `${MAX_WAITING} likes wait for the store; try again.`));
		});
	}

	return {
		get healthy() {
			return store.available && (failedAt === undefined || monotonicNow() - failedAt > PAUSE_MS);
		},

		async like({ video, id, user, type }) {
			const policy = reactions.get(type);
			if (policy === undefined) {
				const known = [...reactions.keys()].join(', ');
				throw new GatewayError('unknown_reaction', `There is no reaction of this type; there are: ${known}.`);
			}
			const once = policy === 'once';
			const { outcome, rows } = await submit({ kind: 'like', video, id, user, type, once, at: Date.now() });
			if (outcome.kind === 'conflict') {
				throw new GatewayError('id_conflict', 'This id belongs to a like of another user or type.');
			}
			const duplicate = outcome.kind === 'duplicate';
			const answer = { video, type, totals: totalsOf(rows), revision: revisionOf(rows), duplicate };
			return { id: duplicate ? outcome.id : id, ...answer };
		},

		async takeBack({ video, id, user }) {
			const { outcome, rows } = await submit({ kind: 'takeBack', video, id, user, at: Date.now() });
			if (outcome.kind === 'notFound') throw new GatewayError('like_not_found', 'There is no such like.');
			if (outcome.kind === 'notLiker') throw new GatewayError('forbidden', 'Only who gave a like can take it back.');
			return { id, totals: totalsOf(rows), revision: revisionOf(rows) };
		},

		async read(video) {
			try {
				const rows = (await store.read([video])).get(video) ?? NO_LIKES;
				return { totals: totalsOf(rows), revision: revisionOf(rows) };
			} catch (cause) {
				throw unavailable(cause);
			}
		},

		async close() {
			closing = true;
			if (!commits.idle) await new Promise<void>((resolve) => (whenIdle = resolve));
			alarm.stop();
		},
	};
}
