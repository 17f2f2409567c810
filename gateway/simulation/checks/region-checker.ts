import { addTotals, type Totals } from '@likewire/protocol';
import { type CounterRows, hashLikes, NO_LIKES, totalsOf } from '../../src/state/counters.ts';
import { videoTopic } from '../../src/state/topics/topic.ts';
import type { World } from '../node/environment.ts';
import type { WrittenLogs } from '../store/log-history.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';
import type { Audience } from '../workload/audience.ts';
import type { Clients } from '../workload/clients.ts';
import { receiptsIn } from '../workload/receipts.ts';
import { sameTotals } from '../workload/viewer.ts';
import { unread } from './cluster-checker.ts';

/** A region and those who watch there. */
export interface WatchedRegion {
	readonly world: World;
	readonly audience: Audience;
}

export interface RegionVerdictOptions {
	readonly regions: readonly WatchedRegion[];
	readonly videos: readonly string[];
	readonly clients: Clients;
	readonly logs: WrittenLogs;
	/** Stores went back to older copies, so some likes are lost. */
	readonly restored: boolean;
}

/** What is not right with what the stores count and viewers see, in any region; undefined when all is. */
export function untrueAnywhere({ regions, videos, clients, logs, restored }: RegionVerdictOptions): string | undefined {
	const { likers, unanswered } = clients;
	if (unanswered !== undefined) return unanswered;
	const stands = new Map<string, Totals>();
	const untold = (world: World) =>
		(restored ? unshared(world, regions) : clients.receipts.missingIn(world)) ?? untrueLogs(world.store, videos, logs);
	const stores = new Map(regions.map(({ world: { region, store } }) => [region, store.read(videos.map(videoTopic))]));
	for (const video of videos) {
		const topic = videoTopic(video);
		let sum: Totals = {};
		for (const { world } of regions) {
			const { store, region } = world;
			const stored = totalsOf(ownOf(region, stores.get(region)?.get(topic)));
			const expected = store.expected(topic);
			if (!sameTotals(stored, expected)) return `${region} miscounts ${video}: ${told({ stored, expected })}`;
			sum = addTotals(sum, stored);
		}
		const expected = likers.expected(topic);
		if (!restored && !sameTotals(sum, expected)) return `${video} is miscounted: ${told({ stored: sum, expected })}`;
		stands.set(video, sum);
	}
	for (const { world, audience } of regions) {
		const wrong = untrueStore(world.region, stores) ?? untold(world);
		if (wrong !== undefined) return wrong;
		if (audience.waiting > 0) return `a viewer finds no frontend in ${world.region}`;
		for (const { seat, video, event } of audience.told()) {
			const stored = stands.get(video) ?? {};
			if (event !== undefined && sameTotals(event.totals, stored)) continue;
			return `${seat.viewer.name}: ${video} is not right: ${told({ told: event?.totals, stored })}`;
		}
		const missing = unread(audience) ?? unliked({ audience, clients, regions });
		if (missing !== undefined) return missing;
	}
	return undefined;
}

/** The total of a comment, over all regions. */
function totalOf(topic: string, regions: readonly WatchedRegion[]): Totals {
	return regions.reduce<Totals>((sum, { world }) => addTotals(sum, world.store.expected(topic)), {});
}

/** A receipt that the store of a region has of its own, and another one lacks; undefined when all others have them. */
function unshared({ region, store }: World, regions: readonly WatchedRegion[]): string | undefined {
	const own = receiptsIn(store).filter(([, { from }]) => from === region);
	for (const { world } of regions) {
		const known = new Map(receiptsIn(world.store));
		for (const [key, { order }] of own) {
			const has = known.get(key)?.order;
			if (has === undefined || has < order) {
				return `${world.region} has receipt ${has ?? 'none'} of ${key}, and ${region} has ${order}`;
			}
		}
	}
	return undefined;
}

/** The likes of a comment that a viewer has otherwise than the stores; undefined when all are right. */
function unliked({
	audience,
	clients,
	regions,
}: {
	readonly audience: Audience;
	readonly clients: Clients;
	readonly regions: readonly WatchedRegion[];
}): string | undefined {
	for (const { viewer, videos } of audience.seats) {
		const wanted = videos.flatMap((video) => clients.likedLast.get(video) ?? []);
		for (const topic of new Set([...viewer.commentLikes.keys(), ...wanted])) {
			const received = viewer.commentLikes.get(topic);
			const stored = totalOf(topic, regions);
			if (received !== undefined && sameTotals(received, stored)) continue;
			return `${viewer.name}: the likes of ${topic} are not right: ${told({ told: received, stored })}`;
		}
	}
	return undefined;
}

/** What the store of a region has of the others that they do not say themselves. `stores`: what each has of each video. */
function untrueStore(
	region: string,
	stores: ReadonlyMap<string, ReadonlyMap<string, CounterRows>>,
): string | undefined {
	for (const [video, rows] of stores.get(region) ?? []) {
		for (const [other, its] of stores) {
			if (other === region) continue;
			const own = ownOf(other, its.get(video));
			const known = rows[other];
			// That there are no likes need not be known.
			const isKnown = known ? hashLikes({ [other]: known }) === hashLikes(own) : isEmpty(totalsOf(own));
			if (!isKnown) return `${region} has of ${other} about ${video}: ${told({ known, own })}`;
		}
	}
	return undefined;
}

/** What the store of a region has of the logs of all regions that is not what those wrote; undefined when all is. */
function untrueLogs(store: SimulatedStore, videos: readonly string[], logs: WrittenLogs): string | undefined {
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
			return `${store.region} has in the log of ${region} about ${topic} at ${at + 1}: ${what}`;
		}
	}
	return undefined;
}

/** What of rows a region says itself. */
function ownOf(region: string, rows: CounterRows = NO_LIKES): CounterRows {
	const own = rows[region];
	return own === undefined ? NO_LIKES : { [region]: own };
}

function isEmpty(totals: Totals): boolean {
	return Object.values(totals).every((count) => count === 0);
}

function told(what: object): string {
	return JSON.stringify(what);
}
