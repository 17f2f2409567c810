import type { Logger } from 'pino';
import type { Ring } from '../../cluster/membership/ring.ts';
import { PeerTooLongError } from '../../cluster/rpc/peer-client.ts';
import { createIdleWait } from '../../runtime/idle-wait.ts';
import { createRunLoop, monotonicNow } from '../../runtime/run-loop.ts';
import { type HeartbeatBatch, Heartbeats } from './heartbeats.ts';

export interface PresenceReporterOptions {
	/** Each person is told of so often, in milliseconds, … */
	readonly presenceMs: number;
	/** … and may be late by so much. */
	readonly presenceGraceMs: number;
	readonly ring: Ring;
	/** Tells a dispatcher who is there. Rejects when it may not have heard it. */
	readonly beat: (dispatcher: string, users: readonly string[]) => Promise<void>;
	readonly logger: Logger;
}

/** Tells the dispatchers who is there at this node. */
export interface PresenceReporter {
	/** The first connection of somebody came, or the last one went. */
	present(user: string, isPresent: boolean): void;
	/** People may have other owners from now on. */
	setRing(ring: Ring): void;
	/** Settles when nothing is to be told now, or after so many milliseconds. */
	idle(timeoutMs: number): Promise<void>;
	/** Says nothing more. */
	close(): void;
}

export function createPresenceReporter({
	presenceMs,
	presenceGraceMs,
	ring,
	beat,
	logger,
}: PresenceReporterOptions): PresenceReporter {
	const heartbeats = new Heartbeats({ everyMs: presenceMs, graceMs: presenceGraceMs }, ring, monotonicNow());
	const idleWait = createIdleWait(() => heartbeats.isIdle);
	const alarm = createRunLoop((now) => {
		for (const one of heartbeats.take(now)) void send(one);
		idleWait.look();
		return heartbeats.dueAt;
	});

	async function send(one: HeartbeatBatch): Promise<void> {
		try {
			await beat(one.to, one.users);
			heartbeats.arrived(one);
		} catch (err) {
			if (err instanceof PeerTooLongError) heartbeats.tooLong(one, monotonicNow());
			else heartbeats.failed(one, monotonicNow());
			logger.debug({ err, peer: one.to, users: one.users.length }, 'heartbeats did not arrive; they are sent again');
		}
		alarm.wake();
	}

	return {
		present(user, isPresent) {
			heartbeats.present(user, isPresent, monotonicNow());
			alarm.wake();
		},
		setRing(next) {
			heartbeats.setRing(next, monotonicNow());
			alarm.wake();
		},
		idle: idleWait.wait,
		close: alarm.stop,
	};
}
