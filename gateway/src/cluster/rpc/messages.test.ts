import { isId } from '@likewire/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { likesRows, update } from '../../../test/arbitraries.ts';
import { DIGEST_BUCKETS } from '../../state/topics/digest-sums.ts';
import type { Registrations } from '../../state/topics/registration.ts';
import type { Updates } from '../../state/update.ts';
import { encodePublish, encodeRegistrationAnswer, encodeRelay, encodeUpdates } from './batches.ts';
import {
	changesAnswer,
	knownMessage,
	positionsAnswer,
	publishMessage,
	registrationAnswer,
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
const sum = fc.stringMatching(/^[0-9a-f]{16}$/);
const registrations: fc.Arbitrary<Registrations> = fc.record({
	frontend: id,
	incarnation: number,
	seq: number,
	view: fc.stringMatching(/^[0-9a-f]{16}$/),
	digest: fc.option(
		fc.oneof(
			fc.record({ rows: sum, states: sum }),
			fc.record({
				rows: sum,
				states: sum,
				listed: fc.record({ buckets: fc.array(fc.nat(DIGEST_BUCKETS - 1), { maxLength: 8 }), since: number }),
			}),
		),
		{ nil: undefined },
	),
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
	it('keeps updates unchanged', () => {
		fc.assert(
			fc.property(updates, fc.boolean(), (sent, forwarded) => {
				expect(updatesMessage.parse(JSON.parse(encodeUpdates(sent).toString()))).toEqual(sent);
				expect(publishMessage.parse(JSON.parse(encodePublish(sent, forwarded)))).toEqual({ forwarded, updates: sent });
			}),
		);
	});

	it('keeps registrations unchanged', () => {
		fc.assert(
			fc.property(registrations, (sent) => {
				expect(registrationsMessage.parse(throughJson(sent))).toEqual(sent);
			}),
		);
	});

	it('keeps the answer to registrations unchanged', () => {
		fc.assert(
			fc.property(updates, fc.option(fc.base64String(), { nil: undefined }), (sent, buckets) => {
				const answer = { updates: sent, buckets };
				expect(registrationAnswer.parse(JSON.parse(encodeRegistrationAnswer(answer)))).toEqual(answer);
			}),
		);
	});

	it('keeps rows of the store unchanged', () => {
		fc.assert(
			fc.property(rowsOfTopics, (rows) => {
				const known = new Map([...rows].map(([topic, likes]) => [topic, { rows: likes }]));
				const [body, left] = [throughJson({ known: Object.fromEntries(known) }), ['video:left']];
				expect(knownMessage.parse(body)).toEqual({ known, left: [] });
				expect(knownMessage.parse(throughJson({ known: {}, left }))).toEqual({ known: new Map(), left });
			}),
		);
	});

	it('keeps updates for another region, and changes of its store, unchanged', () => {
		const position = fc.record({ epoch: number, at: fc.string({ maxLength: 40 }) });
		fc.assert(
			fc.property(updates, fc.boolean(), rowsOfTopics, position, fc.boolean(), (sent, greeting, rows, at, flag) => {
				const relay = JSON.parse(encodeRelay(sent, greeting));
				expect(relayMessage.parse(relay)).toEqual({ updates: sent, greeting });
				const changes = throughJson({ rows: Object.fromEntries(rows), values: {}, next: at, more: flag });
				expect(changesAnswer.parse(changes)).toEqual({ rows, values: new Map(), next: at, more: flag });
				const reached = { since: flag ? at : undefined, position: at, last: flag };
				const kept = throughJson({ region: 'eu', rows: Object.fromEntries(rows), reached });
				expect(replicateMessage.parse(kept)).toEqual({ region: 'eu', rows, reached });
				const positions = throughJson({ positions: { eu: at } });
				expect(positionsAnswer.parse(positions)).toEqual(new Map([['eu', at]]));
			}),
		);
	});

	it('is refused when it has another format', () => {
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
