import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { messageOf } from '../../runtime/errors.ts';
import type { Member } from '../membership/member.ts';
import type { Peer } from '../membership/peer.ts';
import type { OnPeers, PeerSource } from '../membership/peer-source.ts';
import { createEtcdClient, type EtcdClientOptions } from './etcd/etcd-client.ts';
import { createEtcdPeers } from './etcd/etcd-peers.ts';
import { createStaticPeers } from './static-peers.ts';

export interface PeerSourceOptions {
	readonly self: Member;
	/** The list of nodes; empty with etcd. */
	readonly peers: readonly Peer[];
	/** The endpoints of an etcd; empty for none. */
	readonly etcd: readonly string[];
	/** The beginning of the keys of this cluster in etcd. */
	readonly etcdPrefix: string;
	/** Etcd removes a node after this many seconds without a message of it. */
	readonly etcdTtl: number;
	/** The user and the password for etcd; '' for none. */
	readonly etcdUser: string;
	readonly etcdPassword: string;
	/** Files in PEM: the certificate that signs those of etcd, and the certificate and key of this node; '' for none. */
	readonly etcdCa: string;
	readonly etcdCert: string;
	readonly etcdKey: string;
	readonly logger: Logger;
}

/** The least and the most of the deadline for etcd, in milliseconds; in between it is a third of the TTL. */
const [LEAST_TIMEOUT_MS, MOST_TIMEOUT_MS] = [1_000, 5_000];

/** Starts a source of peers, which calls `onPeers` with all nodes each time that they change. */
export type StartPeerSource = (onPeers: OnPeers) => PeerSource;

/** Prepares the source of peers that the options choose. Throws when it cannot read a file that they name. */
export function preparePeerSource(options: PeerSourceOptions): StartPeerSource {
	const { self, peers, etcd, etcdPrefix: prefix, etcdTtl: ttlSeconds, logger } = options;
	if (etcd.length === 0) return (onPeers) => createStaticPeers(peers, onPeers);
	const etcdClientOptions = etcdOptions(options);
	return (onPeers) =>
		createEtcdPeers({ client: createEtcdClient(etcdClientOptions), prefix, ttlSeconds, self, onPeers, logger });
}

/** The time in which etcd announces a new node to all others, in milliseconds. */
const ETCD_SPREADS_MS = 250;

/** Returns the pause before the first message to a new node, in milliseconds; 0 for a fixed list, which all nodes have. */
export function peerSettleMs({ etcd }: Pick<PeerSourceOptions, 'etcd'>): number {
	return etcd.length === 0 ? 0 : ETCD_SPREADS_MS;
}

function etcdOptions(options: PeerSourceOptions): EtcdClientOptions {
	const { etcd, etcdTtl, etcdUser, etcdPassword, etcdCa, etcdCert, etcdKey } = options;
	return {
		endpoints: etcd,
		tls: {
			...(etcdCa !== '' && { ca: read(etcdCa, '--etcd-ca') }),
			...(etcdCert !== '' && { cert: read(etcdCert, '--etcd-cert') }),
			...(etcdKey !== '' && { key: read(etcdKey, '--etcd-key') }),
		},
		...(etcdUser !== '' && { credentials: { user: etcdUser, password: etcdPassword } }),
		timeoutMs: Math.max(LEAST_TIMEOUT_MS, Math.min(MOST_TIMEOUT_MS, Math.round((etcdTtl * 1_000) / 3))),
	};
}

function read(file: string, flag: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch (cause) {
		const reason = messageOf(cause);
		throw new Error(`cannot read ${flag}: ${reason}`, { cause });
	}
}
