import { invalidOption } from './errors.ts';

/** The shortest secret that a gateway takes, in characters. */
const MIN_SECRET_LENGTH = 32;

/** The shortest API key that a gateway takes, in characters. */
const MIN_KEY_LENGTH = 16;

/** How {@link createServer} finds a gateway and proves itself to it. */
export interface ServerOptions {
	/** The address of the gateway, or of several: `https://live.example.com`. When one does not answer, the next is tried. */
	readonly url: string | readonly string[];
	/** The key of this server: the part behind the name in the gateway's setting `apiKeys`. Not needed in development mode. */
	readonly apiKey?: string | undefined;
	/** The gateway's setting `jwtSecret`, which signs tokens. Needed for {@link Server.token} alone. */
	readonly jwtSecret?: string | undefined;
	/** How long a call may take with all its attempts, in milliseconds. Default 20,000. */
	readonly timeoutMs?: number | undefined;
	/** Sends the requests. Default: the `fetch` of the runtime. */
	readonly fetch?: typeof fetch | undefined;
}

/** Options that were checked. */
export interface CheckedOptions {
	/** Without a slash at the end. */
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
		throw invalidOption(`url: ${JSON.stringify(text)} is no address; give one like "https://live.example.com".`, cause);
	}
	if (!/^https?:$/.test(url.protocol)) throw invalidOption(`url: "${text}" has to start with http:// or https://.`);
	if (url.username || url.password) throw invalidOption('url: no user or password in it; use the apiKey option.');
	if (url.search || url.hash) throw invalidOption(`url: "${text}" has a query or a fragment; give the address alone.`);
	return url.origin + url.pathname.replace(/\/+$/, '');
}

function parseText(name: string, value: unknown, minLength: number): string | undefined {
	if (value === undefined) return undefined;
	if (typeof value === 'string' && value.length >= minLength) return value;
	throw invalidOption(`${name}: has to be a text of at least ${minLength} characters.`);
}

/** Returns the options in one shape. Throws `invalid_option`. */
export function parseOptions(options: ServerOptions): CheckedOptions {
	if (typeof options !== 'object' || options === null) {
		throw invalidOption('createServer needs options with at least a url.');
	}
	const { url, apiKey, jwtSecret, timeoutMs = 20_000, fetch: send = fetch } = options;
	const [first, ...rest] = (Array.isArray(url) ? url : [url]).map(parseUrl);
	if (first === undefined) throw invalidOption('url: the list is empty.');
	if (!(Number.isFinite(timeoutMs) && timeoutMs > 0)) throw invalidOption('timeoutMs: has to be a positive number.');
	if (typeof send !== 'function') throw invalidOption('fetch: has to be a function.');
	return {
		urls: [first, ...rest],
		apiKey: parseText('apiKey', apiKey, MIN_KEY_LENGTH),
		jwtSecret: parseText('jwtSecret', jwtSecret, MIN_SECRET_LENGTH),
		timeoutMs,
		// Called without its object: edge runtimes refuse that of a `fetch` of theirs.
		fetch: (...request) => send(...request),
	};
}
