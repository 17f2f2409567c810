import type { Logger } from 'pino';
import { type Clock, REAL_CLOCK } from '../../runtime/clock.ts';
import { createIdleWait } from '../../runtime/idle-wait.ts';
import { OnceAMinute } from '../../runtime/once-a-minute.ts';
import { createRunLoop } from '../../runtime/run-loop.ts';
import type { Updates } from '../../state/update.ts';
import type { Membership } from '../membership/membership.ts';
import type { View } from '../membership/view.ts';
import { cutToBody } from '../rpc/batches.ts';
import type { PeerCalls } from '../rpc/peer-calls.ts';
import { PeerRefusedError, PeerTooLongError } from '../rpc/peer-client.ts';
import type { PeerBatch } from './batch-queue.ts';
import { type LocalNode, type Relay, Router } from './router.ts';

export interface ClusterOptions {
	/** The name of this node. */
	readonly self: string;
	/** Whether this node is a dispatcher: then receivers do not forward its updates again. */
	readonly isDispatcher: boolean;
	readonly membership: Membership;
	readonly calls: PeerCalls;
	/** An owner gets at most one batch in this time, in milliseconds. */
	readonly windowMs: number;
	/** The links to other regions; none by default. */
	readonly relay?: Relay;
	readonly clock?: Clock;
	readonly logger: Logger;
}

/** The part of this node in the cluster: its view of the members, and the router to them. */
export interface Cluster {
	readonly view: View;
	readonly router: Router;
	/** Begins to ping and to send, and hands updates for this node to `local`. */
	start(local: LocalNode): void;
	/** Sends updates of the Likes service of this node to their owners. */
	publish(updates: Updates): void;
	/** Sends due batches at once, without waiting for the run loop. */
	flush(): void;
	/** Checks the membership and the router in the next turn of the run loop, after one of them changed. */
	wake(): void;
	/** Announces that this node stops. */
	leave(): void;
	/** Settles when all updates have arrived, or after `timeoutMs`. */
	idle(timeoutMs: number): Promise<void>;
	/** Stops to send. */
	close(): void;
}

export function createCluster(options: ClusterOptions): Cluster {
	const { self, isDispatcher, membership, calls, windowMs, relay, clock = REAL_CLOCK, logger } = options;
	const router = new Router(self, windowMs, membership.view, relay);
	let { ring } = membership.view;
	const idleWait = createIdleWait(() => router.isIdle, clock);
	/** Limits log lines by the node that refuses this one. */
	const refusals = new OnceAMinute<string>();
	const loop = createRunLoop((now) => {
		router.setView(membership.view);
		for (const peer of membership.takePings(now)) void ping(peer);
		send(now);
		idleWait.look();
		return Math.min(router.dueAt ?? Number.POSITIVE_INFINITY, membership.dueAt);
	}, clock);

	function noticeRing(view: View): void {
		if (ring === view.ring) return;
		ring = view.ring;
		const dispatchers = ring.members.map((member) => member.node);
		logger.info({ view: ring.view, dispatchers }, 'the ring changed');
	}

	async function ping(peer: string): Promise<void> {
		const before = membership.statusOf(peer);
		try {
			membership.answered(await calls.ping(peer), clock.now());
		} catch (err) {
			membership.unanswered(peer, clock.now());
			if (err instanceof PeerRefusedError) noteRefusal(peer, err);
			else logger.debug({ err, peer }, 'ping failed');
		}
		const after = membership.statusOf(peer);
		if (before !== after) logger.info({ peer, before, after }, 'peer status changed');
		loop.wake();
	}

	/** Logs a refusal at most once a minute: an operator must correct one of the configurations. */
	function noteRefusal(peer: string, { message }: PeerRefusedError): void {
		if (!refusals.admits(peer, clock.now())) return;
		logger.warn({ peer, detail: message }, 'a node refuses this one');
	}

	function send(now: number): void {
		for (const batch of router.take(now, cutToBody)) void carry(batch);
	}

	async function carry(batch: PeerBatch): Promise<void> {
		const { to, kind, updates } = batch;
		try {
			if (kind === 'publish') await calls.publish(to, updates, isDispatcher);
			else await calls.deliver(to, updates);
			router.arrived(batch);
		} catch (err) {
			if (err instanceof PeerTooLongError) router.tooLong(batch, clock.now());
			else router.failed(batch, clock.now());
			logger.debug({ err, peer: to, kind, topics: updates.size }, 'batch failed; retried');
		}
		loop.wake();
	}

	return {
		router,
		start(local) {
			router.start({
				...local,
				onView(view) {
					noticeRing(view);
					local.onView(view);
				},
			});
			loop.wake();
		},
		get view() {
			return router.view;
		},
		publish(updates) {
			router.publish(updates);
			loop.wake();
		},
		flush() {
			send(clock.now());
			loop.wake();
		},
		wake: loop.wake,
		leave() {
			membership.leave(clock.now());
			loop.wake();
		},
		idle: idleWait.wait,
		close: loop.stop,
	};
}
