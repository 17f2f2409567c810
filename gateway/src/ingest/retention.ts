import type { Logger } from 'pino';
import type { LogStore } from '../store/log-store.ts';

const DAY_MS = 86_400_000;

/** The period of rounds, in milliseconds. */
const ROUND_MS = 3_600_000;

/** The most likes that one transaction deletes: small, so that a like behind it does not wait long. */
const BATCH_SIZE = 500;

/** The pause between two of these transactions, in milliseconds. */
const PAUSE_MS = 50;

export interface RetentionOptions {
	readonly store: Pick<LogStore, 'prune'>;
	/** The days after the end of a video until its likes are deleted; 0 for never. Totals stay. */
	readonly days: number;
	readonly logger: Logger;
}

/** Deletes the likes of videos that ended long ago, and those of their comments. */
export interface Retention {
	/** Runs one round. Resolves with the number of deleted likes. `now`: in Unix milliseconds. */
	round(now?: number): Promise<number>;
	/** Begins no further batch, and settles when the current one is done. A second call is allowed. */
	close(): Promise<void>;
}

/** Starts with a round, and runs one every hour. */
export function createRetention({ store, days, logger }: RetentionOptions): Retention {
	let closed = false;
	let underWay: Promise<number> = Promise.resolve(0);
	let endPause = () => {};

	async function prune(endedBefore: number): Promise<number> {
		let deleted = 0;
		try {
			while (!closed) {
				const { likes, more } = await store.prune(endedBefore, BATCH_SIZE);
				deleted += likes;
				if (!more) break;
				await pause();
			}
		} catch (err) {
			logger.warn({ err }, 'retention failed; retried in an hour');
		}
		if (deleted > 0) logger.info({ likes: deleted, days }, 'likes of old videos deleted');
		return deleted;
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

	/** Runs a round after the one before, which may take longer than an hour. */
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
