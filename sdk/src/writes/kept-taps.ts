import type { Write } from './write.ts';

/** Likes are kept for so long at the most, in milliseconds: a gateway knows an id again for twice as long. */
const MAX_AGE_MS = 24 * 60 * 60_000;

/** So many are kept for a user at the most; the queue takes no more from one page. */
const MAX_KEPT = 1_000;

const PREFIX = 'likewire-tap ';

/**
 * Where taps outlive their page: texts by key. `localStorage` has this shape by {@link browserStorage}; React Native's
 * AsyncStorage has it as it is.
 */
export interface KeyValueStorage {
	/** Answers with all keys, those of others included: a client takes its own by their beginning. */
	getAllKeys(): Promise<readonly string[]> | readonly string[];
	/** Answers with the text of a key; null for one that is not there. */
	getItem(key: string): Promise<string | null> | string | null;
	/** Stores a text. May throw or reject where storage is full or denied: taps then live as long as their page. */
	setItem(key: string, value: string): Promise<unknown> | undefined;
	/** Removes a key; one that is not there is no error. */
	removeItem(key: string): Promise<unknown> | undefined;
}

/** The taps of a user that no answer came for. All it does may fail: then taps live as long as their page. */
export interface KeptTaps {
	/** @param region where it was first tried, once it was. */
	put(write: Write<unknown>, region: string | undefined): void;
	/** The gateway has decided. */
	remove(tap: string | undefined): void;
	/** Hands back what earlier pages left. */
	load(take: (write: Write<unknown>, region: string | undefined) => void): void;
}

/** What is stored of one. */
interface Kept {
	readonly path: string;
	readonly body: object;
	readonly region?: string;
	/** When the user tapped, in Unix milliseconds. */
	readonly at: number;
}

/** `localStorage`; undefined where there is none for this page. */
export function browserStorage(): KeyValueStorage | undefined {
	try {
		const storage = localStorage;
		return {
			getAllKeys: () => Object.keys(storage),
			getItem: (key) => storage.getItem(key),
			setItem: (key, value) => void storage.setItem(key, value),
			removeItem: (key) => void storage.removeItem(key),
		};
	} catch {
		return undefined;
	}
}

function parseKept(text: string | null, now: number): Kept | undefined {
	try {
		const kept = JSON.parse(text ?? '') as Kept;
		const isOne = typeof kept.path === 'string' && typeof kept.body === 'object' && typeof kept.at === 'number';
		return isOne && Math.abs(now - kept.at) < MAX_AGE_MS ? kept : undefined;
	} catch {
		return undefined;
	}
}

/**
 * @param ownerOf says whose taps they are, at which gateway; undefined: nobody knows, and nothing is kept.
 */
export function createKeptTaps(storage: KeyValueStorage, ownerOf: () => Promise<string | undefined>): KeptTaps {
	/** When each tap of this page was made. */
	const madeAt = new Map<string, number>();

	let owner: string | undefined;

	/** One after the other, in order: `remove` comes after the `put` of the same tap. */
	let turn: Promise<unknown> = Promise.resolve();
	function next(act: (prefix: string) => unknown): void {
		turn = turn.then(async () => {
			owner ??= await ownerOf();
			if (owner !== undefined) await act(`${PREFIX}${owner} `);
		});
		// Denied, or full.
		turn = turn.catch(() => {});
	}

	return {
		put({ tap, path, body }, region) {
			if (tap === undefined) return;
			const at = madeAt.get(tap) ?? Date.now();
			madeAt.set(tap, at);
			next((prefix) => storage.setItem(prefix + tap, JSON.stringify({ path, body, region, at })));
		},
		remove(tap) {
			if (tap === undefined) return;
			madeAt.delete(tap);
			next((prefix) => storage.removeItem(prefix + tap));
		},
		load(take) {
			next(async (prefix) => {
				const keys = (await storage.getAllKeys()).filter((key) => key.startsWith(prefix));
				for (const [index, key] of keys.entries()) {
					const tap = key.slice(prefix.length);
					if (madeAt.has(tap)) continue;
					const kept = index < MAX_KEPT ? parseKept(await storage.getItem(key), Date.now()) : undefined;
					if (kept === undefined) {
						await storage.removeItem(key);
						continue;
					}
					madeAt.set(tap, kept.at);
					const { path, body, region } = kept;
					take({ path, body, tap, staysInRegion: true }, region);
				}
			});
		},
	};
}
