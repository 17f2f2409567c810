import { expect, it, vi } from 'vitest';
import type { ClusterReport } from '../../../test/cluster.ts';
import { freePort } from '../../../test/free-port.ts';
import { GatewayProcess } from '../../../test/gateway-process.ts';
import { newVideo, postLike, totalsOf } from '../../../test/http-client.ts';
import { describeWithPostgres, sharePostgres } from '../../../test/postgres.ts';
import { testDirectory } from '../../../test/temporary-directory.ts';

const postgres = sharePostgres();

/** The least wait of a request at a node that hangs before the next try, in milliseconds. */
const PATIENCE_MS = 4_000;

describeWithPostgres('two Likes nodes on one database', () => {
	it('continue with one node while the other hangs, and no node forwards likes to that one', async () => {
		const roles = { 'likes-1': 'likes', 'likes-2': 'likes', 'rest-1': 'dispatcher,frontend' };
		const ports = await Promise.all(Object.keys(roles).map(() => freePort()));
		const peers = Object.entries(roles).map(
			([node, role], index) => `${node}=${role.replace(',', '+')}@127.0.0.1:${ports[index]}`,
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
		one.kill('SIGSTOP');
		await vi.waitUntil(async () => (await stateOfOne()) === 'out', { timeout: 60_000, interval: 20 });
		const video = newVideo();
		const answers = await Promise.all(
			Array.from({ length: 20 }, () => {
				const answer = postLike(rest, video);
				const late = new Promise<never>((_, reject) => setTimeout(reject, PATIENCE_MS, new Error('no answer in time')));
				return Promise.race([answer, late]);
			}),
		);
		expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
		expect(await totalsOf(rest, video)).toEqual({ heart: 20 });
	});
});
