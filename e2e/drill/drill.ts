import { readFileSync } from 'node:fs';
import { findEtcd } from '../../gateway/test/etcd-server.ts';
import { hasPostgres } from '../../local-cluster/nodes/local-postgres.ts';
import { type Observation, reasonsToFail } from './audit/checker.ts';
import { DrillCluster, type DrillClusterOptions } from './environment/drill-cluster.ts';
import type { Fault } from './fault.ts';
import { runFault } from './run-fault.ts';

/** The result of one fault. */
export type Result =
	| { readonly fault: Fault; readonly verdict: 'pass'; readonly seen: Observation; readonly reasons: readonly [] }
	| {
			readonly fault: Fault;
			readonly verdict: 'FAIL';
			/** Undefined when the drill could not run the fault. */
			readonly seen: Observation | undefined;
			readonly reasons: readonly string[];
	  }
	| {
			readonly fault: Fault;
			readonly verdict: 'skipped';
			readonly seen: undefined;
			readonly reasons: readonly string[];
	  };

export interface DrillOptions extends DrillClusterOptions {
	/** The duration of each fault, in milliseconds; by default the fault defines it. */
	readonly lastsMs?: number;
	/** See `RunOptions`. */
	readonly patience?: number;
	/** Whether this process runs in its own network namespace, with small kernel buffers. */
	readonly ownNetwork: boolean;
	/** Called with each step. */
	readonly onProgress: (text: string) => void;
}

/** Runs faults one after another. Faults of one topology share a cluster until one of them fails. */
export async function drill(faults: readonly Fault[], options: DrillOptions): Promise<Result[]> {
	const results: Result[] = [];
	let target: DrillCluster | undefined;
	let previous: Fault | undefined;
	for (const fault of faults) {
		const onProgress = (text: string) => options.onProgress(`${fault.name}: ${text}`);
		const missing = missingRequirement(fault, options);
		if (missing !== undefined) {
			const reasons = [missing];
			results.push({ fault, verdict: 'skipped', seen: undefined, reasons });
			onProgress(`skipped: ${missing}`);
			continue;
		}
		// A cluster that one fault broke would fail the next fault, too.
		if (previous?.topology !== fault.topology || results.at(-1)?.verdict === 'FAIL') {
			await target?.close();
			target = undefined;
		}
		previous = fault;
		try {
			if (target === undefined) {
				onProgress('starts a cluster');
				target = await DrillCluster.open(fault.topology, options);
			}
			const { lastsMs, patience = 1 } = options;
			const seen = await runFault(fault, target, { onProgress, patience, ...(lastsMs !== undefined && { lastsMs }) });
			const reasons = reasonsToFail(seen);
			results.push(
				reasons.length === 0
					? { fault, verdict: 'pass', seen, reasons: [] }
					: { fault, verdict: 'FAIL', seen, reasons },
			);
			onProgress(reasons.length === 0 ? 'passed' : `FAILED: ${reasons.join('; ')}`);
		} catch (error) {
			const reasons = [error instanceof Error ? error.message : String(error)];
			results.push({ fault, verdict: 'FAIL', seen: undefined, reasons });
			onProgress(`FAILED: ${reasons}`);
		}
	}
	await target?.close();
	return results;
}

/** Returns why this machine cannot run a fault; undefined when it can. */
function missingRequirement(
	{ needsOwnNetwork, needsEtcd, topology }: Fault,
	{ ownNetwork }: DrillOptions,
): string | undefined {
	if (needsOwnNetwork && !ownNetwork) {
		return 'requires a network namespace, which this machine does not allow: the kernel buffers megabytes without one';
	}
	if (topology.regions === undefined) return undefined;
	if (!hasPostgres()) return 'requires PostgreSQL (Debian: apt-get install postgresql)';
	if (isRootAlone()) return 'PostgreSQL refuses to run as root, the only user of this namespace; set --host-network';
	if (needsEtcd && findEtcd() === undefined) return 'requires etcd (Debian: apt-get install etcd-server)';
	return undefined;
}

/** Returns whether this process is root in a user namespace without other users. */
function isRootAlone(): boolean {
	if (process.getuid?.() !== 0) return false;
	// A line for each range of users: the first inside, the first outside, and the number.
	const ranges = readFileSync('/proc/self/uid_map', 'utf8').trim().split('\n');
	const users = ranges.reduce((sum, range) => sum + Number(range.trim().split(/\s+/)[2]), 0);
	return users === 1;
}

/** Returns the exit code: 1 when a fault failed, or was skipped although `maySkip` is false. */
export function exitCodeOf(results: readonly Result[], { maySkip }: { readonly maySkip: boolean }): 0 | 1 {
	return results.some(({ verdict }) => verdict === 'FAIL' || (verdict === 'skipped' && !maySkip)) ? 1 : 0;
}
