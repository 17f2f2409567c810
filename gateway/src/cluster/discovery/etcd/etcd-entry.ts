import { z } from 'zod';
import { type Peer, ROLES } from '../../membership/peer.ts';

/** The entry of a node in etcd. */
export interface EtcdEntry extends Peer {
	readonly region: string;
	/** When it started, in Unix milliseconds; distinguishes one life of a node from the next. */
	readonly incarnation: number;
}

/** Returns whether a URL is an `http` origin without a path. */
function isAddress(url: string): boolean {
	return url.startsWith('http://') && URL.canParse(url) && new URL(url).origin === url;
}

const entrySchema = z.object({
	node: z.string(),
	roles: z.array(z.enum(ROLES)).min(1),
	url: z.string().refine(isAddress, 'should be like http://10.0.0.1:8081'),
	region: z.string(),
	incarnation: z.int().nonnegative(),
});

/** Returns the prefix of the keys of the nodes of a region. */
export function regionPrefix(prefix: string, region: string): string {
	return `${prefix}${region}/`;
}

/** Returns the value of the entry of a node. */
export function encodeEntry({ node, roles, url, region, incarnation }: EtcdEntry): string {
	return JSON.stringify({ node, roles, url, region, incarnation });
}

/** Parses the value of a key below the prefix of a region. Throws an error that names the mistake. */
export function parseEntry(key: string, value: string): EtcdEntry {
	const entry = entrySchema.parse(JSON.parse(value));
	if (!key.endsWith(`/${entry.region}/${entry.node}`)) {
		throw new Error(`the key is not that of ${entry.node} in ${entry.region}`);
	}
	return entry;
}

/**
 * Returns the owner of an entry with the key of `self`: its `own` entry; that of its `former` life,
 * which is over, since this one listens on its address; or that of an `other` node, which may live.
 */
export function ownerOf(entry: EtcdEntry, self: EtcdEntry): 'own' | 'former' | 'other' {
	if (entry.url !== self.url) return 'other';
	if (entry.incarnation === self.incarnation) return 'own';
	return entry.incarnation < self.incarnation ? 'former' : 'other';
}
