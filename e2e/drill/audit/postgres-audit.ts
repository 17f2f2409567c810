import type { Totals } from '@likewire/protocol';
import type { LogEventKind } from '../../../gateway/src/state/log.ts';
import { idOf, videoTopic } from '../../../gateway/src/state/topics/topic.ts';
import type { LocalPostgres } from '../../../local-cluster/nodes/local-postgres.ts';
import type { WrittenEvent } from '../viewers/comment-audit.ts';
import type { StoredVideos } from './store-audit.ts';

interface Row {
	readonly topic: string;
	readonly type: string;
	readonly total: string;
}

/** Reads the store of a region, or a copy of it, while its nodes may use it. Rejects when the server is down. */
export async function readPostgres(
	{ server, url }: Pick<LocalPostgres, 'server' | 'url'>,
	videos: readonly string[],
): Promise<StoredVideos> {
	const likes = await server.query<{ topic: string; id: string }>(
		'SELECT topic, id FROM likewire.likes WHERE topic = ANY ($1) AND taken_back_at IS NULL',
		url,
		[videos.map(videoTopic)],
	);
	const ids = new Map(videos.map((video) => [video, new Set<string>()]));
	for (const { topic, id } of likes) ids.get(idOf(topic))?.add(id);
	const totals = await server.query<Row>(
		'SELECT topic, type, added - removed AS total FROM likewire.counters WHERE topic = ANY ($1)',
		url,
		[videos.map(videoTopic)],
	);
	const logs = new Map<string, WrittenEvent[]>(videos.map((video) => [videoTopic(video), []]));
	// This store writes the log of epoch 0. The logs of other stores have other epochs.
	const events = await server.query<{ topic: string; number: string; kind: LogEventKind; id: string }>(
		'SELECT topic, number, kind, id FROM likewire.log WHERE topic = ANY ($1) AND epoch = 0 ORDER BY number',
		url,
		[[...logs.keys()]],
	);
	for (const { topic, number, kind, id } of events) {
		logs.get(topic)?.push({ offset: Number(number), kind, comment: id });
	}
	return {
		ids,
		totals: totalsOf(totals, videos),
		logs: new Map(videos.map((video) => [video, [logs.get(videoTopic(video)) ?? []]])),
	};
}

/** Reads the totals of another region from the replica rows of a store. */
export async function readReplicas(
	{ server, url }: LocalPostgres,
	region: string,
	videos: readonly string[],
): Promise<ReadonlyMap<string, Totals>> {
	const text = `
		SELECT topic, type, added - removed AS total
		FROM likewire.remote_counters JOIN likewire.remote_topics USING (topic, region, epoch)
		WHERE region = $1 AND topic = ANY ($2)`;
	return totalsOf(await server.query<Row>(text, url, [region, videos.map(videoTopic)]), videos);
}

function totalsOf(rows: readonly Row[], videos: readonly string[]): ReadonlyMap<string, Totals> {
	const totals = new Map<string, Record<string, number>>(videos.map((video) => [video, {}]));
	for (const { topic, type, total } of rows) {
		const ofVideo = totals.get(idOf(topic));
		// The driver returns 64-bit numbers as text.
		if (ofVideo !== undefined) ofVideo[type] = Number(total);
	}
	return totals;
}
