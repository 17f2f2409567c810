import type { Logger } from 'pino';
import { createAlarm, monotonicNow } from '../alarm.ts';
import type { Ring } from '../cluster/ring.ts';
import { type Beat, Heartbeats } from './heartbeats.ts';

export interface PulseOptions {
	/** Each person is told of so often, in milliseconds. */
	readonly presenceMs: number;
	readonly ring: Ring;
	/** Tells a dispatcher who is there. Rejects when it may not have heard it. */
	readonly beat: (dispatcher: string, users: readonly string[]) => Promise<void>;
	readonly logger: Logger;
}

/** Tells the dispatchers who is there at this node. */
export interface Pulse {
	/** The first connection of somebody came, or the last one went. */
	present(user: string, isPresent: boolean): void;
	/** People may have other owners from now on. */
	setRing(ring: Ring): void;
	/** Says nothing more. */
	close(): void;
}

export function createPulse({ presenceMs, ring, beat, logger }: PulseOptions): Pulse {
	const heartbeats = new Heartbeats(presenceMs, ring, monotonicNow());
	const alarm = createAlarm((now) => {
		for (const one of heartbeats.take(now)) void send(one);
		return heartbeats.dueAt;
	});

	async function send(one: Beat): Promise<void> {
		try {
			await beat(one.to, one.users);
			heartbeats.arrived(one);
		} catch (err) {
			heartbeats.failed(one, monotonicNow());
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
		close: alarm.stop,
	};
}
