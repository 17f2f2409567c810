/**
 * Returns the id of a connection: its node, the number of the worker if the node has workers, and a
 * random text, which has no dot and no tilde.
 */
export function connectionId(random: string, node: string, worker: number | undefined): string {
	return worker === undefined ? `${node}.${random}` : `${node}.${worker}~${random}`;
}

/** Returns the frontend that made a connection: the part of its id before the last dot; '' for none. */
export function frontendOf(connection: string): string {
	return connection.slice(0, Math.max(connection.lastIndexOf('.'), 0));
}

/** Returns the number of the worker that made a connection; undefined when its id names none. */
export function workerOf(connection: string): number | undefined {
	const worker = /\.(\d{1,3})~[^.~]*$/.exec(connection)?.[1];
	return worker === undefined ? undefined : Number(worker);
}
