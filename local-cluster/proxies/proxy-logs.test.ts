import { paths } from '@likewire/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES } from '../../gateway/src/cluster/membership/peer.ts';
import { EventStream } from '../../gateway/test/event-stream.ts';
import { SECRET, signToken } from '../../gateway/test/tokens.ts';
import { makeOwnedDirectory, removeOwnedDirectory } from '../cleanup.ts';
import { freePort } from '../free-ports.ts';
import { LocalNode } from '../nodes/local-node.ts';
import { until } from '../until.ts';
import { findHaproxy, startHaproxy } from './haproxy.ts';
import { findNginx, startNginx } from './nginx.ts';

const PROXIES = [
	['nginx', findNginx, startNginx],
	['HAProxy', findHaproxy, startHaproxy],
] as const;

describe.each(PROXIES)('the logs of the shipped %s', (_, find, start) => {
	// A laptop skips a proxy that is not installed; CI fails.
	const itHere = find() === undefined && process.env.CI === undefined ? it.skip : it;
	const directories: string[] = [];
	const nodes: LocalNode[] = [];

	beforeAll(async () => {
		for (const node of ['one', 'two']) {
			const dataDir = makeOwnedDirectory();
			directories.push(dataDir);
			const env = { LIKEWIRE_JWT_SECRET: SECRET };
			const plan = { node, roles: ROLES, port: await freePort(), internalPort: await freePort() };
			nodes.push(new LocalNode({ ...plan, dataDir, env }));
		}
		await Promise.all(nodes.map((node) => node.start()));
	});

	afterAll(async () => {
		await Promise.all(nodes.map((node) => node.kill()));
		for (const directory of directories) removeOwnedDirectory(directory);
	});

	itHere(
		'hold no token and no id of a connection, also when frontends die with streams open',
		async () => {
			const balancer = await start({ frontends: nodes });
			const token = await signToken({ sub: 'ann' });
			const bearer = { Authorization: `Bearer ${token}` };
			try {
				const streams = await Promise.all(Array.from({ length: 6 }, () => EventStream.open(balancer, 'v1', { token })));
				const hellos = await Promise.all(streams.map((stream) => stream.hello()));
				expect(new Set(hellos.map(({ node }) => node)).size).toBe(2);
				const ids = hellos.map(({ connection }) => connection);

				/** Sends requests with correct and wrong ids and tokens. */
				async function sendAll(): Promise<number[]> {
					const asked = ids.flatMap((id) => [
						fetch(balancer.url + paths.subscriptions(id), { method: 'POST', headers: bearer }),
						fetch(`${balancer.url}${paths.connection(`${id}x`)}?token=${token}`, { method: 'DELETE' }),
						fetch(`${balancer.url}${paths.video('v1')}?token=${token}`),
					]);
					// HAProxy closes idle connections of clients when their frontend ends: such a request has no status.
					return Promise.all(asked.map((response) => response.then(({ status }) => status).catch(() => 0)));
				}
				await sendAll();
				for (const node of nodes) {
					await node.kill();
					await sendAll();
				}
				await until(() => streams.every(({ closed }) => closed), { what: 'all streams to end' });
				// All frontends are down, so nginx answers 502 and HAProxy 503.
				for (const status of await sendAll()) expect([0, 502, 503]).toContain(status);
			} finally {
				await balancer.stop();
			}
			const { log } = balancer;
			expect(log).toMatch(/GET \/v1\/stream/);
			expect(log).toMatch(/POST \/v1\/connections\/-\/subscriptions/);
			expect(log).not.toContain(token);
			expect(log).not.toContain('token=');
			expect(new Set(connectionsIn(log))).toEqual(new Set(['-']));
		},
		60_000,
	);
});

/** Returns the text at the place of each connection id in a log. */
function connectionsIn(log: string): string[] {
	return [...log.matchAll(/\/v1\/connections\/([^/\s]*)/g)].map(([, id = '']) => id);
}
