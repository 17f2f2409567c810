import { ERROR_STATUS } from '@likewire/protocol';
import type { Membership, PeerIdentity } from '../membership/membership.ts';
import { PeerError, PeerFailedError, PeerRefusedError, PeerTooLongError } from './peer-client.ts';

/** The statuses by which a node rejects another one. */
const REFUSED: readonly number[] = [ERROR_STATUS.unauthorized, ERROR_STATUS.peer_conflict];

/** Returns the error of an answer with an error status; undefined for a success. */
export function errorOfStatus(node: string, status: number, detail: string): PeerError | undefined {
	if (REFUSED.includes(status)) return new PeerRefusedError(`${node} refuses this node: ${detail}`);
	if (status === 413) return new PeerTooLongError(`${node} refuses the length of the request: ${detail}`);
	if (status >= 500) return new PeerFailedError(`${node} answered ${status}: ${detail}`);
	return status >= 400 ? new PeerError(`${node} answered ${status}: ${detail}`) : undefined;
}

/** Throws a {@link PeerError} while a node is so new that it may not know this one. */
export function checkSettled(membership: Membership, node: string, now: number): void {
	if (membership.isSettling(node, now)) throw new PeerError(`${node} may not know this node yet`);
}

/** Throws a {@link PeerError} unless a dispatcher knows the ring by which this node chose it. */
export function checkKnowsOurView(membership: Membership, node: string): void {
	if (!membership.knowsOurView(node)) throw new PeerError(`${node} does not know the ring of this node yet`);
}

/** Throws a {@link PeerError} unless an answer comes from the life of a node that this one knows. */
export function checkAnswer(membership: Membership, identity: PeerIdentity, now: number): void {
	const check = membership.received(identity, now, true);
	if (check !== 'received') throw new PeerError(`the answer of ${identity.node} is ${check}`);
}
