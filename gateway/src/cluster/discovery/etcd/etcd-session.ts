import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { monotonicNow } from '../../../runtime/clock.ts';
import type { EtcdClient } from './etcd-client.ts';
import type { EtcdEntry } from './etcd-entry.ts';
import type { EtcdRegistry, Sighting } from './etcd-registry.ts';
import { type OwnEntry, readEntry } from './own-entry.ts';

/** The period of complete reads, in milliseconds: a silent connection may have missed changes. */
const LIST_MS = 60_000;

export interface EtcdSessionOptions {
	readonly client: EtcdClient;
	/** The prefix of the keys of the region. */
	readonly prefix: string;
	readonly key: string;
	/** etcd forgets a node that sent nothing for this long, in milliseconds. */
	readonly ttlMs: number;
	readonly ownEntry: OwnEntry;
	readonly registry: EtcdRegistry;
	/** Called after the registry took a list or a change. */
	readonly onChanged: () => void;
	readonly logger: Logger;
}

/**
 * Works with one endpoint of etcd from the first request on: lists the nodes, registers this one, then
 * follows changes and keeps the lease. Calls `onRegistered` once. Rejects with the failure that ends
 * the session, or when the signal aborts.
 */
export async function runEtcdSession(
	options: EtcdSessionOptions,
	entry: EtcdEntry,
	closing: AbortSignal,
	onRegistered: () => void,
): Promise<void> {
	const { client, ownEntry } = options;
	await client.authenticate();
	// It lists first, so that this node knows the others and accepts their messages before they can know it.
	const revision = await list(options, entry, closing);
	const ownRevision = await ownEntry.register(entry);
	onRegistered();
	const ending = new AbortController();
	const signal = AbortSignal.any([ending.signal, closing]);
	const work = [follow(options, revision + 1, ownRevision, signal), keepLease(options, entry, signal)];
	// It does not wait for the other task when one fails, since that may hang.
	await Promise.race(work).finally(() => ending.abort());
}

/** Reads all entries. Resolves with their revision. Rejects when another node has the name of this one. */
async function list(options: EtcdSessionOptions, entry: EtcdEntry, signal: AbortSignal): Promise<number> {
	const { client, prefix, key, ownEntry, registry, onChanged, logger } = options;
	const { revision, kvs } = await client.range(prefix);
	signal.throwIfAborted();
	for (const kv of kvs) if (kv.key === key) ownEntry.checkOwner(kv, entry);
	const sightings = kvs.map((kv) => ({ key: kv.key, entry: readEntry(kv, logger), revision: kv.mod_revision }));
	registry.listed(sightings, revision, monotonicNow());
	onChanged();
	return revision;
}

async function follow(
	{ client, prefix, key, registry, onChanged, logger }: EtcdSessionOptions,
	from: number,
	ownRevision: number,
	signal: AbortSignal,
): Promise<void> {
	for await (const events of client.watch(prefix, from, signal)) {
		const sightings = events.map(({ type, kv }): Sighting => {
			const entry = type === 'PUT' ? readEntry(kv, logger) : 'none';
			return { key: kv.key, entry, revision: kv.mod_revision };
		});
		// This check comes first: an error that removed the entry of this node may have removed other entries, too.
		if (sightings.some((sighting) => sighting.key === key && sighting.revision > ownRevision)) {
			throw new Error(`${key} changed, or its lease is over`);
		}
		for (const sighting of sightings) registry.changed(sighting);
		onChanged();
	}
}

async function keepLease(options: EtcdSessionOptions, entry: EtcdEntry, signal: AbortSignal): Promise<void> {
	let listedAt = monotonicNow();
	for (;;) {
		await wait(options.ttlMs / 3, undefined, { signal });
		await options.ownEntry.renew();
		if (monotonicNow() - listedAt < LIST_MS) continue;
		await list(options, entry, signal);
		listedAt = monotonicNow();
	}
}
