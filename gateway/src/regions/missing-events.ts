import { EVENTS_PAGE } from '../cluster/log-messages.ts';
import type { RegionStore } from '../cluster/region-store.ts';
import { type LikesRows, logHeadOf } from '../delivery/likes.ts';
import { checkPart } from './admit-region.ts';
import type { RegionCalls } from './region-calls.ts';

/** Logs that are asked for at a time: the way to another region is long. */
const AT_A_TIME = 8;

export interface MissingEventsOptions {
	readonly calls: Pick<RegionCalls, 'events'>;
	readonly store: Pick<RegionStore, 'keepEvents'>;
	/** The epoch in which a region's store is known to be, whatever clocks say; 0 for none. */
	readonly epochOf: (region: string) => number;
}

/** Brings what no relay brought of the logs of another region into the store of this one. */
export interface MissingEvents {
	/** Settles when what is missing is in the store: of each topic what is behind an offset. Rejects when somebody does not answer. */
	pull(region: string, missing: ReadonlyMap<string, number>): Promise<void>;
}

/** The topics that have a log in a region, as its rows say. */
export function logsIn(region: string, rows: ReadonlyMap<string, LikesRows>): string[] {
	return [...rows].filter(([, said]) => logHeadOf(said[region]) > 0).map(([topic]) => topic);
}

export function createMissingEvents({ calls, store, epochOf }: MissingEventsOptions): MissingEvents {
	async function pullLog(region: string, topic: string, missingAfter: number): Promise<void> {
		let after = missingAfter;
		for (;;) {
			const part = await calls.events(region, topic, after, EVENTS_PAGE);
			checkPart(region, part, Math.max(Date.now(), epochOf(region)));
			const last = part.events.at(-1);
			if (last === undefined) return;
			await store.keepEvents(region, new Map([[topic, { epoch: part.epoch, events: part.events }]]));
			// A page may be shorter than was asked for.
			if (last.offset >= part.head || last.offset <= after) return;
			after = last.offset;
		}
	}

	return {
		async pull(region, missing) {
			const logs = [...missing];
			for (let index = 0; index < logs.length; index += AT_A_TIME) {
				const some = logs.slice(index, index + AT_A_TIME);
				await Promise.all(some.map(([topic, after]) => pullLog(region, topic, after)));
			}
		},
	};
}
