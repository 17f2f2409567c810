import { Stranger } from './stranger.ts';
import type { Target } from './target.ts';

/** What an attack does to a gateway. */
export interface Attack {
	/** The row of issue 11 that it belongs to, and a name. */
	readonly name: string;
	/** What the stranger sends, for people. */
	readonly about: string;
	/** Whether it is part of the short form. */
	readonly short: boolean;
	/** Attacks; says what the gateway did. Throws when it took what it should refuse. Ends within `forMs` or so. */
	run(ground: Ground): Promise<string>;
}

/** Where an attack takes place. */
export interface Ground {
	readonly target: Target;
	readonly forMs: number;
	/** Opens a connection that is closed when the attack is over. */
	open(port?: number, options?: ConstructorParameters<typeof Stranger>[1]): Stranger;
	readonly strangers: readonly Stranger[];
	/** Settles when the attack should end, or earlier when the condition holds. */
	wait(condition?: () => boolean): Promise<void>;
}

/** The ground of one attack. */
export function createGround(target: Target, forMs: number): Ground & { leave(): void } {
	const strangers: Stranger[] = [];
	const endsAt = performance.now() + forMs;
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
			while (target.alive && performance.now() < endsAt && !condition()) {
				await new Promise((after) => setTimeout(after, 20));
			}
		},
		leave() {
			for (const stranger of strangers) stranger.leave();
		},
	};
}

/** Throws unless all statuses are those that were expected. */
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
