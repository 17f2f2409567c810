import type { Problem } from '@likewire/protocol';
import type { Caller } from '../auth/caller.ts';
import { FORWARD_DEADLINE_MS, type Send, shareTime } from '../cluster/routing/request-forwarding.ts';
import type { Answer } from '../http/answer.ts';
import type { Request } from '../http/request.ts';
import { GatewayError } from '../runtime/errors.ts';
import { homeRegionOfUser } from './home-region.ts';

export interface WriteRoutingOptions {
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

/** A write, and what says in which region it is done. */
export interface RegionalWrite {
	readonly request: Request;
	readonly body: Uint8Array;
	readonly caller: Caller;
	/** The region of its first try, as the client names it; undefined for this one. */
	readonly region: string | undefined;
	/** Of a like: a reaction that its user has only once belongs to the home of the user, wherever it was first tried. */
	readonly like?: { readonly user: string; readonly type: string };
}

/** Does a write in this region. */
type Here = () => Promise<Answer>;

/**
 * Where writes are done. One that is sent again stays in the region of its first try: another region may not know yet that
 * it was done, and would do it a second time. The methods throw `unknown_region` for a name that is none, and answer
 * `node_unavailable` while that region cannot be reached.
 */
export interface WriteRouting {
	/** Does a write by `here`, or has the region that it belongs to do it. */
	write(write: RegionalWrite, here: Here): Promise<Answer>;
	/** The region that a write belongs to. */
	homeRegionOf(write: Pick<RegionalWrite, 'region' | 'like'>): string;
	/** Does a write by `here`, or has the region do it, whose name comes from `homeRegionOf`. */
	writeIn(home: string, write: RegionalWrite, here: Here): Promise<Answer>;
	/**
	 * Takes a like back, in the named region or by `here`, and where the like is unknown in the first region that knows it.
	 * Rejects as `here` does.
	 */
	takeBack(write: RegionalWrite, here: Here): Promise<Answer>;
}

/** All writes are done here: there is no other region, or another one has sent them. */
export const ALL_HERE: WriteRouting = {
	write: (_, here) => here(),
	homeRegionOf: () => '',
	writeIn: (_, __, here) => here(),
	takeBack: (_, here) => here(),
};

export function createWriteRouting({ region: own, others, isOnce, sendTo, urlsOf }: WriteRoutingOptions): WriteRouting {
	const all = [own, ...others];

	function checked(region = own): string {
		if (all.includes(region)) return region;
		throw new GatewayError('unknown_region', `There is no region of this name; there are: ${all.sort().join(', ')}.`);
	}

	function homeRegionOf({ region, like }: Pick<RegionalWrite, 'region' | 'like'>): string {
		const first = checked(region);
		// Wherever it was tried first, it went on to the same one.
		return like !== undefined && isOnce(like.type) ? homeRegionOfUser(all, like.user) : first;
	}

	function send({ request, body, caller }: RegionalWrite, region: string, withinMs?: number): Promise<Answer> {
		return sendTo(region)(request, body, caller, urlsOf(region), withinMs);
	}

	/** Has one of the regions take a like back; undefined when none of them knows it. */
	async function takeBackIn(regions: readonly string[], write: RegionalWrite): Promise<Answer | undefined> {
		let silent: Answer | undefined;
		for (const [region, ms] of shareTime(FORWARD_DEADLINE_MS, regions)) {
			const answer = await send(write, region, ms);
			if (answer.status === 503) silent = answer;
			else if (!isUnknownLike(answer)) return answer;
		}
		return silent;
	}

	async function writeIn(home: string, write: RegionalWrite, here: Here): Promise<Answer> {
		return home === own ? here() : send(write, home);
	}

	return {
		// Async, so that an unknown region rejects.
		write: async (write, here) => writeIn(homeRegionOf(write), write, here),
		homeRegionOf,
		writeIn,

		async takeBack(write, here) {
			const first = checked(write.region);
			if (first !== own) {
				const answer = await send(write, first);
				if (!isUnknownLike(answer)) return answer;
			}
			try {
				return await here();
			} catch (error) {
				const isUnknown = error instanceof GatewayError && error.code === 'like_not_found';
				const rest = others.filter((region) => region !== first);
				const answer = isUnknown ? await takeBackIn(rest, write) : undefined;
				if (answer === undefined) throw error;
				return answer;
			}
		},
	};
}

function isUnknownLike({ status, body }: Answer): boolean {
	if (status !== 404) return false;
	return (JSON.parse(body.toString()) as Partial<Problem>).code === 'like_not_found';
}
