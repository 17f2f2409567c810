import { expect, it } from 'vitest';
import { askEtcd, base64, describeWithEtcd, startEtcd } from '../../../../test/etcd.ts';
import { etcdNode, type SourceNode } from '../../../../test/source-node.ts';

const TAKEN = 'name taken in etcd; this node stays out';

const isLogged = (node: SourceNode) => expect.poll(() => node.log.map(({ msg }) => msg)).toContain(TAKEN);

describeWithEtcd('a name in etcd', () => {
	it('belongs to the node that has it while that lives, and then to the second one', async () => {
		const etcd = await startEtcd();
		const first = etcdNode(etcd.endpoints, 'likes-1', { url: 'http://10.0.0.1:1' });
		await first.sees('likes-1');
		const second = etcdNode(etcd.endpoints, 'likes-1', { url: 'http://10.0.0.2:1' });
		const other = etcdNode(etcd.endpoints, 'frontend-1');
		await isLogged(second);
		const entry = second.log.find(({ msg }) => msg === TAKEN);
		const reason = expect.stringContaining('http://10.0.0.1:1');
		expect(entry).toMatchObject({ level: 40, reason });
		expect([second.source.ready, second.lists]).toEqual([false, []]);
		expect(second.source.report).toMatchObject({ connected: false, problem: expect.stringContaining('10.0.0.1') });
		await other.sees('likes-1', 'frontend-1');
		expect(other.peers.find(({ node }) => node === 'likes-1')?.url).toBe('http://10.0.0.1:1');
		// A name that stays taken is an error.
		const isError = expect.objectContaining({ msg: TAKEN, level: 50, reason });
		await expect.poll(() => second.log).toContainEqual(isError);
		await first.source.close();
		await second.sees('likes-1', 'frontend-1');
		expect(second.source.ready).toBe(true);
		await expect.poll(() => other.peers.find(({ node }) => node === 'likes-1')?.url).toBe('http://10.0.0.2:1');
		expect(first.log.filter(({ level }) => Number(level) > 30)).toEqual([]);
	});

	it('belongs to the next life of a node at another address once the former lease is over, with one warning', async () => {
		const etcd = await startEtcd();
		const former = etcdNode(etcd.endpoints, 'likes-1', { url: 'http://10.0.0.1:1' });
		await former.sees('likes-1');
		await former.source.close();
		const next = etcdNode(etcd.endpoints, 'likes-1', { url: 'http://10.0.0.2:1' });
		await next.sees('likes-1');
		expect(next.log.filter(({ level }) => Number(level) > 30)).toMatchObject([{ level: 40, msg: TAKEN }]);
	});

	it('belongs at once to the next life of a node at the same address', async () => {
		const etcd = await startEtcd();
		const former = etcdNode(etcd.endpoints, 'likes-1', { incarnation: 100 });
		const other = etcdNode(etcd.endpoints, 'frontend-1');
		await other.sees('likes-1', 'frontend-1');
		await former.source.close();
		const next = etcdNode(etcd.endpoints, 'likes-1', { incarnation: 101 });
		await next.sees('likes-1', 'frontend-1');
		await expect
			.poll(() => next.log.map(({ msg }) => msg))
			.toEqual(['entry of an earlier incarnation replaced', 'registered in etcd']);
		expect(other.lists.at(-1)).toBe('frontend-1,likes-1');
	});

	it('belongs to the later of two nodes with one address, and the other one logs it', async () => {
		const etcd = await startEtcd();
		const earlier = etcdNode(etcd.endpoints, 'likes-1', { incarnation: 100 });
		await earlier.sees('likes-1');
		const later = etcdNode(etcd.endpoints, 'likes-1', { incarnation: 101 });
		await isLogged(earlier);
		await later.sees('likes-1');
		expect([earlier.source.ready, later.source.ready]).toEqual([false, true]);
		// The excluded node keeps the last list, too.
		expect(earlier.lists).toEqual(['likes-1']);
		expect(later.log.map(({ msg }) => msg)).not.toContain(TAKEN);
	});

	it('replaces an unreadable entry', async () => {
		const etcd = await startEtcd();
		const node = etcdNode(etcd.endpoints, 'likes-1');
		await node.sees('likes-1');
		await askEtcd(etcd.endpoints, 'kv/put', { key: base64('/test/eu/likes-1'), value: base64('nonsense') });
		await expect
			.poll(async () => {
				const { kvs } = (await askEtcd(etcd.endpoints, 'kv/range', { key: base64('/test/eu/likes-1') })) as {
					kvs: [{ value: string; lease?: string }];
				};
				return [Buffer.from(kvs[0].value, 'base64').toString(), kvs[0].lease];
			})
			.toEqual([expect.stringContaining('"http://likes-1:1"'), expect.stringMatching(/^\d+$/)]);
		expect(node.lists).toEqual(['likes-1']);
		expect(node.source.ready).toBe(true);
	});
});
