import type { Connection, ConnectionOptions, StreamConnection } from '../connection-options.ts';
import { createHiding, withHiding } from '../hiding.ts';
import { onPageChange, PAGE } from '../page-visibility.ts';
import { claimsOf } from '../token-source.ts';
import { ownerOf } from '../writes/owner.ts';
import { createTabConnection } from './tab-connection.ts';

/** Whether there are locks and channels: a frame in a page of another site may have the functions and no right to call them. */
async function canShare(): Promise<boolean> {
	try {
		await navigator.locks.query();
		return typeof BroadcastChannel === 'function';
	} catch {
		return false;
	}
}

/** The connection of a page that has its stream to itself. */
function createOwnConnection(stream: StreamConnection, closing: AbortSignal): Connection {
	const hiding = createHiding(PAGE, () => [stream]);
	onPageChange(hiding.look, closing);
	return withHiding(stream, hiding, closing);
}

/** What a stream may show. */
async function rightsOf({ identity }: ConnectionOptions): Promise<string> {
	const { videos, topics, conversations, presence, can } = claimsOf((await identity.credentials()).query.token ?? '');
	return JSON.stringify([videos, topics, conversations, presence, can]);
}

/**
 * The connection of a page that shares its stream with all tabs of its user and rights at its gateway. Where the browser cannot do
 * that, or the user is unknown since the token cannot be read, it has one of its own.
 */
export async function shareTabs(
	connection: ConnectionOptions,
	createConnection: (options: ConnectionOptions) => StreamConnection,
): Promise<Connection> {
	const owner = await ownerOf(connection);
	if (owner === undefined || !(await canShare()))
		return createOwnConnection(createConnection(connection), connection.closing);
	return createTabConnection({ connection, createConnection, name: `likewire ${owner} ${await rightsOf(connection)}` });
}
