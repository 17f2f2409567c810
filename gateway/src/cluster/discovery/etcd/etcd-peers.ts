import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { monotonicNow } from '../../../runtime/clock.ts';
import { messageOf } from '../../../runtime/errors.ts';
import { OnceAMinute } from '../../../runtime/once-a-minute.ts';
import { createRunLoop } from '../../../runtime/run-loop.ts';
import { same } from '../../membership/equality.ts';
import type { Member } from '../../membership/member.ts';
import type { OnPeers, PeerSource } from '../../membership/peer-source.ts';
import { type EtcdClient, EtcdError } from './etcd-client.ts';
import { type EtcdEntry, encodeEntry, regionPrefix } from './etcd-entry.ts';
import { EtcdRegistry } from './etcd-registry.ts';
import { runEtcdSession } from './etcd-session.ts';
import { EntryTakenError, OwnEntry } from './own-entry.ts';

/** The longest wait before the first retry, in milliseconds; it doubles up to a third of the TTL. */
const FIRST_BACKOFF_MS = 100;

/** The TTLs after which a taken name is a mistake; the entry of a former life ends within one. */
const LASTING_TTLS = 3;

export interface EtcdPeersOptions {
	readonly client: EtcdClient;
	/** The prefix of all keys: `/likewire/`. */
	readonly prefix: string;
	/** etcd forgets a node that sent nothing for this long, in seconds. */
	readonly ttlSeconds: number;
	readonly self: Pick<Member, 'node' | 'region' | 'roles' | 'incarnation'>;
	readonly onPeers: OnPeers;
	readonly logger: Logger;
}

/** Creates the source of the nodes of this region in etcd; it also keeps the lease of this node. */
export function createEtcdPeers(options: EtcdPeersOptions): PeerSource {
	const { client, ttlSeconds, self, onPeers, logger } = options;
	const ttlMs = ttlSeconds * 1_000;
	const prefix = regionPrefix(options.prefix, self.region);
	const key = prefix + self.node;
	const registry = new EtcdRegistry(ttlMs);
	const closing = new AbortController();
	const loop = createRunLoop((now) => {
		registry.forget(now);
		sendPeers();
		return registry.dueAt;
	});
	const ownEntry = new OwnEntry({ client, key, ttlSeconds, logger });
	const onChanged = () => {
		listed = true;
		loop.wake();
	};
	const session = { client, prefix, key, ttlMs, ownEntry, registry, onChanged, logger };
	let own: EtcdEntry | undefined;
	let listed = false;
	let sent: readonly string[] | undefined;
	let registered = false;
	let connected = false;
	let problem: string | undefined = 'not announced yet';
	/** Limits log lines by kind of failure: one outage has many reasons. */
	let lines = new OnceAMinute<'etcd' | 'taken' | 'taken for long'>();
	/** When another node was first seen with the name of this one; undefined without one. */
	let takenSince: number | undefined;
	let running: Promise<void> | undefined;
	let leaving: Promise<void> | undefined;

	/** Passes the nodes on when they changed; this node is always one of them, whatever etcd lost. */
	function sendPeers(): void {
		if (own === undefined || !listed) return;
		const others = registry.entries.filter(({ node }) => node !== self.node);
		const entries = [...others, own].sort((a, b) => (a.node < b.node ? -1 : 1));
		const texts = entries.map(encodeEntry);
		if (sent !== undefined && same(sent, texts)) return;
		sent = texts;
		onPeers(entries.map(({ node, roles, url }) => ({ node, roles, url })));
	}

	async function run(entry: EtcdEntry): Promise<void> {
		let failures = 0;
		while (!closing.signal.aborted) {
			try {
				await runEtcdSession(session, entry, closing.signal, () => {
					registered = true;
					connected = true;
					failures = 0;
					problem = undefined;
					takenSince = undefined;
					lines = new OnceAMinute();
					const { missing } = registry;
					logger.info(
						{
							endpoint: client.endpoint,
							others: registry.entries.filter(({ node }) => node !== self.node).length,
							missing,
						},
						'registered in etcd',
					);
				});
			} catch (error) {
				if (closing.signal.aborted) return;
				failed(error);
			}
			connected = false;
			const most = Math.min(ttlMs / 3, FIRST_BACKOFF_MS * 2 ** failures++);
			await wait(Math.random() * most, undefined, { signal: closing.signal }).catch(() => {});
		}
	}

	function failed(error: unknown): void {
		const fields = { endpoint: client.endpoint, reason: messageOf(error) };
		registry.cut();
		problem = fields.reason;
		const isTaken = error instanceof EntryTakenError;
		if (isTaken) registered = false;
		if (error instanceof EtcdError) client.turn();
		const now = monotonicNow();
		if (isTaken) takenSince ??= now;
		const isLasting = takenSince !== undefined && now - takenSince > LASTING_TTLS * ttlMs;
		const failure = !isTaken ? 'etcd' : isLasting ? 'taken for long' : 'taken';
		if (!lines.admits(failure, now)) return;
		const taken = 'name taken in etcd; this node stays out';
		if (failure === 'taken for long') logger.error(fields, taken);
		else if (failure === 'taken') logger.warn(fields, taken);
		else if (sent === undefined) logger.warn(fields, 'etcd unreachable; this node knows no peers, and retries');
		else logger.warn(fields, 'etcd unreachable; the last list of nodes stays in use');
	}

	async function endLease(): Promise<void> {
		closing.abort();
		// Without etcd the lease ends after its TTL, and the stop does not wait.
		if (connected) await ownEntry.end();
	}

	return {
		get report() {
			return {
				source: 'etcd' as const,
				connected,
				endpoint: client.endpoint,
				...(problem !== undefined && { problem }),
			};
		},
		get ready() {
			return registered && sent !== undefined;
		},
		announce(url) {
			problem = 'no answer of etcd yet';
			own = { ...self, url };
			running = run(own);
		},
		leave() {
			leaving ??= endLease();
			return leaving;
		},
		async close() {
			closing.abort();
			loop.stop();
			await client.close();
			await running;
		},
	};
}
