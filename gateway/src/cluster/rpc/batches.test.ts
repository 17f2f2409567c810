import { MAX_ID_LENGTH } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { Outbox } from '../../outbox/outbox.ts';
import type { LogEvent } from '../../state/log.ts';
import { SAMPLE_SIZE } from '../../state/sample.ts';
import { mergeUpdates, type Update, type Updates } from '../../state/update.ts';
import { cutToBody, cutToRelay, encodePublish, encodeRelay, encodeUpdates, MAX_HALVINGS } from './batches.ts';
import { MAX_PEER_BODY_BYTES, publishMessage, updatesMessage } from './messages.ts';

const LONG = 'x'.repeat(MAX_ID_LENGTH);
const like = (index: number) => ({ id: `${index}`.padEnd(36, 'x'), user: LONG, type: 'x'.repeat(32), at: 1e15 });

/** Returns an update of a video with many types of reactions, which have the longest names. */
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

/** Updates that merge on one topic while a link is cut: signals of 8 KiB, and long comments with characters of 3 bytes. */
function pile(signals: number, comments: number): Update {
	const events = Array.from(
		{ length: comments },
		(_, index): LogEvent => ({
			offset: index + 1,
			id: `c${index}`,
			kind: 'comment',
			user: LONG,
			at: 1,
			order: index + 1,
			data: { text: '꙳'.repeat(500) },
		}),
	);
	const registers = Array.from({ length: signals }, (_, index) => {
		const value = { topic: 'video:v1', data: 'é'.repeat(4_000), at: 1 };
		return [`signal ${index}`, { order: 1, value, from: 'eu' }] as const;
	});
	return {
		rows: { eu: { epoch: 1, counts: { heart: [9, 0] }, logHead: comments } },
		complete: false,
		sample: [],
		at: 5,
		log: { eu: { epoch: 1, events } },
		values: { custom: Object.fromEntries(registers) },
	};
}

const small = (added: number): Update => ({
	rows: { eu: { epoch: 1, counts: { heart: [added, 0] } } },
	complete: false,
	sample: [],
	at: added,
});

/** Returns everything that waits, batch by batch. */
function batchesOf(updates: Updates, cut = cutToBody()): Updates[] {
	const outbox = new Outbox(0);
	outbox.putAll(updates);
	const batches: Updates[] = [];
	for (let batch = outbox.take(0, cut); batch !== undefined; batch = outbox.take(0, cut)) {
		batches.push(batch);
		outbox.arrived(batch);
	}
	expect(outbox.isEmpty).toBe(true);
	return batches;
}

const merged = (batches: readonly Updates[], topic: string) =>
	batches.flatMap((batch) => batch.get(topic) ?? []).reduce(mergeUpdates);

describe('cutsTo', () => {
	it('takes as many updates as fit', () => {
		const waiting = new Map(
			Array.from({ length: 1_000 }, (_, index) => [`video:${index}`.padEnd(MAX_ID_LENGTH + 6, 'x'), heavy(index)]),
		);
		const [batch, rest] = cutToBody()(waiting);
		expect(new Map([...batch, ...rest])).toEqual(waiting);
		expect(batch.size).toBeGreaterThan(10);
		const bytes = Buffer.byteLength(encodePublish(batch, true));
		expect(bytes).toBeLessThan(MAX_PEER_BODY_BYTES);
		expect(bytes).toBeGreaterThan(MAX_PEER_BODY_BYTES / 32);
		expect(publishMessage.safeParse(JSON.parse(encodePublish(batch, true))).success).toBe(true);
	});

	it('takes all waiting updates when they fit', () => {
		const waiting = new Map([['video:small', heavy(3)]]);
		expect(cutToBody()(waiting)[0]).toBe(waiting);
	});

	it.each([
		['a node', cutToBody(), 128 * 1024, (batch: Updates) => encodeUpdates(batch).length],
		['another region', cutToRelay(), 512 * 1024, (batch: Updates) => Buffer.byteLength(encodeRelay(batch, false))],
	])('keeps batches for %s short for any topic, and all parts merge to the whole', (_, cut, most, lengthOf) => {
		const all: Updates = new Map([
			['video:first', small(1)],
			['video:rows', heavy(1, 10_000)],
			['video:pile', pile(100, 120)],
			['video:last', small(2)],
		]);
		const batches = batchesOf(all, cut);
		for (const batch of batches) {
			expect(lengthOf(batch)).toBeLessThanOrEqual(most + 1_024);
			expect(updatesMessage.safeParse(JSON.parse(encodeUpdates(batch).toString())).success).toBe(true);
		}
		for (const [topic, update] of all) expect(merged(batches, topic)).toEqual(update);
	});

	it('leaves room beside a part of a long update, and sends other updates before the rest of it', () => {
		const all: Updates = new Map([
			['video:pile', pile(100, 120)],
			...Array.from({ length: 20 }, (_, index) => [`video:${index}`, small(index)] as const),
		]);
		const [first] = batchesOf(all);
		for (let index = 0; index < 20; index++) expect(first?.has(`video:${index}`)).toBe(true);
		const outbox = new Outbox(0);
		outbox.putAll(all);
		outbox.arrived(outbox.take(0, cutToBody()) as Updates);
		outbox.put('video:late', small(1));
		expect(outbox.take(0, cutToBody())?.has('video:late')).toBe(true);
	});

	it('returns the same batch for the same waiting updates, also in parts', () => {
		const all: Updates = new Map([['video:pile', pile(100, 120)]]);
		const [one, other] = [batchesOf(all), batchesOf(all)];
		expect(one.length).toBeGreaterThan(5);
		for (const [index, batch] of one.entries()) expect(other[index]).toBe(batch);
	});

	it('halves the batch after each refusal, at most 5 times', () => {
		const all: Updates = new Map([['video:pile', pile(100, 120)]]);
		const lengths = Array.from({ length: MAX_HALVINGS + 2 }, (_, halvings) =>
			Math.max(...batchesOf(all, cutToBody(halvings)).map((batch) => encodeUpdates(batch).length)),
		);
		for (const [index, length] of lengths.slice(1, 4).entries()) expect(length).toBeLessThan(lengths[index] as number);
		expect(lengths.at(-1)).toBe(lengths.at(-2));
	});
});
