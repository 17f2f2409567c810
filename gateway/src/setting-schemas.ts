import { isId, isReactionType } from '@likewire/protocol';
import { z } from 'zod';
import type { AllowedOrigins } from './http/cors.ts';
import type { ReactionPolicy } from './likes/likes-service.ts';

/** A whole number. */
export const number = (min: number, max: number) =>
	z
		.string()
		.regex(/^\d+$/, `should be a whole number from ${min} to ${max}`)
		.transform(Number)
		.refine((value) => value >= min && value <= max, `should be a whole number from ${min} to ${max}`);

/** The id of a node or a region. */
export const id = z.string().refine(isId, 'should be 1 to 128 characters of A-Z a-z 0-9 _ - . ~ :');

/** Text that should not be guessed; empty when there is none. */
export const secret = (minLength: number) =>
	z.string().refine((text) => text === '' || text.length >= minLength, `should have at least ${minLength} characters`);

/** A secret that goes into a header as it is. */
export const headerSecret = secret(16).refine(
	(text) => /^[\x21-\x7e]*$/.test(text),
	'should be of ASCII characters, without spaces and line ends',
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
				`has '${part.trim()}': a reaction is a lower-case word, with ':once' behind it if one is all a user has`,
			);
	}
	return policies;
});

/** Origins of pages, or `*` for all. */
export const origins = z.string().transform((text, context): AllowedOrigins => {
	if (text === '*') return text;
	const list = text.split(',').map((origin) => origin.trim());
	for (const origin of list) {
		if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
			context.addIssue(`has '${origin}': an origin looks like https://example.com`);
		}
	}
	return list;
});
