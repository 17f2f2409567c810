import { type Embed, embedUrl } from './embed-address.ts';
import { escapeHtml } from './html.ts';

export interface EmbedPageOptions {
	/** The sources of `frame-ancestors`. */
	readonly ancestors: readonly string[];
	/** Whether media and images may also come from this machine without TLS. */
	readonly isDevelopment: boolean;
}

/** Hosts of this machine, which need no TLS. */
const LOOPBACK = ['http://localhost:*', 'http://127.0.0.1:*'];

/**
 * Returns the Content-Security-Policy of the embed. Scripts and styles are files of the gateway. A
 * stream of HLS is data to scripts, and plays from a `blob:`.
 */
export function embedPolicy({ ancestors, isDevelopment }: EmbedPageOptions): string {
	const media = ["'self'", 'https:', ...(isDevelopment ? LOOPBACK : [])].join(' ');
	return [
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		`connect-src ${media}`,
		`img-src ${media} data:`,
		`media-src ${media} blob:`,
		"base-uri 'none'",
		"form-action 'none'",
		`frame-ancestors ${ancestors.join(' ')}`,
	].join('; ');
}

/**
 * Returns the page of an embed. Its script reads the query. Consumers of oEmbed run none, so the page
 * links its description here.
 *
 * @param origin the origin of the gateway; undefined when the request names none.
 */
export function embedPage(embed: Embed, origin: string | undefined, ancestors: readonly string[]): string {
	const described = origin && `${origin}/oembed?${new URLSearchParams({ url: embedUrl(origin, embed) })}`;
	return `<!doctype html>
<html lang="en">
<head>
	<meta charset="utf-8">
	<meta name="viewport" content="width=device-width, initial-scale=1">
	<meta name="color-scheme" content="light dark">
	<meta name="likewire-frame-ancestors" content="${escapeHtml(ancestors.join(' '))}">
	<title>Live video</title>${described ? `\n\t<link rel="alternate" type="application/json+oembed" title="Live video" href="${escapeHtml(described)}">` : ''}
	<link rel="icon" href="data:,">
	<link rel="stylesheet" href="/embed.css">
	<script type="module" src="/element.js"></script>
	<script type="module" src="/embed.js"></script>
</head>
<body>
	<main>
		<h1 class="unseen">Live video</h1>
		<p class="problem" role="alert"></p>
	</main>
	<noscript><p class="problem">Live reactions need JavaScript.</p></noscript>
</body>
</html>
`;
}
