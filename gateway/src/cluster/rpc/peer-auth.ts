import { createHash, timingSafeEqual } from 'node:crypto';
import { Rejection } from '../../http/rejections.ts';
import type { Request } from '../../http/request.ts';
import { monotonicNow } from '../../runtime/run-loop.ts';
import { MAX_CLOCK_SKEW_MS, parseClock } from '../membership/clock-comparison.ts';
import type { ClockWatch } from '../membership/clock-monitor.ts';
import type { HeartbeatCheck, Membership, PeerIdentity } from '../membership/membership.ts';
import { PEER_PROTOCOL } from './messages.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** Throws a {@link Rejection} unless a request shows the secret and speaks our version of the protocol. */
type CheckProof = (request: Request) => void;

/** An empty secret admits nobody: such a node has no peers. */
export function createCheckProof(secret: string): CheckProof {
	const expected = sha256(secret);
	return ({ headers }) => {
		// Hashes are of one length, as a comparison in constant time wants it.
		if (secret === '' || !timingSafeEqual(sha256(headers['x-likewire-secret']), expected)) {
			throw new Rejection('unauthorized', 'peer_secret', 'Nodes of a cluster share a secret, and this is another one.');
		}
		if (headers['x-likewire-protocol'] === PEER_PROTOCOL) return;
		const theirs = JSON.stringify(headers['x-likewire-protocol']);
		const who = headers['x-likewire-node'];
		const detail = `${who} speaks version ${theirs} of the protocol between nodes, and this node version "${PEER_PROTOCOL}"; run one release on all nodes.`;
		throw new Rejection('peer_conflict', 'peer_protocol', detail);
	};
}

/** Lets requests of this cluster's nodes in; throws a {@link Rejection} for any other. */
export type AuthenticatePeer = (request: Request) => PeerIdentity;

export function createPeerAuth(
	secret: string,
	membership: Membership,
	clocks?: Pick<ClockWatch, 'heard'>,
): AuthenticatePeer {
	const checkProof = createCheckProof(secret);

	/**
	 * A node that is new here has to have the time. One that is known may have its clock set: whoever streams from it
	 * should not notice, and its incarnation stays what it was. Where a node says no time, its incarnation stands for it.
	 */
	function checkTime({ node, incarnation }: PeerIdentity, said: string): void {
		const clock = parseClock(said);
		if (clock !== undefined && membership.peer(node) !== undefined) clocks?.heard(node, clock);
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
		const word: PeerIdentity = {
			node: headers['x-likewire-node'],
			incarnation: Number(headers['x-likewire-incarnation']),
			view: headers['x-likewire-view'],
		};
		checkTime(word, headers['x-likewire-clock']);
		const verdict = membership.heard(word, monotonicNow());
		if (verdict !== 'heard') throw refusalOf(verdict, word);
		return word;
	};
}

function refusalOf(verdict: Exclude<HeartbeatCheck, 'heard'>, { node, incarnation }: PeerIdentity): Rejection {
	if (verdict === 'foreign') {
		return new Rejection('peer_conflict', 'peer_unknown', `${node} is not among the peers of this node.`);
	}
	if (verdict === 'double') {
		const detail = `Two nodes are called ${node}: the one of ${incarnation} is not the one that answers at its address.`;
		return new Rejection('peer_conflict', 'peer_double', detail);
	}
	const detail = `${node} of ${incarnation} was followed by a later one: it is over, or two nodes have one name.`;
	return new Rejection('peer_conflict', 'peer_stale', detail);
}
