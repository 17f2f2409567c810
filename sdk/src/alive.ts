import { ALIVE_MS } from '@likewire/protocol';

/** Says while a stream is open that its client is there: a heartbeat that was written to a dead network proves nothing. */
export interface Alive {
	/** A stream is open, over this connection. */
	start(connection: string): void;
	/** It is not open any more. May be called twice. */
	stop(): void;
}

/** @param send sends it once, each 60 s; what does not arrive is followed by the next one. */
export function createAlive(send: (connection: string) => void): Alive {
	let timer: ReturnType<typeof setInterval> | undefined;
	return {
		start(connection) {
			clearInterval(timer);
			timer = setInterval(() => send(connection), ALIVE_MS);
		},
		stop() {
			clearInterval(timer);
		},
	};
}
