import { readFileSync } from 'node:fs';
import { findEtcd } from '../../gateway/test/etcd-server.ts';
import { hasPostgres } from '../../local-cluster/nodes/local-postgres.ts';
import { type Observation, reasonsToFail } from './audit/checker.ts';
import { DrillCluster, type DrillClusterOptions } from './environment/drill-cluster.ts';
import type { Fault } from './fault.ts';
import { runFault } from './run-fault.ts';

/** How a fault went. */
export type Result =
	| { readonly fault: Fault; readonly verdict: 'pass'; readonly seen: Observation; readonly reasons: readonly [] }
	| {
			readonly fault: Fault;
			readonly verdict: 'FAIL';
			/** Undefined when it did not come to the fault. */
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
	/** How long each fault lasts, in milliseconds; as long as it says itself when not given. */
	readonly lastsMs?: number;
	/** See `RunOptions`. */
	readonly patience?: number;
	/** Whether this process is in a network of its own, with small kernel buffers. */
	readonly ownNetwork: boolean;
	/** Told what is being done. */
	readonly say: (text: string) => void;
}

/** Runs faults one after another. Those that want the same cluster share it while all goes well. */
export async function drill(faults: readonly Fault[], options: DrillOptions): Promise<Result[]> {
	const results: Result[] = [];
	let target: DrillCluster | undefined;
	let previous: Fault | undefined;
	for (const fault of faults) {
		const say = (text: string) => options.say(`${fault.name}: ${text}`);
		const lack = lackOf(fault, options);
		if (lack !== undefined) {
			const reasons = [lack];
			results.push({ fault, verdict: 'skipped', seen: undefined, reasons });
			say(`skipped: ${lack}`);
			continue;
		}
		// What one fault broke should not be held against the next.
		if (previous?.topology !== fault.topology || results.at(-1)?.verdict === 'FAIL') {
			await target?.close();
			target = undefined;
		}
		previous = fault;
		try {
			if (target === undefined) {
				say('starts a cluster');
				target = await DrillCluster.open(fault.topology, options);
			}
			const { lastsMs, patience = 1 } = options;
			const seen = await runFault(fault, target, { say, patience, ...(lastsMs !== undefined && { lastsMs }) });
			const reasons = reasonsToFail(seen);
			results.push(
				reasons.length === 0
					? { fault, verdict: 'pass', seen, reasons: [] }
					: { fault, verdict: 'FAIL', seen, reasons },
			);
			say(reasons.length === 0 ? 'passed' : `FAILED: ${reasons.join('; ')}`);
		} catch (error) {
			const reasons = [error instanceof Error ? error.message : String(error)];
			results.push({ fault, verdict: 'FAIL', seen: undefined, reasons });
			say(`FAILED: ${reasons}`);
		}
	}
	await target?.close();
	return results;
}

/** Why this machine cannot play a fault; undefined when it can. */
function lackOf({ needsOwnNetwork, needsEtcd, topology }: Fault, { ownNetwork }: DrillOptions): string | undefined {
	if (needsOwnNetwork && !ownNetwork) {
		return 'no network namespace is allowed here, and without one the kernel hides megabytes from a gateway';
	}
	if (topology.regions === undefined) return undefined;
	if (!hasPostgres()) return 'there is no PostgreSQL (Debian: apt-get install postgresql)';
	if (isRootAlone()) return 'PostgreSQL refuses to run as root, the only user in this network; see --host-network';
	if (needsEtcd && findEtcd() === undefined) return 'there is no etcd (Debian: apt-get install etcd-server)';
	return undefined;
}

/** Whether this process is root in a namespace that has no other user. */
function isRootAlone(): boolean {
	if (process.getuid?.() !== 0) return false;
	// A line for each range of users: the first one here, the first one outside, and how many.
	const ranges = readFileSync('/proc/self/uid_map', 'utf8').trim().split('\n');
	const users = ranges.reduce((sum, range) => sum + Number(range.trim().split(/\s+/)[2]), 0);
	return users === 1;
}

/** What the process ends with: 1 when a fault failed, or was skipped where nothing may be. */
export function exitCodeOf(results: readonly Result[], { maySkip }: { readonly maySkip: boolean }): 0 | 1 {
	return results.some(({ verdict }) => verdict === 'FAIL' || (verdict === 'skipped' && !maySkip)) ? 1 : 0;
}
