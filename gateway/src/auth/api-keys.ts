import { createHash, timingSafeEqual } from 'node:crypto';
import { isId } from '@likewire/protocol';
import type { z } from 'zod';

/** The shortest key, in characters: an attacker can guess shorter ones. */
const MIN_KEY_LENGTH = 16;

/** Names of servers by their keys. */
export type ApiKeys = ReadonlyMap<string, string>;

/** Parses keys, `name:key` separated by commas; reports faults to the context, without the keys. */
export function parseApiKeys(text: string, context: Pick<z.RefinementCtx, 'addIssue'>): ApiKeys {
	const keys = new Map<string, string>();
	for (const [index, part] of text === ''
		? []
		: text
				.split(',')
				.map((entry) => entry.trim())
				.entries()) {
		const [, name = '', key = ''] = /^([^:]+):(.+)$/.exec(part) ?? [];
		if (!isId(name)) context.addIssue(`has no name in its entry ${index + 1}: an entry looks like name:key`);
		else if (key.length < MIN_KEY_LENGTH) {
			context.addIssue(`has a key of fewer than ${MIN_KEY_LENGTH} characters for '${name}'`);
		} else if (keys.has(key)) context.addIssue(`has the key of '${name}' twice`);
		else keys.set(key, name);
	}
	return keys;
}

/** Returns a function that returns the server of a key; undefined for an unknown key. */
export function createKeyFinder(keys: ApiKeys): (key: string) => string | undefined {
	const known = [...keys].map(([key, name]) => ({ digest: digestOf(key), name }));
	return (key) => {
		const digest = digestOf(key);
		// Compares all keys, and each as a whole, so that the time does not show how much of a key was right.
		return known.filter((one) => timingSafeEqual(one.digest, digest))[0]?.name;
	};
}

function digestOf(key: string): Buffer {
	return createHash('sha256').update(key).digest();
}
