import type { Logger } from 'pino';
import type { Ring } from '../../cluster/membership/ring.ts';
import { PeerTooLongError } from '../../cluster/rpc/peer-client.ts';
import { type Clock, REAL_CLOCK } from '../../runtime/clock.ts';
import { createIdleWait } from '../../runtime/idle-wait.ts';
import { createRunLoop } from '../../runtime/run-loop.ts';
import { type HeartbeatBatch, Heartbeats } from './heartbeats.ts';

export interface PresenceReporterOptions {
	/** The period of the heartbeats of each user, in milliseconds. */
	readonly presenceMs: number;
	/** The longest delay of a heartbeat, in milliseconds. */
	readonly presenceGraceMs: number;
	readonly ring: Ring;
	/** Sends heartbeats of users to a dispatcher. Rejects when they may not have arrived. */
	readonly sendHeartbeats: (dispatcher: string, users: readonly string[]) => Promise<void>;
	readonly clock?: Clock;
	readonly logger: Logger;
}

/** Sends heartbeats of the users of this node to their dispatchers. */
export interface PresenceReporter {
	/** Takes the first connection of a user, or the end of the last one. */
	present(user: string, isPresent: boolean): void;
	/** Sends heartbeats of users whose owners changed. */
	setRing(ring: Ring): void;
	/** Sends heartbeats of all users at once. */
	repeat(): void;
	/** Settles when no heartbeat is pending, or after `timeoutMs` milliseconds. */
	idle(timeoutMs: number): Promise<void>;
	/** Stops all heartbeats. */
	close(): void;
}

export function createPresenceReporter({
	presenceMs,
	presenceGraceMs,
	ring,
	sendHeartbeats,
	clock = REAL_CLOCK,
	logger,
}: PresenceReporterOptions): PresenceReporter {
	const heartbeats = new Heartbeats({ everyMs: presenceMs, graceMs: presenceGraceMs }, ring, clock.now());
	const idleWait = createIdleWait(() => heartbeats.isIdle, clock);
	const runLoop = createRunLoop((now) => {
		for (const batch of heartbeats.take(now)) void send(batch);
		idleWait.look();
		return heartbeats.dueAt;
	}, clock);

	async function send(batch: HeartbeatBatch): Promise<void> {
		try {
			await sendHeartbeats(batch.to, batch.users);
			heartbeats.arrived(batch);
		} catch (err) {
			if (err instanceof PeerTooLongError) heartbeats.tooLong(batch, clock.now());
			else heartbeats.failed(batch, clock.now());
			logger.debug({ err, peer: batch.to, users: batch.users.length }, 'heartbeats failed, retrying');
		}
		runLoop.wake();
	}

	return {
		present(user, isPresent) {
			heartbeats.present(user, isPresent, clock.now());
			runLoop.wake();
		},
		setRing(next) {
			heartbeats.setRing(next, clock.now());
			runLoop.wake();
		},
		repeat() {
			heartbeats.repeat(clock.now());
			runLoop.wake();
		},
		idle: idleWait.wait,
		close: runLoop.stop,
	};
}
