import type { Logger } from 'pino';
import type { Ring } from '../cluster/membership/ring.ts';
import type { Router } from '../cluster/routing/router.ts';
import { cutToAnswer } from '../cluster/rpc/batches.ts';
import { PeerTooLongError } from '../cluster/rpc/peer-client.ts';
import { DIGEST_MS } from '../frontend/frontend-core.ts';
import type { RegistrationMessage } from '../frontend/subscriptions/subscription-sync.ts';
import { type Clock, REAL_CLOCK } from '../runtime/clock.ts';
import { createIdleWait } from '../runtime/idle-wait.ts';
import { createRunLoop } from '../runtime/run-loop.ts';
import type { RegistrationAnswer, Registrations } from '../state/topics/registration.ts';
import { topicOf } from '../state/topics/topic.ts';
import type { Updates } from '../state/update.ts';
import { WorkersCore } from './workers-core.ts';

/** The period in which the rows of silent workers are dropped, in milliseconds. */
const EXPIRE_MS = 5_000;

export interface WorkersFrontendOptions {
	/** The name of the node. */
	readonly node: string;
	readonly incarnation: number;
	readonly ring: Ring;
	/** Registers topics with a dispatcher. Resolves with what this node misses. */
	readonly subscribe: (dispatcher: string, message: Registrations) => Promise<RegistrationAnswer>;
	/** Sends heartbeats of users to a dispatcher. Rejects when they may not have arrived. */
	readonly heartbeat: (dispatcher: string, users: readonly string[]) => Promise<void>;
	/** The router to the workers. */
	readonly router: Router;
	/** Called when the router may have batches to send. */
	readonly onRouted: () => void;
	/** Called when owners changed: workers then repeat their heartbeats. */
	readonly onOwnersChanged: () => void;
	readonly clock?: Clock;
	readonly logger: Logger;
}

/** The workers of a node, joined into one frontend. */
export interface WorkersFrontend {
	/** Takes updates of a dispatcher. */
	deliver(updates: Updates): void;
	/** Registers topics whose owners changed. */
	setRing(ring: Ring): void;
	/** The number of topics that workers follow. */
	readonly topicCount: number;
	/** Registers the topics of a worker. Returns what the worker does not have. */
	subscribe(message: Registrations): RegistrationAnswer;
	/** Passes heartbeats of users of a worker on to their owners. Rejects when they may not have arrived. */
	heartbeat(users: readonly string[]): Promise<void>;
	/** Takes the end of a worker: its viewers are gone. */
	dropWorker(worker: string): void;
	/** Settles when all dispatchers know what workers follow, or after `timeoutMs`. */
	idle(timeoutMs: number): Promise<void>;
	close(): void;
}

export function createWorkersFrontend(options: WorkersFrontendOptions): WorkersFrontend {
	const { subscribe, heartbeat, onRouted, onOwnersChanged, clock = REAL_CLOCK, logger } = options;
	const core = new WorkersCore({ ...options, frontend: options.node, cutAnswer: cutToAnswer() });
	const { subscriptionSync } = core;
	let { ring } = options;
	const registered = createIdleWait(() => subscriptionSync.isIdle, clock);
	const loop = createRunLoop((now) => {
		const { registrations, dueAt } = core.run(now);
		for (const registration of registrations) void register(registration);
		registered.look();
		onRouted();
		return dueAt;
	}, clock);
	const digests = clock.every(DIGEST_MS, () => {
		subscriptionSync.digest();
		loop.wake();
	});
	const expiries = clock.every(EXPIRE_MS, () => {
		core.expire(clock.now());
		loop.wake();
	});
	loop.wake();

	async function register(registration: RegistrationMessage): Promise<void> {
		try {
			core.registered(registration, await subscribe(registration.to, registration.message));
		} catch (err) {
			if (err instanceof PeerTooLongError) subscriptionSync.tooLong(registration, clock.now());
			else subscriptionSync.failed(registration, clock.now());
			logger.debug({ err, peer: registration.to }, 'registration failed, retrying');
		}
		loop.wake();
	}

	return {
		deliver(updates) {
			core.deliver(updates);
			// At once: each hop that waits for a turn delays a frame.
			onRouted();
			loop.wake();
		},
		setRing(next) {
			if (next === ring) return;
			ring = next;
			subscriptionSync.setRing(next);
			onOwnersChanged();
			loop.wake();
		},
		get topicCount() {
			return core.topicCount;
		},
		subscribe(message) {
			const answer = core.subscribe(message, clock.now());
			loop.wake();
			return answer;
		},
		async heartbeat(users) {
			const byOwner = new Map<string, string[]>();
			for (const user of users) {
				const owner = ring.owner(topicOf('user', user));
				// Without a dispatcher, the heartbeats are repeated when one comes.
				if (owner === undefined) continue;
				const some = byOwner.get(owner);
				if (some === undefined) byOwner.set(owner, [user]);
				else some.push(user);
			}
			await Promise.all([...byOwner].map(([owner, some]) => heartbeat(owner, some)));
		},
		dropWorker(worker) {
			core.dropWorker(worker);
			loop.wake();
		},
		async idle(timeoutMs) {
			// The end of a worker changes counts, which the next run takes.
			await new Promise<void>((resolve) => void clock.nextTurn(resolve));
			await registered.wait(timeoutMs);
		},
		close() {
			clock.cancel(digests);
			clock.cancel(expiries);
			loop.stop();
		},
	};
}
