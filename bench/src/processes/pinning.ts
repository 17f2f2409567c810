import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The cores of both sides, as `taskset` takes them: `0` and `1`, or `0,1` and `2,3`. */
export interface Pinning {
	/** The cores of the measured processes. */
	readonly server: string;
	/** The cores of viewers, generated likes and fake nodes. */
	readonly load: string;
}

/** The cores of both sides, or why the processes are not pinned. */
export type PinningPlan = Pinning | { readonly off: string };

/** The side that a process belongs to. */
export type Side = keyof Pinning;

/** Loaded into a gateway: moves it to the cores of the query. */
const PIN_MODULE = new URL('pin.mjs', import.meta.url);

let current: Pinning | undefined;

/** Returns the cores of both sides on this machine: the first half of those that this process may use is for servers. */
export function planPinning(wanted: boolean): PinningPlan {
	if (!wanted) return { off: '--no-pin' };
	const cores = ownCores();
	if (cores.length < 2) return { off: 'fewer than two cores' };
	if (spawnSync('taskset', ['-p', String(process.pid)], { stdio: 'ignore' }).status !== 0) return { off: 'no taskset' };
	return splitCores(cores);
}

/** Divides cores between both sides; with an odd number the load has one more. */
export function splitCores(cores: readonly number[]): Pinning {
	const half = Math.floor(cores.length / 2);
	return { server: cores.slice(0, half).join(), load: cores.slice(half).join() };
}

/** Returns the cores of a list such as `0-2,5`. */
export function parseCores(list: string): number[] {
	return list.split(',').flatMap((part) => {
		const [first = Number.NaN, last = first] = part.split('-').map(Number);
		return Array.from({ length: last - first + 1 }, (_, index) => first + index);
	});
}

/** Pins all processes that start from now on. */
export function usePinning(plan: PinningPlan): void {
	current = 'off' in plan ? undefined : plan;
}

/** Runs `play` with processes that the system may move to any core. */
export async function withoutPinning<Result>(play: () => Promise<Result>): Promise<Result> {
	const plan = current;
	current = undefined;
	try {
		return await play();
	} finally {
		current = plan;
	}
}

/** Moves all threads of this process to the cores of a side; later threads follow. Without pinning it does nothing. */
export function moveThisProcess(side: Side): void {
	if (current === undefined) return;
	execFileSync('taskset', ['-a', '-c', '-p', current[side], String(process.pid)], {
		stdio: ['ignore', 'ignore', 'inherit'],
	});
}

/** Returns the command that starts a program on the cores of a side; without pinning the command itself. */
export function pinnedCommand(side: Side, command: string, args: readonly string[]): [string, string[]] {
	if (current === undefined) return [command, [...args]];
	return ['taskset', ['-c', current[side], command, ...args]];
}

/** Returns the flags of Node.js that move a gateway to the cores of servers; without pinning none. */
export function pinnedGatewayFlags(): string[] {
	if (current === undefined) return [];
	const module = new URL(PIN_MODULE);
	module.searchParams.set('cores', current.server);
	return ['--import', module.href];
}

/** Returns what was done, for the first lines of a run. */
export function pinningText(plan: PinningPlan): string {
	return 'off' in plan ? `not pinned: ${plan.off}` : `servers on core ${plan.server}, the load on core ${plan.load}`;
}

/** Returns the cores that this process may use; none where the system has no /proc. */
export function ownCores(): number[] {
	try {
		const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
		return list === undefined ? [] : parseCores(list);
	} catch {
		// The system has no /proc, and thus no taskset.
		return [];
	}
}
