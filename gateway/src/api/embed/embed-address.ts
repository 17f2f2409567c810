import { isId } from '@likewire/protocol';
import { GatewayError } from '../../runtime/errors.ts';

/** The parameters of the query of an embed. A snippet repeats these and no others. */
const PARAMETERS = [
	'src',
	'poster',
	'captions',
	'started-at',
	'sync',
	'autoplay',
	'muted',
	'loop',
	'lang',
	'types',
	'comments',
];

/** A `Host` that a page can name in an address. */
const HOST = /^([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i;

/** The embed of a video, with the parameters of its query. */
export interface Embed {
	readonly video: string;
	readonly query: URLSearchParams;
}

/** Returns the address of an embed, with the known parameters of its query, each once. */
export function embedUrl(origin: string, { video, query }: Embed): string {
	const known = new URLSearchParams();
	for (const name of PARAMETERS) {
		const value = query.get(name);
		if (value !== null) known.set(name, value);
	}
	const search = known.size === 0 ? '' : `?${known}`;
	return `${origin}/embed/${encodeURIComponent(video)}${search}`;
}

/**
 * Returns the embed that an address names, with its origin. Throws `invalid_query` when it is no
 * address, and `not_found` when it is none of an embed at this host.
 */
export function parseEmbedUrl(address: string, host: string): Embed & { readonly origin: string } {
	const url = URL.canParse(address) ? new URL(address) : undefined;
	if (url === undefined || !/^https?:$/.test(url.protocol)) {
		throw new GatewayError(
			'invalid_query',
			"'url' is the address of an embed: https://live.example.com/embed/my-video.",
		);
	}
	const video = videoIn(url.pathname);
	if (url.host !== host.toLowerCase() || video === undefined) {
		throw new GatewayError('not_found', "'url' is no embed of this gateway.");
	}
	return { origin: url.origin, video, query: url.searchParams };
}

function videoIn(path: string): string | undefined {
	try {
		const video = decodeURIComponent(/^\/embed\/([^/]+)$/.exec(path)?.[1] ?? '');
		return isId(video) ? video : undefined;
	} catch {
		return undefined;
	}
}

/**
 * Returns the origin at which a client sees this gateway, by the headers of its request; undefined for
 * a `Host` that no address can have.
 */
export function originOf(headers: { readonly host: string; readonly 'x-forwarded-proto': string }): string | undefined {
	if (!HOST.test(headers.host)) return undefined;
	return `${headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'}://${headers.host.toLowerCase()}`;
}
