import type { Figure } from '../scenario.ts';
import { type RunFile, type RunRecord, writeRunFile } from './run-file.ts';

/** Returns the record of one run, for tests. */
export function recordOf(figures: readonly Figure[], more: Partial<RunRecord> = {}): RunRecord {
	return {
		scenario: 'frames',
		gateway: 'gateway',
		round: 1,
		settings: { viewers: 100, seconds: 1, quick: false },
		result: { figures, checks: [{ label: 'all is exact', ok: true, detail: '' }], details: {} },
		...more,
	};
}

/** Writes a file of runs, for tests. */
export function writeFakeRun(file: string, runs: readonly RunRecord[], more: Partial<RunFile> = {}): RunFile {
	return writeRunFile(file, {
		at: '2026-01-02T03:04:05.678Z',
		command: ['frames'],
		machine: { cpu: 'a processor', cores: 2, memoryGiB: 4, system: 'Linux 6', node: 'v20.19.0', syncMs: 0.1 },
		client: { language: 'c' },
		ownNetwork: true,
		pinning: { off: '--no-pin' },
		gateways: [{ name: 'gateway', file: 'main.js' }],
		runs,
		...more,
	});
}
