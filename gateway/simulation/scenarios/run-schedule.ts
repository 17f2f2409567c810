import { inOwnTurn } from '../engine/turn.ts';
import { Violation } from '../engine/violation.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';
import type { Summary } from './summary.ts';

/** Runs a schedule on stores, which it closes. Rejects with a {@link Violation} that begins with `name`. */
export function runSchedule(name: string, stores: readonly SimulatedStore[], run: () => Summary): Promise<Summary> {
	return inOwnTurn(() => {
		try {
			return run();
		} catch (error) {
			throw error instanceof Violation ? new Violation(`${name}: ${error.message}`) : error;
		} finally {
			for (const store of stores) store.close();
		}
	});
}
