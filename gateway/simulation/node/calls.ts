import type { PeerIdentity } from '../../src/cluster/membership/membership.ts';
import type { Environment } from './environment.ts';
import type { NodeContext, PeerPort, Reply } from './peer-port.ts';

export interface Call<Answer> {
	readonly from: NodeContext;
	readonly to: string;
	readonly deadlineMs: number;
	/** Carries the request out at the node that receives it. */
	handle(port: PeerPort, from: PeerIdentity, reply: Reply<Answer>): void;
	/**
	 * Called once: with the answer and its sender, or without one when the request was refused, lost or
	 * late.
	 */
	done(answer?: Answer, by?: PeerIdentity): void;
}

/**
 * Sends a request from one node to another, as `PeerCalls` sends it and `peerRoutes` takes it. Either
 * direction may fail, so a peer may have carried out a request without an answer, or may do so later.
 */
export function call<Answer>({ network, nodes, counts, silent }: Environment, request: Call<Answer>): void {
	const { from, to, deadlineMs, handle, done } = request;
	let settled = false;

	function settle(answer?: Answer, by?: PeerIdentity): void {
		if (settled) {
			if (answer !== undefined) counts.add('answers that came late, or again');
			return;
		}
		settled = true;
		const check = by && from.membership.received(by, from.process.now, true);
		if (check === 'received') done(answer, by);
		else {
			if (check !== undefined) counts.add(`answers that were ${check}`);
			done();
		}
	}

	function answerTo(answer: Answer | undefined, by: PeerIdentity | undefined): void {
		network.carry(to, from.name, () => from.process.run(() => settle(answer, by)));
	}

	const { identity } = from;
	from.process.after(deadlineMs, () => settle());
	network.carry(from.name, to, () => {
		const node = nodes.get(to);
		if (node === undefined || node.process.isDead) {
			// A machine that runs refuses the connection; one that is gone answers nothing.
			if (!silent.has(to)) answerTo(undefined, undefined);
			return;
		}
		node.process.run(() => {
			if (node.admit(identity)) handle(node.port, identity, (answer) => answerTo(answer, node.identity));
			else answerTo(undefined, undefined);
		});
	});
}
