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
let registrar: SubscriptionSync;
let now: number;
beforeEach(() => {
	topics = new Topics();
	registrar = new SubscriptionSync('f1', 7, topics, view.ring);
	now = 0;
});

/** What leaves now, by where it goes. */
function take(): Map<string, RegistrationMessage> {
	return new Map(registrar.take(now).map((letter) => [letter.to, letter]));
}

/** Lets all arrive that there is to tell. */
function tellAll(): RegistrationMessage[] {
	const letters: RegistrationMessage[] = [];
	for (let due = registrar.take(now); due.length > 0; due = registrar.take(now)) {
		for (const letter of due) registrar.arrived(letter);
		letters.push(...due);
	}
	return letters;
}

function follow(topic: string, count: number): void {
	topics.set(topic, count);
	registrar.changed(topic);
}

const counts = ({ message }: RegistrationMessage) =>
	Object.fromEntries(message.topics.map(({ topic, count }) => [topic, count]));

describe('a registrar', () => {
	it('tells every dispatcher everything at first, also when that is nothing', () => {
		expect(registrar.isIdle).toBe(false);
		const letters = take();
		expect([...letters.keys()]).toEqual(['d1', 'd2']);
		for (const { message } of letters.values()) {
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
		for (const letter of letters.values()) registrar.arrived(letter);
		expect([registrar.isIdle, registrar.dueAt]).toEqual([true, undefined]);
	});

	it('tells a change at once, to the owner of its topic alone, and that a topic is gone', () => {
		tellAll();
		follow(MINE, 2);
		const [letter, ...others] = registrar.take(now) as [RegistrationMessage];
		expect(others).toEqual([]);
		expect([letter.to, counts(letter), letter.message.digestSince]).toEqual(['d1', { [MINE]: 2 }, undefined]);
		registrar.arrived(letter);
		topics.delete(MINE);
		registrar.changed(MINE);
		expect(take().get('d1')?.message).toMatchObject({ topics: [], dropped: [MINE] });
	});

	it('has one message under way to a dispatcher, and tells in the next what is true by then', () => {
		tellAll();
		follow(MINE, 1);
		const first = take().get('d1') as RegistrationMessage;
		for (const count of [2, 3, 4]) follow(MINE, count);
		follow(OTHER, 1);
		expect([...take().keys()]).toEqual(['d2']);
		expect(registrar.dueAt).toBeUndefined();
		registrar.arrived(first);
		const next = take().get('d1') as RegistrationMessage;
		expect(counts(next)).toEqual({ [MINE]: 4 });
		expect(next.message.seq).toBeGreaterThan(first.message.seq);
	});

	it('tells a dispatcher that refuses a message as too long the same topics in shorter ones', () => {
		const mine = topicsOf(view, 'd1', 20);
		for (const topic of mine) topics.set(topic, 1);
		const told = new Set<string>();
		const lengths: number[] = [];
		for (let turn = 0; turn < 100; turn++) {
			const letter = take().get('d1');
			now += 2_000;
			if (letter === undefined) continue;
			lengths.push(letter.message.topics.length);
			if (letter.message.topics.length > 6) registrar.tooLong(letter, now);
			else {
				for (const { topic } of letter.message.topics) told.add(topic);
				registrar.arrived(letter);
			}
		}
		expect([...told].sort()).toEqual([...mine].sort());
		expect(lengths.slice(0, 3)).toEqual([20, 10, 5]);
	});

	it('tells anew, after a while, what did not arrive, with a higher number', () => {
		tellAll();
		follow(MINE, 1);
		const first = take().get('d1') as RegistrationMessage;
		registrar.failed(first, now);
		topics.set(MINE, 5);
		expect([...take().keys()]).toEqual([]);
		now = registrar.dueAt as number;
		expect(now).toBeGreaterThan(0);
		const again = take().get('d1') as RegistrationMessage;
		expect(counts(again)).toEqual({ [MINE]: 5 });
		expect(again.message.seq).toBeGreaterThan(first.message.seq);
		registrar.failed(first, now);
		expect(take().size).toBe(0);
		registrar.arrived(again);
		expect(registrar.isIdle).toBe(true);
	});

	it('tells everything again when a digest is due, and when one did not arrive', () => {
		follow(MINE, 1);
		follow(OTHER, 2);
		tellAll();
		registrar.digest();
		const letters = take();
		expect([...letters.values()].map(counts)).toEqual([{ [MINE]: 1 }, { [OTHER]: 2 }]);
		for (const letter of letters.values()) registrar.failed(letter, now);
		now = 1_000;
		for (const { message } of take().values()) expect(message.digestSince).toBe(message.seq);
	});

	it('tells every dispatcher everything when the ring changed, and forgets those that left', () => {
		follow(MINE, 1);
		follow(OTHER, 2);
		tellAll();
		const { ring } = viewOf({ dispatchers: ['d1', 'd3'] });
		registrar.setRing(ring);
		const letters = take();
		expect([...letters.keys()]).toEqual(['d1', 'd3']);
		for (const letter of letters.values()) {
			expect(letter.message).toMatchObject({ view: ring.view, digestSince: letter.message.seq });
			for (const { topic } of letter.message.topics) expect(ring.owner(topic)).toBe(letter.to);
		}
		expect([...letters.values()].flatMap((letter) => Object.keys(counts(letter))).sort()).toEqual([MINE, OTHER].sort());
	});

	it('tells nothing when something else changed than the ring', () => {
		tellAll();
		registrar.setRing(view.ring);
		expect(registrar.isIdle).toBe(true);
	});

	it('does not tell a dispatcher of a change of a topic that is its own no more', () => {
		tellAll();
		const next = viewOf({ dispatchers: ['d2', 'd3'] });
		const moved = topicsOf(view, 'd2', 50).find((topic) => next.ring.owner(topic) === 'd3') as string;
		follow(moved, 1);
		const under = take().get('d2') as RegistrationMessage;
		follow(moved, 2);
		registrar.setRing(next.ring);
		registrar.failed(under, now);
		now = 1_000;
		expect(tellAll().map((letter) => [letter.to, counts(letter)])).toEqual([
			['d2', {}],
			['d3', { [moved]: 2 }],
		]);
	});

	it('cuts a digest into messages of so many topics, of which the last ends it, and tells changes first', () => {
		const many = topicsOf(view, 'd1', 2 * MAX_TOPICS_PER_MESSAGE + 1);
		for (const topic of many) topics.set(topic, 1);
		registrar.digest();
		const first = take().get('d1') as RegistrationMessage;
		registrar.arrived(first);
		const last = many.at(-1) as string;
		follow(last, 9);
		const rest = tellAll().filter(({ to }) => to === 'd1');
		const parts = [first, ...rest];
		expect(parts.map(({ message }) => message.topics.length)).toEqual([
			MAX_TOPICS_PER_MESSAGE,
			MAX_TOPICS_PER_MESSAGE,
			2,
		]);
		expect(parts.map(({ message }) => message.digestSince)).toEqual([undefined, undefined, first.message.seq]);
		expect(counts(rest[0] as RegistrationMessage)).toMatchObject({ [last]: 9 });
		expect(new Set(parts.flatMap((letter) => Object.keys(counts(letter))))).toEqual(new Set(many));
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

	it('begins a digest anew when a part of it did not arrive', () => {
		for (const topic of topicsOf(view, 'd1', MAX_TOPICS_PER_MESSAGE + 1)) topics.set(topic, 1);
		registrar.digest();
		const first = take().get('d1') as RegistrationMessage;
		registrar.failed(first, now);
		now = 1_000;
		const parts = tellAll().filter(({ to }) => to === 'd1');
		expect(parts.map(({ message }) => message.digestSince)).toEqual([undefined, parts[0]?.message.seq]);
	});
});

describe('whatever is lost, doubled or late', () => {
	const names = Array.from({ length: 6 }, (_, index) => `video:v${index}`);
	const rings = [view, viewOf({ dispatchers: ['d1'] }), viewOf({ dispatchers: ['d2', 'd3'] })].map(({ ring }) => ring);
	const step = fc.oneof(
		fc.record({ kind: fc.constant('follow' as const), topic: fc.constantFrom(...names), count: fc.nat(5) }),
		fc.record({ kind: fc.constant('leave' as const), topic: fc.constantFrom(...names) }),
		fc.record({ kind: fc.constant('ring' as const), index: fc.nat(2) }),
		fc.record({ kind: fc.constantFrom('arrives', 'lost', 'answer lost', 'late', 'digest') }),
	);

	it('every dispatcher knows in the end of each topic that it owns, and of no other', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
				topics = new Topics();
				registrar = new SubscriptionSync('f1', 7, topics, view.ring);
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
						registrar.changed(one.topic);
					} else if (one.kind === 'ring') {
						ring = rings[one.index] as typeof ring;
						registrar.setRing(ring);
					} else if (one.kind === 'digest') registrar.digest();
					else {
						for (const letter of registrar.take(now)) {
							if (one.kind === 'arrives' || one.kind === 'answer lost') reach(letter);
							if (one.kind === 'late') late.push(letter);
							if (one.kind === 'arrives') registrar.arrived(letter);
							else registrar.failed(letter, now);
						}
						if (one.kind === 'arrives') for (const letter of late.splice(0, 1)) reach(letter);
					}
				}
				for (const letter of late) reach(letter);
				now += MAX_RETRY_MS;
				registrar.digest();
				for (const letter of tellAll()) reach(letter);
				for (const { node } of ring.members) {
					const table = tables.get(node) as SubscriptionTable;
					const owned = [...topics].filter(([topic]) => ring.owner(topic) === node);
					expect(new Map([...table.topics()].map((topic) => [topic, table.viewers(topic)]))).toEqual(new Map(owned));
				}
			}),
		);
	});
});
