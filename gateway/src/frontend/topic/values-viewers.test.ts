import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeViewer } from '../../../test/fake-viewer.ts';
import { makeHub } from '../../../test/hub.ts';
import type { Values } from '../../state/registers.ts';

const viewers = (order: number, count: number, region = 'eu'): Values => ({
	viewers: { [region]: { order, value: count, from: 'eu' } },
});

describe('Viewers of a ValuesSection', () => {
	const step = fc.oneof(
		fc.record({
			kind: fc.constant('update' as const),
			region: fc.constantFrom('eu', 'us'),
			order: fc.integer({ min: 0, max: 30 }),
		}),
		fc.record({ kind: fc.constantFrom('stall', 'resume', 'leave', 'join'), viewer: fc.integer({ min: 0, max: 2 }) }),
		fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 100 }) }),
	);

	it('receive the newest values in the end, in any order of updates and pauses', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				const hub = makeHub();
				const audience: (FakeViewer | undefined)[] = [];
				const newest = new Map<string, number>();
				let now = 0;
				const deliver = (values: Values) =>
					hub.topics.deliver(new Map([['video:v1', { rows: {}, complete: true, sample: [], at: 0, values }]]));
				const join = { kind: 'join', viewer: 0 } as const;
				for (const [index, one] of [join, ...steps, join].entries()) {
					if (one.kind === 'pass') now += one.ms;
					else if (one.kind === 'update') {
						newest.set(one.region, Math.max(newest.get(one.region) ?? 0, one.order));
						deliver(viewers(one.order, one.order, one.region));
					} else {
						const known = audience[one.viewer];
						if (one.kind === 'stall') known?.stall();
						else if (one.kind === 'resume') known?.resume(now);
						else if (one.kind === 'leave' && known !== undefined) {
							hub.disconnect(known.connection, now);
							audience[one.viewer] = undefined;
						} else if (one.kind === 'join' && known === undefined) {
							const joined = new FakeViewer(hub, `viewer-${index}`, { now });
							hub.subscribe(joined.connection, 'video:v1', now);
							audience[one.viewer] = joined;
						}
					}
					hub.run(now);
				}
				newest.set('eu', 99);
				deliver(viewers(99, 99));
				while (hub.run(now) !== undefined) now += 50;
				const count = [...newest.values()].reduce((sum, one) => sum + one, 0);
				for (const known of audience) {
					known?.resume(now);
					const counts = known?.events.filter(({ name }) => name === 'viewers').map(({ data }) => data);
					if (known !== undefined) expect(counts?.at(-1)).toEqual({ video: 'v1', count });
				}
			}),
		);
	});
});
