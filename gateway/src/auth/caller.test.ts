import { isId } from '@likewire/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Request } from '../http/request.ts';
import { createIdentifyForwarded } from './authenticate.ts';
import {
	ACTIONS,
	anonymousUser,
	authorize,
	authorizeTopics,
	type Caller,
	decodeCaller,
	encodeCaller,
	makeCaller,
	presentUserOf,
	userOf,
} from './caller.ts';

const id = fc.stringMatching(/^[A-Za-z0-9_\-.~:]{1,128}$/).filter(isId);

const caller: fc.Arbitrary<Caller> = fc.record({
	proof: fc.constantFrom('none', 'token', 'key'),
	user: fc.option(id, { nil: undefined }),
	server: fc.option(id, { nil: undefined }),
	videos: fc.option(fc.array(id), { nil: undefined }),
	conversations: fc.option(fc.array(id), { nil: undefined }),
	presence: fc.option(fc.array(id), { nil: undefined }),
	topics: fc.option(fc.array(id), { nil: undefined }),
	can: fc.option(fc.subarray([...ACTIONS]), { nil: undefined }),
	expiresAt: fc.oneof(fc.integer({ min: 0 }), fc.constant(Number.POSITIVE_INFINITY)),
});

describe('A caller', () => {
	it('stays the same in a header between nodes, in plain ASCII', () => {
		fc.assert(
			fc.property(caller, (one) => {
				expect(encodeCaller(one)).toMatch(/^[ -~]*$/);
				expect(decodeCaller(encodeCaller(one))).toEqual(one);
			}),
		);
	});

	it('is the one that another node names, whatever else the request says', async () => {
		const ann = makeCaller({ proof: 'token', user: 'ann', can: ['watch'] });
		const request = {
			headers: { 'x-likewire-caller': encodeCaller(ann), 'x-likewire-user': 'bob', authorization: 'Bearer x' },
			query: new URLSearchParams('user=bob&token=x'),
		};
		expect(await createIdentifyForwarded({ jwtSecret: '' })(request as unknown as Request)).toEqual(ann);
	});

	it('is refused when a node in development mode names it to a node that requires tokens', async () => {
		const headers = { 'x-likewire-caller': encodeCaller(makeCaller({ proof: 'none', user: 'ann' })) };
		await expect(createIdentifyForwarded({ jwtSecret: 'x' })({ headers } as unknown as Request)).rejects.toMatchObject({
			code: 'peer_conflict',
			reason: 'peer_identity',
		});
	});

	it.each([
		'',
		'null',
		'[]',
		'ann',
		'{}',
		'{"proof":"token","user":"ann"}',
		'{"proof":"trust","user":"ann","expiresAt":null}',
		'{"proof":"token","user":"a b","expiresAt":null}',
		'{"proof":"token","user":"ann","videos":"all","expiresAt":null}',
		'{"proof":"token","user":"ann","can":["everything"],"expiresAt":null}',
	])('is refused when another node sends %j', (text) => {
		expect(() => decodeCaller(text)).toThrow(
			expect.objectContaining({ code: 'unauthorized', reason: 'caller_malformed' }),
		);
	});

	it('may do everything without a list', () => {
		for (const action of ACTIONS) authorize(makeCaller({ proof: 'token' }), action, ['a', 'b']);
	});

	it('may do the named actions, on the named videos', () => {
		const one = makeCaller({ proof: 'token', can: ['watch'], videos: ['a', 'b'] });
		authorize(one, 'watch', ['b', 'a']);
		authorize(one, 'watch', []);
		const refusal = (reason: string) => expect.objectContaining({ code: 'forbidden', reason });
		expect(() => authorize(one, 'like', ['a'])).toThrow(refusal('action_forbidden'));
		expect(() => authorize(one, 'watch', ['a', 'c'])).toThrow(refusal('video_forbidden'));
		for (const videos of ['constructor', '__proto__', 'length', '0']) {
			expect(() => authorize(one, 'watch', [videos])).toThrow(refusal('video_forbidden'));
		}
		const nothing = makeCaller({ proof: 'token', can: [], videos: [] });
		expect(() => authorize(nothing, 'watch', [])).toThrow(refusal('action_forbidden'));
	});

	it('may follow the named topics, each kind by its own list, and its own presence', () => {
		const topics = ['video:v', 'conversation:c', 'user:ann', 'topic:scores'];
		authorizeTopics(makeCaller({ proof: 'key' }), topics);
		const one = makeCaller({
			proof: 'token',
			user: 'ann',
			videos: ['v'],
			conversations: ['c'],
			presence: ['bob'],
			topics: ['scores', 'video:w'],
		});
		authorizeTopics(one, [...topics, 'user:bob', 'topic:video:w']);
		for (const [topic, reason] of [
			['video:c', 'video_forbidden'],
			['video:w', 'video_forbidden'],
			['conversation:v', 'conversation_forbidden'],
			['user:v', 'presence_forbidden'],
			['topic:v', 'topic_forbidden'],
			['comment:c.v', 'topic_forbidden'],
		] as const) {
			expect(() => authorizeTopics(one, ['video:v', topic])).toThrow(
				expect.objectContaining({ code: 'forbidden', reason }),
			);
		}
		expect(() => authorizeTopics(makeCaller({ proof: 'token', can: ['like'] }), [])).toThrow(
			expect.objectContaining({ reason: 'action_forbidden' }),
		);
	});

	it('is online while it watches, except a server and an anonymous viewer', () => {
		expect(presentUserOf(makeCaller({ proof: 'token', user: 'ann' }))).toBe('ann');
		expect(presentUserOf(makeCaller({ proof: 'none', user: 'ann' }))).toBe('ann');
		expect(presentUserOf(makeCaller({ proof: 'none', user: anonymousUser() }))).toBeUndefined();
		expect(presentUserOf(makeCaller({ proof: 'key', server: 'shop', user: 'ann' }))).toBeUndefined();
	});

	it('must name a user for a write when it is a server', () => {
		expect(userOf(makeCaller({ proof: 'key', server: 'shop', user: 'ann' }))).toBe('ann');
		expect(() => userOf(makeCaller({ proof: 'key', server: 'shop' }))).toThrow(
			expect.objectContaining({ code: 'user_required' }),
		);
	});
});
