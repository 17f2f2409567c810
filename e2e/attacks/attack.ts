import { until } from '../../local-cluster/until.ts';
import { Stranger, type StrangerOptions } from './stranger.ts';
import type { Target, TargetMode } from './target.ts';

/** The longest that an attack prepares, and that it waits for its outcome, in milliseconds. */
const GUARD_MS = 60_000;

/** What an attack does to a gateway. */
export interface Attack {
	/** A number, and a name. */
	readonly name: string;
	/** What the stranger sends, for the help text. */
	readonly about: string;
	/** How the attacked gateway authenticates its callers. */
	readonly mode: TargetMode;
	/** Whether it is part of the short form. */
	readonly short: boolean;
	/** Attacks for about `forMs`, and resolves with what the gateway did. Rejects when it accepted what it should refuse. */
	run(context: AttackContext): Promise<string>;
}

/** What an attack works with. */
export interface AttackContext {
	readonly target: Target;
	readonly forMs: number;
	/** Opens a connection, which the context closes after the attack. */
	open(port?: number, options?: StrangerOptions): Stranger;
	readonly strangers: readonly Stranger[];
	/** Settles after `forMs`, or earlier when the condition holds. */
	wait(condition?: () => boolean): Promise<void>;
	/** Settles when the condition holds, or when the gateway ended. Rejects after a minute. */
	until(what: string, condition: () => boolean | Promise<boolean>): Promise<void>;
}

/** Creates the context of one attack. */
export function createContext(target: Target, forMs: number): AttackContext & { leave(): void } {
	const strangers: Stranger[] = [];
	return {
		target,
		forMs,
		strangers,
		open(port = target.port, options) {
			const stranger = new Stranger(port, options);
			strangers.push(stranger);
			return stranger;
		},
		async wait(condition = () => false) {
			const endsAt = performance.now() + forMs;
			while (target.alive && performance.now() < endsAt && !condition()) {
				await new Promise((after) => setTimeout(after, 20));
			}
		},
		async until(what, condition) {
			await until(async () => !target.alive || (await condition()), { what, timeoutMs: GUARD_MS });
		},
		leave() {
			for (const stranger of strangers) stranger.leave();
		},
	};
}

/** Counts the statuses. Throws when one of them is not expected. */
export function expectStatuses(strangers: readonly Stranger[], expected: readonly number[]): string {
	const counts = new Map<string, number>();
	for (const { status } of strangers) {
		const name = String(status ?? 'no answer');
		counts.set(name, (counts.get(name) ?? 0) + 1);
		if (status !== undefined && !expected.includes(status)) {
			throw new Error(`a request was answered with ${status} instead of ${expected.join(' or ')}`);
		}
	}
	return [...counts].map(([status, count]) => `${count} × ${status}`).join(', ');
}
