import type { Logger } from 'pino';
import { createIdleWait } from '../../runtime/idle-wait.ts';
import { OnceAMinute } from '../../runtime/once-a-minute.ts';
import { createRunLoop, monotonicNow } from '../../runtime/run-loop.ts';
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
	/** Whether this node is a dispatcher: what it sends to owners was looked at by one, and is not sent on again. */
	readonly isDispatcher: boolean;
	readonly membership: Membership;
	readonly calls: PeerCalls;
	/** An owner gets at most one batch in it, in milliseconds. */
	readonly windowMs: number;
	/** The ways to other regions; by default there are none. */
	readonly relay?: Relay;
	readonly logger: Logger;
}

/** This node's part in the cluster: who else is there, and the ways to them. */
export interface Cluster {
	readonly view: View;
	readonly router: Router;
	/** Begins to ping and to send, and hands what is for this node to `local`. */
	start(local: LocalNode): void;
	/** News of this node's Likes service, for their owners. */
	publish(updates: Updates): void;
	/** Sends what is due now, without waiting for the next turn. */
	flush(): void;
	/** The membership may have learned something, or something was put into the router: look at it in the next turn. */
	wake(): void;
	/** Tells the others to do without this node. */
	leave(): void;
	/** Settles when all that is to be sent has arrived, or after so many milliseconds. */
	idle(timeoutMs: number): Promise<void>;
	/** Sends nothing more. */
	close(): void;
}

export function createCluster(options: ClusterOptions): Cluster {
	const { self, isDispatcher, membership, calls, windowMs, relay, logger } = options;
	const router = new Router(self, windowMs, membership.view, relay);
	let { ring } = membership.view;
	const idleWait = createIdleWait(() => router.isIdle);
	/** By the node that refuses this one. */
	const refusals = new OnceAMinute<string>();
	const alarm = createRunLoop((now) => {
		router.setView(membership.view);
		for (const peer of membership.takePings(now)) void ping(peer);
		send(now);
		idleWait.look();
		return Math.min(router.dueAt ?? Number.POSITIVE_INFINITY, membership.dueAt);
	});

	function noticeRing(view: View): void {
		if (ring === view.ring) return;
		ring = view.ring;
		const dispatchers = ring.members.map((member) => member.node);
		logger.info({ view: ring.view, dispatchers }, 'the ring changed');
	}

	async function ping(peer: string): Promise<void> {
		const before = membership.standing(peer);
		try {
			membership.answered(await calls.ping(peer), monotonicNow());
		} catch (err) {
			membership.unanswered(peer, monotonicNow());
			if (err instanceof PeerRefusedError) noteRefusal(peer, err);
			else logger.debug({ err, peer }, 'a ping was not answered');
		}
		const after = membership.standing(peer);
		if (before !== after) logger.info({ peer, before, after }, 'a node changed its standing');
		alarm.wake();
	}

	/** Somebody has to mend the configuration of one of the two; told once a minute. */
	function noteRefusal(peer: string, { message }: PeerRefusedError): void {
		if (!refusals.admits(peer, monotonicNow())) return;
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
			if (err instanceof PeerTooLongError) router.tooLong(batch, monotonicNow());
			else router.failed(batch, monotonicNow());
			logger.debug({ err, peer: to, kind, topics: updates.size }, 'a batch did not arrive; it is sent again');
		}
		alarm.wake();
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
			alarm.wake();
		},
		get view() {
			return router.view;
		},
		publish(updates) {
			router.publish(updates);
			alarm.wake();
		},
		flush() {
			send(monotonicNow());
			alarm.wake();
		},
		wake: alarm.wake,
		leave() {
			membership.leave(monotonicNow());
			alarm.wake();
		},
		idle: idleWait.wait,
		close: alarm.stop,
	};
}
