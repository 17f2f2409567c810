import type { Logger } from 'pino';
import { createAlarm, monotonicNow } from '../alarm.ts';
import { fitsAll } from '../delivery/outbox.ts';
import type { Updates } from '../delivery/update.ts';
import type { Membership, View } from './membership.ts';
import { fitsBody } from './messages.ts';
import type { PeerCalls } from './peer-calls.ts';
import { type Parcel, Router } from './router.ts';

export interface ClusterOptions {
	/** The name of this node. */
	readonly self: string;
	/** Whether this node is a dispatcher: what it sends to owners was looked at by one, and is not sent on again. */
	readonly isDispatcher: boolean;
	readonly membership: Membership;
	readonly calls: PeerCalls;
	/** An owner gets at most one batch in it, in milliseconds. */
	readonly windowMs: number;
	/** What this node does itself. */
	readonly local: {
		/** News whose owner this node is. */
		publish(updates: Updates): void;
		/** News for the viewers of this node. */
		deliver(updates: Updates): void;
		/** The cluster changed. */
		onView(view: View): void;
	};
	readonly logger: Logger;
}

/** This node's part in the cluster: who else is there, and the ways to them. */
export interface Cluster {
	readonly view: View;
	readonly router: Router;
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
	const { self, isDispatcher, membership, calls, local, logger } = options;
	let view = membership.view;
	const router = new Router(self, options.windowMs, view);
	let whenIdle: (() => void) | undefined;
	const alarm = createAlarm((now) => {
		noticeView();
		for (const node of membership.takePings(now)) void ping(node);
		send(now);
		if (router.isIdle) whenIdle?.();
		return Math.min(router.dueAt ?? Number.POSITIVE_INFINITY, membership.dueAt);
	});

	function noticeView(): void {
		if (membership.view === view) return;
		const before = view;
		view = membership.view;
		const own = router.setView(view);
		if (before.ring !== view.ring) {
			const dispatchers = view.ring.members.map(({ node }) => node);
			logger.info({ view: view.ring.view, dispatchers }, 'the ring changed');
		}
		local.onView(view);
		if (own.size > 0) local.publish(own);
	}

	async function ping(node: string): Promise<void> {
		const before = membership.standing(node);
		try {
			membership.answered(await calls.ping(node), monotonicNow());
		} catch (err) {
			membership.unanswered(node, monotonicNow());
			logger.debug({ err, peer: node }, 'a ping was not answered');
		}
		const after = membership.standing(node);
		if (before !== after) logger.info({ peer: node, before, after }, 'a node changed its standing');
		alarm.wake();
	}

	function send(now: number): void {
		for (const parcel of router.take(now, (to) => (to === self ? fitsAll : fitsBody()))) {
			if (parcel.to !== self) void carry(parcel);
			else {
				local.deliver(parcel.updates);
				router.arrived(parcel);
			}
		}
	}

	async function carry(parcel: Parcel): Promise<void> {
		const { to, kind, updates } = parcel;
		try {
			if (kind === 'publish') await calls.publish(to, updates, isDispatcher);
			else await calls.deliver(to, updates);
			router.arrived(parcel);
		} catch (err) {
			router.failed(parcel, monotonicNow());
			logger.debug({ err, peer: to, kind, topics: updates.size }, 'a batch did not arrive; it is sent again');
		}
		alarm.wake();
	}

	alarm.wake();

	return {
		router,
		get view() {
			return view;
		},
		publish(updates) {
			const own = router.publish(updates);
			if (own.size > 0) local.publish(own);
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
		idle(timeoutMs) {
			if (router.isIdle) return Promise.resolve();
			return new Promise((resolve) => {
				const timer = setTimeout(done, timeoutMs);
				function done(): void {
					clearTimeout(timer);
					whenIdle = undefined;
					resolve();
				}
				whenIdle = done;
				alarm.wake();
			});
		},
		close: alarm.stop,
	};
}
