import type { Connection, ConnectionOptions, StreamConnection } from '../connection-options.ts';
import { createHiding, withHiding } from '../hiding.ts';
import { onPageChange, PAGE } from '../page-visibility.ts';
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

/**
 * The connection of a page that shares its stream with all tabs of its user at its gateway. Where the browser cannot do
 * that, or the user is unknown since the token cannot be read, it has one of its own.
 */
export async function shareTabs(
	connection: ConnectionOptions,
	createConnection: (options: ConnectionOptions) => StreamConnection,
): Promise<Connection> {
	const owner = await ownerOf(connection);
	if (owner === undefined || !(await canShare()))
		return createOwnConnection(createConnection(connection), connection.closing);
	return createTabConnection({ connection, createConnection, name: `likewire ${owner}` });
}
