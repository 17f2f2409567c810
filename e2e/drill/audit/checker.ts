import type { StoredComments, ToldComments } from '../viewers/comment-audit.ts';
import type { MissedFrames } from '../viewers/missed-frames.ts';
import type { Audit } from './store-audit.ts';

/** How long it took, after the last like, until everybody who could agreed with the store. */
export interface Convergence {
	readonly when: 'while it lasted' | 'after it';
	/** In milliseconds; undefined when it did not come to that in time. */
	readonly ms: number | undefined;
	readonly boundMs: number;
	/** Viewers who were to agree … */
	readonly of: number;
	/** … and those who did in the end. */
	readonly agreeing: number;
}

/** All that was seen of a fault. */
export interface Observation {
	readonly audit: Audit;
	readonly comments: { readonly stored: StoredComments; readonly told: ToldComments };
	/** Likes and comments that got no answer to the end. */
	readonly unanswered: number;
	/** The longest that a like took to be accepted, in milliseconds. */
	readonly slowestMs: number;
	readonly convergences: readonly Convergence[];
	readonly missed: MissedFrames;
	/** What the nodes counted of the ways of events, over the whole cluster; `floods` are those that went to every frontend. */
	readonly counters: Readonly<Record<string, number>>;
	/** Streams that ended. */
	readonly falls: number;
	/** Anything else that should not be: what viewers were told, nodes that ended, a cluster that did not settle. */
	readonly wrongs: readonly string[];
	/** Worth telling, and not wrong. */
	readonly notes: readonly string[];
}

/** Why a fault was not survived as it should have been; nothing when it was. */
export function reasonsToFail({ audit, comments, unanswered, convergences, wrongs }: Observation): string[] {
	const { lost, doubled, strangers } = audit;
	const { stored, told } = comments;
	const reasons = [
		[lost, `${lost} likes lost`],
		[doubled, `${doubled} likes doubled`],
		[strangers, `${strangers} likes in the store that nobody sent`],
		[stored.lost, `${stored.lost} comments or deletions lost`],
		[stored.doubled, `${stored.doubled} comments stored twice`],
		[stored.strangers, `${stored.strangers} comments in the store that nobody sent`],
		[told.missing, `${told.missing} comments missing at viewers, and no gap told`],
		[told.doubled, `${told.doubled} comments doubled at viewers`],
		[told.disordered, `${told.disordered} comments out of order at viewers`],
		[told.strangers, `${told.strangers} comments at viewers that no store has`],
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
