import { expect, it, vi } from 'vitest';
import type { ClusterReport } from '../../../../test/cluster.ts';
import { describeWithEtcd, startEtcd } from '../../../../test/etcd.ts';
import { EventStream } from '../../../../test/event-stream.ts';
import { GatewayProcess } from '../../../../test/gateway-process.ts';
import { expectProblem, newVideo, postLike } from '../../../../test/http-client.ts';
import { testDirectory } from '../../../../test/temporary-directory.ts';

const SECRET = 'a-secret-of-processes';

/** The shortest TTL that a gateway accepts, in seconds. */
const TTL = '5';

type Report = ClusterReport & { readonly membership: Readonly<Record<string, unknown>> };

/** Starts a node with a list of nodes in etcd only. */
function start(etcd: string, name: string, ...args: string[]): Promise<GatewayProcess> {
	const [role = ''] = name.split('-');
	return GatewayProcess.serving(testDirectory(), {
		args: [
			'--node',
			name,
			'--roles',
			role,
			'--etcd',
			etcd,
			'--etcd-ttl',
			TTL,
			'--drain-ms',
			'100',
			'--drain-min-ms',
			'0',
			...args,
		],
		env: { LIKEWIRE_CLUSTER_SECRET: SECRET },
	});
}

const report = async ({ internalUrl }: GatewayProcess) =>
	(await (await fetch(`${internalUrl}/v1/cluster`)).json()) as Report;

/** Waits until each node has exactly these names as alive. */
async function know(nodes: readonly GatewayProcess[], ...names: string[]): Promise<void> {
	await vi.waitFor(
		async () => {
			const reports = await Promise.all(nodes.map(report));
			for (const { members } of reports) {
				expect(members.map(({ node }) => node)).toEqual([...names].sort());
				for (const { state } of members) expect(['self', 'alive']).toContain(state);
			}
			expect(new Set(reports.map(({ view }) => view)).size).toBe(1);
		},
		{ timeout: 60_000, interval: 20 },
	);
}

const isReady = ({ internalUrl }: GatewayProcess) =>
	expect.poll(async () => (await fetch(`${internalUrl}/readyz`)).status).toBe(200);

/** Returns the refused requests of a node, by reason. */
async function refusedBy(node: GatewayProcess): Promise<unknown> {
	const { node: name, members } = await report(node);
	return members.find((member) => member.node === name)?.refused;
}

describeWithEtcd('gateways with etcd', () => {
	it('exchange likes while nodes join, stop and die, and while etcd is down', async () => {
		const etcd = await startEtcd();
		const names = ['likes-1', 'dispatcher-1', 'frontend-1'];
		const nodes = await Promise.all(names.map((name) => start(etcd.endpoints, name)));
		const [likes, dispatcher, frontend] = nodes as [GatewayProcess, GatewayProcess, GatewayProcess];
		for (const node of nodes) await isReady(node);
		await know(nodes, ...names);
		expect((await report(likes)).membership).toEqual({ source: 'etcd', connected: true, endpoint: etcd.endpoints });
		const video = newVideo();
		const stream = await EventStream.open(frontend, video);
		expect((await postLike(frontend, video)).status).toBe(201);
		await stream.holds(video, 1);

		const second = await start(etcd.endpoints, 'frontend-2');
		await know([...nodes, second], ...names, 'frontend-2');
		const other = await EventStream.open(second, video);
		await other.holds(video, 1);
		await postLike(second, video);
		for (const one of [stream, other]) await one.holds(video, 2);

		second.kill('SIGTERM');
		expect(await second.ended()).toEqual({ code: 0, signal: null });
		await know(nodes, ...names);
		for (const node of nodes)
			expect([await refusedBy(node), node.stderr.match(/.*requests are refused.*/g)]).toEqual([{}, null]);

		const third = await start(etcd.endpoints, 'frontend-3');
		await know([...nodes, third], ...names, 'frontend-3');
		third.kill('SIGKILL');
		await know(nodes, ...names);

		await etcd.kill();
		await expect
			.poll(async () => (await report(likes)).membership)
			.toMatchObject({
				connected: false,
				problem: expect.stringContaining('ECONNREFUSED'),
			});
		await know(nodes, ...names);
		await isReady(dispatcher);
		await postLike(frontend, video);
		await stream.holds(video, 3);
		likes.kill('SIGTERM');
		expect(await likes.ended()).toEqual({ code: 0, signal: null });
	});

	it('are not ready without etcd, and report it', async () => {
		const etcd = await startEtcd();
		await etcd.kill();
		const node = await start(etcd.endpoints, 'likes-1', '--roles', 'likes,dispatcher,frontend');
		const answer = await fetch(`${node.internalUrl}/readyz`);
		expect((await expectProblem(answer, 503, 'node_unavailable')).detail).toMatch(/etcd/);
		await expect.poll(() => node.stderr).toContain('etcd unreachable; this node knows no peers');
		await etcd.restart();
		await isReady(node);
	});

	it('report two Likes nodes with a database each', async () => {
		const etcd = await startEtcd();
		const [one, other] = (await Promise.all(
			['likes-1', 'likes-2'].map((name) => start(etcd.endpoints, name, '--roles', 'likes,dispatcher,frontend')),
		)) as [GatewayProcess, GatewayProcess];
		for (const node of [one, other]) {
			await expect.poll(() => node.stderr).toContain('several Likes nodes use SQLite');
			expect((await report(node)).membership.problem).toMatch(/^likes-[12] and likes-[12] store likes/);
		}
		other.kill('SIGTERM');
		await other.ended();
		await expect.poll(async () => (await report(one)).membership.problem).toBeUndefined();
	});

	it('end at once when a file of a setting is unreadable', async () => {
		const args = ['--etcd', 'https://127.0.0.1:1', '--etcd-ca', '/nowhere/ca.pem', '--data-dir', testDirectory()];
		const node = new GatewayProcess({ args, env: { LIKEWIRE_CLUSTER_SECRET: SECRET } });
		expect(await node.ended()).toEqual({ code: 1, signal: null });
		expect(node.stderr).toMatch(/^likewire: cannot read --etcd-ca: ENOENT/);
	});
});
