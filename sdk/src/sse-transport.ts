import ReconnectingEventSource from 'reconnecting-eventsource';
import { LikewireError } from './errors.ts';
import { explain } from './refusal.ts';
import type { Transport, TransportHandlers } from './transport.ts';

const CONNECTING = 0;
const CLOSED = 2;

type Listener = (event: MessageEvent<string>) => void;

/**
 * One attempt, in the shape of the EventSource that reconnecting-eventsource makes for each. It differs from a native
 * one in two ways: its address is asked for when it starts, so that each attempt has a fresh token and the next gateway;
 * and it closes on the first error. A native one that was cut off stays CONNECTING and goes to the same address for
 * ever, so that neither the list of gateways nor the backoff would have a say.
 */
class Attempt {
	readyState = CONNECTING;
	onerror: ((event: Event) => void) | null = null;
	readonly #handlers: TransportHandlers;
	readonly #failed: (error: unknown) => void;
	readonly #listeners: [type: string, listener: Listener][] = [];
	readonly #closing = new AbortController();
	#source: EventSource | undefined;

	constructor(handlers: TransportHandlers, failed: (error: unknown) => void) {
		this.#handlers = handlers;
		this.#failed = failed;
		this.#open().catch((error: unknown) => this.fail(error));
	}

	async #open(): Promise<void> {
		// A turn later: until then reconnecting-eventsource has not hung itself onto this attempt.
		await undefined;
		if (this.readyState === CLOSED) return;
		const address = await this.#handlers.address();
		if (this.#isClosed()) return;
		const source = new EventSource(address);
		this.#source = source;
		let opened = false;
		source.onopen = () => {
			opened = true;
		};
		source.onerror = async () => {
			source.close();
			const { origin, pathname } = new URL(address);
			const url = origin + pathname;
			const reason = opened ? undefined : await explain(address, url, this.#closing.signal);
			this.fail(reason ?? new LikewireError('network', `The stream from ${url} broke.`, { retryable: true }));
		};
		for (const [type, listener] of this.#listeners) source.addEventListener(type, listener);
	}

	/** For TypeScript, which takes it that `readyState` is as it was before an await. */
	#isClosed(): boolean {
		return this.readyState === CLOSED;
	}

	addEventListener(type: string, listener: Listener): void {
		const guarded: Listener = (event) => {
			// Events of one chunk may still come after `close()`.
			if (this.readyState !== CLOSED) listener(event);
		};
		this.#listeners.push([type, guarded]);
		this.#source?.addEventListener(type, guarded);
	}

	fail(error: unknown): void {
		if (this.readyState === CLOSED) return;
		this.close();
		this.#failed(error);
		this.onerror?.(new Event('error'));
	}

	close(): void {
		this.readyState = CLOSED;
		this.#closing.abort();
		this.#source?.close();
	}
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
		attempt = new Attempt(handlers, (error) => setCeiling(handlers.onDown(error)));
		return attempt;
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
