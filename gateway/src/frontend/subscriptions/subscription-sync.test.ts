import { MAX_ID_LENGTH } from '@likewire/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { RegisteringFrontend } from '../../../test/registering-frontend.ts';
import { digestOf, registrationOf, sumsOf } from '../../../test/registrations.ts';
import { topicOf, topicsOf, viewOf } from '../../../test/views.ts';
import { MAX_PEER_BODY_BYTES, registrationsMessage } from '../../cluster/rpc/messages.ts';
import { MAX_RETRY_MS } from '../../outbox/peer-queue.ts';
import { MAX_TOPICS_PER_MESSAGE, type RegistrationMessage } from './subscription-sync.ts';

const view = viewOf({ dispatchers: ['d1', 'd2'] });
const [MINE, OTHER] = [topicOf(view, 'd1'), topicOf(view, 'd2')];

let frontend: RegisteringFrontend;
beforeEach(() => {
	frontend = new RegisteringFrontend(view.ring);
});

const counts = ({ message }: RegistrationMessage) =>
	Object.fromEntries(message.topics.map(({ topic, count }) => [topic, count]));

describe('SubscriptionSync', () => {
	it('sends every dispatcher a digest at first, also an empty one', () => {
		expect(frontend.sync.isIdle).toBe(false);
		const messages = frontend.take();
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
		for (const outgoing of messages.values()) frontend.sync.arrived(outgoing);
		expect([frontend.sync.isIdle, frontend.sync.dueAt]).toEqual([true, undefined]);
	});

	it('sends a change at once, to the owner of its topic alone, and the end of a topic', () => {
		frontend.deliverAll();
		frontend.follow(MINE, 2);
		const [outgoing, ...others] = frontend.sync.take(frontend.now) as [RegistrationMessage];
		expect(others).toEqual([]);
		expect([outgoing.to, counts(outgoing), outgoing.message.digest]).toEqual(['d1', { [MINE]: 2 }, undefined]);
		frontend.sync.arrived(outgoing);
		frontend.topics.delete(MINE);
		frontend.sync.changed(MINE);
		expect(frontend.take().get('d1')?.message).toMatchObject({ topics: [], dropped: [MINE] });
	});

	it('has one message in flight to a dispatcher, and sends the newest counts in the next one', () => {
		frontend.deliverAll();
		frontend.follow(MINE, 1);
		const first = frontend.take().get('d1') as RegistrationMessage;
		for (const count of [2, 3, 4]) frontend.follow(MINE, count);
		frontend.follow(OTHER, 1);
		expect([...frontend.take().keys()]).toEqual(['d2']);
		expect(frontend.sync.dueAt).toBeUndefined();
		frontend.sync.arrived(first);
		const next = frontend.take().get('d1') as RegistrationMessage;
		expect(counts(next)).toEqual({ [MINE]: 4 });
		expect(next.message.seq).toBeGreaterThan(first.message.seq);
	});

	it('sends the topics of a message that is too long in shorter ones', () => {
		const mine = topicsOf(view, 'd1', 20);
		for (const topic of mine) frontend.follow(topic, 1);
		const received = new Set<string>();
		const lengths: number[] = [];
		for (let turn = 0; turn < 100; turn++) {
			const outgoing = frontend.take().get('d1');
			frontend.now += 2_000;
			if (outgoing === undefined) continue;
			lengths.push(outgoing.message.topics.length);
			if (outgoing.message.topics.length > 6) frontend.sync.tooLong(outgoing, frontend.now);
			else {
				for (const { topic } of outgoing.message.topics) received.add(topic);
				frontend.sync.arrived(outgoing, frontend.answer(outgoing));
			}
		}
		expect([...received].sort()).toEqual([...mine].sort());
		expect(lengths.slice(0, 3)).toEqual([20, 10, 5]);
	});

	it('retries a lost message after a pause, with the newest counts and a higher number', () => {
		frontend.deliverAll();
		frontend.follow(MINE, 1);
		const first = frontend.take().get('d1') as RegistrationMessage;
		frontend.sync.failed(first, frontend.now);
		frontend.topics.set(MINE, 5);
		expect([...frontend.take().keys()]).toEqual([]);
		frontend.now = frontend.sync.dueAt as number;
		expect(frontend.now).toBeGreaterThan(0);
		const again = frontend.take().get('d1') as RegistrationMessage;
		expect(counts(again)).toEqual({ [MINE]: 5 });
		expect(again.message.seq).toBeGreaterThan(first.message.seq);
		frontend.sync.failed(first, frontend.now);
		expect(frontend.take().size).toBe(0);
		frontend.sync.arrived(again);
		expect(frontend.sync.isIdle).toBe(true);
	});

	it('sends sums when a digest is due, and again after a lost digest', () => {
		frontend.follow(MINE, 1);
		frontend.follow(OTHER, 2);
		frontend.deliverAll();
		frontend.sync.digest();
		const sums = [MINE, OTHER].map((topic) =>
			sumsOf([registrationOf(topic, { count: frontend.topics.get(topic) ?? 0 })]),
		);
		for (let turn = 0; turn < 2; turn++) {
			const messages = [...frontend.take().values()];
			expect(messages.map(({ message }) => message)).toMatchObject(
				sums.map((digest) => ({ digest, topics: [], dropped: [] })),
			);
			for (const outgoing of messages) frontend.sync.failed(outgoing, frontend.now);
			frontend.now += MAX_RETRY_MS;
		}
	});

	it('lists the topics of the buckets that differ, and no others', () => {
		const names = topicsOf(view, 'd1', 500);
		for (const topic of names) frontend.follow(topic, 1);
		const lastSeq = frontend.deliverAll().at(-1)?.message.seq ?? 0;
		const lost = names[7] as string;
		// The message counts, and its number is that of an earlier one.
		frontend.tables
			.get('d1')
			?.subscribe(digestOf('f1', '', lastSeq, [], { incarnation: 7, digest: undefined, dropped: [lost] }), 0);
		frontend.sync.digest();
		const [sums, list, ...more] = frontend.deliverAll().filter(({ to }) => to === 'd1');
		expect([sums?.message.topics, more]).toEqual([[], []]);
		expect(list?.message.topics.map(({ topic }) => topic)).toContain(lost);
		expect(list?.message.topics.length).toBeLessThan(20);
		expect(list?.message.digest?.listed?.buckets).toHaveLength(1);
		expect(frontend.tables.get('d1')?.rowCount).toBe(500);
	});

	it('reads again, for the next digest, the topics whose state changed', () => {
		frontend.follow(MINE, 1);
		frontend.deliverAll();
		frontend.topics.hashes.set(MINE, 12);
		frontend.sync.touched(MINE);
		frontend.sync.digest();
		expect(frontend.take().get('d1')?.message.digest).toEqual(sumsOf([registrationOf(MINE, { hash: 12 })]));
	});

	it('names comments that the dispatcher has to read in each digest', () => {
		const unread = ['comment:v1/c1/ann'];
		frontend.topics.unread.set(MINE, unread);
		frontend.follow(MINE, 1);
		frontend.deliverAll();
		frontend.sync.digest();
		expect(frontend.take().get('d1')?.message.topics).toMatchObject([{ topic: MINE, unread }]);
	});

	it('sends every dispatcher a digest when the ring changed, and drops dispatchers that left', () => {
		frontend.follow(MINE, 1);
		frontend.follow(OTHER, 2);
		frontend.deliverAll();
		const { ring } = viewOf({ dispatchers: ['d1', 'd3'] });
		frontend.sync.setRing(ring);
		const messages = frontend.deliverAll();
		expect(messages.slice(0, 2).map(({ to }) => to)).toEqual(['d1', 'd3']);
		for (const { to, message } of messages) {
			const own = [...frontend.topics].filter(([topic]) => ring.owner(topic) === to);
			const digest = sumsOf(own.map(([topic, count]) => registrationOf(topic, { count })));
			expect(message).toMatchObject({ view: ring.view, digest });
		}
		for (const { node } of ring.members) {
			const own = [...frontend.topics.keys()].filter((topic) => ring.owner(topic) === node);
			expect([...(frontend.tables.get(node)?.topics() ?? [])]).toEqual(own);
		}
	});

	it('sends nothing when the ring did not change', () => {
		frontend.deliverAll();
		frontend.sync.setRing(view.ring);
		expect(frontend.sync.isIdle).toBe(true);
	});

	it('sends a dispatcher no change of a topic that it does not own any more', () => {
		frontend.deliverAll();
		const next = viewOf({ dispatchers: ['d2', 'd3'] });
		const moved = topicsOf(view, 'd2', 50).find((topic) => next.ring.owner(topic) === 'd3') as string;
		frontend.follow(moved, 1);
		const under = frontend.take().get('d2') as RegistrationMessage;
		frontend.follow(moved, 2);
		frontend.sync.setRing(next.ring);
		frontend.sync.failed(under, frontend.now);
		frontend.now = 1_000;
		expect(frontend.deliverAll().map((outgoing) => [outgoing.to, counts(outgoing)])).toEqual([
			['d2', {}],
			['d3', { [moved]: 2 }],
		]);
	});

	it('cuts a digest into messages of at most 4,000 topics, the last of which ends it, and sends changes first', () => {
		const many = topicsOf(view, 'd1', 2 * MAX_TOPICS_PER_MESSAGE + 1);
		for (const topic of many) frontend.topics.set(topic, 1);
		frontend.sync.setRing(viewOf({ dispatchers: ['d1', 'd2'], incarnations: { d2: 2 } }).ring);
		const sums = frontend.take().get('d1') as RegistrationMessage;
		frontend.sync.arrived(sums, frontend.answer(sums));
		const first = frontend.take().get('d1') as RegistrationMessage;
		frontend.sync.arrived(first, frontend.answer(first));
		const changed = many.find((topic) => topic in counts(first)) as string;
		frontend.follow(changed, 9);
		const rest = frontend.deliverAll().filter(({ to }) => to === 'd1');
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
		for (const topic of topicsOf(view, 'd1', MAX_TOPICS_PER_MESSAGE + 1)) frontend.follow(topic, 1);
		const first = frontend.take().get('d1') as RegistrationMessage;
		expect(first.message).toMatchObject({ digest: undefined, topics: { length: MAX_TOPICS_PER_MESSAGE } });
		frontend.sync.failed(first, frontend.now);
		frontend.now = 1_000;
		const parts = frontend.deliverAll().filter(({ to }) => to === 'd1');
		const digest = sumsOf([...frontend.topics.keys()].map((topic) => registrationOf(topic)));
		expect(parts.map(({ message }) => message.digest)).toEqual([undefined, digest]);
		expect(frontend.tables.get('d1')?.rowCount).toBe(MAX_TOPICS_PER_MESSAGE + 1);
	});
});
