import type { ErrorCode } from '@likewire/protocol';
import type { Clock } from '../engine/clock.ts';

/** A client without an answer sends the same command again after this time, in milliseconds. */
const RETRY_MS = 150;

/** The answer to a command: what the gateway did, or the code of its refusal. */
export type Answered = 'done' | ErrorCode;

/** The refusals after which a client sends again. */
const RETRIED: readonly Answered[] = ['store_unavailable', 'overloaded', 'shutting_down'];

/** Sends a command to a service, which calls back at most once for each copy that arrives. */
export type Send<Command> = (command: Command, answer: (answered: Answered) => void) => void;

const ANY = () => true;

/** Clients over a network that loses requests and answers: each sends again until it is answered. */
export class RetryingClient<Command> {
	readonly #clock: Clock;
	readonly #send: Send<Command>;
	#unanswered = 0;

	constructor(clock: Clock, send: Send<Command>) {
		this.#clock = clock;
		this.#send = send;
	}

	get allAnswered(): boolean {
		return this.#unanswered === 0;
	}

	/** Counts a command that a client sends later as unanswered. */
	hold(): void {
		this.#unanswered++;
	}

	/** Ends {@link hold}: the client sends the command. */
	release(): void {
		this.#unanswered--;
	}

	/**
	 * Sends a command until it is answered. `isFinal`: whether the client takes an answer; after another
	 * one it sends again.
	 */
	send(command: Command, then: (answered: Answered) => void, isFinal: (answered: Answered) => boolean = ANY): void {
		this.#unanswered++;
		let isAnswered = false;
		const attempt = () => {
			if (isAnswered) return;
			this.#send(command, (answered) => {
				if (isAnswered || RETRIED.includes(answered) || !isFinal(answered)) return;
				isAnswered = true;
				this.#unanswered--;
				then(answered);
			});
			this.#clock.after(RETRY_MS, attempt);
		};
		attempt();
	}
}
