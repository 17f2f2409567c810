import { mayBeBlocked } from './errors.ts';
import { createPollingTransport } from './polling-transport.ts';
import type { OpenTransport, Transport, TransportHandlers } from './transport.ts';

/** How long a client polls before it tries a stream again, in milliseconds; twice as long after each failure. */
const CLIMB_MS = 30_000;

const MAX_CLIMB_MS = 10 * 60_000;

/** Kept from one stream to the next: the network is the same. */
let climbMs = CLIMB_MS;

/** The client gives up a stream that worked before after this many failures: the gateway may only be restarting. */
const MORE_FAILURES = 2;

/**
 * These ways for events to arrive in turn, until one comes through: each is given up when it failed at each address. While it
 * polls, it tries the others again now and then.
 */
export function createFallback(handlers: TransportHandlers, ways: readonly OpenTransport[]): Transport {
	let current: Transport | undefined;
	let failures = 0;
	/** Counts the ways that were tried. */
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
					// Once it has heard how long to wait, for it does so no more.
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
