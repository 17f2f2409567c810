import { describe, expect, it } from 'vitest';
import type { Caller } from '../auth/caller.ts';
import { type Answer, json, problem } from '../http/answer.ts';
import type { Request } from '../http/request.ts';
import { GatewayError } from '../runtime/errors.ts';
import { homeRegionOfUser } from './home-region.ts';
import { createWriteRouting, type RegionalWrite } from './write-routing.ts';

const REGIONS = ['eu', 'us', 'ap'];
const ONCE = 'wow';
const request = {} as Request;
const caller = {} as Caller;
const HERE = json(200, { id: 'here' });

const write = (more: Partial<RegionalWrite> = {}): RegionalWrite => {
	return { request, body: new Uint8Array(), caller, region: undefined, ...more };
};

const error = (code: 'like_not_found' | 'node_unavailable' | 'forbidden' | 'not_found') =>
	problem(new GatewayError(code, 'It is so.'));

/** The regions beside eu, which answer so; those that were asked. */
function elsewhere(answers: Readonly<Record<string, Answer>> = {}) {
	const asked: string[] = [];
	const made = createWriteRouting({
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

/** The region in which a write was done. */
async function regionOf(more: Partial<RegionalWrite>): Promise<string> {
	const { write: route, asked } = elsewhere({ us: json(200, {}), ap: json(200, {}) });
	await route(write(more), async () => {
		asked.push('eu');
		return HERE;
	});
	expect(asked).toHaveLength(1);
	return asked[0] as string;
}

describe('WriteRouting', () => {
	it('does a write here when it was first tried here, or names no region', async () => {
		expect(await regionOf({})).toBe('eu');
		expect(await regionOf({ region: 'eu' })).toBe('eu');
	});

	it('does a write in the region of its first try', async () => {
		expect(await regionOf({ region: 'us' })).toBe('us');
		expect(await regionOf({ region: 'us', like: { user: 'ann', type: 'heart' } })).toBe('us');
	});

	it('answers a write with node_unavailable while the region of its first try is silent', async () => {
		const { write: route } = elsewhere();
		expect(await route(write({ region: 'us' }), async () => HERE)).toMatchObject({ status: 503 });
	});

	it.each(['mars', '', 'EU', '__proto__', 'eu,us'])('refuses %j as the region of a first try', async (region) => {
		const refused = expect.objectContaining({
			code: 'unknown_region',
			message: expect.stringContaining('ap, eu, us'),
		});
		await expect(regionOf({ region })).rejects.toEqual(refused);
	});

	it('does a reaction that a user has once in the home of the user, wherever it was first tried', async () => {
		const users = Array.from({ length: 30 }, (_, index) => `user-${index}`);
		expect(new Set(users.map((user) => homeRegionOfUser(REGIONS, user))).size).toBe(REGIONS.length);
		for (const user of users) {
			for (const region of [undefined, ...REGIONS]) {
				expect(await regionOf({ region, like: { user, type: ONCE } })).toBe(homeRegionOfUser(REGIONS, user));
			}
		}
	});
});

describe('WriteRouting, of a like that is unknown here,', () => {
	const unknownHere = async (): Promise<Answer> => {
		throw new GatewayError('like_not_found', 'There is no such like.');
	};

	it('has the first region that knows it take it back', async () => {
		const { takeBack, asked } = elsewhere({ us: error('like_not_found'), ap: json(200, { id: 'x' }) });
		expect(await takeBack(write(), unknownHere)).toMatchObject({ status: 200 });
		expect(asked).toEqual(['us', 'ap']);
	});

	it('asks the named region first, then here, then the others', async () => {
		const { takeBack, asked } = elsewhere({ us: json(200, {}), ap: error('like_not_found') });
		const here = () => {
			asked.push('eu');
			return unknownHere();
		};
		expect(await takeBack(write({ region: 'ap' }), here)).toMatchObject({ status: 200 });
		expect(asked).toEqual(['ap', 'eu', 'us']);
	});

	it('answers with node_unavailable while the named region is silent, and asks no other', async () => {
		const { takeBack, asked } = elsewhere({ us: json(200, {}) });
		expect(await takeBack(write({ region: 'ap' }), async () => HERE)).toMatchObject({ status: 503 });
		expect(asked).toEqual(['ap']);
	});

	it('asks no further once a region has said that it may not be', async () => {
		const { takeBack, asked } = elsewhere({ us: error('forbidden'), ap: json(200, {}) });
		expect(await takeBack(write(), unknownHere)).toMatchObject({ status: 403 });
		expect(asked).toEqual(['us']);
	});

	it('rejects as this region does when no region knows it', async () => {
		const { takeBack } = elsewhere({ us: error('like_not_found'), ap: error('like_not_found') });
		await expect(takeBack(write(), unknownHere)).rejects.toMatchObject({ code: 'like_not_found' });
	});

	it('answers with node_unavailable when a region that may know it is silent and the others do not', async () => {
		const { takeBack } = elsewhere({ ap: error('like_not_found') });
		expect(await takeBack(write(), unknownHere)).toMatchObject({ status: 503 });
	});

	it('asks the region behind one that is silent', async () => {
		const { takeBack } = elsewhere({ ap: json(200, { id: 'x' }) });
		expect(await takeBack(write(), unknownHere)).toMatchObject({ status: 200 });
	});

	it('hands on a 404 for another reason as it is', async () => {
		const { takeBack } = elsewhere({ us: error('not_found') });
		expect(await takeBack(write(), unknownHere)).toMatchObject({ status: 404 });
	});
});
