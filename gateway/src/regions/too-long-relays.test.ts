import { beforeEach, describe, expect, it } from 'vitest';
import { likes, queuesTo, WINDOW_MS } from '../../test/relays.ts';
import { type Cut, cutNothing } from '../outbox/batch.ts';
import { RETRY_MS } from '../outbox/outbox.ts';
import { MAX_UNDER_WAY, type RelayQueues } from './relay-queues.ts';

let queues: RelayQueues;
beforeEach(() => {
	queues = queuesTo(['us']);
});

describe('RelayQueues: a region that refuses a relay as too long', () => {
	/** Cuts relays to at most 32 updates, and to half of that after each refusal. */
	const half = (halvings: number): Cut => {
		return (waiting) => [new Map([...waiting].slice(0, 32 >> halvings)), new Map([...waiting].slice(32 >> halvings))];
	};

	function relayAll(limit: number) {
		const [sizes, received, refused]: [number[], Set<string>, Set<string>] = [[], new Set(), new Set()];
		let [repeated, greetings] = [false, 0];
		for (let now = 0; now < 20_000; now += RETRY_MS) {
			for (const relay of queues.take(now, half)) {
				const content = [...relay.updates.keys()].join();
				sizes.push(relay.updates.size);
				if (relay.greeting) greetings++;
				if (relay.updates.size <= limit) {
					for (const topic of relay.updates.keys()) received.add(topic);
					queues.arrived(relay);
				} else {
					repeated ||= refused.has(content);
					refused.add(content);
					queues.tooLong(relay, now);
				}
			}
		}
		return { sizes, received, repeated, greetings };
	}

	beforeEach(() => {
		queues.put(new Map(Array.from({ length: 32 }, (_, index) => [`t${index}`, likes(1)])));
	});

	it('gets the same updates in shorter relays, and later updates, too', () => {
		const { sizes, received, repeated } = relayAll(8);
		expect(received.size).toBe(32);
		expect(sizes.slice(0, 3)).toEqual([32, 16, 8]);
		expect(repeated).toBe(false);
		expect(queues.isIdle).toBe(true);
		expect(queues.counters).toMatchObject({ relayed: 32, relayRetries: 0, relaysTooLong: 2, relayRefused: 0 });
	});

	it('gets later relays halved once, though several were under way', () => {
		queues = queuesTo(['us']);
		const cuts: number[] = [];
		const cutOf = (halvings: number) => {
			cuts.push(halvings);
			return cutNothing;
		};
		const relays = Array.from({ length: MAX_UNDER_WAY }, (_, index) => {
			queues.put(new Map([[`t${index}`, likes(1)]]));
			return queues.take(index * WINDOW_MS, cutOf);
		}).flat();
		expect(relays).toHaveLength(MAX_UNDER_WAY);
		for (const relay of relays) queues.tooLong(relay, 1_000);
		queues.take(1_000 + RETRY_MS, cutOf);
		expect(cuts.at(-1)).toBe(1);
	});

	it('does not get the shortest relay again: its updates are counted, and a greeting makes the region sync', () => {
		const { repeated, greetings } = relayAll(0);
		expect(repeated).toBe(false);
		expect(greetings).toBeGreaterThan(0);
		expect(queues.counters).toMatchObject({ relayed: 0, relayRefused: 32 });
	});
});
