/** What the address of an embed says. */
export interface Parameters {
	readonly video: string;
	/** Attributes of the player: addresses, switches and the language. A switch is an empty text. */
	readonly player: Readonly<Record<string, string>>;
	/** The reactions, separated by spaces; undefined for the default. */
	readonly types: string | undefined;
	readonly comments: boolean;
	/** The token of the viewer, from the fragment, which no server or log sees. */
	readonly token: string | undefined;
	/** A sentence for each address that the embed refuses. */
	readonly problems: readonly string[];
}

const ADDRESSES = ['src', 'poster', 'captions'];
const SWITCHES = ['sync', 'autoplay', 'muted', 'loop'];
const TEXTS = ['started-at', 'lang'];

/**
 * Parses the address of an embed. Refuses media, posters and captions of other schemes than `https:`,
 * since a query may be written by anyone; those of the gateway itself may use its scheme.
 */
export function parseParameters(page: URL): Parameters {
	const { searchParams: query } = page;
	const player: Record<string, string> = {};
	const problems: string[] = [];
	for (const name of ADDRESSES) {
		const text = query.get(name) ?? '';
		if (text === '') continue;
		const address = mediaAddress(text, page);
		if (address !== undefined) player[name] = address.href;
		else problems.push(`The address in '${name}' is refused: it is neither https: nor of this site.`);
	}
	// Browsers load captions of another origin only with CORS, and then the media, too.
	if (player.captions !== undefined && new URL(player.captions).origin !== page.origin)
		player.crossorigin = 'anonymous';
	for (const name of SWITCHES) if (isOn(query, name)) player[name] = '';
	for (const name of TEXTS) {
		const text = query.get(name) ?? '';
		if (text !== '') player[name] = text;
	}
	const [, segment = ''] = /^\/embed\/([^/]+)/.exec(page.pathname) ?? [];
	return {
		// The gateway serves the page for valid ids only, whose encoding is complete.
		video: decodeURIComponent(segment),
		player,
		types:
			query
				.get('types')
				?.split(/[\s,]+/)
				.filter((type) => type !== '')
				.join(' ') || undefined,
		comments: isOn(query, 'comments'),
		token: new URLSearchParams(page.hash.slice(1)).get('token') || undefined,
		problems,
	};
}

/** Returns whether a switch is on: `?loop`, `?loop=` and `?loop=1`, but not `?loop=0`. */
function isOn(query: URLSearchParams, name: string): boolean {
	const value = query.get(name);
	return value !== null && value !== '0' && value !== 'false';
}

const LOOPBACK = /^(localhost|127\.0\.0\.1)$/;

function mediaAddress(text: string, page: URL): URL | undefined {
	if (!URL.canParse(text, page.origin)) return undefined;
	const url = new URL(text, page.origin);
	if (url.protocol === 'https:') return url;
	// A `blob:` has the origin of its maker.
	if (url.protocol === page.protocol && url.origin === page.origin) return url;
	// A gateway on this machine, for a developer: its policy allows the same.
	const isLocal = url.protocol === 'http:' && LOOPBACK.test(url.hostname) && LOOPBACK.test(page.hostname);
	return isLocal ? url : undefined;
}
