import { addTotals, type Totals } from '@likewire/protocol';
import { type CounterRows, hashLikes, NO_LIKES, totalsOf } from '../../src/state/counters.ts';
import { videoTopic } from '../../src/state/topics/topic.ts';
import type { ClusterEnvironment } from '../node/cluster-environment.ts';
import type { LogHistories } from '../store/log-history.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';
import type { Audience } from '../workload/audience.ts';
import type { Clients } from '../workload/clients.ts';
import { receiptsIn } from '../workload/receipts.ts';
import { sameTotals } from '../workload/viewer.ts';
import { missingComments } from './cluster-checker.ts';
import { wrongTimeline } from './timeline-checker.ts';

/** A region and its viewers. */
export interface WatchedRegion {
	readonly environment: ClusterEnvironment;
	readonly audience: Audience;
}

export interface RegionCheckerOptions {
	readonly regions: readonly WatchedRegion[];
	readonly videos: readonly string[];
	readonly clients: Clients;
	readonly logs: LogHistories;
	/** Whether stores went back to older copies, so that some likes are lost. */
	readonly restored: boolean;
}

/**
 * Returns what is wrong with the totals of stores or viewers of any region; undefined when all are
 * right.
 */
export function wrongStateAnywhere({
	regions,
	videos,
	clients,
	logs,
	restored,
}: RegionCheckerOptions): string | undefined {
	const { likers, unanswered } = clients;
	if (unanswered !== undefined) return unanswered;
	const stands = new Map<string, Totals>();
	const wrongStore = (environment: ClusterEnvironment) =>
		(restored ? missingReceipt(environment, regions) : clients.receipts.missingIn(environment)) ??
		wrongLogs(environment.store, videos, logs) ??
		wrongTimeline(environment.store, videos);
	const stores = new Map(
		regions.map(({ environment: { region, store } }) => [region, store.read(videos.map(videoTopic))]),
	);
	for (const video of videos) {
		const topic = videoTopic(video);
		let sum: Totals = {};
		for (const { environment } of regions) {
			const { store, region } = environment;
			const stored = totalsOf(ownOf(region, stores.get(region)?.get(topic)));
			const expected = store.expected(topic);
			if (!sameTotals(stored, expected)) return `${region} miscounts ${video}: ${toJson({ stored, expected })}`;
			sum = addTotals(sum, stored);
		}
		const expected = likers.expected(topic);
		if (!restored && !sameTotals(sum, expected)) return `${video} is miscounted: ${toJson({ stored: sum, expected })}`;
		stands.set(video, sum);
	}
	for (const { environment, audience } of regions) {
		const wrong = wrongReplica(environment.region, stores) ?? wrongStore(environment);
		if (wrong !== undefined) return wrong;
		if (audience.waiting > 0) return `a viewer finds no frontend in ${environment.region}`;
		for (const { session, video, event } of audience.received()) {
			const stored = stands.get(video) ?? {};
			if (event !== undefined && sameTotals(event.totals, stored)) continue;
			return `${session.viewer.name}: ${video} is not right: ${toJson({ sent: event?.totals, stored })}`;
		}
		const missing = missingComments(audience) ?? wrongCommentLikes({ audience, clients, regions });
		if (missing !== undefined) return missing;
	}
	return undefined;
}

/** Returns the total of a comment, over all regions. */
function totalOf(topic: string, regions: readonly WatchedRegion[]): Totals {
	return regions.reduce<Totals>((sum, { environment }) => addTotals(sum, environment.store.expected(topic)), {});
}

/**
 * Returns a receipt of a region that is missing or old in another store; undefined when all stores
 * have all.
 */
function missingReceipt({ region, store }: ClusterEnvironment, regions: readonly WatchedRegion[]): string | undefined {
	const own = receiptsIn(store).filter(([, { from }]) => from === region);
	for (const { environment } of regions) {
		const known = new Map(receiptsIn(environment.store));
		for (const [key, { order }] of own) {
			const has = known.get(key)?.order;
			if (has === undefined || has < order) {
				return `${environment.region} has receipt ${has ?? 'none'} of ${key}, and ${region} has ${order}`;
			}
		}
	}
	return undefined;
}

/** Returns which likes of a comment a viewer has wrong; undefined when all are right. */
function wrongCommentLikes({
	audience,
	clients,
	regions,
}: {
	readonly audience: Audience;
	readonly clients: Clients;
	readonly regions: readonly WatchedRegion[];
}): string | undefined {
	for (const { viewer, videos } of audience.sessions) {
		const wanted = videos.flatMap((video) => clients.likedLast.get(video) ?? []);
		for (const topic of new Set([...viewer.commentLikes.keys(), ...wanted])) {
			const received = viewer.commentLikes.get(topic);
			const stored = totalOf(topic, regions);
			if (received !== undefined && sameTotals(received, stored)) continue;
			return `${viewer.name}: the likes of ${topic} are not right: ${toJson({ sent: received, stored })}`;
		}
	}
	return undefined;
}

/**
 * Returns which rows of another region a store has wrong. `stores`: the rows that each store has of
 * each video.
 */
function wrongReplica(
	region: string,
	stores: ReadonlyMap<string, ReadonlyMap<string, CounterRows>>,
): string | undefined {
	for (const [video, rows] of stores.get(region) ?? []) {
		for (const [other, its] of stores) {
			if (other === region) continue;
			const own = ownOf(other, its.get(video));
			const known = rows[other];
			// A store need not know that a topic of another region has no likes.
			const isKnown = known ? hashLikes({ [other]: known }) === hashLikes(own) : isEmpty(totalsOf(own));
			if (!isKnown) return `${region} has of ${other} for ${video}: ${toJson({ known, own })}`;
		}
	}
	return undefined;
}

/** Returns which log of a region a store has wrong; undefined when all are right. */
function wrongLogs(store: SimulatedStore, videos: readonly string[], logs: LogHistories): string | undefined {
	for (const topic of videos.map(videoTopic)) {
		for (const [region, log] of logs.current()) {
			const written = log
				.of(topic)
				.map(({ id, kind, erasedAt }) => `${erasedAt === undefined ? kind : 'erased'} ${id}`);
			const { events } = store.events(topic, region, 0, written.length + 1);
			const known = events.map(({ id, kind }) => `${kind} ${id}`);
			const at = written.findIndex((event, index) => event !== known[index]);
			if (at < 0 && known.length === written.length) continue;
			const what = at < 0 ? 'an event more' : `${known[at] ?? 'nothing'} instead of ${written[at]}`;
			return `${store.region} has in the log of ${region} for ${topic} at ${at + 1}: ${what}`;
		}
	}
	return undefined;
}

/** Returns the rows of a region itself. */
function ownOf(region: string, rows: CounterRows = NO_LIKES): CounterRows {
	const own = rows[region];
	return own === undefined ? NO_LIKES : { [region]: own };
}

function isEmpty(totals: Totals): boolean {
	return Object.values(totals).every((count) => count === 0);
}

function toJson(what: object): string {
	return JSON.stringify(what);
}
