import type { Connection, ConnectionOptions, StreamConnection } from './connection-options.ts';
import { withHiding } from './hiding.ts';
import type { Credentials } from './identity.ts';
import { PAGE } from './page-visibility.ts';
import { claimsOf } from './token-source.ts';
import { ownerOf } from './writes/owner.ts';

/** Whether this page may lock: a frame in a page of another site may have the function and no right to call it. */
async function mayLock(): Promise<boolean> {
	try {
		await navigator.locks.query();
		return true;
	} catch {
		return false;
	}
}

/** Names the tabs that share a stream: those of a user, at a gateway, with the same rights. Undefined: the user is unknown. */
function groupOf(urls: ConnectionOptions['urls'], credentials: Credentials): string | undefined {
	const { videos, topics, conversations, presence, can } = claimsOf(credentials.token ?? '');
	const owner = ownerOf(urls, credentials);
	return owner && `likewire ${owner} ${JSON.stringify([videos, topics, conversations, presence, can])}`;
}

/**
 * Hands over the connection of a page in the turn that makes it: what is followed then is in the address of its stream, and no
 * request has to add it. With `tabs`, it shares its stream with all tabs of its user and rights at its gateway. Without, or where
 * the page may not lock, or the user is unknown since the token cannot be read, it has a stream of its own. Rejects with
 * `token_failed`.
 */
export async function connectPage(
	connection: ConnectionOptions,
	createConnection: (options: ConnectionOptions) => StreamConnection,
	handOver: (connection: Connection) => void,
	tabs?: typeof import('./tabs/tab-connection.ts'),
): Promise<void> {
	const { urls, identity, closing } = connection;
	const group = groupOf(urls, await identity.credentials());
	if (tabs !== undefined && group !== undefined && (await mayLock())) {
		const nameOf = (credentials: Credentials) => groupOf(urls, credentials);
		handOver(tabs.createTabConnection({ connection, createConnection, page: PAGE, group, groupOf: nameOf }));
		return;
	}
	const stream = createConnection(connection);
	const hiding = PAGE.hide(() => [stream]);
	PAGE.onChange(hiding.look, closing);
	handOver(withHiding(stream, hiding, closing));
}
