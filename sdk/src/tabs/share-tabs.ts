import type { Connection, ConnectionOptions } from '../connection-options.ts';
import { ownerOf } from '../writes/owner.ts';
import { createTabConnection } from './tab-connection.ts';

/**
 * The connection of a page that shares its stream with all tabs of its user at its gateway. Where the browser cannot do
 * that, or the user is unknown since the token cannot be read, it has one of its own.
 */
export async function shareTabs(
	connection: ConnectionOptions,
	createConnection: (options: ConnectionOptions) => Connection,
): Promise<Connection> {
	const owner = await ownerOf(connection);
	const canShare = typeof BroadcastChannel === 'function' && navigator.locks !== undefined;
	if (owner === undefined || !canShare) return createConnection(connection);
	return createTabConnection({ connection, createConnection, name: `likewire ${owner}` });
}
