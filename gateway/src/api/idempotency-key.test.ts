import type { ErrorCode } from '@likewire/protocol';
import { expect, it } from 'vitest';
import { json } from '../http/answer.ts';
import { GatewayError } from '../runtime/errors.ts';
import { answerWithKey } from './idempotency-key.ts';

const failing = (code: ErrorCode) => async () => {
	throw new GatewayError(code, 'It is so.');
};

it.each(['store_unavailable', 'overloaded', 'shutting_down'] as const)(
	'sends the id with %s, since the write may be stored all the same',
	async (code) => {
		const answer = await answerWithKey('the-id', failing(code));
		expect([answer.status, answer.headers['Idempotency-Key'], answer.headers['Retry-After']]).toEqual([
			503,
			'the-id',
			'1',
		]);
		expect(JSON.parse(answer.body as string)).toMatchObject({ code });
	},
);

it('sends no id with other refusals, or with success', async () => {
	await expect(answerWithKey('the-id', failing('id_conflict'))).rejects.toMatchObject({ code: 'id_conflict' });
	expect(await answerWithKey('the-id', async () => json(201, {}))).toEqual(json(201, {}));
});
