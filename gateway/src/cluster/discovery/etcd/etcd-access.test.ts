import { expect, it } from 'vitest';
import { Authority } from '../../../../test/certificates.ts';
import { askEtcd, base64, describeWithEtcd, startEtcd } from '../../../../test/etcd.ts';
import { etcdNode, type SourceNode } from '../../../../test/source-node.ts';
import { testDirectory } from '../../../../test/temporary-directory.ts';

/** Waits until a node reports this reason, and expects that it is not ready. */
async function isRefused(node: SourceNode, reason: RegExp): Promise<void> {
	await expect.poll(() => node.source.report.problem).toMatch(reason);
	const entry = node.log.find(({ reason: logged }) => reason.test(String(logged)));
	expect(entry).toMatchObject({ level: 40 });
	expect([node.source.ready, node.lists]).toEqual([false, []]);
}

/** Starts an etcd with users: root, one with the rights of nodes, and one without rights. */
async function startWithUsers() {
	const etcd = await startEtcd();
	const ask = (path: string, body: unknown) => askEtcd(etcd.endpoints, `auth/${path}`, body);
	for (const [name, password] of [
		['root', 'geheim'],
		['nodes', 'sesame'],
		['guest', 'sesame'],
	]) {
		await ask('user/add', { name, password });
	}
	await ask('role/add', { name: 'root' });
	await ask('role/add', { name: 'nodes' });
	const range = { key: base64('/test/'), range_end: base64('/test0') };
	await ask('role/grant', { name: 'nodes', perm: { permType: 'READWRITE', ...range } });
	await ask('user/grant', { user: 'root', role: 'root' });
	await ask('user/grant', { user: 'nodes', role: 'nodes' });
	await ask('enable', {});
	return etcd;
}

describeWithEtcd('an etcd with users', () => {
	it('accepts a node with a name and a password that has rights for the keys of the cluster only', async () => {
		const etcd = await startWithUsers();
		const credentials = { user: 'nodes', password: 'sesame' };
		const [a, b] = ['likes-1', 'frontend-1'].map((name) => etcdNode(etcd.endpoints, name, { credentials })) as [
			SourceNode,
			SourceNode,
		];
		for (const node of [a, b]) await node.sees('likes-1', 'frontend-1');
		await b.source.leave();
		await a.sees('likes-1');
		// Tokens end with the process.
		await etcd.kill();
		await expect.poll(() => a.source.report.connected).toBe(false);
		await etcd.restart();
		await expect.poll(() => a.source.report.connected).toBe(true);
		const late = etcdNode(etcd.endpoints, 'frontend-2', { credentials });
		for (const node of [a, late]) await node.sees('likes-1', 'frontend-2');
	});

	it('refuses other nodes with a reason, and they retry', async () => {
		const etcd = await startWithUsers();
		await isRefused(
			etcdNode(etcd.endpoints, 'a', { credentials: { user: 'nodes', password: 'wrong' } }),
			/authentication failed, invalid user ID or password/,
		);
		await isRefused(etcdNode(etcd.endpoints, 'b'), /user name is empty/);
		await isRefused(
			etcdNode(etcd.endpoints, 'c', { credentials: { user: 'guest', password: 'sesame' } }),
			/permission denied/,
		);
	});
});

describeWithEtcd('an etcd with TLS', () => {
	it('accepts nodes with certificates of its authority only', async () => {
		const directory = testDirectory();
		const [ours, theirs] = [new Authority(directory, 'ours'), new Authority(directory, 'theirs')];
		const server = ours.sign('server');
		const node = ours.sign('node');
		const foreign = theirs.sign('foreign');
		const etcd = await startEtcd({
			tls: { ca: ours.certificate.certFile, cert: server.certFile, key: server.keyFile },
		});
		const tls = { ca: ours.certificate.cert, cert: node.cert, key: node.key };
		const [a, b] = ['likes-1', 'frontend-1'].map((name) => etcdNode(etcd.endpoints, name, { tls })) as [
			SourceNode,
			SourceNode,
		];
		for (const one of [a, b]) await one.sees('likes-1', 'frontend-1');

		const { ca } = tls;
		await isRefused(etcdNode(etcd.endpoints, 'c', { tls: { ca } }), /alert|want another certificate/);
		await isRefused(
			etcdNode(etcd.endpoints, 'd', { tls: { ca, cert: foreign.cert, key: foreign.key } }),
			/alert|want another certificate/,
		);
		await isRefused(
			etcdNode(etcd.endpoints, 'e', { tls: { ...tls, ca: theirs.certificate.cert } }),
			/unable to verify|self-signed/,
		);
		await isRefused(etcdNode(etcd.endpoints.replace('https', 'http'), 'f'), /it may want https/);
		expect(a.lists.at(-1)).toBe('frontend-1,likes-1');
	});
});
