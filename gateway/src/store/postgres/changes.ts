import type { CounterRows } from '../../state/counters.ts';
import { fillPage, fillValues } from '../changes-page.ts';
import {
	advanceRowsScan,
	advanceValuesScan,
	continueScan,
	formatScan,
	parseScan,
	type RowsScan,
	type Scan,
	type Start,
	type ValuesScan,
} from '../changes-scan.ts';
import type { Changes, Position } from '../store.ts';
import { gatherValues } from '../value-rows.ts';
import { type KnownAnswer, rowsOf } from './commit.ts';

/** A query for a page of changes. */
interface Query {
	readonly text: string;
	readonly values: readonly unknown[];
}

type Key = readonly [changed: string, topic: string];

/** The answer to a query for a page of rows. */
export interface ChangesAnswer extends Start {
	readonly epoch: number;
	/** Whether this server may have given the position. */
	readonly isKnown: boolean;
	readonly page: readonly Key[] | null;
	readonly known: Pick<KnownAnswer, 'topics' | 'counts'>;
}

/**
 * Returns the SQL of a page of rows. `page` selects its topics; $1 is the floor of the position.
 *
 * A page has committed rows. The new floor is the oldest running transaction, so the next scan has all rows that this one
 * cannot see yet. It repeats rows that changed since the floor and that this one has seen.
 */
const rowsQuery = (page: string, order: string) => `(
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

/** $2: the last topic, null for a new scan; $3: the topic before the page; $4: the limit of the page. */
const ALL = rowsQuery(
	'topic > $3::text AND topic <= coalesce($2::text, (SELECT until FROM seen)) ORDER BY topic LIMIT $4::bigint',
	'topic',
);

/** $2: the ceiling, null for a new scan; $3, $4: the change before the page; $5: the limit of the page. */
const CHANGED = rowsQuery(
	`(changed, topic) > ($3::xid8, $4::text) AND changed < coalesce($2::xid8, (SELECT ceiling FROM seen))
	ORDER BY changed, topic LIMIT $5::bigint`,
	'changed, topic',
);

/** $1: the ceiling; $2 to $5: the value before the page; $6: the most values of the page. */
const VALUES = `(
	SELECT json_agg(json_build_array(changed::text, topic, kind, key, ord, value, region) ORDER BY changed, topic, kind, key)
	FROM (
		SELECT * FROM likewire.registers
		WHERE changed IS NOT NULL AND changed < $1::xid8 AND (changed, topic, kind, key) > ($2::xid8, $3, $4, $5)
		ORDER BY changed, topic, kind, key LIMIT $6
	) AS page
)`;

/** The answer to a query for a page of values. */
export type ValuesAnswer =
	| readonly (readonly [string, string, string, string, ord: number, value: string, region: string])[]
	| null;

/** Returns the query for the next page of values. */
export function valuesQuery({ ceiling, behind }: ValuesScan, limit: number): Query {
	const { changed, topic, kind, key } = behind;
	return { text: VALUES, values: [ceiling, changed, topic, kind, key, limit] };
}

/** Returns a page of changes with the values of an answer. */
export function withValues({ rows, epoch }: RowsPage, scan: ValuesScan, limit: number, answer: ValuesAnswer): Changes {
	const changed = (answer ?? []).map(([changed, topic, kind, key, ord, value, region]) => {
		return { changed, topic, kind, key, ord, value, region };
	});
	const { values, behind } = fillValues(changed, limit);
	const next = { epoch, at: formatScan(advanceValuesScan(scan, behind)) };
	return { rows, values: gatherValues(values), next, more: behind !== undefined };
}

/** A page of rows, with the scan after it. */
export interface RowsPage {
	readonly rows: ReadonlyMap<string, CounterRows>;
	readonly epoch: number;
	readonly scan: RowsScan | ValuesScan;
}

/** Returns the query for the page of rows after a position. */
export function changesQuery(since: Position | undefined, limit: number): Query {
	const scan = scanOf(since);
	switch (scan?.kind) {
		// A scan of values has read all rows: this query only checks its position.
		case 'values':
			return { text: CHANGED, values: [scan.floor, '0', '0', '', 0] };
		case undefined:
			return { text: ALL, values: ['0', null, '', limit] };
		case 'all':
			return { text: ALL, values: [scan.floor, scan.until, scan.topic, limit] };
		case 'changed':
			return { text: CHANGED, values: [scan.floor, scan.ceiling, scan.changed, scan.topic, limit] };
		case 'ended':
			return { text: CHANGED, values: [scan.floor, null, scan.floor, '', limit] };
	}
}

/** Returns the page of rows of an answer; undefined for a position from before a restore. */
export function changesOf(since: Position | undefined, limit: number, answer: ChangesAnswer): RowsPage | undefined {
	const { epoch, isKnown, known } = answer;
	const before = scanOf(since);
	if (!isKnown || (before !== undefined && since?.epoch !== epoch)) return undefined;
	const scan = continueScan(before, answer);
	if (scan.kind === 'values') return { rows: new Map(), epoch, scan };
	const keys = (answer.page ?? []).map(([changed, topic]) => (scan.kind === 'all' ? { topic } : { changed, topic }));
	const topics = keys.map(({ topic }) => topic);
	const likes = rowsOf(topics, { epochs: null, ...known });
	const { rows, behind } = fillPage(keys, limit, (topic) => likes.get(topic) ?? {});
	return { rows, epoch, scan: advanceRowsScan(scan, behind) };
}

function scanOf(since: Position | undefined): Scan | undefined {
	return since && parseScan(since.at);
}
