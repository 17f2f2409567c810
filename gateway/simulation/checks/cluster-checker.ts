import { totalsOf } from '../../src/state/counters.ts';
import { videoTopic } from '../../src/state/topics/topic.ts';
import type { World } from '../node/environment.ts';
import type { Node } from '../node/node.ts';
import type { Audience } from '../workload/audience.ts';
import type { Clients } from '../workload/clients.ts';
import { sameTotals } from '../workload/viewer.ts';

export interface VerdictOptions {
	readonly world: World;
	readonly videos: readonly string[];
	readonly clients: Clients;
	readonly audience: Audience;
}

/** The nodes that run. */
export function running({ nodes }: World): Node[] {
	return [...nodes.values()].filter(({ process }) => !process.isDead);
}

/** What is not right with what the store counts and viewers see; undefined when all is. */
export function untrue({ world, videos, clients, audience }: VerdictOptions): string | undefined {
	const { likers, unanswered } = clients;
	if (unanswered !== undefined) return unanswered;
	if (audience.waiting > 0) return 'a viewer finds no frontend';
	const stored = world.store.read(videos.map(videoTopic));
	for (const video of videos) {
		const totals = totalsOf(stored.get(videoTopic(video)) ?? {});
		const expected = likers.expected(videoTopic(video));
		if (sameTotals(totals, expected)) continue;
		return `the store miscounts ${video}: ${JSON.stringify({ stored: totals, expected })}`;
	}
	for (const { seat, video, event } of audience.told()) {
		const totals = totalsOf(stored.get(videoTopic(video)) ?? {});
		if (event !== undefined && sameTotals(event.totals, totals)) continue;
		return `${seat.viewer.name}: ${video} is not right: ${JSON.stringify({ told: event?.totals, stored: totals })}`;
	}
	return unread(audience);
}

/** What of the comments on a video somebody was not told who reads them; undefined when nothing. */
export function unread(audience: Audience): string | undefined {
	for (const { seat, video } of audience.told()) {
		const missing = seat.reader.missing(video);
		if (missing !== undefined) return `${seat.viewer.name}: ${missing}`;
	}
	return undefined;
}

/** Why nodes may still flood; undefined when the cluster has settled. */
export function unsettled(world: World): string | undefined {
	const nodes = running(world);
	const dispatchers = nodes
		.filter(({ dispatcher }) => dispatcher)
		.map(({ name, incarnation }) => `${name} ${incarnation}`)
		.sort();
	for (const { name, membership, router, dispatcher, frontend } of nodes) {
		if (membership.view !== router.view) return `${name} has not noticed the newest view`;
		const members = router.view.ring.members.map(({ node, incarnation }) => `${node} ${incarnation}`);
		if (members.join() !== dispatchers.join()) return `${name} goes by a ring of ${members} instead of ${dispatchers}`;
		if (dispatcher?.dispatch.settled === false) return `${name} does not trust its table`;
		if (frontend?.subscriptionSync.isIdle === false) return `${name} has not told the dispatchers all`;
		if (!router.isIdle) return `${name} still has something to send`;
	}
	return undefined;
}

/** A dispatcher that trusts its table though it lacks what a frontend has told; undefined when there is none. */
export function misplacedTrust(world: World): string | undefined {
	const nodes = running(world);
	for (const { name: owner, dispatcher, router, process } of nodes) {
		if (!dispatcher?.dispatch.settled || !process.runs) continue;
		const { ring, frontends } = router.view;
		for (const { name, frontend, router: other, process: its } of nodes) {
			if (!frontend?.subscriptionSync.isIdle || !its.runs || other.view.ring.view !== ring.view) continue;
			if (!frontends.has(name)) continue;
			for (const topic of frontend.hub.topics.topicNames()) {
				if (ring.owner(topic) !== owner) continue;
				if ([...dispatcher.dispatch.table.frontends(topic)].includes(name)) continue;
				return `${owner} trusts its table, and has no row of ${topic} for ${name}`;
			}
		}
	}
	return undefined;
}

/** What an owner does not know of a topic though it trusts its table; undefined when all of them know enough. */
export function wrongRow(world: World): string | undefined {
	const followers = new Map<string, { owner: Node | undefined; counts: Map<string, number> }>();
	for (const { name, frontend, router } of running(world)) {
		for (const topic of frontend?.hub.topics.topicNames() ?? []) {
			const owner = world.nodes.get(router.view.ring.owner(topic) ?? '');
			const entry = followers.get(topic) ?? { owner, counts: new Map<string, number>() };
			followers.set(topic, entry);
			entry.counts.set(name, frontend?.hub.topics.registration(topic)?.count ?? 0);
		}
	}
	for (const [topic, { owner, counts }] of followers) {
		const table = owner?.dispatcher?.dispatch.table;
		const rows = new Set(table?.frontends(topic));
		const missing = [...counts.keys()].find((frontend) => !rows.has(frontend));
		if (missing !== undefined) return `${missing} follows ${topic}, and ${owner?.name} has no row of it`;
		// A row more may be there until the next digest: an old message found none that was newer.
		if (rows.size > counts.size) continue;
		const watching = [...counts.values()].reduce((sum, count) => sum + count, 0);
		const counted = table?.viewers(topic);
		if (counted !== watching) return `${watching} watch ${topic}, and ${owner?.name} counts ${counted}`;
	}
	return undefined;
}

/** What the subscription tables have that no frontend told last; undefined when they are exact. */
export function wrongTables({ world, videos, audience }: VerdictOptions): string | undefined {
	const nodes = running(world);
	const rows = nodes.reduce((sum, { dispatcher }) => sum + (dispatcher?.dispatch.table.rowCount ?? 0), 0);
	const topics = nodes.reduce((sum, { frontend }) => sum + (frontend?.hub.topics.size ?? 0), 0);
	if (rows !== topics) return `there are ${rows} rows for ${topics} topics of frontends`;
	for (const video of videos) {
		const topic = videoTopic(video);
		const counted = nodes.reduce((sum, { dispatcher }) => sum + (dispatcher?.dispatch.table.viewers(topic) ?? 0), 0);
		const watching = [...audience.seats].filter((seat) => seat.videos.includes(video)).length;
		if (counted !== watching) return `${watching} watch ${video}, and the tables count ${counted}`;
	}
	return undefined;
}
