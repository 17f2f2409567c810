import type { Problem } from '@likewire/protocol';
import { FORWARD_DEADLINE_MS, type Send, shareTime } from '../cluster/forward.ts';
import { GatewayError } from '../errors.ts';
import type { Answer } from '../http/answer.ts';
import type { Caller } from '../http/caller.ts';
import type { Request } from '../http/request.ts';
import { homeOfUser } from './home.ts';

export interface ElsewhereOptions {
	/** The region of this node. */
	readonly region: string;
	/** The others. */
	readonly others: readonly string[];
	/** Whether a user has only one of this type. */
	readonly isOnce: (type: string) => boolean;
	/** Hands a request to a region. */
	readonly sendTo: (region: string) => Send;
	/** Where a region is asked. */
	readonly urlsOf: (region: string) => readonly string[];
}

/** The other regions, for writes that belong there. */
export interface Elsewhere {
	/** The region a like belongs to, if that is another one. Throws `unknown_region`. */
	homeOf(like: {
		readonly user: string;
		readonly type: string;
		readonly region: string | undefined;
	}): string | undefined;
	/** Has a region do what is asked; the answer is `node_unavailable` when it cannot be reached. */
	send(request: Request, body: Uint8Array, caller: Caller, region: string): Promise<Answer>;
	/**
	 * Has the first region that knows the like take it back; undefined when none does, and `node_unavailable` when one that
	 * may know it cannot be reached.
	 */
	takeBack(request: Request, caller: Caller): Promise<Answer | undefined>;
}

const NO_BODY = new Uint8Array();

export function createElsewhere({ region: own, others, isOnce, sendTo, urlsOf }: ElsewhereOptions): Elsewhere {
	const all = [own, ...others];

	return {
		homeOf({ user, type, region = own }) {
			if (!all.includes(region)) {
				throw new GatewayError(
					'unknown_region',
					`There is no region of this name; there are: ${all.sort().join(', ')}.`,
				);
			}
			// Wherever it was tried first, it went on to the same one.
			const home = isOnce(type) ? homeOfUser(all, user) : region;
			return home === own ? undefined : home;
		},

		send: (request, body, caller, region) => sendTo(region)(request, body, caller, urlsOf(region)),

		async takeBack(request, caller) {
			let silent: Answer | undefined;
			for (const [region, ms] of shareTime(FORWARD_DEADLINE_MS, others)) {
				const answer = await sendTo(region)(request, NO_BODY, caller, urlsOf(region), ms);
				if (answer.status === 503) silent = answer;
				else if (!isUnknownLike(answer)) return answer;
			}
			return silent;
		},
	};
}

function isUnknownLike({ status, body }: Answer): boolean {
	if (status !== 404) return false;
	return (JSON.parse(body.toString()) as Partial<Problem>).code === 'like_not_found';
}
