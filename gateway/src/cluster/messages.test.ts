import { isId, MAX_ID_LENGTH } from '@likewire/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { likesRows, update } from '../../test/arbitraries.ts';
import type { Registrations } from '../delivery/registration.ts';
import { SAMPLE_SIZE } from '../delivery/sample.ts';
import type { Update, Updates } from '../delivery/update.ts';
import {
	changesAnswer,
	cutToBody,
	encodePublish,
	encodeRelay,
	encodeUpdates,
	knownMessage,
	MAX_PEER_BODY_BYTES,
	positionsAnswer,
	publishMessage,
	registrationsMessage,
	relayMessage,
	replicateMessage,
	updatesMessage,
} from './messages.ts';

const id = fc.stringMatching(/^[\w.~:-]{1,40}$/).filter(isId);
const topic = id.map((text) => `video:${text}`);
const updates: fc.Arbitrary<Updates> = fc
	.uniqueArray(fc.tuple(topic, update), { selector: ([name]) => name, maxLength: 8 })
	.map((entries) => new Map(entries));
const rowsOfTopics = fc
	.uniqueArray(fc.tuple(topic, likesRows), { selector: ([name]) => name })
	.map((entries) => new Map(entries));
const number = fc.nat(Number.MAX_SAFE_INTEGER);
const registrations: fc.Arbitrary<Registrations> = fc.record({
	frontend: id,
	incarnation: number,
	seq: number,
	view: fc.stringMatching(/^[0-9a-f]{16}$/),
	digestSince: fc.option(number, { nil: undefined }),
	topics: fc.array(
		fc.record({
			topic,
			count: fc.nat(1_000_000),
			hash: fc.option(number, { nil: undefined }),
			revision: number,
		}),
		{ maxLength: 8 },
	),
	dropped: fc.array(topic, { maxLength: 8 }),
});

const throughJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

describe('a message between nodes', () => {
	it('of updates arrives as it was', () => {
		fc.assert(
			fc.property(updates, fc.boolean(), (sent, forwarded) => {
				expect(updatesMessage.parse(JSON.parse(encodeUpdates(sent).toString()))).toEqual(sent);
				expect(publishMessage.parse(JSON.parse(encodePublish(sent, forwarded)))).toEqual({ forwarded, updates: sent });
			}),
		);
	});

	it('of registrations arrives as it was', () => {
		fc.assert(
			fc.property(registrations, (sent) => {
				expect(registrationsMessage.parse(throughJson(sent))).toEqual(sent);
			}),
		);
	});

	it('of rows of the store arrives as it was', () => {
		fc.assert(
			fc.property(rowsOfTopics, (rows) => {
				const known = new Map([...rows].map(([topic, likes]) => [topic, { rows: likes }]));
				expect(knownMessage.parse(throughJson({ known: Object.fromEntries(known) }))).toEqual(known);
			}),
		);
	});

	it('of news for another region, and of what changed there, arrives as it was', () => {
		const position = fc.record({ epoch: number, at: fc.string({ maxLength: 40 }) });
		fc.assert(
			fc.property(updates, fc.boolean(), rowsOfTopics, position, fc.boolean(), (news, greeting, rows, at, flag) => {
				const relay = JSON.parse(encodeRelay(news, greeting));
				expect(relayMessage.parse(relay)).toEqual({ updates: news, greeting });
				const changes = throughJson({ rows: Object.fromEntries(rows), next: at, more: flag });
				expect(changesAnswer.parse(changes)).toEqual({ rows, next: at, more: flag });
				const reached = { since: flag ? at : undefined, position: at, last: flag };
				const kept = throughJson({ region: 'eu', rows: Object.fromEntries(rows), reached });
				expect(replicateMessage.parse(kept)).toEqual({ region: 'eu', rows, reached });
				const positions = throughJson({ positions: { eu: at } });
				expect(positionsAnswer.parse(positions)).toEqual(new Map([['eu', at]]));
			}),
		);
	});

	it('of any other kind is refused, not misread', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				for (const schema of [publishMessage, registrationsMessage, knownMessage]) {
					const { success } = schema.safeParse(value);
					if (success) expect(schema).toBe(knownMessage);
				}
			}),
		);
	});
});

describe('a body', () => {
	const LONG = 'x'.repeat(MAX_ID_LENGTH);
	const like = (index: number) => ({ id: `${index}`.padEnd(36, 'x'), user: LONG, type: 'x'.repeat(32), at: 1e15 });
	const heavy = (index: number, types = 20): Update => ({
		rows: {
			[LONG]: {
				epoch: Number.MAX_SAFE_INTEGER,
				counts: Object.fromEntries(
					Array.from({ length: types }, (_, type) => [`${type}`.padEnd(32, 'x'), [2 ** 52 + index, 2 ** 52]]),
				),
			},
		},
		complete: true,
		sample: Array.from({ length: SAMPLE_SIZE }, (_, number) => like(number)),
		at: 1e15,
	});

	it('has as many updates as fit, and those that fit are not too long', () => {
		const waiting = new Map(
			Array.from({ length: 1_000 }, (_, index) => [`video:${index}`.padEnd(MAX_ID_LENGTH + 6, 'x'), heavy(index)]),
		);
		const [batch, rest] = cutToBody(waiting);
		expect(new Map([...batch, ...rest])).toEqual(waiting);
		expect(batch.size).toBeGreaterThan(10);
		const bytes = Buffer.byteLength(encodePublish(batch, true));
		expect(bytes).toBeLessThan(MAX_PEER_BODY_BYTES);
		expect(bytes).toBeGreaterThan(MAX_PEER_BODY_BYTES / 32);
		expect(publishMessage.safeParse(JSON.parse(encodePublish(batch, true))).success).toBe(true);
	});

	it('has one update at the least, however large, and all when they fit', () => {
		const large = new Map([
			['video:large', heavy(1, 10_000)],
			['video:small', heavy(2)],
		]);
		expect(cutToBody(large).map((half) => [...half.keys()])).toEqual([['video:large'], ['video:small']]);
		const small = new Map([['video:small', heavy(3)]]);
		expect(cutToBody(small)).toEqual([small, new Map()]);
	});
});
