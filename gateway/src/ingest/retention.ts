import type { Logger } from 'pino';
import type { LogStore } from '../store/log-store.ts';

const DAY_MS = 86_400_000;

/** It is looked so often for what is to be forgotten, in milliseconds. */
const ROUND_MS = 3_600_000;

/** So many likes are forgotten in one transaction: small enough that a like which waits behind it is not kept long. */
const BATCH_SIZE = 500;

/** Between two of them the store is left to others for so long, in milliseconds. */
const PAUSE_MS = 50;

export interface RetentionOptions {
	readonly store: Pick<LogStore, 'prune'>;
	/** Likes of a video and its comments are forgotten so many days after it ended; 0 for never. Totals and comments stay. */
	readonly days: number;
	readonly logger: Logger;
}

/** Forgets the likes of videos that ended long ago, and those of their comments. */
export interface Retention {
	/** One round; settles with how many likes were forgotten. `now`: in Unix milliseconds. */
	round(now?: number): Promise<number>;
	/** Begins no other batch, and settles when the one under way is done. May be called twice. */
	close(): Promise<void>;
}

/** Begins with a round, and makes one every hour. */
export function createRetention({ store, days, logger }: RetentionOptions): Retention {
	let closed = false;
	let underWay: Promise<number> = Promise.resolve(0);
	let endPause = () => {};

	async function prune(endedBefore: number): Promise<number> {
		let forgotten = 0;
		try {
			while (!closed) {
				const { likes, more } = await store.prune(endedBefore, BATCH_SIZE);
				forgotten += likes;
				if (!more) break;
				await pause();
			}
		} catch (err) {
			logger.warn({ err }, 'likes of videos that ended long ago could not be forgotten; it is tried again in an hour');
		}
		if (forgotten > 0) logger.info({ likes: forgotten, days }, 'likes of videos that ended long ago are forgotten');
		return forgotten;
	}

	function pause(): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, PAUSE_MS);
			endPause = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}

	/** One after the other, should one take longer than an hour. */
	function round(now = Date.now()): Promise<number> {
		underWay = underWay.then(() => (days === 0 ? 0 : prune(now - days * DAY_MS)));
		return underWay;
	}

	const timer = days === 0 ? undefined : setInterval(() => void round(), ROUND_MS);
	if (days > 0) void round();

	return {
		round,
		async close() {
			closed = true;
			clearInterval(timer);
			endPause();
			await underWay;
		},
	};
}
