import { spawn, spawnSync } from 'node:child_process';

/** Set in the process that runs in the network namespace. */
const MARK = 'BENCH_OWN_NETWORK';

/**
 * The most bytes the kernel keeps of one unread connection. By default it hides some 3 MB, so that a blocked viewer
 * would not be noticed within a run; a gateway in service should have such a ceiling too.
 */
const TCP_WMEM_CEILING = 65_536;

const SET_UP = `ip link set lo up && echo "4096 16384 ${TCP_WMEM_CEILING}" > /proc/sys/net/ipv4/tcp_wmem && exec "$@"`;

/** Whether this process runs in a network of its own. */
export function inOwnNetwork(): boolean {
	return process.env[MARK] !== undefined;
}

/**
 * Runs this program again in a network namespace of its own, with its arguments, and settles with its exit code;
 * undefined where the system does not allow that.
 */
export async function runInOwnNetwork(): Promise<number | undefined> {
	const unshare = ['--net', ...(process.getuid?.() === 0 ? [] : ['--map-root-user']), '--', 'sh', '-c', SET_UP, 'sh'];
	const works = spawnSync('unshare', [...unshare, 'true'], { stdio: 'ignore' }).status === 0;
	if (!works) return undefined;
	const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
	const child = spawn('unshare', [...unshare, ...command], { stdio: 'inherit', env: { ...process.env, [MARK]: '1' } });
	// CTRL-C reaches the whole group: the inner process ends everything, and this one with it.
	process.on('SIGINT', () => undefined);
	process.on('SIGTERM', () => child.kill('SIGTERM'));
	return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}
