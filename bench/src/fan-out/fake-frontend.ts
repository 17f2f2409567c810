import type { Peer } from '../../../gateway/src/cluster/membership/peer.ts';
import { DIGEST_MS } from '../../../gateway/src/frontend/frontend-core.ts';
import { type Registered, SubscriptionSync } from '../../../gateway/src/frontend/subscriptions/subscription-sync.ts';
import { monotonicNow } from '../../../gateway/src/runtime/clock.ts';
import { createFakeNode } from './fake-node.ts';

/** The interval at which registrations are sent, in milliseconds. */
const SEND_MS = 50;

export interface FakeFrontendOptions {
	readonly self: Peer & { readonly incarnation: number };
	readonly dispatchers: readonly Peer[];
	readonly secret: string;
	readonly topics: Registered;
	/** The fraction of the digest period until its second digest, which spreads the digests of many frontends. */
	readonly phase: number;
}

/** Runs the sending part of a frontend; a sink receives its batches. Resolves when it is registered. */
export async function runFakeFrontend(options: FakeFrontendOptions): Promise<void> {
	const { self, dispatchers, secret, topics, phase } = options;
	const node = createFakeNode({ self, peers: dispatchers, secret, onView: ({ ring }) => registrar.setRing(ring) });
	const registrar = new SubscriptionSync(self.node, self.incarnation, topics, node.cluster.view.ring);
	const registered = new Promise<void>((resolve) => {
		setInterval(() => {
			for (const pending of registrar.take(monotonicNow())) {
				node.calls.subscribe(pending.to, pending.message).then(
					({ buckets }) => {
						registrar.arrived(pending, buckets);
						if (registrar.isIdle) resolve();
					},
					() => registrar.failed(pending, monotonicNow()),
				);
			}
		}, SEND_MS);
	});
	function digest(): void {
		// The states are those of the fake store, which names no changes.
		for (const topic of topics.topicNames()) registrar.touched(topic);
		registrar.digest();
	}
	setTimeout(() => {
		digest();
		setInterval(digest, DIGEST_MS);
	}, DIGEST_MS * phase);
	await registered;
}
