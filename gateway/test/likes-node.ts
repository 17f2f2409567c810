import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createApp, type Gateway } from '../src/app.ts';
import { parseConfig } from '../src/config/config.ts';
import { CLUSTER_SECRET } from './cluster.ts';
import { freePort } from './free-port.ts';
import { testDirectory } from './temporary-directory.ts';

/**
 * Starts a node with the other roles.
 *
 * The returned function starts a Likes node, each time with the same data.
 */
export async function twoNodes() {
	const ports = { likes: await freePort(), rest: await freePort() };
	const peers = `l=likes@127.0.0.1:${ports.likes},f=dispatcher+frontend@127.0.0.1:${ports.rest}`;
	const dataDir = testDirectory();
	const running = new Map<string, Gateway>();
	async function start(node: string, internalPort: number, roles: string): Promise<Gateway> {
		const flags = { node, internalPort: `${internalPort}`, roles, peers, clusterSecret: CLUSTER_SECRET, dataDir };
		const config = parseConfig({}, { port: '0', staticDir: 'none', drainMs: '0', drainMinMs: '0', ...flags });
		const gateway = await createApp(config, pino({ level: 'silent' }));
		running.set(node, gateway);
		return gateway;
	}
	onTestFinished(async () => {
		await Promise.all([...running.values()].map((gateway) => gateway.close()));
	});
	const frontend = await start('f', ports.rest, 'dispatcher,frontend');
	return {
		frontend,
		startLikes: () => start('l', ports.likes, 'likes'),
	};
}
