import type { Write } from './write.ts';

/**
 * The most taps of a user that are kept.
 * A newer one drops the oldest, which gateways have refused for longest.
 */
const MAX_KEPT = 1_000;

const PREFIX = 'likewire-tap ';

/**
 * Where taps outlive their page: texts by key.
 * A client adapts `localStorage` to this shape; React Native's AsyncStorage has it as it is.
 */
export interface KeyValueStorage {
	/** Returns all keys, also those of other programs: a client takes its own by their prefix. */
	getAllKeys(): Promise<readonly string[]> | readonly string[];
	/** Returns the text of a key; null for an unknown key. */
	getItem(key: string): Promise<string | null> | string | null;
	/**
	 * Stores a text.
	 * May throw or reject where storage is full or denied: taps then live as long as their page.
	 */
	setItem(key: string, value: string): Promise<unknown> | undefined;
	/** Removes a key; an unknown key is no error. */
	removeItem(key: string): Promise<unknown> | undefined;
}

/**
 * The taps of a user that no gateway decided about.
 * Each operation may fail: then taps live as long as their page. The code that stores loads early in each page,
 * because a user may leave a page right after the first tap. The code that reads is a module of its own.
 */
export interface KeptTaps {
	/** Stores a tap. `region` is that of its first try, if any. */
	put(write: Write<unknown>, region: string | undefined): void;
	/** Removes a tap that the gateway decided about. */
	remove(tap: string | undefined): void;
	/** Sends what earlier pages of this user left, and removes expired taps of all users. */
	load(send: SendKept): void;
}

/** Sends a kept tap; returns whether the gateway decided about it. `region` is that of its first try. */
export type SendKept = (write: Write<unknown>, region: string | undefined) => Promise<boolean>;

/** Returns `localStorage` as a storage; undefined where this page has none. */
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
 * Creates the kept taps of a user.
 *
 * @param ownerOf names the user and the gateway of the taps; undefined: the user is unknown, and no tap is kept.
 */
export function createKeptTaps(storage: KeyValueStorage, ownerOf: () => Promise<string | undefined>): KeptTaps {
	/** When the user made each tap of this page. */
	const madeAt = new Map<string, number>();
	let owner: string | undefined;
	/** How many more taps fit before the client counts the stored ones again: other pages store theirs. */
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

	/** Runs operations one after the other, so that `remove` comes after the `put` of the same tap. */
	let turn: Promise<unknown> = Promise.resolve();
	function next(act: (prefix: string) => unknown): void {
		turn = turn.then(async () => {
			const prefix = await prefixOf();
			if (prefix !== undefined) await act(prefix);
		});
		// Storage may be denied or full.
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
				// Most pages find no taps, and need not load the code that reads them.
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
			// Not in turn: storing must not wait for the network. If storage is denied or the page offline, the next page
			// sends them.
			load().catch(() => {});
		},
	};
}
