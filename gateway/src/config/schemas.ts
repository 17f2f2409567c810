import { isIP } from 'node:net';
import { isId, isReactionType } from '@likewire/protocol';
import { z } from 'zod';
import { parseFrameAncestors } from '../http/frame-ancestors.ts';
import { parseOrigins } from '../http/origins.ts';
import type { ReactionPolicy } from '../state/reaction-policy.ts';

/** Returns the schema of a whole number from `min` to `max`. */
export const number = (min: number, max: number) =>
	z
		.string()
		.regex(/^\d+$/, `should be a whole number from ${min} to ${max}`)
		.transform(Number)
		.refine((value) => value >= min && value <= max, `should be a whole number from ${min} to ${max}`);

/** The most worker processes of a node. */
const MAX_WORKERS = 256;

/** A number of workers, or `auto` for one for each core. */
export const workers = z.string().transform((text, context): number | 'auto' => {
	if (text === 'auto') return text;
	const count = /^\d+$/.test(text) ? Number(text) : 0;
	if (count < 1 || count > MAX_WORKERS) {
		context.addIssue(`should be 'auto' or a whole number from 1 to ${MAX_WORKERS}`);
	}
	return count;
});

/** A switch. */
export const onOrOff = z.enum(['on', 'off'], "should be 'on' or 'off'").transform((text) => text === 'on');

/** The id of a node or a region. */
export const id = z.string().refine(isId, 'should be 1 to 128 characters of A-Z a-z 0-9 _ - . ~ :');

/** The URL of a PostgreSQL; empty for none. It has a password, so no problem repeats it. */
export const databaseUrl = z
	.string()
	.refine(
		(text) => text === '' || (URL.canParse(text) && ['postgres:', 'postgresql:'].includes(new URL(text).protocol)),
		'should look like postgres://user:password@host:5432/database, with special characters as %40',
	);

/** Returns the schema of a secret of at least `minLength` characters; empty for none. */
export const secret = (minLength: number) =>
	z.string().refine((text) => text === '' || text.length >= minLength, `should have at least ${minLength} characters`);

/** A secret that is the value of a header. */
export const headerSecret = secret(16).refine(
	(text) => /^[\x21-\x7e]*$/.test(text),
	'should have ASCII characters only, without spaces and line breaks',
);

/** Reactions with their policies: `heart,wow:once`. */
export const reactions = z.string().transform((text, context): ReadonlyMap<string, ReactionPolicy> => {
	const policies = new Map<string, ReactionPolicy>();
	for (const part of text.split(',')) {
		const [type = '', policy = 'tap', ...rest] = part.trim().split(':');
		if (policies.has(type)) context.addIssue(`names '${type}' twice`);
		else if (isReactionType(type) && (policy === 'tap' || policy === 'once') && rest.length === 0)
			policies.set(type, policy);
		else
			context.addIssue(
				`has '${part.trim()}': a reaction is a lower-case word, with ':once' after it for one like of each user`,
			);
	}
	return policies;
});

/** Origins of pages, or `*` for all. */
export const origins = z.string().transform(parseOrigins);

/** Origins of pages that may frame another, or `*` for all. */
export const frameAncestors = z.string().transform(parseFrameAncestors);

/** Names of hosts or addresses, with commas between and without ports; empty for none. In lower case. */
export const hostNames = z.string().transform((text, context): readonly string[] => {
	const list = text === '' ? [] : text.split(',').map((host) => host.trim().toLowerCase());
	for (const host of list) {
		if (isIP(host) !== 0 || /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(host)) continue;
		context.addIssue(`has '${host}': a host is a name or an address without a port, such as live.test or 127.0.0.1`);
	}
	return list;
});

/** Addresses of one etcd, `https://10.0.0.1:2379`, of one scheme, with commas between; may be empty. */
export const endpoints = z.string().transform((text, context): readonly string[] => {
	const list = text === '' ? [] : text.split(',').map((endpoint) => endpoint.trim());
	for (const endpoint of list) {
		const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
		if (url === undefined || !/^https?:$/.test(url.protocol)) {
			context.addIssue(`has '${endpoint}': an endpoint looks like http://10.0.0.1:2379`);
		} else if (url.href !== `${url.origin}/`) {
			// The message does not repeat the endpoint, which may have a password.
			context.addIssue(`has an endpoint at ${url.host} with more than a scheme, a host and a port`);
		}
	}
	if (new Set(list.map((endpoint) => endpoint.split(':')[0])).size > 1)
		context.addIssue('should be all http or all https');
	return list;
});

/** The prefix of keys in etcd, from `/` to `/`. */
export const keyPrefix = z
	.string()
	.regex(/^\/([A-Za-z0-9_.~-]+\/)*$/, "should have '/' at the beginning, between names, and at the end: /likewire/");

/** Hosts for all addresses of a machine, to which other machines cannot connect. */
export const WILDCARD_HOSTS = ['0.0.0.0', '::', '[::]', '*'];

/** The address of this node for other nodes: `10.0.0.1:8081`; empty for that of the listener. */
export const hostAndPort = z.string().refine((text) => {
	if (text === '') return true;
	const [, host = '', port = ''] = /^([^@/?#\s]+):(\d{1,5})$/.exec(text) ?? [];
	return Number(port) > 0 && URL.canParse(`http://${text}`) && !WILDCARD_HOSTS.includes(host);
}, 'should be an address for other nodes: 10.0.0.1:8081');
