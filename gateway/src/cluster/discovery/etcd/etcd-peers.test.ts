import { pino } from 'pino';
import { expect, it } from 'vitest';
import { askEtcd, base64, describeWithEtcd, startEtcd } from '../../../../test/etcd.ts';
import { describePeerSource, type RecordedSource } from '../../../../test/peer-source-contract.ts';
import { etcdNode, TTL_SECONDS } from '../../../../test/source-node.ts';
import { TcpGate } from '../../../../test/tcp-gate.ts';
import type { Peer } from '../../membership/peer.ts';
import { createEtcdClient } from './etcd-client.ts';
import { createEtcdPeers } from './etcd-peers.ts';

const KEY = '/test/eu/frontend-1';

/** Resolves with the lease of a key. */
async function leaseOf(endpoint: string, key: string): Promise<string> {
	const { kvs } = (await askEtcd(endpoint, 'kv/range', { key: base64(key) })) as { kvs: [{ lease: string }] };
	return kvs[0].lease;
}

describeWithEtcd('etcd', () => {
	describePeerSource('etcd', async (peers) => {
		const etcd = await startEtcd();
		return peers.map((peer, index): RecordedSource => {
			const lists: (readonly Peer[])[] = [];
			const source = createEtcdPeers({
				client: createEtcdClient({ endpoints: [etcd.endpoints], timeoutMs: 1_000 }),
				prefix: '/test/',
				ttlSeconds: TTL_SECONDS,
				self: { ...peer, region: 'eu', incarnation: index + 1 },
				onPeers: (list) => lists.push(list),
				logger: pino({ level: 'silent' }),
			});
			return { source, lists };
		});
	});
});

describeWithEtcd('a node in etcd', () => {
	it('is forgotten at once when it stops, and after its lease when it is killed', async () => {
		const etcd = await startEtcd();
		const a = etcdNode(etcd.endpoints, 'likes-1');
		const [b, c] = [etcdNode(etcd.endpoints, 'frontend-1'), etcdNode(etcd.endpoints, 'frontend-2')];
		await a.sees('likes-1', 'frontend-1', 'frontend-2');
		await b.source.leave();
		await a.sees('likes-1', 'frontend-2');
		const lease = await leaseOf(etcd.endpoints, '/test/eu/frontend-2');
		await c.source.close();
		expect(a.lists.at(-1)).toBe('frontend-2,likes-1');
		await a.sees('likes-1');
		expect(await askEtcd(etcd.endpoints, 'lease/timetolive', { ID: lease })).toMatchObject({ TTL: '-1' });
	});

	it('takes a new lease when its own was ended, and is listed again', async () => {
		const etcd = await startEtcd();
		const [a, b] = [etcdNode(etcd.endpoints, 'likes-1'), etcdNode(etcd.endpoints, 'frontend-1')];
		await a.sees('likes-1', 'frontend-1');
		await b.sees('likes-1', 'frontend-1');
		const [before, counts] = [await leaseOf(etcd.endpoints, KEY), b.lists.length];
		await askEtcd(etcd.endpoints, 'lease/revoke', { ID: before });
		await expect.poll(() => leaseOf(etcd.endpoints, KEY).catch(() => before)).not.toBe(before);
		await a.sees('likes-1', 'frontend-1');
		expect(b.lists.length).toBe(counts);
		await expect.poll(() => b.source.report.connected).toBe(true);
	});

	it('forgets no node when all entries are removed at once, and all register again', async () => {
		const etcd = await startEtcd();
		const names = ['dispatcher-1', 'frontend-1', 'likes-1'];
		const nodes = names.map((name) => etcdNode(etcd.endpoints, name));
		for (const node of nodes) await node.sees(...names);
		await askEtcd(etcd.endpoints, 'kv/deleterange', { key: base64('/test/'), range_end: base64('/test0') });
		for (const name of names)
			await expect.poll(() => leaseOf(etcd.endpoints, `/test/eu/${name}`).catch(() => '')).not.toBe('');
		const last = etcdNode(etcd.endpoints, 'frontend-2');
		for (const node of [...nodes, last]) await node.sees(...names, 'frontend-2');
		for (const { lists } of nodes) {
			for (const [index, list] of lists.slice(1).entries()) {
				for (const name of lists[index]?.split(',') ?? []) expect(list.split(',')).toContain(name);
			}
		}
	});

	it('logs an unreadable entry, and uses the others', async () => {
		const etcd = await startEtcd();
		const a = etcdNode(etcd.endpoints, 'likes-1');
		await a.sees('likes-1');
		for (const name of ['x', 'frontend-9/deep', '']) {
			await askEtcd(etcd.endpoints, 'kv/put', { key: base64(`/test/eu/${name}`), value: base64('{"node":7}') });
		}
		const b = etcdNode(etcd.endpoints, 'frontend-1');
		for (const node of [a, b]) {
			await node.sees('likes-1', 'frontend-1');
			const warnings = node.log.filter(({ msg }) => msg === 'an entry in etcd cannot be read, and is ignored');
			expect(warnings.map(({ key }) => key).sort()).toEqual(['/test/eu/', '/test/eu/frontend-9/deep', '/test/eu/x']);
			expect(warnings[0]).toMatchObject({ level: 40, reason: expect.stringContaining('roles') });
		}
	});

	it('lists the nodes of its own region', async () => {
		const etcd = await startEtcd();
		const [eu, us] = [
			etcdNode(etcd.endpoints, 'likes-1'),
			etcdNode(etcd.endpoints, 'likes-1', { region: 'us', url: 'http://us:1' }),
		];
		await eu.sees('likes-1');
		await us.sees('likes-1');
		expect([eu.peers[0]?.url, us.peers[0]?.url]).toEqual(['http://likes-1:1', 'http://us:1']);
	});

	it('receives all changes after an interruption, although etcd compacted them', async () => {
		const etcd = await startEtcd();
		const gate = await TcpGate.before(etcd.endpoints);
		const a = etcdNode(gate.url, 'likes-1');
		const b = etcdNode(etcd.endpoints, 'frontend-1');
		await a.sees('likes-1', 'frontend-1');
		gate.shut();
		await expect.poll(() => a.source.report.connected).toBe(false);
		const c = etcdNode(etcd.endpoints, 'frontend-2');
		await c.sees('likes-1', 'frontend-1', 'frontend-2');
		await b.source.leave();
		await c.sees('likes-1', 'frontend-2');
		const { header } = (await askEtcd(etcd.endpoints, 'kv/range', { key: base64('x') })) as {
			header: { revision: string };
		};
		await askEtcd(etcd.endpoints, 'kv/compaction', { revision: header.revision });
		expect(a.lists.at(-1)).toBe('frontend-1,likes-1');
		gate.open();
		await a.sees('likes-1', 'frontend-2');
		await expect.poll(() => a.source.report).toMatchObject({ connected: true });
	});

	it('returns an error for a watch from a compacted revision', async () => {
		const etcd = await startEtcd();
		const client = createEtcdClient({ endpoints: [etcd.endpoints], timeoutMs: 1_000 });
		for (const value of ['1', '2', '3'])
			await askEtcd(etcd.endpoints, 'kv/put', { key: base64('/a/b'), value: base64(value) });
		await askEtcd(etcd.endpoints, 'kv/compaction', { revision: '3' });
		const first = client.watch('/a/', 1, new AbortController().signal).next();
		await expect(first).rejects.toThrow('watch: etcd ended it: compacted up to 3');
		await client.close();
	});
});
