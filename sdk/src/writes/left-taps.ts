import type { Write } from './write.ts';

/** The longest time that taps are kept, in milliseconds: a gateway recognizes an id for twice as long. */
const MAX_AGE_MS = 24 * 60 * 60_000;

/** The stored text of a tap. */
export interface Kept {
	readonly path: string;
	readonly body: object;
	readonly region?: string;
	/** When the user tapped, in Unix milliseconds. */
	readonly at: number;
}

export interface LeftTapsOptions {
	readonly storage: {
		getItem(key: string): Promise<string | null> | string | null;
		removeItem(key: string): unknown;
	};
	/** The keys of all taps, in order. */
	readonly keys: readonly string[];
	/** Returns the prefix of this user's keys; undefined: the user is unknown. */
	readonly prefixOf: () => Promise<string | undefined>;
	/** Sends a tap; returns whether the gateway decided about it. */
	readonly send: (write: Write<unknown>, kept: Kept) => Promise<boolean>;
}

function parseKept(text: string | null): Kept | undefined {
	try {
		const kept = JSON.parse(text ?? '') as Kept;
		const isOne = typeof kept.path === 'string' && typeof kept.body === 'object' && typeof kept.at === 'number';
		return isOne && Math.abs(Date.now() - kept.at) < MAX_AGE_MS ? kept : undefined;
	} catch {
		return undefined;
	}
}

/**
 * Sends the taps that earlier pages of a user left.
 * Removes those of all users that are expired or cannot be read: a user may never return.
 */
export async function sendLeftTaps({ storage, keys, prefixOf, send }: LeftTapsOptions): Promise<void> {
	const all: [string, Kept][] = [];
	for (const key of keys) {
		const kept = parseKept(await storage.getItem(key));
		if (kept === undefined) await storage.removeItem(key);
		else all.push([key, kept]);
	}
	const prefix = await prefixOf();
	if (prefix === undefined) return;
	const videos = new Map<string, (() => Promise<boolean>)[]>();
	for (const [key, kept] of all) {
		if (!key.startsWith(prefix)) continue;
		const { path, body } = kept;
		const sendOne = () => send({ path, body, tap: key.slice(prefix.length), staysInRegion: true }, kept);
		videos.set(path, [...(videos.get(path) ?? []), sendOne]);
	}
	for (const [sendFirst, ...others] of videos.values()) {
		void sendFirst?.().then((isDecided) => {
			// A token without the right to a video costs one request; a page with that right sends them all.
			if (isDecided) for (const sendOne of others) void sendOne();
		});
	}
}
