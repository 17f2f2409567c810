import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The number of descriptors that a process may have, where the system does not say it. */
const UNKNOWN = 1_024;

/** How many descriptors this process may have open: its sockets and files together. */
export function descriptorLimit(): number {
	return parseLimits(read()) ?? parseLimits(askShell()) ?? UNKNOWN;
}

/** The soft limit in the text of `/proc/self/limits` or of `ulimit -n`; undefined when it has none. */
export function parseLimits(text: string): number | undefined {
	const [, soft] = /^(?:Max open files\s+)?(\d+|unlimited)\b/m.exec(text) ?? [];
	if (soft === undefined) return undefined;
	return soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft);
}

function read(): string {
	try {
		return readFileSync('/proc/self/limits', 'utf8').match(/^Max open files.*$/m)?.[0] ?? '';
	} catch {
		// Not Linux.
		return '';
	}
}

function askShell(): string {
	try {
		return execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
	} catch {
		// No shell, as on Windows.
		return '';
	}
}
