import type { TimelineStep } from '../../kinds/timeline.ts';
import { type Span, timeAt } from './program-time.ts';

/** The most columns of a heat line: more would be narrower than a pixel of a small player. */
const MOST_COLUMNS = 150;

/** The reactions of a recording by columns of equal length. */
export interface Heat {
	/** The reactions of each column. */
	readonly columns: readonly number[];
	/** The middle of the column with the most reactions, in seconds of the media; undefined without any. */
	readonly peak: number | undefined;
	/** An outline in a box of the width `columns.length` and the height 1, closed at the bottom; empty without reactions. */
	readonly path: string;
}

/** Draws how many reactions each part of a recording has. */
export function heatOf(points: readonly TimelineStep[], spans: readonly Span[], duration: number): Heat {
	const count = Math.max(1, Math.min(MOST_COLUMNS, Math.floor(duration)));
	const columns: number[] = new Array(count).fill(0);
	for (const { at, counts } of points) {
		const time = timeAt(spans, at + 500);
		if (time === undefined || time >= duration) continue;
		const column = Math.floor((time / duration) * count);
		for (const likes of Object.values(counts)) columns[column] = (columns[column] ?? 0) + Math.max(0, likes);
	}
	const most = Math.max(...columns);
	if (most === 0) return { columns, peak: undefined, path: '' };
	const peak = ((columns.indexOf(most) + 0.5) / count) * duration;
	const height = (likes: number) => Math.round((1 - likes / most) * 1_000) / 1_000;
	const line = columns.map((likes, place) => `L${place + 0.5} ${height(likes)}`).join('');
	const path = `M0 1L0 ${height(columns[0] ?? 0)}${line}L${count} ${height(columns.at(-1) ?? 0)}L${count} 1Z`;
	return { columns, peak, path };
}
