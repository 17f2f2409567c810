import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ROLES } from '../../../gateway/src/cluster/membership/peer.ts';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../../local-cluster/cleanup.ts';
import { freePort } from '../../../local-cluster/free-ports.ts';
import { LocalNode } from '../../../local-cluster/nodes/local-node.ts';

/** The directory of built programs and databases: on a disk, since a sync of a `/tmp` in memory costs nothing. */
export const BUILD_DIR = fileURLToPath(new URL('../../build', import.meta.url));

/** A build of the gateway that a command measures. */
export interface GatewayBuild {
	/** Its name in reports. */
	readonly name: string;
	/** Its main file. */
	readonly file: string;
}

export interface GatewayOptions {
	/** Its main file. */
	readonly file: string;
	/** Flags of Node.js, such as those of a profiler. */
	readonly nodeFlags: readonly string[];
	/** Flags of the gateway. */
	readonly flags?: readonly string[];
}

/** A process of the gateway with a new database. */
export interface GatewayProcess {
	readonly port: number;
	/** The address for operators. */
	readonly internalUrl: string;
	readonly pid: number;
	readonly dataDir: string;
	/** Ends it, and keeps the database. */
	stop(): Promise<void>;
	/** Ends it, and removes the database. */
	remove(): Promise<void>;
}

/** Starts a gateway on free ports. Rejects when it is not built, or does not become ready. */
export async function startGateway({ file, nodeFlags, flags = [] }: GatewayOptions): Promise<GatewayProcess> {
	mkdirSync(BUILD_DIR, { recursive: true });
	const node = new LocalNode({
		node: 'node-1',
		roles: ROLES,
		port: await freePort(),
		internalPort: await freePort(),
		dataDir: makeOwnedDirectory(BUILD_DIR),
		flags: ['--static-dir', 'none', '--log-level', 'error', ...flags],
		showLog: true,
		file,
		nodeFlags,
	});
	async function stop(): Promise<void> {
		await node.stop();
	}
	async function remove(): Promise<void> {
		await stop();
		removeOwnedDirectory(node.dataDir);
	}
	try {
		await node.start();
		return { port: node.port, internalUrl: node.internalUrl, pid: node.pid, dataDir: node.dataDir, stop, remove };
	} catch (error) {
		await remove();
		throw error;
	}
}
