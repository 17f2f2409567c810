import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { likeOf, likesUpdate as update } from '../../test/arbitraries.ts';
import { batch, hearts, likes, queuesTo, row, WINDOW_MS } from '../../test/relays.ts';
import type { Cut } from '../outbox/batch.ts';
import { RETRY_MS } from '../outbox/outbox.ts';
import { mergeUpdates, type Update } from '../state/update.ts';
import { MAX_UNDER_WAY, type RelayBatch, RelayQueues } from './relay-queues.ts';

let queues: RelayQueues;
beforeEach(() => {
	queues = queuesTo(['us']);
});

/** Returns the only relay that leaves. */
function takeOne(now: number, cut?: Cut): RelayBatch {
	const [relay, ...more] = queues.take(now, cut && (() => cut));
	expect(more).toEqual([]);
	if (relay === undefined) throw new Error(`nothing leaves at ${now}`);
	return relay;
}

describe('RelayQueues', () => {
	it('send updates to each region, in separate relays', () => {
		queues = queuesTo(['us', 'ap']);
		queues.put(batch('a', 1));
		const relays = queues.take(0);
		expect(relays.map(({ to }) => to).sort()).toEqual(['ap', 'us']);
		for (const relay of relays) {
			expect(hearts(relay)).toBe(1);
			queues.arrived(relay);
		}
		expect(queues.counters).toMatchObject({ relayed: 2, relayRetries: 0 });
		expect(queues.isIdle).toBe(true);
	});

	it('send rows of the own region only, as incomplete, without a sample with likes of other regions', () => {
		const mixed = likes(2, { rows: { eu: row(2), us: row(7) }, complete: true, sample: [likeOf(1)] });
		queues.put(new Map([['a', mixed]]));
		expect(takeOne(0).updates).toEqual(batch('a', 2));
	});

	it('send events of the log of the own region, with the row that counts them', () => {
		const at = { offset: 1, order: 1, at: 1, id: 'c1', user: 'ann', data: { text: 'hello' } };
		const own = { epoch: 1, events: [{ ...at, kind: 'comment' as const }] };
		queues.put(new Map([['a', likes(2, { rows: { eu: { ...row(2), logHead: 1 } }, log: { eu: own, us: own } })]]));
		expect(takeOne(0).updates.get('a')).toEqual({
			...likes(2),
			rows: { eu: { ...row(2), logHead: 1 } },
			log: { eu: own },
		});
	});

	it('keep the sample of an update of this region alone', () => {
		queues.put(new Map([['a', likes(2, { complete: true, sample: [likeOf(1)] })]]));
		expect(takeOne(0).updates.get('a')?.sample).toEqual([likeOf(1)]);
	});

	it('send no update of other regions, so that none travels in a circle', () => {
		expect(queues.put(new Map([['a', likes(1, { rows: { us: row(3), ap: row(1) } })]]))).toBe(false);
		expect(queues.put(new Map())).toBe(false);
		expect([queues.dueAt, queues.take(0), queues.isIdle]).toEqual([undefined, [], true]);
		expect(queues.put(batch('a', 1))).toBe(true);
	});

	it('merge updates within a window, and send one after it', () => {
		queues.put(batch('a', 1));
		queues.arrived(takeOne(100));
		for (const added of [2, 3, 4]) queues.put(batch('a', added));
		expect([queues.dueAt, queues.take(99 + WINDOW_MS)]).toEqual([100 + WINDOW_MS, []]);
		expect(hearts(takeOne(100 + WINDOW_MS))).toBe(4);
	});

	it('do not wait for confirmations until MAX_UNDER_WAY relays are under way; then updates merge', () => {
		const relays: RelayBatch[] = [];
		let now = 0;
		for (let added = 1; added <= MAX_UNDER_WAY; added++) {
			queues.put(batch('a', added));
			relays.push(takeOne(now));
			now += WINDOW_MS;
		}
		expect(relays.map((relay) => hearts(relay))).toEqual(relays.map((_, index) => index + 1));
		for (const added of [20, 30]) queues.put(batch('a', added));
		expect([queues.dueAt, queues.take(now), queues.isIdle]).toEqual([undefined, [], false]);
		// Any relay that arrives makes room for the next.
		queues.arrived(relays[5] as RelayBatch);
		expect(hearts(takeOne(now))).toBe(30);
	});

	it('send one relay at a time to a region that fails, though earlier relays are under way', () => {
		const relays: RelayBatch[] = [];
		for (const now of [0, WINDOW_MS, 2 * WINDOW_MS]) {
			queues.put(batch('a', now + 1));
			relays.push(takeOne(now));
		}
		const [first, second, third] = relays as [RelayBatch, RelayBatch, RelayBatch];
		queues.failed(second, 100);
		expect(queues.take(100 + RETRY_MS)).toEqual([]);
		queues.failed(third, 100);
		queues.arrived(first);
		expect(takeOne(100)).toMatchObject({ greeting: true, updates: batch('a', 2 * WINDOW_MS + 1) });
	});

	it('keep one state per topic for a region that is cut off', () => {
		queues.put(batch('a', 1));
		let now = 0;
		for (let added = 2; added <= 1_000; added++) {
			const relay = takeOne(now);
			queues.put(batch('a', added));
			queues.failed(relay, now);
			expect([queues.dueAt, queues.take(now + RETRY_MS - 1)]).toEqual([now + RETRY_MS, []]);
			now += RETRY_MS;
		}
		const relay = takeOne(now);
		expect([relay.updates.size, hearts(relay)]).toEqual([1, 1_000]);
		queues.arrived(relay);
		expect(queues.counters).toMatchObject({ relayed: 1, relayRetries: 999 });
	});

	it('send to one region while another fails', () => {
		queues = queuesTo(['us', 'ap']);
		queues.put(batch('a', 1));
		for (const relay of queues.take(0)) {
			if (relay.to === 'us') queues.failed(relay, 0);
			else queues.arrived(relay);
		}
		queues.put(batch('a', 2));
		expect(takeOne(WINDOW_MS)).toMatchObject({ to: 'ap' });
	});

	it('cut relays to the size that fits, and send the rest later', () => {
		const one: Cut = (waiting) => {
			const [first, ...rest] = waiting;
			return [new Map(first && [first]), new Map(rest)];
		};
		queues.put(new Map([...batch('a', 1), ...batch('b', 2)]));
		const first = takeOne(0, one);
		expect([...first.updates.keys()]).toEqual(['a']);
		queues.arrived(first);
		expect(hearts(takeOne(WINDOW_MS, one), 'b')).toBe(2);
	});

	it('deliver all own rows, whichever relays arrive, fail, or arrive without a confirmation', () => {
		const step = fc.oneof(
			fc.tuple(fc.constant('put' as const), fc.constantFrom('a', 'b', 'c'), update),
			fc.tuple(fc.constantFrom('arrives' as const, 'fails' as const, 'arrives unnoticed' as const)),
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
				const tested = new RelayQueues({ region: 'store-a', others: ['us'], windowMs: 0, greets: false });
				const [sent, received] = [new Map<string, Update>(), new Map<string, Update>()];
				let now = 0;
				const take = (fate: string) => {
					now += RETRY_MS;
					for (const relay of tested.take(now)) {
						for (const [topic, one] of relay.updates) if (fate !== 'fails') mergeInto(received, topic, one);
						if (fate === 'arrives') tested.arrived(relay);
						else tested.failed(relay, now);
					}
				};
				for (const [kind, topic, one] of steps) {
					if (kind !== 'put') take(kind);
					else {
						tested.put(new Map([[topic as string, one as Update]]));
						mergeInto(sent, topic as string, one as Update);
					}
				}
				while (!tested.isIdle || tested.dueAt !== undefined) take('arrives');
				const own = new Map(
					[...sent].flatMap(([topic, { rows }]) => (rows['store-a'] ? [[topic, { 'store-a': rows['store-a'] }]] : [])),
				);
				expect(new Map([...received].map(([topic, { rows }]) => [topic, rows]))).toEqual(own);
			}),
		);
	});
});

function mergeInto(known: Map<string, Update>, topic: string, next: Update): void {
	const before = known.get(topic);
	known.set(topic, before === undefined ? next : mergeUpdates(before, next));
}

describe('RelayQueues: the greeting', () => {
	it('is the first relay of a dispatcher, also without updates, until one arrived', () => {
		queues = queuesTo(['us'], true);
		const first = takeOne(0);
		expect(first).toMatchObject({ to: 'us', updates: new Map(), greeting: true });
		queues.failed(first, 0);
		const second = takeOne(RETRY_MS);
		expect(second.greeting).toBe(true);
		queues.arrived(second);
		expect([queues.dueAt, queues.take(10_000)]).toEqual([undefined, []]);
		queues.put(batch('a', 1));
		expect(takeOne(10_000).greeting).toBe(false);
	});

	it('follows each failure, also at a node that sends none at its start', () => {
		queues.put(batch('a', 1));
		const first = takeOne(0);
		expect(first.greeting).toBe(false);
		queues.failed(first, 0);
		expect(takeOne(RETRY_MS)).toMatchObject({ greeting: true, updates: batch('a', 1) });
	});
});

describe('RelayQueues: the state', () => {
	it('is idle when all updates wait for a region that does not answer', () => {
		queues.put(batch('a', 1));
		expect(queues.isIdle).toBe(false);
		const relay = takeOne(0);
		expect(queues.isIdle).toBe(false);
		queues.failed(relay, 0);
		expect(queues.isIdle).toBe(true);
	});

	it('does not change by an answer to a relay that is not under way any more', () => {
		queues.put(batch('a', 1));
		const relay = takeOne(0);
		queues.failed(relay, 0);
		queues.arrived(relay);
		queues.failed(relay, 0);
		expect(queues.counters).toMatchObject({ relayed: 0, relayRetries: 1 });
		expect(hearts(takeOne(RETRY_MS))).toBe(1);
	});

	it('stays empty in a cluster without other regions', () => {
		queues = queuesTo([]);
		queues.put(batch('a', 1));
		expect([queues.dueAt, queues.take(0), queues.isIdle, queues.dropped]).toEqual([undefined, [], true, 0]);
	});
});
