import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';

/** With this the kernel gives a connection up after 42 s, measured; with its default of 15, after some 16 minutes. */
const MOST_RETRIES = 6;

const FILE = '/proc/sys/net/ipv4/tcp_retries2';

/**
 * Warns when the kernel keeps connections of viewers whose network vanished for minutes, all of which they count as
 * viewers. Where there is no such file, as on macOS, there is nothing to say.
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
		'a viewer whose network vanished counts until the kernel gives up, minutes later; the command brings it to 42 s',
	);
}
