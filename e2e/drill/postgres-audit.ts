import type { Totals } from '@likewire/protocol';
import type { LocalPostgres } from '../cluster/local-postgres.ts';
import type { StoredVideos } from './store-audit.ts';

interface Row {
	readonly video: string;
	readonly type: string;
	readonly total: string;
}

/** Reads the store of a region; its nodes may use it meanwhile. Rejects while the server is away. */
export async function readPostgres({ server, url }: LocalPostgres, videos: readonly string[]): Promise<StoredVideos> {
	const likes = await server.query<{ video: string; id: string }>(
		'SELECT video, id FROM likewire.likes WHERE video = ANY ($1) AND taken_back_at IS NULL',
		url,
		[videos],
	);
	const ids = new Map(videos.map((video) => [video, new Set<string>()]));
	for (const { video, id } of likes) ids.get(video)?.add(id);
	const totals = await server.query<Row>(
		'SELECT video, type, added - removed AS total FROM likewire.totals WHERE video = ANY ($1)',
		url,
		[videos],
	);
	return { ids, totals: totalsOf(totals, videos) };
}

/** What the store of a region knows of another region. */
export async function readReplicas(
	{ server, url }: LocalPostgres,
	region: string,
	videos: readonly string[],
): Promise<ReadonlyMap<string, Totals>> {
	const text = `
		SELECT r.video, r.type, r.added - r.removed AS total FROM likewire.replicas AS r
		WHERE r.region = $1 AND r.video = ANY ($2) AND r.type <> '' AND r.epoch = (
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
