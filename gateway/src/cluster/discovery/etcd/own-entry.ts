import type { Logger } from 'pino';
import { messageOf } from '../../../runtime/errors.ts';
import { type EtcdClient, EtcdError } from './etcd-client.ts';
import { type EtcdEntry, encodeEntry, ownerOf, parseEntry } from './etcd-entry.ts';
import type { KeyValue } from './etcd-messages.ts';

/** The most attempts to write a key that other nodes change. */
const MAX_CLAIMS = 3;

/** Another node has the name of this one. */
export class EntryTakenError extends Error {
	override name = 'EntryTakenError';
}

export interface OwnEntryOptions {
	readonly client: EtcdClient;
	readonly key: string;
	/** etcd forgets a node that sent nothing for this long, in seconds. */
	readonly ttlSeconds: number;
	readonly logger: Logger;
}

/** The entry of this node in etcd, under its lease. */
export class OwnEntry {
	readonly #options: OwnEntryOptions;
	#lease: string | undefined;

	constructor(options: OwnEntryOptions) {
		this.#options = options;
	}

	/**
	 * Writes the key of this node, unless another node has it. Resolves with the revision of the entry.
	 * Rejects with an {@link EntryTakenError} or an {@link EtcdError}.
	 */
	async register(entry: EtcdEntry): Promise<number> {
		const { client, key, ttlSeconds, logger } = this.#options;
		if (this.#lease === undefined || !(await client.keepAlive(this.#lease)))
			this.#lease = await client.grant(ttlSeconds);
		let modRevision = 0;
		for (let claims = 0; claims < MAX_CLAIMS; claims++) {
			const outcome = await client.put(key, encodeEntry(entry), this.#lease, modRevision);
			if (outcome.kind === 'put') return outcome.revision;
			const { kv } = outcome;
			const owner = kv && this.checkOwner(kv, entry);
			if (kv !== undefined && owner === 'own' && kv.lease === this.#lease) return kv.mod_revision;
			modRevision = kv?.mod_revision ?? 0;
			if (owner === 'former') logger.info({ key }, 'entry of an earlier incarnation replaced');
		}
		throw new EntryTakenError(`other nodes change ${key} all the time`);
	}

	/** Returns whether a value is the entry of this node or of its former life. Throws an {@link EntryTakenError} else. */
	checkOwner(kv: KeyValue, entry: EtcdEntry): 'own' | 'former' {
		const present = readEntry(kv, this.#options.logger);
		// No node uses an entry that it cannot read.
		if (present === 'unreadable') return 'former';
		const owner = ownerOf(present, entry);
		if (owner !== 'other') return owner;
		throw new EntryTakenError(
			`another node at ${present.url} has the name ${entry.node} in ${entry.region}; give each node its own --node, or, if it stopped, wait ${this.#options.ttlSeconds} s for its lease to end`,
		);
	}

	/** Renews the lease. Rejects with an {@link EtcdError} when it is over. */
	async renew(): Promise<void> {
		if (this.#lease !== undefined && (await this.#options.client.keepAlive(this.#lease))) return;
		throw new EtcdError('the lease of this node is over');
	}

	/** Ends the lease, and with it the entry. */
	async end(): Promise<void> {
		if (this.#lease === undefined) return;
		await this.#options.client.revoke(this.#lease).catch((err: unknown) => {
			this.#options.logger.warn({ err }, 'lease revocation failed; the entry ends with the lease');
		});
	}
}

/** Returns the entry in a value. Logs a value that is unreadable. */
export function readEntry({ key, value }: KeyValue, logger: Logger): EtcdEntry | 'unreadable' {
	try {
		return parseEntry(key, value);
	} catch (error) {
		logger.warn({ key, reason: messageOf(error) }, 'an entry in etcd cannot be read, and is ignored');
		return 'unreadable';
	}
}
