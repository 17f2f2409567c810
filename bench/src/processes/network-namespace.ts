import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** Set in the process that runs in the network namespace. */
const MARK = 'OWN_NETWORK';

/**
 * The most bytes the kernel keeps of one unread connection. By default it hides some 3 MB, so that a blocked viewer
 * would not be noticed within a run; a gateway in service should have such a ceiling too.
 */
const TCP_WMEM_CEILING = 65_536;

/** What Linux has by default. */
const SYSTEM_SEND_CEILING = 4 * 1024 * 1024;

export interface OwnNetworkOptions {
	/**
	 * The most bytes that the kernel takes in for a reader who does not read, for readers that cannot ask for less
	 * themselves; the system's, several megabytes, when not given.
	 */
	readonly receiveBytes?: number;
}

function setUp({ receiveBytes }: OwnNetworkOptions): string {
	const limit = (name: string, ceiling: number) => `echo "4096 16384 ${ceiling}" > /proc/sys/net/ipv4/${name}`;
	const steps = ['ip link set lo up', limit('tcp_wmem', TCP_WMEM_CEILING)];
	if (receiveBytes !== undefined) steps.push(limit('tcp_rmem', receiveBytes));
	return [...steps, 'exec "$@"'].join(' && ');
}

/**
 * Lifts the ceiling until the function that it gives back is called; nothing happens outside of a network of one's own.
 * Nodes send each other more at a time than fits below it, and over loopback, whose segments are as large as the ceiling,
 * each would then wait for a delayed acknowledgement.
 */
export function liftSendCeiling(): () => void {
	if (!inOwnNetwork()) return () => undefined;
	const set = (ceiling: number) => writeFileSync('/proc/sys/net/ipv4/tcp_wmem', `4096 16384 ${ceiling}`);
	set(SYSTEM_SEND_CEILING);
	return () => set(TCP_WMEM_CEILING);
}

/** Whether this process runs in a network of its own. */
export function inOwnNetwork(): boolean {
	return process.env[MARK] !== undefined;
}

/**
 * Runs this program again in a network namespace of its own, with its arguments, and settles with its exit code;
 * undefined where the system does not allow that.
 */
export async function runInOwnNetwork(options: OwnNetworkOptions = {}): Promise<number | undefined> {
	const user = process.getuid?.() === 0 ? [] : ['--map-root-user'];
	const unshare = ['--net', ...user, '--', 'sh', '-c', setUp(options), 'sh'];
	const works = spawnSync('unshare', [...unshare, 'true'], { stdio: 'ignore' }).status === 0;
	if (!works) return undefined;
	const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
	const child = spawn('unshare', [...unshare, ...command], { stdio: 'inherit', env: { ...process.env, [MARK]: '1' } });
	// CTRL-C reaches the whole group: the inner process ends everything, and this one with it.
	process.on('SIGINT', () => undefined);
	process.on('SIGTERM', () => child.kill('SIGTERM'));
	return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}
