import { expect, it } from 'vitest';
import { describeWithEtcd, startEtcd } from '../../../../test/etcd.ts';
import { freePort } from '../../../../test/free-port.ts';
import { etcdNode, TTL_SECONDS } from '../../../../test/source-node.ts';
import { TcpGate } from '../../../../test/tcp-gate.ts';

const NAMES = ['dispatcher-1', 'frontend-1', 'likes-1'];
const TTL_MS = TTL_SECONDS * 1_000;

/** Starts three nodes that see each other. */
async function threeNodes(endpoints: string) {
	const nodes = NAMES.map((name) => etcdNode(endpoints, name));
	for (const node of nodes) await node.sees(...NAMES);
	return nodes;
}

type Nodes = Awaited<ReturnType<typeof threeNodes>>;

async function areConnected(nodes: Nodes, connected: boolean): Promise<void> {
	for (const { source } of nodes) {
		await expect.poll(() => source.report.connected).toBe(connected);
	}
}

/** Waits until a lease without a renewal would be over. */
async function outlastLeases(): Promise<void> {
	const end = performance.now() + 2 * TTL_MS;
	await expect.poll(() => performance.now() > end, { timeout: 3 * TTL_MS }).toBe(true);
}

describeWithEtcd('while etcd is down', () => {
	it('keeps the last list, and nodes stay ready; after a restart with its data, the lists are the same', async () => {
		const etcd = await startEtcd();
		const nodes = await threeNodes(etcd.endpoints);
		await etcd.kill();
		await areConnected(nodes, false);
		await outlastLeases();
		for (const { source, lists } of nodes) {
			expect([lists.at(-1), source.ready]).toEqual([NAMES.join(), true]);
			expect(source.report.problem).toMatch(/ECONNREFUSED/);
		}
		const counts = nodes.map(({ lists }) => lists.length);
		await etcd.restart();
		await areConnected(nodes, true);
		await outlastLeases();
		expect(nodes.map(({ lists }) => lists.length)).toEqual(counts);
		for (const { log } of nodes) {
			const warnings = log.filter(({ level }) => Number(level) > 30).map(({ msg }) => msg);
			// The node logs an outage when it begins, not at every try, nor at each change of the reason.
			expect(warnings).toEqual(['etcd unreachable; the last list of nodes stays in use']);
		}
	});

	it('forgets no node when etcd restarts without data, and all nodes register again', async () => {
		const etcd = await startEtcd();
		const nodes = await threeNodes(etcd.endpoints);
		const counts = nodes.map(({ lists }) => lists.length);
		await etcd.kill();
		await areConnected(nodes, false);
		for (const member of etcd.members) member.wipe();
		await etcd.restart();
		await areConnected(nodes, true);
		await outlastLeases();
		expect(nodes.map(({ lists }) => lists.length)).toEqual(counts);
		const late = etcdNode(etcd.endpoints, 'frontend-2');
		for (const node of [...nodes, late]) await node.sees(...NAMES, 'frontend-2');
	});

	it('forgets a node that died during the outage one TTL after a restart without data', async () => {
		const etcd = await startEtcd();
		const [a, b, c] = (await threeNodes(etcd.endpoints)) as [Nodes[0], Nodes[0], Nodes[0]];
		await etcd.kill();
		await areConnected([a, b, c], false);
		await c.source.close();
		for (const member of etcd.members) member.wipe();
		await etcd.restart();
		await areConnected([a, b], true);
		const connectedAt = performance.now();
		expect([a.lists.at(-1), b.lists.at(-1)]).toEqual([NAMES.join(), NAMES.join()]);
		for (const node of [a, b]) await node.sees('dispatcher-1', 'frontend-1');
		// The TTL counts from the list, which was up to one poll earlier.
		expect(performance.now() - connectedAt).toBeGreaterThan(TTL_MS / 2);
	});

	it('keeps a new node not ready, with a reason, until etcd answers', async () => {
		const port = await freePort();
		const gate = await TcpGate.before(`http://127.0.0.1:${port}`);
		const node = etcdNode(gate.url, 'likes-1');
		await expect.poll(() => node.log.length).toBeGreaterThan(0);
		expect(node.log[0]).toMatchObject({
			level: 40,
			msg: 'etcd unreachable; this node knows no peers, and retries',
			endpoint: gate.url,
		});
		expect([node.source.ready, node.lists]).toEqual([false, []]);
		expect(node.source.report).toMatchObject({ source: 'etcd', connected: false, problem: expect.any(String) });
		const etcd = await startEtcd();
		gate.leadTo(etcd.endpoints);
		await node.sees('likes-1');
		await expect.poll(() => node.source.report.problem).toBeUndefined();
		expect(node.source.ready).toBe(true);
	});

	it('lists a node again that hung during the outage and continues later', async () => {
		const etcd = await startEtcd();
		const nodes = await threeNodes(etcd.endpoints);
		etcd.first.pause();
		await areConnected(nodes, false);
		expect(nodes[0]?.source.report.problem).toMatch(/no answer in 1000 ms/);
		etcd.first.continue();
		await areConnected(nodes, true);
		for (const node of nodes) await node.sees(...NAMES);
	});

	it('uses the next endpoint when one is down', async () => {
		const etcd = await startEtcd();
		const dead = `http://127.0.0.1:${await freePort()}`;
		const a = etcdNode(`${dead},${etcd.endpoints}`, 'likes-1');
		const b = etcdNode(`${etcd.endpoints},${dead}`, 'frontend-1');
		for (const node of [a, b]) {
			await node.sees('likes-1', 'frontend-1');
			expect(node.source.report.endpoint).toBe(etcd.endpoints);
		}
	});
});
