import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { BUILD_DIR } from '../processes/gateway-process.ts';

const SYNC_PROBES = 50;

/** The properties of the machine that the figures depend on. */
export interface Machine {
	readonly cpu: string;
	readonly cores: number;
	readonly memoryGiB: number;
	readonly system: string;
	readonly node: string;
	/** The median time to write and sync a page, in milliseconds, for which each commit waits. */
	readonly syncMs: number;
	/** The TCP congestion control of this process's network; undefined on systems that do not name it. */
	readonly congestionControl?: string | undefined;
}

export function describeMachine(): Machine {
	const processors = cpus();
	return {
		cpu: processors[0]?.model.trim() ?? 'unknown',
		cores: processors.length,
		memoryGiB: Math.round(totalmem() / 2 ** 30),
		system: `${type()} ${release()}`,
		node: process.version,
		syncMs: medianSyncMs(),
		congestionControl: congestionControl(),
	};
}

function congestionControl(): string | undefined {
	try {
		return readFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'utf8').trim();
	} catch {
		return undefined;
	}
}

function medianSyncMs(): number {
	mkdirSync(BUILD_DIR, { recursive: true });
	const file = join(BUILD_DIR, `sync-probe-${process.pid}`);
	const descriptor = openSync(file, 'w');
	const page = Buffer.alloc(4096, 1);
	const times: number[] = [];
	for (let i = 0; i < SYNC_PROBES; i++) {
		const from = performance.now();
		writeSync(descriptor, page);
		fsyncSync(descriptor);
		times.push(performance.now() - from);
	}
	closeSync(descriptor);
	rmSync(file);
	times.sort((a, b) => a - b);
	return Math.round((times[SYNC_PROBES / 2] ?? 0) * 100) / 100;
}
