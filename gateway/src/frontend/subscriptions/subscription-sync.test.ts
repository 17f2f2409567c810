import { MAX_ID_LENGTH } from '@likewire/protocol';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { digestOf, registrationOf, sumsOf } from '../../../test/registrations.ts';
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
	readonly hashes = new Map<string, number>();
	readonly unread = new Map<string, readonly string[]>();

	registration(topic: string) {
		const count = this.get(topic);
		const unread = this.unread.get(topic);
		if (count === undefined) return undefined;
		return registrationOf(topic, { count, hash: this.hashes.get(topic), ...(unread && { unread }) });
	}

	topicNames(): Iterable<string> {
		return this.keys();
	}
}

let topics: Topics;
let subscriptionSync: SubscriptionSync;
let now: number;
/** The tables of the dispatchers. */
let tables: Map<string, SubscriptionTable>;
beforeEach(() => {
	tables = new Map(['d1', 'd2', 'd3'].map((node) => [node, new SubscriptionTable()]));
	topics = new Topics();
	subscriptionSync = new SubscriptionSync('f1', 7, topics, view.ring);
	now = 0;
});

/** Returns the messages that leave now, by dispatcher. */
function take(): Map<string, RegistrationMessage> {
	return new Map(subscriptionSync.take(now).map((outgoing) => [outgoing.to, outgoing]));
}

/** Returns the sums of the buckets of the dispatcher, when they differ. */
function answer({ to, message }: RegistrationMessage): string | undefined {
	return tables.get(to)?.subscribe(message, now).buckets;
}

/** Delivers all pending messages, and their answers. */
function deliverAll(): RegistrationMessage[] {
	const messages: RegistrationMessage[] = [];
	for (let due = subscriptionSync.take(now); due.length > 0; due = subscriptionSync.take(now)) {
		for (const outgoing of due) subscriptionSync.arrived(outgoing, answer(outgoing));
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
				digest: sumsOf([]),
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
		expect([outgoing.to, counts(outgoing), outgoing.message.digest]).toEqual(['d1', { [MINE]: 2 }, undefined]);
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
		for (const topic of mine) follow(topic, 1);
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
				subscriptionSync.arrived(outgoing, answer(outgoing));
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

	it('sends sums when a digest is due, and again after a lost digest', () => {
		follow(MINE, 1);
		follow(OTHER, 2);
		deliverAll();
		subscriptionSync.digest();
		const sums = [MINE, OTHER].map((topic) => sumsOf([registrationOf(topic, { count: topics.get(topic) ?? 0 })]));
		for (let turn = 0; turn < 2; turn++) {
			const messages = [...take().values()];
			expect(messages.map(({ message }) => message)).toMatchObject(
				sums.map((digest) => ({ digest, topics: [], dropped: [] })),
			);
			for (const outgoing of messages) subscriptionSync.failed(outgoing, now);
			now += MAX_RETRY_MS;
		}
	});

	it('lists the topics of the buckets that differ, and no others', () => {
		const names = topicsOf(view, 'd1', 500);
		for (const topic of names) follow(topic, 1);
		const lastSeq = deliverAll().at(-1)?.message.seq ?? 0;
		const lost = names[7] as string;
		// The message counts, and its number is that of an earlier one.
		tables
			.get('d1')
			?.subscribe(digestOf('f1', '', lastSeq, [], { incarnation: 7, digest: undefined, dropped: [lost] }), 0);
		subscriptionSync.digest();
		const [sums, list, ...more] = deliverAll().filter(({ to }) => to === 'd1');
		expect([sums?.message.topics, more]).toEqual([[], []]);
		expect(list?.message.topics.map(({ topic }) => topic)).toContain(lost);
		expect(list?.message.topics.length).toBeLessThan(20);
		expect(list?.message.digest?.listed?.buckets).toHaveLength(1);
		expect(tables.get('d1')?.rowCount).toBe(500);
	});

	it('reads again, for the next digest, the topics whose state changed', () => {
		follow(MINE, 1);
		deliverAll();
		topics.hashes.set(MINE, 12);
		subscriptionSync.touched(MINE);
		subscriptionSync.digest();
		expect(take().get('d1')?.message.digest).toEqual(sumsOf([registrationOf(MINE, { hash: 12 })]));
	});

	it('names comments that the dispatcher has to read in each digest', () => {
		const unread = ['comment:v1/c1/ann'];
		topics.unread.set(MINE, unread);
		follow(MINE, 1);
		deliverAll();
		subscriptionSync.digest();
		expect(take().get('d1')?.message.topics).toMatchObject([{ topic: MINE, unread }]);
	});

	it('sends every dispatcher a digest when the ring changed, and drops dispatchers that left', () => {
		follow(MINE, 1);
		follow(OTHER, 2);
		deliverAll();
		const { ring } = viewOf({ dispatchers: ['d1', 'd3'] });
		subscriptionSync.setRing(ring);
		const messages = deliverAll();
		expect(messages.slice(0, 2).map(({ to }) => to)).toEqual(['d1', 'd3']);
		for (const { to, message } of messages) {
			const own = [...topics].filter(([topic]) => ring.owner(topic) === to);
			const digest = sumsOf(own.map(([topic, count]) => registrationOf(topic, { count })));
			expect(message).toMatchObject({ view: ring.view, digest });
		}
		for (const { node } of ring.members) {
			const own = [...topics.keys()].filter((topic) => ring.owner(topic) === node);
			expect([...(tables.get(node)?.topics() ?? [])]).toEqual(own);
		}
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
		subscriptionSync.setRing(viewOf({ dispatchers: ['d1', 'd2'], incarnations: { d2: 2 } }).ring);
		const sums = take().get('d1') as RegistrationMessage;
		subscriptionSync.arrived(sums, answer(sums));
		const first = take().get('d1') as RegistrationMessage;
		subscriptionSync.arrived(first, answer(first));
		const changed = many.find((topic) => topic in counts(first)) as string;
		follow(changed, 9);
		const rest = deliverAll().filter(({ to }) => to === 'd1');
		const parts = [sums, first, ...rest];
		expect(parts.map(({ message }) => message.topics.length)).toEqual([
			0,
			MAX_TOPICS_PER_MESSAGE,
			MAX_TOPICS_PER_MESSAGE,
			2,
		]);
		expect(parts.map(({ message }) => message.digest?.listed?.since)).toEqual([
			undefined,
			undefined,
			undefined,
			first.message.seq,
		]);
		expect(counts(rest[0] as RegistrationMessage)).toMatchObject({ [changed]: 9 });
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
		for (const topic of topicsOf(view, 'd1', MAX_TOPICS_PER_MESSAGE + 1)) follow(topic, 1);
		const first = take().get('d1') as RegistrationMessage;
		expect(first.message).toMatchObject({ digest: undefined, topics: { length: MAX_TOPICS_PER_MESSAGE } });
		subscriptionSync.failed(first, now);
		now = 1_000;
		const parts = deliverAll().filter(({ to }) => to === 'd1');
		const digest = sumsOf([...topics.keys()].map((topic) => registrationOf(topic)));
		expect(parts.map(({ message }) => message.digest)).toEqual([undefined, digest]);
		expect(tables.get('d1')?.rowCount).toBe(MAX_TOPICS_PER_MESSAGE + 1);
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
				tables = new Map(['d1', 'd2', 'd3'].map((node) => [node, new SubscriptionTable()]));
				const late: RegistrationMessage[] = [];
				let ring = view.ring;
				now = 0;
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
							if (one.kind === 'late') late.push(outgoing);
							if (one.kind === 'answer lost') answer(outgoing);
							if (one.kind === 'arrives') subscriptionSync.arrived(outgoing, answer(outgoing));
							else subscriptionSync.failed(outgoing, now);
						}
						if (one.kind === 'arrives') for (const outgoing of late.splice(0, 1)) answer(outgoing);
					}
				}
				for (const outgoing of late) answer(outgoing);
				now += MAX_RETRY_MS;
				subscriptionSync.digest();
				deliverAll();
				for (const { node } of ring.members) {
					const table = tables.get(node) as SubscriptionTable;
					const owned = [...topics].filter(([topic]) => ring.owner(topic) === node);
					expect(new Map([...table.topics()].map((topic) => [topic, table.viewers(topic)]))).toEqual(new Map(owned));
				}
			}),
		);
	});
});
