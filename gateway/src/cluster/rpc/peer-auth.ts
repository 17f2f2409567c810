import { createHash, timingSafeEqual } from 'node:crypto';
import { Rejection } from '../../http/rejections.ts';
import type { Request } from '../../http/request.ts';
import { monotonicNow } from '../../runtime/clock.ts';
import { MAX_CLOCK_SKEW_MS, parseClock } from '../membership/clock-comparison.ts';
import type { ClockWatch } from '../membership/clock-monitor.ts';
import type { HeartbeatCheck, Membership, PeerIdentity } from '../membership/membership.ts';
import { PEER_PROTOCOL } from './messages.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** Throws a {@link Rejection} unless a request has the secret and the protocol version of this node. */
type CheckProof = (request: Request) => void;

/** Creates a check of requests. An empty secret admits no request: such a node has no peers. */
export function createCheckProof(secret: string): CheckProof {
	const expected = sha256(secret);
	return ({ headers }) => {
		// Hashes have one length, which the comparison in constant time requires.
		if (secret === '' || !timingSafeEqual(sha256(headers['x-likewire-secret']), expected)) {
			throw new Rejection('unauthorized', 'peer_secret', 'Nodes of a cluster share a secret, and this is another one.');
		}
		if (headers['x-likewire-protocol'] === PEER_PROTOCOL) return;
		const theirs = JSON.stringify(headers['x-likewire-protocol']);
		const sender = headers['x-likewire-node'];
		const detail = `${sender} speaks version ${theirs} of the protocol between nodes, and this node version "${PEER_PROTOCOL}"; run one release on all nodes.`;
		throw new Rejection('peer_conflict', 'peer_protocol', detail);
	};
}

/** Returns the identity of the node that sent a request; throws a {@link Rejection} otherwise. */
export type AuthenticatePeer = (request: Request) => PeerIdentity;

export function createPeerAuth(
	secret: string,
	membership: Membership,
	clocks?: Pick<ClockWatch, 'received'>,
): AuthenticatePeer {
	const checkProof = createCheckProof(secret);

	/**
	 * Checks the clock of a new node. The clock of a known node may be set: its viewers should not notice,
	 * and it keeps its incarnation. Without a clock in the request, the incarnation stands for it.
	 */
	function checkTime({ node, incarnation }: PeerIdentity, header: string): void {
		const clock = parseClock(header);
		if (clock !== undefined && membership.peer(node) !== undefined) clocks?.received(node, clock);
		const aheadMs = (clock?.time ?? incarnation) - Date.now();
		const isNew = !membership.isKnownLife(node, incarnation);
		if (clock !== undefined && isNew && Math.abs(aheadMs) > MAX_CLOCK_SKEW_MS) {
			const seconds = Math.round(Math.abs(aheadMs) / 1_000);
			const detail = `The clock of ${node} is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} that of this node; they may differ by ${MAX_CLOCK_SKEW_MS / 1_000} s.`;
			throw new Rejection('peer_conflict', 'peer_clock', detail);
		}
		const isTime = Number.isSafeInteger(incarnation) && (clock !== undefined || aheadMs <= MAX_CLOCK_SKEW_MS);
		if (!isTime)
			throw new Rejection('peer_conflict', 'peer_stale', `${node} runs since ${incarnation}, which is no time.`);
	}

	return (request) => {
		checkProof(request);
		const { headers } = request;
		const identity: PeerIdentity = {
			node: headers['x-likewire-node'],
			incarnation: Number(headers['x-likewire-incarnation']),
			view: headers['x-likewire-view'],
		};
		checkTime(identity, headers['x-likewire-clock']);
		const check = membership.received(identity, monotonicNow());
		if (check !== 'received') throw rejectionOf(check, identity);
		return identity;
	};
}

function rejectionOf(check: Exclude<HeartbeatCheck, 'received'>, { node, incarnation }: PeerIdentity): Rejection {
	if (check === 'foreign') {
		return new Rejection('peer_conflict', 'peer_unknown', `${node} is not among the peers of this node.`);
	}
	if (check === 'double') {
		const detail = `Two nodes are called ${node}: the one of ${incarnation} is not the one that answers at its address.`;
		return new Rejection('peer_conflict', 'peer_double', detail);
	}
	const detail = `${node} of ${incarnation} was followed by a later one: it is over, or two nodes have one name.`;
	return new Rejection('peer_conflict', 'peer_stale', detail);
}
