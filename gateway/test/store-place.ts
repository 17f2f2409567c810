import { afterEach, beforeEach } from 'vitest';
import type { Restored } from '../src/store/epoch.ts';
import type { Store } from '../src/store/store.ts';

/** The region of the tested store. */
export const REGION = 'north';

/** The place of the data of one test. */
export interface StorePlace {
	/** Opens a store on the same data each time, by default for {@link REGION}. */
	open(region?: string): Promise<Store>;
	/** Marks the data as restored from a backup, while no store is open. */
	markRestored(): Promise<Restored>;
	/** Removes the data. */
	remove(): Promise<void> | void;
}

/** Gives each test of a block a store on separate data, and its place. Removes both after the test. */
export function usePlace(makePlace: () => StorePlace, use: (store: Store, place: StorePlace) => void): void {
	let place: StorePlace;
	/** The store that was opened last, since tests reopen it. */
	let newest: Store;
	beforeEach(async () => {
		const made = makePlace();
		place = {
			...made,
			async open(region) {
				newest = await made.open(region);
				return newest;
			},
		};
		use(await place.open(), place);
	});
	afterEach(async () => {
		await newest.close();
		await place.remove();
	});
}
