import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** The environment variable that marks a process in the network namespace. */
const NAMESPACE_VARIABLE = 'OWN_NETWORK';

/**
 * The send buffer limit of an unread connection, in bytes. By default the kernel buffers about 3 MB, so that a gateway would
 * not notice a blocked viewer within a run. Gateways in production should have such a limit, too.
 */
const TCP_WMEM_CEILING = 65_536;

/** The default limit of Linux, in bytes. */
const SYSTEM_SEND_CEILING = 4 * 1024 * 1024;

/**
 * Congestion controls of the namespace, the first that the system allows. They do not pace: BBR, which some machines have as
 * their default, holds small answers over loopback for up to 60 ms.
 */
const CONGESTION_CONTROLS = ['cubic', 'reno'];

export interface OwnNetworkOptions {
	/**
	 * The receive buffer limit of an unread connection, in bytes, for readers that cannot set it themselves; by default that of
	 * the system, several megabytes.
	 */
	readonly receiveBytes?: number;
}

function setUp({ receiveBytes }: OwnNetworkOptions): string {
	const limit = (name: string, ceiling: number) => `echo "4096 16384 ${ceiling}" > /proc/sys/net/ipv4/${name}`;
	const control = (name: string) => `echo ${name} > /proc/sys/net/ipv4/tcp_congestion_control`;
	const steps = ['ip link set lo up', limit('tcp_wmem', TCP_WMEM_CEILING)];
	steps.push(`{ ${[...CONGESTION_CONTROLS.map(control), 'true'].join(' || ')}; } 2>/dev/null`);
	if (receiveBytes !== undefined) steps.push(limit('tcp_rmem', receiveBytes));
	return [...steps, 'exec "$@"'].join(' && ');
}

/**
 * Lifts the send limit in the network namespace, and returns a function that restores it. Batches between nodes are larger
 * than the limit, and on loopback, whose segments are as large as the limit, each would wait for a delayed acknowledgement.
 */
export function liftSendCeiling(): () => void {
	if (!inOwnNetwork()) return () => undefined;
	const set = (ceiling: number) => writeFileSync('/proc/sys/net/ipv4/tcp_wmem', `4096 16384 ${ceiling}`);
	set(SYSTEM_SEND_CEILING);
	return () => set(TCP_WMEM_CEILING);
}

/** Returns whether this process runs in its own network namespace. */
export function inOwnNetwork(): boolean {
	return process.env[NAMESPACE_VARIABLE] !== undefined;
}

/**
 * Runs this program with its arguments in a new network namespace, and resolves with its exit code; undefined when the system
 * does not allow it.
 */
export async function runInOwnNetwork(options: OwnNetworkOptions = {}): Promise<number | undefined> {
	const user = process.getuid?.() === 0 ? [] : ['--map-root-user'];
	const unshare = ['--net', ...user, '--', 'sh', '-c', setUp(options), 'sh'];
	const works = spawnSync('unshare', [...unshare, 'true'], { stdio: 'ignore' }).status === 0;
	if (!works) return undefined;
	const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
	const child = spawn('unshare', [...unshare, ...command], {
		stdio: 'inherit',
		env: { ...process.env, [NAMESPACE_VARIABLE]: '1' },
	});
	// CTRL-C reaches the whole process group. This process ends after the inner one.
	process.on('SIGINT', () => undefined);
	process.on('SIGTERM', () => child.kill('SIGTERM'));
	return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}
