import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway } from '../../test/gateway.ts';
import { expectProblem, newVideo } from '../../test/http-client.ts';
import { VERSION } from '../version.ts';

const gateway = shareGateway({ node: 'node-7', region: 'eu' });

const get = (path: string) => fetch(gateway().internalUrl + path);

describe('The internal listener', () => {
	it('reports that the process lives and is ready', async () => {
		const [health, ready] = await Promise.all([get('/healthz'), get('/readyz')]);
		expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
		expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
		expect(ready.headers.get('cache-control')).toBe('no-store');
	});

	it('reports for which roles it is ready, and refuses an unknown role', async () => {
		for (const query of ['role=likes', 'role=likes,frontend', 'role=dispatcher&role=frontend']) {
			expect([query, (await get(`/readyz?${query}`)).status]).toEqual([query, 200]);
		}
		for (const query of ['role=', 'role=viewer', 'role=likes,', 'role=likes&role=x']) {
			await expectProblem(await get(`/readyz?${query}`), 400, 'invalid_query');
		}
	});

	it('reports the members of the cluster, and the figures of the node', async () => {
		const [a, b] = [newVideo(), newVideo()];
		const streams = await Promise.all([EventStream.open(gateway(), [a, b]), EventStream.open(gateway(), a)]);
		await Promise.all(streams.map((stream) => stream.holds(a, 0)));
		const cluster = await (await get('/v1/cluster')).json();
		expect(cluster).toEqual({
			node: 'node-7',
			region: 'eu',
			view: expect.stringMatching(/^[0-9a-f]{16}$/),
			membership: { source: 'static', connected: true },
			members: [
				{
					node: 'node-7',
					region: 'eu',
					roles: ['likes', 'dispatcher', 'frontend'],
					version: VERSION,
					incarnation: expect.any(Number),
					state: 'self',
					view: cluster.view,
					share: 1,
					connections: 2,
					sockets: { open: expect.any(Number), max: expect.any(Number), refused: 0 },
					topics: 2,
					rows: 2,
					dropped: 0,
					counters: expect.objectContaining({ forwarded: 0, reads: expect.any(Number), misrouted: 0 }),
					load: {
						level: expect.any(Number),
						loopDelayMs: expect.any(Number),
						updateAgeMs: expect.any(Number),
						utilization: expect.any(Number),
						blocked: 0,
						shed: expect.any(Number),
						rises: expect.any(Number),
					},
					regions: [],
					refused: {},
				},
			],
		});
	});

	it('serves nothing else', async () => {
		for (const path of ['/', '/v1/stream', '/metrics/x', '/internal/v1/nothing', '/internal/v1/forward/v1/stream/x']) {
			await expectProblem(await get(path), 404, 'not_found');
		}
		expect((await fetch(`${gateway().internalUrl}/readyz`, { method: 'POST' })).status).toBe(405);
	});
});
