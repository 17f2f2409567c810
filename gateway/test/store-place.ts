import { afterEach, beforeEach } from 'vitest';
import type { Restored } from '../src/store/epoch.ts';
import type { Store } from '../src/store/store.ts';

/** Whose store it is. */
export const REGION = 'north';

/** Where the stores of one test keep their data. */
export interface StorePlace {
	/** Opens the same data each time, for region {@link REGION} unless another is named. */
	open(region?: string): Promise<Store>;
	/** Marks the data as restored from a backup, while no store has it open. */
	markRestored(): Promise<Restored>;
	/** Removes the data. */
	remove(): Promise<void> | void;
}

/** Gives each test of a block a store on data of its own, and the place of that; removes both after it. */
export function usePlace(makePlace: () => StorePlace, use: (store: Store, place: StorePlace) => void): void {
	let place: StorePlace;
	/** Tests close the store and open it again. */
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
