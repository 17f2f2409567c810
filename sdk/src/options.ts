import { isId } from '@likewire/protocol';
import { LikewireError } from './errors.ts';
import type { TransportName } from './transport.ts';
import type { KeyValueStorage } from './writes/kept-taps.ts';

/** How {@link createClient} finds its gateways and says who it is. */
export interface ClientOptions {
	/**
	 * The address of the gateway, or of several: `https://live.example.com`. When one does not answer, the next in turn
	 * is tried. A path is kept (`https://example.com/live`); a query is not allowed.
	 */
	readonly url: string | readonly string[];
	/**
	 * A JWT, or a function that fetches one. The client keeps what the function returns until ten seconds before its `exp`,
	 * and calls it once for all requests that need a token at the same time. Make tokens short-lived: browsers send them in
	 * the stream's query. When a gateway refuses a fixed token, the client closes; from a function it takes another one.
	 */
	readonly token?: string | (() => Promise<string>) | undefined;
	/**
	 * How events arrive: by Server-Sent Events, a WebSocket, or requests that repeat. `'auto'` takes the first of them that the
	 * network lets through. Default `'auto'`.
	 */
	readonly transport?: TransportName | undefined;
	/**
	 * Who likes, at a gateway in development mode, which believes what it is told. Ignored when there is a `token`.
	 * Default: a random name, kept in `localStorage` where there is one.
	 */
	readonly user?: string | undefined;
	/**
	 * Where likes are kept that no gateway decided about, so that the next page of the same user sends them: what has the methods
	 * of React Native's AsyncStorage. They are kept for 24 hours, the newest 1,000 of a user; also those that this page has no right
	 * to send. Default: `localStorage`, where there is one.
	 */
	readonly storage?: KeyValueStorage | undefined;
}

const STORAGE_METHODS = ['getAllKeys', 'getItem', 'setItem', 'removeItem'] as const;

/** Options that were checked. */
export interface CheckedOptions {
	/** Without a slash at the end. */
	readonly urls: readonly [string, ...string[]];
	readonly token: ClientOptions['token'];
	readonly user: string | undefined;
	readonly storage: KeyValueStorage | undefined;
	readonly transport: TransportName;
}

function invalid(message: string): LikewireError {
	return new LikewireError('invalid_option', message);
}

/** Scheme, user, host and path without a slash at the end, and the rest of an address. */
const ADDRESS = /^(\w+:\/\/)([^/]*@)?([^\s/?#][^\s?#]*?)\/*([?#].*)?$/;

function parseUrl(text: unknown): string {
	// Not by a URL: those of React Native take any text, and before 0.80 their getters throw.
	const [, scheme = '', user, address, rest] = ADDRESS.exec(text as string) ?? [];
	if (user) throw invalid('url: has a user or a password; use the token option.');
	if (!/^https?:/.test(scheme))
		throw invalid(`url: ${JSON.stringify(text)} has to be like "https://live.example.com".`);
	if (rest) throw invalid(`url: "${text}" has a query or a fragment; leave it out.`);
	return scheme + address;
}

/** The options in one shape. Throws a {@link LikewireError} with the code `invalid_option`. */
export function parseOptions(options: ClientOptions): CheckedOptions {
	const { url, token, transport = 'auto', user, storage } = options ?? {};
	const [first, ...rest] = [url].flat();
	if (token !== undefined && typeof token !== 'function' && (typeof token !== 'string' || token === '')) {
		throw invalid('token: has to be a text or a function that promises one.');
	}
	if (!/^(auto|sse|websocket|polling)$/.test(transport)) {
		throw invalid('transport: has to be "auto", "sse", "websocket" or "polling".');
	}
	if (user !== undefined && (typeof user !== 'string' || !isId(user))) {
		throw invalid('user: has to be 1 to 128 characters of A-Z a-z 0-9 _ - . ~ :');
	}
	if (storage !== undefined && STORAGE_METHODS.some((name) => typeof storage?.[name] !== 'function')) {
		throw invalid(`storage: has to have ${STORAGE_METHODS.join(', ')}.`);
	}
	return { urls: [parseUrl(first), ...rest.map(parseUrl)], token, user, storage, transport };
}
