import type { Problem } from '@likewire/protocol';
import type { Caller } from '../auth/caller.ts';
import { FORWARD_DEADLINE_MS, type Send, shareTime } from '../cluster/routing/request-forwarding.ts';
import type { Answer } from '../http/answer.ts';
import type { Request } from '../http/request.ts';
import { GatewayError } from '../runtime/errors.ts';
import { quote } from '../runtime/quote.ts';
import { homeRegionOfUser } from './home-region.ts';

export interface WriteRoutingOptions {
	/** The region of this node. */
	readonly region: string;
	/** The other regions. */
	readonly others: readonly string[];
	/** Returns whether a user has at most one reaction of this type per topic. */
	readonly isOnce: (type: string) => boolean;
	/** Returns a function that forwards a request to a region. */
	readonly sendTo: (region: string) => Send;
	/** Returns the addresses of a region's dispatchers. */
	readonly urlsOf: (region: string) => readonly string[];
}

/** A write, with the fields that determine its region. */
export interface RegionalWrite {
	readonly request: Request;
	readonly body: Uint8Array;
	readonly caller: Caller;
	/** The region of its first try, as the client names it; undefined for the region of this node. */
	readonly region: string | undefined;
	/**
	 * Set for a like.
	 *
	 * A reaction that a user gives once belongs to the user's home region, wherever its first try was.
	 */
	readonly like?: { readonly user: string; readonly type: string };
}

/** Carries out a write in the region of this node. */
type Here = () => Promise<Answer>;

/**
 * Routes each write to its region.
 *
 * A retry stays in the region of the first try: another region may not have received the write yet, and would carry it out
 * a second time. The methods throw `unknown_region` for an unknown name, and answer `node_unavailable` while the region is
 * unreachable.
 */
export interface WriteRouting {
	/** Carries out a write by `here`, or forwards it to the region that it belongs to. */
	write(write: RegionalWrite, here: Here): Promise<Answer>;
	/** Returns the region that a write belongs to. */
	homeRegionOf(write: Pick<RegionalWrite, 'region' | 'like'>): string;
	/** Carries out a write by `here`, or forwards it to `home`, a result of `homeRegionOf`. */
	writeIn(home: string, write: RegionalWrite, here: Here): Promise<Answer>;
	/**
	 * Takes a like back in the named region or by `here`, else in the first region that has it.
	 *
	 * Rejects as `here` does.
	 */
	takeBack(write: RegionalWrite, here: Here): Promise<Answer>;
}

/** Carries out all writes here: the cluster has no other region, or another region has forwarded them. */
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
		throw new GatewayError(
			'unknown_region',
			`The region ${quote(region)} is unknown; use one of: ${all.sort().join(', ')}.`,
		);
	}

	function homeRegionOf({ region, like }: Pick<RegionalWrite, 'region' | 'like'>): string {
		const first = checked(region);
		// The region of the first try forwarded it to the home region, too.
		return like !== undefined && isOnce(like.type) ? homeRegionOfUser(all, like.user) : first;
	}

	function send({ request, body, caller }: RegionalWrite, region: string, withinMs?: number): Promise<Answer> {
		return sendTo(region)(request, body, caller, urlsOf(region), withinMs);
	}

	/** Takes a like back in the first region that has it; resolves with undefined if none of them has it. */
	async function takeBackIn(regions: readonly string[], write: RegionalWrite): Promise<Answer | undefined> {
		let unavailable: Answer | undefined;
		for (const [region, ms] of shareTime(FORWARD_DEADLINE_MS, regions)) {
			const answer = await send(write, region, ms);
			if (answer.status === 503) unavailable = answer;
			else if (!isUnknownLike(answer)) return answer;
		}
		return unavailable;
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
