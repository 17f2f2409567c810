import { WebSocket as Socket } from 'undici';

/** The context of one start of an app. */
export interface Run {
	/** Whether the app has ended: its callbacks no longer run, and it sends no more requests. */
	dead: boolean;
	/** Called when it ends. */
	readonly ends: (() => void)[];
}

/**
 * Returns the globals of a React Native app from version 0.74 on, without additions of later versions.
 * Sockets, requests and timers are those of Node; the phone may hold timers when they are due.
 */
export function reactNativeGlobals(run: Run, onDue: (due: () => void) => void): Record<string, unknown> {
	const later =
		(wait: (call: () => void, ms?: number) => NodeJS.Timeout) =>
		(call: () => void, ms?: number): NodeJS.Timeout =>
			wait(() => onDue(() => run.dead || call()), ms);
	return {
		...{ setTimeout: later(setTimeout), setInterval: later(setInterval), clearTimeout, clearInterval },
		...{ queueMicrotask, atob, btoa, console },
		fetch: (url: string, options?: PlainRequest) => fetchWhole(run, url, options),
		WebSocket: class extends PlainWebSocket {
			constructor(url: string) {
				super(run, url);
			}
		},
		...{ AbortController: PlainAbortController, URL: PlainUrl, URLSearchParams: PlainSearchParams },
		navigator: { product: 'ReactNative' },
		window: {},
	};
}

type Listener = (event: { type: string }) => void;

/** As the package event-target-shim: events are plain objects, and a signal cannot remove a listener. */
class PlainEventTarget {
	readonly #listeners = new Map<string, Set<Listener>>();

	addEventListener(type: string, listener: Listener): void {
		this.#listeners.set(type, (this.#listeners.get(type) ?? new Set()).add(listener));
	}

	removeEventListener(type: string, listener: Listener): void {
		this.#listeners.get(type)?.delete(listener);
	}

	dispatchEvent(event: { type: string }): void {
		for (const listener of this.#listeners.get(event.type) ?? []) listener(event);
	}
}

/** As the package abort-controller: a signal has no reason, and no `throwIfAborted`. */
class PlainAbortSignal extends PlainEventTarget {
	aborted = false;
}

class PlainAbortController {
	readonly signal = new PlainAbortSignal();

	abort(): void {
		if (this.signal.aborted) return;
		this.signal.aborted = true;
		this.signal.dispatchEvent({ type: 'abort' });
	}
}

interface PlainRequest {
	readonly method?: string;
	readonly headers?: Record<string, string>;
	readonly body?: string;
	readonly cache?: string;
	readonly signal?: PlainAbortSignal;
}

/**
 * As the package whatwg-fetch over XMLHttpRequest.
 * It answers once the body is complete, and ignores `keepalive`.
 */
async function fetchWhole(
	run: Run,
	url: string,
	{ method, headers, body, cache, signal }: PlainRequest = {},
): Promise<object> {
	const aborting = new AbortController();
	const stop = () => aborting.abort();
	signal?.addEventListener('abort', stop);
	run.ends.push(stop);
	if (signal?.aborted) stop();
	// It keeps an answer out of the cache with an address of its own.
	const address = cache === 'no-store' ? `${url}${url.includes('?') ? '&' : '?'}_=${Date.now()}` : url;
	try {
		const response = await fetch(address, {
			...(method !== undefined && { method }),
			...(headers !== undefined && { headers }),
			...(body !== undefined && { body }),
			signal: aborting.signal,
		});
		const text = await response.text();
		return {
			...{ ok: response.ok, status: response.status, url: response.url },
			headers: { get: (name: string) => response.headers.get(name) },
			text: async () => text,
			json: async () => JSON.parse(text),
		};
	} finally {
		signal?.removeEventListener('abort', stop);
		// The promises of an ended app never settle.
		if (run.dead) await new Promise(() => {});
	}
}

/** A WebSocket whose events have the fields of React Native's, and no more. */
class PlainWebSocket {
	onopen: (() => void) | undefined;
	onmessage: ((event: { readonly data: string }) => void) | undefined;
	onerror: (() => void) | undefined;
	onclose: ((event: { readonly code: number }) => void) | undefined;
	readonly #socket: Socket;

	constructor(run: Run, url: string) {
		this.#socket = new Socket(url);
		this.#socket.onopen = () => run.dead || this.onopen?.();
		this.#socket.onmessage = ({ data }) => run.dead || this.onmessage?.({ data });
		this.#socket.onerror = () => run.dead || this.onerror?.();
		this.#socket.onclose = ({ code }) => run.dead || this.onclose?.({ code });
		run.ends.push(() => this.#socket.close());
	}

	send(data: string): void {
		this.#socket.send(data);
	}

	close(): void {
		this.#socket.close();
	}
}

/** A URL that takes any text. Before 0.80 its getters throw. */
class PlainUrl {
	readonly #url: string;

	constructor(url: string) {
		this.#url = url;
	}

	toString(): string {
		return this.#url;
	}
}

for (const name of [
	'hash',
	'host',
	'hostname',
	'origin',
	'password',
	'pathname',
	'port',
	'protocol',
	'search',
	'username',
]) {
	Object.defineProperty(PlainUrl.prototype, name, {
		get() {
			throw new Error(`URL.${name} is not implemented`);
		},
	});
}

/** Before 0.79 it takes a list of pairs for an object, and only appends. */
class PlainSearchParams {
	readonly #pairs: [string, string][];

	constructor(params: object = {}) {
		this.#pairs = Object.entries(params);
	}

	append(name: string, value: string): void {
		this.#pairs.push([name, value]);
	}

	set(): void {
		throw new Error('URLSearchParams.set is not implemented');
	}

	toString(): string {
		return this.#pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
	}
}
