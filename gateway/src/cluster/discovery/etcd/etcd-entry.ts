import { z } from 'zod';
import { type Peer, ROLES } from '../../membership/peer.ts';

/** A node as it stands in etcd. */
export interface EtcdEntry extends Peer {
	readonly region: string;
	/** Since when it runs, in Unix milliseconds; tells one life of a node from the next. */
	readonly incarnation: number;
}

/** Whether it is an address between nodes, and no more than that. */
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

/** The beginning of the keys of a region's nodes. */
export function regionPrefix(prefix: string, region: string): string {
	return `${prefix}${region}/`;
}

/** The text by which a node stands in etcd. */
export function encodeEntry({ node, roles, url, region, incarnation }: EtcdEntry): string {
	return JSON.stringify({ node, roles, url, region, incarnation });
}

/** Reads the value of a key below a region's prefix. Throws an error that says what is wrong with it. */
export function parseEntry(key: string, value: string): EtcdEntry {
	const entry = entrySchema.parse(JSON.parse(value));
	if (!key.endsWith(`/${entry.region}/${entry.node}`)) {
		throw new Error(`the key is not that of ${entry.node} in ${entry.region}`);
	}
	return entry;
}

/**
 * Whose an entry is, to the node that wants its key: its `own`; that of its `former` life, whose address this one listens
 * on now, so that it is over; or that of an `other` node, which may live.
 */
export function ownerOf(entry: EtcdEntry, self: EtcdEntry): 'own' | 'former' | 'other' {
	if (entry.url !== self.url) return 'other';
	if (entry.incarnation === self.incarnation) return 'own';
	return entry.incarnation < self.incarnation ? 'former' : 'other';
}
