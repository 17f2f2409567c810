import type { Register } from '../../src/state/kinds/register.ts';
import type { Clock } from '../engine/clock.ts';
import type { Random } from '../engine/random.ts';
import type { ClusterEnvironment } from '../node/cluster-environment.ts';
import type { KeepCommand } from '../node/likes-role.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';
import { RetryingClient } from './retrying-client.ts';

/** A conversation without viewers: a region learns of it by replication alone. */
const CONVERSATION = 'conversation:c1';

export interface ReceiptsOptions {
	readonly clock: Clock;
	readonly random: Random;
	readonly send: (command: KeepCommand, route: string, answer: (kept: true) => void) => void;
}

/** Returns the receipts that a store has, by user. */
export function receiptsIn(store: SimulatedStore): [key: string, receipt: Register][] {
	return Object.entries(store.values([CONVERSATION]).get(CONVERSATION)?.receipt ?? {});
}

/** Users that read a conversation. The store of every region must have the newest receipt of each user. */
export class Receipts {
	readonly #options: ReceiptsOptions;
	readonly #client: RetryingClient<KeepCommand, true>;
	readonly #newest = new Map<string, number>();
	#messages = 0;

	constructor(options: ReceiptsOptions) {
		this.#options = options;
		this.#client = new RetryingClient(options.clock, (command, answer) =>
			options.send(command, `${command.key} ${command.order}`, answer),
		);
	}

	get allAnswered(): boolean {
		return this.#client.allAnswered;
	}

	/** A user reads the newest message at a time. */
	plan(time: number): void {
		const { clock, random } = this.#options;
		clock.at(time, () => {
			const key = `read:user-${random.integer(1, 3)}`;
			const order = ++this.#messages;
			this.#newest.set(key, order);
			this.#client.send(
				{ topic: CONVERSATION, kind: 'receipt', key, order, value: `message-${order}` },
				() => undefined,
			);
		});
	}

	/** Returns a receipt that is missing or old in the store of a region; undefined when it has all. */
	missingIn({ region, store }: ClusterEnvironment): string | undefined {
		const known = new Map(receiptsIn(store));
		for (const [key, order] of this.#newest) {
			const has = known.get(key)?.order;
			if (has !== order) return `${region} has receipt ${has ?? 'none'} of ${key}, and ${order} is the newest`;
		}
		return undefined;
	}
}
