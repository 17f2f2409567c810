import type { PeerIdentity } from '../../src/cluster/membership/membership.ts';
import { checkAnswer, errorOfStatus } from '../../src/cluster/rpc/peer-checks.ts';
import { PeerError, PeerRefusedError } from '../../src/cluster/rpc/peer-client.ts';
import { GatewayError } from '../../src/runtime/errors.ts';
import { StoreError } from '../../src/store/store.ts';
import type { Caller, Endpoint } from './endpoint.ts';
import type { Environment } from './environment.ts';

/** An answer that never comes, as that to a process that died. */
export const NEVER = new Promise<never>(() => undefined);

export interface Call<Answer> {
	readonly from: Caller;
	readonly to: string;
	readonly deadlineMs: number;
	/** Carries the request out at the node that receives it. */
	handle(node: Endpoint, from: PeerIdentity): Answer | Promise<Answer>;
}

/** An answer, and the node that sent it. */
export interface Answered<Answer> {
	readonly answer: Answer;
	readonly by: PeerIdentity;
}

/** Returns whether an error is an answer of the gateway, and no fault of the program. */
export function isExpected(error: unknown): boolean {
	return error instanceof GatewayError || error instanceof PeerError || error instanceof StoreError;
}

/** Carries a request out, and passes on what comes of it; the sender of the request sees a status. */
export function carryOut<Answer>(
	{ clock }: Environment,
	to: string,
	handle: () => Answer | Promise<Answer>,
	done: (outcome: { readonly answer: Answer } | PeerError) => void,
): void {
	function failed(error: unknown): void {
		if (!isExpected(error)) clock.fail(error);
		if (error instanceof PeerError) done(error);
		else {
			const status = error instanceof GatewayError ? error.status : 500;
			done(errorOfStatus(to, status, String(error)) ?? new PeerError(String(error)));
		}
	}
	try {
		const answer = handle();
		if (answer instanceof Promise) answer.then((value) => done({ answer: value }), failed);
		else done({ answer });
	} catch (error) {
		failed(error);
	}
}

/**
 * Sends a request from one node to another, without HTTP. Rejects with a {@link PeerError}, as
 * `createPeerCalls` does. Either direction may fail, so a peer may have carried out a request without
 * an answer, or may do so later.
 */
export function call<Answer>(environment: Environment, request: Call<Answer>): Promise<Answered<Answer>> {
	const { network, nodes, counts, silent } = environment;
	const { from, to, deadlineMs, handle } = request;
	if (from.process.isDead) return NEVER;
	return new Promise((resolve, reject) => {
		let settled = false;

		function settle(outcome: Answered<Answer> | PeerError): void {
			if (settled) {
				if (!(outcome instanceof PeerError)) counts.add('answers that came late, or again');
				return;
			}
			settled = true;
			try {
				if (outcome instanceof PeerError) throw outcome;
				checkAnswer(from.membership, outcome.by, from.process.now);
				resolve(outcome);
			} catch (error) {
				if (error !== outcome) counts.add('answers that were refused');
				reject(error);
			}
		}

		function back(outcome: Answered<Answer> | PeerError): void {
			network.carry(to, from.name, () => from.process.run(() => settle(outcome)));
		}

		const { identity } = from;
		from.process.after(deadlineMs, () => settle(new PeerError(`${to} does not answer within ${deadlineMs} ms`)));
		network.carry(from.name, to, () => {
			const node = nodes.get(to);
			if (node === undefined || node.process.isDead || !node.isListening) {
				// A machine that runs refuses the connection; one that is gone answers nothing.
				if (!silent.has(to)) back(new PeerError(`${to} refuses the connection`));
				return;
			}
			node.process.run(() => {
				if (!node.admit(identity)) {
					back(new PeerRefusedError(`${to} refuses this node`));
					return;
				}
				carryOut(
					environment,
					to,
					() => handle(node, identity),
					(outcome) => back(outcome instanceof PeerError ? outcome : { ...outcome, by: node.identity }),
				);
			});
		});
	});
}
