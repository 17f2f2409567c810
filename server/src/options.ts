import { invalidOption } from './errors.ts';

/** The shortest secret that a gateway accepts, in characters. */
const MIN_SECRET_LENGTH = 32;

/** The shortest API key that a gateway accepts, in characters. */
const MIN_KEY_LENGTH = 16;

/** The options of {@link createServer}: the addresses and the keys of a gateway. */
export interface ServerOptions {
	/** The address of the gateway, or a list: `https://live.example.com`. A read goes to the next address when one does not answer. */
	readonly url: string | readonly string[];
	/** The key of this server: the part after the name in the gateway's setting `apiKeys`. Not required in development mode. */
	readonly apiKey?: string | undefined;
	/** The gateway's setting `jwtSecret`, which signs tokens. Required only by {@link Server.token}. */
	readonly jwtSecret?: string | undefined;
	/** The time of a call with all its attempts, in milliseconds. Default 20,000. */
	readonly timeoutMs?: number | undefined;
	/** The function that sends requests. Default: the `fetch` of the runtime. */
	readonly fetch?: typeof fetch | undefined;
}

/** Valid options with defaults. */
export interface CheckedOptions {
	/** The addresses without a slash at the end. */
	readonly urls: readonly [string, ...string[]];
	readonly apiKey: string | undefined;
	readonly jwtSecret: string | undefined;
	readonly timeoutMs: number;
	readonly fetch: typeof fetch;
}

function parseUrl(text: unknown): string {
	let url: URL;
	try {
		url = new URL(text as string);
	} catch (cause) {
		throw invalidOption(
			`url: ${JSON.stringify(text)} is not an address; set one like "https://live.example.com".`,
			cause,
		);
	}
	if (!/^https?:$/.test(url.protocol)) throw invalidOption(`url: "${text}" must start with http:// or https://.`);
	if (url.username || url.password)
		throw invalidOption('url: contains a user or password; set the apiKey option instead.');
	if (url.search || url.hash) throw invalidOption(`url: "${text}" has a query or a fragment; set the address alone.`);
	return url.origin + url.pathname.replace(/\/+$/, '');
}

function parseText(name: string, value: unknown, minLength: number): string | undefined {
	if (value === undefined) return undefined;
	if (typeof value === 'string' && value.length >= minLength) return value;
	throw invalidOption(`${name}: must be a text of at least ${minLength} characters.`);
}

/** Checks options, and adds defaults. Throws `invalid_option`. */
export function parseOptions(options: ServerOptions): CheckedOptions {
	if (typeof options !== 'object' || options === null) {
		throw invalidOption('createServer requires options with at least a url.');
	}
	const { url, apiKey, jwtSecret, timeoutMs = 20_000, fetch: send = fetch } = options;
	const [first, ...rest] = (Array.isArray(url) ? url : [url]).map(parseUrl);
	if (first === undefined) throw invalidOption('url: the list is empty.');
	if (!(Number.isFinite(timeoutMs) && timeoutMs > 0)) throw invalidOption('timeoutMs: must be a positive number.');
	if (typeof send !== 'function') throw invalidOption('fetch: must be a function.');
	return {
		urls: [first, ...rest],
		apiKey: parseText('apiKey', apiKey, MIN_KEY_LENGTH),
		jwtSecret: parseText('jwtSecret', jwtSecret, MIN_SECRET_LENGTH),
		timeoutMs,
		// Called as a plain function: edge runtimes refuse a call of their `fetch` as a method.
		fetch: (...request) => send(...request),
	};
}
