import type { Write } from './write.ts';

/** At most so many taps of a user are kept. A newer one drops the oldest: that is one which gateways refused for longest. */
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

/**
 * The taps of a user that no gateway decided about. All it does may fail: then taps live as long as their page. Storing is here,
 * and so loaded early in each page: a page may be left right after its first tap. Reading is in a part of its own.
 */
export interface KeptTaps {
	/** @param region where it was first tried, once it was. */
	put(write: Write<unknown>, region: string | undefined): void;
	/** The gateway has decided. */
	remove(tap: string | undefined): void;
	/** Sends what earlier pages of this user left, and removes what is too old, of any user. */
	load(send: SendKept): void;
}

/** Sends a kept tap; answers whether the gateway decided about it. `region` is that of its first try. */
export type SendKept = (write: Write<unknown>, region: string | undefined) => Promise<boolean>;

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

/**
 * @param ownerOf names the user and the gateway of the taps; undefined: the user is unknown, and nothing is kept.
 */
export function createKeptTaps(storage: KeyValueStorage, ownerOf: () => Promise<string | undefined>): KeptTaps {
	/** When each tap of this page was made. */
	const madeAt = new Map<string, number>();
	let owner: string | undefined;
	/** So many more taps fit before the stored ones have to be counted again: other pages store theirs. */
	let room = 0;

	async function prefixOf(): Promise<string | undefined> {
		owner ??= await ownerOf();
		return owner && `${PREFIX}${owner} `;
	}

	/** Returns the stored keys, the oldest of a user first: ids of taps begin with their time (UUIDv7). */
	async function keysOf(prefix: string): Promise<string[]> {
		return (await storage.getAllKeys()).filter((key) => key.startsWith(prefix)).sort();
	}

	async function makeRoom(prefix: string): Promise<void> {
		const keys = await keysOf(prefix);
		room = MAX_KEPT - keys.length;
		for (; room < 1; room++) await storage.removeItem(keys[-room] as string);
	}

	/** One after the other, in order: `remove` comes after the `put` of the same tap. */
	let turn: Promise<unknown> = Promise.resolve();
	function next(act: (prefix: string) => unknown): void {
		turn = turn.then(async () => {
			const prefix = await prefixOf();
			if (prefix !== undefined) await act(prefix);
		});
		// Denied, or full.
		turn = turn.catch(() => {});
	}

	return {
		put({ tap, path, body }, region) {
			if (tap === undefined) return;
			const isNew = !madeAt.has(tap);
			const at = madeAt.get(tap) ?? Date.now();
			madeAt.set(tap, at);
			next(async (prefix) => {
				if (isNew) {
					if (room < 1) await makeRoom(prefix);
					room--;
				}
				await storage.setItem(prefix + tap, JSON.stringify({ path, body, region, at }));
			});
		},
		remove(tap) {
			if (tap === undefined) return;
			madeAt.delete(tap);
			room++;
			next((prefix) => storage.removeItem(prefix + tap));
		},
		load(send) {
			async function load(): Promise<void> {
				const keys = await keysOf(PREFIX);
				// Most pages find nothing, and need not load what reads it.
				if (keys.length === 0) return;
				const { sendLeftTaps } = await import('./left-taps.ts');
				await sendLeftTaps({
					...{ storage, keys, prefixOf },
					async send(write, { region, at }) {
						const { tap = '' } = write;
						// This page made it, or another client of this page sends it.
						if (madeAt.has(tap)) return true;
						madeAt.set(tap, at);
						return send(write, region);
					},
				});
			}
			// Not in turn: what this page stores must not wait for the network. Denied, or offline: the next page does it.
			load().catch(() => {});
		},
	};
}
