import type { Logger } from 'pino';
import type { ReactionPolicy } from '../state/counters.ts';
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

export interface IngestOptions {
	/** The region whose store it is. */
	readonly region: string;
	readonly store: Store;
	/** The reactions that viewers may give. */
	readonly reactions: ReadonlyMap<string, ReactionPolicy>;
	/** A transaction gathers what arrives in so many milliseconds. */
	readonly commitWindowMs: number;
	/** Likes of a video are forgotten so many days after it ended; 0 for never. */
	readonly retentionDays: number;
	/** Hands news to a dispatcher. */
	readonly publish: (updates: Updates) => void;
	readonly logger: Logger;
}

/** All that a node with the role `likes` writes into its store, and reads of it for viewers. */
export interface Ingest {
	readonly likes: LikesService;
	readonly log: LogService;
	readonly signals: Signals;
	readonly reads: CommentReads;
	/** Settles when signals get orders that are higher than all of before, or the store does not answer. */
	readonly started: Promise<void>;
	/** Whether writes can be stored: false while the store is away, and after a failure for a while or until one worked. */
	readonly healthy: boolean;
	/** Takes no more writes, and settles when all that were taken are committed and published. May be called twice. */
	close(): Promise<void>;
}

export function createIngest(options: IngestOptions): Ingest {
	const { store, retentionDays: days, logger } = options;
	const health = createStoreHealth(store, logger);
	const reads = createCommentReads({ store, health });
	const parts = { ...options, health, publish };
	const likes = createLikesService(parts);
	const log = createLogService(parts);
	const clock = createSignalClock({ store, logger });
	const signals = createSignals({ ...parts, clock });
	const retention = createRetention({ store, days, logger });

	/** Who writes a comment, or likes one, sees it at once, also on the pages that others have just asked for. */
	function publish(updates: Updates): void {
		for (const [topic, { log: events, values }] of updates) {
			const comment = likedComment(topic);
			if (comment !== undefined) reads.changed(comment.video);
			else if (kindOf(topic) === 'video' && (events ?? values) !== undefined) reads.changed(idOf(topic));
		}
		options.publish(updates);
	}

	return {
		likes,
		log,
		signals,
		reads,
		started: clock.started,
		get healthy() {
			return health.healthy;
		},
		async close() {
			clock.close();
			await Promise.all([likes.close(), log.close(), signals.close(), retention.close()]);
		},
	};
}
