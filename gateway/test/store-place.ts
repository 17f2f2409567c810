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
