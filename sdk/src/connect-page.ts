import type { Connection, ConnectionOptions, StreamConnection } from './connection-options.ts';
import { withHiding } from './hiding.ts';
import type { Credentials } from './identity.ts';
import { PAGE } from './page-visibility.ts';
import { claimsOf } from './token-source.ts';
import { ownerOf } from './writes/owner.ts';

/**
 * Returns whether this page may lock.
 * A frame of another site may have the function and no right to call it.
 */
async function mayLock(): Promise<boolean> {
	try {
		await navigator.locks.query();
		return true;
	} catch {
		return false;
	}
}

/**
 * Returns the name of the tabs that share a stream: one user, one gateway, equal rights.
 * Undefined: the user is unknown.
 */
function groupOf(urls: ConnectionOptions['urls'], credentials: Credentials): string | undefined {
	const { videos, topics, conversations, presence, can } = claimsOf(credentials.token ?? '');
	const owner = ownerOf(urls, credentials);
	return owner && `likewire ${owner} ${JSON.stringify([videos, topics, conversations, presence, can])}`;
}

/**
 * Hands over the connection of a page in the turn that makes it.
 * The address of its stream then names the topics followed in that turn, and no request has to add them. With `tabs`,
 * the page shares its stream with all tabs of its user and rights at its gateway. It has a stream of its own without
 * `tabs`, where the page may not lock, and where the token does not name the user. Rejects with `token_failed`.
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
