import { fillPage } from './page.ts';
import { type KnownAnswer, rowsOf } from './postgres-commit.ts';
import type { Changes, Position } from './store.ts';
import { formatWalk, goOn, parseWalk, reach, type Start, type Walk } from './walk.ts';

/** What is asked for a page of changes. */
interface Question {
	readonly text: string;
	readonly values: readonly unknown[];
}

type Key = readonly [changed: string, video: string, type: string];

/** What it answers. */
export interface ChangesAnswer extends Start {
	readonly epoch: number;
	/** This server can have given the position. */
	readonly isKnown: boolean;
	readonly page: readonly Key[] | null;
	readonly counts: KnownAnswer['counts'];
}

/**
 * $1: the floor of the position; `page`: the keys of what to tell. A page shows what is committed. The floor is the oldest
 * transaction that runs, so all that is not seen yet comes from there on, and what was changed since and seen already is
 * told twice.
 */
const question = (page: string, order: string) => `(
	WITH store AS (SELECT region, epoch FROM likewire.store),
	seen AS (
		SELECT
			pg_snapshot_xmin(pg_current_snapshot()) AS floor,
			pg_snapshot_xmax(pg_current_snapshot()) AS ceiling,
			(SELECT max(video) FROM likewire.totals) AS until
	),
	page AS (SELECT changed, video, type FROM likewire.totals WHERE ${page})
	SELECT json_build_object(
		'epoch', (SELECT epoch FROM store),
		'isKnown', (SELECT $1::xid8 <= floor FROM seen),
		'floor', (SELECT floor::text FROM seen),
		'ceiling', (SELECT ceiling::text FROM seen),
		'until', (SELECT coalesce(until, '') FROM seen),
		'page', (SELECT json_agg(json_build_array(changed::text, video, type) ORDER BY ${order}) FROM page),
		'counts', (
			SELECT json_agg(json_build_array(video, region, epoch, type, added, removed))
			FROM likewire.totals, store WHERE video IN (SELECT video FROM page)
		)
	)
)`;

/** $2: the last video, null when the walk begins; $3 and $4: the row behind which to begin; $5: most rows of the page. */
const ALL = question(
	'(video, type) > ($3, $4) AND video <= coalesce($2, (SELECT until FROM seen)) ORDER BY video, type LIMIT $5',
	'video, type',
);

/** $2: the ceiling, null when the walk begins; $3 to $5: the change behind which to begin; $6: most changes of the page. */
const CHANGED = question(
	`(changed, video, type) > ($3::xid8, $4, $5) AND changed < coalesce($2::xid8, (SELECT ceiling FROM seen))
	ORDER BY changed, video, type LIMIT $6`,
	'changed, video, type',
);

/** A page behind a position. */
export function changesQuestion(since: Position | undefined, limit: number): Question {
	const walk = walkOf(since);
	switch (walk?.kind) {
		case undefined:
			return { text: ALL, values: ['0', null, '', '', limit] };
		case 'all':
			return { text: ALL, values: [walk.floor, walk.until, walk.video, walk.type, limit] };
		case 'changed':
			return { text: CHANGED, values: [walk.floor, walk.ceiling, walk.changed, walk.video, walk.type, limit] };
		case 'ended':
			return { text: CHANGED, values: [walk.floor, null, walk.floor, '', '', limit] };
	}
}

/** The page that was answered; undefined when the position is not one of this store: it may be a copy from a backup. */
export function changesOf(since: Position | undefined, limit: number, answer: ChangesAnswer): Changes | undefined {
	const { epoch, isKnown, counts } = answer;
	const before = walkOf(since);
	if (!isKnown || (before !== undefined && since?.epoch !== epoch)) return undefined;
	const walk = goOn(before, answer);
	const keys = (answer.page ?? []).map(([changed, video, type]) =>
		walk.kind === 'all' ? { video, type } : { changed, video, type },
	);
	const known = rowsOf(
		keys.map(({ video }) => video),
		{ epochs: null, counts },
	);
	const { rows, behind } = fillPage(keys, limit, (video) => known.get(video) ?? {});
	return { rows, next: { epoch, at: formatWalk(reach(walk, behind)) }, more: behind !== undefined };
}

function walkOf(since: Position | undefined): Walk | undefined {
	return since && parseWalk(since.at);
}
