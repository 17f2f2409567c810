import type { PeerIdentity } from '../../src/cluster/membership/membership.ts';
import type { World } from './environment.ts';
import type { Node } from './node.ts';

/** Answers a request; undefined refuses it. */
export type Reply<Answer> = (answer: Answer | undefined) => void;

export interface Call<Answer> {
	readonly from: Node;
	readonly to: string;
	readonly deadlineMs: number;
	/** What the node that is asked does. */
	handle(node: Node, word: PeerIdentity, reply: Reply<Answer>): void;
	/** Once: with the answer and who gave it, or without one when it was refused, lost or late. */
	done(answer?: Answer, word?: PeerIdentity): void;
}

/**
 * A request from one node to another, as `PeerCalls` makes it and `peerRoutes` takes it: either way may fail, so a
 * request that got no answer in time may have been carried out, or will be.
 */
export function call<Answer>({ network, nodes, counts, silent }: World, request: Call<Answer>): void {
	const { from, to, deadlineMs, handle, done } = request;
	let settled = false;

	function settle(answer?: Answer, word?: PeerIdentity): void {
		if (settled) {
			if (answer !== undefined) counts.add('answers that came late, or again');
			return;
		}
		settled = true;
		const verdict = word && from.membership.received(word, from.process.now, true);
		if (verdict === 'received') done(answer, word);
		else {
			if (verdict !== undefined) counts.add(`answers that were ${verdict}`);
			done();
		}
	}

	function answerTo(answer: Answer | undefined, word: PeerIdentity | undefined): void {
		network.carry(to, from.name, () => from.process.run(() => settle(answer, word)));
	}

	const word = from.word;
	from.process.after(deadlineMs, () => settle());
	network.carry(from.name, to, () => {
		const node = nodes.get(to);
		if (node === undefined || node.process.isDead) {
			// The machine says that nobody listens there, if it is still there itself.
			if (!silent.has(to)) answerTo(undefined, undefined);
			return;
		}
		node.process.run(() => {
			if (node.admit(word)) handle(node, word, (answer) => answerTo(answer, node.word));
			else answerTo(undefined, undefined);
		});
	});
}
