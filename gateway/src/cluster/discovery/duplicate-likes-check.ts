import type { Logger } from 'pino';
import type { Peer } from '../membership/peer.ts';

/** Finds other Likes nodes while this node stores likes in a database of its own. */
export interface DuplicateLikesCheck {
	/** A description of the problem; undefined without one. */
	readonly problem: string | undefined;
	/** Checks the list of nodes. */
	look(peers: readonly Peer[]): void;
}

/**
 * Reports further Likes nodes to operators: a list that changes at run time cannot refuse them. All of
 * them continue to store likes in their own databases, since none of them is the right one to exclude.
 */
export function createDuplicateLikesCheck(self: string, logger: Logger): DuplicateLikesCheck {
	let others = '';
	let problem: string | undefined;
	return {
		get problem() {
			return problem;
		},
		look(peers) {
			const likes = peers.filter(({ node, roles }) => node !== self && roles.includes('likes'));
			const names = likes.map(({ node }) => node).join(' and ');
			if (names === others) return;
			others = names;
			problem =
				names === ''
					? undefined
					: `${names} and ${self} store likes, each in a SQLite database of its own: totals are those of one or the other; set LIKEWIRE_DATABASE_URL, or give only one node the role likes`;
			if (problem === undefined) logger.info('other Likes nodes left');
			else logger.error({ reason: problem }, 'several Likes nodes use SQLite');
		},
	};
}
