import { join } from 'node:path';
import { sumTotals, type Totals } from '@likewire/protocol';
import Database from 'better-sqlite3';
import { videoTopic } from '../../../gateway/src/state/topics/topic.ts';
import type { SentLike } from '../load/like-load.ts';
import type { Logs, WrittenEvent } from '../viewers/comment-audit.ts';

/** The content of the databases for some videos. */
export interface StoredVideos {
	/** The ids of the likes that users did not take back, by video. */
	readonly ids: ReadonlyMap<string, ReadonlySet<string>>;
	/** The stored totals by video. */
	readonly totals: ReadonlyMap<string, Totals>;
	/** The logs that these stores wrote, without replicas of other logs. */
	readonly logs: Logs;
}

/** Reads the store of a node, which may run. */
export function readStore(dataDir: string, videos: readonly string[]): StoredVideos {
	const database = new Database(join(dataDir, 'likewire.db'), { readonly: true });
	try {
		const ids = database.prepare<[string], string>('SELECT id FROM likes WHERE topic = ? AND taken_back_at IS NULL');
		ids.pluck();
		const totals = database.prepare<[string], { type: string; total: number }>(
			'SELECT type, added - removed AS total FROM counters WHERE topic = ?',
		);
		// This store writes the log of epoch 0. The logs of other stores have other epochs.
		const log = database.prepare<[string], WrittenEvent>(
			'SELECT number AS offset, kind, id AS comment FROM log WHERE topic = ? AND epoch = 0 ORDER BY number',
		);
		return {
			ids: new Map(videos.map((video) => [video, new Set(ids.all(videoTopic(video)))])),
			totals: new Map(
				videos.map((video) => [
					video,
					Object.fromEntries(totals.all(videoTopic(video)).map(({ type, total }) => [type, total])),
				]),
			),
			logs: new Map(videos.map((video) => [video, [log.all(videoTopic(video))]])),
		};
	} finally {
		database.close();
	}
}

/** Merges the stores of several regions: a like is in one of them, and each store has its own logs. */
export function mergeStores(stores: readonly StoredVideos[]): StoredVideos {
	const ids = new Map<string, Set<string>>();
	const totals = new Map<string, Totals>();
	const logs = new Map<string, (readonly WrittenEvent[])[]>();
	for (const store of stores) {
		for (const [video, ofVideo] of store.logs) logs.set(video, [...(logs.get(video) ?? []), ...ofVideo]);
		for (const [video, ofVideo] of store.ids) ids.set(video, new Set([...(ids.get(video) ?? []), ...ofVideo]));
		for (const [video, ofVideo] of store.totals) totals.set(video, addTotals(totals.get(video) ?? {}, ofVideo));
	}
	return { ids, totals, logs };
}

/** Returns the sum of two totals, by type. */
export function addTotals(one: Totals, other: Totals): Totals {
	const sum: Record<string, number> = { ...one };
	for (const [type, count] of Object.entries(other)) sum[type] = (sum[type] ?? 0) + count;
	return sum;
}

/** Returns whether each count of the first is at least that of the second. */
export function isAtLeast(one: Totals, other: Totals): boolean {
	return Object.entries(other).every(([type, count]) => (one[type] ?? 0) >= count);
}

/** The comparison of stored likes with sent likes. */
export interface Audit {
	readonly accepted: number;
	/** Stored likes, accepted or unanswered. */
	readonly stored: number;
	/** Accepted and not stored, or not counted. */
	readonly lost: number;
	/** Counted more often than they are stored. */
	readonly doubled: number;
	/** Stored, but no client sent them. */
	readonly strangers: number;
}

/**
 * Compares all sent likes with the store. `accepted` and `stored` count the likes sent since `since`; the faults count all
 * likes.
 */
export function auditLikes(likes: ReadonlyMap<string, SentLike>, store: StoredVideos, since: number): Audit {
	let accepted = 0;
	let stored = 0;
	let lost = 0;
	for (const { id, video, sentAt, acceptedAt } of likes.values()) {
		const isStored = store.ids.get(video)?.has(id) ?? false;
		if (acceptedAt !== undefined && !isStored) lost++;
		if (sentAt < since) continue;
		if (acceptedAt !== undefined) accepted++;
		if (isStored) stored++;
	}
	let doubled = 0;
	let strangers = 0;
	for (const [video, ids] of store.ids) {
		const surplus = sumTotals(store.totals.get(video) ?? {}) - ids.size;
		if (surplus > 0) doubled += surplus;
		else lost -= surplus;
		for (const id of ids) if (!likes.has(id)) strangers++;
	}
	return { accepted, stored, lost, doubled, strangers };
}
