import type { ReceivedComments, StoredComments } from '../viewers/comment-audit.ts';
import type { MissedFrames } from '../viewers/missed-frames.ts';
import type { Audit } from './store-audit.ts';

/** The time from the last like until all reachable viewers agreed with the store. */
export interface Convergence {
	readonly when: 'while it lasted' | 'after it';
	/** In milliseconds; undefined when viewers did not agree in time. */
	readonly ms: number | undefined;
	readonly boundMs: number;
	/** The number of viewers that had to agree. */
	readonly of: number;
	/** The number of viewers that agreed in the end. */
	readonly agreeing: number;
}

/** All observations of one fault. */
export interface Observation {
	readonly audit: Audit;
	readonly comments: { readonly stored: StoredComments; readonly received: ReceivedComments };
	/** Likes and comments without an answer in the end. */
	readonly unanswered: number;
	/** The longest time from sending a like to its acceptance, in milliseconds. */
	readonly slowestMs: number;
	readonly convergences: readonly Convergence[];
	readonly missed: MissedFrames;
	/** Counters of the routing of events, summed over the cluster; `floods` counts events that went to every frontend. */
	readonly counters: Readonly<Record<string, number>>;
	/** The number of ended streams. */
	readonly falls: number;
	/** Other violations: wrong events at viewers, nodes that ended, a cluster that did not settle. */
	readonly wrongs: readonly string[];
	/** Remarks that are no violations. */
	readonly notes: readonly string[];
}

/** Returns the reasons why a fault failed; none when the cluster survived it. */
export function reasonsToFail({ audit, comments, unanswered, convergences, wrongs }: Observation): string[] {
	const { lost, doubled, strangers } = audit;
	const { stored, received } = comments;
	const reasons = [
		[lost, `${lost} likes lost`],
		[doubled, `${doubled} likes doubled`],
		[strangers, `${strangers} likes in the store that no client sent`],
		[stored.lost, `${stored.lost} comments or deletions lost`],
		[stored.doubled, `${stored.doubled} comments stored twice`],
		[stored.strangers, `${stored.strangers} comments in the store that no client sent`],
		[received.missing, `${received.missing} comments missing at viewers without a gap`],
		[received.doubled, `${received.doubled} comments doubled at viewers`],
		[received.disordered, `${received.disordered} comments out of order at viewers`],
		[received.strangers, `${received.strangers} comments at viewers that no store has`],
		[unanswered, `${unanswered} likes or comments never answered`],
	] as const;
	return [
		...reasons.flatMap(([count, text]) => (count > 0 ? [text] : [])),
		...convergences.flatMap(({ when, ms, boundMs, of, agreeing }) =>
			ms === undefined || ms > boundMs
				? [`${of - agreeing} of ${of} viewers astray ${boundMs} ms after the last like, ${when}`]
				: [],
		),
		...wrongs,
	];
}
