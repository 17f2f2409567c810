import type { z } from 'zod';

/** Returns whether pages of an origin may use this gateway; `*` when pages of any origin may. */
export type AllowedOrigins = '*' | ((origin: string) => boolean);

/**
 * Schemes of apps that ship their pages: Capacitor, Ionic, Tauri and Electron. No page of the web has
 * one.
 */
const APP_ORIGIN = /^(capacitor|ionic|tauri|app):\/\/[^/?#@\s]+$/;

/**
 * Pages of this machine. Browsers resolve names below `localhost` themselves; Tauri serves its pages
 * from one.
 */
const LOOPBACK_ORIGIN = /^https?:\/\/(localhost|[a-z0-9-]+\.localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/**
 * `https://*.example.com:8443`, with its parts. A name under the star has at least two labels: `*.com`
 * would be a mistake.
 */
const WILDCARD = /^(https?:\/\/)\*(\.[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?)$/;

/**
 * Parses origins in the spelling of browsers, separated by commas; reports the faults of each to the
 * context.
 */
export function parseOrigins(text: string, context: Pick<z.RefinementCtx, 'addIssue'>): '*' | readonly string[] {
	if (text === '*') return text;
	const list = text === '' ? [] : text.split(',').map((origin) => origin.trim());
	for (const origin of list) {
		const problem = problemOf(origin);
		if (problem !== undefined) context.addIssue(`has '${origin}': ${problem}`);
	}
	return list;
}

function problemOf(origin: string): string | undefined {
	if (origin === '*') return 'a * alone stands for all origins, so no other goes with it';
	if (origin === 'null' || APP_ORIGIN.test(origin) || WILDCARD.test(origin)) return undefined;
	if (origin.includes('*')) return 'a * stands for names below a domain of yours: https://*.example.com';
	if (URL.canParse(origin) && /^https?:$/.test(new URL(origin).protocol) && new URL(origin).origin === origin) {
		return undefined;
	}
	return 'an origin looks like https://example.com, https://*.example.com, capacitor://localhost or null';
}

/** Returns the check of a list that {@link parseOrigins} made. */
export function listedOrigins(list: readonly string[]): (origin: string) => boolean {
	const exact = new Set(list);
	const wildcards = list.flatMap((origin) => {
		const [, scheme = '', suffix = ''] = WILDCARD.exec(origin) ?? [];
		return scheme === '' ? [] : [{ scheme, suffix }];
	});
	return (origin) =>
		exact.has(origin) ||
		wildcards.some(({ scheme, suffix }) => {
			if (!origin.startsWith(scheme) || !origin.endsWith(suffix)) return false;
			return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(origin.slice(scheme.length, -suffix.length));
		});
}

/** Returns whether an origin is of this machine, or of an app: what development mode allows. */
export function isLocalOrigin(origin: string): boolean {
	return LOOPBACK_ORIGIN.test(origin) || APP_ORIGIN.test(origin);
}

/**
 * Returns which origins may use a gateway: those of the list; without one any, or in development mode
 * local ones.
 */
export function allowedOriginsOf({
	allowedOrigins,
	jwtSecret,
}: {
	readonly allowedOrigins: '*' | readonly string[];
	readonly jwtSecret: string;
}): AllowedOrigins {
	if (jwtSecret !== '' && (allowedOrigins === '*' || allowedOrigins.length === 0)) return '*';
	const isListed = listedOrigins(allowedOrigins === '*' ? [] : allowedOrigins);
	return jwtSecret === '' ? (origin) => isLocalOrigin(origin) || isListed(origin) : isListed;
}
