import { beforeEach, describe, expect, it } from 'vitest';
import { registrationOf, sumsOf } from '../../test/registrations.ts';
import { viewOf } from '../../test/views.ts';
import { SubscriptionTable } from '../dispatcher/fan-out/subscription-table.ts';
import type { CounterRows } from '../state/counters.ts';
import type { Registration, Registrations } from '../state/topics/registration.ts';
import type { Update, Updates } from '../state/update.ts';
import { WorkersCore } from './workers-core.ts';

const { ring } = viewOf({ dispatchers: ['d1'] });
const TOPIC = 'video:v1';

const hearts = (added: number): CounterRows => ({ s: { epoch: 1, counts: { heart: [added, 0] } } });
const stateOf = (added: number): Update => ({ rows: hearts(added), complete: true, sample: [], at: added });

/** What each worker was sent. */
let sent: Map<string, Updates[]>;
/** The table of the dispatcher. */
let owner: SubscriptionTable;
let core: WorkersCore;
let now: number;
beforeEach(() => {
	now = 0;
	sent = new Map();
	owner = new SubscriptionTable();
	const router = {
		deliverAll(workers: Iterable<string>, updates: Updates) {
			for (const worker of workers) sent.set(worker, [...(sent.get(worker) ?? []), updates]);
		},
	};
	core = new WorkersCore({ frontend: 'node-1', incarnation: 7, ring, router });
});

let seq = 0;
/** Registers topics of a worker. Returns what it does not have. */
function register(worker: string, topics: readonly Registration[], more: Partial<Registrations> = {}) {
	const message = {
		frontend: worker,
		incarnation: 1,
		seq: ++seq,
		view: 'main',
		digest: undefined,
		topics,
		dropped: [],
	};
	return core.subscribe({ ...message, ...more }, now);
}

const follow = (worker: string, count: number, topic = TOPIC) => register(worker, [registrationOf(topic, { count })]);

/** Carries what is due to the dispatcher, and its answers back. Returns the messages. */
function run(): Registrations[] {
	const { registrations } = core.run(now);
	for (const registration of registrations) {
		const { updates, buckets } = owner.subscribe(registration.message, now);
		core.registered(registration, { updates, buckets });
	}
	return registrations.map(({ message }) => message);
}

describe('WorkersCore', () => {
	it('registers the sum of the viewers of all workers under the name of the node', () => {
		follow('worker-1', 2);
		follow('worker-2', 3);
		const [message, ...more] = run();
		expect(more).toEqual([]);
		expect([message?.frontend, message?.incarnation]).toEqual(['node-1', 7]);
		expect(owner.viewers(TOPIC)).toBe(5);
		follow('worker-1', 0);
		run();
		expect(owner.viewers(TOPIC)).toBe(3);
		expect([...owner.frontends(TOPIC)]).toEqual(['node-1']);
	});

	it('sends updates to the workers that follow their topic, as one batch', () => {
		follow('worker-1', 1);
		follow('worker-2', 1);
		follow('worker-2', 1, 'video:v2');
		core.deliver(
			new Map([
				[TOPIC, stateOf(1)],
				['video:v2', stateOf(2)],
				['video:v3', stateOf(3)],
			]),
		);
		expect(sent.get('worker-1')).toEqual([new Map([[TOPIC, stateOf(1)]])]);
		expect(sent.get('worker-2')).toEqual([new Map([[TOPIC, stateOf(1)]]), new Map([['video:v2', stateOf(2)]])]);
		expect(sent.get('worker-1')?.[0]).toBe(sent.get('worker-2')?.[0]);
	});

	it('answers a worker with the state that it has, and asks the owner for one that it does not have', () => {
		owner.subscribe({ ...digestless('other'), topics: [registrationOf(TOPIC)] }, now);
		owner.merge(TOPIC, stateOf(4));
		expect(follow('worker-1', 1).updates.size).toBe(0);
		run();
		expect(sent.get('worker-1')).toEqual([new Map([[TOPIC, stateOf(4)]])]);
		expect(follow('worker-2', 1).updates.get(TOPIC)).toEqual(stateOf(4));
	});

	it('forgets the viewers of a worker that ended, and topics that no worker follows', () => {
		follow('worker-1', 2);
		follow('worker-2', 3);
		follow('worker-1', 1, 'video:v2');
		run();
		core.dropWorker('worker-1');
		const [message] = run();
		expect(message?.dropped).toEqual(['video:v2']);
		expect([owner.viewers(TOPIC), owner.has('video:v2'), core.topicCount]).toEqual([3, false, 1]);
	});

	it('forgets a worker that is silent for 30 s', () => {
		follow('worker-1', 2);
		run();
		now = 30_000;
		core.expire(now);
		run();
		expect(owner.has(TOPIC)).toBe(false);
	});

	it('equals the owner in its digest, and heals an update that was lost', () => {
		follow('worker-1', 1);
		run();
		owner.merge(TOPIC, stateOf(1));
		now = 10_000;
		// Each message begins with the digest of what both know: sums, then a list.
		for (let turn = 0; turn < 4; turn++) {
			core.subscriptionSync.digest();
			run();
		}
		expect(sent.get('worker-1')?.at(-1)).toEqual(new Map([[TOPIC, stateOf(1)]]));
		core.subscriptionSync.digest();
		const [message] = run();
		expect(message?.topics).toEqual([]);
		expect(owner.subscribe({ ...(message as Registrations), seq: 1_000 }, now).buckets).toBeUndefined();
	});

	it('heals a worker that missed an update with the digest of the worker', () => {
		follow('worker-1', 1);
		core.deliver(new Map([[TOPIC, stateOf(2)]]));
		const topics = [registrationOf(TOPIC)];
		const { buckets } = register('worker-1', [], { digest: sumsOf(topics) });
		expect(buckets).toBeDefined();
		expect(register('worker-1', topics).updates.get(TOPIC)).toEqual(stateOf(2));
	});

	it('names comments whose likes are not complete to the owner', () => {
		const comment = 'comment:v1/c1/ann';
		follow('worker-1', 1);
		run();
		core.deliver(new Map([[comment, { ...stateOf(1), complete: false }]]));
		register('worker-1', [registrationOf(TOPIC, { unread: [comment] })]);
		const [message] = run();
		expect(message?.topics.map(({ topic, unread }) => [topic, unread])).toEqual([[TOPIC, [comment]]]);
	});
});

function digestless(frontend: string): Registrations {
	return { frontend, incarnation: 1, seq: 1, view: 'v', digest: undefined, topics: [], dropped: [] };
}
