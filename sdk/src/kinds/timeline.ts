import { type Highlight, type HighlightsAnswer, paths, type TimelineAnswer, type Totals } from '@likewire/protocol';
import { temporary } from '../errors.ts';
import type { Gateway } from '../gateway-access.ts';
import { queryOf } from '../query.ts';

type Reader = Pick<Gateway, 'read'>;

/** The part of a timeline to read, and the length of its steps. */
export interface TimelineOptions {
	/** A length such as `1s`, `30s`, `5m` or `1h`, from 1 s to 1 h. Default `1s`. */
	readonly step?: string | undefined;
	/** The start, in Unix milliseconds. Default: the first reaction. */
	readonly from?: number | undefined;
	/** The end, in Unix milliseconds. Default: the newest reaction. */
	readonly to?: number | undefined;
}

/** The reactions of one step of a timeline. */
export interface TimelineStep {
	/** The start of the step, in Unix milliseconds: a multiple of the step. */
	readonly at: number;
	/** The reactions by type, without zeros: given less taken back. */
	readonly counts: Totals;
}

/** The reactions of a video by the time that the likers saw. */
export interface Timeline {
	/** The length of a step in its shortest form, such as `1s`. */
	readonly step: string;
	/** The reaction types of the video. */
	readonly types: readonly string[];
	/** The steps with reactions, oldest first. */
	readonly points: readonly TimelineStep[];
	/** All likes of the video, by type, whatever part was read. */
	readonly totals: Totals;
	/** The regions that did not answer, whose reactions are missing in the points. */
	readonly missing: readonly string[];
}

/** How many highlights to read. */
export interface HighlightsOptions {
	/** 1 to 20; default 5. */
	readonly count?: number | undefined;
}

/** The times of a video with the most reactions. */
export interface Highlights {
	/** Best first; none overlaps another. */
	readonly highlights: readonly Highlight[];
	/** The regions that did not answer. */
	readonly missing: readonly string[];
}

function stepOf(types: readonly string[], [at, ...counts]: TimelineAnswer['points'][number]): TimelineStep {
	const given = types.flatMap((type, place): [string, number][] => (counts[place] ? [[type, counts[place]]] : []));
	return { at, counts: Object.fromEntries(given) };
}

/** Reads all pages of the timeline of a video. */
export async function timeline(
	video: string,
	gateway: Reader,
	{ step, from, to }: TimelineOptions = {},
): Promise<Timeline> {
	const points: TimelineStep[] = [];
	const missing = new Set<string>();
	for (let next = from; ; ) {
		const query = queryOf([
			['step', step],
			['from', next],
			['to', to],
		]);
		const page = (await gateway.read(`${paths.timeline(video)}?${query}`)) as TimelineAnswer;
		// A page that goes back would repeat for ever.
		if (!Array.isArray(page?.points) || (page.next !== null && !(page.next > (next ?? Number.NEGATIVE_INFINITY)))) {
			throw temporary('unexpected_answer', 'The answer is no page of a timeline.');
		}
		for (const point of page.points) points.push(stepOf(page.types, point));
		for (const region of page.missing) missing.add(region);
		if (page.next === null) {
			return { step: page.step, types: page.types, points, totals: page.totals, missing: [...missing] };
		}
		next = page.next;
	}
}

/** Reads the highlights of a video. */
export async function highlights(
	video: string,
	gateway: Reader,
	{ count }: HighlightsOptions = {},
): Promise<Highlights> {
	const answer = (await gateway.read(`${paths.highlights(video)}?${queryOf([['count', count]])}`)) as HighlightsAnswer;
	if (!Array.isArray(answer?.highlights)) throw temporary('unexpected_answer', 'The answer has no highlights.');
	return { highlights: answer.highlights, missing: answer.missing };
}
