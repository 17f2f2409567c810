import { totalsOf } from '../../src/state/counters.ts';
import { videoTopic } from '../../src/state/topics/topic.ts';
import type { ClusterEnvironment } from '../node/cluster-environment.ts';
import type { Node } from '../node/node.ts';
import type { Audience } from '../workload/audience.ts';
import type { Clients } from '../workload/clients.ts';
import { sameTotals } from '../workload/viewer.ts';
import { wrongTimeline } from './timeline-checker.ts';

export interface CheckerOptions {
	readonly environment: ClusterEnvironment;
	readonly videos: readonly string[];
	readonly clients: Clients;
	readonly audience: Audience;
}

/** Returns the nodes that run. */
export function running({ nodes }: ClusterEnvironment): Node[] {
	return [...nodes.values()].filter(({ process }) => !process.isDead);
}

/** Returns what is wrong with the totals of the store or of viewers; undefined when all are right. */
export function wrongState({ environment, videos, clients, audience }: CheckerOptions): string | undefined {
	const { likers, unanswered } = clients;
	if (unanswered !== undefined) return unanswered;
	if (audience.waiting > 0) return 'a viewer finds no frontend';
	const stored = environment.store.read(videos.map(videoTopic));
	for (const video of videos) {
		const totals = totalsOf(stored.get(videoTopic(video)) ?? {});
		const expected = likers.expected(videoTopic(video));
		if (sameTotals(totals, expected)) continue;
		return `the store miscounts ${video}: ${JSON.stringify({ stored: totals, expected })}`;
	}
	const timeline = wrongTimeline(environment.store, videos);
	if (timeline !== undefined) return timeline;
	for (const { session, video, event } of audience.received()) {
		const totals = totalsOf(stored.get(videoTopic(video)) ?? {});
		if (event !== undefined && sameTotals(event.totals, totals)) continue;
		return `${session.viewer.name}: ${video} is not right: ${JSON.stringify({ sent: event?.totals, stored: totals })}`;
	}
	return missingComments(audience);
}

/** Returns which comments a viewer misses; undefined when it misses none. */
export function missingComments(audience: Audience): string | undefined {
	for (const { session, video } of audience.received()) {
		const missing = session.reader.missing(video);
		if (missing !== undefined) return `${session.viewer.name}: ${missing}`;
	}
	return undefined;
}

/** Returns why nodes may still flood; undefined when the cluster has settled. */
export function unsettled(environment: ClusterEnvironment): string | undefined {
	const nodes = running(environment);
	const dispatchers = nodes
		.filter(({ dispatcher }) => dispatcher)
		.map(({ name, incarnation }) => `${name} ${incarnation}`)
		.sort();
	for (const { name, membership, router, dispatcher, frontend } of nodes) {
		if (membership.view !== router.view) return `${name} has not noticed the newest view`;
		const members = router.view.ring.members.map(({ node, incarnation }) => `${node} ${incarnation}`);
		if (members.join() !== dispatchers.join()) return `${name} goes by a ring of ${members} instead of ${dispatchers}`;
		if (dispatcher?.dispatch.settled === false) return `${name} does not trust its table`;
		if (frontend?.subscriptionSync.isIdle === false) return `${name} has registrations to send`;
		if (!router.isIdle) return `${name} still has something to send`;
	}
	return undefined;
}

/**
 * Returns a dispatcher that trusts its table though the row of a registration is missing; undefined
 * when none does.
 */
export function misplacedTrust(environment: ClusterEnvironment): string | undefined {
	const nodes = running(environment);
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

/** Returns which row an owner misses; undefined when all owners have all rows. */
export function wrongRow(environment: ClusterEnvironment): string | undefined {
	const followers = new Map<string, { owner: Node | undefined; counts: Map<string, number> }>();
	for (const { name, frontend, router } of running(environment)) {
		for (const topic of frontend?.hub.topics.topicNames() ?? []) {
			const owner = environment.nodes.get(router.view.ring.owner(topic) ?? '');
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
		// An old message may add a row until the next digest.
		if (rows.size > counts.size) continue;
		const watching = [...counts.values()].reduce((sum, count) => sum + count, 0);
		const counted = table?.viewers(topic);
		if (counted !== watching) return `${watching} watch ${topic}, and ${owner?.name} counts ${counted}`;
	}
	return undefined;
}

/** Returns which rows no frontend registered last; undefined when the tables are exact. */
export function wrongTables({ environment, videos, audience }: CheckerOptions): string | undefined {
	const nodes = running(environment);
	const rows = nodes.reduce((sum, { dispatcher }) => sum + (dispatcher?.dispatch.table.rowCount ?? 0), 0);
	const topics = nodes.reduce((sum, { frontend }) => sum + (frontend?.hub.topics.size ?? 0), 0);
	if (rows !== topics) return `the tables have ${rows} rows, and the frontends ${topics} topics`;
	for (const video of videos) {
		const topic = videoTopic(video);
		const counted = nodes.reduce((sum, { dispatcher }) => sum + (dispatcher?.dispatch.table.viewers(topic) ?? 0), 0);
		const watching = [...audience.sessions].filter((session) => session.videos.includes(video)).length;
		if (counted !== watching) return `${watching} watch ${video}, and the tables count ${counted}`;
	}
	return undefined;
}
