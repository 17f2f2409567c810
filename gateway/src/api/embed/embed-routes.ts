import { json } from '../../http/answer.ts';
import { frameAncestorsOf } from '../../http/frame-ancestors.ts';
import { asVideoId } from '../../http/ids.ts';
import type { Route } from '../../http/router.ts';
import { originOf } from './embed-address.ts';
import { embedPage, embedPolicy } from './embed-page.ts';
import { oembed } from './oembed.ts';

export interface EmbedRoutesOptions {
	readonly frameAncestors: '*' | readonly string[];
	/** Empty in development mode. */
	readonly jwtSecret: string;
}

/** How long caches may keep a description, in seconds: it names no state of a video. */
const DESCRIPTION_MAX_AGE_S = 300;

/** Returns the routes of the page that other pages frame, and of its description by oEmbed. */
export function embedRoutes(options: EmbedRoutesOptions): Route[] {
	const ancestors = frameAncestorsOf(options);
	const headers = {
		'Content-Type': 'text/html; charset=utf-8',
		'Content-Security-Policy': embedPolicy({ ancestors, isDevelopment: options.jwtSecret === '' }),
		'Cache-Control': 'no-cache',
		'X-Content-Type-Options': 'nosniff',
		// A token is in the fragment, which browsers never send; the host of the media needs no query either.
		'Referrer-Policy': 'strict-origin-when-cross-origin',
	};
	return [
		{
			method: 'GET',
			path: '/embed/:video',
			handle({ parameters, query, headers: sent }) {
				const video = asVideoId(parameters[0]);
				return { status: 200, headers, body: embedPage({ video, query }, originOf(sent), ancestors) };
			},
		},
		{
			method: 'GET',
			path: '/oembed',
			handle({ query, headers: sent }) {
				return json(200, oembed(query, sent.host), { 'Cache-Control': `public, max-age=${DESCRIPTION_MAX_AGE_S}` });
			},
		},
	];
}
