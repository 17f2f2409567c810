import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Peer } from '../src/cluster/membership/peer.ts';
import type { PeerSource } from '../src/cluster/membership/peer-source.ts';
import { peerOf } from './members.ts';

/** A source with all lists that it passed to its node. */
export interface RecordedSource {
	readonly source: PeerSource;
	readonly lists: readonly (readonly Peer[])[];
}

/** Creates the sources of all nodes of a cluster, without an announcement. */
export type MakeSources = (peers: readonly Peer[]) => Promise<readonly RecordedSource[]>;

/** Tests a source of peers. */
export function describePeerSource(name: 'static' | 'etcd', make: MakeSources): void {
	describe(`the ${name} source of peers`, () => {
		const peers = ['dispatcher-1', 'frontend-1', 'likes-1'].map(peerOf);
		let nodes: readonly RecordedSource[];
		beforeEach(async () => {
			nodes = await make(peers);
			for (const { source } of nodes) onTestFinished(() => source.close());
		});

		/** Announces all nodes, and waits until each node has received the list of all. */
		async function announceAll(): Promise<void> {
			for (const [index, { source }] of nodes.entries()) source.announce((peers[index] as Peer).url);
			for (const { lists } of nodes) await expect.poll(() => lists.at(-1)).toEqual(peers);
		}

		it('sends each node the list of all nodes, with their roles and addresses', announceAll);

		it('is ready after the first list, and reports its name', async () => {
			await announceAll();
			for (const { source } of nodes) {
				await expect.poll(() => source.ready).toBe(true);
				await expect.poll(() => source.report).toMatchObject({ source: name, connected: true });
				expect(source.report.problem).toBeUndefined();
			}
		});

		it('sends no list twice', async () => {
			await announceAll();
			for (const { lists } of nodes) {
				for (const [index, list] of lists.slice(1).entries()) expect(list).not.toEqual(lists[index]);
			}
		});

		it('allows to leave and close before the announcement, and more than once', async () => {
			for (const { source } of nodes) {
				await Promise.all([source.leave(), source.leave()]);
				await Promise.all([source.close(), source.close()]);
			}
		});

		it('sends no list after it is closed', async () => {
			await announceAll();
			const [first, ...others] = nodes as [RecordedSource, ...RecordedSource[]];
			await first.source.leave();
			await first.source.close();
			const received = first.lists.length;
			for (const { source } of others) {
				await source.leave();
				await source.close();
			}
			expect(first.lists.length).toBe(received);
		});
	});
}
