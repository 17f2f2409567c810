import type { CounterRows } from '../../state/counters.ts';
import { fillPage, fillValues } from '../changes-page.ts';
import {
	formatScan,
	goOn,
	parseScan,
	type RowsScan,
	reach,
	reachValue,
	type Scan,
	type Start,
	type ValuesScan,
} from '../changes-scan.ts';
import type { Changes, Position } from '../store.ts';
import { gatherValues } from '../value-rows.ts';
import { type KnownAnswer, rowsOf } from './commit.ts';

/** What is asked for a page of changes. */
interface Question {
	readonly text: string;
	readonly values: readonly unknown[];
}

type Key = readonly [changed: string, topic: string];

/** What it answers. */
export interface ChangesAnswer extends Start {
	readonly epoch: number;
	/** This server can have given the position. */
	readonly isKnown: boolean;
	readonly page: readonly Key[] | null;
	readonly known: Pick<KnownAnswer, 'topics' | 'counts'>;
}

/**
 * $1: the floor of the position; `page`: which topics to tell. A page shows what is committed. The floor is the oldest
 * transaction that runs, so all that is not seen yet comes from there on, and what was changed since and seen already is
 * told twice.
 */
const question = (page: string, order: string) => `(
	WITH store AS (SELECT region, epoch FROM likewire.store),
	seen AS (
		SELECT
			pg_snapshot_xmin(pg_current_snapshot()) AS floor,
			pg_snapshot_xmax(pg_current_snapshot()) AS ceiling,
			(SELECT max(topic) FROM likewire.topics WHERE changed IS NOT NULL) AS until
	),
	page AS (SELECT * FROM likewire.topics WHERE changed IS NOT NULL AND ${page})
	SELECT json_build_object(
		'epoch', (SELECT epoch FROM store),
		'isKnown', (SELECT $1::xid8 <= floor FROM seen),
		'floor', (SELECT floor::text FROM seen),
		'ceiling', (SELECT ceiling::text FROM seen),
		'until', (SELECT coalesce(until, '') FROM seen),
		'page', (SELECT json_agg(json_build_array(changed::text, topic) ORDER BY ${order}) FROM page),
		'known', json_build_object(
			'topics', (
				SELECT json_agg(json_build_array(topic, region, epoch, log_head, ended_at, liked_at)) FROM page, store
			),
			'counts', (
				SELECT json_agg(json_build_array(topic, region, epoch, type, added, removed))
				FROM likewire.counters, store WHERE topic IN (SELECT topic FROM page)
			)
		)
	)
)`;

/** $2: the last topic, null when the walk begins; $3: the topic behind which to begin; $4: most topics of the page. */
const ALL = question(
	'topic > $3::text AND topic <= coalesce($2::text, (SELECT until FROM seen)) ORDER BY topic LIMIT $4::bigint',
	'topic',
);

/** $2: the ceiling, null when the walk begins; $3 and $4: the change behind which to begin; $5: most changes of the page. */
const CHANGED = question(
	`(changed, topic) > ($3::xid8, $4::text) AND changed < coalesce($2::xid8, (SELECT ceiling FROM seen))
	ORDER BY changed, topic LIMIT $5::bigint`,
	'changed, topic',
);

/** $1: the ceiling; $2 to $5: the value behind which to begin; $6: most values of the page. */
const VALUES = `(
	SELECT json_agg(json_build_array(changed::text, topic, kind, key, ord, value, region) ORDER BY changed, topic, kind, key)
	FROM (
		SELECT * FROM likewire.registers
		WHERE changed IS NOT NULL AND changed < $1::xid8 AND (changed, topic, kind, key) > ($2::xid8, $3, $4, $5)
		ORDER BY changed, topic, kind, key LIMIT $6
	) AS page
)`;

/** What the question for values answers. */
export type ValuesAnswer =
	| readonly (readonly [string, string, string, string, ord: number, value: string, region: string])[]
	| null;

/** A page of values. */
export function valuesQuestion({ ceiling, behind }: ValuesScan, limit: number): Question {
	const { changed, topic, kind, key } = behind;
	return { text: VALUES, values: [ceiling, changed, topic, kind, key, limit] };
}

/** The page of values that was answered, behind the last row. */
export function withValues({ rows, epoch }: RowsPage, walk: ValuesScan, limit: number, answer: ValuesAnswer): Changes {
	const changed = (answer ?? []).map(([changed, topic, kind, key, ord, value, region]) => {
		return { changed, topic, kind, key, ord, value, region };
	});
	const { values, behind } = fillValues(changed, limit);
	const next = { epoch, at: formatScan(reachValue(walk, behind)) };
	return { rows, values: gatherValues(values), next, more: behind !== undefined };
}

/** A page of rows, and where the walk stands behind it. */
export interface RowsPage {
	readonly rows: ReadonlyMap<string, CounterRows>;
	readonly epoch: number;
	readonly walk: RowsScan | ValuesScan;
}

/** The page of rows behind a position. */
export function changesQuestion(since: Position | undefined, limit: number): Question {
	const walk = walkOf(since);
	switch (walk?.kind) {
		// Only where it stands is asked for: nothing is behind the last row.
		case 'values':
			return { text: CHANGED, values: [walk.floor, '0', '0', '', 0] };
		case undefined:
			return { text: ALL, values: ['0', null, '', limit] };
		case 'all':
			return { text: ALL, values: [walk.floor, walk.until, walk.topic, limit] };
		case 'changed':
			return { text: CHANGED, values: [walk.floor, walk.ceiling, walk.changed, walk.topic, limit] };
		case 'ended':
			return { text: CHANGED, values: [walk.floor, null, walk.floor, '', limit] };
	}
}

/** The page of rows that was answered; undefined when the position is not one of this store: it may be a copy from a backup. */
export function changesOf(since: Position | undefined, limit: number, answer: ChangesAnswer): RowsPage | undefined {
	const { epoch, isKnown, known } = answer;
	const before = walkOf(since);
	if (!isKnown || (before !== undefined && since?.epoch !== epoch)) return undefined;
	const walk = goOn(before, answer);
	if (walk.kind === 'values') return { rows: new Map(), epoch, walk };
	const keys = (answer.page ?? []).map(([changed, topic]) => (walk.kind === 'all' ? { topic } : { changed, topic }));
	const topics = keys.map(({ topic }) => topic);
	const likes = rowsOf(topics, { epochs: null, ...known });
	const { rows, behind } = fillPage(keys, limit, (topic) => likes.get(topic) ?? {});
	return { rows, epoch, walk: reach(walk, behind) };
}

function walkOf(since: Position | undefined): Scan | undefined {
	return since && parseScan(since.at);
}
