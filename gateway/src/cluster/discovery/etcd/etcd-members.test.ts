import { expect, it } from 'vitest';
import { describeWithEtcd, startEtcd } from '../../../../test/etcd.ts';
import type { EtcdMember } from '../../../../test/etcd-server.ts';
import { etcdNode, type SourceNode } from '../../../../test/source-node.ts';

const NAMES = ['dispatcher-1', 'frontend-1', 'likes-1'];

/** Starts an etcd of three members, and three nodes that begin with different members. */
async function start() {
	const etcd = await startEtcd({ members: 3 });
	const [leader, ...followers] = (await etcd.byLead()) as [EtcdMember, EtcdMember, EtcdMember];
	const endpoints = etcd.members.map(({ endpoint }) => endpoint);
	const nodes = NAMES.map((name, index) =>
		etcdNode([...endpoints.slice(index), ...endpoints.slice(0, index)].join(), name),
	);
	for (const node of nodes) await node.sees(...NAMES);
	return { etcd, leader, followers: followers as [EtcdMember, EtcdMember], nodes };
}

/** Lets a further node join and leave, and expects that no other node was forgotten. */
async function joinAndLeave(endpoints: string, nodes: readonly SourceNode[]): Promise<void> {
	const further = etcdNode(endpoints, 'frontend-2');
	for (const node of [...nodes, further]) await node.sees(...NAMES, 'frontend-2');
	await further.source.leave();
	for (const node of nodes) await node.sees(...NAMES);
	const known = NAMES.slice(0, 2).join();
	for (const { lists } of nodes) {
		const whole = lists.slice(lists.indexOf(NAMES.join()));
		for (const list of whole) expect(list.startsWith(known) && list.endsWith('likes-1')).toBe(true);
	}
}

describeWithEtcd('an etcd of three', () => {
	it('may lose its leader: no node is forgotten, and new nodes appear', async () => {
		const { etcd, leader, nodes } = await start();
		await leader.kill();
		await joinAndLeave(etcd.endpoints, nodes);
	});

	it('may have one member that hangs', async () => {
		const { etcd, leader, nodes } = await start();
		leader.pause();
		await joinAndLeave(etcd.endpoints, nodes);
	});

	it('keeps the last list after it lost two members, and continues when one is back', async () => {
		const { etcd, leader, followers, nodes } = await start();
		await Promise.all(followers.map((member) => member.kill()));
		for (const { source } of nodes) {
			await expect.poll(() => source.report.connected).toBe(false);
		}
		const late = etcdNode(leader.endpoint, 'frontend-3');
		await expect.poll(() => late.source.report.problem).toMatch(/no leader|no answer|timed out/);
		for (const { source, lists } of nodes) expect([lists.at(-1), source.ready]).toEqual([NAMES.join(), true]);
		await late.source.close();
		followers[0].start();
		await followers[0].ready();
		for (const { source } of nodes) {
			await expect.poll(() => source.report.connected).toBe(true);
		}
		await joinAndLeave(etcd.endpoints, nodes);
	});

	it('forgets no node while its members restart one by one', async () => {
		const { etcd, nodes } = await start();
		for (const member of etcd.members) {
			await member.kill();
			member.start();
			await member.ready();
		}
		await joinAndLeave(etcd.endpoints, nodes);
	});
});
