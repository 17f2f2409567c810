import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import { createEtcdClient, type EtcdClientOptions } from '../src/cluster/discovery/etcd/etcd-client.ts';
import { createEtcdPeers } from '../src/cluster/discovery/etcd/etcd-peers.ts';
import type { Peer } from '../src/cluster/membership/peer.ts';
import type { PeerSource } from '../src/cluster/membership/peer-source.ts';
import { peerOf } from './members.ts';

/** The TTL of leases in tests, in seconds: the least that etcd allows. */
export const TTL_SECONDS = 2;

/** A node with a source of peers, and what it received. */
export interface SourceNode {
	readonly source: PeerSource;
	/** All received lists, as names separated by commas. */
	readonly lists: readonly string[];
	readonly peers: readonly Peer[];
	readonly log: readonly Readonly<Record<string, unknown>>[];
	/** Waits until the newest list has these nodes, and the source is ready. */
	sees(...names: string[]): Promise<void>;
}

export interface SourceNodeOptions extends Partial<EtcdClientOptions> {
	readonly url?: string;
	readonly incarnation?: number;
	readonly region?: string;
}

let incarnations = 1;

/** Announces a node of this name in etcd, until the end of the test, which ends it as a kill would. */
export function etcdNode(endpoints: string, name: string, options: SourceNodeOptions = {}): SourceNode {
	const { url = peerOf(name).url, incarnation = incarnations++, region = 'eu', ...clientOptions } = options;
	const lists: string[] = [];
	const log: Record<string, unknown>[] = [];
	let peers: readonly Peer[] = [];
	const source = createEtcdPeers({
		client: createEtcdClient({ endpoints: endpoints.split(','), timeoutMs: 1_000, ...clientOptions }),
		prefix: '/test/',
		ttlSeconds: TTL_SECONDS,
		self: { node: name, region, roles: peerOf(name).roles, incarnation },
		onPeers(list) {
			peers = list;
			lists.push(list.map(({ node }) => node).join());
		},
		logger: pino({}, { write: (line: string) => log.push(JSON.parse(line)) }),
	});
	onTestFinished(() => source.close());
	source.announce(url);
	return {
		source,
		lists,
		log,
		get peers() {
			return peers;
		},
		async sees(...names) {
			await expect.poll(() => lists.at(-1)).toBe([...names].sort().join());
			await expect.poll(() => source.ready).toBe(true);
		},
	};
}
