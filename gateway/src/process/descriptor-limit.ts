import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The limit of descriptors on systems that do not report it. */
const UNKNOWN = 1_024;

/** Returns the limit of open descriptors of this process: its sockets and files together. */
export function descriptorLimit(): number {
	return parseLimits(read()) ?? parseLimits(askShell()) ?? UNKNOWN;
}

/** Parses the soft limit of `/proc/self/limits` or `ulimit -n`; undefined without one. */
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
