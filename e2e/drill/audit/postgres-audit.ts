import type { Totals } from '@likewire/protocol';
import type { LogEventKind } from '../../../gateway/src/delivery/log.ts';
import { videoTopic } from '../../../gateway/src/delivery/topic.ts';
import type { LocalPostgres } from '../../../local-cluster/nodes/local-postgres.ts';
import type { WrittenEvent } from '../viewers/comment-audit.ts';
import type { StoredVideos } from './store-audit.ts';

/** Types of a store's own are empty, or begin with a colon: no like has one. */
const IS_OF_LIKES = `type <> '' AND type NOT LIKE ':%'`;

interface Row {
	readonly video: string;
	readonly type: string;
	readonly total: string;
}

/** Reads the store of a region, or a copy of it; its nodes may use it meanwhile. Rejects while the server is away. */
export async function readPostgres(
	{ server, url }: Pick<LocalPostgres, 'server' | 'url'>,
	videos: readonly string[],
): Promise<StoredVideos> {
	const likes = await server.query<{ video: string; id: string }>(
		'SELECT video, id FROM likewire.likes WHERE video = ANY ($1) AND taken_back_at IS NULL',
		url,
		[videos],
	);
	const ids = new Map(videos.map((video) => [video, new Set<string>()]));
	for (const { video, id } of likes) ids.get(video)?.add(id);
	const totals = await server.query<Row>(
		`SELECT video, type, added - removed AS total FROM likewire.totals WHERE video = ANY ($1) AND ${IS_OF_LIKES}`,
		url,
		[videos],
	);
	const logs = new Map<string, WrittenEvent[]>(videos.map((video) => [videoTopic(video), []]));
	// The log that this store writes; those of others have an epoch.
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

/** What the store of a region knows of another region. */
export async function readReplicas(
	{ server, url }: LocalPostgres,
	region: string,
	videos: readonly string[],
): Promise<ReadonlyMap<string, Totals>> {
	const text = `
		SELECT r.video, r.type, r.added - r.removed AS total FROM likewire.replicas AS r
		WHERE r.region = $1 AND r.video = ANY ($2) AND ${IS_OF_LIKES} AND r.epoch = (
			SELECT max(newest.epoch) FROM likewire.replicas AS newest WHERE newest.region = r.region AND newest.video = r.video
		)`;
	return totalsOf(await server.query<Row>(text, url, [region, videos]), videos);
}

function totalsOf(rows: readonly Row[], videos: readonly string[]): ReadonlyMap<string, Totals> {
	const totals = new Map<string, Record<string, number>>(videos.map((video) => [video, {}]));
	for (const { video, type, total } of rows) {
		const ofVideo = totals.get(video);
		// Numbers of 64 bits arrive as text.
		if (ofVideo !== undefined) ofVideo[type] = Number(total);
	}
	return totals;
}
