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
			const detail =
				'The cluster secret differs from the one of this node; set the same LIKEWIRE_CLUSTER_SECRET on all nodes.';
			throw new Rejection('unauthorized', 'peer_secret', detail);
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
		if (isTime) return;
		const detail = `${node} sent the incarnation ${incarnation}, which is no past time in Unix milliseconds.`;
		throw new Rejection('peer_conflict', 'peer_stale', detail);
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
		const detail = `${node} is not among the peers of this node; add it to LIKEWIRE_PEERS, or set the same etcd and LIKEWIRE_ETCD_PREFIX.`;
		return new Rejection('peer_conflict', 'peer_unknown', detail);
	}
	if (check === 'double') {
		const detail = `Two nodes have the name ${node}: incarnation ${incarnation} does not answer at its address; give each node its own --node.`;
		return new Rejection('peer_conflict', 'peer_double', detail);
	}
	const detail = `Incarnation ${incarnation} of ${node} is older than the known one; restart it, or give each node its own --node.`;
	return new Rejection('peer_conflict', 'peer_stale', detail);
}
