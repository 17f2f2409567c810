import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';

/** The retries after which the kernel drops a dead connection: 42 s; the default 15 is 16 minutes. */
const MOST_RETRIES = 6;

const FILE = '/proc/sys/net/ipv4/tcp_retries2';

/**
 * Warns when the kernel keeps dead connections for minutes, since their viewers count until it drops
 * them. Does nothing on systems without the file, such as macOS.
 */
export function warnOfKernel(logger: Logger, file = FILE): void {
	let retries: number;
	try {
		retries = Number(readFileSync(file, 'utf8'));
	} catch {
		return;
	}
	if (!(retries > MOST_RETRIES)) return;
	logger.warn(
		{ tcpRetries2: retries, command: `sysctl -w net.ipv4.tcp_retries2=${MOST_RETRIES}` },
		'dead connections count as viewers for minutes; run the command',
	);
}
