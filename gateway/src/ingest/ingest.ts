import type { Logger } from 'pino';
import type { Clock } from '../runtime/clock.ts';
import type { ReactionPolicy } from '../state/reaction-policy.ts';
import { idOf, kindOf, likedComment } from '../state/topics/topic.ts';
import type { Updates } from '../state/update.ts';
import type { Store } from '../store/store.ts';
import { type CommentReads, createCommentReads } from './comment-reads.ts';
import { createLikesService, type LikesService } from './likes-service.ts';
import { createLogService, type LogService } from './log-service.ts';
import { createRetention } from './retention.ts';
import { createSignalClock } from './signal-clock.ts';
import { createSignals, type Signals } from './signals.ts';
import { createStoreHealth } from './store-health.ts';
import { createTimelines, type RemoteTimelines, type Timelines } from './timelines.ts';

export interface IngestOptions {
	/** The region of the store. */
	readonly region: string;
	readonly store: Store;
	/** The reactions that viewers can send. */
	readonly reactions: ReadonlyMap<string, ReactionPolicy>;
	/** The time in which commands gather for one transaction, in milliseconds. */
	readonly commitWindowMs: number;
	/** Likes of a video are deleted this number of days after its end; 0 for never. */
	readonly retentionDays: number;
	/** The timelines of other regions; none by default. */
	readonly remote?: RemoteTimelines;
	/** Hands updates to a dispatcher. */
	readonly publish: (updates: Updates) => void;
	readonly clock?: Clock;
	readonly logger: Logger;
}

/** The writes and reads of a node with the role `likes`. */
export interface Ingest {
	readonly likes: LikesService;
	readonly log: LogService;
	readonly signals: Signals;
	readonly reads: CommentReads;
	readonly timelines: Timelines;
	/** Settles when signals get higher orders than before, or when the store does not answer in time. */
	readonly started: Promise<void>;
	/** False without the store, and for 5 s after a failure or until a write succeeds. */
	readonly healthy: boolean;
	/** Takes no more writes. Settles when all accepted ones are committed and published. Idempotent. */
	close(): Promise<void>;
}

export function createIngest(options: IngestOptions): Ingest {
	const { store, retentionDays: days, clock, logger } = options;
	const health = createStoreHealth(store, logger, clock);
	const reads = createCommentReads({ store, health });
	const parts = { ...options, health, publish };
	const timelines = createTimelines(parts);
	const likes = createLikesService(parts);
	const log = createLogService(parts);
	const orders = createSignalClock(parts);
	const signals = createSignals({ ...parts, orders });
	const retention = createRetention({ store, days, logger });

	/** Drops kept pages, then publishes: users see their own comments and likes at once. */
	function publish(updates: Updates): void {
		for (const [topic, { log: events, values }] of updates) {
			const comment = likedComment(topic);
			if (comment !== undefined) reads.changed(comment.video);
			else if (kindOf(topic) !== 'video') continue;
			else if ((events ?? values) !== undefined) reads.changed(idOf(topic));
			else timelines.changed(idOf(topic));
		}
		options.publish(updates);
	}

	return {
		likes,
		log,
		signals,
		reads,
		timelines,
		started: orders.started,
		get healthy() {
			return health.healthy;
		},
		async close() {
			orders.close();
			await Promise.all([likes.close(), log.close(), signals.close(), retention.close()]);
		},
	};
}
