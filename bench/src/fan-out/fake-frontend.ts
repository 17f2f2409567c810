import { monotonicNow } from '../../../gateway/src/alarm.ts';
import type { Peer } from '../../../gateway/src/cluster/peers.ts';
import { DIGEST_MS } from '../../../gateway/src/frontend/frontend-core.ts';
import { type Registered, Registrar } from '../../../gateway/src/frontend/registrar.ts';
import { createFakeNode } from './fake-node.ts';

/** Registrations are looked at so often, in milliseconds. */
const LETTERS_MS = 50;

export interface FakeFrontendOptions {
	readonly self: Peer & { readonly incarnation: number };
	readonly dispatchers: readonly Peer[];
	readonly secret: string;
	readonly topics: Registered;
	/** Its first digest is followed by the next after this part of the usual time, so that many do not go together. */
	readonly phase: number;
}

/** Plays the part of a frontend that talks; what is delivered goes to a sink. Settles once it is registered. */
export async function runFakeFrontend(options: FakeFrontendOptions): Promise<void> {
	const { self, dispatchers, secret, topics, phase } = options;
	const node = createFakeNode({ self, peers: dispatchers, secret, onView: ({ ring }) => registrar.setRing(ring) });
	const registrar = new Registrar(self.node, self.incarnation, topics, node.cluster.view.ring);
	const registered = new Promise<void>((resolve) => {
		setInterval(() => {
			for (const letter of registrar.take(monotonicNow())) {
				node.calls.subscribe(letter.to, letter.message).then(
					() => {
						registrar.arrived(letter);
						if (registrar.isIdle) resolve();
					},
					() => registrar.failed(letter, monotonicNow()),
				);
			}
		}, LETTERS_MS);
	});
	setTimeout(() => {
		registrar.digest();
		setInterval(() => registrar.digest(), DIGEST_MS);
	}, DIGEST_MS * phase);
	await registered;
}
