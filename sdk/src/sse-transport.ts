import ReconnectingEventSource from 'reconnecting-eventsource';
import { temporary } from './errors.ts';
import { reasonOf } from './reason.ts';
import type { Transport, TransportHandlers } from './transport.ts';

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

type Listener = (event: MessageEvent<string>) => void;

/** The part of an EventSource that reconnecting-eventsource uses, and a way to end it. */
interface Attempt {
	readyState: number;
	onerror?: (event: Event) => void;
	addEventListener(type: string, listener: Listener): void;
	fail(error: unknown): void;
	close(): void;
}

/**
 * One attempt, in the shape of the EventSource that reconnecting-eventsource makes for each. It differs from a native
 * one in two ways: its address is asked for when it starts, so that each attempt has a fresh token and the next gateway;
 * and it closes on the first error. A native one that was cut off stays CONNECTING and goes to the same address for
 * ever, so that neither the list of gateways nor the backoff would have a say.
 */
function createAttempt(handlers: TransportHandlers, failed: (error: unknown) => void): Attempt {
	const listeners: [type: string, listener: Listener][] = [];
	const closing = new AbortController();
	let source: EventSource | undefined;

	async function open(): Promise<void> {
		// A turn later: until then reconnecting-eventsource has not hung itself onto this attempt.
		await undefined;
		if (isClosed()) return;
		const address = await handlers.address();
		const { origin, pathname } = new URL(address);
		const url = origin + pathname;
		// With a request that sees why it is refused: an EventSource would be one more.
		const reason = handlers.wasRefused() ? await reasonOf(address, url, closing.signal) : undefined;
		if (reason !== undefined) throw reason;
		if (isClosed()) return;
		const opening = new EventSource(address);
		source = opening;
		opening.onopen = () => {
			attempt.readyState = OPEN;
		};
		opening.onerror = async () => {
			opening.close();
			const broke = temporary('network', `The stream from ${url} broke.`);
			attempt.fail(attempt.readyState === OPEN ? broke : ((await reasonOf(address, url, closing.signal)) ?? broke));
		};
		for (const [type, listener] of listeners) {
			opening.addEventListener(type, (event) => {
				// Events of one chunk may still come after `close()`.
				if (isClosed()) return;
				if (event.origin === origin) listener(event);
				else attempt.fail(temporary('redirected', `The stream from ${url} was led to ${event.origin}.`));
			});
		}
	}

	const isClosed = () => attempt.readyState === CLOSED;

	const attempt: Attempt = {
		readyState: CONNECTING,
		addEventListener(type, listener) {
			// Before it opens: the client listens to all events from the start.
			listeners.push([type, listener]);
		},
		fail(error) {
			if (isClosed()) return;
			attempt.close();
			failed(error);
			attempt.onerror?.(new Event('error'));
		},
		close() {
			attempt.readyState = CLOSED;
			closing.abort();
			source?.close();
		},
	};
	open().catch(attempt.fail);
	return attempt;
}

/**
 * Server-Sent Events over reconnecting-eventsource, which makes a new EventSource after each one that closed, after a
 * time drawn evenly from 0 to its `max_retry_time`.
 */
export function createSseTransport(handlers: TransportHandlers): Transport {
	let attempt: Attempt | undefined;
	let lastId = '';
	const setCeiling = (ms: number) => {
		// A plain field that is read at every retry; only the types call it readonly.
		(source as { max_retry_time: number }).max_retry_time = ms;
	};
	// Called with `new`, and what a constructor returns is what `new` gives.
	function makeAttempt(): Attempt {
		lastId = '';
		const opening = createAttempt(handlers, (error) => setCeiling(handlers.onDown(error)));
		attempt = opening;
		return opening;
	}
	const source = new ReconnectingEventSource('', { eventSourceClass: makeAttempt as unknown as typeof EventSource });
	for (const name of handlers.events) {
		source.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) => {
			// An event without an id is given that of the one before by browsers, and none by the package for Node.
			const id = lastEventId === '' || lastEventId === lastId ? undefined : lastEventId;
			lastId = id ?? lastId;
			handlers.onMessage(name, data, id);
		});
	}
	return {
		fail: (error) => attempt?.fail(error),
		close: () => source.close(),
	};
}
