import { cpuTime, residentBytes } from '../../bench/src/measure/process-usage.ts';
import { type Attack, createContext } from './attack.ts';
import { Honest, type Seen } from './honest.ts';
import type { Target } from './target.ts';

/** Memory is looked at this often during an attack, in milliseconds. */
const SAMPLE_MS = 50;

/** An attack may raise the memory of the gateway by this much, in bytes. */
export const MAX_RISE_BYTES = 160 * 1024 * 1024;

/** What became of an attack. */
export interface Result {
	readonly attack: Attack;
	/** What the gateway did. */
	readonly outcome: string;
	readonly memoryBefore: number;
	readonly memoryPeak: number;
	/** Seconds of CPU that the gateway used, and seconds that the attack lasted. */
	readonly cpuSeconds: number;
	readonly seconds: number;
	readonly seen: Seen;
	/** Why it failed; empty when the gateway and its viewers survived. */
	readonly failures: readonly string[];
}

/** Runs the attacks, one after the other, against a gateway with honest viewers. */
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
	if (memoryPeak - memoryBefore > MAX_RISE_BYTES) failures.push('the gateway took too much memory');
	if (seen.never > 0) failures.push(`${seen.never} likes never reached an honest viewer`);
	if (seen.given === 0) failures.push('no like of the honest liker was taken');
	failures.push(...seen.violations);
	const cpuSeconds = (to?.process ?? Number.NaN) - (from?.process ?? Number.NaN);
	const seconds = (to?.readAt ?? Number.NaN) - (from?.readAt ?? Number.NaN);
	return { attack, outcome, memoryBefore, memoryPeak, cpuSeconds, seconds, seen, failures };
}
