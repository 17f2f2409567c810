import type { z } from 'zod';
import { parseOrigins } from './origins.ts';

/** Pages of this machine, as sources of a Content-Security-Policy. */
const LOOPBACK = ['localhost', '*.localhost', '127.0.0.1'].flatMap((host) => [`http://${host}:*`, `https://${host}:*`]);

/** What a host source of a Content-Security-Policy may have; another character could end the directive. */
const SOURCE = /^[a-z]+:\/\/[a-z0-9.*_-]+(:\d+)?$/;

/**
 * Parses origins of pages that may frame another, separated by commas, or `*`; reports the faults of
 * each to the context.
 */
export function parseFrameAncestors(text: string, context: Pick<z.RefinementCtx, 'addIssue'>): '*' | readonly string[] {
	let isFaulty = false;
	const list = parseOrigins(text, {
		addIssue(issue) {
			isFaulty = true;
			context.addIssue(issue);
		},
	});
	if (isFaulty || list === '*') return list;
	for (const origin of list) {
		if (origin === 'null') context.addIssue("has 'null': no policy can name pages without an origin");
		else if (!SOURCE.test(origin)) {
			context.addIssue(
				`has '${origin}': a policy names hosts of letters, digits, dots and dashes: https://example.com`,
			);
		}
	}
	return list;
}

/**
 * Returns the sources of `frame-ancestors` for pages that may frame the embed: those of the list and
 * the gateway's own, and in development mode those of this machine.
 */
export function frameAncestorsOf({
	frameAncestors,
	jwtSecret,
}: {
	readonly frameAncestors: '*' | readonly string[];
	readonly jwtSecret: string;
}): readonly string[] {
	if (frameAncestors === '*') return ['*'];
	return ["'self'", ...frameAncestors, ...(jwtSecret === '' ? LOOPBACK : [])];
}
