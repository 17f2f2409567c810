import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { testDirectory } from '../../test/temporary-directory.ts';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * A network of its own, whose kernel keeps 64 KiB of unread bytes of a viewer instead of the usual
 * megabytes.
 */
const NETWORK =
	'ip link set lo up && echo "4096 16384 65536" | tee /proc/sys/net/ipv4/tcp_wmem > /proc/sys/net/ipv4/tcp_rmem';
const UNSHARE = ['--net', '--map-root-user', 'sh', '-c'];

const allowed = spawnSync('unshare', [...UNSHARE, NETWORK], { stdio: 'ignore' }).status === 0;

// Many containers forbid network namespaces; there the kernel keeps too many bytes for a test of some seconds.
it.skipIf(!allowed)('a viewer that reads nothing is cut off after the configured time, not after 10 s', async () => {
	const timeoutMs = 18_000;
	const script = [process.execPath, file('../../test/blocked-viewer.mjs'), file('../../dist/main.js'), testDirectory()];
	const { stdout } = await promisify(execFile)(
		'unshare',
		[...UNSHARE, `${NETWORK}; exec "$@"`, 'sh', ...script, String(timeoutMs)],
		{ env: { PATH: process.env.PATH } },
	);
	expect(Number(stdout)).toBeGreaterThan(timeoutMs);
});
