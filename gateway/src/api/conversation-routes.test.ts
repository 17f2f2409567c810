import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway } from '../../test/gateway.ts';
import { expectProblem, postJson } from '../../test/http-client.ts';

const gateway = shareGateway();

const type = (conversation: string, body: unknown, user = 'ann') =>
	postJson(gateway().url + paths.typing(conversation), body, { 'X-Likewire-User': user });
const receive = (conversation: string, body: unknown, user = 'ann') =>
	postJson(gateway().url + paths.receipts(conversation), body, { 'X-Likewire-User': user });
const say = (conversation: string, id: string) =>
	postJson(gateway().url + paths.topicEvents(`conversation:${conversation}`), { id, name: 'message', data: {} });

describe('Typing', () => {
	it('is accepted', async () => {
		for (const typing of [true, false]) {
			const response = await type('c1', { typing });
			expect([response.status, await response.json()]).toEqual([202, {}]);
		}
	});

	it.each([{}, { typing: 'yes' }, { typing: 1 }, { typing: null }, []])('is refused as %j', async (body) => {
		await expectProblem(await type('c1', body), 400, 'invalid_body');
	});

	it.each(['constructor', 'toString', 'hasOwnProperty'])('is sent for a user called %s', async (user) => {
		const stream = await EventStream.openQuery(gateway(), `conversation=of-${user}`);
		await stream.hello();
		for (const typing of [true, false]) {
			expect((await type(`of-${user}`, { typing }, user)).status).toBe(202);
			await stream.event('typing', (event) => event.user === user && event.typing === typing);
		}
	});

	it('is refused for a user with the name of the property that objects inherit from', async () => {
		await expectProblem(await type('c1', { typing: true }, '__proto__'), 400, 'invalid_user_id');
	});
});

describe('A receipt', () => {
	it('is accepted for a known message', async () => {
		await say('c2', 'm1');
		for (const state of ['delivered', 'read', 'delivered', 'read']) {
			const response = await receive('c2', { message: 'm1', state });
			expect([response.status, await response.json()]).toEqual([202, {}]);
		}
	});

	it('is refused for an unknown message, in a conversation with messages', async () => {
		await say('c3', 'm1');
		await expectProblem(await receive('c3', { message: 'm2', state: 'read' }), 404, 'message_not_found');
	});

	it('is accepted for any message of a conversation whose messages the gateway does not have', async () => {
		expect((await receive('c4', { message: 'm2', state: 'read' })).status).toBe(202);
	});

	it.each([
		[{ message: 'm1' }, 'invalid_body'],
		[{ message: 'm1', state: 'seen' }, 'invalid_body'],
		[{ state: 'read' }, 'invalid_body'],
		[{ message: 7, state: 'read' }, 'invalid_body'],
		[{ message: 'a b', state: 'read' }, 'invalid_event_id'],
		[{ message: '', state: 'read' }, 'invalid_event_id'],
		[{ message: 'a'.repeat(129), state: 'read' }, 'invalid_event_id'],
	] as const)('is refused as %j', async (body, code) => {
		await expectProblem(await receive('c5', body), 400, code);
	});
});

describe('A conversation', () => {
	it.each(['a%20b', '%00', '%ff', 'a'.repeat(129)])('refuses the id %s', async (id) => {
		for (const what of ['typing', 'receipts']) {
			const response = await postJson(`${gateway().url}/v1/conversations/${id}/${what}`, {});
			await expectProblem(response, 400, 'invalid_conversation_id');
		}
	});

	it('accepts only POST', async () => {
		for (const path of [paths.typing('c1'), paths.receipts('c1')]) {
			const response = await fetch(gateway().url + path);
			expect(response.headers.get('allow')).toBe('POST, OPTIONS');
			await expectProblem(response, 405, 'method_not_allowed');
		}
	});
});
