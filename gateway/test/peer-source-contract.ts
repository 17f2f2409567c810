import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Peer } from '../src/cluster/membership/peer.ts';
import type { PeerSource } from '../src/cluster/membership/peer-source.ts';
import { peerOf } from './members.ts';

/** A source with all that it told. */
export interface ToldSource {
	readonly source: PeerSource;
	readonly lists: readonly (readonly Peer[])[];
}

/** Makes the sources of all nodes of one cluster; not announced yet. */
export type MakeSources = (peers: readonly Peer[]) => Promise<readonly ToldSource[]>;

/** What every source of peers has to do, wherever it has them from. */
export function describePeerSource(name: 'static' | 'etcd', make: MakeSources): void {
	describe(`as a source of peers, ${name}`, () => {
		const peers = ['dispatcher-1', 'frontend-1', 'likes-1'].map(peerOf);
		let nodes: readonly ToldSource[];
		beforeEach(async () => {
			nodes = await make(peers);
			for (const { source } of nodes) onTestFinished(() => source.close());
		});

		/** Announces all nodes, and waits until each was told of all. */
		async function announceAll(): Promise<void> {
			for (const [index, { source }] of nodes.entries()) source.announce((peers[index] as Peer).url);
			for (const { lists } of nodes) await expect.poll(() => lists.at(-1)).toEqual(peers);
		}

		it('tells every node of all nodes, with their roles and addresses', announceAll);

		it('makes a node ready once it was told, and says where it has it from', async () => {
			await announceAll();
			for (const { source } of nodes) {
				await expect.poll(() => source.ready).toBe(true);
				await expect.poll(() => source.report).toMatchObject({ source: name, connected: true });
				expect(source.report.problem).toBeUndefined();
			}
		});

		it('tells nothing twice', async () => {
			await announceAll();
			for (const { lists } of nodes) {
				for (const [index, list] of lists.slice(1).entries()) expect(list).not.toEqual(lists[index]);
			}
		});

		it('can be left and closed before it was announced, and more than once', async () => {
			for (const { source } of nodes) {
				await Promise.all([source.leave(), source.leave()]);
				await Promise.all([source.close(), source.close()]);
			}
		});

		it('tells a node nothing more that left and was closed', async () => {
			await announceAll();
			const [first, ...others] = nodes as [ToldSource, ...ToldSource[]];
			await first.source.leave();
			await first.source.close();
			const told = first.lists.length;
			for (const { source } of others) {
				await source.leave();
				await source.close();
			}
			expect(first.lists.length).toBe(told);
		});
	});
}
