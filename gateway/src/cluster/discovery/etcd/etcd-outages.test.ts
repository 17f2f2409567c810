import { expect, it } from 'vitest';
import { describeWithEtcd, startEtcd } from '../../../../test/etcd.ts';
import { freePort } from '../../../../test/free-port.ts';
import { etcdNode, TTL_SECONDS } from '../../../../test/source-node.ts';
import { TcpGate } from '../../../../test/tcp-gate.ts';

const NAMES = ['dispatcher-1', 'frontend-1', 'likes-1'];
const TTL_MS = TTL_SECONDS * 1_000;

/** Three nodes that see each other. */
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

/** Waits until a lease that was kept until now would be over, and some more. */
async function outlastLeases(): Promise<void> {
	const end = performance.now() + 2 * TTL_MS;
	await expect.poll(() => performance.now() > end, { timeout: 3 * TTL_MS }).toBe(true);
}

describeWithEtcd('while etcd is down', () => {
	it('the last list stands, however long, and nodes stay ready; with its data back, nothing has changed', async () => {
		const etcd = await startEtcd();
		const nodes = await threeNodes(etcd.endpoints);
		await etcd.kill();
		await areConnected(nodes, false);
		await outlastLeases();
		for (const { source, lists: told } of nodes) {
			expect([told.at(-1), source.ready]).toEqual([NAMES.join(), true]);
			expect(source.report.problem).toMatch(/ECONNREFUSED/);
		}
		const tellings = nodes.map(({ lists: told }) => told.length);
		await etcd.restart();
		await areConnected(nodes, true);
		await outlastLeases();
		expect(nodes.map(({ lists: told }) => told.length)).toEqual(tellings);
		for (const { log } of nodes) {
			const warnings = log.filter(({ level }) => Number(level) > 30).map(({ msg }) => msg);
			// An outage is logged when it begins, not at every try, nor whenever its reason changes.
			expect(warnings).toEqual(['etcd tells nothing more; the last list of nodes stands']);
		}
	});

	it('and comes back empty, all nodes come back to it, and none is forgotten meanwhile', async () => {
		const etcd = await startEtcd();
		const nodes = await threeNodes(etcd.endpoints);
		const tellings = nodes.map(({ lists: told }) => told.length);
		await etcd.kill();
		await areConnected(nodes, false);
		for (const member of etcd.members) member.wipe();
		await etcd.restart();
		await areConnected(nodes, true);
		await outlastLeases();
		expect(nodes.map(({ lists: told }) => told.length)).toEqual(tellings);
		const late = etcdNode(etcd.endpoints, 'frontend-2');
		for (const node of [...nodes, late]) await node.sees(...NAMES, 'frontend-2');
	});

	it('and comes back empty, a node that died meanwhile is forgotten one TTL later', async () => {
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
		// It was looked at after the list, from which the time counts, by as much as a poll takes.
		expect(performance.now() - connectedAt).toBeGreaterThan(TTL_MS / 2);
	});

	it('a node that starts is not ready, says why, and comes in when etcd is there', async () => {
		const port = await freePort();
		const gate = await TcpGate.before(`http://127.0.0.1:${port}`);
		const node = etcdNode(gate.url, 'likes-1');
		await expect.poll(() => node.log.length).toBeGreaterThan(0);
		expect(node.log[0]).toMatchObject({
			level: 40,
			msg: 'etcd tells nothing yet, so this node knows nobody and tries again',
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

	it('a node that hangs with etcd and goes on later is on the list again', async () => {
		const etcd = await startEtcd();
		const nodes = await threeNodes(etcd.endpoints);
		etcd.first.pause();
		await areConnected(nodes, false);
		expect(nodes[0]?.source.report.problem).toMatch(/no answer in 1000 ms/);
		etcd.first.continue();
		await areConnected(nodes, true);
		for (const node of nodes) await node.sees(...NAMES);
	});

	it('at one of its endpoints, the next one is used', async () => {
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
