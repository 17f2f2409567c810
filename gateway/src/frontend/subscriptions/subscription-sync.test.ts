import { MAX_ID_LENGTH } from '@likewire/protocol';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { digestOf, registrationOf } from '../../../test/registrations.ts';
import { topicOf, topicsOf, viewOf } from '../../../test/views.ts';
import { MAX_PEER_BODY_BYTES, registrationsMessage } from '../../cluster/rpc/messages.ts';
import { SubscriptionTable } from '../../dispatcher/fan-out/subscription-table.ts';
import { MAX_RETRY_MS } from '../../outbox/peer-queue.ts';
import {
	MAX_TOPICS_PER_MESSAGE,
	type Registered,
	type RegistrationMessage,
	SubscriptionSync,
} from './subscription-sync.ts';

const view = viewOf({ dispatchers: ['d1', 'd2'] });
const [MINE, OTHER] = [topicOf(view, 'd1'), topicOf(view, 'd2')];

/** The topics of a frontend, with their counts. */
class Topics extends Map<string, number> implements Registered {
	registration(topic: string) {
		const count = this.get(topic);
		return count === undefined ? undefined : registrationOf(topic, { count });
	}

	topicNames(): Iterable<string> {
		return this.keys();
	}
}

let topics: Topics;
let subscriptionSync: SubscriptionSync;
let now: number;
beforeEach(() => {
	topics = new Topics();
	subscriptionSync = new SubscriptionSync('f1', 7, topics, view.ring);
	now = 0;
});

/** Returns the messages that leave now, by dispatcher. */
function take(): Map<string, RegistrationMessage> {
	return new Map(subscriptionSync.take(now).map((outgoing) => [outgoing.to, outgoing]));
}

/** Delivers all pending messages. */
function deliverAll(): RegistrationMessage[] {
	const messages: RegistrationMessage[] = [];
	for (let due = subscriptionSync.take(now); due.length > 0; due = subscriptionSync.take(now)) {
		for (const outgoing of due) subscriptionSync.arrived(outgoing);
		messages.push(...due);
	}
	return messages;
}

function follow(topic: string, count: number): void {
	topics.set(topic, count);
	subscriptionSync.changed(topic);
}

const counts = ({ message }: RegistrationMessage) =>
	Object.fromEntries(message.topics.map(({ topic, count }) => [topic, count]));

describe('SubscriptionSync', () => {
	it('sends every dispatcher a digest at first, also an empty one', () => {
		expect(subscriptionSync.isIdle).toBe(false);
		const messages = take();
		expect([...messages.keys()]).toEqual(['d1', 'd2']);
		for (const { message } of messages.values()) {
			const { seq } = message;
			expect(message).toEqual({
				frontend: 'f1',
				incarnation: 7,
				seq,
				view: view.ring.view,
				digestSince: seq,
				topics: [],
				dropped: [],
			});
		}
		for (const outgoing of messages.values()) subscriptionSync.arrived(outgoing);
		expect([subscriptionSync.isIdle, subscriptionSync.dueAt]).toEqual([true, undefined]);
	});

	it('sends a change at once, to the owner of its topic alone, and the end of a topic', () => {
		deliverAll();
		follow(MINE, 2);
		const [outgoing, ...others] = subscriptionSync.take(now) as [RegistrationMessage];
		expect(others).toEqual([]);
		expect([outgoing.to, counts(outgoing), outgoing.message.digestSince]).toEqual(['d1', { [MINE]: 2 }, undefined]);
		subscriptionSync.arrived(outgoing);
		topics.delete(MINE);
		subscriptionSync.changed(MINE);
		expect(take().get('d1')?.message).toMatchObject({ topics: [], dropped: [MINE] });
	});

	it('has one message in flight to a dispatcher, and sends the newest counts in the next one', () => {
		deliverAll();
		follow(MINE, 1);
		const first = take().get('d1') as RegistrationMessage;
		for (const count of [2, 3, 4]) follow(MINE, count);
		follow(OTHER, 1);
		expect([...take().keys()]).toEqual(['d2']);
		expect(subscriptionSync.dueAt).toBeUndefined();
		subscriptionSync.arrived(first);
		const next = take().get('d1') as RegistrationMessage;
		expect(counts(next)).toEqual({ [MINE]: 4 });
		expect(next.message.seq).toBeGreaterThan(first.message.seq);
	});

	it('sends the topics of a message that is too long in shorter ones', () => {
		const mine = topicsOf(view, 'd1', 20);
		for (const topic of mine) topics.set(topic, 1);
		const received = new Set<string>();
		const lengths: number[] = [];
		for (let turn = 0; turn < 100; turn++) {
			const outgoing = take().get('d1');
			now += 2_000;
			if (outgoing === undefined) continue;
			lengths.push(outgoing.message.topics.length);
			if (outgoing.message.topics.length > 6) subscriptionSync.tooLong(outgoing, now);
			else {
				for (const { topic } of outgoing.message.topics) received.add(topic);
				subscriptionSync.arrived(outgoing);
			}
		}
		expect([...received].sort()).toEqual([...mine].sort());
		expect(lengths.slice(0, 3)).toEqual([20, 10, 5]);
	});

	it('retries a lost message after a pause, with the newest counts and a higher number', () => {
		deliverAll();
		follow(MINE, 1);
		const first = take().get('d1') as RegistrationMessage;
		subscriptionSync.failed(first, now);
		topics.set(MINE, 5);
		expect([...take().keys()]).toEqual([]);
		now = subscriptionSync.dueAt as number;
		expect(now).toBeGreaterThan(0);
		const again = take().get('d1') as RegistrationMessage;
		expect(counts(again)).toEqual({ [MINE]: 5 });
		expect(again.message.seq).toBeGreaterThan(first.message.seq);
		subscriptionSync.failed(first, now);
		expect(take().size).toBe(0);
		subscriptionSync.arrived(again);
		expect(subscriptionSync.isIdle).toBe(true);
	});

	it('sends all topics again when a digest is due, and after a lost digest', () => {
		follow(MINE, 1);
		follow(OTHER, 2);
		deliverAll();
		subscriptionSync.digest();
		const messages = take();
		expect([...messages.values()].map(counts)).toEqual([{ [MINE]: 1 }, { [OTHER]: 2 }]);
		for (const outgoing of messages.values()) subscriptionSync.failed(outgoing, now);
		now = 1_000;
		for (const { message } of take().values()) expect(message.digestSince).toBe(message.seq);
	});

	it('sends every dispatcher a digest when the ring changed, and drops dispatchers that left', () => {
		follow(MINE, 1);
		follow(OTHER, 2);
		deliverAll();
		const { ring } = viewOf({ dispatchers: ['d1', 'd3'] });
		subscriptionSync.setRing(ring);
		const messages = take();
		expect([...messages.keys()]).toEqual(['d1', 'd3']);
		for (const outgoing of messages.values()) {
			expect(outgoing.message).toMatchObject({ view: ring.view, digestSince: outgoing.message.seq });
			for (const { topic } of outgoing.message.topics) expect(ring.owner(topic)).toBe(outgoing.to);
		}
		expect([...messages.values()].flatMap((outgoing) => Object.keys(counts(outgoing))).sort()).toEqual(
			[MINE, OTHER].sort(),
		);
	});

	it('sends nothing when the ring did not change', () => {
		deliverAll();
		subscriptionSync.setRing(view.ring);
		expect(subscriptionSync.isIdle).toBe(true);
	});

	it('sends a dispatcher no change of a topic that it does not own any more', () => {
		deliverAll();
		const next = viewOf({ dispatchers: ['d2', 'd3'] });
		const moved = topicsOf(view, 'd2', 50).find((topic) => next.ring.owner(topic) === 'd3') as string;
		follow(moved, 1);
		const under = take().get('d2') as RegistrationMessage;
		follow(moved, 2);
		subscriptionSync.setRing(next.ring);
		subscriptionSync.failed(under, now);
		now = 1_000;
		expect(deliverAll().map((outgoing) => [outgoing.to, counts(outgoing)])).toEqual([
			['d2', {}],
			['d3', { [moved]: 2 }],
		]);
	});

	it('cuts a digest into messages of at most 4,000 topics, the last of which ends it, and sends changes first', () => {
		const many = topicsOf(view, 'd1', 2 * MAX_TOPICS_PER_MESSAGE + 1);
		for (const topic of many) topics.set(topic, 1);
		subscriptionSync.digest();
		const first = take().get('d1') as RegistrationMessage;
		subscriptionSync.arrived(first);
		const last = many.at(-1) as string;
		follow(last, 9);
		const rest = deliverAll().filter(({ to }) => to === 'd1');
		const parts = [first, ...rest];
		expect(parts.map(({ message }) => message.topics.length)).toEqual([
			MAX_TOPICS_PER_MESSAGE,
			MAX_TOPICS_PER_MESSAGE,
			2,
		]);
		expect(parts.map(({ message }) => message.digestSince)).toEqual([undefined, undefined, first.message.seq]);
		expect(counts(rest[0] as RegistrationMessage)).toMatchObject({ [last]: 9 });
		expect(new Set(parts.flatMap((outgoing) => Object.keys(counts(outgoing))))).toEqual(new Set(many));
	});

	it('writes no message that is too long, with the longest names and numbers', () => {
		const names = Array.from({ length: MAX_TOPICS_PER_MESSAGE }, (_, index) =>
			`kindofatopicxyz:${index}`.padEnd(MAX_ID_LENGTH + 16, 'x'),
		);
		const most = { count: 999_999, hash: 2 ** 32 - 1, revision: Number.MAX_SAFE_INTEGER };
		const written = names.map((name) => registrationOf(name, most));
		const life = { topics: written, incarnation: 2 ** 52 };
		const message = digestOf('f'.repeat(MAX_ID_LENGTH), 'f'.repeat(16), 2 ** 52, [], life);
		const body = JSON.stringify(message);
		expect(Buffer.byteLength(body)).toBeLessThan(MAX_PEER_BODY_BYTES);
		expect(registrationsMessage.parse(JSON.parse(body))).toEqual(message);
	});

	it('restarts a digest when a part of it did not arrive', () => {
		for (const topic of topicsOf(view, 'd1', MAX_TOPICS_PER_MESSAGE + 1)) topics.set(topic, 1);
		subscriptionSync.digest();
		const first = take().get('d1') as RegistrationMessage;
		subscriptionSync.failed(first, now);
		now = 1_000;
		const parts = deliverAll().filter(({ to }) => to === 'd1');
		expect(parts.map(({ message }) => message.digestSince)).toEqual([undefined, parts[0]?.message.seq]);
	});
});

describe('SubscriptionSync, with lost, doubled and late messages', () => {
	const names = Array.from({ length: 6 }, (_, index) => `video:v${index}`);
	const rings = [view, viewOf({ dispatchers: ['d1'] }), viewOf({ dispatchers: ['d2', 'd3'] })].map(({ ring }) => ring);
	const step = fc.oneof(
		fc.record({ kind: fc.constant('follow' as const), topic: fc.constantFrom(...names), count: fc.nat(5) }),
		fc.record({ kind: fc.constant('leave' as const), topic: fc.constantFrom(...names) }),
		fc.record({ kind: fc.constant('ring' as const), index: fc.nat(2) }),
		fc.record({ kind: fc.constantFrom('arrives', 'lost', 'answer lost', 'late', 'digest') }),
	);

	it('registers in the end each topic with its owner, and with no other dispatcher', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
				topics = new Topics();
				subscriptionSync = new SubscriptionSync('f1', 7, topics, view.ring);
				const tables = new Map(['d1', 'd2', 'd3'].map((node) => [node, new SubscriptionTable()]));
				const late: RegistrationMessage[] = [];
				let ring = view.ring;
				now = 0;
				const reach = ({ to, message }: RegistrationMessage) => tables.get(to)?.subscribe(message, now);
				for (const one of steps) {
					now += 200;
					if (one.kind === 'follow') follow(one.topic, one.count);
					else if (one.kind === 'leave') {
						topics.delete(one.topic);
						subscriptionSync.changed(one.topic);
					} else if (one.kind === 'ring') {
						ring = rings[one.index] as typeof ring;
						subscriptionSync.setRing(ring);
					} else if (one.kind === 'digest') subscriptionSync.digest();
					else {
						for (const outgoing of subscriptionSync.take(now)) {
							if (one.kind === 'arrives' || one.kind === 'answer lost') reach(outgoing);
							if (one.kind === 'late') late.push(outgoing);
							if (one.kind === 'arrives') subscriptionSync.arrived(outgoing);
							else subscriptionSync.failed(outgoing, now);
						}
						if (one.kind === 'arrives') for (const outgoing of late.splice(0, 1)) reach(outgoing);
					}
				}
				for (const outgoing of late) reach(outgoing);
				now += MAX_RETRY_MS;
				subscriptionSync.digest();
				for (const outgoing of deliverAll()) reach(outgoing);
				for (const { node } of ring.members) {
					const table = tables.get(node) as SubscriptionTable;
					const owned = [...topics].filter(([topic]) => ring.owner(topic) === node);
					expect(new Map([...table.topics()].map((topic) => [topic, table.viewers(topic)]))).toEqual(new Map(owned));
				}
			}),
		);
	});
});
