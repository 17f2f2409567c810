import { paths } from '@likewire/protocol';
import { ROLES } from '../../gateway/src/cluster/membership/peer.ts';
import { SECRET, signToken } from '../../gateway/test/tokens.ts';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../local-cluster/cleanup.ts';
import { freePort } from '../../local-cluster/free-ports.ts';
import { LocalNode } from '../../local-cluster/nodes/local-node.ts';
import type { Attack } from './attack.ts';
import { proxyNames, startProxies } from './proxies.ts';
import { requestText } from './stranger.ts';

const VIDEO = 'attacked';
const STREAMS_OF_A_PROXY = 6;

/** Routes that accept a token in the query, since browsers send no header with them. */
const STREAMS: readonly string[] = [paths.stream, paths.socket, paths.poll];

/** Routes that accept a token in a header alone. */
const ROUTES = Object.values(paths)
	.map((path) => (typeof path === 'string' ? path : path(VIDEO, VIDEO, VIDEO)))
	.filter((path) => !STREAMS.includes(path));

/** Sends a token in the query of every route, with every method. Returns the number of requests; rejects when one is accepted. */
async function sendTokens(url: string, token: string): Promise<number> {
	const asked = ROUTES.flatMap((path) => ['GET', 'POST', 'DELETE'].map((method) => ({ path, method })));
	for (const { path, method } of asked) {
		const response = await fetch(`${url}${path}?token=${token}`, {
			method,
			...(method === 'POST' && { body: '{}', headers: { 'Content-Type': 'application/json' } }),
		});
		await response.arrayBuffer();
		if (![401, 405].includes(response.status)) throw new Error(`${method} ${path} is ${response.status} with a token`);
	}
	return asked.length;
}

/** Sends requests with correct and wrong connection ids and tokens, and ignores the answers. */
async function useConnections(url: string, ids: readonly string[], token: string): Promise<void> {
	const headers = { Authorization: `Bearer ${token}` };
	const asked = ids.flatMap((id) => [
		fetch(url + paths.subscriptions(id), { method: 'POST', headers }),
		fetch(url + paths.alive(id), { method: 'POST', headers }),
		fetch(`${url}${paths.connection(`${id}x`)}?token=${token}`, { method: 'DELETE' }),
	]);
	await Promise.allSettled(asked.map(async (response) => (await response).arrayBuffer()));
}

/** Looks for tokens and connection ids in the logs: proxies log the query of each request by default. */
export const LOG_ATTACK: Attack = {
	name: '16 tokens in logs',
	about: 'a token in the query of every route; a frontend that dies with streams open, behind the shipped proxies',
	mode: 'tokens',
	short: true,
	async run({ open, until, target }) {
		const token = await signToken({ sub: 'eve' });
		const dataDir = makeOwnedDirectory();
		const plan = { roles: ROLES, port: await freePort(), internalPort: await freePort() };
		const dying = new LocalNode({ node: 'dying', ...plan, dataDir, env: { LIKEWIRE_JWT_SECRET: SECRET } });
		await dying.start();
		const proxies = await startProxies([target, dying]);
		let refused = 0;
		const ids: string[] = [];
		try {
			for (const url of [target.url, ...proxies.map(({ balancer }) => balancer.url)]) {
				refused += await sendTokens(url, token);
			}
			const streams = proxies.flatMap(({ port }) => Array.from({ length: STREAMS_OF_A_PROXY }, () => open(port)));
			for (const stream of streams) {
				stream.write(requestText(`GET ${paths.stream}?video=${VIDEO}&token=${token}`));
			}
			await until('all streams', () => streams.every(({ text }) => text.includes('"connection":')));
			for (const { text } of streams) ids.push(/"connection":"([^"]+)"/.exec(text)?.[1] ?? '');
			const lost = streams.filter(({ text }) => text.includes('"node":"dying"'));
			if (proxies.length > 0 && lost.length === 0) throw new Error('no stream is at the frontend that dies');
			const useAll = () => Promise.all(proxies.map(({ balancer }) => useConnections(balancer.url, ids, token)));
			await useAll();
			await dying.kill();
			await useAll();
			await until('the streams of the dead frontend to end', () => lost.every(({ closed }) => closed));
		} finally {
			for (const { balancer } of proxies) await balancer.stop();
			await dying.kill();
			removeOwnedDirectory(dataDir);
		}
		for (const { name, balancer } of proxies) {
			if (!balancer.log.includes(`GET ${paths.stream}`)) throw new Error(`the log of ${name} has no stream`);
		}
		const logs = [target.log, dying.log, ...proxies.map(({ balancer }) => balancer.log)];
		for (const secret of [token, 'token=', ...ids]) {
			if (logs.some((log) => log.includes(secret))) throw new Error(`a log holds ${secret}`);
		}
		return `${refused} refused; no token and no id in the logs of the gateway, ${proxyNames(proxies)}`;
	},
};
