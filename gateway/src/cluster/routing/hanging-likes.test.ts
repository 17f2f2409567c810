import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { ClusterReport } from '../../../test/cluster.ts';
import { freePort } from '../../../test/free-port.ts';
import { GatewayProcess } from '../../../test/gateway-process.ts';
import { newVideo, postLike, totalsOf } from '../../../test/http-client.ts';
import { describeWithPostgres, sharePostgres } from '../../../test/postgres.ts';
import { testDirectory } from '../../../test/temporary-directory.ts';

const postgres = sharePostgres();

/** Starts a link to a port of loopback. Returns its own port, and a function that returns what it passed on since the last call. */
async function recordingLink(target: number): Promise<{ port: number; passed: () => string }> {
	let text = '';
	const sockets = new Set<Socket>();
	const server = createServer((near) => {
		const far = connect(target, '127.0.0.1');
		for (const [one, other] of [
			[near, far],
			[far, near],
		] as const) {
			sockets.add(one);
			one.on('error', () => other.destroy());
			one.pipe(other);
		}
		near.on('data', (bytes) => {
			text += bytes;
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	const passed = () => {
		const before = text;
		text = '';
		return before;
	};
	return { port: (server.address() as AddressInfo).port, passed };
}

describeWithPostgres('two Likes nodes on one database', () => {
	it('continue with one node while the other hangs, and no node forwards likes to that one', async () => {
		const roles = { 'likes-1': 'likes', 'likes-2': 'likes', 'rest-1': 'dispatcher,frontend' };
		const ports = await Promise.all(Object.keys(roles).map(() => freePort()));
		const link = await recordingLink(ports[0] as number);
		const addresses = [link.port, ...ports.slice(1)];
		const peers = Object.entries(roles).map(
			([node, role], index) => `${node}=${role.replace(',', '+')}@127.0.0.1:${addresses[index]}`,
		);
		const env = {
			LIKEWIRE_DATABASE_URL: await postgres().createDatabase(),
			LIKEWIRE_CLUSTER_SECRET: 'a-secret-of-processes',
		};
		const [one, , rest] = (await Promise.all(
			Object.entries(roles).map(([node, role], index) => {
				const place = ['--node', node, '--roles', role, '--internal-port', `${ports[index]}`, '--peers', peers.join()];
				return GatewayProcess.serving(testDirectory(), { args: place, env });
			}),
		)) as [GatewayProcess, GatewayProcess, GatewayProcess];
		async function stateOfOne(): Promise<string | undefined> {
			const { members } = (await (await fetch(`${rest.internalUrl}/v1/cluster`)).json()) as ClusterReport;
			return members.find(({ node }) => node === 'likes-1')?.state;
		}
		await vi.waitUntil(async () => (await stateOfOne()) === 'alive', { timeout: 60_000, interval: 20 });
		const forwarded = async () => {
			await postLike(rest, newVideo());
			return link.passed();
		};
		await expect.poll(forwarded).toContain('/likes');
		one.kill('SIGSTOP');
		await vi.waitUntil(async () => (await stateOfOne()) === 'out', { timeout: 60_000, interval: 20 });
		const video = newVideo();
		link.passed();
		const answers = await Promise.all(Array.from({ length: 20 }, () => postLike(rest, video)));
		expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
		expect(await totalsOf(rest, video)).toEqual({ heart: 20 });
		expect(link.passed()).not.toContain('/likes');
	});
});
