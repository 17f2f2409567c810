import { describe, expect, it } from 'vitest';
import { GatewayError } from '../errors.ts';
import { type Answer, json, problem } from '../http/answer.ts';
import type { Caller } from '../http/caller.ts';
import type { Request } from '../http/request.ts';
import { createElsewhere } from './elsewhere.ts';
import { homeOfUser } from './home.ts';

const REGIONS = ['eu', 'us', 'ap'];
const ONCE = 'wow';
const request = { method: 'DELETE' } as Request;
const caller = {} as Caller;

const error = (code: 'like_not_found' | 'node_unavailable' | 'forbidden' | 'not_found') =>
	problem(new GatewayError(code, 'It is so.'));

/** The regions beside eu, which answer so; those that were asked. */
function elsewhere(answers: Readonly<Record<string, Answer>> = {}) {
	const asked: string[] = [];
	const made = createElsewhere({
		region: 'eu',
		others: ['us', 'ap'],
		isOnce: (type) => type === ONCE,
		urlsOf: (region) => [`http://${region}`],
		sendTo: (region) => async (_request, _body, _caller, urls) => {
			expect(urls).toEqual([`http://${region}`]);
			asked.push(region);
			return answers[region] ?? error('node_unavailable');
		},
	});
	return { ...made, asked };
}

describe('a like', () => {
	const { homeOf } = elsewhere();

	it('belongs here when it was first tried here, or nobody says where', () => {
		expect(homeOf({ user: 'ann', type: 'heart', region: undefined })).toBeUndefined();
		expect(homeOf({ user: 'ann', type: 'heart', region: 'eu' })).toBeUndefined();
	});

	it('belongs to the region where it was first tried', () => {
		expect(homeOf({ user: 'ann', type: 'heart', region: 'us' })).toBe('us');
	});

	it.each(['mars', '', 'EU', '__proto__', 'eu,us'])('cannot have been tried first in %j', (region) => {
		const asking = () => homeOf({ user: 'ann', type: 'heart', region });
		expect(asking).toThrow(
			expect.objectContaining({ code: 'unknown_region', message: expect.stringContaining('ap, eu, us') }),
		);
	});

	it('that a user gives once belongs to the home of the user, wherever it was first tried', () => {
		const users = Array.from({ length: 30 }, (_, index) => `user-${index}`);
		expect(new Set(users.map((user) => homeOfUser(REGIONS, user))).size).toBe(REGIONS.length);
		for (const user of users) {
			const home = homeOfUser(REGIONS, user);
			for (const region of [undefined, ...REGIONS]) {
				expect(homeOf({ user, type: ONCE, region })).toBe(home === 'eu' ? undefined : home);
			}
		}
	});
});

describe('a like that is unknown here is taken back', () => {
	it('by the first region that knows it', async () => {
		const { takeBack, asked } = elsewhere({ us: error('like_not_found'), ap: json(200, { id: 'x' }) });
		expect(await takeBack(request, caller)).toMatchObject({ status: 200 });
		expect(asked).toEqual(['us', 'ap']);
	});

	it('by nobody else, once a region said that it may not be', async () => {
		const { takeBack, asked } = elsewhere({ us: error('forbidden'), ap: json(200, {}) });
		expect(await takeBack(request, caller)).toMatchObject({ status: 403 });
		expect(asked).toEqual(['us']);
	});

	it('by no region when none knows it', async () => {
		const { takeBack } = elsewhere({ us: error('like_not_found'), ap: error('like_not_found') });
		expect(await takeBack(request, caller)).toBeUndefined();
	});

	it('later, when a region that may know it is silent and the others do not', async () => {
		const { takeBack } = elsewhere({ ap: error('like_not_found') });
		expect(await takeBack(request, caller)).toMatchObject({ status: 503 });
	});

	it('by a region behind one that is silent', async () => {
		const { takeBack } = elsewhere({ ap: json(200, { id: 'x' }) });
		expect(await takeBack(request, caller)).toMatchObject({ status: 200 });
	});

	it('by none that answers 404 for another reason, which is handed on as it is', async () => {
		const { takeBack } = elsewhere({ us: error('not_found') });
		expect(await takeBack(request, caller)).toMatchObject({ status: 404 });
	});
});
