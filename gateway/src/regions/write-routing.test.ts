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

/** Returns the write routing of eu, given the answers of the other regions, and the asked regions. */
function routing(answers: Readonly<Record<string, Answer>> = {}) {
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

/** Resolves with the region that carried out a write. */
async function regionOf(more: Partial<RegionalWrite>): Promise<string> {
	const { write: route, asked } = routing({ us: json(200, {}), ap: json(200, {}) });
	await route(write(more), async () => {
		asked.push('eu');
		return HERE;
	});
	expect(asked).toHaveLength(1);
	return asked[0] as string;
}

describe('WriteRouting', () => {
	it('carries out a write here if its first try was here, or if it names no region', async () => {
		expect(await regionOf({})).toBe('eu');
		expect(await regionOf({ region: 'eu' })).toBe('eu');
	});

	it('forwards a write to the region of its first try', async () => {
		expect(await regionOf({ region: 'us' })).toBe('us');
		expect(await regionOf({ region: 'us', like: { user: 'ann', type: 'heart' } })).toBe('us');
	});

	it('answers a write with node_unavailable while the region of its first try is unreachable', async () => {
		const { write: route } = routing();
		expect(await route(write({ region: 'us' }), async () => HERE)).toMatchObject({ status: 503 });
	});

	it.each(['mars', '', 'EU', '__proto__', 'eu,us'])('refuses %j as the region of a first try', async (region) => {
		const refused = expect.objectContaining({
			code: 'unknown_region',
			message: expect.stringContaining('ap, eu, us'),
		});
		await expect(regionOf({ region })).rejects.toEqual(refused);
	});

	it('quotes an unknown region, but only its beginning when it is long', async () => {
		await expect(regionOf({ region: 'mars' })).rejects.toThrow('The region "mars" is unknown; use one of: ap, eu, us.');
		await expect(regionOf({ region: 'x'.repeat(10_000) })).rejects.toThrow(/^.{0,200}$/);
	});

	it('forwards a reaction that a user gives once to the home region of the user', async () => {
		const users = Array.from({ length: 30 }, (_, index) => `user-${index}`);
		expect(new Set(users.map((user) => homeRegionOfUser(REGIONS, user))).size).toBe(REGIONS.length);
		for (const user of users) {
			for (const region of [undefined, ...REGIONS]) {
				expect(await regionOf({ region, like: { user, type: ONCE } })).toBe(homeRegionOfUser(REGIONS, user));
			}
		}
	});
});

describe('WriteRouting.takeBack of a like that is unknown here', () => {
	const unknownHere = async (): Promise<Answer> => {
		throw new GatewayError('like_not_found', 'The like does not exist.');
	};

	it('takes it back in the first region that has it', async () => {
		const { takeBack, asked } = routing({ us: error('like_not_found'), ap: json(200, { id: 'x' }) });
		expect(await takeBack(write(), unknownHere)).toMatchObject({ status: 200 });
		expect(asked).toEqual(['us', 'ap']);
	});

	it('asks the named region first, then here, then the others', async () => {
		const { takeBack, asked } = routing({ us: json(200, {}), ap: error('like_not_found') });
		const here = () => {
			asked.push('eu');
			return unknownHere();
		};
		expect(await takeBack(write({ region: 'ap' }), here)).toMatchObject({ status: 200 });
		expect(asked).toEqual(['ap', 'eu', 'us']);
	});

	it('answers with node_unavailable while the named region is unreachable, and asks no other', async () => {
		const { takeBack, asked } = routing({ us: json(200, {}) });
		expect(await takeBack(write({ region: 'ap' }), async () => HERE)).toMatchObject({ status: 503 });
		expect(asked).toEqual(['ap']);
	});

	it('asks no further region after one forbids it', async () => {
		const { takeBack, asked } = routing({ us: error('forbidden'), ap: json(200, {}) });
		expect(await takeBack(write(), unknownHere)).toMatchObject({ status: 403 });
		expect(asked).toEqual(['us']);
	});

	it('rejects as this region does when no region has it', async () => {
		const { takeBack } = routing({ us: error('like_not_found'), ap: error('like_not_found') });
		await expect(takeBack(write(), unknownHere)).rejects.toMatchObject({ code: 'like_not_found' });
	});

	it('answers with node_unavailable when one region is unreachable and the others do not have it', async () => {
		const { takeBack } = routing({ ap: error('like_not_found') });
		expect(await takeBack(write(), unknownHere)).toMatchObject({ status: 503 });
	});

	it('asks the region after an unreachable one', async () => {
		const { takeBack } = routing({ ap: json(200, { id: 'x' }) });
		expect(await takeBack(write(), unknownHere)).toMatchObject({ status: 200 });
	});

	it('returns a 404 of another code unchanged', async () => {
		const { takeBack } = routing({ us: error('not_found') });
		expect(await takeBack(write(), unknownHere)).toMatchObject({ status: 404 });
	});
});
