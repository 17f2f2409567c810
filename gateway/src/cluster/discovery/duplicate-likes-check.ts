import type { Logger } from 'pino';
import type { Peer } from '../membership/peer.ts';

/** Watches that nobody else stores likes while this node does so in a database that belongs to it alone. */
export interface DuplicateLikesCheck {
	/** What is wrong; undefined while nothing is. */
	readonly problem: string | undefined;
	/** Looks at all nodes that there should be. */
	look(peers: readonly Peer[]): void;
}

/**
 * Tells operators of further Likes nodes, which a list that changes at run time cannot refuse. All of them go on: each
 * stores what it gets in its own database, and not one of them would be the right one to take out.
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
					: `${names} and ${self} store likes, each in a SQLite database of its own: totals are those of one or the other`;
			if (problem === undefined) logger.info('no other node stores likes any more');
			else logger.error({ reason: problem }, 'there is more than one Likes node');
		},
	};
}
