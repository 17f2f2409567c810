import type { LikesRows } from '../delivery/likes.ts';
import { type KnownAnswer, rowsOf } from './postgres-commit.ts';
import type { Changes, Position } from './store.ts';

/**
 * Where a walk through the changes stands. A page shows what is committed; the floor is the oldest transaction that ran
 * when the walk began, so all that its first page could not see yet comes from there on. The next walk begins at it, and
 * what was changed since and seen already comes twice.
 */
export interface Walk {
	/** Where the next walk begins, a transaction's number. */
	readonly floor: string;
	/** Behind which change the next page begins; undefined at the end of a walk. */
	readonly behind?: readonly [changed: string, video: string, type: string] | undefined;
}

/**
 * $1 to $5: the epoch, the floor, and the change behind which to begin; $6: most changes of the page. A position of another
 * epoch, or one that this server cannot have given yet, means from the beginning: it may be a copy from a backup.
 */
export const CHANGES_QUERY = `(
	WITH store AS (SELECT region, epoch FROM likewire.store),
	seen AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS floor),
	start AS (
		SELECT store.epoch = $1::bigint AND $2::xid8 <= seen.floor AS goes_on FROM store, seen
	),
	page AS (
		SELECT changed, video, type FROM likewire.totals
		WHERE (changed, video, type) > (
			(SELECT CASE WHEN goes_on THEN $3::xid8 ELSE '0' END FROM start),
			(SELECT CASE WHEN goes_on THEN $4::text ELSE '' END FROM start),
			(SELECT CASE WHEN goes_on THEN $5::text ELSE '' END FROM start)
		)
		ORDER BY changed, video, type LIMIT $6
	)
	SELECT json_build_object(
		'goesOn', (SELECT goes_on FROM start),
		'epoch', (SELECT epoch FROM store),
		'floor', (SELECT floor::text FROM seen),
		'page', (SELECT json_agg(json_build_array(changed::text, video, type) ORDER BY changed, video, type) FROM page),
		'counts', (
			SELECT json_agg(json_build_array(video, region, epoch, type, added, removed))
			FROM likewire.totals, store WHERE video IN (SELECT video FROM page)
		)
	)
)`;

/** What {@link CHANGES_QUERY} answers. */
export interface ChangesAnswer {
	/** The position was understood. */
	readonly goesOn: boolean;
	readonly epoch: number;
	readonly floor: string;
	readonly page: readonly (readonly [changed: string, video: string, type: string])[] | null;
	readonly counts: KnownAnswer['counts'];
}

/** The arguments of the query for a page behind a position. */
export function changesValues(since: Position | undefined, limit: number): readonly unknown[] {
	const walk = since === undefined ? undefined : parseWalk(since.at);
	// No store has epoch -1.
	if (since === undefined || walk === undefined) return [-1, '0', '0', '', '', limit];
	// Nothing sorts before the empty text, so this begins with the first change of the floor.
	const [changed, video, type] = walk.behind ?? [walk.floor, '', ''];
	return [since.epoch, walk.floor, changed, video, type, limit];
}

/** The page that the query answered. */
export function changesOf(since: Position | undefined, limit: number, answer: ChangesAnswer): Changes {
	const page = answer.page ?? [];
	const last = page.at(-1);
	const before = answer.goesOn && since !== undefined ? parseWalk(since.at) : undefined;
	const floor = before?.behind === undefined ? answer.floor : before.floor;
	const more = last !== undefined && page.length === limit;
	const videos = [...new Set(page.map(([, video]) => video))];
	const rows: Map<string, LikesRows> = rowsOf(videos, { epochs: null, counts: answer.counts });
	return { rows, next: { epoch: answer.epoch, at: formatWalk({ floor, behind: more ? last : undefined }) }, more };
}

function formatWalk({ floor, behind }: Walk): string {
	return JSON.stringify([floor, ...(behind ?? [])]);
}

/** Undefined for a text that no store wrote. */
function parseWalk(text: string): Walk | undefined {
	let parts: unknown;
	try {
		parts = JSON.parse(text);
	} catch {
		return undefined;
	}
	if (!Array.isArray(parts) || parts.some((part) => typeof part !== 'string')) return undefined;
	const [floor = '', changed, video, type] = parts as string[];
	if (!isTransaction(floor)) return undefined;
	if (parts.length === 1) return { floor };
	if (changed === undefined || video === undefined || type === undefined || !isTransaction(changed)) return undefined;
	return { floor, behind: [changed, video, type] };
}

/** Whether PostgreSQL can read it as the number of a transaction: 64 bits, of which a digit fewer is always enough. */
function isTransaction(text: string): boolean {
	return /^\d{1,19}$/.test(text);
}
