import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf } from '../../../runtime/errors.ts';
import { OnceAMinute } from '../../../runtime/once-a-minute.ts';
import { createRunLoop, monotonicNow } from '../../../runtime/run-loop.ts';
import { same } from '../../membership/equality.ts';
import type { Member } from '../../membership/member.ts';
import type { OnPeers, PeerSource } from '../../membership/peer-source.ts';
import { type EtcdClient, EtcdError } from './etcd-client.ts';
import { type EtcdEntry, encodeEntry, ownerOf, parseEntry, regionPrefix } from './etcd-entry.ts';
import type { KeyValue } from './etcd-messages.ts';
import { EtcdRegistry, type Sighting } from './etcd-registry.ts';

/** The longest wait before the first retry, in milliseconds; it doubles up to a third of the TTL. */
const FIRST_BACKOFF_MS = 100;

/** The period of complete reads, in milliseconds: a silent connection may have missed changes. */
const LIST_MS = 60_000;

/** The TTLs after which a taken name is a mistake; the entry of a former life ends within one. */
const LASTING_TTLS = 3;

/** The most attempts to write a key that other nodes change. */
const MAX_CLAIMS = 3;

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

/** Another node has the name of this one. */
class EntryTakenError extends Error {
	override name = 'EntryTakenError';
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
	let own: EtcdEntry | undefined;
	let listed = false;
	let sent: readonly string[] | undefined;
	let lease: string | undefined;
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

	function sight(at: string, value: string, revision: number): Sighting {
		try {
			return { key: at, entry: parseEntry(at, value), revision };
		} catch (error) {
			logger.warn({ key: at, reason: messageOf(error) }, 'an entry in etcd cannot be read, and is ignored');
			return { key: at, entry: 'unreadable', revision };
		}
	}

	/** Writes the key of this node, unless another node has it. Resolves with the revision of the entry. */
	async function register(entry: EtcdEntry): Promise<number> {
		if (lease === undefined || !(await client.keepAlive(lease))) lease = await client.grant(ttlSeconds);
		let modRevision = 0;
		for (let claims = 0; claims < MAX_CLAIMS; claims++) {
			const outcome = await client.put(key, encodeEntry(entry), lease, modRevision);
			if (outcome.kind === 'put') return outcome.revision;
			const { kv } = outcome;
			const owner = kv && ownerOfValue(kv, entry);
			if (kv !== undefined && owner === 'own' && kv.lease === lease) return kv.mod_revision;
			modRevision = kv?.mod_revision ?? 0;
			if (owner === 'former') logger.info({ key }, 'the entry of a former life of this node is replaced');
		}
		throw new EntryTakenError(`other nodes change ${key} all the time`);
	}

	function ownerOfValue(kv: KeyValue, entry: EtcdEntry): 'own' | 'former' {
		const { entry: present } = sight(key, kv.value, kv.mod_revision);
		// No node uses an entry that it cannot read.
		if (typeof present === 'string') return 'former';
		const owner = ownerOf(present, entry);
		if (owner !== 'other') return owner;
		throw new EntryTakenError(
			`${self.node} in ${self.region} is another node, at ${present.url}: two nodes have one name, or it stopped without a word and goes within ${ttlSeconds} s`,
		);
	}

	/** Reads all entries. Resolves with their revision. Rejects when another node has the name of this one. */
	async function list(entry: EtcdEntry, signal = closing.signal): Promise<number> {
		const { revision, kvs } = await client.range(prefix);
		signal.throwIfAborted();
		for (const kv of kvs) if (kv.key === key) ownerOfValue(kv, entry);
		const sightings = kvs.map(({ key: at, value, mod_revision }) => sight(at, value, mod_revision));
		registry.listed(sightings, revision, monotonicNow());
		listed = true;
		loop.wake();
		return revision;
	}

	async function follow(from: number, ownRevision: number, signal: AbortSignal): Promise<void> {
		for await (const events of client.watch(prefix, from, signal)) {
			const sightings = events.map(({ type, kv }): Sighting => {
				const revision = kv.mod_revision;
				return type === 'PUT' ? sight(kv.key, kv.value, revision) : { key: kv.key, entry: 'none', revision };
			});
			// This check comes first: an error that removed the entry of this node may have removed other entries, too.
			if (sightings.some((sighting) => sighting.key === key && sighting.revision > ownRevision)) {
				throw new Error(`${key} changed, or its lease is over`);
			}
			for (const sighting of sightings) registry.changed(sighting);
			loop.wake();
		}
	}

	async function keepLease(entry: EtcdEntry, signal: AbortSignal): Promise<void> {
		let listedAt = monotonicNow();
		for (;;) {
			await wait(ttlMs / 3, undefined, { signal });
			if (lease === undefined || !(await client.keepAlive(lease)))
				throw new EtcdError('the lease of this node is over');
			if (monotonicNow() - listedAt < LIST_MS) continue;
			await list(entry, signal);
			listedAt = monotonicNow();
		}
	}

	/** Works with one endpoint from the first request on. Rejects with the failure that ends the session. */
	async function session(entry: EtcdEntry, onConnected: () => void): Promise<void> {
		await client.authenticate();
		// It lists first, so that this node knows the others and accepts their messages before they can know it.
		const revision = await list(entry);
		const ownRevision = await register(entry);
		registered = true;
		onConnected();
		const ending = new AbortController();
		const signal = AbortSignal.any([ending.signal, closing.signal]);
		const work = [follow(revision + 1, ownRevision, signal), keepLease(entry, signal)];
		// It does not wait for the other task when one fails, since that may hang.
		await Promise.race(work).finally(() => ending.abort());
	}

	async function run(entry: EtcdEntry): Promise<void> {
		let failures = 0;
		while (!closing.signal.aborted) {
			try {
				await session(entry, () => {
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
		const taken = 'another node has the name of this one; it stays out until that is gone';
		if (failure === 'taken for long') logger.error(fields, taken);
		else if (failure === 'taken') logger.warn(fields, taken);
		else if (sent === undefined) logger.warn(fields, 'etcd unreachable; this node knows no peers, and retries');
		else logger.warn(fields, 'etcd unreachable; the last list of nodes stays in use');
	}

	async function endLease(): Promise<void> {
		closing.abort();
		// Without etcd the lease ends after its TTL, and the stop does not wait.
		if (lease === undefined || !connected) return;
		await client.revoke(lease).catch((err: unknown) => {
			logger.warn({ err }, 'the lease could not be ended; others forget this node when it is over');
		});
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
