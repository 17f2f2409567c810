import { join } from 'node:path';
import { paths, type Totals, type VideoAnswer } from '@likewire/protocol';
import Database from 'better-sqlite3';
import type { Ledger } from '../load/like-load.ts';
import type { Check } from '../scenario.ts';
import { sameTotals } from '../viewers/likes-stream.ts';
import type { ViewersReport } from '../viewers/viewers.ts';

/** The likes of a video in the database. */
export interface StoredLikes {
	readonly ids: ReadonlySet<string>;
	/** The counted likes. */
	readonly counted: Totals;
	/** The totals that the gateway stores. */
	readonly totals: Totals;
}

/** Reads the database of a gateway, which may run. */
export function readStoredLikes(dataDir: string, video: string): StoredLikes {
	const database = new Database(join(dataDir, 'likewire.db'), { readonly: true });
	try {
		const likes = database
			.prepare<[string], { id: string; type: string }>(
				'SELECT id, type FROM likes WHERE topic = ? AND taken_back_at IS NULL',
			)
			.all(`video:${video}`);
		const counted: Record<string, number> = {};
		for (const { type } of likes) counted[type] = (counted[type] ?? 0) + 1;
		const totals = database
			.prepare<[string], { type: string; total: number }>(
				'SELECT type, added - removed AS total FROM counters WHERE topic = ?',
			)
			.all(`video:${video}`);
		return {
			ids: new Set(likes.map(({ id }) => id)),
			counted,
			totals: Object.fromEntries(totals.map(({ type, total }) => [type, total])),
		};
	} finally {
		database.close();
	}
}

/** Reads a video from the gateway. */
export async function readVideo(port: number, video: string): Promise<VideoAnswer> {
	const response = await fetch(`http://127.0.0.1:${port}${paths.video(video)}`);
	return (await response.json()) as VideoAnswer;
}

/** Checks that the store has exactly the accepted likes, once each, and that the gateway answers their totals. */
export function checkStore(ledger: Ledger, stored: StoredLikes, answer: VideoAnswer): Check[] {
	const lost = [...ledger.accepted].filter((id) => !stored.ids.has(id)).length;
	const unasked = stored.ids.size - (ledger.accepted.size - lost);
	const unknown = ledger.others.get(0) ?? 0;
	return [
		{
			label: 'every like answered with 201 is in the database, and no other',
			// A like whose connection broke before the answer may be stored or not.
			ok: lost === 0 && unasked >= 0 && unasked <= unknown,
			detail: `${ledger.accepted.size} answered with 201, ${stored.ids.size} stored, ${lost} lost, ${unknown} without an answer`,
		},
		{
			label: 'the totals are the likes, in the database and from GET /v1/videos/{video}',
			ok: sameTotals(stored.counted, stored.totals) && sameTotals(stored.totals, answer.totals),
			detail: JSON.stringify(answer.totals),
		},
	];
}

/** Checks that on every connection snapshot + deltas = totals in each frame, and the stored likes at the end. */
export function checkViewers(report: ViewersReport, opened: number, stored: StoredLikes): Check[] {
	const groups = [...report.groups.values()];
	const alive = groups.reduce((sum, group) => sum + group.withSnapshot - group.closed, 0);
	const violations = groups.map(({ name, violations }) => ({ name, ...violations }));
	return [
		{
			label: 'every viewer got a snapshot and stayed',
			ok: alive === opened,
			detail: `${alive} of ${opened}`,
		},
		{
			label: 'snapshot + deltas = totals in every frame, and no total fell',
			ok: violations.every(({ snapshot, sum, fall, format }) => snapshot + sum + fall + format === 0),
			detail: JSON.stringify(violations),
		},
		...groups.map(({ name, lowest, highest, withSnapshot }) => ({
			label: `snapshot + deltas = store at the end, on each of ${withSnapshot} '${name}' viewers`,
			ok: sameTotals(lowest, stored.counted) && sameTotals(highest, stored.counted),
			detail: `lowest ${JSON.stringify(lowest)}, highest ${JSON.stringify(highest)}`,
		})),
	];
}
