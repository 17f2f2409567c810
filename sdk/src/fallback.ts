import { mayBeBlocked } from './errors.ts';
import { createPollingTransport } from './polling-transport.ts';
import type { OpenTransport, Transport, TransportHandlers } from './transport.ts';

/**
 * How long a client polls before it tries a stream again, in milliseconds.
 * The time doubles after each failure.
 */
const CLIMB_MS = 30_000;

const MAX_CLIMB_MS = 10 * 60_000;

/** Module state, since the network is the same for each stream. */
let climbMs = CLIMB_MS;

/** A transport that worked takes this many more failures: the gateway may only be restarting. */
const MORE_FAILURES = 2;

/**
 * Creates a transport that tries these ways in turn until one comes through.
 * It gives each one up after a failure at each address. While it polls, it tries the others again after `CLIMB_MS`,
 * then after twice as long each time.
 */
export function createFallback(handlers: TransportHandlers, ways: readonly OpenTransport[]): Transport {
	let current: Transport | undefined;
	let failures = 0;
	/** Counts attempts at ways; events of an earlier one are dropped. */
	let round = 0;
	let timer: ReturnType<typeof setTimeout> | undefined;

	function end(): void {
		round++;
		clearTimeout(timer);
		current?.close();
		current = undefined;
	}

	function climb(): void {
		climbMs = Math.min(2 * climbMs, MAX_CLIMB_MS);
		start(0);
	}

	function start(place: number): void {
		end();
		const mine = round;
		const open = ways[place % ways.length] as OpenTransport;
		failures = 0;
		current = open({
			...handlers,
			onMessage(event, data, id) {
				if (mine !== round) return;
				if (event === 'hello') {
					failures = 0;
					clearTimeout(timer);
					if (open !== createPollingTransport) {
						failures = -MORE_FAILURES * handlers.gateways;
						climbMs = CLIMB_MS;
					} else if (ways.length > 1) timer = setTimeout(climb, climbMs);
				}
				handlers.onMessage(event, data, id);
			},
			onDown(error) {
				const waitMs = handlers.onDown(error);
				if (mine !== round || ways.length === 1) return waitMs;
				clearTimeout(timer);
				if (mayBeBlocked(error) && ++failures >= handlers.gateways) {
					timer = setTimeout(start, Math.random() * waitMs, place + 1);
					const failed = current;
					// After `onDown` returns: the transport takes the wait from it, and then no longer waits.
					queueMicrotask(() => failed?.close());
				}
				return waitMs;
			},
		});
	}

	start(0);
	return {
		fail: (error) => current?.fail(error),
		close: end,
		wake: () => current?.wake?.(),
	};
}
