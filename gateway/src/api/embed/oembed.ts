import { GatewayError } from '../../runtime/errors.ts';
import { embedUrl, parseEmbedUrl } from './embed-address.ts';
import { escapeHtml } from './html.ts';

/** The size of an embed in CSS pixels, unless a consumer allows less or more. */
const WIDTH = 640;
const RATIO = 16 / 9;

/** The largest size that a consumer may name, in CSS pixels. */
const MAX_SIZE = 10_000;

/** An answer of `/oembed`, by https://oembed.com, 2.3.4. */
export interface OEmbed {
	readonly version: '1.0';
	readonly type: 'video';
	readonly provider_name: string;
	readonly provider_url: string;
	readonly title: string;
	readonly width: number;
	readonly height: number;
	readonly html: string;
}

/**
 * Returns the frame of the embed that `url` of a query names, in 16:9 within `maxwidth` and
 * `maxheight`. Throws a {@link GatewayError} for another `format` than `json`, an address that is no
 * embed of this `host`, and sizes that are no whole numbers.
 */
export function oembed(query: URLSearchParams, host: string): OEmbed {
	const format = query.get('format') ?? 'json';
	if (format !== 'json')
		throw new GatewayError('unsupported_format', "'format' is json, the only one of this gateway.");
	const { origin, ...embed } = parseEmbedUrl(query.get('url') ?? '', host);
	const { width, height } = sizeWithin(sizeIn(query, 'maxwidth'), sizeIn(query, 'maxheight'));
	const title = 'Live video';
	const attributes = Object.entries({
		src: embedUrl(origin, embed),
		width,
		height,
		title,
		allow: 'autoplay; fullscreen',
		style: 'border: 0',
	});
	const html = `<iframe ${attributes.map(([name, value]) => `${name}="${escapeHtml(String(value))}"`).join(' ')}></iframe>`;
	return { version: '1.0', type: 'video', provider_name: 'Likewire', provider_url: origin, title, width, height, html };
}

function sizeIn(query: URLSearchParams, name: string): number | undefined {
	const text = query.get(name);
	if (text === null) return undefined;
	const size = /^\d{1,5}$/.test(text) ? Number(text) : 0;
	if (size >= 1 && size <= MAX_SIZE) return size;
	throw new GatewayError('invalid_query', `'${name}' is a whole number from 1 to ${MAX_SIZE}.`);
}

/** Returns the largest 16:9 within the sizes; without a width, at most {@link WIDTH} wide. */
function sizeWithin(maxWidth = WIDTH, maxHeight = MAX_SIZE): { width: number; height: number } {
	const width = Math.max(1, Math.min(maxWidth, Math.floor(maxHeight * RATIO)));
	return { width, height: Math.max(1, Math.min(maxHeight, Math.round(width / RATIO))) };
}
