import { join } from 'node:path';
import { sumTotals, type Totals } from '@likewire/protocol';
import Database from 'better-sqlite3';
import { videoTopic } from '../../../gateway/src/delivery/topic.ts';
import type { SentLike } from '../load/like-load.ts';
import type { Logs, WrittenEvent } from '../viewers/comment-audit.ts';

/** What the databases hold of some videos, read beside the gateways that use them. */
export interface StoredVideos {
	/** The ids of the likes that stand, by video. */
	readonly ids: ReadonlyMap<string, ReadonlySet<string>>;
	/** As the gateway keeps and tells them, by video. */
	readonly totals: ReadonlyMap<string, Totals>;
	/** Those that these stores wrote, without what they know of others. */
	readonly logs: Logs;
}

/** Reads the store of a node; it may run meanwhile. */
export function readStore(dataDir: string, videos: readonly string[]): StoredVideos {
	const database = new Database(join(dataDir, 'likewire.db'), { readonly: true });
	try {
		const ids = database.prepare<[string], string>('SELECT id FROM likes WHERE topic = ? AND taken_back_at IS NULL');
		ids.pluck();
		const totals = database.prepare<[string], { type: string; total: number }>(
			'SELECT type, added - removed AS total FROM counters WHERE topic = ?',
		);
		// The log that this store writes; those of others have an epoch.
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

/** Stores of several regions as one: a like is in one of them, and each has logs of its own. */
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

/** The sum of two totals, type by type. */
export function addTotals(one: Totals, other: Totals): Totals {
	const sum: Record<string, number> = { ...one };
	for (const [type, count] of Object.entries(other)) sum[type] = (sum[type] ?? 0) + count;
	return sum;
}

/** Whether no type of the first has less than in the second. */
export function isAtLeast(one: Totals, other: Totals): boolean {
	return Object.entries(other).every(([type, count]) => (one[type] ?? 0) >= count);
}

/** How the likes of a store compare to those that were given. */
export interface Audit {
	readonly accepted: number;
	/** Those of them that are stored, and others that were sent. */
	readonly stored: number;
	/** Accepted and not stored, or not counted. */
	readonly lost: number;
	/** Counted more often than they are stored. */
	readonly doubled: number;
	/** Stored, though nobody sent them. */
	readonly strangers: number;
}

/**
 * Compares all likes that were ever sent with the store. `since` leaves out of `accepted` and `stored`, not out of what is
 * wrong, the likes that were sent before.
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
