import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { createEtcdClient, type EtcdClientOptions } from './cluster/etcd-client.ts';
import { createEtcdPeers } from './cluster/etcd-peers.ts';
import type { Member } from './cluster/member.ts';
import type { OnPeers, PeerSource } from './cluster/peer-source.ts';
import { createStaticPeers } from './cluster/static-peers.ts';
import { type Config, flagOf } from './config.ts';

/** An answer of etcd has to be there in a third of the TTL, but in no less and no more than so many milliseconds. */
const [LEAST_TIMEOUT_MS, MOST_TIMEOUT_MS] = [1_000, 5_000];

/** Where this node learns of the others, as the settings say. Throws when a file that they name cannot be read. */
export function createPeerSource(config: Config, self: Member, onPeers: OnPeers, logger: Logger): PeerSource {
	if (config.etcd.length === 0) return createStaticPeers(config.peers, onPeers);
	return createEtcdPeers({
		client: createEtcdClient(etcdOptions(config)),
		prefix: config.etcdPrefix,
		ttlSeconds: config.etcdTtl,
		self,
		onPeers,
		logger,
	});
}

/** All nodes hear from etcd within so long of another one, in milliseconds: before it, one may not be known yet. */
const ETCD_SPREADS_MS = 250;

/** How long a node waits before it speaks to one that is new to it, in milliseconds: a list is everywhere from the start. */
export function peerSettleMs({ etcd }: Config): number {
	return etcd.length === 0 ? 0 : ETCD_SPREADS_MS;
}

function etcdOptions(config: Config): EtcdClientOptions {
	const { etcd, etcdTtl, etcdUser, etcdPassword } = config;
	const files = { ca: 'etcdCa', cert: 'etcdCert', key: 'etcdKey' } as const;
	const tls: Record<string, string> = {};
	for (const [part, name] of Object.entries(files)) if (config[name] !== '') tls[part] = read(config[name], name);
	return {
		endpoints: etcd,
		tls,
		...(etcdUser !== '' && { credentials: { user: etcdUser, password: etcdPassword } }),
		timeoutMs: Math.max(LEAST_TIMEOUT_MS, Math.min(MOST_TIMEOUT_MS, Math.round((etcdTtl * 1_000) / 3))),
	};
}

function read(file: string, setting: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw new Error(`cannot read --${flagOf(setting)}: ${reason}`, { cause });
	}
}
