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
	/** The region in which something was first tried, if that is another one. Throws `unknown_region`. */
	other(region: string | undefined): string | undefined;
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

	function other(region = own): string | undefined {
		if (!all.includes(region)) {
			throw new GatewayError('unknown_region', `There is no region of this name; there are: ${all.sort().join(', ')}.`);
		}
		return region === own ? undefined : region;
	}

	return {
		other,

		homeOf({ user, type, region }) {
			const first = other(region);
			// Wherever it was tried first, it went on to the same one.
			return isOnce(type) ? other(homeOfUser(all, user)) : first;
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

/** Takes a like back by `here`, or, when it is unknown here, in the region that knows it. Rejects as `here` does. */
export async function takeBackAnywhere(
	elsewhere: Elsewhere | undefined,
	request: Request,
	caller: Caller,
	here: () => Promise<Answer>,
): Promise<Answer> {
	try {
		return await here();
	} catch (error) {
		const isUnknown = error instanceof GatewayError && error.code === 'like_not_found';
		const answer = isUnknown ? await elsewhere?.takeBack(request, caller) : undefined;
		if (answer === undefined) throw error;
		return answer;
	}
}
