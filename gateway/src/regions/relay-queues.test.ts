import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { likeOf, likesUpdate as update } from '../../test/arbitraries.ts';
import { type Cut, cutNothing } from '../outbox/batch.ts';
import { RETRY_MS } from '../outbox/outbox.ts';
import { mergeUpdates, type Update, type Updates } from '../state/update.ts';
import { MAX_UNDER_WAY, type RelayBatch, RelayQueues } from './relay-queues.ts';

const WINDOW_MS = 10;

const row = (added: number) => ({ epoch: 1, counts: { heart: [added, 0] as const } });
const news = (added: number, more: Partial<Update> = {}): Update => ({
	rows: { eu: row(added) },
	complete: false,
	sample: [],
	at: added,
	...more,
});
const batch = (topic: string, added: number): Updates => new Map([[topic, news(added)]]);
/** Likes of this region that a relay tells of a topic. */
const hearts = (relay: RelayBatch | undefined, topic = 'a') => relay?.updates.get(topic)?.rows.eu?.counts.heart?.[0];

function lanesTo(others: readonly string[], greets = false): RelayQueues {
	return new RelayQueues({ region: 'eu', others, windowMs: WINDOW_MS, greets });
}

let lanes: RelayQueues;
beforeEach(() => {
	lanes = lanesTo(['us']);
});

/** The one relay that leaves. */
function takeOne(now: number, cut?: Cut): RelayBatch {
	const [relay, ...more] = lanes.take(now, cut && (() => cut));
	expect(more).toEqual([]);
	if (relay === undefined) throw new Error(`nothing leaves at ${now}`);
	return relay;
}

describe('news for other regions', () => {
	it('go to each of them, in relays of their own', () => {
		lanes = lanesTo(['us', 'ap']);
		lanes.put(batch('a', 1));
		const relays = lanes.take(0);
		expect(relays.map(({ to }) => to).sort()).toEqual(['ap', 'us']);
		for (const relay of relays) {
			expect(hearts(relay)).toBe(1);
			lanes.arrived(relay);
		}
		expect(lanes.counters).toMatchObject({ relayed: 2, relayRetries: 0 });
		expect(lanes.isIdle).toBe(true);
	});

	it('are rows of the own region and no others, incomplete, without likes that others may have shown', () => {
		const mixed = news(2, { rows: { eu: row(2), us: row(7) }, complete: true, sample: [likeOf(1)] });
		lanes.put(new Map([['a', mixed]]));
		expect(takeOne(0).updates).toEqual(batch('a', 2));
	});

	it('keep the likes that are shown when they are of this region alone', () => {
		lanes.put(new Map([['a', news(2, { complete: true, sample: [likeOf(1)] })]]));
		expect(takeOne(0).updates.get('a')?.sample).toEqual([likeOf(1)]);
	});

	it('are none when other regions said them: nothing goes round in circles', () => {
		expect(lanes.put(new Map([['a', news(1, { rows: { us: row(3), ap: row(1) } })]]))).toBe(false);
		expect(lanes.put(new Map())).toBe(false);
		expect([lanes.dueAt, lanes.take(0), lanes.isIdle]).toEqual([undefined, [], true]);
		expect(lanes.put(batch('a', 1))).toBe(true);
	});

	it('merge within a window, and leave as one after it', () => {
		lanes.put(batch('a', 1));
		lanes.arrived(takeOne(100));
		for (const added of [2, 3, 4]) lanes.put(batch('a', added));
		expect([lanes.dueAt, lanes.take(99 + WINDOW_MS)]).toEqual([100 + WINDOW_MS, []]);
		expect(hearts(takeOne(100 + WINDOW_MS))).toBe(4);
	});

	it('do not wait for the way back, until many relays are under way: then they merge', () => {
		const relays: RelayBatch[] = [];
		let now = 0;
		for (let added = 1; added <= MAX_UNDER_WAY; added++) {
			lanes.put(batch('a', added));
			relays.push(takeOne(now));
			now += WINDOW_MS;
		}
		expect(relays.map((relay) => hearts(relay))).toEqual(relays.map((_, index) => index + 1));
		for (const added of [20, 30]) lanes.put(batch('a', added));
		expect([lanes.dueAt, lanes.take(now), lanes.isIdle]).toEqual([undefined, [], false]);
		// Whichever arrives makes room for the next.
		lanes.arrived(relays[5] as RelayBatch);
		expect(hearts(takeOne(now))).toBe(30);
	});

	it('go in one relay to a region that fails, though others of before are under way', () => {
		const relays: RelayBatch[] = [];
		for (const now of [0, WINDOW_MS, 2 * WINDOW_MS]) {
			lanes.put(batch('a', now + 1));
			relays.push(takeOne(now));
		}
		const [first, second, third] = relays as [RelayBatch, RelayBatch, RelayBatch];
		lanes.failed(second, 100);
		expect(lanes.take(100 + RETRY_MS)).toEqual([]);
		lanes.failed(third, 100);
		lanes.arrived(first);
		expect(takeOne(100)).toMatchObject({ greeting: true, updates: batch('a', 2 * WINDOW_MS + 1) });
	});

	it('wait as one state per topic for a region that is cut off, however long', () => {
		lanes.put(batch('a', 1));
		let now = 0;
		for (let added = 2; added <= 1_000; added++) {
			const relay = takeOne(now);
			lanes.put(batch('a', added));
			lanes.failed(relay, now);
			expect([lanes.dueAt, lanes.take(now + RETRY_MS - 1)]).toEqual([now + RETRY_MS, []]);
			now += RETRY_MS;
		}
		const relay = takeOne(now);
		expect([relay.updates.size, hearts(relay)]).toEqual([1, 1_000]);
		lanes.arrived(relay);
		expect(lanes.counters).toMatchObject({ relayed: 1, relayRetries: 999 });
	});

	it('for one region do not wait for another one', () => {
		lanes = lanesTo(['us', 'ap']);
		lanes.put(batch('a', 1));
		for (const relay of lanes.take(0)) {
			if (relay.to === 'us') lanes.failed(relay, 0);
			else lanes.arrived(relay);
		}
		lanes.put(batch('a', 2));
		expect(takeOne(WINDOW_MS)).toMatchObject({ to: 'ap' });
	});

	it('are cut to what fits, and the rest follows', () => {
		const one: Cut = (waiting) => {
			const [first, ...rest] = waiting;
			return [new Map(first && [first]), new Map(rest)];
		};
		lanes.put(new Map([...batch('a', 1), ...batch('b', 2)]));
		const first = takeOne(0, one);
		expect([...first.updates.keys()]).toEqual(['a']);
		lanes.arrived(first);
		expect(hearts(takeOne(WINDOW_MS, one), 'b')).toBe(2);
	});

	it('are all there in the end, whatever arrives, fails, or fails although it arrived', () => {
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
						for (const [topic, told] of relay.updates) if (fate !== 'fails') mergeInto(received, topic, told);
						if (fate === 'arrives') tested.arrived(relay);
						else tested.failed(relay, now);
					}
				};
				for (const [kind, topic, told] of steps) {
					if (kind !== 'put') take(kind);
					else {
						tested.put(new Map([[topic as string, told as Update]]));
						mergeInto(sent, topic as string, told as Update);
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

describe('a greeting', () => {
	it('is the first relay of a dispatcher, though it has nothing to say, until one arrived', () => {
		lanes = lanesTo(['us'], true);
		const first = takeOne(0);
		expect(first).toMatchObject({ to: 'us', updates: new Map(), greeting: true });
		lanes.failed(first, 0);
		const second = takeOne(RETRY_MS);
		expect(second.greeting).toBe(true);
		lanes.arrived(second);
		expect([lanes.dueAt, lanes.take(10_000)]).toEqual([undefined, []]);
		lanes.put(batch('a', 1));
		expect(takeOne(10_000).greeting).toBe(false);
	});

	it('follows every failure, also at a node that sends none of itself', () => {
		lanes.put(batch('a', 1));
		const first = takeOne(0);
		expect(first.greeting).toBe(false);
		lanes.failed(first, 0);
		expect(takeOne(RETRY_MS)).toMatchObject({ greeting: true, updates: batch('a', 1) });
	});
});

describe('lanes', () => {
	it('are idle when what is left waits for a region that does not answer', () => {
		lanes.put(batch('a', 1));
		expect(lanes.isIdle).toBe(false);
		const relay = takeOne(0);
		expect(lanes.isIdle).toBe(false);
		lanes.failed(relay, 0);
		expect(lanes.isIdle).toBe(true);
	});

	it('are not changed by an answer to a relay that is not under way any more', () => {
		lanes.put(batch('a', 1));
		const relay = takeOne(0);
		lanes.failed(relay, 0);
		lanes.arrived(relay);
		lanes.failed(relay, 0);
		expect(lanes.counters).toMatchObject({ relayed: 0, relayRetries: 1 });
		expect(hearts(takeOne(RETRY_MS))).toBe(1);
	});

	it('of a region that stands alone take nothing and have nothing to do', () => {
		lanes = lanesTo([]);
		lanes.put(batch('a', 1));
		expect([lanes.dueAt, lanes.take(0), lanes.isIdle, lanes.dropped]).toEqual([undefined, [], true, 0]);
	});
});

describe('a region that refuses a relay as too long', () => {
	/** As many updates as the region takes: at first 32 of them, half as many after each refusal. */
	const half = (halvings: number): Cut => {
		return (waiting) => [new Map([...waiting].slice(0, 32 >> halvings)), new Map([...waiting].slice(32 >> halvings))];
	};

	function relayAll(limit: number) {
		const [sizes, told, refused]: [number[], Set<string>, Set<string>] = [[], new Set(), new Set()];
		let [repeated, greetings] = [false, 0];
		for (let now = 0; now < 20_000; now += RETRY_MS) {
			for (const relay of lanes.take(now, half)) {
				const content = [...relay.updates.keys()].join();
				sizes.push(relay.updates.size);
				if (relay.greeting) greetings++;
				if (relay.updates.size <= limit) {
					for (const topic of relay.updates.keys()) told.add(topic);
					lanes.arrived(relay);
				} else {
					repeated ||= refused.has(content);
					refused.add(content);
					lanes.tooLong(relay, now);
				}
			}
		}
		return { sizes, told, repeated, greetings };
	}

	beforeEach(() => {
		lanes.put(new Map(Array.from({ length: 32 }, (_, index) => [`t${index}`, news(1)])));
	});

	it('gets the same in shorter ones, and what follows, too', () => {
		const { sizes, told, repeated } = relayAll(8);
		expect(told.size).toBe(32);
		expect(sizes.slice(0, 3)).toEqual([32, 16, 8]);
		expect(repeated).toBe(false);
		expect(lanes.isIdle).toBe(true);
		expect(lanes.counters).toMatchObject({ relayed: 32, relayRetries: 0, relaysTooLong: 2, relayRefused: 0 });
	});

	it('with several others under way, gets what follows halved once', () => {
		lanes = lanesTo(['us']);
		const cuts: number[] = [];
		const cutOf = (halvings: number) => {
			cuts.push(halvings);
			return cutNothing;
		};
		const relays = Array.from({ length: MAX_UNDER_WAY }, (_, index) => {
			lanes.put(new Map([[`t${index}`, news(1)]]));
			return lanes.take(index * WINDOW_MS, cutOf);
		}).flat();
		expect(relays).toHaveLength(MAX_UNDER_WAY);
		for (const relay of relays) lanes.tooLong(relay, 1_000);
		lanes.take(1_000 + RETRY_MS, cutOf);
		expect(cuts.at(-1)).toBe(1);
	});

	it('and the shortest, too, is not sent that again: it is counted, and the region greeted to ask for it', () => {
		const { repeated, greetings } = relayAll(0);
		expect(repeated).toBe(false);
		expect(greetings).toBeGreaterThan(0);
		expect(lanes.counters).toMatchObject({ relayed: 0, relayRefused: 32 });
	});
});
