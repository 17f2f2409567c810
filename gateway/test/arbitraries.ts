import type { RecentLike } from '@likewire/protocol';
import fc from 'fast-check';
import type { CounterRows } from '../src/state/counters.ts';
import type { LogEvent, LogUpdate } from '../src/state/log.ts';
import type { Values } from '../src/state/registers.ts';
import { sampleOf } from '../src/state/sample.ts';
import type { Update } from '../src/state/update.ts';

const count = fc.integer({ min: 0, max: 50 });

/** Rows of a few stores for a video, with small numbers, which often coincide. */
export const likesRows: fc.Arbitrary<CounterRows> = fc.dictionary(
	fc.constantFrom('store-a', 'store-b', 'store-c'),
	fc.record({
		epoch: fc.integer({ min: 1, max: 3 }),
		counts: fc.dictionary(fc.constantFrom('heart', 'like', 'clap'), fc.tuple(count, count)),
	}),
);

/** Returns the like of a number: equal numbers give equal likes. */
export function likeOf(number: number): RecentLike {
	return { id: `like-${number}`, user: `user-${number % 7}`, type: number % 3 === 0 ? 'clap' : 'heart', at: number };
}

export const likes = fc.array(fc.integer({ min: 0, max: 60 }).map(likeOf), { maxLength: 30 });

/** Returns the event of an offset: equal offsets give equal events. */
function eventOf(offset: number): LogEvent {
	return {
		offset,
		id: `event-${offset}`,
		kind: 'comment',
		user: `user-${offset % 3}`,
		at: offset,
		order: offset * 1_024,
		data: { text: 'x' },
	};
}

/** Updates of a few logs. */
const log: fc.Arbitrary<LogUpdate> = fc.dictionary(
	fc.constantFrom('store-a', 'store-b'),
	fc.record({
		epoch: fc.integer({ min: 1, max: 2 }),
		events: fc
			.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 })
			.map((offsets) => offsets.sort((a, b) => a - b).map(eventOf)),
	}),
);

/** Registers under names, one of which each object inherits. */
const registers = fc.dictionary(
	fc.constantFrom('store-a', 'store-b', 'constructor'),
	fc.record({
		order: fc.integer({ min: 0, max: 4 }),
		value: fc.integer({ min: 0, max: 3 }),
		from: fc.constant('store-a'),
	}),
);

/** Registers of a few kinds, where equal orders often have different values. */
const values: fc.Arbitrary<Values> = fc.dictionary(fc.constant('viewers'), registers, { minKeys: 1 });

/** An update of likes only. */
export const likesUpdate: fc.Arbitrary<Update> = fc.record({
	rows: likesRows,
	complete: fc.boolean(),
	sample: likes.map(sampleOf),
	at: count,
});

export const update: fc.Arbitrary<Update> = fc
	.tuple(likesUpdate, fc.option(log, { nil: undefined }), fc.option(values, { nil: undefined }))
	.map(([ofLikes, ofLogs, registersOfKinds]) => ({
		...ofLikes,
		...(ofLogs && { log: ofLogs }),
		...(registersOfKinds && { values: registersOfKinds }),
	}));
