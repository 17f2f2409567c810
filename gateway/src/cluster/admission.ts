import { createHash, timingSafeEqual } from 'node:crypto';
import { monotonicNow } from '../alarm.ts';
import { Refusal } from '../http/refusals.ts';
import type { Request } from '../http/request.ts';
import type { Membership, Verdict, Word } from './membership.ts';
import { PEER_PROTOCOL } from './messages.ts';

/** Clocks of nodes may differ by so much, in milliseconds; an incarnation from further in the future is made up. */
const MAX_CLOCK_SKEW_MS = 3_600_000;

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** Throws a {@link Refusal} unless a request shows the secret and speaks our version of the protocol. */
type CheckProof = (request: Request) => void;

/** An empty secret admits nobody: such a node has no peers. */
export function createCheckProof(secret: string): CheckProof {
	const expected = sha256(secret);
	return ({ headers }) => {
		// Hashes are of one length, as a comparison in constant time wants it.
		if (secret === '' || !timingSafeEqual(sha256(headers['x-likewire-secret']), expected)) {
			throw new Refusal('unauthorized', 'peer_secret', 'Nodes of a cluster share a secret, and this is another one.');
		}
		if (headers['x-likewire-protocol'] === PEER_PROTOCOL) return;
		const theirs = JSON.stringify(headers['x-likewire-protocol']);
		const who = headers['x-likewire-node'];
		const detail = `${who} speaks version ${theirs} of the protocol between nodes, and this node version "${PEER_PROTOCOL}"; run one release on all nodes.`;
		throw new Refusal('peer_conflict', 'peer_protocol', detail);
	};
}

/** Lets requests of this cluster's nodes in; throws a {@link Refusal} for any other. */
export type Admit = (request: Request) => Word;

export function createAdmit(secret: string, membership: Membership): Admit {
	const checkProof = createCheckProof(secret);
	return (request) => {
		checkProof(request);
		const { headers } = request;
		const word: Word = {
			node: headers['x-likewire-node'],
			incarnation: Number(headers['x-likewire-incarnation']),
			view: headers['x-likewire-view'],
		};
		if (!(Number.isSafeInteger(word.incarnation) && word.incarnation <= Date.now() + MAX_CLOCK_SKEW_MS)) {
			throw new Refusal(
				'peer_conflict',
				'peer_stale',
				`${word.node} runs since ${word.incarnation}, which is no time.`,
			);
		}
		const verdict = membership.heard(word, monotonicNow());
		if (verdict !== 'heard') throw refusalOf(verdict, word);
		return word;
	};
}

function refusalOf(verdict: Exclude<Verdict, 'heard'>, { node, incarnation }: Word): Refusal {
	if (verdict === 'foreign') {
		return new Refusal('peer_conflict', 'peer_unknown', `${node} is not among the peers of this node.`);
	}
	if (verdict === 'double') {
		const detail = `Two nodes are called ${node}: the one of ${incarnation} is not the one that answers at its address.`;
		return new Refusal('peer_conflict', 'peer_double', detail);
	}
	const detail = `${node} of ${incarnation} was followed by a later one: it is over, or two nodes have one name.`;
	return new Refusal('peer_conflict', 'peer_stale', detail);
}
