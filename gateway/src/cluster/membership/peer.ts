import { isId } from '@likewire/protocol';
import type { z } from 'zod';

/** The roles of nodes. */
export const ROLES = ['likes', 'dispatcher', 'frontend'] as const;

export type Role = (typeof ROLES)[number];

/** An entry of the list of nodes: the name, the roles, and the address for other nodes. */
export interface Peer {
	readonly node: string;
	readonly roles: readonly Role[];
	/** The address of its internal listener: `http://10.0.0.1:8081`. */
	readonly url: string;
}

type Context = Pick<z.RefinementCtx, 'addIssue'>;

function isRole(text: string): text is Role {
	return ROLES.includes(text as Role);
}

function rolesIn(texts: readonly string[], context: Context): Role[] {
	for (const [index, text] of texts.entries()) {
		if (!isRole(text)) context.addIssue(`has '${text}', which is not a role; roles are: ${ROLES.join(', ')}`);
		else if (texts.indexOf(text) !== index) context.addIssue(`names '${text}' twice`);
	}
	return texts.filter(isRole);
}

/** Parses roles with commas between; adds an issue to the context for each mistake. */
export function parseRoles(text: string, context: Context): readonly Role[] {
	return rolesIn(
		text.split(',').map((part) => part.trim()),
		context,
	);
}

/** Parses nodes, `id=role+role@host:port` with commas between; adds an issue for each mistake. */
export function parsePeers(text: string, context: Context): readonly Peer[] {
	const peers: Peer[] = [];
	for (const part of text === '' ? [] : text.split(',').map((entry) => entry.trim())) {
		const [, node = '', roles = '', address = ''] = /^([^=]+)=([^@]+)@(.+)$/.exec(part) ?? [];
		const url = `http://${address}`;
		if (!isId(node) || !/^[^@/?#]+:\d+$/.test(address) || !URL.canParse(url)) {
			context.addIssue(`has '${part}': a node looks like dispatcher-1=dispatcher@10.0.0.1:8081`);
		} else if (peers.some((peer) => peer.node === node)) context.addIssue(`names the node '${node}' twice`);
		else peers.push({ node, roles: rolesIn(roles.split('+'), context), url });
	}
	return peers;
}
