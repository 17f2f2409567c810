import { isId } from '@likewire/protocol';
import { LikewireError } from './errors.ts';
import type { TransportName } from './transport.ts';
import type { KeyValueStorage } from './writes/kept-taps.ts';

/** How {@link createClient} finds its gateways and proves its user. */
export interface ClientOptions {
	/**
	 * The address of the gateway, or of several: `https://live.example.com`.
	 * When one does not answer, the client tries the next. A path is kept (`https://example.com/live`); a query is not
	 * allowed.
	 */
	readonly url: string | readonly string[];
	/**
	 * A JWT, or a function that fetches one.
	 * The client keeps what the function returns until 10 seconds before its `exp`, and calls it once for all concurrent
	 * requests that need a token. Make tokens short-lived: browsers send them in the stream's query. When a gateway refuses
	 * a fixed token, the client closes; from a function it takes another one.
	 */
	readonly token?: string | (() => Promise<string>) | undefined;
	/**
	 * How events arrive: by Server-Sent Events, a WebSocket, or repeated requests.
	 * `'auto'` takes the first of them that the network lets through. Default `'auto'`.
	 */
	readonly transport?: TransportName | undefined;
	/**
	 * The user that likes, at a gateway in development mode, which does not check it.
	 * Ignored with a `token`.
	 * Default: a random id, kept in `localStorage` where the platform has one.
	 */
	readonly user?: string | undefined;
	/**
	 * Where the client keeps likes without an answer, so that the next page of the same user sends them.
	 * It needs the methods of React Native's AsyncStorage. The client keeps them for 24 hours, at most the newest 1,000
	 * of a user, also those that this page has no right to send. Default: `localStorage`, where the platform has one.
	 */
	readonly storage?: KeyValueStorage | undefined;
}

const STORAGE_METHODS = ['getAllKeys', 'getItem', 'setItem', 'removeItem'] as const;

/** Options after all checks. */
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

/** The scheme, the user, the host with the path but no slash at its end, and the rest of an address. */
const ADDRESS = /^(\w+:\/\/)([^/]*@)?([^\s/?#][^\s?#]*?)\/*([?#].*)?$/;

function parseUrl(text: unknown): string {
	// Not by `URL`: that of React Native takes any text, and before 0.80 its getters throw.
	const [, scheme = '', user, address, rest] = ADDRESS.exec(text as string) ?? [];
	if (user) throw invalid('url: has a user or a password; use the token option.');
	if (!/^https?:/.test(scheme)) throw invalid(`url: ${JSON.stringify(text)} must be like "https://live.example.com".`);
	if (rest) throw invalid(`url: "${text}" has a query or a fragment; leave it out.`);
	return scheme + address;
}

/** Returns the options in one shape. Throws a {@link LikewireError} with the code `invalid_option`. */
export function parseOptions(options: ClientOptions): CheckedOptions {
	const { url, token, transport = 'auto', user, storage } = options ?? {};
	const [first, ...rest] = [url].flat();
	if (token !== undefined && typeof token !== 'function' && (typeof token !== 'string' || token === '')) {
		throw invalid('token: must be a text or a function that promises one.');
	}
	if (!/^(auto|sse|websocket|polling)$/.test(transport)) {
		throw invalid('transport: must be "auto", "sse", "websocket" or "polling".');
	}
	if (user !== undefined && (typeof user !== 'string' || !isId(user))) {
		throw invalid('user: must be 1 to 128 characters of A-Z a-z 0-9 _ - . ~ :');
	}
	if (storage !== undefined && STORAGE_METHODS.some((name) => typeof storage?.[name] !== 'function')) {
		throw invalid(`storage: must have ${STORAGE_METHODS.join(', ')}.`);
	}
	return { urls: [parseUrl(first), ...rest.map(parseUrl)], token, user, storage, transport };
}
