import { cpuTime, residentBytes } from '../../bench/src/measure/process-usage.ts';
import { type Attack, createContext } from './attack.ts';
import { Honest, type Seen } from './honest.ts';
import type { Target } from './target.ts';

/** The interval between two samples of memory, in milliseconds. */
const SAMPLE_MS = 50;

/** The growth of memory that an attack may cause, in bytes. */
export const MAX_RISE_BYTES = 160 * 1024 * 1024;

/** The result of an attack. */
export interface Result {
	readonly attack: Attack;
	/** What the gateway did. */
	readonly outcome: string;
	readonly memoryBefore: number;
	readonly memoryPeak: number;
	/** Seconds of CPU of the gateway, and seconds of the attack. */
	readonly cpuSeconds: number;
	readonly seconds: number;
	readonly seen: Seen;
	/** Reasons to fail; empty when the gateway and its viewers survived. */
	readonly failures: readonly string[];
}

/** Runs attacks one after another against a gateway with honest viewers. */
export async function runAttacks(
	target: Target,
	attacks: readonly Attack[],
	forMs: number,
	onResult: (result: Result) => void,
): Promise<void> {
	const honest = new Honest(target);
	await honest.start();
	for (const attack of attacks) {
		if (!target.alive) break;
		onResult(await runAttack(target, honest, attack, forMs));
	}
	await honest.stop();
}

async function runAttack(target: Target, honest: Honest, attack: Attack, forMs: number): Promise<Result> {
	const context = createContext(target, forMs);
	const memoryBefore = residentBytes(target.pid) ?? Number.NaN;
	let memoryPeak = memoryBefore;
	const sampling = setInterval(() => {
		memoryPeak = Math.max(memoryPeak, residentBytes(target.pid) ?? 0);
	}, SAMPLE_MS);
	const from = cpuTime(target.pid);
	const failures: string[] = [];
	const outcome = await attack.run(context).catch((error: unknown) => {
		failures.push(error instanceof Error ? error.message : String(error));
		return 'failed';
	});
	const to = cpuTime(target.pid);
	context.leave();
	const seen = await honest.takeSeen();
	clearInterval(sampling);
	if (!target.alive) failures.push(`the gateway ended: ${target.log.slice(-500)}`);
	if (memoryPeak - memoryBefore > MAX_RISE_BYTES) failures.push('the gateway used too much memory');
	if (seen.never > 0) failures.push(`${seen.never} likes never reached an honest viewer`);
	if (seen.sent === 0) failures.push('the gateway accepted no like of the honest user');
	failures.push(...seen.violations);
	const cpuSeconds = (to?.process ?? Number.NaN) - (from?.process ?? Number.NaN);
	const seconds = (to?.readAt ?? Number.NaN) - (from?.readAt ?? Number.NaN);
	return { attack, outcome, memoryBefore, memoryPeak, cpuSeconds, seconds, seen, failures };
}
